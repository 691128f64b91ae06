"""What is kept between mails never shows: each mail is what a renderer that made no other would have made of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from newsletter.mail.rendering.renderer import Renderer, Site
from newsletter.mail.signed_links import TOKEN_LENGTH
from newsletter.values.digests import Digest, Pick
from newsletter.values.mail import ReaderLinks
from newsletter.values.readers import Explanation, Layout
from tests.mail.samples import DAY, LINKS, TEMPLATES, digest, entries, entry, paper

Mail = tuple[Digest, ReaderLinks, tuple[str, ...]]
PICK = Pick(title="A <page>", url="https://example.org/", page="https://papers.example.org/collection/1", dated="", note="")


PAPERS = (entries(3), (entry(of=paper("2611.99999")),))


def _links(token: str, *, view: bool) -> ReaderLinks:
    urls = {name: f"https://papers.example.org/{name}/{token}" for name in ("preferences", "unsubscribe", "view")}
    return replace(LINKS, **(urls | ({} if view else {"view": ""})), token=token)


def _mail(*, papers: Any, names: Any, topics: Any, token: Any, view: Any, **changes: Any) -> Mail:
    made = digest(*PAPERS[:papers], names=names, language="zh-CN")
    return replace(made, **changes), _links(token, view=view), tuple(topics)


FACTS: Mapping[str, Sequence[object]] = {
    "papers": (1, 2, 0),
    "names": (["NeRF", "SLAM"], ["<b>", "{{ topics }}"], ["\x1etopics\x1f", "x" * 90]),
    "topics": (["NeRF"], ["SLAM"], [], ["a&b", "\x1d<i>", "三维重建", "نموذج"], [f"topic {n}" for n in range(10)]),
    "token": ("A" * TOKEN_LENGTH, "B" * TOKEN_LENGTH),
    "view": (True, False),
    "language": ("zh-CN", "en", "ar"),
    "date": (DAY, DAY + dt.timedelta(days=1)),
    "more": (0, 1, 2),
    "welcome": (False, True),
    "layout": tuple(Layout),
    "picks": ((), (PICK,)),
    "explanations": ({}, {1: Explanation("splats", 1)}, {1: Explanation("splats", 2)}),
}


@pytest.mark.parametrize("fact", FACTS)
def test_a_mail_is_the_same_whatever_was_rendered_before(cache: Path, fact: str) -> None:
    shared = _renderer(cache)
    for value in (*FACTS[fact], FACTS[fact][0]):
        made, links, topics = _mail(**{name: values[0] for name, values in FACTS.items()} | {fact: value})
        alone = _renderer(cache).digest(made, links, topics=topics)
        assert shared.digest(made, links, topics=topics) == alone
        assert not any(control in alone.html + alone.text + alone.subject for control in "\x02\x03\x04\x1c\x1d\x1e\x1f")


def _renderer(cache: Path) -> Renderer:
    return Renderer(templates=TEMPLATES, cache=cache, site=Site("Paper Morning", "https://papers.example.org"))
