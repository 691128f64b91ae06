"""What is wrong with the installation now, as the database and the disk tell it. Changes nothing, tells nobody."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy.orm import Session

from newsletter.daily.refusals import held
from newsletter.mail.store import health as mail_health
from newsletter.operating import heartbeats, state
from newsletter.operating.heartbeats import Beat, Part
from newsletter.papers import alarms as paper_alarms
from newsletter.settings import Settings
from newsletter.subscribers.bounce_alarms import bounce_alarms
from newsletter.translation.store import usage

# A digest that nobody has tried an hour after it was due is late; a stage that runs for two hours hangs.
LATE, HANGS = dt.timedelta(hours=1), dt.timedelta(hours=2)
LEAST_ROOM = 0.1
# Of so many mails that ended in two days at least, this share was refused for good.
REFUSED_SHARE, REFUSED_LEAST = 0.05, 20


class Kind(StrEnum):
    """What can be wrong; an alarm stands for each."""

    DIGESTS_LATE = "digests_late"
    NOTHING_ANNOUNCED = "nothing_announced"
    FETCH = "fetch"
    SCHEDULER_SILENT = "scheduler_silent"
    WORKER_SILENT = "worker_silent"
    STAGE_HANGS = "stage_hangs"
    STAGE_FAILS = "stage_fails"
    DISK = "disk"
    ENGINE_OUT = "engine_out"
    BOUNCES = "bounces"
    COMPLAINTS = "complaints"
    SENDING_HELD = "sending_held"
    OWN_FILES = "own_files"


@dataclass(frozen=True, slots=True)
class Trouble:
    """``words`` say in one line what is wrong, ``mend`` what to do."""

    kind: Kind
    words: str
    mend: str


def troubles(session: Session, settings: Settings, *, now: dt.datetime) -> list[Trouble]:
    """All that is wrong at ``now``, at most one of a kind."""
    beats = heartbeats.beats(session)
    checks = (
        _late(session, now=now), _papers(session, now=now), _processes(beats, now=now), _stages(beats, now=now),
        _disk(settings.data_dir), _engines(session, settings, now=now), _refused(session, now=now), _back(session, now=now),
        _held(session, now=now),
    )  # fmt: skip
    return list({trouble.kind: trouble for check in checks for trouble in check}.values())


def unreadable(problems: Sequence[str]) -> list[Trouble]:
    """The trouble of own files that cannot be read, as ``daily.own_files.problems`` tells of them."""
    mend = "`newsletter catalogue undo` goes back, `newsletter topics import` or `glossary import` brings a good one"
    return [Trouble(Kind.OWN_FILES, problems[0], mend)] if problems else []


def _late(session: Session, *, now: dt.datetime) -> Iterator[Trouble]:
    if state.paused(session):
        return  # by an operator's will
    since = mail_health.oldest_due(session)
    if since is not None and now - since > LATE:
        words = f"mails wait to be sent since {since:%Y-%m-%d %H:%M} UTC, and none was tried"
        yield Trouble(Kind.DIGESTS_LATE, words, "see `newsletter doctor`: workers, Redis and the mail server")


def _papers(session: Session, *, now: dt.datetime) -> Iterator[Trouble]:
    for alarm in paper_alarms.alarms(session, now=now):
        if alarm.kind is paper_alarms.Kind.SMALL:
            continue  # a quiet day is no trouble, and cannot be mended
        kind = Kind.NOTHING_ANNOUNCED if alarm.kind is paper_alarms.Kind.MISSING else Kind.FETCH
        yield Trouble(kind, alarm.words, "`newsletter fetch` tries again and says what comes")


def _processes(beats: Sequence[Beat], *, now: dt.datetime) -> Iterator[Trouble]:
    kinds = {Part.SCHEDULER: Kind.SCHEDULER_SILENT, Part.WORKER: Kind.WORKER_SILENT}
    for silence in heartbeats.silences(beats, now=now):
        yield Trouble(kinds[silence.part], silence.words, f"start the {silence.part} again; its log may tell why it ended")


def _stages(beats: Sequence[Beat], *, now: dt.datetime) -> Iterator[Trouble]:
    """Stages that hang or failed; a drain of a long queue may take hours, and of a failing fetch its record tells."""
    stages = [beat for beat in beats if beat.part is Part.STAGE]
    for beat in stages:
        running = beat.ended_at is None or beat.ended_at < beat.began_at
        if running and beat.name != heartbeats.Stage.SEND and now - beat.began_at > HANGS:
            words = f"the stage {beat.name} runs since {beat.began_at:%Y-%m-%d %H:%M} UTC, and does not end"
            yield Trouble(Kind.STAGE_HANGS, words, "restart the workers; their log may tell what it waits for")
        if beat.problem and not running and beat.name not in (heartbeats.Stage.FETCH, heartbeats.Stage.SEND):
            words = f"the stage {beat.name} failed: {beat.problem}"
            yield Trouble(Kind.STAGE_FAILS, words, "it is tried again by itself; the log may tell more")


def _disk(folder: Path) -> Iterator[Trouble]:
    usage_of = shutil.disk_usage(folder)
    if usage_of.free < LEAST_ROOM * usage_of.total:
        words = f"the disk of {folder} has {usage_of.free // 1_000_000} MB left of {usage_of.total // 1_000_000}"
        yield Trouble(Kind.DISK, words, "make room, or move DATA_DIR to another disk")


def _engines(session: Session, settings: Settings, *, now: dt.datetime) -> Iterator[Trouble]:
    """An engine that failed today and yesterday, and translated nothing."""
    days = [usage.totals(session, since=day) for day in ((now - dt.timedelta(days=1)).date(), now.date())]
    whole, today = days
    for engine in settings.engines.order:
        failed = sum(count for (name, what), count in whole.items() if name == engine and what.startswith("failed"))
        failed_today = sum(count for (name, what), count in today.items() if name == engine and what.startswith("failed"))
        if failed > failed_today > 0 and not whole.get((engine, "accepted")):
            words = f"the engine {engine} has translated nothing since yesterday, and failed {failed} times"
            yield Trouble(Kind.ENGINE_OUT, words, "check its key, its quota and its URL; see `newsletter doctor`")
            return


def _refused(session: Session, *, now: dt.datetime) -> Iterator[Trouble]:
    since = (now - dt.timedelta(days=1)).date()
    failed, all_of_them = mail_health.refused_share(session, since=since, share=REFUSED_SHARE)
    if all_of_them >= REFUSED_LEAST and failed >= REFUSED_SHARE * all_of_them:
        words = f"{failed} of {all_of_them} digests since yesterday were refused for good"
        yield Trouble(Kind.BOUNCES, words, "see `newsletter deliveries --state failed`: providers block whoever goes on")


def _back(session: Session, *, now: dt.datetime) -> Iterator[Trouble]:
    """Too much of the week's mail came back, or was complained about."""
    for alarm in bounce_alarms(session, now=now):
        kind = Kind.COMPLAINTS if alarm.kind is paper_alarms.Kind.COMPLAINTS else Kind.BOUNCES
        yield Trouble(kind, alarm.words, "find what they have in common: a domain, a list that was imported")


def _held(session: Session, *, now: dt.datetime) -> Iterator[Trouble]:
    if reason := held(session, now=now):
        yield Trouble(Kind.SENDING_HELD, reason, "mend it there; it is tried again by itself")
