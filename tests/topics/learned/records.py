"""Made-up judged papers, small enough to learn from in a moment."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from newsletter.topics.evaluation import Judgement
from newsletter.topics.learned.records import JudgedPapers
from newsletter.values.papers import Paper
from tests.topics.making import paper

FLYING = (
    "bamboo frames in gusty weather",
    "paper sails over the beach",
    "bridle knots and long tails",
    "steering with two lines",
)
OTHERS = ("tide tables of a harbour", "salt in the water column", "moon and sea level", "waves against a pier")
DAY = dt.date(2026, 6, 1)


def judged() -> JudgedPapers:
    """Twelve papers on each of two subjects, over four days, none of which has a phrase of its topic, among 96 others."""
    papers, lines = [], []
    for number in range(96):
        made = paper(f"Case {number} of zebra {number}", f"Animal {number} met animal {number + 1}.", ref=f"2605.{number:05}")
        papers.append(replace(made, announced_on=DAY + dt.timedelta(days=number // 24)))
    for number in range(24):
        slug, texts = (("kites", FLYING), ("tides", OTHERS))[number % 2]
        text = " ".join(texts[(number // 2 + step) % 4] for step in range(3))
        made = paper(f"On {texts[number // 2 % 4]}", f"We study {text}.", ref=f"2606.{number:05}")
        papers.append(replace(made, announced_on=DAY + dt.timedelta(days=number // 6)))
        lines.append(Judgement(made.ref, slug, "yes"))
    return JudgedPapers(tuple(papers), tuple(lines))


def kite_paper(number: int, more: str = "") -> Paper:
    return _of(FLYING, number, more)


def tide_paper(number: int, more: str = "") -> Paper:
    return _of(OTHERS, number, more)


def _of(texts: tuple[str, ...], number: int, more: str) -> Paper:
    abstract = f"We study {texts[number % 4]} and {texts[(number + 1) % 4]}. {more}".strip()
    return paper(f"On {more or texts[number % 4]}", abstract, ref=f"2607.{number:05}")
