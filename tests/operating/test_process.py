"""Logging: a log that cannot be written stops nobody, and what a person has to mend is told from what passes by itself."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from newsletter.errors import InputError, NewsletterError, SettingsError, TemporaryError, severity
from tests.run.processes import ROOT

LOGS_AND_GOES_ON = """
import sys, tempfile, structlog
from newsletter.operating.process import start_logging
from newsletter.settings import load
start_logging(load({"DATA_DIR": tempfile.gettempdir()}), file=open("/dev/full", "w", encoding="utf-8", buffering=1))
for number in range(1000):
    structlog.get_logger().error("kept", number=number, text="x" * 100)
print("went on", flush=True)
"""


def test_a_full_disk_keeps_nobody_from_going_on() -> None:
    ran = subprocess.run([sys.executable, "-c", LOGS_AND_GOES_ON], cwd=ROOT, capture_output=True, text=True, check=False)
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
