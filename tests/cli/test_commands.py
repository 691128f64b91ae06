"""The commands as an operator types them: help for each, results on stdout, one line for each mistake."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from newsletter.bootstrap import Services
from newsletter.cli import main
from newsletter.mail.deliveries import Outcome
from newsletter.mail.inbox import messages
from newsletter.mail.store import leases
from newsletter.values.mail import DeliveryState, MailKind
from tests.cli.forked import Commands
from tests.daily.ledgers import verp
from tests.factories import NOW, a_digest_row, a_letter_row, a_subscriber
from tests.mail.bounces.samples import dsn
from tests.run.processes import NEWSLETTER, environment
from tests.services import SECRET, services_over
from tests.smtp_sink import Sink, obliging
from tests.waiting import PATIENCE

HEADER = "email,topics,language,timezone,hour,status\n"
Said = subprocess.CompletedProcess[str]


def every_command(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from every_command(child, (*path, name))


@pytest.fixture
def say(tmp_path: Path, commands: Commands, sqlite_template: Path) -> Callable[..., Said]:
    """Runs one command in a folder of its own, which has a database without a row."""
    (tmp_path / "var").mkdir(mode=0o700)
    shutil.copy(sqlite_template, tmp_path / "var" / "newsletter.db")
    return lambda *words, **changes: commands.run(tmp_path, *words, **changes)


@pytest.fixture
def services(tmp_path: Path, say: Callable[..., Said]) -> Iterator[Services]:
    """The services over the database that the commands of this test use."""
    made = services_over(f"sqlite:///{tmp_path}/var/newsletter.db", tmp_path)
    yield made
    made.database.close()


def refused(answer: Said, *, named: str) -> None:
    """Exit 2 and one line on stderr that names the thing, and no traceback."""
    assert answer.returncode == 2, answer
    assert named in answer.stderr
    assert "Traceback" not in answer.stderr
    assert len(answer.stderr.strip().splitlines()) == 1 or "Usage:" in answer.stderr


@pytest.mark.parametrize("path", list(every_command(main)), ids=lambda path: " ".join(path) or "newsletter")
def test_each_command_explains_itself(path: tuple[str, ...]) -> None:
    from click.testing import CliRunner

    answer = CliRunner().invoke(main, [*path, "--help"], prog_name="newsletter")
    assert answer.exit_code == 0
    assert answer.output.startswith(f"Usage: {' '.join(('newsletter', *path))}")
    assert len(answer.output.splitlines()[2].strip()) > 10


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys; from newsletter.cli import main\n"
        "heavy = {'sqlalchemy', 'flask', 'rq', 'redis', 'requests', 'alembic', 'jinja2', 'aiosmtpd', 'pydantic'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert found.stderr == ""


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("nonsense",), "nonsense"),
        (("fetch", "--since", "tomorrow"), "tomorrow"),
        (("fetch", "--since", "2026-06-02", "--until", "2026-06-01"), "--since"),
        (("fetch", "--until", "0001-01-01"), "0001-01-01"),
        (("daily", "--date", "20260601"), "20260601"),
        (("daily", "--date", "9999-12-31"), "9999-12-31"),
        (("deliveries", "--state", "lost"), "lost"),
        (("deliveries", "--date", "2026-13-01"), "2026-13-01"),
        (("deliveries", "--email", "not an address"), "address"),
        (("deliveries", "--limit", "0"), "--limit"),
        (("deliveries", "resend", "--state", "sent"), "sent"),
        (("subscribers", "import", "x.csv"), "--consent"),
        (("subscribers", "import", "no-such.csv", "--consent", "asked in person"), "no-such.csv"),
        (("subscribers", "export", "/proc/x.csv"), "/proc/x.csv"),
        (("topics", "explain", "not an id"), "not an id"),
        (("topics", "explain", "2606.00001"), "2606.00001"),
        (("topics", "score", "no-such.tsv"), "no-such.tsv"),
        (("topics", "mark", "2606.00001", "llm", "wrong"), "2606.00001"),
        (("topics", "mark", "2606.00001", "llm", "maybe"), "maybe"),
        (("topics", "marks", "import", "no-such.csv"), "no-such.csv"),
        (("topics", "import", "no-such.yaml"), "no-such.yaml"),
        (("topics", "export", "/proc/x.yaml"), "/proc/x.yaml"),
        (("preview", "nobody@example.org", "--out", "out"), "nobody@example.org"),
        (("preview", "not an address", "--out", "out"), "address"),
        (("publish", "out"), "newsletter fetch"),
        (("import", "README.md"), "README.md"),
        (("admin", "create", "no such name!", "--password-stdin"), "no such name!"),
        (("admin", "create", "anna", "--password-stdin"), "password"),
        (("admin", "remove", "nobody"), "nobody"),
        (("worker", "letters"), "letters"),
        (("run", "--port", "many"), "many"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_mistake_is_answered_with_what_to_mend(say: Callable[..., Said], words: tuple[str, ...], named: str) -> None:
    refused(say(*words), named=named)


def test_a_wrong_setting_stops_a_command_in_one_line(say: Callable[..., Said]) -> None:
    refused(say("deliveries", TRANSLATORS="babelfish"), named="TRANSLATORS")


@pytest.mark.parametrize("content", [b"SITE_NAME=\xff\xfe\n", None], ids=["no UTF-8", "a folder"])
def test_a_settings_file_that_cannot_be_read_is_refused(say: Callable[..., Said], tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / ".env"
    path.mkdir() if content is None else path.write_bytes(content)
    refused(say("deliveries"), named=".env")


def test_an_export_writes_to_what_is_no_plain_file_as_it_is(say: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to("kept.csv")
    assert say("subscribers", "export", "link.csv").returncode == 0
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "kept.csv").read_text() == HEADER
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["cat", "pipe"], cwd=tmp_path, stdout=subprocess.PIPE, text=True) as reader:
        assert say("subscribers", "export", "pipe").returncode == 0
        assert reader.communicate(timeout=PATIENCE)[0] == HEADER
    assert (tmp_path / "pipe").is_fifo()


def test_a_full_disk_under_the_results_is_told_in_one_line(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        answer = subprocess.run(
            [*NEWSLETTER, "topics", "list"],
            env=environment(tmp_path), cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
    assert answer.returncode == 1
    assert answer.stderr == "newsletter: cannot be written (No space left on device): make room on the disk\n"


@pytest.mark.parametrize("words", ["topics list", "admin create anna", "subscribers import - --consent asked"])
def test_closed_standard_streams_break_no_command(tmp_path: Path, words: str) -> None:
    command = f'"{sys.executable}" -c "from newsletter.cli import main; main()" {words} <&-'
    answer = subprocess.run(
        ["sh", "-c", command],
        env=environment(tmp_path),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert answer.returncode in (0, 1, 2)
    assert "Traceback" not in answer.stderr


def test_settings_are_read_from_a_file_in_the_working_folder(say: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("WORKERS=many\n")
    assert say("deliveries").returncode == 0, "the environment stands over the file"
    (tmp_path / ".env").write_text("LOG_FORMAT=verse\n")
    refused(say("deliveries"), named="LOG_FORMAT")


def test_the_ledger_as_json_has_exactly_the_promised_keys(say: Callable[..., Said], services: Services) -> None:
    with services.database.transaction() as session:
        subscriber = a_subscriber(session, "3d", email="reader@example.org")
        a_digest_row(session, subscriber, period="2026-11-19")
        a_letter_row(session, subscriber, MailKind.PREFERENCES)
    rows = json.loads(say("deliveries", "--json").stdout)
    assert [set(row) for row in rows] == [{"subscriber", "kind", "date", "state", "attempts", "reply", "message_id"}] * 2
    assert (rows[0]["subscriber"], rows[0]["kind"], rows[0]["date"], rows[0]["state"]) == (
        "reader@example.org",
        "digest",
        "2026-11-19",
        "queued",
    )
    assert rows[1]["date"] == NOW.date().isoformat()


def test_the_ledger_is_narrowed_by_date_state_and_kind(say: Callable[..., Said], services: Services) -> None:
    with services.database.transaction() as session:
        subscriber = a_subscriber(session, "3d")
        a_digest_row(session, subscriber, period="2026-11-19")
        a_digest_row(session, subscriber, period="2026-11-20")
        a_letter_row(session, subscriber, MailKind.PREFERENCES)
    assert len(json.loads(say("deliveries", "--date", "2026-11-20", "--json").stdout)) == 2
    assert len(json.loads(say("deliveries", "--date", "2026-11-20", "--kind", "digest", "--json").stdout)) == 1
    assert json.loads(say("deliveries", "--state", "sent", "--json").stdout) == []
    newest = json.loads(say("deliveries", "--limit", "1", "--json", "--times").stdout)
    assert [(row["kind"], row["planned_at"], row["sent_at"]) for row in newest] == [("preferences", NOW.isoformat(), None)]
    email = json.loads(say("deliveries", "--json").stdout)[0]["subscriber"]
    lines = say("deliveries", "--email", email.upper())
    assert f"{email}  planned 2026-11-20 08:00:00" in lines.stdout
    assert "3 rows" in lines.stderr


def test_failed_rows_are_queued_again_and_sent_ones_are_not(say: Callable[..., Said], services: Services) -> None:
    with services.database.transaction() as session:
        ids = [a_digest_row(session, a_subscriber(session, "3d")) for _ in range(2)]
        leases.claim(session, lease="x", until=NOW.replace(hour=9), limit=2, now=NOW)
        outcomes = [
            Outcome(ids[0], DeliveryState.FAILED, "rcpt", "550 5.1.1 nobody"),
            Outcome(ids[1], DeliveryState.SENT, "dot", "250 ok"),
        ]
        leases.settle(session, outcomes, lease="x", now=NOW)
    assert "1 rows queued again" in say("deliveries", "resend", "--state", "failed").stdout
    states = {row["state"] for row in json.loads(say("deliveries", "--json").stdout)}
    assert states == {"queued", "sent"}


def test_sending_is_paused_and_resumed_from_anywhere(say: Callable[..., Said], services: Services) -> None:
    from newsletter.operating import state

    for command, expected in (("pause", True), ("pause", True), ("resume", False)):
        assert say(command).returncode == 0
        with services.database.reading() as session:
            assert state.paused(session) is expected


def test_subscribers_come_in_and_go_out_in_the_same_form(say: Callable[..., Said], tmp_path: Path) -> None:
    lines = HEADER + "a@example.org,3d;nerf,zh-CN,Asia/Shanghai,7,confirmed\nb@example.org,llm,en,UTC,0,paused\n"
    (tmp_path / "in.csv").write_text(lines)
    first = say("subscribers", "import", "in.csv", "--consent", "asked at the fair, 2026-11-01")
    assert (first.returncode, first.stdout.startswith("2 added")) == (0, True), first
    assert say("subscribers", "import", "in.csv", "--consent", "asked again").stdout.startswith("0 added")
    assert say("subscribers", "export", "out.csv").returncode == 0
    assert (tmp_path / "out.csv").read_text().splitlines() == lines.splitlines()
    assert (tmp_path / "out.csv").stat().st_mode & 0o077 == 0


def test_lines_that_cannot_be_taken_in_are_named_and_the_others_come_in(say: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(HEADER + "a@example.org,3d,en,UTC,7,confirmed\nnot an address,3d,en,UTC,7,confirmed\n")
    answer = say("subscribers", "import", "in.csv", "--consent", "asked")
    assert answer.returncode == 1
    assert "1 added" in answer.stdout
    assert "in.csv, line 3:" in answer.stderr


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"name,colour\nx,y\n", b"\x00" * 50])
def test_a_file_that_is_no_list_of_subscribers_is_refused(say: Callable[..., Said], tmp_path: Path, content: bytes) -> None:
    (tmp_path / "in.csv").write_bytes(content)
    refused(say("subscribers", "import", "in.csv", "--consent", "asked"), named="")


def test_operators_are_made_listed_and_removed(say: Callable[..., Said]) -> None:
    assert say("admin", "create", "anna", "--password-stdin", text="a long enough password\n").returncode == 0
    heads, anna = say("admin", "list").stdout.splitlines()
    assert heads.startswith("name")
    assert anna.startswith("anna  owner")
    assert say("admin", "remove", "anna").returncode == 0
    assert "newsletter admin create" in say("admin", "list").stdout


def test_the_catalogue_goes_out_and_comes_in_again(say: Callable[..., Said], tmp_path: Path) -> None:
    assert say("topics", "export", "mine.yaml").returncode == 0
    shorter = (tmp_path / "mine.yaml").read_text().replace("en: NeRF,", "en: Radiance fields,")
    (tmp_path / "mine.yaml").write_text(shorter)
    assert say("topics", "import", "mine.yaml").returncode == 0
    assert "Radiance fields" in say("topics", "list").stdout


def test_a_glossary_goes_in_and_out_and_its_history_leads_back(say: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "var" / "glossaries").mkdir()
    (tmp_path / "var" / "glossaries" / "de.yaml").write_text("kite: Drachen\n")
    answer = say("glossary", "export", "de")
    assert (answer.stdout, answer.returncode) == ("kite: Drachen\n", 0)
    assert "taken into the database" in answer.stderr
    assert say("glossary", "import", "de", "-", "--who", "anna", text="kite: Flugdrachen\n").returncode == 0
    assert say("glossary", "export", "de").stdout == "kite: Flugdrachen\n"
    heads, newest, _ = say("glossary", "history", "de").stdout.splitlines()
    assert heads.split()[0] == "version"
    assert "anna" in newest
    assert newest.endswith("in use")
    assert "is undone, version" in say("glossary", "undo", "de", "--who", "anna").stdout
    assert say("glossary", "export", "de").stdout == "kite: Drachen\n"
    assert say("glossary", "export", "de", "--version", newest.split()[0]).stdout == "kite: Flugdrachen\n"
    assert "what ships is in use" in say("catalogue", "undo", "glossary-de").stdout
    refused(say("catalogue", "undo", "glossary-de"), named="nothing to undo")
    refused(say("glossary", "import", "xx", "-", text=""), named="xx is no language")
    refused(say("glossary", "import", "de", "-", text="kite: ["), named="line")


def test_an_operators_own_words_for_a_page_go_in_and_out_and_back(say: Callable[..., Said]) -> None:
    answer = say("pages", "import", "about", "de", "-", "--who", "anna", text="Wir sind es.\n")
    assert (answer.returncode, "/about?lang=de" in answer.stdout) == (0, True)
    assert say("pages", "export", "about", "de").stdout == "Wir sind es.\n"
    assert "anna" in say("pages", "history", "about", "de").stdout
    assert "is undone" in say("pages", "undo", "about", "de").stdout
    assert say("pages", "export", "about", "de").stdout == ""
    refused(say("pages", "import", "about", "xx", "-", text="Us"), named="xx is no language")
    refused(say("pages", "import", "privacy", "de", "-", text=" "), named="is empty")


def test_a_catalogue_with_a_fault_changes_nothing(say: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("- slug: 3d\n  names: {en: 3D}\n")
    refused(say("topics", "import", "bad.yaml"), named="bad.yaml")
    assert "never replaced" in say("catalogue", "history").stdout


def test_the_tree_of_topics_is_listed_for_people_and_for_scripts(say: Callable[..., Said]) -> None:
    rows = json.loads(say("topics", "list", "--json").stdout)
    assert {"3d", "nerf", "llm"} <= {row["slug"] for row in rows}
    assert "\n  nerf" in say("topics", "list").stdout


def test_matches_of_an_empty_store_are_an_empty_list_and_judged_papers_of_a_file_are_scored_all_the_same(
    say: Callable[..., Said], tmp_path: Path
) -> None:
    assert json.loads(say("topics", "matches", "--json").stdout) == []
    text = {"id": "2603.1", "title": "Whales", "abstract": "Of the sea.", "categories": ["cs.CV"], "announced": "2026-03-12"}
    (tmp_path / "papers.jsonl.gz").write_bytes(gzip.compress(json.dumps(text).encode()))
    (tmp_path / "judged.tsv").write_text("2603.1\tllm\tyes\n")
    (llm, _) = json.loads(say("topics", "score", "judged.tsv", "--papers", "papers.jsonl.gz", "--json").stdout)
    assert (llm["topic"], llm["missed"]) == ("llm", 1)
    refused(say("topics", "score", "judged.tsv", "--papers", "judged.tsv"), named="judged.tsv")


def test_daily_without_arxiv_brings_the_sample_day_to_the_local_inbox(say: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(HEADER + "a@example.org,3d;llm,zh-CN,UTC,0,confirmed\n")
    say("subscribers", "import", "in.csv", "--consent", "asked")
    answer = say("daily")
    assert answer.returncode == 0, answer
    assert "settled: 1 sent" in answer.stdout
    (mail,) = messages(tmp_path / "var" / "inbox")
    assert mail.to == "a@example.org"
    assert "nothing to send" in say("daily").stdout
    assert len(messages(tmp_path / "var" / "inbox")) == 1


def test_daily_says_3_when_a_mail_is_tried_again_later(say: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(HEADER + "a@example.org,3d;llm,en,UTC,0,confirmed\n")
    say("subscribers", "import", "in.csv", "--consent", "asked")
    answer = say("daily", SMTP_URL="smtp://127.0.0.1:9")
    assert answer.returncode == 3, answer
    assert "tried again later" in answer.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_daily_asked_to_stop_hears_the_answers_to_what_it_sent_and_the_next_one_sends_the_rest(
    say: Callable[..., Said], tmp_path: Path, number: signal.Signals
) -> None:
    rows = [f"reader{count}@example.org,3d;llm,en,UTC,0,confirmed\n" for count in range(30)]
    (tmp_path / "in.csv").write_text(HEADER + "".join(rows))
    say("subscribers", "import", "in.csv", "--consent", "asked")
    dots, asked = threading.Event(), threading.Event()

    def holding(step: str, _: str) -> None:
        """The first messages are answered once the command is asked to stop."""
        if step == "dot":
            dots.set()
            asked.wait(PATIENCE)

    with Sink(holding) as sink:
        with subprocess.Popen(
            [*NEWSLETTER, "daily"], env=environment(tmp_path, SMTP_URL=sink.url), cwd=tmp_path, stderr=subprocess.PIPE, text=True
        ) as process:
            assert dots.wait(PATIENCE)
            process.send_signal(number)
            asked.set()
            assert "Traceback" not in process.communicate(timeout=PATIENCE)[1]
        assert process.returncode == 1
        states = [row["state"] for row in json.loads(say("deliveries", "--json").stdout)]
        assert set(states) == {"sent", "queued"}
        assert states.count("sent") == len(sink.taken)
        sink.script = obliging
        assert say("daily", SMTP_URL=sink.url).returncode == 0
        assert len(sink.taken) == len({one.recipient for one in sink.taken}) == 30


def test_daily_sends_nothing_while_sending_is_paused(say: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(HEADER + "a@example.org,3d;llm,en,UTC,0,confirmed\n")
    say("subscribers", "import", "in.csv", "--consent", "asked")
    say("pause")
    answer = say("daily")
    assert answer.returncode == 3, answer
    assert "newsletter resume" in answer.stderr
    assert messages(tmp_path / "var" / "inbox") == []


def test_a_preview_is_written_and_nothing_is_sent(say: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(HEADER + "a@example.org,3d;llm,zh-CN,UTC,0,confirmed\n")
    say("subscribers", "import", "in.csv", "--consent", "asked")
    say("fetch")
    answer = say("preview", "A@example.org", "--out", "seen")
    assert answer.returncode == 0, answer
    assert {path.name for path in (tmp_path / "seen").iterdir()} == {"subject.txt", "body.html", "body.txt"}
    seen = (tmp_path / "seen" / "body.html").read_text(encoding="utf-8")
    assert "高斯泼溅" in seen, "the papers of the sample day stand in it, translated"
    assert json.loads(say("deliveries", "--json").stdout) == []
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "seen", *(tmp_path / "seen").iterdir())} == {0}


LIST = """\
## NeRF

