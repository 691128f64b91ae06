"""Subjects have a title in them, at most 90 characters, and never shout; what counts as shouting is what filters count."""

from __future__ import annotations

import pytest

from newsletter.mail.rendering.digest_head import MOST_SUBJECT, quiet_subject, shouts
from newsletter.mail.rendering.renderer import Renderer
from tests.mail.samples import LINKS, digest, entry, paper


@pytest.mark.parametrize(
    ("subject", "site", "quiet"),
    [
        ("20 篇论文 · MLLM 的幻觉", "Paper Morning", "20 篇论文 · MLLM 的幻觉 · Paper Morning"),
        ("20 篇论文 · MLLM 的幻觉", "论文早报", "20 篇论文 · Mllm 的幻觉"),
        ("論文 3 件 · SLAM", "ARXIV DAILY", "論文 3 件 · Slam"),
        ("20 ورقة · LLM", "Paper Morning", "20 ورقة · LLM · Paper Morning"),
        ("欢迎来到 PAPERS", "PAPERS", "欢迎来到 Papers"),
        ("3 papers · MLLM", "Paper Morning", "3 papers · MLLM"),
        ("请确认您的地址", "PAPERS", "请确认您的地址"),
        ("", "PAPERS", ""),
    ],
)
def test_a_subject_is_never_in_capitals_alone(subject: str, site: str, quiet: str) -> None:
    assert quiet_subject(subject, site) == quiet
    assert not quiet_subject(subject, site).isupper()


@pytest.mark.parametrize("title", ["A " * 200, "字" * 200, "W" * 200, "LLM" * 100, "word, " * 40])
def test_a_subject_has_at_most_ninety_characters(title: str) -> None:
    subject = quiet_subject(f"20 papers · {title}", "Paper Morning")
    assert len(subject) <= MOST_SUBJECT
    assert subject.endswith("…")


@pytest.mark.parametrize(
    ("title", "loud"),
    [
        ("ATTENTION IS ALL YOU NEED", True),
        ("Attention Is All You Need", False),
        ("NeRF", False),
        ("MLLM 的幻觉", False),
        ("", False),
    ],
)
def test_a_title_of_capitals_shouts_and_an_abbreviation_does_not(title: str, loud: bool) -> None:
    assert shouts(title) is loud


def test_a_title_that_shouts_leaves_the_subject_to_the_next(renderer: Renderer) -> None:
    loud = entry("en", of=paper("2611.1", id=1), title="ATTENTION IS ALL YOU NEED")
    calm = entry("en", of=paper("2611.2", id=2), title="A calm title")
    assert renderer.digest(digest([loud, calm], language="en"), LINKS, topics=()).subject == "2 papers · A calm title"
    assert renderer.digest(digest([loud], language="en"), LINKS, topics=()).subject == "1 paper · Attention is all you need"
