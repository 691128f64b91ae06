"""Whatever editors did, undoing all of it from the last to the first leaves the collection as it was."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from newsletter.collection.importing import import_document
from newsletter.collection.publishing import published
from newsletter.collection.reading import read
from newsletter.collection.store import nodes as nodes_store
from newsletter.collection.values import FIRST, Node, NodeKind
from newsletter.db import connect
from newsletter.errors import InputError
from tests.collection.making import LATER, NOW, a_note, a_section, an_entry
from tests.collection.pages import NOTEBOOK

STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "change", "move", "remove"]), st.integers(0, 99), st.integers(0, 99)), max_size=8
)


def step(session: Session, what: str, one: int, other: int) -> None:
    nodes = nodes_store.tree(session)
    node = nodes[one % len(nodes)] if nodes else None
    sections: list[Node | None] = [None, *(found for found in nodes if found.kind is NodeKind.SECTION)]
    section = sections[other % len(sections)]
    parent = section.id if section else None
    siblings = [found.id for found in nodes if found.parent_id == parent and found != node]
    after = [None, FIRST, *siblings][(one + other) % (2 + len(siblings))]
    if what == "add":
        draft = an_entry(f"new {other}") if one % 2 else a_section(f"new {other}")
        nodes_store.add(session, draft, parent=parent, after=after, who="Ada", now=LATER)
    elif node is not None and what == "change":
        fields = [{"dated": str(other)}, {"title": f"title {other}"}, {"pieces": (*node.pieces, a_note(str(other)))}][other % 3]
        nodes_store.change(session, node.id, seen_version=node.version, fields=fields, who="Ada", now=LATER)
    elif node is not None and what == "move":
        nodes_store.move(session, node.id, parent=parent, after=after, who="Ada", now=LATER)
    elif node is not None:
        nodes_store.remove(session, node.id, who="Ada", now=LATER)


def standing(session: Session) -> list[Node]:
    """The tree, but for the numbers that only rise."""
    return [replace(node, version=0, place=0) for node in nodes_store.tree(session)]


def test_undoing_all_from_the_last_to_the_first_leaves_all_as_it_was(sqlite_url: str) -> None:
    database = connect(sqlite_url)
    with database.reading() as session:
        import_document(session, read(NOTEBOOK), now=NOW, who="curator")
        before, imported = standing(session), len(nodes_store.changes(session, limit=1000))

        @settings(max_examples=40)
        @given(STEPS)
        def undone(steps: list[tuple[str, int, int]]) -> None:
            session.expunge_all()
            with session.begin_nested() as savepoint:
                for what, one, other in steps:
                    with suppress(InputError):
                        step(session, what, one, other)
                for change in nodes_store.changes(session, limit=1000)[:-imported]:
                    nodes_store.undo(session, change.id, who="Bob", now=LATER)
                assert standing(session) == before
                assert published(session, language="en", classic=True) == NOTEBOOK
                savepoint.rollback()

        undone()
    database.close()
