"""Each command that a document tells people to type is typed here, as it stands, on an installation with a reader."""

from __future__ import annotations

import datetime as dt
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
from PIL import Image

from newsletter.cli import main
from newsletter.db import connect
from newsletter.papers.store import papers as papers_store
from tests.cli.forked import Commands
from tests.papers.paper_builder import paper
from tests.services import SECRET
from tests.test_docs import ROOT

# Where logins are made stands before what is done with them.
DOCUMENTS = [ROOT / "docs" / "installing.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"]
PEOPLE = "email,topics,language,timezone,hour,status\n" + "".join(
    f"{name}@example.org,3d;llm,en,UTC,0,confirmed\n" for name in ("reader", "never", "gone", "old")
)
# What people put in their own for.
STANDS_FOR = {
    "EMAIL": "reader@example.org",
    "NAME": "second",
    "PART": "reader",
    "PAPER": "2606.01234",
    "TOPIC": "llm",
    "CODE": "de",
    "DIR": "published",
    "TEXT": "asked",
    "DAY": "today",
    "DATE": "2026-11-20",
    "restore FILE": "restore nightly.newsletter",
    "LEFT": "left.csv",
    "postgresql://user:password@host/name": "sqlite:///moved.db",
    "/backups/$(date +%F)": f"{dt.datetime.now(dt.UTC):%F}",
}
# The same for FILE, by the command.
FILES = {
    "subscribers import FILE": ("people.csv", PEOPLE),
    "newsletter import FILE": ("list.md", "## Papers\n\n### [A Paper](https://arxiv.org/abs/2606.01234)[2026-06-02]\n"),
    "add EMAIL FILE": ("examples.txt", "2606.01234\n"),
    "score FILE": ("judgements.tsv", "2606.01234\tllm\tyes\n"),
    "check FILE": ("answers.json", '{"language": "de", "source": "A paper.", "result": "Ein Aufsatz.", "field": "title"}'),
    "read FILE": ("bounce.eml", "From: a@example.org\nSubject: away\n\nI am away.\n"),
    "import CODE FILE": ("words.yaml", "radiance field: Strahlungsfeld\n"),
    "import about CODE FILE": ("about.md", "We are a society.\n"),
}
# What is called by its own name, and not written by a command before.
NAMED = {
    "subscribers.csv": "email,status\nnew@example.org,enabled\n",
    "left.csv": "email\nwas@example.org\n",
    "config.yaml": "keywords:\n  SLAM:\n    filters: [SLAM, Visual Odometry]\n",
    "mine.txt": "Please say yes: {{ confirm_url }}\n",
}
# What is not typed, by how it begins, and why.
NOT_TYPED = {
    "newsletter run": "serves until it is ended: tests/run",
    "newsletter worker": "serves until it is ended: tests/run",
    "newsletter scheduler": "serves until it is ended: tests/run",
    "newsletter inbox": "serves until it is ended: tests/run",
    "newsletter bounces serve": "serves until it is ended: tests/run",
    "newsletter seed --readers 100000": "takes minutes: tests/population does it with fewer",
    "newsletter topics train": "takes a quarter of a minute of processor: tests/topics/learned",
    "make": "tests/run/test_make.py and CI",
    "sudo deploy/install": "wants root: tests/run/test_compose.py installs into a folder",
    "sudo": "wants root, and systemd",
    "docker": "wants Docker: tests/run starts the services as processes",
    "pip": "wants the index of packages: tests/run/test_extras.py",
    "openssl": "not ours",
    "python -m bench": "takes minutes: `make bench`",
}
# How ends what is not well here; all else ends with 0.
ENDS = {
    "setup": 2,  # asks on a terminal: here there is none
    # Nothing outside can be reached, and no worker runs.
    "doctor": 1,
    "status": 1,
    "fetch": 1,
    "mail test you@example.net": 1,
    "backfill --since 2026-11-20 --categories cs.CV,": 1,
    "healthy worker": 1,
    "healthy scheduler": 1,
}
# These end a reader, and come last, in this order.
LAST = {("suppressions", "add"): 1, ("subscribers", "leave"): 2, ("subscribers", "erase"): 3}


