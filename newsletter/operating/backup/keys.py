"""The keys that links and suppressions hang on, and the other files of an installation, on their way into a backup and back.

A key that lives in DATA_DIR comes along in the file; of one that is set in the environment only a fingerprint does, so that a
restore can say that it is missing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from newsletter.errors import InputError
from newsletter.settings import Settings

# Where a key is made that no variable sets.
KEY_FILES = {"SECRET_KEY": "secret_key", "SUPPRESSION_KEY": "suppression_key"}
LOST = {
    "SECRET_KEY": "links in mails already sent are void without it",
    "SUPPRESSION_KEY": "nobody who wants no mail is recognised without it",
}
# What editors put there. Catalogues and glossaries are rows of the database.
FOLDERS = ("pictures",)
ASIDE = ".before-restore"


def fingerprints(settings: Settings) -> dict[str, list[str]]:
    """What each key can be told by, and not be guessed from: those that sign and verify links, and the one of suppressions."""
    keys = {name: [_fingerprint(key) for key in held] for name, held in _keys(settings).items()}
    return {name: sorted(found) for name, found in keys.items()}


def _keys(settings: Settings) -> dict[str, list[str]]:
    links = [key.get_secret_value() for key in settings.secret_keys]
    return {"SECRET_KEY": links, "SUPPRESSION_KEY": [settings.suppression_key.get_secret_value()]}


def _fingerprint(key: str) -> str:
    return hashlib.scrypt(key.encode(), salt=b"newsletter backup", n=2**14, r=8, p=1, dklen=12).hex()


def _in_file(settings: Settings, name: str) -> bool:
    """True where the key in use is the one that was made in DATA_DIR."""
    try:
        kept = (settings.data_dir / KEY_FILES[name]).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return False
    return _keys(settings)[name] == [kept]


def files_of(settings: Settings) -> Iterator[tuple[str, Path]]:
    """The files that belong to an installation, by their name in a backup: keys in use, pictures."""
    for name, file in KEY_FILES.items():
        if _in_file(settings, name):
            yield file, settings.data_dir / file
    for folder in FOLDERS:
        for path in sorted((settings.data_dir / folder).glob("*")):
            if path.is_file() and not path.name.startswith("."):
                yield f"{folder}/{path.name}", path


def belongs(name: str) -> bool:
    """Whether a backup may hold a file of this name: nothing is written anywhere else."""
    parts = PurePosixPath(name).parts
    if len(parts) == 1:
        return name in KEY_FILES.values()
    return len(parts) == 2 and parts[0] in FOLDERS and not parts[1].startswith(".") and "\\" not in name


def check_keys(wanted: Mapping[str, Sequence[str]], brought: Sequence[str], settings: Settings) -> None:
    """Raises InputError where a key of the backup neither comes with it nor is set here."""
    here = fingerprints(settings)
    for name, file in KEY_FILES.items():
        if file in brought and _in_file(settings, name):
            continue
        if set(wanted.get(name, ())) - set(here[name]):
            raise InputError(
                f"{name} is not the one that the backup was made with, and {LOST[name]}: set {name} as it was there,"
                " or restore with --new-keys"
            )


def put(data_dir: Path, name: str, data: bytes) -> None:
    """Writes a file of a backup; another of its name is kept beside it. Keys are readable to their owner only."""
    path = data_dir / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.is_file() and path.read_bytes() != data:
        path.replace(path.with_name(f"{path.name}{ASIDE}"))
    draft = path.with_name(f".{path.name}.draft")
    draft.touch(mode=0o600)
    draft.write_bytes(data)
    draft.replace(path)
