"""The bundled sample day: enough papers over enough topics, each matched, each translated with formulas and names unchanged."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

import newsletter
from newsletter.topics.catalogue import load
from newsletter.topics.matching import matcher_of
from tests.topics.making import paper

ENTRIES: list[dict[str, Any]] = yaml.safe_load(
    (Path(newsletter.__file__).parent / "papers" / "sample_day.yaml").read_text(encoding="utf-8")
)
FIXED = "nerf 3dgs 3d mllm diffusion llm agents rag 6dof-pose detection-segmentation compression ocr slam medical robotics video"
CATALOGUE = load()
MATCHER = matcher_of(CATALOGUE)
EACH = pytest.mark.parametrize("entry", ENTRIES, ids=[entry["ref"] for entry in ENTRIES])
FORMULA = re.compile(r"\$[^$]+\$")
# Mixed-case invented names such as LanternSplat: a translation keeps them as they are.
COINED = re.compile(r"\b[A-Z][a-z]+[A-Z]\w*\b")


def topics_of(entry: dict[str, Any]) -> list[str]:
    made = paper(entry["title"], entry["abstract"], categories=tuple(entry["categories"]), ref=entry["ref"])
    return [match.topic for match in MATCHER.match(made)]


def test_there_are_at_least_44_papers_with_refs_that_count_up() -> None:
    assert len(ENTRIES) >= 44
    assert [entry["ref"] for entry in ENTRIES] == [f"sample-{place:02}" for place in range(1, len(ENTRIES) + 1)]


def test_each_is_matched_and_together_they_cover_every_fixed_topic_and_more() -> None:
    found = {entry["ref"]: topics_of(entry) for entry in ENTRIES}
    assert [ref for ref, topics in found.items() if not topics] == []
    covered = Counter(topic for topics in found.values() for topic in topics)
    assert set(FIXED.split()) <= set(covered)
    assert len(covered) >= 24


@EACH
def test_a_sample_paper_is_short_and_whole(entry: dict[str, Any]) -> None:
    assert set(entry) <= {"ref", "title", "abstract", "authors", "categories", "comment", "links", "translations"}
    assert 50 <= len(entry["abstract"].split()) <= 90
    assert entry["authors"]
    assert set(entry["categories"]) & set(CATALOGUE.categories)
    assert all(link["url"].startswith("https://example.org/") and link["kind"] == "code" for link in entry.get("links", []))


@EACH
def test_its_translation_is_chinese_and_keeps_formulas_and_names(entry: dict[str, Any]) -> None:
    chinese = entry["translations"]["zh-CN"]
    for name in ("title", "abstract"):
        assert re.search(r"[\u4e00-\u9fff]", chinese[name])
        assert sorted(FORMULA.findall(chinese[name])) == sorted(FORMULA.findall(entry[name]))
        assert not re.search(r"[\u4e00-\u9fff] [\u4e00-\u9fff]", chinese[name]), "a folded line left a space between characters"
    for coined in set(COINED.findall(entry["abstract"])) - {"LLMs"}:
        assert coined in chinese["abstract"]


@EACH
def test_its_translation_keeps_decimals_and_percentages(entry: dict[str, Any]) -> None:
    kept = re.compile(r"\d+\.\d+|\d+ %")
    assert sorted(kept.findall(entry["translations"]["zh-CN"]["abstract"])) == sorted(kept.findall(entry["abstract"]))
