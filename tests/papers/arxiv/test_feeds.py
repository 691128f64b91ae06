"""Reading announcement feeds: what an item says, and every way in which a feed can be none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from newsletter.errors import PermanentError, TemporaryError
from newsletter.http.session import UnreachableError
from newsletter.papers.announcements import AnnounceType, Shown
from newsletter.papers.arxiv.feeds import FeedSource, authors_in, read_items
from tests.papers.arxiv.fake_feeds import FakeFeeds, an_item, rss
from tests.waiting import PATIENCE


@pytest.fixture
def fake() -> Iterator[FakeFeeds]:
    feeds = FakeFeeds({"cs.CV": [an_item(1), an_item(2, type="cross")]})
    with feeds:
        yield feeds


class Asking:
    """A source over the fake that notes its pauses instead of sleeping."""

    def __init__(self, fake: FakeFeeds, attempts: int = 3) -> None:
        self.pauses: list[float] = []
        self.waits = 0
        self.source = FeedSource(
            fake.url,
            "Ann <ann@example.org>",
            self._wait,
            attempts=attempts,
            timeouts=(PATIENCE, PATIENCE),
            sleep=self.pauses.append,
        )

    def _wait(self) -> None:
        self.waits += 1

    def ask(self, category: str = "cs.CV", etag: str = "") -> Shown | None:
        return self.source.ask(category, etag=etag)


def test_an_item_is_read_with_its_type_and_without_the_prefix_of_its_description() -> None:
    abstract = 'We show $p<0.05$ & more.\nSchr\\"odinger. Announce Type: new is part of it.'
    item = an_item(
        1, version=2, type="replace-cross", title="On A < B\n& C", abstract=abstract, categories=("cs.SY", "math.OC", "68T07")
    )
    (read,) = read_items(rss("cs.SY", [item]))
    assert (read.ref, read.version, read.type) == ("2606.00001", 2, AnnounceType.REPLACE_CROSS)
    assert read.title == "On A < B & C"
    assert read.abstract == "We show $p<0.05$ & more. Schrödinger. Announce Type: new is part of it."
    assert read.authors == ("Ada Byron", "Alan M. Turing")
    assert read.categories == ("eess.SY", "math.OC")


def test_an_old_identifier_is_read() -> None:
    (read,) = read_items(rss("hep-th", [an_item(1, ref="hep-th/9901001", version=4, type="replace")]))
    assert (read.ref, read.version) == ("hep-th/9901001", 4)


def test_an_item_that_names_no_paper_costs_only_itself() -> None:
    items = [an_item(1, ref="nothing"), an_item(2, type="withdrawn"), an_item(3, title=" "), an_item(4)]
    assert [read.ref for read in read_items(rss("cs.CV", items))] == ["2606.00004"]


def test_html_in_a_title_is_read_as_text() -> None:
    (read,) = read_items(rss("cs.CV", [an_item(1, title="<i>Barns</i> of CO<sub>2</sub> where a<b")]))
    assert read.title == "Barns of CO2 where a<b"


def test_script_in_a_title_stays_text() -> None:
    (read,) = read_items(rss("cs.CV", [an_item(1, title="<script>alert(1)</script>")]))
    assert read.title == "<script>alert(1)</script>"


def test_a_day_without_announcement_is_an_empty_feed() -> None:
    assert read_items(rss("cs.CV", [])) == ()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        ("Ada Byron", ("Ada Byron",)),
        ("Ada Byron (1 and 2), Alan M. Turing ((1) A, (2) B)", ("Ada Byron", "Alan M. Turing")),
        ("Sammy Davis, Jr., Émilie du Ch\\^atelet", ("Sammy Davis, Jr.", "Émilie du Châtelet")),
        ("for the X Collaboration, ,", ("for the X Collaboration",)),
    ],
)
def test_authors_come_apart(text: str, names: tuple[str, ...]) -> None:
    assert authors_in(text) == names


def test_a_request_waits_its_turn_and_says_who_asks(fake: FakeFeeds) -> None:
    asking = Asking(fake)
    shown = asking.ask()
    assert shown is not None
    assert [item.type for item in shown.items] == [AnnounceType.NEW, AnnounceType.CROSS]
    assert asking.waits == 1
    assert "ann@example.org" in fake.headers[0]["user-agent"]


def test_an_unchanged_feed_is_not_sent_again(fake: FakeFeeds) -> None:
    asking = Asking(fake)
    first = asking.ask()
    assert first is not None
    assert first.etag
    assert asking.ask(etag=first.etag) is None
    fake.items["cs.CV"].append(an_item(3))
    changed = asking.ask(etag=first.etag)
    assert changed is not None
    assert len(changed.items) == 3


@pytest.mark.parametrize("fault", [403, 406, 429, 500, 503, "html", "empty", "cut", "entities"])
def test_a_fault_is_tried_again_and_told_where_it_stays(fake: FakeFeeds, fault: int | str) -> None:
    asking = Asking(fake)
    fake.faults["cs.CV"] = [fault]
    shown = asking.ask()
    assert shown is not None
    assert len(shown.items) == 2
    assert asking.waits == 2
    assert len(asking.pauses) == 1
    fake.faults["cs.CV"] = [fault] * 3
    with pytest.raises(TemporaryError, match="arXiv"):
        asking.ask()


def test_an_unknown_category_is_told_at_once(fake: FakeFeeds) -> None:
    asking = Asking(fake)
    fake.faults["cs.XX"] = [404]
    with pytest.raises(PermanentError, match="404"):
        asking.ask("cs.XX")
    assert asking.pauses == []


def test_a_server_that_is_not_there_is_unreachable() -> None:
    feeds = FakeFeeds({})
    with feeds:
        pass
    asking = Asking(feeds, attempts=5)
    with pytest.raises(UnreachableError, match="cannot be reached"):
        asking.ask()
    assert len(asking.pauses) == 1, "a network that is away is not waited for"
