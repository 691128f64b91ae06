"""An operator's own catalogue, glossaries and model of the topics: taken in after a check, gone back from, and looked after.

What is given is read whole before it is taken; of what is refused nothing is left, and the one in use stays in use. A change of
catalogue or model has the papers of the last weeks matched anew, one of a glossary is seen by the next translating.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from newsletter.daily.match import rematch
from newsletter.errors import InputError, NewsletterError, PermanentError, SettingsError, TemporaryError
from newsletter.languages import BY_CODE
from newsletter.operating import store
from newsletter.operating.own_files import (
    BRANDING,
    CATALOGUE,
    FINER_MODEL,
    GLOSSARY,
    LOGO,
    MODEL,
    PAGE,
    TEMPLATE,
    Reader,
    called,
    files_in,
)
from newsletter.operating.store import OwnVersion
from newsletter.text.own_pages import PAGES, read_page

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

# What a file is called once it was taken in, or once another version was in use already.
TAKEN, LEFT = ".taken", ".not-taken"


@dataclass(frozen=True, slots=True)
class Change:
    """What a change came to: ``number`` is the version in use now (0: what ships), ``matched`` papers were matched anew."""

    number: int
    matched: int


def reader_of(name: str) -> Reader[object]:
    """What reads, and so checks, an own file; it raises SettingsError for whatever is wrong with the file.

    Raises InputError for a name that no own file has.
    """
    reader = _reader_of(name)

    def read(content: bytes, where: str) -> object:
        try:
            return reader(content, where)
        except NewsletterError:
            raise
        except Exception as error:
            # Files are broken in ways that no reader foresees, and one of them must stop nothing.
            fault = f"{type(error).__name__}: {error}"
            raise SettingsError(f"{where} cannot be read ({fault}): mend it, or export it anew") from error

    return read


def _reader_of(name: str) -> Reader[object]:
    if name == CATALOGUE:
        from newsletter.topics.catalogue import parse as read_catalogue

        return read_catalogue
    if name in (MODEL, FINER_MODEL):
        from newsletter.topics.learned.model import parse as read_model

        return read_model
    if name in (BRANDING, LOGO):
        from newsletter.operating.branding import parse_branding, parse_logo

        return parse_logo if name == LOGO else parse_branding
    if name.startswith(TEMPLATE):
        from newsletter.bootstrap import TEMPLATES
        from newsletter.mail.rendering.own_templates import checker

        return checker(name.removeprefix(TEMPLATE), TEMPLATES / "email")
    language = name.removeprefix(GLOSSARY)
    if name.startswith(PAGE):
        return _reader_of_page(name)
    if name.startswith(GLOSSARY) and language in BY_CODE:
        from newsletter.translation.glossary import overlaid

        return partial(overlaid, language)
    if name.startswith(GLOSSARY):
        raise InputError(f"{language} is no language of this service: give one of {', '.join(BY_CODE)}")
    raise InputError(f"{name} is no file of an operator's own: give {CATALOGUE}, {MODEL}, {GLOSSARY}CODE or {PAGE}PAGE-CODE")


def _reader_of_page(name: str) -> Reader[object]:
    page, _, language = name.removeprefix(PAGE).partition("-")
    if page not in PAGES:
        raise InputError(f"/{page} is no page with a text of one's own: give one of {', '.join(PAGES)}")
    if language not in BY_CODE:
        raise InputError(f"{language or 'nothing'} is no language of this service: give one of {', '.join(BY_CODE)}")
    return read_page


def take(services: Services, name: str, content: bytes, *, where: str, who: str, note: str, now: dt.datetime) -> Change:
    """Checks ``content`` and uses it from now on, on every host; the same as is in use changes nothing.

    ``where`` names it for messages. Raises InputError or SettingsError for what cannot be used; then nothing has changed.
    """
    return take_together(services, {name: content}, where=where, who=who, note=note, now=now)


def take_together(
    services: Services, contents: Mapping[str, bytes], *, where: str, who: str, note: str, now: dt.datetime
) -> Change:
    """As ``take`` for several files by name, of which one needs the other; gives what the first came to."""
    for name, content in contents.items():
        reader_of(name)(content, where)
    with services.database.transaction() as session:
        store.lock_own_files(session)
        for name, content in contents.items():
            digest = hashlib.sha256(content).hexdigest()
            current = _current(store.own_versions(session, name))
            if current is None or current.digest != digest:
                store.add_own_version(session, name, content, digest=digest, note=note, who=who[:64], now=now)
    return _changed(services, next(iter(contents)), now=now)


def undo(services: Services, name: str, *, who: str, now: dt.datetime) -> tuple[OwnVersion, Change]:
    """Goes back to the version before the one in use, at last to what ships; gives the one that was undone too.

    Raises InputError where what ships is in use.
    """
    reader_of(name)
    with services.database.transaction() as session:
        store.lock_own_files(session)
        current = _current(store.own_versions(session, name))
        if current is None:
            raise InputError(f"there is nothing to undo: what ships is in use for {called(name)}")
        store.undo_own_version(session, name, current.number, who=who[:64], now=now)
    return current, _changed(services, name, now=now)


def history(services: Services, name: str = "") -> list[tuple[OwnVersion, bool]]:
    """The versions of one own file or of all, the newest first, each with whether it is in use."""
    if name:
        reader_of(name)
    with services.database.reading() as session:
        versions, in_use = store.own_versions(session, name), store.own_versions_in_use(session)
    return [(version, in_use.get(version.name) == version.number) for version in versions]


def content_of(services: Services, name: str, *, number: int = 0) -> bytes | None:
    """The content of the version in use, or of the version ``number``; None where what ships is in use.

    Raises InputError for a version that is not kept.
    """
    reader_of(name)
    with services.database.reading() as session:
        wanted = number or store.own_versions_in_use(session).get(name, 0)
        content = store.own_content(session, name, wanted) if wanted else None
    if number and content is None:
        raise InputError(f"there is no version {number} of {called(name)}: see `newsletter catalogue history`")
    return content


def problems(services: Services) -> list[str]:
    """A line for each own file whose version in use cannot be read, with what is used in its place."""
    services.own_files.look()
    for name in services.own_files.names():
        if name in (BRANDING, LOGO) or name.startswith(TEMPLATE):
            _ = services.branding, services.logo, services.renderer
        elif name == CATALOGUE:
            _ = services.catalogue
        elif name in (MODEL, FINER_MODEL):
            _ = services.model, services.finer_model
        elif name.startswith(GLOSSARY):
            services.glossary(name.removeprefix(GLOSSARY))
        else:
            services.own_page(*name.removeprefix(PAGE).split("-", 1))
    return [services.own_files.problems[name] for name in sorted(services.own_files.problems)]


def take_in_files(services: Services, *, now: dt.datetime) -> list[str]:
    """Takes in what stands in DATA_DIR from before own files were kept in the database, once; gives a line for each file.

    A file is renamed when it is taken in, or when another version is in use already; a broken one stays, and what ships is used.
    """
    told = []
    for name, path in files_in(services.settings.data_dir):
        try:
            told.append(_take_in(services, name, path, now=now))
        except TemporaryError as error:
            told.append(f"{path} is not taken into the database yet: {error}")
    return [line for line in told if line]


def _take_in(services: Services, name: str, path: Path, *, now: dt.datetime) -> str:
    try:
        content = path.read_bytes()
        reader_of(name)(content, path.name)
    except OSError as error:
        return f"{path} was not taken into the database: it cannot be read ({error.strerror})"
    except PermanentError as error:
        return f"{path} was not taken into the database: {error}"
    digest = hashlib.sha256(content).hexdigest()
    with services.database.transaction() as session:
        store.lock_own_files(session)
        versions = store.own_versions(session, name)
        known = any(version.digest == digest for version in versions)
        if not versions:
            note = f"taken in from {path}"
            store.add_own_version(session, name, content, digest=digest, note=note, who="", now=now)
    suffix = TAKEN if known or not versions else LEFT
    aside = _set_aside(path, suffix)
    if not versions:
        _changed(services, name, now=now)
        return f"{path} was taken into the database, where {called(name)} is kept now; {aside}"
    if known:
        return ""
    return f"{path} is not used: the database has another version of {called(name)}; {aside}"


def _set_aside(path: Path, suffix: str) -> str:
    target = path.with_name(f"{path.name}{suffix}")
    try:
        path.replace(target)
    except OSError:
        return "the file is read no more"
    return f"the file is {target.name} now, and read no more"


def _current(versions: list[OwnVersion]) -> OwnVersion | None:
    return next((version for version in versions if version.undone_at is None), None)


def _changed(services: Services, name: str, *, now: dt.datetime) -> Change:
    services.own_files.look()
    with services.database.reading() as session:
        number = store.own_versions_in_use(session).get(name, 0)
    return Change(number, rematch(services, now=now) if name in (CATALOGUE, MODEL) else 0)
