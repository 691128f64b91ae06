"""A day's papers as a Markdown page: a table for each topic, for publishing on a code host. Pure."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from newsletter.papers.identifiers import abs_url, pdf_url
from newsletter.topics.catalogue import Catalogue
from newsletter.values import LinkKind, Match, Paper

THANKS = "Thank you to arXiv for use of its open access interoperability."
SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~$])")


def page_of_day(day: dt.date, papers: Sequence[Paper], matches: Mapping[int, Sequence[Match]], catalogue: Catalogue) -> str:
    """The page of ``day``; topics stand in the order of the catalogue, papers in the order given. Ends with a line break."""
    by_topic: dict[str, list[Paper]] = defaultdict(list)
    for paper in papers:
        for match in matches.get(paper.id, ()):
            by_topic[match.topic].append(paper)
    lines = [f"# Papers of {day}", ""]
    for topic in catalogue.topics:
        if found := by_topic.get(topic.slug):
            lines += [f"## {_cell(topic.name('en'))}", "", "| Title | Authors | Paper | Code |", "|---|---|---|---|"]
            lines += [_row(paper) for paper in found]
            lines.append("")
    return "\n".join([*lines, THANKS, ""])


def _row(paper: Paper) -> str:
    authors = paper.authors[0] + (" et al." if len(paper.authors) > 1 else "") if paper.authors else ""
    code = next((link.url for link in paper.links if link.kind is LinkKind.CODE), "")
    title = f"{_cell(paper.title)}{' (sample)' if paper.is_sample else ''}"
    page, pdf = abs_url(paper.ref), pdf_url(paper.ref, paper.version)
    where = f"[{_cell(paper.ref)}]({page}), [PDF]({pdf})" if page else _cell(paper.ref)
    return f"| {title} | {_cell(authors)} | {where} | {_link('code', code)} |"


def _link(words: str, url: str) -> str:
    # Whatever could end the link or the cell is written as its code.
    return f"[{words}]({re.sub(r'[^!#-&*-;=?-Z_a-z~]', _percent, url)})" if url else ""


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match.group().encode())


def _cell(text: str) -> str:
    """``text`` on one line, without a meaning in Markdown or HTML."""
    return SPECIAL.sub(r"\\\1", html.escape(" ".join(text.split()), quote=False))
