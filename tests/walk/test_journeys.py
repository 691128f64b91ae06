"""A reader's whole way, from the form to leaving and coming back, on one running service with its local inbox.

On a small phone and a desk, with and without JavaScript, in English and Arabic; no page on the way scrolls sideways.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from newsletter import bootstrap, settings
from newsletter.daily import ingest, plan
from newsletter.mail.store import ledger
from newsletter.papers.calendar import last_announcement
from newsletter.values.mail import MailKind
from tests.conftest import missing
from tests.papers.arxiv.fake_query_api import FakeArxiv
from tests.papers.paper_builder import paper
from tests.translation.engines.fake_engines import FakeEngines
from tests.waiting import PATIENCE, wait_until
from tests.walk import browser, papers, service
from tests.walk.journey import tick

pytestmark = pytest.mark.browser

TOPICS = ("nerf", "3dgs")
PHONE = 320
WHALES = ("sing", "dive", "sleep", "feed", "travel", "play", "age", "speak", "listen", "breathe", "fight", "rest")
LIBRARY = "".join(
    f"@article{{w{word},\n title = {{How Whales {word} in the Sea}},\n abstract = {{Whales {word}.}}\n}}\n" for word in WHALES
)


@dataclass(frozen=True)
class Place:
    """The running service: its address, and what it runs on."""

    address: str
    environ: Mapping[str, str]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One service on embedded parts for all journeys; without a mail server its mails stay in the local inbox."""
    if browser.chromium() is None:
        missing("Chromium")
    folder, engines = tmp_path_factory.mktemp("journeys"), FakeEngines()
    engines.start()
    now = dt.datetime.now(dt.UTC)
    with FakeArxiv([*papers.announced(now), *papers.of_a_category(now)]) as arxiv_url:
        environ = service.settings_for(
            folder,
            ARXIV_API_URL=arxiv_url,
            ARXIV_DELAY_SECONDS="0",
            LIBRETRANSLATE_URL=engines.libre_url,
            TRANSLATORS="libre",
        )
        done = service.command("fetch", environ=environ, folder=folder)
        assert done.returncode == 0, done.stdout + done.stderr
        with service.running(folder, environ) as address:
            yield Place(address, environ)
    engines.stop()


@pytest.fixture(scope="module")
def base_url(place: Place) -> str:
    return place.address


@pytest.fixture(scope="module")
def chromium(place: Place) -> Iterator[Browser]:
    with browser.launched() as found:
        yield found


@dataclass(frozen=True)
class Walk:
    """One reader in one browser."""

    page: Page
    base_url: str
    email: str
    width: int
    script: bool

    def go(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else self.base_url + path)
        self.fits()

    def press(self, button: str) -> None:
        self.page.click(button)
        self.page.wait_for_load_state()
        self.fits()

    def fits(self) -> None:
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= self.width, f"{self.page.url} is {wide} px wide"

    def mail(self, count: int) -> None:
        """Opens the newest mail to the reader, once there are ``count``."""
        deadline = time.monotonic() + PATIENCE
        mine = self.page.locator("main li a", has_text=self.email)
        self.go("/inbox")
        while mine.count() < count and time.monotonic() < deadline:
            self.page.wait_for_timeout(300)
            self.go("/inbox")
        assert mine.count() == count
        mine.first.click()
        self.page.frame_locator("iframe.mail").locator("h1").wait_for()
        self.fits()

    def link(self, part: str) -> str:
        """Where the first link with ``part`` in the open mail leads."""
        found = self.page.frame_locator("iframe.mail").locator(f"a[href*='{part}']").first.get_attribute("href")
        assert found is not None
        return found


def sign_up(walk: Walk, language: str) -> None:
    page = walk.page
    walk.go("/")
    for topic in TOPICS:
        tick(page, topic)
    page.select_option("#language", language)
    if not walk.script:
        walk.press("button[data-preview]")
    page.locator(".letter li").nth(1).wait_for()
    page.fill("#email", walk.email)
    walk.press("form.signup .address button")
    assert page.url.endswith("/subscribe")


def confirm_and_read(walk: Walk) -> str:
    """Follows the link in the confirmation mail and reads the first digest; gives the link to the choices in it."""
    walk.mail(1)
    walk.go(walk.link("/confirm/"))
    if not walk.script:
        walk.press("main form button")
    walk.page.locator("main a[href^='/preferences/']").wait_for()
    walk.mail(2)
    mine, view = walk.link("/preferences/"), walk.link("/view/")
    walk.go(view)
    assert walk.page.locator("h3").count() == len(TOPICS)
    return mine


def change_and_take_back(walk: Walk, choices: str) -> None:
    page = walk.page
    walk.go(choices)
    tick(page, "llm")
    walk.press("form.signup > p > button:not([data-try])")
    assert page.locator("[role=status]").first.is_visible()
    assert page.is_checked("input[value='llm']")
    walk.press("form[action$='/undo'] button")
    assert not page.is_checked("input[value='llm']")


def pause(walk: Walk, choices: str) -> None:
    walk.go(f"{choices}/pause")
    walk.press("main form button")
    assert walk.page.input_value("#pause_until") > dt.datetime.now(dt.UTC).date().isoformat()


