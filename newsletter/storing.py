"""Storing papers with their links and matches, and the samples that stand in before there are any.

It asks no source; samples and real papers never stand together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from newsletter.db import take_numbers
from newsletter.mail import store as mail_store
from newsletter.papers import store as papers_store
from newsletter.papers.links import links_in
from newsletter.papers.sample import sample_day
from newsletter.subscribers import store as subscribers_store
from newsletter.translation import store as translation_store
from newsletter.values import Match, Paper

if TYPE_CHECKING:
    from newsletter.bootstrap import Services


def store_batch(services: Services, papers: Sequence[Paper], *, now: dt.datetime) -> papers_store.StoreCount:
    """Enriches, matches and stores real papers in one transaction; sample papers go when the first real ones come."""
    matched = matched_papers(services, papers)
    with services.database.transaction() as session:
        return store_matched(session, matched, now=now)


def matched_papers(services: Services, papers: Sequence[Paper]) -> list[tuple[Paper, Sequence[Match]]]:
    """The papers with the links in their own texts, each with its matches."""
    linked = [replace(paper, links=links_in(paper.comment, paper.abstract)) for paper in papers]
    return [(paper, services.matcher.match(paper)) for paper in linked]


def store_matched(
    session: Session, matched: Sequence[tuple[Paper, Sequence[Match]]], *, now: dt.datetime
) -> papers_store.StoreCount:
    """Stores real papers in the caller's transaction; sample papers go, and readers of them begin anew."""
    take_numbers(session, "paper", 0)  # the lock: no sample can come in between
    if matched and papers_store.remove_samples(session):
        mail_store.forget_digests(session)
        subscribers_store.forget_cursors(session)
    return papers_store.store_papers(session, matched, now=now)


def load_samples(services: Services, *, now: dt.datetime) -> int:
    """Loads the bundled sample day into a store that holds no paper at all; gives how many were loaded."""
    samples = sample_day(now.date())
    matched = [(sample.paper, services.matcher.match(sample.paper)) for sample in samples]
    with services.database.transaction() as session:
        take_numbers(session, "paper", 0)  # the lock: no real paper can come in between
        if papers_store.has_papers(session, sample=False) or papers_store.has_papers(session, sample=True):
            return 0
        papers_store.store_papers(session, matched, now=now)
        stored = {sample.paper.ref: papers_store.paper_by_ref(session, sample.paper.ref) for sample in samples}
        accepted = [
            translation_store.Accepted(
                paper.id, paper.version, field, language, translation_store.source_hash(_text(paper, field)), text, "sample"
            )
            for sample in samples
            if (paper := stored[sample.paper.ref]) is not None
            for language, field, text in sample.translations
        ]
        translation_store.save(session, accepted, now=now)
    return len(samples)


def _text(paper: Paper, field: str) -> str:
    return paper.title if field == "title" else paper.abstract