|Publish Date|Title|Abstract|PDF|Code|
|---|---|---|---|---|
|**2026-06-22**|**Fields of Light**|我们提出一种新的方法。 et.al.|[2606.10001](http://arxiv.org/abs/2606.10001)|null|
"""


def test_pages_for_publication_hold_the_papers_of_each_day(say: Callable[..., Said], tmp_path: Path) -> None:
    say("fetch")
    assert say("publish", "pages").returncode == 0
    front, *days = sorted((tmp_path / "pages").iterdir(), reverse=True)
    assert (front.name, len(days)) == ("README.md", 1)
    for page in (front, *days):
        text = page.read_text()
        assert "|Publish Date|Title|Authors|Abstract|Paper|Links|Categories|Why|" in text
        assert "(sample)" in text
    assert "1 pages written" not in say("publish", "pages").stdout


def test_a_published_list_is_imported_and_published_again(say: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "mine.md").write_text(LIST, encoding="utf-8")
    assert "1 papers new, 1 translations new" in say("import", "mine.md").stdout
    assert "nothing changed" in say("import", "mine.md").stdout
    assert "1 pages written in pages, 0 unchanged" in say("publish", "pages", "--classic").stdout
    assert (tmp_path / "pages" / "mine.md").read_text(encoding="utf-8") == LIST


def test_a_file_that_is_no_whole_list_is_refused_in_one_line(say: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "bad.md").write_bytes(b"## 3D\n\n|Title|PDF|\n|---|---|\n|One|[2606.10001](http://arx")
    answer = say("import", "bad.md")
    assert (answer.returncode, answer.stderr.count("\n")) == (2, 1)
    assert "bad.md, line 5: the file ends in the middle of a row" in answer.stderr


def test_the_doctor_says_when_papers_came_and_what_went_wrong_with_them(say: Callable[..., Said]) -> None:
    say("migrate")
    assert "none were fetched yet" in say("doctor").stdout
    say("fetch")
    failed = [line for line in say("doctor").stdout.splitlines() if line.startswith("FAIL")]
    assert any("the last fetch was not finished" in line for line in failed), "arXiv is out of reach here"


def test_the_doctor_names_what_is_wrong_and_says_1(say: Callable[..., Said]) -> None:
    answer = say("doctor", SMTP_URL="smtp://127.0.0.1:9", REDIS_URL="redis://127.0.0.1:9/0")
    assert answer.returncode == 1
    failed = [line for line in answer.stdout.splitlines() if line.startswith("FAIL")]
    assert any("REDIS_URL" in line for line in failed)
    assert any("127.0.0.1:9" in line and "mail" in line for line in failed)
    assert any("BASE_URL" in line for line in failed)
    assert all("->" in line or ":" in line for line in failed)
    assert "Traceback" not in answer.stderr


def test_output_into_a_closed_pipe_leaves_no_traceback(tmp_path: Path) -> None:
    from tests.run.processes import NEWSLETTER, environment

    first = subprocess.Popen(
        [*NEWSLETTER, "topics", "export"], env=environment(tmp_path), cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert first.stdout is not None
    first.stdout.close()
    assert first.stderr is not None
    assert b"Traceback" not in first.stderr.read()
    first.stderr.close()
    first.wait(PATIENCE)


def test_a_bounce_that_is_read_by_hand_says_what_it_is_and_acts_once(
    say: Callable[..., Said], services: Services, tmp_path: Path
) -> None:
    with services.database.transaction() as session:
        delivery = a_digest_row(session, a_subscriber(session, "nerf", email="reader@example.net"))
    (tmp_path / "bounce.eml").write_bytes(dsn(to=verp(services, delivery)))
    wanted = {"kind": "hard", "recipient": "reader@example.net", "delivery": delivery, "status": "5.1.1"}
    for words in (("--dry-run",), (), ()):
        assert json.loads(say("bounces", "read", "bounce.eml", *words, SECRET_KEY=SECRET).stdout) == wanted
    listed = json.loads(say("bounces", "list", "--json", SECRET_KEY=SECRET).stdout)
    assert [(one["kind"], one["followed"]) for one in listed] == [("hard", "bounced")]


def test_a_person_is_shown_with_mails_replies_and_what_came_back(
    say: Callable[..., Said], services: Services, tmp_path: Path
) -> None:
    with services.database.transaction() as session:
        delivery = a_digest_row(session, a_subscriber(session, "nerf", email="reader@example.net"))
    (tmp_path / "bounce.eml").write_bytes(dsn(to=verp(services, delivery)))
    say("bounces", "read", "bounce.eml", SECRET_KEY=SECRET)
    shown = json.loads(say("subscribers", "show", "Reader@example.net", "--json").stdout)
    assert (shown["state"], shown["choices"]["topics"], len(shown["mails"])) == ("bounced", ["nerf"], 1)
    (bounce,) = shown["bounces"]
    assert (bounce["kind"], bounce["delivery"], bounce["followed"]) == ("hard", delivery, "bounced")
    assert "User unknown" in bounce["words"]
    assert "bounces: 1" in say("subscribers", "show", "reader@example.net").stdout
    refused(say("subscribers", "show", "nobody@example.net"), named="nobody@example.net")


def test_people_are_added_found_changed_and_let_go(say: Callable[..., Said]) -> None:
    assert "to confirm" in say("subscribers", "add", "ada@example.org", "--topics", "llm").stdout
    assert say("subscribers", "add", "Bob@example.org", "--topics", "llm;nerf", "--consent", "at the fair").returncode == 0
    refused(say("subscribers", "add", "bob@example.org", "--topics", "llm"), named="reads here already")
    refused(say("subscribers", "edit", "bob@example.org", "--topics", "llm;kites"), named="kites")
    refused(say("subscribers", "edit", "bob@example.org", "--days", "mon,noday"), named="noday")
    refused(say("subscribers", "edit", "bob@example.org"), named="nothing to change")
    assert say("subscribers", "edit", "bob@example.org", "--hour", "23", "--days", "mon,sun").returncode == 0
    assert json.loads(say("subscribers", "pause", "bob@example.org", "--json").stdout)["state"] == "paused"
    assert json.loads(say("subscribers", "why", "bob@example.org", "--json").stdout)["why"] == "paused"
    assert say("subscribers", "resume", "bob@example.org").returncode == 0
    refused(say("subscribers", "resume", "ada@example.org"), named="has not confirmed yet")
    first = json.loads(say("subscribers", "list", "--limit", "1", "--json").stdout)
    (second,) = json.loads(say("subscribers", "list", "--after", first["after"], "--json").stdout)["subscribers"]
    assert (first["subscribers"][0]["email"], second["email"], second["hour"]) == ("ada@example.org", "Bob@example.org", 23)
    assert say("subscribers", "list", "--state", "pending", "--count").stdout == "1\n"
    assert say("subscribers", "list", "zoe").stdout == "nobody is found\n"
    assert "is mailed a link" in say("subscribers", "link", "bob@example.org").stdout
    assert "has left" in say("subscribers", "leave", "bob@example.org").stdout
    refused(say("subscribers", "link", "bob@example.org"), named="has left")


def test_the_status_says_whether_the_day_is_in_order_and_what_is_not(say: Callable[..., Said], services: Services) -> None:
    quiet = say("status")
    assert (quiet.returncode, quiet.stdout.splitlines()[0].endswith("in order")) == (0, True), quiet
    assert len(quiet.stdout.splitlines()) <= 10
    with services.database.transaction() as session:
        a_digest_row(session, a_subscriber(session, "3d"), period="2026-11-19")
    broken = say("status", "--date", "2026-11-19")
    assert (broken.returncode, "digests: 1 queued" in broken.stdout) == (1, True), broken
    assert "no worker is at work" in broken.stdout
    told = json.loads(say("status", "--json", "--date", "yesterday").stdout)
    assert (told["in_order"], told["readers"]) == (False, {"confirmed": 1})
    yesterday = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)
    assert told["day"] in (yesterday.isoformat(), (yesterday - dt.timedelta(days=1)).isoformat())


def test_the_help_has_each_command_once_under_a_head() -> None:
    from click.testing import CliRunner

    shown = CliRunner().invoke(main, ["--help"], prog_name="newsletter").output
    assert "Every day:" in shown
    for name in main.commands:
        assert len(re.findall(rf"^  {name} ", shown, re.M)) == 1, name


def test_suppressions_come_in_from_a_list_of_addresses_and_go_out_as_hashes(say: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "left.txt").write_text("gone@example.net\nnonsense\n")
    brought = say("suppressions", "import", "left.txt")
    assert (brought.returncode, brought.stdout) == (1, "1 added, 0 known, 0 readers left, 1 refused\n")
    assert "line 2" in brought.stderr
    assert json.loads(say("suppressions", "list", "--json").stdout)[0]["reason"] == "left elsewhere"
    assert "gone" not in say("suppressions", "export", "-").stdout
    assert say("suppressions", "lift", "gone@example.net", "--reason", "they wrote").stdout == "lifted: may sign up again\n"
    refused(say("suppressions", "lift", "gone@example.net", "--reason", "again"), named="not suppressed")
