"""What runs on this machine now: records under DATA_DIR/run, by which other processes find the embedded parts.

A part (``redis``, ``inbox``, ``web``) writes its address and process id; a record whose process is gone is ignored, so that a
killed service leaves no wrong address behind. Secrets have no place here.
"""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from pathlib import Path

from pydantic import SecretStr

from newsletter.settings import Settings

REDIS, INBOX, WEB = "redis", "inbox", "web"
RESTART = "restart"
DEFAULT_BASE_URL = "http://127.0.0.1:8000"


def run_folder(data_dir: Path) -> Path:
    """The folder of the records, made where it is missing."""
    folder = data_dir / "run"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def record(data_dir: Path, part: str, *, address: str, pid: int | None = None) -> None:
    """Writes where ``part`` listens; ``pid`` is the process that it runs in (default: this one)."""
    owner = pid or os.getpid()
    path = run_folder(data_dir) / f"{part}.json"
    draft = path.with_name(f".{part}-{secrets.token_hex(4)}")
    draft.write_text(json.dumps({"address": address, "pid": owner, "started": _started(owner)}), encoding="utf-8")
    draft.replace(path)


def forget(data_dir: Path, part: str) -> None:
    """Removes the record of ``part``, if there is one."""
    (run_folder(data_dir) / f"{part}.json").unlink(missing_ok=True)


def address_of(data_dir: Path, part: str) -> str:
    """Where ``part`` listens, empty where it does not run."""
    return last_address_of(data_dir, part) if pid_of(data_dir, part) else ""


def last_address_of(data_dir: Path, part: str) -> str:
    """Where ``part`` listens or listened last, empty where nothing is recorded."""
    return str(_read(data_dir, part).get("address", ""))


def pid_of(data_dir: Path, part: str) -> int:
    """The process that ``part`` lives in, 0 where it does not run."""
    found = _read(data_dir, part)
    pid = found.get("pid")
    return pid if isinstance(pid, int) and is_alive(pid) and _started(pid) == found.get("started") else 0


def _read(data_dir: Path, part: str) -> dict[str, object]:
    try:
        found = json.loads((data_dir / "run" / f"{part}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def redis_url(data_dir: Path) -> str:
    """The URL of the embedded Redis of a running service, empty where there is none."""
    return address_of(data_dir, REDIS)


def ask_for_restart(data_dir: Path) -> None:
    """Has `newsletter run` end all of its processes, read the settings, and start anew."""
    (run_folder(data_dir) / RESTART).touch(mode=0o600)


def take_wish_to_restart(data_dir: Path) -> bool:
    """True once where that was asked for."""
    try:
        (data_dir / "run" / RESTART).unlink()
    except OSError:
        return False
    return True


def inbox_port(data_dir: Path) -> int | None:
    """The loopback port of the local inbox's mail server, None where it does not run."""
    port = address_of(data_dir, INBOX).rpartition(":")[2]
    return int(port) if port.isdecimal() else None


def resolved(settings: Settings) -> Settings:
    """``settings`` completed by the service that runs on this machine: its Redis, and the address of its pages."""
    web = address_of(settings.data_dir, WEB)
    base_url = web if web and settings.base_url == DEFAULT_BASE_URL else settings.base_url
    return settings.model_copy(
        update={"redis_url": settings.redis_url or SecretStr(redis_url(settings.data_dir)), "base_url": base_url}
    )


def is_alive(pid: int) -> bool:
    """True where a process of this number runs on this machine."""
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, 0)
        return True
    return Path(f"/proc/{pid}").exists()


def _started(pid: int) -> str:
    """When the process began, in the kernel's ticks, so that a reused process id is recognised; empty without /proc."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return ""
    # Field 22 of proc(5), counted from the state, which is field 3. A zombie (Z) has ended.
    return "" if after_name[0] == "Z" else after_name[19]
