"""The smoke on each Python of this machine beside the one of the suite: set up, start, sign up, confirm, digest, end."""

from __future__ import annotations

import http.cookiejar
import os
import re
import signal
import subprocess
import sys
import urllib.parse
import urllib.request
from functools import cache
from pathlib import Path

import pytest

from newsletter.mail.inbox import inbox_folder, message, messages
from tests.conftest import missing
from tests.run.processes import ROOT, Run, wait_until
from tests.run.pythons import VERSIONS, interpreters
from tests.waiting import PATIENCE

OWN = "{}.{}".format(*sys.version_info[:2])
READER = "reader@example.org"


@cache
def _interpreters() -> dict[str, Path]:
    return interpreters()


@pytest.mark.parametrize("version", [version for version in VERSIONS if version != OWN])
def test_a_reader_gets_a_digest_on_each_python_that_is_here(tmp_path: Path, version: str) -> None:
    python = _interpreters().get(version)
    if python is None:
        pytest.skip(f"no Python {version} on this machine")
    newsletter = set_up(python, tmp_path / "an environment")
    with Run(tmp_path, command=[str(newsletter)]) as run:
        address = run.ready()
        wait_until(lambda: "bundled sample day" in run.output)
        sign_up(address)
        confirm(mail(tmp_path, 1))
        digest = mail(tmp_path, 2)
        assert "/papers/" in digest
        assert "/unsubscribe/" in digest
        assert run.end(signal.SIGTERM) == 0
        assert run.left() == []
        assert "Traceback" not in run.output
        assert "Warning" not in run.output


def set_up(python: Path, venv: Path) -> Path:
    """The command of the service in a fresh environment of the locked packages, made as `make run` makes it."""
    # The uv of the suite spares bringing another one.
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environ = {**os.environ, "PATH": path, "PYTHON": str(python), "VENV": str(venv)}
    answer = subprocess.run([ROOT / ".ci/setup"], env=environ, capture_output=True, text=True, timeout=PATIENCE, check=False)
    if "index cannot be reached" in answer.stderr:
        missing("the network, for the packages of another Python,")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stderr == ""
    assert answer.stdout.count("\n") == 1
    return venv / "bin" / "newsletter"


def sign_up(address: str) -> None:
    """Fills the form of the front page and sends it."""
    post(f"{address}/", f"{address}/subscribe", email=READER, topics="llm", language="en", timezone="UTC", hour="7")


def confirm(text: str) -> None:
    """Opens the link of the mail and presses the button."""
    (link,) = set(re.findall(r"http\S+/confirm/[^\s<>)]+", text))
    post(link, link)


def post(page: str, action: str, **fields: str) -> None:
    """Sends ``fields`` as the form on ``page`` would."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    shown = browser.open(page, timeout=PATIENCE).read().decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', shown)
    data = fields | ({"csrf_token": token[1]} if token else {})
    assert browser.open(action, urllib.parse.urlencode(data).encode(), timeout=PATIENCE).status == 200


def mail(folder: Path, number: int) -> str:
    """The text of the ``number``th mail in the local inbox, once it is there."""
    inbox = inbox_folder(folder / "var")
    wait_until(lambda: len(messages(inbox)) >= number)
    lines = messages(inbox)[::-1]
    assert len(lines) >= number, f"{len(lines)} of {number} mails"
    found = message(inbox, lines[number - 1].id)
    assert found is not None
    return found.text
