"""An operator marks papers: it counts at once, lasts, goes out and in as a file, and is learned from; topics of their own too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from newsletter.bootstrap import Services
from newsletter.daily import ingest, learn_topics, topic_marks
from newsletter.daily.learn_topics import Learned
from newsletter.daily.own_files import Change
from newsletter.errors import InputError, SettingsError, TemporaryError
from newsletter.papers.store import papers as papers_store
from newsletter.topics.catalogue import parse
from newsletter.topics.marks import read_marks, to_csv
from newsletter.values.papers import Paper
from tests.topics.learned.records import judged, kite_paper, tide_paper

NOW = dt.datetime(2026, 6, 29, 9, tzinfo=dt.UTC)
TOPIC = "- slug: {0}\n  names: {{en: {0}, zh-CN: {0}, zh-TW: {0}, ja: {0}}}\n  means: Of {0}.\n  categories: [cs.CV]\n"
KITES = TOPIC.format("kites") + "  strong: [kite festival]\n"
TIDES = TOPIC.format("tides") + "  strong: [tidal range]\n"


@pytest.fixture
def services(sqlite_url: str, make_services: Callable[..., Services]) -> Services:
    services = make_services(sqlite_url)
    use(services, KITES + TIDES)
    return services


def use(services: Services, catalogue: str) -> tuple[Change, Learned | None]:
    given = catalogue.encode()
    return learn_topics.take_catalogue(services, given, where="own", who="", note="", now=NOW, records=judged())


def put(services: Services, *papers: Paper) -> None:
    ingest.store_batch(services, papers, now=NOW)


def under(services: Services, ref: str) -> dict[str, str]:
    """The reasons of the catalogue's topics that a stored paper is under; it is under its categories whatever is said."""
    with services.database.reading() as session:
        paper = papers_store.papers_by_refs(session, [ref])[ref]
        found = {one.topic: one.reason for one in papers_store.matches_of(session, [paper.id]).get(paper.id, ())}
    assert found.keys() >= {"cs.CV", "cs"}
    return {topic: reason for topic, reason in found.items() if topic not in ("cs.CV", "cs")}


def say(services: Services, ref: str, topic: str, is_right: bool | None) -> None:
    topic_marks.mark(services, ref, topic, is_right=is_right, who="anna", now=NOW)


def test_a_mark_counts_for_its_paper_at_once_through_new_versions_and_catalogues_until_it_is_taken_back(
    services: Services,
) -> None:
    festival = replace(tide_paper(1), title="A kite festival")
    put(services, festival)
    assert under(services, festival.ref) == {"kites": "title: kite festival"}
    say(services, f"https://arxiv.org/abs/{festival.ref}v1", "kites", is_right=False)
    say(services, festival.ref, "tides", is_right=True)
    assert under(services, festival.ref) == {"tides": ""}
    put(services, replace(festival, version=2, title="A kite festival by the sea"))
    use(services, KITES + TIDES.replace("tidal range", "ebb"))
    assert under(services, festival.ref) == {"tides": ""}
    say(services, festival.ref, "kites", is_right=None)
    assert under(services, festival.ref) == {"kites": "title: kite festival", "tides": ""}
    use(services, KITES)
    assert under(services, festival.ref).keys() == {"kites"}, "a topic that is gone brings nothing"


@pytest.mark.parametrize(
    ("ref", "topic", "is_right", "told"),
    [
        ("2607.99999", "kites", True, "2607.99999 is not among the stored papers"),
        ("no id", "kites", True, "'no id' is not an arXiv id"),
        ("2607.00001", "kitez", False, "there is no topic 'kitez'"),
        ("2607.00001", "cs.CV", False, "cs.CV is a category"),
        ("2607.00001", "kites", None, "2607.00001 has no mark under 'kites'"),
    ],
)
def test_what_cannot_be_marked_is_told(services: Services, ref: str, topic: str, is_right: bool | None, told: str) -> None:
    put(services, tide_paper(1))
    with pytest.raises(InputError, match=told):
        say(services, ref, topic, is_right)


def test_of_several_marks_with_one_at_fault_none_is_taken(services: Services) -> None:
    put(services, tide_paper(1))
    with pytest.raises(InputError, match="there is no topic 'kitez'"):
        topic_marks.mark_all(services, [("2607.00001", "tides", True), ("2607.00001", "kitez", True)], who="", now=NOW)
    assert topic_marks.marks(services) == []


