"""The benchmark's own parts: verdicts, the table, and a run that fails or takes too long."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bench import report
from bench.figures import Figure, Verdict
from bench.measurements import MEASUREMENTS, Measurement
from bench.table import as_markdown, as_text
from bench.tried import TRIED
from newsletter.population.store import TOPICS, add_readers
from newsletter.subscribers.store import readers as readers_store
from newsletter.tables.subscribers import SubscriberRow, SubscriptionRow
from tests.services import services_over
from tests.waiting import PATIENCE, wait_until

NOW = dt.datetime(2026, 6, 26, 6, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("figure", "verdict"),
    [
        (Figure("rate", 0.5, at_least=0.5), Verdict.PASS),
        (Figure("rate", 0.49, at_least=0.5), Verdict.SHORT),
        (Figure("time", 10.0, "s", at_most=10.0), Verdict.PASS),
        (Figure("time", 10.1, "s", at_most=10.0), Verdict.SHORT),
        (Figure("memory", 100.0, "MB"), Verdict.TOLD),
        (Figure("rate", None, at_least=0.5, note="no Postfix here"), Verdict.UNMEASURED),
    ],
)
def test_a_figure_says_how_it_stands_to_its_bar(figure: Figure, verdict: Verdict) -> None:
    assert figure.verdict is verdict
    assert Figure.from_json(figure.as_json()) == figure


def test_the_page_holds_each_figure_as_it_is_and_says_of_a_short_one_what_was_tried() -> None:
    figures = [
        Figure("a | b", 1234.0, "a second"),
        Figure("share", 0.41, "x", at_least=0.5),
        Figure("search, p95", 81.0, "ms", at_most=50.0),
    ]
    page = as_markdown(figures, [("machine", "two cores")], took=90, quick=False, on=NOW.date())
    assert "| a \\| b | 1,234 a second |  | **-** |  |" in page
    assert "| share | 0.41 x | ≥ 0.50 | **short** |  |" in page
    assert "\n- share: nothing yet.\n" in page
    assert page.endswith(f"- search, p95: {TRIED['search']}.\n")
    assert "- machine: two cores" in page


def test_the_table_of_a_terminal_shows_value_bar_and_verdict_in_one_line() -> None:
    line = as_text([Figure("start", 0.31, "s", at_most=0.5, note="median of five")]).splitlines()
    assert line[0].split() == ["start", "0.31", "s", "≤", "0.50", "pass"]
    assert line[1].strip() == "median of five"


def test_a_measurement_runs_in_a_process_of_its_own_and_gives_its_figures() -> None:
    figures = report.measured("matching", quick=True)
    assert [figure.unit for figure in figures] == ["s"]
    assert figures[0].value is not None


def test_a_measurement_that_fails_is_told() -> None:
    assert report.problem_of([sys.executable, "-c", "raise SystemExit(3)"], seconds=PATIENCE) == "ended with 3: see above"
    assert report.problem_of([sys.executable, "-c", ""], seconds=PATIENCE) == ""


def test_a_measurement_that_takes_too_long_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    child = (
        f"import subprocess, pathlib; p = subprocess.Popen(['sleep', '600']); pathlib.Path({str(told)!r}).write_text(str(p.pid))"
    )
    # A busy machine may not have begun in the first of these times.
    for seconds in (1.5, 10.0, PATIENCE):
        problem = report.problem_of([sys.executable, "-c", f"{child}; p.wait()"], seconds=seconds)
        assert problem == f"took more than {seconds:.0f} s"
        if told.exists() and told.read_text():
            break
    pid = int(told.read_text())
    wait_until(lambda: not is_running(pid))
    assert not is_running(pid)


def is_running(pid: int) -> bool:
    """False for a process that is gone, and for one that waits to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_every_measurement_has_the_same_sizes_in_both_runs() -> None:
    assert all(isinstance(one, Measurement) and set(one.whole) == set(one.quick) for one in MEASUREMENTS.values())


def test_readers_written_in_bulk_are_as_the_service_reads_them(database_url: str, tmp_path: Path) -> None:
    services = services_over(database_url, tmp_path / "data")
    add_readers(services, 7, now=NOW)
    with services.database.reading() as session:
        readers = list(readers_store.readers(session, on=NOW.date()))
        topics = session.scalar(select(func.count()).select_from(SubscriptionRow))
    with services.database.transaction() as session:
        row = SubscriberRow(
            email="new@example.org",
            email_key="new@example.org",
            address_key="new",
            state="pending",
            language="en",
            timezone="UTC",
            hour=6,
            weekdays=[0],
            max_papers=5,
            created_at=NOW,
        )
        session.add(row)
        session.flush()
        assert row.id == 8, "ids go on after those written in bulk"
    services.database.close()
    assert len(readers) == 7
    assert topics == 7 * TOPICS
    assert {reader.timezone for reader in readers} == {"UTC"}
