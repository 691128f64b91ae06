"""The collection out of the database as a Markdown page."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from newsletter.collection.rich_page import page
from newsletter.collection.store import nodes as nodes_store
from newsletter.collection.values import Node
from newsletter.collection.writing import write
from newsletter.i18n import translations_for
from newsletter.languages import SOURCE_LANGUAGE
from newsletter.papers.store import papers as papers_store
from newsletter.translation.store import translations as translation_store
from newsletter.values.translations import Field


def published(session: Session, *, language: str, classic: bool) -> str:
    """The page of the whole collection; "" for an empty one.

    ``classic`` gives it in the form it is kept in by hand, letter by letter as imported where nothing was changed; otherwise it
    says more: contents, arXiv ids, who picked what when, and the papers' abstracts in ``language``.
    """
    nodes = nodes_store.tree(session)
    if classic:
        return write(nodes)
    return page(nodes, _abstracts(session, nodes, language), language=language, words=translations_for(language).gettext)


def _abstracts(session: Session, nodes: Sequence[Node], language: str) -> dict[str, str]:
    """The abstracts of the stored papers that entries are about, in ``language``; papers without are left out."""
    papers = papers_store.papers_by_refs(session, list({node.paper_ref for node in nodes if node.paper_ref}))
    if language == SOURCE_LANGUAGE:
        return {ref: paper.abstract for ref, paper in papers.items()}
    there = translation_store.translations(session, [paper.id for paper in papers.values()], language)
    texts = {ref: there.get(paper.id, {}).get(Field.ABSTRACT) for ref, paper in papers.items()}
    return {ref: text.text for ref, text in texts.items() if text is not None}
