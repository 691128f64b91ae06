"""Whatever is sent, the answer is a page that says what is wrong: 4xx, never 500, and nothing is stored."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator
from itertools import product
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from werkzeug.routing import IntegerConverter

from tests.web.conftest import CHOICES, Filled, Site, csrf_of, log_in, send
from tests.web.editors.test_editors import editing

BAD_FIELDS = {
    "no address": {"email": ""},
    "no at sign": {"email": "nobody"},
    "two lines": {"email": "a@example.org\r\nBcc: b@example.org"},
    "a long address": {"email": "a" * 10_000 + "@example.org"},
    "a NUL": {"email": "a\x00b@example.org"},
    "no topic": {"topics": []},
    "an unknown topic": {"topics": ["no-such-topic"]},
    "a heading as topic": {"topics": ["vision"]},
    "a long topic": {"topics": ["x" * 10_000]},
    "an unknown language": {"language": "xx"},
    "a long language": {"language": "z" * 10_000},
    "hour 24": {"hour": "24"},
    "hour -1": {"hour": "-1"},
    "a Roman hour": {"hour": "Ⅶ"},
    "no hour": {"hour": ""},
    "an unknown zone": {"timezone": "Mars/Olympus"},
    "a path as zone": {"timezone": "../../etc/passwd"},
    "a long zone": {"timezone": "Asia/" + "x" * 10_000},
    "a bidi override": {"email": "a\u202eb@example.org"},
}


@pytest.fixture(scope="module")
def untouched(filled_file: Filled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for all tests after which it is as it was before."""
    folder = tmp_path_factory.mktemp("untouched")
    shutil.copy(filled_file.database, folder / "newsletter.db")
    found = filled_file.copied(f"sqlite:///{folder / 'newsletter.db'}", folder)
    yield found
    found.services.database.close()


@pytest.mark.parametrize("wrong", BAD_FIELDS.values(), ids=BAD_FIELDS.keys())
def test_a_wrong_sign_up_is_answered_with_400_and_stores_nothing(untouched: Site, wrong: dict[str, object]) -> None:
    before = untouched.rows()
    answer = send(untouched.client(), "/", "/subscribe", **{**CHOICES, **wrong})
    assert answer.status_code == 400
    assert untouched.rows() == before


def test_what_was_typed_is_kept_and_the_message_stands_beside_its_field(untouched: Site) -> None:
    answer = send(untouched.client(), "/", "/subscribe", **{**CHOICES, "email": "nobody<b>", "hour": "21"})
    assert 'value="nobody&lt;b&gt;"' in answer.text
    assert 'value="3dgs" checked' in answer.text
    assert 'value="21" selected' in answer.text
    assert 'value="Asia/Shanghai" selected' in answer.text
    assert 'id="email-problem"' in answer.text
    assert 'aria-describedby="email-problem"' in answer.text


def test_a_form_larger_than_any_of_ours_is_refused_as_too_large(untouched: Site) -> None:
    client = untouched.client()
    token = csrf_of(client, "/")
    answer = client.post("/subscribe", data={**CHOICES, "csrf_token": token, "more": "x" * 200_000})
    assert answer.status_code == 413
    assert "far larger" in answer.text


def test_thousands_of_fields_are_refused(untouched: Site) -> None:
    client = untouched.client()
    fields = {f"f{number}": "x" for number in range(3000)}
    assert client.post("/subscribe", data={**fields, **CHOICES}, content_type="multipart/form-data").status_code == 413


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/xml", "multipart/form-data; boundary=", "x"])
def test_a_body_of_another_kind_is_refused(untouched: Site, kind: str) -> None:
    answer = untouched.client().post("/subscribe", data=b'{"email": "a@example.org"}', content_type=kind)
    assert 400 <= answer.status_code < 500


def test_bytes_that_are_no_utf_8_are_refused(untouched: Site) -> None:
    body = b"email=a%FF%FE@example.org&topics=3dgs&language=en&hour=7&timezone=UTC"
    client = untouched.client()
    assert client.post("/subscribe", data=body, content_type="application/x-www-form-urlencoded").status_code == 400
    assert client.post("/subscribe", data={"email": (io.BytesIO(b"\xff"), "x")}).status_code == 400


def filled(client: FlaskClient, **changes: str) -> dict[str, str]:
    return {
        "topics": "3dgs",
        **{k: v for k, v in CHOICES.items() if k != "topics"},
        "csrf_token": csrf_of(client, "/"),
        **changes,
    }


