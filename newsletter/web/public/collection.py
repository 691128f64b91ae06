"""The collection as pages: a tree of sections with entries, an entry with its history, pictures from here. Changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from flask import Blueprint, Flask, abort, render_template, send_file
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from newsletter.collection import notes
from newsletter.collection.differences import differences
from newsletter.collection.pictures import open_pictures
from newsletter.collection.store import nodes as nodes_store
from newsletter.collection.values import Change, Comment, Node, NodeKind, Piece, PieceKind
from newsletter.papers.store import papers as papers_store
from newsletter.values.digests import Entry
from newsletter.web.editors.forms import CommentForm
from newsletter.web.editors.sessions import editor_here
from newsletter.web.forms import ButtonForm
from newsletter.web.page_context import number_asked, page_number, paper_language, services
from newsletter.web.public.archive import entries_of

pages = Blueprint("collection", __name__)

# What keeps a page within 100 kB where abstracts and notes are long.
ENTRIES_A_PAGE = 16
CHANGES = 15
A_YEAR = 365 * 24 * 3600
LINKS = (PieceKind.REPOSITORY, PieceKind.DEMO, PieceKind.DOWNLOAD, PieceKind.LINK)
WORDS = (PieceKind.NOTE, PieceKind.TABLE, PieceKind.TEXT)


@dataclass(frozen=True, slots=True)
class Shown:
    """A node ready to be shown. ``image`` is (address here, words) or None; ``paper`` the stored paper in the page's language."""

    node: Node
    image: tuple[str, str] | None
    links: tuple[Piece, ...]
    words: tuple[Markup, ...]
    abstract: tuple[Markup, ...]
    paper: Entry | None
    comments: tuple[tuple[Comment, Markup], ...]


def install(app: Flask) -> None:
    """Gives templates the rendering of Markdown."""
    app.jinja_env.filters["markdown"] = markdown


