"""What holds for every route there is, also for those that are added later."""

from __future__ import annotations

import pytest
from werkzeug.routing import Rule

from newsletter.operating import logins
from newsletter.operating.operators.roles import Role
from newsletter.web.admin.act_names import ACTS
from tests.web.conftest import DAY, NOW, QUICK_HASH, Site, log_in

# A token that nobody else knows stands in the place of the one against forged forms.
SETTING_UP = {f"setup.{step}" for step in ("names", "mail", "dns", "reader", "login")}
NO_CSRF = {"leaving.leave", "bounce_hooks.ses", "bounce_hooks.signed", *SETTING_UP}
OPEN_TO_ALL = {"login.show", "login.enter"}
# What whoever may log in can do; who else than an editor may do something, or see it.
OWN = ("/admin/logout", "/admin/account")
OWNERS = ("/admin/operators", "/admin/acts")
OWNERS_ACTS = ("/admin/editors",)
# Pages that hold nothing but a form.
FORMS = ("/new", "/edit")


def address(site: Site, rule: Rule) -> str:
    """An address of ``rule`` that leads somewhere."""
    token = {"view": site.view, "confirming": site.confirm, "leaving": site.leave, "feedback": site.feedback}
    values = {
        "token": token.get(rule.endpoint.partition(".")[0], site.reader),
        "date": DAY.isoformat(),
        "ref": "2606.26101",
        "slug": "3dgs",
        "mail_id": "1.P1Q1.localhost",
        "filename": "app.css",
        "node_id": 1,
        "change_id": 1,
        "editor_id": 1,
        "name": "ada-lovelace" if "author" in rule.endpoint else "0.webp",
        "form": "json",
        "code": "ja",
        "delivery_id": 1,
        "subscriber_id": site.reader_id,
    }

    return str(site.app.url_map.bind("localhost").build(rule.endpoint, {name: values[name] for name in rule.arguments}))


def rules(site: Site, method: str) -> list[Rule]:
    return [rule for rule in site.app.url_map.iter_rules() if method in (rule.methods or ())]


def test_get_and_head_change_nothing_in_any_table(site: Site) -> None:
    stranger, operator = site.client(), site.client()
    log_in(operator)
    before = site.rows()
    seen = 0
    for rule in rules(site, "GET"):
        for client in (stranger, operator):
            for method in ("GET", "HEAD"):
                answer = client.open(address(site, rule), method=method, buffered=True)
                assert answer.status_code < 500, (rule, answer.status_code)
                seen += answer.status_code == 200
    assert seen > 50
    assert site.rows() == before


def test_the_tokens_of_this_test_lead_somewhere(site: Site) -> None:
    for path in (f"/confirm/{site.confirm}", f"/preferences/{site.reader}", f"/unsubscribe/{site.leave}", f"/view/{site.view}"):
        assert site.client().get(path).status_code == 200, path


def test_every_post_but_one_click_refuses_without_the_csrf_token(small_site: Site) -> None:
    operator = small_site.client()
    log_in(operator)
    before = small_site.rows()
    for rule in rules(small_site, "POST"):
        if rule.endpoint not in NO_CSRF:
            answer = operator.post(address(small_site, rule), data={"csrf_token": "forged"})
            assert answer.status_code == 400, rule
    assert small_site.rows() == before


def least_of(path: str, method: str) -> Role:
    """The role that this route is for, as docs/operating.md tells people."""
    if path.startswith(OWNERS) or (method == "POST" and path.startswith(OWNERS_ACTS)):
        return Role.OWNER
    return Role.EDITOR if (method == "POST" or path.endswith(FORMS)) and not path.startswith(OWN) else Role.VIEWER


@pytest.mark.parametrize("role", [None, *Role])
def test_each_operators_route_is_closed_to_whom_it_is_not_for(small_site: Site, role: Role | None) -> None:
    client = small_site.client()
    if role is not None:
        logins.keep(small_site.services.database, "ada", QUICK_HASH, now=NOW, role=role)
        log_in(client, "ada")
    before, refused, seen = small_site.rows(), 0, 0
    for rule in small_site.app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"OPTIONS"}:
            if not str(rule).startswith("/admin") or rule.endpoint in OPEN_TO_ALL:
                continue
            path = address(small_site, rule)
            small_site.app.config["WTF_CSRF_ENABLED"] = method != "POST"
            if role is None:
                answer = client.open(path, method=method)
                assert answer.status_code == 302, rule
                assert answer.headers["Location"].startswith("/admin/login")
            elif not role.may(least_of(path, method)):
                refused += 1
                assert client.open(path, method=method).status_code == 403, (rule, method)
            elif method != "POST":
                answer = client.open(path, method=method, buffered=True)
                assert answer.status_code in (200, 400, 404), (rule, answer.status_code)
                assert answer.headers["Cache-Control"] == "no-store", rule
                seen += 1
    assert small_site.rows() == before
    assert (refused > 5 or role in (None, Role.OWNER)) and (seen > 5 or role is None)


def test_each_act_of_operators_has_a_name(small_site: Site) -> None:
    acts = {rule.endpoint for rule in rules(small_site, "POST") if str(rule).startswith("/admin")}
    noted = {name for name in acts if getattr(small_site.app.view_functions[name], "is_act", True)}
    assert noted == set(ACTS)


def test_every_answer_carries_the_headers_that_guard_it(small_site: Site) -> None:
    for rule in rules(small_site, "GET"):
        answer = small_site.client().get(address(small_site, rule), buffered=True)
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'"), rule
        assert "frame-ancestors" in policy, rule
        assert "script-src 'self'" in policy or "script" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] in ("DENY", "SAMEORIGIN")
        if "token" in rule.arguments:
            assert answer.headers["Referrer-Policy"] == "no-referrer", rule
            assert "noindex" in answer.headers["X-Robots-Tag"], rule
            assert answer.headers["Cache-Control"] == "no-store", rule


def test_no_page_asks_anything_of_another_host(small_site: Site) -> None:
    import re

    for rule in rules(small_site, "GET"):
        html = small_site.client().get(address(small_site, rule), buffered=True).text
        if "<html" in html and rule.endpoint != "view.digest":
            loaded = re.findall(r'(?:src|srcset|action)="([^"]*)"|<link rel="(?:stylesheet|icon)"[^>]*href="([^"]*)"', html)
            assert all(one.startswith("/") for pair in loaded for one in pair if one), rule


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_other_methods_are_refused_with_what_is_allowed(small_site: Site, method: str) -> None:
    answer = small_site.client().open("/subscribe", method=method)
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_no_page_is_larger_than_100_kb(small_site: Site) -> None:
    for rule in rules(small_site, "GET"):
        answer = small_site.client().get(address(small_site, rule), buffered=True)
        assert len(answer.data) <= 100_000, (rule, len(answer.data))