@pytest.mark.parametrize("body", [b"", b"{", b'["email"]', b'"x"', b'{"email": 1}'])
def test_a_body_in_json_is_refused_whatever_is_in_it(untouched: Site, body: bytes) -> None:
    for path in ("/subscribe", "/link", f"/preferences/{untouched.reader}", "/admin/login"):
        assert untouched.client().post(path, data=body, content_type="application/json").status_code == 415


@pytest.mark.parametrize("field", ["email", "topics", "timezone", "csrf_token", "more"])
def test_a_file_in_place_of_a_field_is_refused(untouched: Site, field: str) -> None:
    client, before = untouched.client(), untouched.rows()
    data = filled(client, email="file@example.org") | {field: (io.BytesIO(b"a@example.org"), "../../x")}
    assert client.post("/subscribe", data=data, content_type="multipart/form-data").status_code == 400
    assert untouched.rows() == before


@pytest.mark.parametrize("field", [b"email=caf%E9@example.org", b"email=a@example.org&more=%ED%A0%80", b"%FF=x"])
def test_a_whole_form_with_bytes_that_are_no_utf_8_stores_nothing(untouched: Site, field: bytes) -> None:
    client, before = untouched.client(), untouched.rows()
    values = filled(client)
    del values["email"]
    body = field + b"&" + urlencode(values).encode()
    assert client.post("/subscribe", data=body, content_type="application/x-www-form-urlencoded").status_code == 400
    assert untouched.rows() == before


@pytest.mark.parametrize("zone", ["localtime", "Factory", "posix/UTC", "Asia/Shanghai\n"])
def test_a_zone_that_nobody_lives_in_is_refused(untouched: Site, zone: str) -> None:
    assert send(untouched.client(), "/", "/subscribe", **{**CHOICES, "timezone": zone}).status_code == 400


@pytest.mark.parametrize(
    "host", ["x" * 5000, "a" * 64 + ".org", "a b", "\xff", "127.0.0.1@evil.example", "[::1", "..", "host:port"]
)
def test_a_host_header_that_names_nothing_is_answered_with_400(untouched: Site, host: str) -> None:
    answer = untouched.client().get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert len(answer.text) < 200


@pytest.mark.parametrize("host", ["localhost", "papers_web:8000", "[::1]:8000", "203.0.113.9", "papers.example.org."])
def test_a_host_header_that_names_a_machine_is_served(untouched: Site, host: str) -> None:
    assert untouched.client().get("/", headers={"Host": host}).status_code == 200


def test_one_click_unsubscribing_takes_any_body(small_site: Site) -> None:
    for kind, body in (
        ("application/json", b"{"),
        ("multipart/form-data", b"\xff"),
        ("text/plain", b"List-Unsubscribe=One-Click"),
    ):
        answer = small_site.client().post(f"/unsubscribe/{small_site.leave}?page=1", data=body, content_type=kind)
        assert answer.status_code == 200


PATHS = [
    "/archive/yesterday", "/archive/2026-13-45", "/archive/99999-01-01", "/archive/20260626", "/archive/2026-06-26%00", "/archive/1999-01-01",
    "/archive/%FF", "/papers/%00", "/papers/" + "9" * 5000, "/papers/..%2f..%2fetc", "/papers/' OR 1=1", "/papers/2606.99999",
    "/topics/nowhere", "/topics/%00", "/topics/" + "x" * 5000, "/feeds/nowhere.xml", "/feeds/.xml", "/feeds/%FF.xml",
    "/confirm/nonsense", "/confirm/%00", "/confirm/" + "x" * 5000, "/preferences/nonsense", "/preferences/%E6%BC%A2", "/preferences/" + "A" * 22,
    "/unsubscribe/nonsense", "/unsubscribe/" + "A" * 22, "/view/nonsense", "/view/" + "A" * 22, "/view/%00", "/inbox/../../etc/passwd",
    "/inbox/nothing", "/inbox/%00", "/inbox/nothing/html", "/static/../__init__.py", "/static/nothing.css", "/nowhere", "/%00", "/admin/nowhere",
]  # fmt: skip


def test_an_address_that_leads_nowhere_is_a_kind_page(site: Site) -> None:
    for path in PATHS:
        answer = site.client().get(path)
        assert answer.status_code in (404, 410), path
        assert "<h1" in answer.text, path
        assert "Traceback" not in answer.text, path


@pytest.mark.parametrize("path", ["/confirm/nonsense", "/preferences/" + "A" * 22, "/unsubscribe/" + "A" * 22])
def test_posting_to_a_dead_link_is_a_kind_page_with_a_way_on(site: Site, path: str) -> None:
    client = site.client()
    answer = client.post(path, data={"csrf_token": csrf_of(client, "/")})
    assert answer.status_code in (404, 410)
    assert 'href="/link"' in answer.text


