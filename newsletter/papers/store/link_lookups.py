"""Look-ups of links: claimed before the service is asked, so that all machines together stay under its limit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from newsletter.db import dialect_insert, take_numbers
from newsletter.tables.papers import LinkLookupRow, PaperLinkRow, PaperRow
from newsletter.values.batches import batches
from newsletter.values.papers import LinkKind, PaperLink

# A paper's code appears within days of its announcement, or late enough that no digest shows it any more.
LOOKED_UP_FOR = dt.timedelta(days=7)
LOOKED_UP_AGAIN = dt.timedelta(hours=20)


def claim(session: Session, wanted: Sequence[int], *, most: int, window: dt.timedelta, now: dt.datetime) -> dict[str, int]:
    """Up to ``most`` papers to look up within a ``window``, id by ref: those of ``wanted`` (ids) first, then earlier ones again.

    Only papers of the last week without a code link, each at most once a day. They count as looked up from here on; what was
    not asked in the end is given back by ``release``.
    """
    take_numbers(session, "link lookup", 0)  # the lock: two machines do not claim the same papers
    used = session.execute(select(func.count()).where(LinkLookupRow.looked_at > now - window)).scalar_one()
    refs = _lacking(session, now=now)
    again = session.execute(select(LinkLookupRow.paper_id).order_by(LinkLookupRow.looked_at)).scalars()
    chosen = [paper_id for paper_id in dict.fromkeys([*wanted, *again]) if paper_id in refs][: max(0, most - used)]
    _mark(session, chosen, now=now)
    return {refs[paper_id]: paper_id for paper_id in chosen}


def _lacking(session: Session, *, now: dt.datetime) -> dict[int, str]:
    """The papers of the last week, ref by id, that have no code link and were not looked up today."""
    with_code = select(PaperLinkRow.paper_id).where(PaperLinkRow.kind == LinkKind.CODE.value)
    today = select(LinkLookupRow.paper_id).where(LinkLookupRow.looked_at > now - LOOKED_UP_AGAIN)
    young = PaperRow.announced_on >= now.date() - LOOKED_UP_FOR
    statement = select(PaperRow.id, PaperRow.ref).where(
        young, PaperRow.source == "arxiv", PaperRow.id.not_in(with_code), PaperRow.id.not_in(today)
    )
    return {row.id: row.ref for row in session.execute(statement)}


def _mark(session: Session, paper_ids: Iterable[int], *, now: dt.datetime) -> None:
    rows = [{"paper_id": paper_id, "looked_at": now} for paper_id in paper_ids]
    if rows:
        statement = dialect_insert(session, LinkLookupRow)
        session.execute(
            statement.on_conflict_do_update(index_elements=["paper_id"], set_={"looked_at": statement.excluded.looked_at}), rows
        )


def release(session: Session, paper_ids: Collection[int]) -> None:
    """Takes back the claim on papers that were not asked for: they are wanted as before."""
    for ids in batches(paper_ids):
        session.execute(delete(LinkLookupRow).where(LinkLookupRow.paper_id.in_(ids)))


def add_links(session: Session, links: Mapping[int, Iterable[PaperLink]]) -> int:
    """Adds these links to the papers (by id) that are still there and lack them; gives how many were added."""
    present = set(session.execute(select(PaperRow.id).where(PaperRow.id.in_(links))).scalars()) if links else set()
    there = select(PaperLinkRow.paper_id, PaperLinkRow.url).where(PaperLinkRow.paper_id.in_(present))
    known = {(paper_id, url.lower()) for paper_id, url in session.execute(there)}
    rows = [
        {"paper_id": paper_id, "url": link.url, "kind": link.kind.value, "source": link.source}
        for paper_id in present
        for link in links[paper_id]
        if (paper_id, link.url.lower()) not in known
    ]
    if rows:
        session.execute(insert(PaperLinkRow), rows)
    return len(rows)
