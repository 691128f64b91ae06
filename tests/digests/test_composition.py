"""What a digest says of a paper: as what it was announced under the topic, and its TL;DR in the reader's language."""

from __future__ import annotations

from dataclasses import replace

import pytest

from newsletter.digests.composition import compose_entry
from newsletter.digests.selection import UPDATED
from newsletter.values.digests import Announced, Entry
from newsletter.values.topics import Match, Topic
from newsletter.values.translations import Field, Translation
from tests.papers.paper_builder import paper

VISION = Topic("vision", {"en": "Vision"}, categories=("cs.CV", "eess.IV"))
TOPICS = {"vision": VISION, "rare": Topic("rare", {"en": "Rare"})}


def composed(*categories: str, topic: str = "vision", source: str = "arxiv", **texts: str) -> Entry:
    one = replace(paper(1), categories=categories, source=source)
    translations = {Field(name): Translation(1, Field(name), "ja", text, "libre") for name, text in texts.items()}
    matches = [Match(one.ref, "vision", 1.0, "title: x")]
    return compose_entry(one, language="ja", translations=translations, matches=matches, topics=TOPICS, topic=topic)


@pytest.mark.parametrize(
    ("categories", "topic", "announced"),
    [
        (("cs.CV",), "vision", Announced.NEW),
        (("cs.CV", "cs.LG"), "vision", Announced.NEW),
        (("cs.LG", "cs.CV"), "vision", Announced.CROSS_LISTED),
        (("physics.med-ph", "eess.IV"), "vision", Announced.CROSS_LISTED),
        (("cs.LG",), "vision", Announced.NEW),
        (("cs.LG", "cs.CV"), "rare", Announced.NEW),
        (("cs.LG", "cs.CV"), "q:7", Announced.NEW),
        (("cs.LG", "cs.CV"), "", Announced.CROSS_LISTED),
        (("cs.LG", "cs.CV"), UPDATED, Announced.UPDATED),
        ((), "vision", Announced.NEW),
    ],
)
def test_a_paper_is_announced_as_what_it_is_to_the_topic(categories: tuple[str, ...], topic: str, announced: Announced) -> None:
    assert composed(*categories, topic=topic).announced is announced


def test_only_arxiv_lists_papers_across_categories() -> None:
    assert composed("cs.LG", "cs.CV", source="sample").announced is Announced.NEW


def test_a_tldr_is_shown_as_soon_as_it_is_there_whatever_else_is_translated() -> None:
    assert composed("cs.CV").tldr == ""
    told = composed("cs.CV", tldr="一文で。")
    assert (told.tldr, told.translated) == ("一文で。", False)


def summed_up(language: str, english: str, **texts: str) -> str:
    one = replace(paper(1), abstract=english)
    translations = {Field(name): Translation(1, Field(name), language, text, "libre") for name, text in texts.items()}
    return compose_entry(one, language=language, translations=translations, matches=(), topics=TOPICS).tldr


def test_an_english_reader_is_given_the_authors_sentence_and_another_one_its_translation() -> None:
    abstract = "Rooms are dark. We present a lamp. It is small."
    assert summed_up("en", abstract) == "We present a lamp."
    assert summed_up("ja", abstract) == ""
    assert summed_up("ja", abstract, tldr="ランプを示す。") == "ランプを示す。"


def test_an_abstract_of_one_sentence_is_its_own_summary() -> None:
    assert summed_up("ja", "We present a lamp.", abstract="ランプ。") == "ランプ。"
    assert summed_up("en", "We present a lamp.") == "We present a lamp."


def test_an_imported_abstract_stands_alone_under_the_title_as_it_was() -> None:
    one = paper(1)
    for engine, translated in (("imported", True), ("libre", False)):
        texts = {Field.ABSTRACT: Translation(1, Field.ABSTRACT, "ja", "訳", engine)}
        entry = compose_entry(one, language="ja", translations=texts, matches=[], topics=TOPICS)
        assert (entry.title, entry.translated, entry.engine) == (one.title, translated, engine)
