"""A small announcement for the walks: papers on three topics, one of yesterday, one on something else."""

from __future__ import annotations

import datetime as dt

from newsletter.papers.calendar import announcement_day, last_announcement
from tests.papers.arxiv.fake_query_api import FakePaper, some_paper

NEW = {
    "nerf": "Neural Radiance Fields from Two Blurred Photographs",
    "3dgs": "Gaussian Splatting without Cameras: SplatPose at 90 FPS",
    "llm": "How Large Language Models Count: A Study with $n^2$ Probes",
}
OLD = "Neural Radiance Fields of Yesterday"
OTHER = "Ground States of a Frustrated Ising Chain"
ABSTRACTS = {
    "nerf": "We present a neural radiance field that learns view synthesis from two photographs. It trains in 40 seconds.",
    "3dgs": "Gaussian splatting needs camera poses. We remove this need. Code is at https://github.com/example/splatpose.",
    "llm": "We ask large language models to count tokens. The error grows with $n^2$ for GPT-4o and falls with longer prompts.",
}


def announced(now: dt.datetime) -> list[FakePaper]:
    """The papers as arXiv would serve them at ``now``: three of the newest announcement, one of the one before, one of no topic."""
    newest = last_announcement(now)
    today = _submitted_for(newest, now)
    before = today
    while announcement_day(before) == newest:  # a holiday makes one announcement of two days
        before -= dt.timedelta(hours=1)
    papers = [
        some_paper(
            number, submitted=today + dt.timedelta(minutes=number), title=title, abstract=ABSTRACTS[slug], categories=_field(slug)
        )
        for number, (slug, title) in enumerate(NEW.items(), 1)
    ]
    papers.append(
        some_paper(8, submitted=today, title=OTHER, abstract="We compute the ground state.", categories=("cond-mat.str-el",))
    )
    papers.append(some_paper(9, submitted=before, title=OLD, abstract=ABSTRACTS["nerf"], categories=("cs.CV",)))
    return papers


def of_a_category(now: dt.datetime) -> list[FakePaper]:
    """Papers of the newest announcement in a category that no topic of the catalogue names."""
    today = _submitted_for(last_announcement(now), now)
    return [
        some_paper(number, submitted=today, title=title, abstract="We prove it.", categories=("math.AG",))
        for number, title in enumerate(("Moduli of Curves on a Quartic", "Sheaves over Abelian Threefolds"), 20)
    ]


def _field(slug: str) -> tuple[str, ...]:
    return ("cs.CL", "cs.AI") if slug == "llm" else ("cs.CV", "cs.GR")


def _submitted_for(day: dt.date, now: dt.datetime) -> dt.datetime:
    """A time of submission whose announcement bears ``day``."""
    moment = now.replace(minute=0, second=0, microsecond=0)
    while announcement_day(moment) != day:
        moment -= dt.timedelta(hours=1)
    return moment - dt.timedelta(hours=2)
