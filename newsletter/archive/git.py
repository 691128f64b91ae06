"""Hands published pages to git: commits them, and pushes them to the upstream of the branch, checked. It writes no page itself.

Commits of others are gone by: ours is put on top of them. What nobody but a person can settle is named with its mend, and nothing
is lost meanwhile: the commit is there, and goes out with the next one.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from newsletter.errors import InputError, TemporaryError

# A push of a year of pages takes seconds; a remote that does not answer must not hold up the jobs behind it.
SECONDS = 120
_SECRET = re.compile(r"(://)[^/@\s]+@")
_REFUSED = re.compile(
    r"rejected|denied|declined|protected|authenticat|could not read (?:username|password)|permission", re.IGNORECASE
)

_UNDER_WAY = (
    ("rebase-merge", "rebase"),
    ("rebase-apply", "rebase"),
    ("MERGE_HEAD", "merge"),
    ("CHERRY_PICK_HEAD", "cherry-pick"),
)


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where the branch ``local`` is pushed to; ``branch`` is "" where nobody has said so yet."""

    local: str
    remote: str
    branch: str


def commit_and_push(folder: Path, pages: Sequence[str], *, message: str, author: str, address: str) -> str:
    """Commits ``pages`` of ``folder`` and pushes the branch; gives what was done, in words. Nothing to commit is no failure.

    ``author`` and ``address`` sign the commit where git knows nobody. Raises InputError where there is no git, no repository,
    no branch or no remote, where others changed the same pages, or the push was refused; TemporaryError where the remote
    cannot be reached now.
    """
    _refuse_no_repository(folder)
    upstream = _upstream(folder)
    known = _git(folder, "config", "user.email").returncode == 0
    identity = () if known else ("-c", f"user.name={author}", "-c", f"user.email={address}")
    is_new = _commit(folder, pages, identity, message)
    if not is_new and _is_out(folder, upstream):
        return "nothing to commit"
    upstream = _settled(folder, upstream)
    onto = _put_on_top(folder, upstream, identity)
    return _push(folder, upstream, is_new=is_new, onto=onto)