def blocks(document: Path) -> list[tuple[str, str]]:
    """The fenced blocks of the document, each its kind and its text."""
    return re.findall(r"^```(.*)\n((?:.*\n)*?)```$", document.read_text(encoding="utf-8"), re.M)


def told(document: Path) -> Iterator[str]:
    """What people are told to type: the lines of blocks for a shell, and what in running text begins with a program."""
    for kind, text in blocks(document):
        if kind == "sh":
            yield from (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    programs = r"`((?:newsletter|make|sudo|docker|python|pip|openssl)\s[^`]+)`"
    for line in re.findall(programs, document.read_text(encoding="utf-8")):
        if not is_a_name(line.split()[1:]):
            yield " ".join(line.split())


def is_a_name(words: list[str]) -> bool:
    """True for a command that is only mentioned: it wants arguments, and has none."""
    command: click.Command = main
    for word in words:
        command = command.commands.get(word, command) if isinstance(command, click.Group) else command
    return command is not main and command.name == words[-1] and any(one.required for one in command.params)


def typed(line: str) -> list[str]:
    """The words of ``line`` as somebody types them: their own in the place of names, with what may be left out."""
    for command, (file, _) in FILES.items():
        line = line.replace(command, command.replace("FILE", file))
    for name, own in STANDS_FOR.items():
        line = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", own, line)
    return shlex.split(re.sub(r"[][…]", "", line), comments=True)


def test_a_block_says_whether_it_is_typed() -> None:
    assert {kind for document in DOCUMENTS for kind, _ in blocks(document)} <= {"sh", "ini", "text"}


def prepare(folder: Path, sqlite_template: Path) -> None:
    """An installation with readers and the paper that the documents name, and the files that people bring."""
    (folder / "var").mkdir(mode=0o700)
    shutil.copy(sqlite_template, folder / "var" / "newsletter.db")
    database = connect(f"sqlite:///{folder / 'var' / 'newsletter.db'}")
    with database.transaction() as session:
        papers_store.store_papers(session, [(paper(ref=STANDS_FOR["PAPER"]), [])], now=dt.datetime.now(dt.UTC))
    database.close()
    for name, text in {**dict(FILES.values()), **NAMED}.items():
        (folder / name).write_text(text)
    Image.new("RGB", (40, 40)).save(folder / "logo.png")
    # What the documents name by its place in the project.
    judgements = Path("tests", "topics", "judgements")
    (folder / judgements).parent.mkdir(parents=True)
    (folder / judgements).symlink_to(ROOT / judgements)


def test_each_command_of_the_documents_does_what_it_is_told_for(
    database_folder: Path, commands: Commands, sqlite_template: Path
) -> None:
    prepare(database_folder, sqlite_template)
    commands.run(database_folder, "subscribers", "import", "people.csv", "--consent", "asked")
    another = database_folder / "another"
    lines = [line for document in DOCUMENTS for line in told(document) if not line.startswith(tuple(NOT_TYPED))]
    # Each once, however many documents name it.
    for words in sorted(dict.fromkeys(tuple(typed(line)[1:]) for line in lines), key=lambda one: LAST.get(one[:2], 0)):
        folder = database_folder
        if words[0] == "restore":
            # Into an empty installation.
            folder = another
            another.mkdir()
            for name in ("nightly.newsletter", "left.csv"):
                shutil.copy(database_folder / name, another)
        # For a login a person is asked on a terminal.
        asked = ("--password-stdin",) if words[:2] == ("admin", "create") else ()
        answer = commands.run(folder, *words, *asked, text="horse stapler fjord pencil\n", SECRET_KEY=SECRET)
        assert answer.returncode == ENDS.get(" ".join(words), 0), (words, answer.stdout, answer.stderr)
        assert "Traceback" not in answer.stderr, (words, answer.stderr)


def test_what_is_not_typed_stands_in_a_document() -> None:
    lines = [line for document in DOCUMENTS for line in told(document)]
    assert [begins for begins in NOT_TYPED if not any(line.startswith(begins) for line in lines)] == []
