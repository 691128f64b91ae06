"""Two other ways to mail twelve papers, against the same sink: django-newsletter, and MJML with EmailMessage for each reader.

They are installed from the package index into an environment of their own under var/bench, with versions that are written here.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

from bench import postfix
from bench.figures import Figure
from bench.places import ROOT
from newsletter.papers.sample import sample_day
from newsletter.population.store import PAPERS

FOLDER = ROOT / "var" / "bench" / "peers"
PACKAGES = ("django-newsletter==1.2.1", "django>=5.2,<5.3", "sorl-thumbnail==13.4.0", "mjml==0.12.0")
WAYS = {
    "with_django_newsletter": ("django-newsletter", 10.0, "one text for all, a connection for each message"),
    "naively": ("mjml and EmailMessage for each reader", 20.0, "a loop over one connection"),
}


def compared(ours: float, found: postfix.Tools, *, peer: int, naive: int) -> Iterator[Figure]:
    """How many times ``ours`` (digests a second on SQLite) is what each way sends; figures without value where one cannot run."""
    counts = {"with_django_newsletter": peer, "naively": naive}
    for way, (name, goal, how) in WAYS.items():
        title = f"times the rate of {name}"
        try:
            rate, size = _rate(way, counts[way], found)
        except (OSError, subprocess.SubprocessError) as error:
            told = (getattr(error, "stderr", None) or str(error)).strip().splitlines()
            yield Figure(title, None, note=f"could not be run: {told[-1] if told else error}")
            continue
        note = (
            f"{rate:.0f} mails a second of {size / 1000:.1f} kB, {counts[way]} of {PAPERS} papers in English; {how}, one process"
        )
        yield Figure(title, ours / rate, "x", at_least=goal, note=note)


def _rate(way: str, count: int, found: postfix.Tools) -> tuple[float, int]:
    """Mails a second, and the bytes of one."""
    python = _environment()
    papers = FOLDER / "papers.json"
    papers.write_text(json.dumps(_papers()), "utf-8")
    script = ROOT / "bench" / "other_ways" / f"{way}.py"
    with postfix.sinking(found) as port:
        command = [str(python), str(script), str(port), str(count), str(papers)]
        # Our own package has the name of theirs.
        apart = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(command, cwd=FOLDER, env=apart, check=True, capture_output=True, text=True, timeout=120)
    seconds, size = done.stdout.split()[-2:]
    return count / float(seconds), int(size)


def _environment() -> Path:
    """The interpreter of the other ways' environment, which is made where it is not there or names other versions."""
    python, told = FOLDER / "venv" / "bin" / "python", FOLDER / "installed.txt"
    wanted = "\n".join((*PACKAGES, sys.version))
    if not (told.is_file() and told.read_text("utf-8") == wanted and python.exists()):
        venv.create(FOLDER / "venv", with_pip=True, clear=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES]
        subprocess.run(pip, check=True, capture_output=True, text=True, timeout=240)
        told.write_text(wanted, "utf-8")
    return python


def _papers() -> list[dict[str, str]]:
    found = [sample.paper for sample in sample_day(dt.date(2026, 6, 26))][:PAPERS]
    return [
        {
            "title": paper.title,
            "authors": ", ".join(paper.authors),
            "abstract": paper.abstract,
            "url": f"https://papers.example.org/{paper.ref}",
        }
        for paper in found
    ]
