"""Every kind of page that a person can come to, as addresses on the site of the tests; for checks that hold for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from newsletter.bootstrap import Services
from newsletter.collection.store import nodes as collection_store
from newsletter.mail.inbox import deliver, inbox_folder, messages
from newsletter.mail.signed_links import LinkPurpose
from newsletter.subscribers import links, preferences, suppressions
from newsletter.subscribers.links import Purpose
from newsletter.subscribers.store import bounces
from tests.collection.making import a_section, an_entry
from tests.mail.reading_back import made
from tests.pictures import mails_in
from tests.web.conftest import DAY, NOW, PASSWORD, Site, link_of, signed_up

SEARCHED = "gaussian"


@dataclass(frozen=True)
class Page:
    """A page by its name and address; ``button`` is pressed first where the page comes after a click, ``status`` is its answer."""

    name: str
    path: str
    button: str = ""
    status: int = 200


def with_mail(site: Site) -> str:
    """Puts a digest into the local inbox; gives its id there."""
    folder = inbox_folder(site.services.settings.data_dir)
    deliver(folder, made(dict(mails_in("en"))["digest-en"]), sender="papers@example.org", recipient="reader@example.org")
    return messages(folder)[0].id


def came_back(services: Services, reader: int) -> None:
    """Something came back of a reader's mail, and something that belongs to none."""
    with services.database.transaction() as session:
        for number, subscriber in enumerate((reader, None)):
            said = {
                "status": "5.2.2",
                "words": "552 5.2.2 <reader@example.org>: Mailbox full " + "x" * 80,
                "domain": "example.org",
            }
            bounces.keep(
                session, source_key=f"page {number}", at=NOW, kind="soft", origin="maildir", delivery_id=None,
                subscriber_id=subscriber, followed="counted", state_before="", raw=None, **said,
            )  # fmt: skip
    suppressions.add(services, "wants-none@example.org", reason="asked by telephone", now=NOW)


def pages_of(site: Site) -> list[Page]:
    """All pages; those behind a login need one first. Readers of their own stand behind the pages that change something."""
    services = site.services
    paused_id, _ = signed_up(services, "paused@example.org", language="en")
    leaving_id, _ = signed_up(services, "leaving@example.org", language="en")
    _, spare = signed_up(services, "spare@example.org", confirmed=False, language="en")
    preferences.pause(services, paused_id, until=NOW.date().replace(year=NOW.year + 1), now=NOW)
    with services.database.transaction() as session:
        address = links.mint(session, site.reader_id, Purpose.ADDRESS, now=NOW)
        back = links.mint(session, site.reader_id, Purpose.RETURN, now=NOW)
        data = links.mint(session, site.reader_id, Purpose.EXPORT, now=NOW)
        erase = links.mint(session, site.reader_id, Purpose.ERASE, now=NOW)
        section = collection_store.add(session, a_section(), parent=None, who="Ada", now=NOW)
        entry = collection_store.add(session, an_entry(), parent=section.id, who="Ada", now=NOW)
        collection_store.comment(session, entry.id, "Have a look at its second figure.", who="Ada", now=NOW)
    came_back(services, site.reader_id)
    paused, leaving = link_of(services, paused_id), link_of(services, leaving_id, LinkPurpose.UNSUBSCRIBE)
    mail = with_mail(site)
    return [
        Page("front", "/"),
        Page("front-preview", "/", button="button[data-preview]"),
        Page("front-faults", "/", button="form.signup .address button", status=400),
        Page("signed-up", "/subscribe"),
        Page("confirm", f"/confirm/{site.confirm}"),
        Page("confirmed", f"/confirm/{spare}", button="main form button"),
        Page("preferences", f"/preferences/{site.reader}"),
        Page("preferences-saved", f"/preferences/{paused}", button="main form.signup > p > button:not([data-try])"),
        Page("interests", f"/preferences/{paused}/interests"),
        Page("pause", f"/preferences/{site.reader}/pause"),
        Page("fewer", f"/preferences/{site.reader}/fewer"),
        Page("moving", f"/preferences/{site.reader}/address"),
        Page("address", f"/address/{address}"),
        Page("unsubscribe", f"/unsubscribe/{site.leave}?choices={site.reader}"),
        Page("rights", f"/preferences/{site.reader}/rights"),
        Page("data", f"/data/{data}"),
        Page("erase", f"/erase/{erase}"),
        Page("privacy", "/privacy"),
        Page("about", "/about"),
        Page("help", "/help"),
        Page("left", f"/unsubscribe/{leaving}", button="main form button"),
        Page("return", f"/return/{back}"),
        Page("link", "/link"),
        Page("link-fault", "/link", button="main form button", status=400),
        Page("archive", "/archive"),
        Page("day", f"/archive/{DAY}"),
        Page("day-topic", f"/archive/{DAY}?topic=3dgs"),
        Page("topic", "/topics/3dgs"),
        Page("paper", "/papers/2606.26101?language=zh-CN"),
        Page("search", f"/search?q={SEARCHED}"),
        Page("search-nothing", "/search?q=splatting+xylophone"),
        Page("collection", "/collection"),
        Page("collection-entry", f"/collection/{entry.id}"),
        Page("collection-changes", "/collection/changes"),
        Page("editor", "/collection/editor"),
        Page("feedback-paper", f"/feedback/{site.feedback}/2606.26101?say=less"),
        Page("feedback-given", f"/feedback/{site.feedback}/2606.26101?say=more", button="main form button"),
        Page("feedback", f"/feedback/{site.feedback}"),
        Page("later", f"/later/{site.feedback}"),
        Page("view", f"/view/{site.view}"),
        Page("preview-mail", "/preview/mail?topics=3dgs&language=zh-CN"),
        Page("inbox", "/inbox"),
        Page("inbox-mail", f"/inbox/{mail}"),
        Page("login", "/admin/login"),
        Page("not-found", "/nothing-here", status=404),
        Page("dead-link", "/preferences/nothing", status=404),
        Page("dead-confirm", "/confirm/nothing", status=404),
    ]


