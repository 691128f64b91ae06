"""What every process does: it hears that it shall end, and its log stops nobody and tells what a person has to mend."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest

from newsletter.errors import InputError, NewsletterError, SettingsError, TemporaryError, severity
from tests.run.processes import ROOT
from tests.waiting import PATIENCE

LOGS_AND_GOES_ON = """
import sys, structlog
from newsletter.operating.process import start_logging
from newsletter.settings import load
start_logging(load({"DATA_DIR": sys.argv[1]}), file=open("/dev/full", "w", encoding="utf-8", buffering=1))
for number in range(1000):
    structlog.get_logger().error("kept", number=number, text="x" * 100)
print("went on", flush=True)
"""


def test_a_full_disk_keeps_nobody_from_going_on(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LOGS_AND_GOES_ON, tmp_path], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.stdout == "went on\n", ran.stderr


@pytest.mark.parametrize(
    ("error", "level"),
    [
        (TemporaryError("away"), logging.WARNING),
        (SettingsError("wrong"), logging.ERROR),
        (InputError("wrong"), logging.ERROR),
        (NewsletterError("?"), logging.ERROR),
    ],
)
def test_what_passes_by_itself_is_a_warning(error: NewsletterError, level: int) -> None:
    assert severity(error) == level


# A signal comes while the waiting thread holds the lock of the event, as it does for a moment in each wait.
CODE = """
import os, signal
from newsletter.operating.process import asked_to_end
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup hands it on ignored
ended = asked_to_end()
with ended._cond:
    os.kill(os.getpid(), signal.{name})
    sum(range(1000))
print(ended.wait(120))
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_signal_is_heard_at_whatever_moment_it_comes(name: str) -> None:
    command = [sys.executable, "-c", CODE.format(name=name)]
    assert subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True).stdout == "True\n"


NAMING = """
import logging, sys
import structlog
from newsletter.operating.process import start_logging
from newsletter.settings import load

start_logging(load({"DATA_DIR": sys.argv[1], "LOG_FORMAT": sys.argv[2]}))
logging.basicConfig()
try:
    raise ValueError("DETAIL: (email)=(ada@example.org) in /erase/0123456789abcdefghijklmno")
except ValueError:
    structlog.get_logger("ours").exception("failed", reply=["550 <ada@example.org>\\x1f"])
    logging.getLogger("waitress").exception("Exception while serving %s", "/confirm/0123456789abcdefghijklmno")
"""


@pytest.mark.parametrize("form", ["console", "json"])
def test_no_log_names_anybody_ours_or_a_librarys(tmp_path: Path, form: str) -> None:
    said = subprocess.run(
        [sys.executable, "-c", NAMING, str(tmp_path), form], check=True, capture_output=True, text=True, timeout=PATIENCE
    ).stderr.replace(r"\u2026", "…")
    assert said.count("Traceback") == 2
    assert said.count("…@example.org") == 3
    assert "/confirm/…" in said
    assert "ada" not in said
    assert "0123456789abcdef" not in said


FORGING = """
import logging, sys
import structlog
from newsletter.operating.process import start_logging
from newsletter.settings import load

start_logging(load({"DATA_DIR": sys.argv[1], "LOG_FORMAT": sys.argv[2]}))
words = "x\\n2026-11-30T08:00:00Z [info] operator logged in\\r\\x1b[2Jforged\\u2028forged"
structlog.get_logger("ours").warning("login refused", name=words)
structlog.get_logger("ours").warning(words, name="ours")
logging.basicConfig()
logging.getLogger("waitress").warning("Exception while serving %s", words)
"""


@pytest.mark.parametrize("form", ["console", "json"])
def test_no_line_of_a_log_can_be_forged_and_each_tells_its_time_in_utc(tmp_path: Path, form: str) -> None:
    said = subprocess.run(
        [sys.executable, "-c", FORGING, str(tmp_path), form], check=True, capture_output=True, timeout=PATIENCE
    ).stderr.decode()
    lines = said.splitlines() if form == "console" else said.rstrip("\n").split("\n")
    assert len(lines) == 3, said
    assert "\x1b" not in said
    for line in lines[:2]:
        assert re.search(r"\b20\d\d-\d\d-\d\dT[0-9:.]+Z", line if form == "json" else line[:30])
