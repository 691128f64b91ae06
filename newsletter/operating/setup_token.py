"""The token that opens the page of the first evening: offered at the start of a service that nobody can log in to yet.

It stands in DATA_DIR/run, which nobody else reads, and goes once there is an owner. No backup holds it.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from newsletter.operating.runtime import run_folder

FILE, BYTES = "setup.json", 24


@dataclass(frozen=True, slots=True)
class Offer:
    """``token`` opens the page; ``names`` are the settings that the environment sets, which no answer on the page can change."""

    token: str
    names: frozenset[str]


def offer(data_dir: Path, names: frozenset[str]) -> str:
    """The token that is offered from now on: the one of the start before, else a new one."""
    before = standing(data_dir)
    token = before.token if before else secrets.token_urlsafe(BYTES)
    path = run_folder(data_dir) / FILE
    draft = path.with_name(f".{FILE}-{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        json.dump({"token": token, "names": sorted(names)}, out)
    draft.replace(path)
    return token


def standing(data_dir: Path) -> Offer | None:
    """What is offered now; None where nothing is."""
    try:
        found = json.loads((data_dir / "run" / FILE).read_text(encoding="utf-8"))
        return Offer(str(found["token"]), frozenset(map(str, found["names"])))
    except (OSError, ValueError, LookupError, TypeError):
        return None


def opens(data_dir: Path, token: str) -> Offer | None:
    """The offer that ``token`` opens; None where it is another one, or nothing is offered."""
    found = standing(data_dir)
    return found if found and hmac.compare_digest(found.token.encode(), token.encode()) else None


def forget(data_dir: Path) -> None:
    """Nothing is offered any more."""
    (run_folder(data_dir) / FILE).unlink(missing_ok=True)
