"""The SMTP matrix: each answer at each stage, and the state that the table in docs/delivery.md says."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from chaos.oracle import Verdict
from chaos.place import ROOT, build, now, settings_of
from chaos.sink import DROP, GARBAGE, SILENCE, Script, Sink, obliging
from newsletter.bootstrap import Services
from newsletter.daily import send
from newsletter.mail.deliveries import PlannedDigest
from newsletter.mail.smtp.replies import Stage
from newsletter.mail.smtp.transaction import STAGE_TIMEOUTS
from newsletter.mail.store import ledger, refusing_domains
from newsletter.operating import state
from newsletter.subscribers import import_export
from newsletter.subscribers.store import subscribers as subscribers_store

ANSWERS = {"drop": DROP, "time-out": SILENCE, "garbage": GARBAGE}
# How long a server is waited for where it is meant to be silent, and nowhere else: an answer may be slow.
SILENT_SECONDS = 0.4


def table() -> dict[tuple[str, str], str]:
    """(stage, answer) -> state, as the document says."""
    rows = re.findall(r"^\| (.+) \|$", (ROOT / "docs" / "delivery.md").read_text(encoding="utf-8"), re.M)
    cells = [[cell.strip() for cell in row.split("|")] for row in rows]
    head = next(row for row in cells if row[0] == "stage")
    body = [row for row in cells if row[0] in ("connect", "EHLO", "MAIL", "RCPT", "DATA", "dot")]
    return {(row[0], answer): state for row in body for answer, state in zip(head[1:], row[1:], strict=True)}


def run(*, cells: int) -> Verdict:
    """Tries ``cells`` of the table's cells, spread over it (0: all)."""
    verdict, wanted = Verdict(), table()
    tried = list(wanted)[:: max(1, len(wanted) // cells)] if cells else list(wanted)
    wrong = []
    with tempfile.TemporaryDirectory(prefix="nl-chaos-") as name, Sink(Path(name) / "journal.jsonl") as sink:
        services = build(settings_of(Path(name)) | {"SMTP_URL": sink.url})
        for number, (stage, answer) in enumerate(tried):
            sink.script = _at(stage.lower(), answer)
            found = _state_after(services, f"r{number}@example.org", sink, _timeouts(stage.lower(), answer))
            if found != wanted[stage, answer]:
                wrong.append(f"{stage} {answer}: {found} instead of {wanted[stage, answer]}")
        services.database.close()
    unknown = sum(wanted[cell] == "unknown" for cell in tried)
    verdict.tell(f"{len(tried) - len(wrong)} of {len(tried)} cells of the table are true", broken=not tried)
    verdict.tell(f"unknown {unknown}")
    for one in wrong:
        verdict.tell(one, broken=True)
    return verdict


def _at(stage: str, answer: str) -> Script:
    said = ANSWERS.get(answer, f"{answer} said by the matrix")
    return lambda step, _: said if step == stage else None


def _timeouts(stage: str, answer: str) -> Mapping[Stage, float]:
    if ANSWERS.get(answer) != SILENCE:
        return STAGE_TIMEOUTS
    return {**STAGE_TIMEOUTS, Stage.CONNECT if stage == "ehlo" else Stage(stage): SILENT_SECONDS}


def _state_after(services: Services, email: str, sink: Sink, timeouts: Mapping[Stage, float]) -> str:
    moment = now()
    rows = ["email,topics,language,timezone,hour,status\n", f"{email},3d,en,UTC,0,confirmed\n"]
    known = services.catalogue.by_slug.keys()
    import_export.import_csv(services, rows, consent="made up for the fire suite", known=known, now=moment)
    with services.database.transaction() as session:
        state.resume(session, now=moment)
        refusing_domains.forget(session)
        subscriber = found.id if (found := subscribers_store.subscriber_by_key(session, email)) else 0
        digest = PlannedDigest(subscriber, moment.date().isoformat(), {"papers": [], "more": 0}, None)
        ledger.plan_digests(session, [digest], priority=2, domain="example.org", now=moment)
    send.drain(services, now=lambda: moment, timeouts=timeouts)
    sink.script = obliging
    with services.database.reading() as session:
        return str(ledger.deliveries(session, subscriber_id=subscriber)[0].state)
