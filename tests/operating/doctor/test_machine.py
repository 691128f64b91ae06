"""Disks, Redis, processes, pages from outside and the clock, each broken and seen."""

from __future__ import annotations

import datetime as dt
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from pathlib import Path

import pytest
from redis import Redis
from werkzeug.serving import make_server

from newsletter.errors import PermanentError
from newsletter.operating.doctor import machine, outside
from newsletter.operating.doctor.findings import Finding, ok, survived
from newsletter.operating.heartbeats import Beat, Part
from newsletter.web import create_app
from tests.factories import NOW
from tests.services import SECRET, services_over


def test_a_data_folder_that_others_can_open_is_a_failure_with_its_mend(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.mkdir(mode=0o700)
    (folder / "newsletter.db").touch(mode=0o644)
    assert [one.level for one in machine.privacy(folder)] == ["OK"]
    folder.chmod(0o750)
    (finding,) = machine.privacy(folder)
    assert finding.level == "FAIL"
    assert "newsletter.db" in finding.words
    assert "chmod" in finding.mend


def test_a_disk_that_takes_no_byte_is_a_failure(tmp_path: Path) -> None:
    assert machine.disk(tmp_path).level in ("OK", "WARN")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        finding = machine.disk(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (finding.level, "nothing can be written" in finding.words, bool(finding.mend)) == ("FAIL", True, True)


def test_redis_that_keeps_nothing_or_takes_nothing_is_told(redis_url: str) -> None:
    first, second = machine.redis(redis_url, "redis")
    assert (first.level, second.level) == ("OK", "WARN")
    assert "appendonly" in second.mend
    client = Redis.from_url(redis_url)
    client.config_set("appendonly", "yes")
    client.config_set("maxmemory-policy", "allkeys-lru")
    assert [finding.level for finding in machine.redis(redis_url, "redis")] == ["OK", "WARN"]
    client.config_set("maxmemory-policy", "noeviction")
    assert [finding.level for finding in machine.redis(redis_url, "redis")] == ["OK"]
    client.config_set("maxmemory", "1")
    [full] = machine.redis(redis_url, "redis")
    assert (full.level, "takes no wake-up" in full.words) == ("FAIL", True)
    client.close()


def test_processes_that_fell_silent_and_stages_that_failed_are_told() -> None:
    assert [finding.level for finding in machine.processes([], now=NOW)] == ["WARN", "WARN"]
    beats = [
        Beat(Part.SCHEDULER, "a:1", NOW, NOW),
        Beat(Part.WORKER, "a:2", NOW, NOW - dt.timedelta(hours=1)),
        Beat(Part.STAGE, "fetch", NOW, NOW, NOW, 1.0, "arXiv is out of reach"),
    ]
    told = [(finding.level, finding.what) for finding in machine.processes(beats, now=NOW)]
    assert told == [("OK", "schedulers"), ("FAIL", "workers"), ("WARN", "stage fetch")]


def test_a_clock_that_is_off_is_told() -> None:
    [good], [bad] = (
        list(machine.clock(format_datetime(NOW), now=NOW + off)) for off in (dt.timedelta(), dt.timedelta(minutes=7))
    )
    assert (good.level, bad.level) == ("OK", "FAIL")
    assert "7 minutes ahead" in bad.words


@contextmanager
def served(folder: Path, url: str, **environ: str) -> Iterator[str]:
    services = services_over(url, folder, **environ)
    server = make_server("127.0.0.1", 0, create_app(services), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    services.database.close()


@pytest.mark.parametrize(("hops", "level"), [("0", "OK"), ("1", "WARN")])
def test_the_pages_are_asked_through_base_url_and_tell_how_many_proxies_there_are(
    sqlite_url: str, tmp_path: Path, hops: str, level: str
) -> None:
    now = dt.datetime.now(dt.UTC)
    with served(tmp_path, sqlite_url, PROXY_HOPS=hops) as base:
        [finding] = outside.examine(base, SECRET, now=now)
        assert finding.level == level
        assert level == "OK" or "PROXY_HOPS=0" in finding.mend
        [other] = outside.examine(base, "another secret of the same length", now=now)
        assert "does not lead here" in other.words
        [old] = outside.examine(base, SECRET, now=now - dt.timedelta(hours=1))
        assert "does not lead here" in old.words


def test_a_base_url_that_no_name_server_knows_is_a_failure() -> None:
    [finding] = outside.examine("https://papers.invalid", SECRET, now=NOW)
    assert (finding.level, "not known in DNS" in finding.words) == ("FAIL", True)


@pytest.mark.parametrize("error", [PermanentError("x"), OSError(28, "No space left"), ValueError("x"), KeyError("x")])
def test_a_check_that_breaks_leaves_a_line_and_the_ones_before_it(error: Exception) -> None:
    def check() -> Iterator[Finding]:
        yield ok("thing", "well")
        raise error

    first, second = survived("thing", check)
    assert first.level == "OK"
    assert second.level in ("WARN", "FAIL")
