"""The set-up of .venv on machines that lack something: it works, or ends in one line that says what to do.

The machine is a PATH with what such a one has; the uv on it is a stand-in that answers as the real one does.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.run.processes import ROOT, wait_until
from tests.waiting import PATIENCE

TOOLS = [
    "sh",
    "dirname",
    "sed",
    "cut",
    "cat",
    "cksum",
    "mkdir",
    "rm",
    "ls",
    "grep",
    "tail",
    "uname",
    "env",
    "flock",
    "sleep",
    "touch",
    "expand",
    "chmod",
]
RUNS = f'exec "{sys.executable}" "$@"'
TOO_OLD = "exit 0"
STAND_IN = "echo 'pyenv: python3.12: command not found' >&2; exit 127"
NO_ENSUREPIP = f'case "$*" in *ensurepip*) exit 1;; esac; {RUNS}'
OWN = "{}.{}".format(*sys.version_info[:2])


class Machine:
    """A copy of what the set-up reads, in a folder with a space and letters beyond ASCII, and a PATH of its own."""

    def __init__(self, folder: Path) -> None:
        self.project, self.bin = folder / "Ein Ördner 文" / "papers", folder / "bin"
        (self.project / ".ci").mkdir(parents=True)
        self.bin.mkdir()
        for name in (
            "run",
            ".ci/setup",
            "pyproject.toml",
            "requirements.lock",
            "requirements-dev.lock",
            "requirements-build.lock",
        ):
            shutil.copy(ROOT / name, self.project / name)
        for name in TOOLS:
            found = shutil.which(name)
            if found:
                (self.bin / name).symlink_to(found)

    @property
    def venv(self) -> Path:
        return self.project / ".venv"

    def has(self, name: str, script: str) -> None:
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def has_uv(self, *, brings: bool = True, install: str = "exit 0") -> None:
        """A uv that makes environments (of a Python of its own where it ``brings`` one) and installs as ``install`` says."""
        python = sys.executable if brings else "false"
        self.has(
            "uv",
            f"""case "$*" in
            *--help*) echo "  -b, --build-constraints <FILE>" ;;
            venv*) for venv in "$@"; do :; done
                echo "$*" >>"{self.bin}/asked"
                {python} -m venv --without-pip "$venv" || {{ echo "error: No interpreter found for Python >=3.11"; exit 2; }} ;;
            *) echo "$*" >>"{self.bin}/asked"
                {install} ;;
            esac""",
        )

    @property
    def asked(self) -> str:
        return (self.bin / "asked").read_text()

    def environ(self, **changes: str) -> dict[str, str]:
        return {"PATH": str(self.bin), "HOME": str(self.project.parent), "LANG": "C.UTF-8", **changes}

    def set_up(self, *words: str, **changes: str) -> subprocess.CompletedProcess[str]:
        command = [self.project / ".ci/setup", *words]
        return subprocess.run(
            command, env=self.environ(**changes), cwd="/", capture_output=True, text=True, check=False, timeout=PATIENCE
        )

    def refusal(self, *words: str, **changes: str) -> str:
        """The one line with which it ends."""
        answer = self.set_up(*words, **changes)
        lines = answer.stderr.strip().splitlines()
        assert (answer.returncode, len(lines)) == (2, 1), answer.stdout + answer.stderr
        assert lines[0].startswith("set-up: ")
        return lines[0]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("script", ["", TOO_OLD, STAND_IN, "exec nothing-of-this-name"])
def test_without_a_python_that_fits_and_without_uv_it_says_what_to_install(machine: Machine, script: str) -> None:
    for name in ("python3.12", "python3", "python") if script else ():
        machine.has(name, script)
    assert (
        "Python 3.11 or later is missing: install it (Debian, Ubuntu: apt-get install python3 python3-venv)" in machine.refusal()
    )
    assert not machine.venv.exists()


def test_a_stand_in_is_passed_over_for_a_python_that_runs(machine: Machine) -> None:
    machine.has("python3.11", STAND_IN)
    machine.has("python3.12", TOO_OLD)
    machine.has("python3", RUNS)
    machine.has_uv()
    answer = machine.set_up()
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout == f"Setting up .venv, once: Python {OWN}, packages, the project: done\n"
    assert "--python python3 " in machine.asked


@pytest.mark.parametrize("name", ["/nowhere/python3", "python3.10"])
def test_a_python_named_that_does_not_fit_is_refused_by_name(machine: Machine, name: str) -> None:
    machine.has("python3.10", TOO_OLD)
    machine.has("python3", RUNS)
    assert f"PYTHON={name} is not Python 3.11 or later" in machine.refusal(PYTHON=name)


def test_a_python_without_its_venv_package_is_told_which_one(machine: Machine) -> None:
    machine.has("python3", NO_ENSUREPIP)
    assert f"apt-get install python{OWN}-venv" in machine.refusal()
    assert not machine.venv.exists()


def test_uv_makes_do_without_the_venv_package(machine: Machine) -> None:
    machine.has("python3", NO_ENSUREPIP)
    machine.has_uv()
    assert machine.set_up().returncode == 0
    assert (machine.venv / "bin" / "python").exists()


def test_uv_brings_a_python_where_there_is_none_or_says_that_it_cannot(machine: Machine) -> None:
    machine.has_uv()
    answer = machine.set_up()
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith(f"Setting up .venv, once: Python {OWN} of uv, ")
    shutil.rmtree(machine.venv)
    machine.has_uv(brings=False)
    assert "uv finds no Python 3.11 or later and cannot bring one" in machine.refusal()


def test_a_uv_that_is_too_old_or_only_stands_in_is_not_used(machine: Machine) -> None:
    machine.has("uv", "exit 127")
    assert "Python 3.11 or later is missing" in machine.refusal()


@pytest.mark.parametrize(
    ("tells", "said"),
    [
        (
            "error: Request failed after 3 retries; dns error: failed to lookup address information",
            "the packages index cannot be",
        ),
        ("  cause: client error (Connect)\n  cause: invalid peer certificate: UnknownIssuer", "SSL_CERT_FILE and PIP_CERT"),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate", "SSL_CERT_FILE and PIP_CERT"),
        ("error: Hash mismatch for `flask==3.1.3`", "differs from the one that is locked"),
        ("error: failed to write: No space left on device (os error 28)", "the disk is full"),
        ("error: Distribution `x` can't be installed because it has no wheels for this platform", "a package has no build for"),
        (
            "error: Failed to build `dkimpy==1.1.8`",
            "builds for Linux with glibc 2.28 or later on x86-64 and 64-bit ARM, and for macOS on ARM",
        ),
        ("error: something that nobody foresaw", "something that nobody foresaw"),
    ],
)
def test_why_packages_did_not_come_is_told_in_one_line_and_at_length_in_the_log(machine: Machine, tells: str, said: str) -> None:
    machine.has("python3", RUNS)
    machine.has_uv(install=f"echo 'Resolved 84 packages'; echo \"{tells.replace('`', chr(39))}\" >&2; exit 1")
    line = machine.refusal()
    assert said in line
    assert line.endswith("more in .venv/setup.log")
    assert tells.replace("`", "'") in (machine.venv / "setup.log").read_text()
    machine.has_uv()
    assert machine.set_up().returncode == 0, "a second try starts anew"


def test_a_network_that_reads_along_is_trusted_as_the_machine_trusts_it(machine: Machine) -> None:
    machine.has("python3", RUNS)
    machine.has_uv(install='[ "${UV_SYSTEM_CERTS:-}" = 1 ] || { echo "invalid peer certificate: UnknownIssuer" >&2; exit 2; }')
    answer = machine.set_up()
    assert (answer.returncode, answer.stderr) == (0, "")
    assert len(machine.asked.splitlines()) == 4, "the environment, the packages twice, the project"


def test_what_is_set_up_is_left_alone_and_what_was_changed_is_brought_up_to_date(machine: Machine) -> None:
    machine.has("python3", RUNS)
    machine.has_uv()
    assert machine.set_up().returncode == 0
    (machine.venv / "kept").touch()
    (machine.bin / "asked").unlink()
    again = machine.set_up()
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert not (machine.bin / "asked").exists()
    tools = machine.set_up("dev")
    assert tools.stdout == "Bringing .venv up to date: packages, the project: done\n"
    assert "requirements-dev.lock" in machine.asked
    assert machine.set_up("run").stdout == ""
    with (machine.project / "requirements.lock").open("a") as lock:
        lock.write("# changed\n")
    assert "up to date" in machine.set_up().stdout
    assert (machine.venv / "kept").exists()


def test_packages_are_taken_by_hash_and_built_with_what_is_locked(machine: Machine) -> None:
    machine.has("python3", RUNS)
    machine.has_uv()
    machine.set_up()
    _, packages, project = machine.asked.splitlines()
    assert "--require-hashes -r requirements.lock" in packages
    assert all("--build-constraints requirements-build.lock" in line for line in (packages, project))


def test_a_set_up_that_was_killed_in_the_middle_starts_anew(machine: Machine) -> None:
    machine.has("python3", RUNS)
    machine.has_uv(install="touch .venv/half; exec sleep 60")
    process = subprocess.Popen([machine.project / ".ci/setup"], env=machine.environ(), start_new_session=True)
    wait_until((machine.venv / "half").exists)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert (machine.venv / "half").exists()
    machine.has_uv()
    assert machine.set_up().returncode == 0
    assert not (machine.venv / "half").exists()


def test_an_environment_that_was_moved_with_its_folder_is_made_anew(machine: Machine) -> None:
    machine.has("python3", RUNS)
    machine.has_uv()
    machine.set_up()
    (machine.venv / "of the old place").touch()
    machine.project = machine.project.rename(machine.project.with_name("moved"))
    assert machine.set_up().stdout.startswith("Setting up .venv, once")
    assert not (machine.venv / "of the old place").exists()
    assert str(machine.project) in (machine.venv / ".settled").read_text()


def test_an_environment_of_another_python_or_of_none_is_made_anew(machine: Machine) -> None:
    machine.has("python3", RUNS)
    machine.has_uv()
    machine.set_up()
    settled = machine.venv / ".settled"
    settled.write_text(settled.read_text().replace(OWN, "3.10", 1))
    assert machine.set_up().stdout.startswith("Setting up .venv, once")
    python = machine.venv / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3.11")
    assert machine.set_up().stdout.startswith("Setting up .venv, once")
    assert machine.set_up().stdout == ""


def test_a_folder_that_is_no_environment_is_never_removed(machine: Machine) -> None:
    machine.has("python3", RUNS)
    machine.has_uv()
    (machine.venv / "letters").mkdir(parents=True)
    assert ".venv is there and no environment of Python: move it away" in machine.refusal()
    assert (machine.venv / "letters").is_dir()


def test_a_folder_that_cannot_be_written_is_told_of_and_another_can_be_named(machine: Machine) -> None:
    machine.has("python3", RUNS)
    machine.has_uv()
    assert "cannot be written: set VENV to a folder of yours" in machine.refusal(VENV="/proc/nowhere/venv")
    elsewhere = machine.project.parent / "an environment"
    assert machine.set_up(VENV=str(elsewhere)).returncode == 0
    assert (elsewhere / ".settled").exists()
    assert not machine.venv.exists()


def test_run_does_what_make_does_where_there_is_no_make(machine: Machine) -> None:
    machine.has("python3", RUNS)
    machine.has_uv(install="""printf '#!/bin/sh\\necho "$*"\\n' >.venv/bin/newsletter; chmod +x .venv/bin/newsletter""")

    def run(*words: str) -> tuple[int, str]:
        command = [machine.project / "run", *words]
        answer = subprocess.run(command, env=machine.environ(), capture_output=True, text=True, check=False, cwd="/")
        return answer.returncode, (answer.stdout + answer.stderr).splitlines()[-1]

    assert run("nothing") == (2, "run: there is no target nothing; ./run help lists them")
    assert run()[0] == 0
    assert run("help")[1].startswith("clean")
    assert run("PORT=9000") == run("run", "PORT=9000") == (0, "run --host 127.0.0.1 --port 9000")
