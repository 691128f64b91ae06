"""Small made-up papers and topics for the tests of matching."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from newsletter.topics.catalogue import Catalogue
from newsletter.topics.matching import Matcher
from newsletter.values.papers import Paper
from newsletter.values.topics import Match, Topic
from tests.papers import paper_builder

NOON = dt.datetime(2026, 6, 26, 12, tzinfo=dt.UTC)

TREE = """
- slug: vision
  names: {en: Vision, zh-CN: 视觉, zh-TW: 視覺, ja: 視覚}
  means: A heading.
- slug: kites
  parent: vision
  names: {en: Kites, zh-CN: 风筝, zh-TW: 風箏, ja: 凧}
  means: Seeing kites.
  categories: [cs.CV, quant-ph]
  strong: [kite detection]
  weak: [wind]
"""


def paper(title: str = "", abstract: str = "", *, categories: tuple[str, ...] = ("cs.CV",), ref: str = "2606.00001") -> Paper:
    dates = {"submitted": NOON, "updated": NOON, "announced_on": NOON.date()}
    return paper_builder.paper(ref=ref, title=title, abstract=abstract, authors=("Ada Example",), categories=categories, **dates)


def topic(slug: str = "kites", **given: object) -> Topic:
    names = {"en": slug.title(), "zh-CN": "风筝", "zh-TW": "風箏", "ja": "凧"}
    return Topic(**({"slug": slug, "names": names, "categories": ("cs.CV",)} | given))  # type: ignore[arg-type]


def matcher(*topics: Topic) -> Matcher:
    return Matcher(Catalogue(topics))


def matched(found: tuple[Match, ...]) -> list[str]:
    return [match.topic for match in found]


def written(folder: Path, text: str) -> Path:
    path = folder / "topics.yaml"
    path.write_text(text, encoding="utf-8")
    return path
