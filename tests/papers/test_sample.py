"""The bundled sample day: what it must hold for a first digest, and how a broken file is told."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from newsletter.db import Database
from newsletter.errors import SettingsError
from newsletter.papers.calendar import announcement_day
from newsletter.papers.sample import sample_day
from newsletter.papers.store.papers import store_papers
from newsletter.text.formulas import plain
from newsletter.text.identifiers import abs_url, is_arxiv_ref
from newsletter.values.papers import LinkKind
from newsletter.values.translations import Field

DAY = dt.date(2026, 6, 26)
GOOD = """
- ref: sample-01
  title: One
  abstract: About one.
  authors: [Ada]
  categories: [cs.SY]
  links: [{kind: code, url: "https://example.org/x"}]
  translations: {zh-CN: {title: 一, abstract: 关于一。}}
"""


def read(folder: Path, text: str):  # type: ignore[no-untyped-def]
    path = folder / "sample_day.yaml"
    path.write_text(text, encoding="utf-8")
    return sample_day(DAY, path=path)


def test_the_bundled_day_has_forty_papers_that_can_be_no_arxiv_papers_each_in_simplified_chinese_too() -> None:
    samples = sample_day(DAY)
    assert len(samples) >= 40
    for sample in samples:
        assert sample.paper.is_sample
        assert not is_arxiv_ref(sample.paper.ref)
        assert abs_url(sample.paper.ref) == ""
        assert {(language, field) for language, field, _ in sample.translations} >= {
            ("zh-CN", Field.TITLE),
            ("zh-CN", Field.ABSTRACT),
        }


@pytest.mark.parametrize("day", ["2026-06-26", "2026-06-29", "2026-11-17", "2026-11-30"])
def test_the_times_of_samples_fit_the_day_they_are_announced_on(day: str) -> None:
    on = dt.date.fromisoformat(day)
    for sample in sample_day(on):
        assert sample.paper.announced_on == announcement_day(sample.paper.submitted) == on


def test_the_bundled_day_can_be_stored(database: Database) -> None:
    samples = sample_day(DAY)
    with database.transaction() as session:
        count = store_papers(session, [(s.paper, []) for s in samples], now=dt.datetime(2026, 6, 26, tzinfo=dt.UTC))
    assert count.new == len(samples)


def test_an_entry_becomes_a_sample_paper(tmp_path: Path) -> None:
    (sample,) = read(tmp_path, GOOD)
    assert sample.paper.ref == "sample-01"
    assert sample.paper.categories == ("eess.SY",)
    assert sample.paper.links[0].kind is LinkKind.CODE
    assert sample.translations == (("zh-CN", Field.TITLE, "一"), ("zh-CN", Field.ABSTRACT, "关于一。"))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("  title: One\n", "", "entry 1: 'title'"),
        ("title: One", "title: '  '", "entry 1: title"),
        ("sample-01", "2606.00001", "entry 1: ref '2606.00001'"),
        ("kind: code", "kind: cod", "entry 1: 'cod'"),
        ("zh-CN", "zh-XX", "entry 1: language 'zh-XX'"),
        ("abstract: 关于一。", "x: y", "entry 1: 'abstract'"),
        (GOOD, "- just words", "entry 1"),
        (GOOD, "papers: 1", "no list"),
        (GOOD, "a: [", "cannot be read"),
        (GOOD, GOOD + GOOD, "twice"),
    ],
)
def test_a_broken_file_is_told_by_entry_and_thing(tmp_path: Path, before: str, after: str, told: str) -> None:
    with pytest.raises(SettingsError, match=r"sample_day\.yaml") as caught:
        read(tmp_path, GOOD.replace(before, after))
    assert told in str(caught.value)


def test_a_missing_file_is_told_by_its_path(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        sample_day(DAY, path=tmp_path / "none.yaml")


def test_every_formula_of_the_sample_day_is_read_as_one() -> None:
    for one in sample_day(DAY):
        texts = (one.paper.title, one.paper.abstract, *(text for *_, text in one.translations))
        assert not [text for text in texts if "$" in plain(text)]
