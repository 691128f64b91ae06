"""Pages are handed to git: each state of a repository ends in what was done, checked, or in its mend, and nothing is lost."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from newsletter.archive.git import commit_and_push, pages_not_out
from newsletter.errors import InputError, TemporaryError


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, text=True).stdout.strip()


def commit(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")
    git(folder, "add", name)
    git(folder, "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "--quiet", "-m", name)


def publish(folder: Path, text: str = "papers\n") -> str:
    (folder / "page.md").write_text(text, encoding="utf-8")
    return commit_and_push(folder, ["page.md"], message="Papers", author="Papers", address="papers@example.org")


@pytest.fixture
def remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bare remote with one commit on main."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    bare, seed = tmp_path / "remote.git", tmp_path / "seed"
    subprocess.run(["git", "init", "--quiet", "--bare", "-b", "main", str(bare)], check=True)
    subprocess.run(["git", "init", "--quiet", "-b", "main", str(seed)], check=True)
    commit(seed, "README.md", "seed\n")
    git(seed, "push", "--quiet", str(bare), "main")
    return bare


@pytest.fixture
def clone(remote: Path, tmp_path: Path) -> Path:
    subprocess.run(["git", "clone", "--quiet", str(remote), str(tmp_path / "clone")], check=True)
    return tmp_path / "clone"


def test_a_clone_is_pushed_to_its_upstream_and_the_remote_has_what_is_said(clone: Path, remote: Path) -> None:
    said = publish(clone)
    head = git(clone, "rev-parse", "HEAD")
    assert said == f"committed and pushed to origin/main at {head[:10]}"
    assert git(remote, "rev-parse", "main") == head
    assert publish(clone) == "nothing to commit"


def test_a_branch_that_follows_another_name_goes_there_and_makes_no_new_one(clone: Path, remote: Path) -> None:
    git(clone, "switch", "--quiet", "-c", "pages", "--track", "origin/main")
    assert publish(clone).startswith("committed and pushed to origin/main at ")
    assert git(remote, "branch", "--format=%(refname:short)") == "main"


def test_a_branch_without_upstream_beside_others_is_told_and_not_made(clone: Path, remote: Path) -> None:
    git(clone, "switch", "--quiet", "-c", "master", "--no-track")
    with pytest.raises(InputError, match=r"no branch master \(it has main\).*--set-upstream-to=origin/main"):
        publish(clone)
    assert git(remote, "branch", "--format=%(refname:short)") == "main"


def test_a_detached_head_is_refused_before_anything_is_committed(clone: Path, remote: Path) -> None:
    git(clone, "switch", "--quiet", "--detach")
    before = git(clone, "rev-parse", "HEAD")
    with pytest.raises(InputError, match="git switch BRANCH"):
        publish(clone)
    assert git(clone, "rev-parse", "HEAD") == before
    assert "HEAD" not in git(remote, "for-each-ref", "--format=%(refname:short)")


def test_commits_of_others_are_kept_below_ours(clone: Path, remote: Path, tmp_path: Path) -> None:
    commit(tmp_path / "seed", "other.md", "theirs\n")
    git(tmp_path / "seed", "push", "--quiet", str(remote), "main")
    (clone / "README.md").write_text("not committed yet\n", encoding="utf-8")
    assert publish(clone).endswith(", on top of 1 commits of others")
    assert git(remote, "show", "main:other.md") == "theirs"
    assert git(remote, "show", "main:page.md") == "papers"
    assert (clone / "README.md").read_text(encoding="utf-8") == "not committed yet\n"


def test_the_same_page_changed_by_others_is_named_with_its_mend_and_the_commit_stays(
    clone: Path, remote: Path, tmp_path: Path
) -> None:
    commit(tmp_path / "seed", "page.md", "theirs\n")
    git(tmp_path / "seed", "push", "--quiet", str(remote), "main")
    with pytest.raises(InputError, match="pull --rebase origin main"):
        publish(clone)
    assert git(clone, "show", "HEAD:page.md") == "papers"
    assert git(clone, "status", "--porcelain") == ""
    assert git(remote, "show", "main:page.md") == "theirs"


def test_a_remote_that_is_away_keeps_the_commit_for_the_next_time(clone: Path, remote: Path) -> None:
    remote.rename(remote.with_name("away.git"))
    with pytest.raises(TemporaryError, match=r"cannot be reached.*the commit is kept"):
        publish(clone)
    remote.with_name("away.git").rename(remote)
    assert publish(clone).startswith("pushed to origin/main at ")
    assert git(remote, "show", "main:page.md") == "papers"


def test_a_remote_that_refuses_says_why(clone: Path, remote: Path) -> None:
    hook = remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho closed today >&2\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    with pytest.raises(InputError, match="refused, and the commit goes out with the next one: remote: closed today"):
        publish(clone)


def test_an_empty_remote_gets_the_branch_and_is_its_upstream(tmp_path: Path, remote: Path) -> None:
    empty, fresh = tmp_path / "empty.git", tmp_path / "fresh"
    subprocess.run(["git", "init", "--quiet", "--bare", str(empty)], check=True)
    subprocess.run(["git", "init", "--quiet", "-b", "trunk", str(fresh)], check=True)
    git(fresh, "remote", "add", "pages", str(empty))
    assert publish(fresh).startswith("committed and pushed to pages/trunk at ")
    assert git(fresh, "rev-parse", "--abbrev-ref", "trunk@{upstream}") == "pages/trunk"


def test_a_rebase_under_way_is_left_alone(clone: Path) -> None:
    (Path(git(clone, "rev-parse", "--absolute-git-dir")) / "rebase-merge").mkdir()
    with pytest.raises(InputError, match="git rebase --continue"):
        publish(clone)


def checked(folder: Path) -> tuple[str, tuple[str, ...]]:
    before = git(folder, "rev-parse", "HEAD"), git(folder, "status", "--porcelain")
    found = pages_not_out(folder, ["page.md"])
    assert (git(folder, "rev-parse", "HEAD"), git(folder, "status", "--porcelain")) == before
    return found


def test_a_check_says_what_the_upstream_lacks_and_does_nothing(clone: Path, remote: Path, tmp_path: Path) -> None:
    (clone / "page.md").write_text("papers\n", encoding="utf-8")
    lacking = ("origin/main", ("page.md",))
    assert checked(clone) == lacking  # not committed
    commit(clone, "page.md", "papers\n")
    assert checked(clone) == lacking  # not pushed
    publish(clone)
    assert checked(clone) == ("origin/main", ())
    git(tmp_path / "seed", "pull", "--quiet", "--ff-only", str(remote), "main")
    commit(tmp_path / "seed", "other.md", "theirs\n")
    git(tmp_path / "seed", "push", "--quiet", str(remote), "main")
    assert checked(clone) == ("origin/main", ())  # others' commits are no matter
    commit(tmp_path / "seed", "page.md", "changed by others\n")
    git(tmp_path / "seed", "push", "--quiet", str(remote), "main")
    assert checked(clone) == lacking


def test_a_check_refuses_the_states_that_a_push_refuses(clone: Path, remote: Path) -> None:
    (clone / "page.md").write_text("papers\n", encoding="utf-8")
    git(clone, "switch", "--quiet", "--detach")
    with pytest.raises(InputError, match="git switch BRANCH"):
        checked(clone)
    git(clone, "switch", "--quiet", "-c", "master", "--no-track")
    with pytest.raises(InputError, match="--set-upstream-to=origin/main"):
        checked(clone)
    git(clone, "switch", "--quiet", "main")
    remote.rename(remote.with_name("away.git"))
    with pytest.raises(TemporaryError, match="cannot be reached"):
        checked(clone)


def test_a_check_of_an_empty_remote_finds_every_page_missing(tmp_path: Path, remote: Path) -> None:
    empty, fresh = tmp_path / "empty.git", tmp_path / "fresh"
    subprocess.run(["git", "init", "--quiet", "--bare", str(empty)], check=True)
    subprocess.run(["git", "init", "--quiet", "-b", "trunk", str(fresh)], check=True)
    git(fresh, "remote", "add", "pages", str(empty))
    commit(fresh, "page.md", "papers\n")
    assert checked(fresh) == ("pages/trunk", ("page.md",))