@pages.get("/collection")
def show() -> str:
    with services().database.reading() as session:
        nodes = nodes_store.tree(session)
        entries = [node.id for node in nodes if node.kind is NodeKind.ENTRY]
        count = max(1, -(-len(entries) // ENTRIES_A_PAGE))
        number = page_number(count)
        shown = shown_of(session, _slice(nodes, number, count))
    page_of = {node_id: place // ENTRIES_A_PAGE + 1 for place, node_id in enumerate(entries)}
    return render_template(
        "collection.html",
        shown=shown,
        contents=_contents(nodes, page_of),
        number=number,
        count=count,
        total=len(entries),
        editor=editor_here(),
        form=ButtonForm(formdata=None),
        language=paper_language(),
    )


@pages.get("/collection/<int:node_id>")
def entry(node_id: int) -> str:
    with services().database.reading() as session:
        found = _node(session, node_id)
        [shown] = shown_of(session, [found])
        history, older = _history(session, node=node_id)
        above = _above(session, found)
    return render_template(
        "collection_entry.html",
        one=shown,
        above=above,
        older=older,
        history=[(change, differences(change)) for change in history],
        editor=editor_here(),
        form=ButtonForm(formdata=None),
        comment=CommentForm(formdata=None),
        language=paper_language(),
    )


@pages.get("/collection/changes")
def changes() -> str:
    """The latest changes of all entries, those that were removed among them, so that a removal can be undone."""
    with services().database.reading() as session:
        history, older = _history(session)
        nodes = nodes_store.nodes(session, [change.node_id for change in history])
    return render_template(
        "collection_changes.html",
        language=paper_language(),
        older=older,
        history=[(change, differences(change), nodes[change.node_id]) for change in history],
        editor=editor_here(),
        form=ButtonForm(formdata=None),
    )


@pages.get("/collection/images/<name>")
def image(name: str) -> Response:
    path = open_pictures(services()).path(name) if name.endswith(".webp") else None
    if path is None:
        abort(404)
    return send_file(path, mimetype="image/webp", max_age=A_YEAR)


def shown_of(session: Session, nodes: Sequence[Node]) -> list[Shown]:
    """The nodes as they are shown, in their order; papers, translations and comments are read for all at once."""
    refs = {node.paper_ref for node in nodes if node.paper_ref}
    papers = papers_store.papers_by_refs(session, refs) if refs else {}
    entries = {one.paper.ref: one for one in entries_of(session, list(papers.values()))} if papers else {}
    comments = nodes_store.comments_of(session, [node.id for node in nodes])
    return [_shown(node, entries.get(node.paper_ref), comments.get(node.id, ())) for node in nodes]


def _shown(node: Node, paper: Entry | None, comments: Sequence[Comment]) -> Shown:
    image, pictures = _pictures(node)
    # The abstract that the collection brought is English; a translation takes its place.
    translated = paper is not None and paper.written_in != "en"
    return Shown(
        node=node,
        image=image,
        links=tuple(piece for piece in _pieces(node, *LINKS) if piece.url.startswith(("http://", "https://"))),
        words=_as_html([*_pieces(node, *WORDS), *pictures]),
        abstract=() if translated else _as_html(_pieces(node, PieceKind.ABSTRACT)),
        paper=paper,
        comments=tuple((comment, markdown(comment.text)) for comment in comments),
    )


def _pictures(node: Node) -> tuple[tuple[str, str] | None, list[Piece]]:
    """The first picture that is kept here, as (address, words), which heads the entry; and the others, which stand in it."""
    addressed = [(open_pictures(services()).address(piece.url), piece) for piece in _pieces(node, PieceKind.IMAGE)]
    first = next(((here, piece.label) for here, piece in addressed if here), None)
    return first, [piece for here, piece in addressed if first is None or here != first[0]]


def _pieces(node: Node, *kinds: PieceKind) -> list[Piece]:
    return [piece for piece in node.pieces if piece.kind in kinds]


def _as_html(pieces: Sequence[Piece]) -> tuple[Markup, ...]:
    return tuple(markdown(piece.text) for piece in pieces)


def markdown(text: str) -> Markup:
    """Raw Markdown as HTML that can do nothing, pictures from here."""
    addresses = tuple((url, open_pictures(services()).address(url)) for url in _pictures_in(text))
    return _rendered(text, addresses)


@lru_cache(maxsize=4096)
def _pictures_in(text: str) -> tuple[str, ...]:
    return tuple(notes.pictures_in(text)) if "![" in text or "<" in text else ()


@lru_cache(maxsize=4096)
def _rendered(text: str, addresses: tuple[tuple[str, str], ...]) -> Markup:
    # `notes.rendered` is the one place that makes HTML of what people wrote, and sanitises it.
    return Markup(notes.rendered(text, picture_of=lambda url: dict(addresses).get(url, "")))  # noqa: S704


def _history(session: Session, *, node: int | None = None) -> tuple[list[Change], int | None]:
    """The changes of one page, and where the next page begins; a "before" that is no number is the latest."""
    found = nodes_store.changes(session, node=node, before=number_asked("before"), limit=CHANGES + 1)
    return found[:CHANGES], found[CHANGES - 1].id if len(found) > CHANGES else None


def _slice(nodes: Sequence[Node], number: int, count: int) -> list[Node]:
    """The nodes of one page: its entries with the sections and texts before each, the last page to the end."""
    ends = [place + 1 for place, node in enumerate(nodes) if node.kind is NodeKind.ENTRY]
    start = ends[(number - 1) * ENTRIES_A_PAGE - 1] if number > 1 else 0
    end = len(nodes) if number == count else ends[number * ENTRIES_A_PAGE - 1]
    return list(nodes[start:end])


def _contents(nodes: Sequence[Node], page_of: dict[int, int]) -> list[tuple[Node, int]]:
    """The sections in order, each with the page that it begins on."""
    found: list[tuple[Node, int]] = []
    page = max(page_of.values(), default=1)
    for node in reversed(nodes):
        page = page_of.get(node.id, page)
        if node.kind is NodeKind.SECTION:
            found.append((node, page))
    return found[::-1]


def _node(session: Session, node_id: int) -> Node:
    found = nodes_store.node(session, node_id)
    if found is None or (found.removed_at is not None and editor_here() is None):
        abort(404)
    return found


def _above(session: Session, node: Node) -> list[Node]:
    """The sections that a node stands in, the outermost first."""
    found: list[Node] = []
    parent = node.parent_id
    while parent is not None and (section := nodes_store.node(session, parent)) is not None:
        found.append(section)
        parent = section.parent_id
    return found[::-1]
