"""A login with a second factor: set up with an app, asked for ever after, each code good once; and what is noted of it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pyotp
import pytest
import time_machine
from flask.testing import FlaskClient

from newsletter.errors import InputError
from newsletter.operating import logins
from newsletter.operating.operators import second_factor, store
from newsletter.operating.operators.roles import Role
from tests.web.conftest import NOW, PASSWORD, QUICK_HASH, Site, csrf_of, fields_of, log_in, send

STEP = dt.timedelta(seconds=30)


def enrolled(site: Site, client: FlaskClient) -> tuple[pyotp.TOTP, list[str]]:
    """Sets a second factor up as a person does; gives the app and the recovery codes."""
    log_in(client)
    assert send(client, "/admin/account", "/admin/account/code/new", password="wrong").status_code == 400
    assert send(client, "/admin/account", "/admin/account/code/new", password=PASSWORD).status_code == 303
    page = client.get("/admin/account").text
    assert "<svg" in page
    app = pyotp.TOTP(re.search(r'<code dir="ltr">([A-Z2-7 ]+)</code>', page)[1].replace(" ", ""))  # type: ignore[index]
    assert send(client, "/admin/account", "/admin/account/code", code="12345a").status_code == 400
    answer = send(client, "/admin/account", "/admin/account/code", code=app.now())
    codes = re.findall(r"<li><code>([a-z0-9-]{34})</code></li>", answer.text)
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    assert not any(code in client.get("/admin/account").text for code in codes)
    return app, codes


def lets_in(site: Site, code: str) -> bool:
    client = site.client()
    answer = client.post("/admin/login", data=fields_of(client, name="operator", password=PASSWORD, code=code))
    assert answer.status_code in (303, 401)
    return answer.status_code == 303


def test_a_login_takes_a_code_that_is_good_once_and_a_clock_may_be_off_by_a_step(site: Site) -> None:
    began = dt.datetime(2026, 11, 30, 7, 0, 1, tzinfo=dt.UTC)
    with time_machine.travel(began, tick=False) as time:
        app, codes = enrolled(site, client := site.client())
        assert client.get("/admin").status_code == 200
        assert [lets_in(site, one) for one in ("", "000000", "１２３４５６", app.at(began), app.at(began - STEP))] == [False] * 5
        assert lets_in(site, app.at(began + STEP))
        assert not lets_in(site, app.at(began + STEP))
        time.move_to(began + 5 * STEP)
        assert not lets_in(site, app.at(began + 3 * STEP))
        assert lets_in(site, " ".join(app.at(began + 4 * STEP)))
        assert lets_in(site, codes[0].upper().replace("-", " "))
        assert not lets_in(site, codes[0])
        assert "9 recovery codes are left" in client.get("/admin/account?lang=en").text
    kept = str(site.rows()["admins"])
    assert app.secret not in kept
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)


def test_where_it_is_required_nothing_opens_before_it_is_set_up(small_site: Site) -> None:
    required = small_site.services.settings.model_copy(update={"second_factor": "required"})
    small_site.app.extensions["newsletter"] = replace(small_site.services, settings=required)
    log_in(client := small_site.client())
    assert {client.get(path).headers["Location"] for path in ("/admin", "/admin/subscribers", "/admin/acts")} == {
        "/admin/account"
    }
    before = small_site.rows()
    assert send(client, "/admin/account", "/admin/pause").status_code == 403
    assert small_site.rows() == before
    enrolled(small_site, client)
    assert client.get("/admin").status_code == 200


def test_a_second_factor_is_taken_away_with_the_password_and_by_the_shell(small_site: Site) -> None:
    client = small_site.client()
    enrolled(small_site, client)
    assert send(client, "/admin/account", "/admin/account/code/off", password="wrong").status_code == 400
    assert not lets_in(small_site, "")
    assert send(client, "/admin/account", "/admin/account/code/off", password=PASSWORD).status_code == 303
    assert client.get("/admin").status_code == 200
    assert lets_in(small_site, "")
    with pytest.raises(InputError):
        second_factor.take_away(small_site.services.database, "nobody")


def test_a_key_that_another_secret_sealed_lets_nobody_in_and_breaks_no_page(small_site: Site) -> None:
    log_in(client := small_site.client())
    with small_site.services.database.transaction() as session:
        store.change_operator(session, 1, code_key="sealed by another key", recovery=[])
    assert not lets_in(small_site, "123456")
    assert client.get("/admin").status_code == 302


def test_a_new_password_of_ones_own_keeps_this_browser_in_and_no_other(small_site: Site) -> None:
    log_in(client := small_site.client())
    log_in(other := small_site.client())
    for old, new in (("wrong", "another long password"), (PASSWORD, "short")):
        answer = send(client, "/admin/account", "/admin/account/password", password=old, new_password=new)
        assert answer.status_code == 400
    send(client, "/admin/account", "/admin/account/password", password=PASSWORD, new_password="another long password")
    assert [one.get("/admin").status_code for one in (client, other)] == [200, 302]


def test_an_owner_gives_logins_and_one_owner_is_always_left(small_site: Site) -> None:
    log_in(client := small_site.client())

    def act(path: str, **fields: str) -> int:
        return send(client, "/admin/operators", path, **fields).status_code

    assert act("/admin/operators", name="ada", password=PASSWORD, role="editor") == 303
    for wrong in ({"name": "ada"}, {"name": "no such name!"}, {"password": "short"}, {"role": "king"}, {"role": ""}):
        assert act("/admin/operators", **{"name": "bob", "password": PASSWORD, "role": "viewer", **wrong}) == 400
    assert act("/admin/operators/change", name="operator", role="viewer") == 400
    assert act("/admin/operators/remove", name="operator") == 400
    assert act("/admin/operators/remove", name="nobody") == 400
    log_in(ada := small_site.client(), "ada")
    assert act("/admin/operators/change", name="ada", role="owner", password="") == 303
    assert ada.get("/admin").status_code == 302
    log_in(ada, "ada")
    assert act("/admin/operators/change", name="operator", role="viewer", password="") == 303
    token = csrf_of(ada, "/admin/operators")
    assert ada.post("/admin/operators/remove", data={"csrf_token": token, "name": "operator"}).status_code == 303
    with small_site.services.database.reading() as session:
        assert [(one.name, one.role) for one in store.operators(session)] == [("ada", Role.OWNER)]


def test_each_act_is_noted_with_who_and_whom_and_no_address(small_site: Site) -> None:
    log_in(client := small_site.client())
    send(client, "/admin/bounces", "/admin/bounces/suppress", email="Reader@Example.org", reason="asked by telephone")
    send(client, "/admin/bounces", "/admin/bounces/suppress", email="nonsense", reason="")
    send(client, "/admin", "/admin/pause")
    noted = small_site.rows()["acts"]
    assert len(noted) == 3  # the login too, and not what was refused
    assert "example.org" not in str(noted).lower()
    page = client.get("/admin/acts?lang=en").text
    assert "Stopped all mail to an address" in page
    assert "<bdi>reader@example.org</bdi>" in page
    assert "Stopped all mail" not in client.get("/admin/acts?lang=en&who=nobody").text.partition("<tbody>")[2]
    logins.keep(small_site.services.database, "eve", QUICK_HASH, now=NOW, role=Role.VIEWER)
    log_in(eve := small_site.client(), "eve")
    assert eve.get("/admin/acts?lang=en").status_code == 403
    assert 'action="/admin/pause"' not in eve.get("/admin").text