def pages_not_out(folder: Path, pages: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Where the branch is pushed to, and those of ``pages`` that are not there as they are in ``folder``. Nothing is committed.

    Raises InputError and TemporaryError as ``commit_and_push`` does.
    """
    _refuse_no_repository(folder)
    upstream = _settled(folder, _upstream(folder))
    where = f"{upstream.remote}/{upstream.branch}"
    if not pages or not _fetched(folder, upstream):
        return where, tuple(pages)
    listed = _git(folder, "ls-tree", "-z", "FETCH_HEAD", "--", *pages)
    _ok(listed, f"what {where} holds cannot be told")
    there = {name: entry.split()[2] for entry, _, name in (line.partition("\t") for line in listed.stdout.split("\0") if line)}
    hashed = _git(folder, "hash-object", "--", *pages)
    _ok(hashed, "the pages cannot be read")
    here = dict(zip(pages, hashed.stdout.split(), strict=True))
    return where, tuple(name for name in pages if there.get(name) != here[name])


def _upstream(folder: Path) -> Upstream:
    """What git is set to. Raises InputError where HEAD is on no branch, something is half done, or there is no remote."""
    _refuse_half_done(folder)
    local = _said(_git(folder, "symbolic-ref", "--quiet", "--short", "HEAD"))
    if not local:
        raise InputError(f"the git repository of {folder} is on no branch (its HEAD is detached): run `git switch BRANCH` there")
    names = _git(folder, "remote").stdout.split()
    if not names:
        raise InputError(f"the git repository of {folder} has no remote: run `git remote add origin URL` there")
    own = _said(_git(folder, "config", f"branch.{local}.remote"))
    merge = _said(_git(folder, "config", f"branch.{local}.merge")) if own else ""
    remote = own if own and own != "." else "origin" if "origin" in names else names[0]
    return Upstream(local, remote, merge.removeprefix("refs/heads/") if own != "." else "")


def _refuse_no_repository(folder: Path) -> None:
    if _git(folder, "rev-parse", "--is-inside-work-tree").returncode != 0:
        raise InputError(f"{folder} is in no git repository: run `git init` there, and `git remote add origin URL`")


def _refuse_half_done(folder: Path) -> None:
    """Raises InputError where a rebase or a merge is under way: whoever began it ends it."""
    inside = Path(_said(_git(folder, "rev-parse", "--absolute-git-dir")))
    doing = next((command for name, command in _UNDER_WAY if (inside / name).exists()), "")
    if doing:
        raise InputError(
            f"a {doing} is under way in {folder}: end it with `git {doing} --continue` or `git {doing} --abort`, then publish"
        )


def _commit(folder: Path, pages: Sequence[str], identity: Sequence[str], message: str) -> bool:
    _ok(_git(folder, "add", "--", *pages), "git add failed")
    if _git(folder, "diff", "--cached", "--quiet", "--", *pages).returncode == 0:
        return False
    _ok(_git(folder, *identity, "commit", "--quiet", "-m", message, "--", *pages), "git commit failed")
    return True


def _is_out(folder: Path, upstream: Upstream) -> bool:
    """Whether there is nothing to push, as far as is known here."""
    if _git(folder, "rev-parse", "--verify", "--quiet", "HEAD").returncode != 0:
        return True
    ahead = _git(folder, "rev-list", "--count", f"refs/remotes/{upstream.remote}/{upstream.branch or upstream.local}..HEAD")
    return ahead.returncode == 0 and _said(ahead) == "0"


def _settled(folder: Path, upstream: Upstream) -> Upstream:
    """With a branch: its own name, where the remote is empty or has it. Raises InputError where it would be one more."""
    if upstream.branch:
        return upstream
    listed = _git(folder, "ls-remote", "--heads", upstream.remote)
    _reached(listed, upstream.remote)
    heads = [line.split("refs/heads/", 1)[1] for line in listed.stdout.splitlines() if "refs/heads/" in line]
    if heads and upstream.local not in heads:
        raise InputError(
            f"{upstream.remote} has no branch {upstream.local} (it has {', '.join(heads[:5])}), and none was told to be its"
            f" upstream: run `git branch --set-upstream-to={upstream.remote}/{heads[0]}`,"
            f" or `git push -u {upstream.remote} {upstream.local}` once"
        )
    return Upstream(upstream.local, upstream.remote, upstream.local)


def _put_on_top(folder: Path, upstream: Upstream, identity: Sequence[str]) -> int:
    """Puts our commits on top of those of others; gives how many these are. Raises InputError where they meet."""
    if not _fetched(folder, upstream):
        return 0
    behind = int(_said(_git(folder, "rev-list", "--count", "HEAD..FETCH_HEAD")) or 0)
    if behind and _git(folder, *identity, "rebase", "--quiet", "--autostash", "FETCH_HEAD").returncode != 0:
        _git(folder, "rebase", "--abort")
        raise InputError(
            f"{upstream.remote}/{upstream.branch} has commits of others that change the same pages: run"
            f" `git -C {folder} pull --rebase {upstream.remote} {upstream.branch}`, settle them, and publish again;"
            " the commit is kept"
        )
    return behind


def _fetched(folder: Path, upstream: Upstream) -> bool:
    """Fetches the branch of the remote into FETCH_HEAD; False where it has none yet."""
    fetched = _git(folder, "fetch", "--quiet", upstream.remote, f"refs/heads/{upstream.branch}")
    if fetched.returncode != 0 and "couldn't find remote ref" in fetched.stderr:
        return False
    _reached(fetched, upstream.remote)
    return True


def _push(folder: Path, upstream: Upstream, *, is_new: bool, onto: int) -> str:
    """Pushes, and asks the remote whether it has what we have."""
    where = f"{upstream.remote}/{upstream.branch}"
    pushed = _git(folder, "push", "--quiet", "--set-upstream", upstream.remote, f"HEAD:refs/heads/{upstream.branch}")
    if pushed.returncode != 0 and not _REFUSED.search(pushed.stderr):
        _reached(pushed, upstream.remote)
    _ok(pushed, f"the push to {where} was refused, and the commit goes out with the next one")
    head = _said(_git(folder, "rev-parse", "HEAD"))
    there = _said(_git(folder, "ls-remote", upstream.remote, f"refs/heads/{upstream.branch}"))
    if not there.startswith(head):
        raise TemporaryError(
            f"{where} does not have the commit {head[:10]} that was pushed: somebody else may have pushed meanwhile"
        )
    others = f", on top of {onto} commits of others" if onto else ""
    return f"{'committed and ' if is_new else ''}pushed to {where} at {head[:10]}{others}"


def _git(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", "GIT_EDITOR": "true"}
    try:
        command = ["git", "-C", str(folder), *words]
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
            env=environ,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError as error:
        raise InputError("git is not installed: install it, or publish without --git") from error
    except subprocess.TimeoutExpired as error:
        raise TemporaryError(f"git {words[0]} in {folder} did not end within {SECONDS} seconds") from error


def _said(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout.strip() if done.returncode == 0 else ""


def _reached(done: subprocess.CompletedProcess[str], remote: str) -> None:
    """Raises TemporaryError where a remote did not answer, InputError where it let nobody in."""
    if done.returncode == 0:
        return
    if _REFUSED.search(done.stderr):
        _ok(done, f"{remote} refused")
    raise TemporaryError(f"{remote} cannot be reached ({_reason(done)}): the commit is kept, and goes out with the next one")


def _ok(done: subprocess.CompletedProcess[str], what: str) -> None:
    if done.returncode != 0:
        raise InputError(f"{what}: {_reason(done)}")


def _reason(done: subprocess.CompletedProcess[str]) -> str:
    said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    told = next((line for line in said if "rejected" in line or line.startswith(("fatal:", "error:", "remote:"))), "")
    return _SECRET.sub(r"\1", told or (said[0] if said else "git gave no reason"))
