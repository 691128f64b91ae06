"""Links that authors give: known by their parsed host, canonical, without the sentence's punctuation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.text.paper_links import LONGEST_URL, MOST_LINKS, links_in
from newsletter.values.papers import LinkKind


def urls(text: str) -> list[str]:
    return [link.url for link in links_in("", text)]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("Code: https://github.com/a/b.", "https://github.com/a/b"),
        ("(see https://github.com/a/b)", "https://github.com/a/b"),
        ("https://github.com/a/digit.git", "https://github.com/a/digit"),
        ("http://www.github.com/a/b/tree/main/x?y#z", "https://github.com/a/b"),
        ("at github.com/a/b, and", "https://github.com/a/b"),
        ("https://GitHub.com/Foo/Bar-1.5", "https://github.com/Foo/Bar-1.5"),
        ("[https://github.com/a/b](https://github.com/a/b)", "https://github.com/a/b"),
        ("https://github.com/a/b.The code is open", "https://github.com/a/b"),
        ("代码：https://github.com/a/b。", "https://github.com/a/b"),
        ("“https://gitlab.com/a/b”", "https://gitlab.com/a/b"),
        ("https://huggingface.co/a/model-7B", "https://huggingface.co/a/model-7B"),
        ("https://huggingface.co/spaces/a/demo", "https://huggingface.co/spaces/a/demo"),
        ("https://huggingface.co/datasets/a/d.", "https://huggingface.co/datasets/a/d"),
        ("https://a.github.io/nerf/", "https://a.github.io/nerf"),
        ("https://zenodo.org/record/123", "https://zenodo.org/records/123"),
    ],
)
def test_a_known_link_comes_out_in_its_canonical_form(text: str, url: str) -> None:
    assert urls(text) == [url]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://notgithub.com/a/b",
        "https://github.com.evil.example/a/b",
        "https://github.com@evil.example/a/b",
        "https://user:pass@github.com/a/b",
        "https://evil.example/github.com/a/b",
        "https://github.com:8443/a/b",
        "https://github.com/",
        "https://github.com/a",
        "https://github.com/orgs/a",
        "https://github.com/a/.git",
        "https://github.com/a/..",
        "javascript:alert(1)//github.com/a/b",
        "mail me@github.com/a/b",
        "https://huggingface.co/papers/2606.00001",
        "https://huggingface.co/a",
        "https://github.com:99999999/a/b",
        "https://[::1/a",
        "https://zenodo.org/communities/x",
    ],
)
def test_what_is_no_known_link_is_left_out(text: str) -> None:
    assert urls(text) == []


def test_kinds_follow_the_host_and_the_source_is_told() -> None:
    found = links_in("https://a.github.io", "https://github.com/a/b https://huggingface.co/datasets/a/d")
    assert [(link.kind, link.source) for link in found] == [
        (LinkKind.PROJECT, "comment"),
        (LinkKind.CODE, "abstract"),
        (LinkKind.DATASET, "abstract"),
    ]


def test_the_same_link_counts_once_whatever_its_case_and_place() -> None:
    assert len(links_in("https://github.com/A/B", "github.com/a/b. https://github.com/a/b/issues")) == 1


def test_there_are_at_most_five_and_none_is_longer_than_its_column() -> None:
    many = " ".join(f"https://github.com/a/{n}" for n in range(30))
    assert len(urls(many)) == MOST_LINKS
    assert urls("https://a.github.io/" + "x" * LONGEST_URL) == []


@given(st.text(alphabet=st.sampled_from("htps:/.githubcomlab@#?[]()%&=-_ 9AZé\n"), max_size=120))
def test_any_text_is_survived_and_every_link_is_https_to_a_known_host(text: str) -> None:
    for link in links_in(text, "see https://" + text):
        assert link.url.startswith("https://")
        assert not set(link.url) & set(" \n<>\"'@")
