"""Where the language model is installed, each paper gets its vector once, and is matched by what was learned of vectors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from newsletter.bootstrap import Services
from newsletter.daily import learn_topics
from newsletter.daily.own_files import undo
from newsletter.operating.own_files import MODEL
from newsletter.papers.store import papers as papers_store
from newsletter.text.language_model import SIZE
from newsletter.topics.learned.records import JudgedPapers
from newsletter.values.papers import Paper
from tests.daily.test_topic_marks import KITES, NOW, TIDES, put, under
from tests.topics.learned.records import judged, tide_paper
from tests.topics.making import paper


class Meanings:
    """Knows what a text means from words that the judged papers do not have."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def of(self, text: str) -> bytes:
        self.read.append(text)
        return vector("kites" if "drachen" in text.lower() else "tides" if "gezeiten" in text.lower() else "others")


def vector(meaning: str) -> bytes:
    numbers = np.zeros(SIZE, np.int8)
    numbers[{"kites": 0, "tides": 1, "others": 2}[meaning]] = 127
    return numbers.tobytes()


def records() -> JudgedPapers:
    known = judged()
    meanings = {one.ref: one.topic for one in known.judgements}
    papers = tuple(replace(one, vector=vector(meanings.get(one.ref, "others"))) for one in known.papers)
    return JudgedPapers(papers, known.judgements)


@pytest.fixture
def services(sqlite_url: str, make_services: Callable[..., Services]) -> Services:
    services = make_services(sqlite_url)
    services.__dict__["language_model"] = Meanings()
    given = (KITES + TIDES).encode()
    learn_topics.take_catalogue(services, given, where="own", who="", note="", now=NOW)
    learn_topics.take_over(services, learn_topics.learn(services, records=records(), finer=True), who="", now=NOW)
    return services


def foreign(number: int, title: str = "Drachen am Himmel") -> Paper:
    """A paper that by its other words is about neither topic."""
    return paper(f"{title}: case {number} of zebra {number}", f"Animal {number} met animal.", ref=f"2607.{number:05}")


def test_a_paper_is_read_once_and_matched_by_what_its_vector_says(services: Services) -> None:
    one = foreign(1)
    put(services, one, tide_paper(2))
    assert "kites" in under(services, one.ref)
    put(services, one, foreign(3, "Gezeiten"))
    assert services.language_model.read == [f"{p.title}. {p.abstract}" for p in (one, tide_paper(2), foreign(3, "Gezeiten"))]
    put(services, replace(one, version=2, title="Gezeiten am Strand"))
    assert under(services, one.ref).keys() == {"tides"}
    assert len(services.language_model.read) == 4


def test_without_the_language_model_the_ordinary_one_takes_over_and_what_was_read_is_kept(services: Services) -> None:
    one = foreign(1)
    put(services, one)
    services.__dict__["language_model"] = None
    assert services.finer_model is None
    put(services, one, foreign(2), tide_paper(3))
    assert "kites" in under(services, one.ref)
    assert not under(services, foreign(2).ref)
    assert "tides" in under(services, tide_paper(3).ref)
    with services.database.reading() as session:
        stored = papers_store.papers_by_refs(session, [one.ref, foreign(2).ref])
    assert (stored[one.ref].vector, stored[foreign(2).ref].vector) == (vector("kites"), b"")
    put(services, replace(one, version=2, abstract="Animal 7 met animal 8."))
    assert not under(services, one.ref)


def test_a_finer_model_counts_only_beside_the_one_that_it_was_learned_with(services: Services) -> None:
    assert services.finer_model is not None
    undo(services, MODEL, who="", now=NOW)
    shipped = services.finer_model
    assert shipped is not None
    assert shipped.beside == services.model.version
