"""The machine: room on its disks, Redis as a place that keeps wake-ups, the processes that should be at work, its clock."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path

from newsletter.operating import heartbeats
from newsletter.operating.doctor.findings import Finding, fail, ok, warn
from newsletter.operating.heartbeats import Beat, Part
from newsletter.settings.data_folder import OTHERS

# Below the first no mail leaves soon, for nothing can be written down; below either of the others it is time to make room.
LEAST_BYTES, LITTLE_BYTES, LITTLE_SHARE = 50_000_000, 500_000_000, 0.1
PROBE_BYTES = 1_000_000
# https://www.rfc-editor.org/rfc/rfc6376#section-3.5: signatures from the future are refused by some.
CLOCK_OFF = dt.timedelta(minutes=2)
ROOM = "make room on the disk, or move DATA_DIR to another one"


def disks(folders: Sequence[Path]) -> Iterator[Finding]:
    """The room on the disk of each of ``folders``, each disk once, and whether a file can be written at all."""
    seen: set[int] = set()
    for folder in folders:
        device = folder.stat().st_dev
        if device not in seen:
            seen.add(device)
            yield disk(folder)


def privacy(folder: Path) -> Iterator[Finding]:
    """Whether other users of the machine can open DATA_DIR, or what lies right in it: a start closes it where it can."""
    found = [path for path in (folder, *sorted(folder.iterdir())) if not path.is_symlink() and path.stat().st_mode & OTHERS]
    # Nobody gets at what lies in a folder that is closed to them.
    if not found or folder not in found:
        yield ok(f"rights of {folder}", "closed to other users")
        return
    named = ", ".join(path.name or str(path) for path in found[:3])
    words = f"open to other users of this machine ({named}{', …' if len(found) > 3 else ''})"
    yield fail(f"rights of {folder}", words, f"chmod -R go= {folder}, and have it belong to the user that the service runs as")


def disk(folder: Path) -> Finding:
    """The room where ``folder`` is."""
    what = f"disk of {folder}"
    usage = shutil.disk_usage(folder)
    told = f"{usage.free // 1_000_000} MB free of {usage.total // 1_000_000}"
    if problem := _unwritable(folder):
        return fail(what, f"nothing can be written ({problem}), {told}", ROOM)
    if usage.free < LEAST_BYTES:
        return fail(what, told, ROOM)
    if usage.free < LITTLE_BYTES or usage.free < LITTLE_SHARE * usage.total:
        return warn(what, told, ROOM)
    return ok(what, told)


def _unwritable(folder: Path) -> str:
    """Why a megabyte cannot be written there; the file goes at once. A quota shows only in this way."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\0" * PROBE_BYTES)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return error.strerror or str(error)
    return ""


def redis(url: str, shown: str) -> Iterator[Finding]:
    """Whether Redis takes a key, and keeps it over a restart. Raises SettingsError where it does not answer."""
    from redis.exceptions import RedisError

    from newsletter.operating.redis_client import connect_redis
    from newsletter.operating.start_checks import ANSWER_SECONDS, reach_redis

    reach_redis(url)
    client = connect_redis(url, answer_seconds=ANSWER_SECONDS)
    try:
        try:
            client.set(f"newsletter:doctor:{os.getpid()}", "1", ex=10)
        except RedisError as error:
            mend = "give it memory and a disk with room, and connect to the primary, not to a read-only copy"
            yield fail("redis", f"{shown} answers but takes no wake-up ({_first(error)})", mend)
            return
        yield ok("redis", f"{shown} answers and can be written")
        try:
            yield from _kept(client.info("persistence"), client.info("memory"))
        except RedisError as error:
            yield warn("redis", f"does not tell whether it keeps anything ({_first(error)})", "allow the command INFO")
    finally:
        client.close()


def _kept(persistence: dict[str, object], memory: dict[str, object]) -> Iterator[Finding]:
    aof = bool(persistence.get("aof_enabled"))
    if persistence.get("rdb_last_bgsave_status") == "err" or persistence.get("aof_last_write_status") == "err":
        yield warn("redis", "its last attempt to save failed", "make room on its disk, and see its log")
    elif not aof and not persistence.get("rdb_last_save_time"):
        yield warn("redis", "keeps nothing over a restart", "set appendonly yes; what is lost costs a minute")
    elif not aof:
        yield warn("redis", "saves now and then only", "set appendonly yes: limits of sign-ups are lost with a restart otherwise")
    policy = memory.get("maxmemory_policy", "noeviction")
    if policy not in ("noeviction", b"noeviction"):
        yield warn("redis", f"drops wake-ups for want of memory (maxmemory-policy {policy})", "set maxmemory-policy noeviction")


def _first(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:200]


def processes(found: Sequence[Beat], *, now: dt.datetime) -> Iterator[Finding]:
    """The schedulers and workers that tell that they are at work, and the last end of each stage."""
    for part, start in ((Part.SCHEDULER, "python -m newsletter.scheduler"), (Part.WORKER, "python worker.py")):
        mend = f"start `newsletter run`, or `{start}`"
        silent = next((one for one in heartbeats.silences(found, now=now) if one.part is part), None)
        if silent:
            yield fail(f"{part}s", silent.words, mend)
        elif count := heartbeats.alive(found, part, now=now):
            yield ok(f"{part}s", f"{count} at work")
        else:
            yield warn(f"{part}s", "none has ever told that it is at work", mend)
    for beat in found:
        if beat.problem and now - beat.beat_at < dt.timedelta(days=1):
            what = f"stage {beat.name}" if beat.part is Part.STAGE else f"{beat.part} {beat.name}"
            yield warn(
                what, f"{beat.problem} ({beat.beat_at:%Y-%m-%d %H:%M} UTC)", "it is tried again by itself; its log may tell why"
            )


def clock(date_header: str, *, now: dt.datetime) -> Iterator[Finding]:
    """This machine's clock beside that of a server that has just answered (its Date header)."""
    try:
        off = now - parsedate_to_datetime(date_header).astimezone(dt.UTC)
    except (ValueError, TypeError):
        return
    if abs(off) > CLOCK_OFF:
        ahead = "ahead of" if off > dt.timedelta() else "behind"
        words = f"{abs(off).total_seconds() / 60:.0f} minutes {ahead} the server's that was asked"
        yield fail("clock", words, "set it by NTP: digests leave at wrong hours, and DKIM signatures are refused")
    else:
        yield ok("clock", "agrees with that of the server asked")
