"""Which feeds are asked, and when the asking stops."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from newsletter.errors import NewsletterError, PermanentError, TemporaryError
from newsletter.http.session import UnreachableError
from newsletter.papers.announcements import Batch, Shown
from newsletter.papers.arxiv.feed_polling import MOST_FAILURES, survey
from newsletter.papers.arxiv.feeds import MOST_ROWS
from tests.papers.test_announcements import batch, item

CATEGORIES = ["cs.AI", "cs.CL", "cs.CV", "cs.LG", "cs.RO", "cs.SD"]
OLD, NEW = Shown((item(1), item(2))), Shown((item(3), item(4)))
KNOWN = {category: batch(OLD.items, category=category) for category in CATEGORIES}


class Feeds:
    """What each category shows: a feed, None for 304, or an error."""

    def __init__(self, answers: Mapping[str, Shown | NewsletterError | None]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def ask(self, category: str, *, etag: str = "") -> Shown | None:
        self.asked.append(category)
        answer = self.answers[category]
        if isinstance(answer, NewsletterError):
            raise answer
        return answer


@pytest.mark.parametrize("same", [OLD, None, Shown(())])
def test_where_the_first_three_are_unchanged_no_other_is_asked(same: Shown | None) -> None:
    feeds = Feeds(dict.fromkeys(CATEGORIES, same))
    found = survey(feeds, KNOWN, CATEGORIES)
    assert feeds.asked == CATEGORIES[:3]
    assert (found.turned, found.unchanged, found.problems) == (frozenset(), 3, ())


def test_one_change_among_the_first_has_all_asked() -> None:
    feeds = Feeds(dict.fromkeys(CATEGORIES, NEW) | {"cs.AI": OLD, "cs.CL": None})
    found = survey(feeds, KNOWN, CATEGORIES)
    assert feeds.asked == CATEGORIES
    assert found.turned == set(CATEGORIES[2:])
    assert found.unchanged == 2


def test_each_feed_is_asked_with_the_etag_that_it_bore() -> None:
    given: list[str] = []

    class Noting(Feeds):
        def ask(self, category: str, *, etag: str = "") -> Shown | None:
            given.append(etag)
            return None

    survey(Noting({}), {"cs.AI": Batch("cs.AI", etag='"a"')}, ["cs.AI", "cs.CL"])
    assert given == ['"a"', ""]


def test_a_category_that_fails_is_named_and_the_others_come() -> None:
    feeds = Feeds(dict.fromkeys(CATEGORIES, NEW) | {"cs.CL": TemporaryError("busy"), "cs.CV": PermanentError("no such feed")})
    found = survey(feeds, {}, CATEGORIES)
    assert found.problems == ("feed of cs.CL: busy", "feed of cs.CV: no such feed")
    assert set(found.shown) == set(CATEGORIES) - {"cs.CL", "cs.CV"}


def test_an_outage_ends_the_asking() -> None:
    feeds = Feeds({"cs.AI": NEW} | dict.fromkeys(CATEGORIES[1:], TemporaryError("busy")))
    assert len(survey(feeds, {}, CATEGORIES).problems) == MOST_FAILURES
    unreachable = Feeds(dict.fromkeys(CATEGORIES, UnreachableError("no connection")))
    assert len(survey(unreachable, {}, CATEGORIES).problems) == 1


def test_a_feed_as_long_as_arxiv_allows_is_told_about() -> None:
    long = Shown(tuple(item(number) for number in range(1, MOST_ROWS + 1)))
    (note,) = survey(Feeds({"cs.LG": long}), {}, ["cs.LG"]).notes
    assert "cs.LG" in note