def operators_pages(site: Site) -> list[Page]:
    """The pages behind an operator's login."""
    return [
        Page("admin", f"/admin?date={DAY}"),
        Page("admin-subscribers", "/admin/subscribers"),
        Page("admin-subscriber", f"/admin/subscribers/{site.reader_id}"),
        Page("admin-choices", f"/admin/subscribers/{site.reader_id}/edit"),
        Page("admin-mails", f"/admin/deliveries?date={DAY}"),
        Page("admin-mail", "/admin/deliveries/1"),
        Page("admin-papers", "/admin/papers"),
        Page("admin-paper", "/admin/papers/of/2606.26101"),
        Page("admin-topics", "/admin/topics"),
        Page("admin-topic", "/admin/topics/edit/3dgs"),
        Page("admin-outside", "/admin/outside"),
        Page("admin-logins", "/admin/operators"),
        Page("admin-acts", "/admin/acts"),
        Page("admin-account", "/admin/account"),
        Page("bounces", "/admin/bounces"),
    ]


def visited(page, address: str, site: Site, *, language: str) -> Iterator[Page]:  # type: ignore[no-untyped-def]
    """Brings ``page`` of a browser to one page after the other, in an interface language, and gives each once it is there."""
    for one in pages_of(site):
        joint = "&" if "?" in one.path else "?"
        answer = page.goto(f"{address}{one.path}{joint}lang={language}")
        if one.button:
            tick_and_press(page, one)
        else:
            assert answer.status == one.status, one
        yield one
    page.goto(f"{address}/admin/login?lang={language}")
    page.fill("#name", "operator")
    page.fill("#password", PASSWORD)
    page.click("main form button")
    for one in operators_pages(site):
        assert page.goto(f"{address}{one.path}{'&' if '?' in one.path else '?'}lang={language}").status == one.status, one
        yield one


def tick_and_press(page, one: Page) -> None:  # type: ignore[no-untyped-def]
    if one.name == "front-preview":
        page.check("input[value='3dgs']")
    page.click(one.button)
    page.wait_for_load_state()
    if one.name == "front-preview":
        page.locator(".letter").wait_for()