def test_marks_go_out_as_csv_and_come_in_again(services: Services, tmp_path: Path) -> None:
    put(services, tide_paper(1), kite_paper(2))
    say(services, "2607.00001", "kites", is_right=False)
    say(services, "2607.00002", "kites", is_right=True)
    text = to_csv(topic_marks.marks(services))
    assert text.splitlines()[:2] == ["paper,topic,mark,who,at", "2607.00001,kites,wrong,anna,2026-06-29T09:00:00+00:00"]
    path = tmp_path / "marks.csv"
    path.write_text("\ufeff" + text.replace("\n", "\r\n"))
    given = read_marks(path)
    say(services, "2607.00002", "kites", is_right=None)
    assert topic_marks.mark_all(services, given, who="bert", now=NOW) == 2
    assert {(one.ref, one.is_right, one.who) for one in topic_marks.marks(services)} == {
        ("2607.00001", False, "bert"),
        ("2607.00002", True, "bert"),
    }


@pytest.mark.parametrize("line", ["2607.1,kites", "2607.1,kites,right", "2607.1,,wrong", ",kites,wrong"])
def test_a_line_that_is_no_mark_is_refused_with_its_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "marks.csv"
    path.write_text(f"paper,topic,mark\n2607.1,kites,wrong\n\n{line}\n")
    with pytest.raises(InputError, match=r"marks.csv, line 4: write a paper's id, a comma"):
        read_marks(path)


def test_training_learns_from_marks_and_shows_before_and_after_on_the_same_papers(services: Services) -> None:
    papers = [kite_paper(number, "moored by a pier") for number in range(1, 13)]
    put(services, *papers)
    for one in papers:
        say(services, one.ref, "tides", is_right=True)
    first = learn_topics.learn(services, records=judged())
    (before, after) = next((before, after) for topic, before, after in first.compared if topic == "tides")
    assert before is not None
    assert before.right + before.missed == after.right + after.missed == 24
    assert (before.recall or 0) < 0.7 < (after.recall or 0)
    learn_topics.take_over(services, first, who="anna", now=NOW)
    again = learn_topics.learn(services, records=judged())
    assert again.compared == tuple((topic, after, after) for topic, _, after in first.compared), "nothing is new since"


def examples(count: int, *, phrases: str = "") -> str:
    ids = ", ".join(f"2607.{number:05}" for number in range(1, count + 1))
    return KITES + TIDES + TOPIC.format("piers") + f"  examples: [{ids}]\n{phrases}"


def test_a_topic_of_ones_own_is_learned_from_fifteen_examples_when_it_comes(services: Services) -> None:
    put(services, *(tide_paper(number, "moored by wooden piles of a jetty") for number in range(1, 16)))
    unseen = replace(tide_paper(40, "a jetty on wooden piles"), ref="2607.00040")
    put(services, unseen)
    change, learned = use(services, examples(15))
    assert learned is not None
    assert change.matched == 16
    (score,) = (after for topic, _, after in learned.compared if topic == "piers")
    assert (score.right + score.missed, (score.recall or 0) > 0.8) == (15, True)
    assert under(services, unseen.ref).keys() == {"piers"}


@pytest.mark.parametrize(("count", "phrases"), [(14, ""), (0, ""), (3, "  weak: [jetty]\n")])
def test_fewer_examples_without_phrases_are_refused_in_a_line(services: Services, count: int, phrases: str) -> None:
    with pytest.raises(SettingsError, match=r"^own: entry 3 \(piers\) has [^\n]+$"):
        parse(examples(count, phrases=phrases).encode(), "own")


def test_examples_are_named_as_people_write_them_and_each_once() -> None:
    ids = "[2607.00010, 'arXiv:2607.00011v2', https://arxiv.org/abs/2607.00012, 0704.0010]"
    (topic,) = parse((KITES + f"  examples: {ids}\n").encode(), "own").topics
    assert topic.examples == ("2607.00010", "2607.00011", "2607.00012", "0704.0010")
    for wrong, told in (
        ("[2607.00010, 2607.00010v1]", "names 2607.00010 twice"),
        ("[x]", "not an arXiv id"),
        ("x", "write a list"),
    ):
        with pytest.raises(SettingsError, match=told):
            parse((KITES + f"  examples: {wrong}\n").encode(), "own")


def test_examples_that_are_not_here_and_cannot_be_had_change_nothing(services: Services) -> None:
    before = services.catalogue
    with pytest.raises(TemporaryError):
        use(services, examples(15))
    assert services.catalogue is before
