"""What holds for every route there is, also for those that are added later."""

from __future__ import annotations

import pytest
from werkzeug.routing import Rule

from tests.web.conftest import DAY, Site, log_in

NO_CSRF = {"leaving.leave", "bounce_hooks.ses", "bounce_hooks.signed"}
OPEN_TO_ALL = {"admin.login", "admin.enter"}


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
        "name": "0.webp",
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


def test_every_operators_route_needs_a_login(small_site: Site) -> None:
    before = small_site.rows()
    small_site.app.config["WTF_CSRF_ENABLED"] = False
    found = [rule for rule in small_site.app.url_map.iter_rules() if str(rule).startswith("/admin")]
    assert len(found) >= 5
    for rule in found:
        for method in (rule.methods or set()) - {"OPTIONS"}:
            if rule.endpoint not in OPEN_TO_ALL:
                answer = small_site.client().open(address(small_site, rule), method=method)
                assert answer.status_code == 302, rule
                assert answer.headers["Location"].startswith("/admin/login")
    assert small_site.rows() == before


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
            loaded = re.findall(r'(?:src|srcset|action)="([^"]*)"|<link[^>]*href="([^"]*)"', html)
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
