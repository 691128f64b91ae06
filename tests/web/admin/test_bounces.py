"""Operators see what came back, and suppress and lift addresses with a reason."""

from __future__ import annotations

from newsletter.subscribers.bounce_inlets import take_message
from newsletter.subscribers.store import suppressions as store
from tests.mail.bounces.samples import dsn
from tests.web.conftest import NOW, Site, log_in, send


def reasons(site: Site) -> list[str]:
    with site.services.database.reading() as session:
        return [one.reason for one in store.suppressions(session)]


def test_what_came_back_and_what_could_not_be_matched_is_shown(site: Site) -> None:
    take_message(site.services, dsn(said="550 5.1.1 <script>alert(1)</script> unknown"), origin="file", now=NOW)
    client = site.client()
    assert client.get("/admin/bounces").status_code == 302
    log_in(client)
    page = client.get("/admin/bounces?lang=en").text
    assert "no mail of ours found" in page
    assert "example.net" in page
    assert "<script>alert" not in page


def test_an_address_is_suppressed_and_lifted_with_a_reason(site: Site) -> None:
    client = site.client()
    log_in(client)
    assert send(client, "/admin/bounces", "/admin/bounces/suppress", email="x@example.net", reason="").status_code == 400
    assert send(client, "/admin/bounces", "/admin/bounces/suppress", email="x@example.net", reason="asked").status_code == 303
    assert reasons(site) == ["asked"]
    assert send(client, "/admin/bounces", "/admin/bounces/lift", email="x@example.net", reason="wrote again").status_code == 303
    assert reasons(site) == []
    assert send(client, "/admin/bounces", "/admin/bounces/lift", email="x@example.net", reason="again").status_code == 400