QUERIES = ["?language=xx", "?language=%00", "?language=%FF", "?page=0", "?page=-1", "?page=99999999999", "?page=x", "?page=%EF%BC%97",
           "?topic=nowhere", "?topic=%00", "?lang=xx", "?lang=../../x", "?lang=%0d%0aSet-Cookie:%20a=b", "?language=" + "x" * 10_000]  # fmt: skip


@pytest.mark.parametrize("path", ["/archive/2026-06-26", "/papers/2606.26101", "/topics/3dgs", "/feeds/3dgs.xml", "/"])
def test_a_senseless_query_never_breaks_a_page(untouched: Site, path: str) -> None:
    for query in QUERIES:
        assert untouched.client().get(path + query).status_code in (200, 400, 404), query


def test_senseless_headers_and_cookies_never_break_a_page(untouched: Site) -> None:
    client = untouched.client()
    client.set_cookie("session", "nonsense.x.y")
    client.set_cookie("lang", "x" * 3000)
    for header in ("zh;q=x,,;;,en;q=-1", "*", "a" * 5000, "zh-Hant-TW;q=1e400"):
        assert client.get("/", headers={"Accept-Language": header}).status_code == 200


@pytest.mark.parametrize(
    "fields",
    [{"max_papers": "0"}, {"max_papers": "99999999999999999999"}, {"max_papers": "x"}, {"pause_until": "1999-01-01"},
     {"pause_until": "tomorrow"}, {"pause_until": "9999-12-31"}, {"topics": []}, {"hour": "77"}, {"max_papers": "4"}, {"max_papers": "51"}, {"weekdays": []},
     {"weekdays": ["7"]}, {"weekdays": ["1", "x"]}, {"layout": "huge"}, {"layout": ""}],
)  # fmt: skip
def test_a_wrong_choice_is_answered_with_400_and_changes_nothing(untouched: Site, fields: dict[str, object]) -> None:
    before = untouched.kept()
    path = f"/preferences/{untouched.reader}"
    choices = {name: value for name, value in CHOICES.items() if name != "email"} | {
        "max_papers": "20",
        "weekdays": ["0"],
        "layout": "brief",
    }
    answer = send(untouched.client(), path, **{**choices, **fields})
    assert answer.status_code == 400
    assert 'class="problem"' in answer.text
    assert untouched.kept() == before


@pytest.mark.parametrize("email", ["", "nobody", "x" * 10_000, "a\x00@example.org", "a@b\r\nBcc: c@d.org", "ä@", "@"])
def test_a_wrong_address_asked_for_its_link_is_answered_with_400(untouched: Site, email: str) -> None:
    before = untouched.rows()
    assert send(untouched.client(), "/link", email=email).status_code == 400
    assert untouched.rows() == before


@pytest.mark.parametrize("name", ["", "x" * 10_000, "a\x00b", "operator"])
def test_a_wrong_login_is_refused(untouched: Site, name: str) -> None:
    assert send(untouched.client(), "/admin/login", name=name, password="wrong").status_code in (400, 401)


@hypothesis_settings(max_examples=40)
@given(
    fields=st.dictionaries(
        st.sampled_from(["email", "topics", "language", "hour", "timezone"]), st.text(st.characters(codec="utf-8"), max_size=80)
    )
)
def test_no_text_in_any_field_breaks_the_sign_up(small_site: Site, fields: dict[str, str]) -> None:
    answer = small_site.client().post("/subscribe", data=fields)
    assert 400 <= answer.status_code < 500


NUMBERS = ["0", "-1", "9" * 18, "9" * 19, "9" * 26, "9" * 5000, "１", "٣", "1e3", "0x1", "%31", "1.0"]


def test_no_number_in_an_address_is_too_large_to_be_answered(site: Site) -> None:
    client = editing(site)
    log_in(client)
    rules = [
        rule
        for rule in site.app.url_map.iter_rules()
        if any(isinstance(one, IntegerConverter) for one in rule._converters.values())
    ]
    assert len(rules) >= 7
    token = csrf_of(client, "/")
    for number in NUMBERS:
        editor = editing(site, "eve@example.org", "Eve")
        for rule, page in product(rules, (client, editor)):
            path = re.sub(r"<int:\w+>", number, rule.rule)
            assert page.get(path).status_code < 500, path
            assert page.post(path, data={"csrf_token": token, "seen": number, "place": f"in:{number}"}).status_code < 500, path
        editor = editing(site, "joe@example.org", "Joe")
        fields = {"title": "A title", "seen": number, "place": f"after:{number}"}
        for path in ("/collection/new", "/collection/section"):
            assert send(editor, "/collection/add", path, **fields).status_code < 500, (path, number)
