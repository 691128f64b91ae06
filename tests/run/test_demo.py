"""`newsletter run --demo`: everything to look at, in a folder of its own that goes with it, and nothing leaves."""

from __future__ import annotations

import json
import re
import signal
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from newsletter.mail.inbox import inbox_folder, messages
from tests.cli.forked import Commands
from tests.run.processes import Run, get, newsletter, processes_of, wait_until
from tests.run.terminal import CTRL_C, HIDE_CURSOR, SHOW_CURSOR, Terminal
from tests.waiting import PATIENCE


@pytest.fixture
def outside() -> Iterator[socket.socket]:
    """Whoever is asked for papers, links and translations, and takes mail: it must never hear of a demo."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def heard_nothing(outside: socket.socket) -> bool:
    try:
        outside.accept()
    except BlockingIOError:
        return True
    return False


def logged_in(address: str, output: str) -> str:
    """The first page of the operator whose login was told."""
    found = re.search(r"/admin   \(login (\S+), password (\S+)\)", output)
    assert found, output
    session = requests.Session()
    form = session.get(f"{address}/admin", timeout=PATIENCE)
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', form.text)
    assert token
    words = {"csrf_token": token[1], "name": found[1], "password": found[2]}
    return session.post(form.url, data=words, timeout=PATIENCE).text


def test_a_demo_has_three_days_of_papers_and_mails_and_leaves_nothing_behind(
    commands: Commands, tmp_path: Path, outside: socket.socket
) -> None:
    port = outside.getsockname()[1]
    url = f"http://127.0.0.1:{port}/"
    (tmp_path / ".env").write_text(f"SMTP_URL=smtp://127.0.0.1:{port}\nPUBLISH_DIR=published\n")
    asked = dict.fromkeys(
        ("ARXIV_API_URL", "ARXIV_FEED_URL", "HUGGINGFACE_URL", "PAPERSWITHCODE_URL", "GOOGLE_TRANSLATE_URL"), url
    )
    with Run(tmp_path, "--demo", TMPDIR=str(tmp_path), TRANSLATORS="google", **asked) as run:
        address, folder = run.ready(), run.data_dir
        ledger = commands.run(tmp_path, "deliveries", "--json", DATA_DIR=str(folder), SMTP_URL="")
        rows = Counter((row["date"], row["state"]) for row in json.loads(ledger.stdout))
        assert len({date for date, _ in rows}) == 3
        assert {state for _, state in rows} <= {"sent", "skipped"}
        assert sum(rows.values()) <= 60
        mails = messages(inbox_folder(folder))
        assert len(mails) == sum(count for (_, state), count in rows.items() if state == "sent") > 50
        assert len({mail.date[:16] for mail in mails}) == 3, "each day's mails bear its date"
        assert len(set(re.findall(r'href="/archive/(\d{4}-\d{2}-\d{2})"', get(f"{address}/archive")[1]))) == 3
        assert get(f"{address}/inbox")[1].count("@host") == len(mails)
        assert "digests planned" in logged_in(address, run.output)
        wait_until(lambda: "fetched" in run.logged("worker-1"))
        assert "fetched" in run.logged("worker-1"), "a fetch that asks nobody"
        assert run.end(signal.SIGTERM) == 0
        assert processes_of(folder) == []
    assert run.output.count("SMTP_URL is set, and ignored: no mail leaves a demo.") == 1
    assert run.output.startswith(f"Data:     {folder}   (a demo")
    assert heard_nothing(outside)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".env", run.log.name], "neither var nor the scratch folder"


@pytest.mark.parametrize("closed", [False, True], ids=["ctrl-c", "a closed window"])
def test_a_demo_that_is_ended_while_it_is_filled_takes_its_folder_away(tmp_path: Path, closed: bool) -> None:
    with Terminal(tmp_path, "--demo", TMPDIR=str(tmp_path)) as terminal:
        wait_until(lambda: "Morning 1 of 3" in terminal.shown)
        assert "Morning 1 of 3" in terminal.shown
        if closed:
            terminal.close()
        else:
            terminal.press(CTRL_C)
        assert terminal.process.wait(PATIENCE) == 0
    if not closed:
        assert terminal.shown.rindex(SHOW_CURSOR) > terminal.shown.rindex(HIDE_CURSOR)
    assert "Ready." not in terminal.shown
    assert list(tmp_path.iterdir()) == []


def test_a_demo_that_is_refused_leaves_no_folder(tmp_path: Path) -> None:
    answer = newsletter(tmp_path, "run", "--port", "0", "--demo", TMPDIR=str(tmp_path), WORKERS="none")
    assert answer.returncode == 2
    assert answer.stderr.startswith("newsletter: WORKERS")
    assert list(tmp_path.iterdir()) == []
