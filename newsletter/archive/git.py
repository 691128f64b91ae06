"""Hands published pages to git: commits them, and pushes to the remote that the operator set up. It writes no page itself."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from newsletter.errors import InputError, TemporaryError

# A push of a year of pages takes seconds; a remote that does not answer must not hold up the jobs behind it.
SECONDS = 120
_SECRET = re.compile(r"(://)[^/@\s]+@")


def commit_and_push(folder: Path, pages: Sequence[str], *, message: str, author: str, address: str) -> str:
    """Commits ``pages`` of ``folder`` and pushes the branch; gives what was done, in words. Nothing to commit is no failure.

    ``author`` and ``address`` sign the commit where git knows nobody. Raises InputError where there is no git, no repository
    or no remote, or the push was refused; TemporaryError where the remote did not answer in time.
    """
    inside = _git(folder, "rev-parse", "--is-inside-work-tree")
    if inside.returncode != 0:
        raise InputError(f"{folder} is in no git repository: run `git init` there, and `git remote add origin URL`")
    remote = _remote(folder)
    _ok(_git(folder, "add", "--", *pages), "git add failed")
    staged = _git(folder, "diff", "--cached", "--quiet", "--", *pages).returncode != 0
    if staged:
        known = _git(folder, "config", "user.email").returncode == 0
        identity = () if known else ("-c", f"user.name={author}", "-c", f"user.email={address}")
        _ok(_git(folder, *identity, "commit", "--quiet", "-m", message, "--", *pages), "git commit failed")
    elif _git(folder, "rev-parse", "--verify", "--quiet", "HEAD").returncode != 0:
        return "nothing to commit"
    branch = _git(folder, "rev-parse", "--abbrev-ref", "HEAD").stdout.strip()
    behind = _git(folder, "rev-list", "--count", f"{remote}/{branch}..HEAD")
    if not staged and behind.returncode == 0 and behind.stdout.strip() == "0":
        return "nothing to commit"
    _ok(_git(folder, "push", "--quiet", remote, f"HEAD:refs/heads/{branch}"), f"the push to {remote} was refused")
    return f"committed and pushed to {remote}" if staged else f"pushed to {remote}"


def _remote(folder: Path) -> str:
    """The remote of the branch, else the one called origin, else the only one."""
    names = _git(folder, "remote").stdout.split()
    if not names:
        raise InputError(f"the git repository of {folder} has no remote: run `git remote add origin URL` there")
    branch = _git(folder, "symbolic-ref", "--quiet", "--short", "HEAD").stdout.strip()
    own = _git(folder, "config", f"branch.{branch}.remote").stdout.strip() if branch else ""
    return own or ("origin" if "origin" in names else names[0])


def _git(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        command = ["git", "-C", str(folder), *words]
        return subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=SECONDS, env=environ, check=False
        )
    except FileNotFoundError as error:
        raise InputError("git is not installed: install it, or publish without --git") from error
    except subprocess.TimeoutExpired as error:
        raise TemporaryError(f"git {words[0]} in {folder} did not end within {SECONDS} seconds") from error


def _ok(done: subprocess.CompletedProcess[str], what: str) -> None:
    if done.returncode != 0:
        said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        told = next((line for line in said if "rejected" in line or line.startswith(("fatal:", "error:", "remote:"))), "")
        shown = _SECRET.sub(r"\1", told or (said[0] if said else "git gave no reason"))
        raise InputError(f"{what}: {shown}")
