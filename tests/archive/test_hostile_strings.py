"""Five hundred hostile strings in published pages of every format: read as code hosts read Markdown, they are words in their cells."""

from __future__ import annotations

import json
import re
from pathlib import Path

from markdown_it import MarkdownIt

from newsletter.bootstrap import Services
from newsletter.papers.store import papers as papers_store
from newsletter.tables.translations import TranslationRow
from newsletter.translation.store import translations as translation_store
from tests.archive.bringing import NOW
from tests.archive.test_publishing import publish
from tests.mail.hostile import STRINGS
from tests.mail.html_checks import Outline
from tests.papers.paper_builder import match, paper
from tests.web.page_checks import UNSEEN

# What the pages are made of; a cell brings nothing of its own.
OURS = {
    *("h1", "h2", "p", "table", "thead", "tbody", "tr", "th", "td", "a", "strong", "br", "ul", "ol", "li", "code", "pre"),
    *("details", "summary", "hr"),
    # Signs of a formula are left to the formula.
    "em",
}
HREF = re.compile(r"#[^\s\"<>]*|[0-9-]+\.md|https?://(?:arxiv|info\.arxiv)\.org/[\w./-]+")
# Where dollars make no formula, this is a link.
MORE = ("$[x](javascript:alert(1))$", "$x$ ![y](https://e.org/y.png) $z$")
FORMATS = (
    *(("readme", "", False), ("readme", "zh-CN", True), ("jekyll", "zh-CN", False)),
    *(("tldr", "zh-CN", False), ("tldr", "", True), ("json", "", False)),
)
WORDS = [words.encode("utf-8", "replace").decode() for words in (*STRINGS, *MORE) if words.strip()]


def fill(services: Services) -> None:
    papers = [
        paper(n, title=words, abstract=f"zylo{n}. {words}", authors=(words, words), comment=words, categories=(words[:60],))
        for n, words in enumerate(WORDS, start=1)
    ]
    with services.database.transaction() as session:
        papers_store.store_papers(session, [(one, [match(one)]) for one in papers], now=NOW)
        ids = [one.id for one in papers_store.papers_announced(session, papers[0].announced_on)]
        session.add_all(
            TranslationRow(
                paper_id=need.paper_id,
                version=need.version,
                field=need.field,
                language=need.language,
                source_hash=need.source_hash,
                engine=need.text[:20],
                text=need.text,
                made_at=NOW,
            )
            for need in translation_store.needed(session, [(paper_id, "zh-CN") for paper_id in ids])
        )


def test_no_hostile_string_is_active_on_a_published_page(quick: Services, tmp_path: Path) -> None:
    fill(quick)
    for format, language, classic in FORMATS:
        folder = tmp_path / f"{format}-{classic}"
        publish(quick, folder, format, classic=classic, language=language)
        # The front page holds the same as the page of the day.
        (page,) = [path for path in folder.iterdir() if path.name != "README.md" and path.name != "index.md"]
        text = page.read_text(encoding="utf-8")
        if format == "json":
            text = "\n".join(row for topic in json.loads(text).values() for row in topic.values())
        assert not UNSEEN.search(text), page
        assert format != "jekyll" or not re.search(r"\{[{%]", text)
        # Footnotes are no part of CommonMark, which would take the first word of one for an address.
        text = re.sub(r"\[\^(\d+)\]", r"(\1)", text)
        outline = Outline(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))
        assert set(outline.tags) <= OURS, set(outline.tags) - OURS
        assert {name for name, _ in outline.attributes} <= {"href", "align", "id"}
        assert [href for href in outline.values("href") if not HREF.fullmatch(href)] == [], format
        assert outline.tags.count("tr") > len(WORDS) or format == "json"