def leave_and_come_back(walk: Walk, choices: str) -> None:
    walk.go(choices)
    walk.page.locator("main a[href^='/unsubscribe/']").click()
    walk.press("main form button")
    walk.mail(3)
    walk.go(walk.link("/return/"))
    walk.press("main form button")
    walk.page.locator("main a[href^='/preferences/']").click()
    assert walk.page.is_checked("input[value='3dgs']")


def download_and_erase(walk: Walk, choices: str) -> None:
    """What is kept comes as a file, and goes: a press on the page of preferences, one on the link in the mail, one there."""
    page = walk.page
    walk.go(choices)
    walk.press("#data button[value='data']")
    walk.mail(4)
    walk.go(walk.link("/data/"))
    with page.expect_download() as coming:
        page.click("main form button")
    assert walk.email in Path(coming.value.path()).read_text(encoding="utf-8")
    walk.go(choices)
    walk.press("#data button[value='erase']")
    walk.mail(5)
    walk.go(walk.link("/erase/"))
    walk.press("main form button")
    assert page.locator("[role=status]").is_visible()
    walk.go(choices)
    assert page.locator(".code").inner_text() == "404"


# On a desk the test below walks.
@pytest.mark.parametrize(
    ("width", "script", "language"),
    [(PHONE, True, "ar"), (PHONE, False, "en")],
    ids=["320-javascript-ar", "320-no-javascript-en"],
)
def test_sign_up_confirm_read_change_pause_leave_and_come_back(
    chromium: Browser, base_url: str, width: int, script: bool, language: str
) -> None:
    email = f"{language}{width}{'js' if script else 'plain'}@example.org"
    with browser.page_of(chromium, width=width, javascript=script, locale=language) as page:
        walk = Walk(page, base_url, email, width, script)
        sign_up(walk, language)
        assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
        choices = confirm_and_read(walk)
        change_and_take_back(walk, choices)
        pause(walk, choices)
        leave_and_come_back(walk, choices)
        if width == PHONE:
            download_and_erase(walk, choices)


def said(walk: Walk) -> str:
    """All that the open mail says, in its order."""
    return walk.page.frame_locator("iframe.mail").locator("body").text_content() or ""


def mailed(place: Place, email: str, batch: int, *titles: str) -> None:
    """Announces papers in the category, and has the reader's digest of the day after their newest one sent."""
    now = dt.datetime.now(dt.UTC)
    services = bootstrap.build(settings.load(place.environ))
    # Beside the other papers here, and on no later day: the preview of who signs up next shows the newest day alone.
    day = last_announcement(now)
    new = [
        paper(batch * 100 + number, title=title, abstract=f"{title}.", categories=("math.AG",), announced_on=day)
        for number, title in enumerate(titles)
    ]
    ingest.store_batch(services, new, now=now)

    def periods() -> list[str]:
        with services.database.reading() as session:
            return [one.period for one in ledger.deliveries(session, kind=MailKind.DIGEST) if one.email == email]

    # By the reader's own date, which may be another one than here.
    newest = max(periods())
    date = dt.date.fromisoformat(newest) + dt.timedelta(days=1)

    def planned() -> bool:
        plan.plan(services, now=now, date=date)
        return max(periods()) > newest

    # One planning leaves out whose mail before is still being settled, as the service's own does until its next tick.
    wait_until(planned)
    services.database.close()


def test_a_category_that_is_no_topic_and_a_library_of_twelve_papers(place: Place, chromium: Browser) -> None:
    with browser.page_of(chromium, width=1280, locale="en") as page:
        walk = Walk(page, place.address, "geometer@example.org", 1280, script=True)
        walk.go("/")
        page.fill("#find", "algebraic geometry")
        page.check("#found input[value='math.AG']")
        page.locator("#preview-told", has_text="as soon as you confirm").wait_for()
        page.fill("#email", walk.email)
        walk.press("form.signup .address button")
        walk.mail(1)
        walk.go(walk.link("/confirm/"))
        page.locator("main a[href^='/preferences/']").wait_for()
        walk.mail(2)
        assert "Algebraic Geometry (math.AG)" in said(walk)
        assert "Moduli of Curves on a Quartic" in said(walk)
        interests = walk.link("/preferences/") + "/interests"
        walk.go(interests)
        page.set_input_files("#file", {"name": "library.bib", "mimeType": "text/plain", "buffer": LIBRARY.encode()})
        walk.press("form.interests button")
        assert page.get_by_role("button", name="Remove").count() == 12
        assert page.locator("ul.words", has_text="whale").is_visible()
        others = ("Threefolds", "Stacks", "Motives", "Divisors", "Fibrations")
        mailed(place, walk.email, 1, "A Song of Whales at Night", *(f"On {name} of Curves" for name in others))
        walk.mail(3)
        assert said(walk).index("For you") < said(walk).index("Algebraic Geometry (math.AG)")
        like = said(walk)
        walk.go(interests)
        named = next(title for title in page.locator(".said .what").all_text_contents() if f"Like “{title}”" in like)
        page.locator("li", has_text=named).get_by_role("button", name="Remove").click()
        page.locator("[role=status]").wait_for()
        assert page.get_by_role("button", name="Remove").count() == 11
        mailed(place, walk.email, 2, "Another Song of Whales at Night", *(f"More on {name} of Curves" for name in others))
        walk.mail(4)
        assert "Another Song of Whales at Night" in said(walk)
        assert named not in said(walk)
