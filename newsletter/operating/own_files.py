"""What an operator gives in place of or over what ships: catalogue, glossaries, the topics' model, pages. All hosts share one.

Each file is kept in the database as a version, with who gave it and when; the newest that was not undone is in use. A process
looks for a newer one every few seconds. Where the one in use cannot be read (a row was damaged, or an older host cannot read
what a newer one took), the last good one before it goes on working, at last what ships.

To keep one more kind of file, name it here, give its reader to ``daily.own_files.reader_of`` and hand it over with
``daily.own_files.take``, which checks it. What has rows of its own (the marks on papers) needs none of this: a table of the
database is shared, backed up and moved as it is. This module knows no format: readers are handed in.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import structlog
from sqlalchemy.orm import Session

from newsletter.db import Database
from newsletter.errors import TemporaryError
from newsletter.languages import BY_CODE
from newsletter.operating import store

log = structlog.get_logger(__name__)

T = TypeVar("T")
# Turns a file's content into what it says; is given words for the place too. Raises PermanentError for what it cannot read.
Reader = Callable[[bytes, str], T]

CATALOGUE, MODEL, GLOSSARY, PAGE = "catalogue", "topics-model", "glossary-", "page-"
# What was learned beside the model, for papers with vectors.
FINER_MODEL = "topics-model-vectors"
BRANDING, LOGO, TEMPLATE = "branding", "logo", "template-"
# A change is seen everywhere within so many seconds, and costs a look into the database as often.
SECONDS = 3.0


def glossary_of(language: str) -> str:
    """The name of the own glossary of a language (a code such as ``zh-CN``)."""
    return f"{GLOSSARY}{language}"


def page_of(page: str, language: str) -> str:
    """The name of the own words of a page (``about``) in a language."""
    return f"{PAGE}{page}-{language}"


def files_in(data_dir: Path) -> list[tuple[str, Path]]:
    """What stands in DATA_DIR from before own files were kept in the database: (name, path) of each."""
    whole = [(CATALOGUE, data_dir / "catalogue.yaml"), (MODEL, data_dir / "topics-model.npz")]
    glossaries = sorted((data_dir / "glossaries").glob("*.yaml"))
    return [(name, path) for name, path in whole if path.is_file()] + [
        (glossary_of(path.stem), path) for path in glossaries if path.stem in BY_CODE
    ]


def called(name: str) -> str:
    """The file as a sentence names it."""
    if name.startswith(GLOSSARY):
        return f"the glossary of {name.removeprefix(GLOSSARY)}"
    if name.startswith(PAGE):
        page, _, language = name.removeprefix(PAGE).partition("-")
        return f"the text of /{page} in {language}"
    if name.startswith(TEMPLATE):
        return f"the template {name.removeprefix(TEMPLATE)}"
    whole = {
        CATALOGUE: "the catalogue",
        MODEL: "the model of the topics",
        FINER_MODEL: "the model of the topics for papers with vectors",
        BRANDING: "the branding",
        LOGO: "the logo",
    }
    return whole.get(name, name)


class OwnFiles:
    """The own files in use, as this process read them last; safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._numbers: Mapping[str, int] = {}
        self._looked = float("-inf")
        self._read: dict[str, tuple[int, object]] = {}
        self._lock = threading.RLock()
        self.problems: dict[str, str] = {}

    def names(self) -> tuple[str, ...]:
        """The names of which a version is in use."""
        self._look_now_and_then()
        return tuple(sorted(self._numbers))

    def looks(self) -> tuple[tuple[str, int], ...]:
        """What mails and pages look by, as (name, version in use): another one once anything of it is another."""
        self._look_now_and_then()
        return tuple(sorted(item for item in self._numbers.items() if item[0].startswith((BRANDING, LOGO, TEMPLATE))))

    def read(self, name: str, reader: Reader[T], otherwise: Callable[[], T]) -> T:
        """What the file ``name`` says, as ``reader`` reads it: that object again until another version is in use.

        ``otherwise`` gives what ships, for a file that nobody gave or of which no version can be read; ``problems`` says so then.
        """
        self._look_now_and_then()
        number = self._numbers.get(name, 0)
        kept = self._read.get(name)
        if kept is None or kept[0] != number:
            with self._lock:
                kept = self._read.get(name)
                if kept is None or kept[0] != number:
                    kept = self._read_anew(name, number, reader, otherwise)
        return kept[1]  # type: ignore[return-value] # one name is always read by one reader

    def look(self, session: Session | None = None) -> None:
        """Sees at once what is in use now, in ``session`` where one is open. Raises TemporaryError."""
        if session is None:
            with self._database.reading() as own:
                numbers = store.own_versions_in_use(own)
        else:
            numbers = store.own_versions_in_use(session)
        with self._lock:
            gone = self._read.keys() - numbers.keys()
            self.problems = {name: problem for name, problem in self.problems.items() if name not in gone}
            self._numbers, self._looked = numbers, time.monotonic()

    def _look_now_and_then(self) -> None:
        if time.monotonic() - self._looked < SECONDS:
            return
        try:
            self.look()
        except TemporaryError as error:
            # What was known goes on; whoever needs the database finds out by themselves.
            self._looked = time.monotonic()
            log.debug("own files not looked for", problem=str(error))

    def _read_anew(self, name: str, number: int, reader: Reader[T], otherwise: Callable[[], T]) -> tuple[int, object]:
        try:
            found = self._last_good(name, reader, otherwise) if number else otherwise()
        except TemporaryError:
            return self._read.get(name) or (number, otherwise())
        self._read[name] = (number, found)
        return self._read[name]

    def _last_good(self, name: str, reader: Reader[T], otherwise: Callable[[], T]) -> T:
        with self._database.reading() as session:
            versions = store.own_versions(session, name)
        first_problem = ""
        for version in versions:
            if version.undone_at is not None:
                continue
            with self._database.reading() as session:
                content = store.own_content(session, name, version.number)
            try:
                found = reader(content or b"", f"{called(name)}, version {version.number}")
            except Exception as error:  # noqa: BLE001 - whatever a damaged row does to its reader, pages and mails go on
                first_problem = first_problem or str(error) or type(error).__name__
                continue
            self._note(name, first_problem, f"version {version.number}, the last good one, is used")
            return found
        self._note(name, first_problem, "what ships is used")
        return otherwise()

    def _note(self, name: str, problem: str, used: str) -> None:
        if problem:
            self.problems[name] = f"{problem}; {used}"
            log.error("an own file cannot be read", file=name, problem=self.problems[name])
        else:
            self.problems.pop(name, None)
