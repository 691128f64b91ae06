"""The collection in both databases: order, numbers, changes that are kept, undone and brought together."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy.orm import Session

from newsletter.collection.document import Item
from newsletter.collection.store import nodes as nodes_store
from newsletter.collection.values import FIRST, ChangeKind, Conflict, Draft, Node, NodeKind
from newsletter.db import Database
from newsletter.errors import InputError
from tests.collection.making import LATER, NOW, a_note, a_repository, a_section, an_entry

pytestmark = pytest.mark.usefixtures("database")


def put(session: Session, draft: Draft, parent: Node | None = None, after: int | None = None) -> Node:
    return nodes_store.add(session, draft, parent=parent.id if parent else None, after=after, who="Ada", now=NOW)


def titles(session: Session) -> list[str]:
    return [one.title for one in nodes_store.tree(session)]


def edit(session: Session, node: Node, who: str = "Ada", **fields: object) -> Node:
    return nodes_store.change(session, node.id, seen_version=node.version, fields=fields, who=who, now=LATER)


def test_the_tree_comes_in_document_order_wherever_nodes_are_put(database: Database) -> None:
    with database.transaction() as session:
        motion, maps = put(session, a_section("Motion")), put(session, a_section("Maps"))
        put(session, an_entry("b"), motion)
        last = put(session, an_entry("d"), motion)
        put(session, an_entry("a"), motion, after=FIRST)
        put(session, an_entry("e"), motion, after=last.id)
        put(session, a_section("Inside"), maps)
        put(session, an_entry("f"), maps)
        assert titles(session) == ["Motion", "a", "b", "d", "e", "Maps", "f", "Inside"]
        assert [one.level for one in nodes_store.tree(session)] == [1, 2, 2, 2, 2, 1, 2, 2]


def test_an_entry_by_an_arxiv_address_knows_its_paper_and_others_know_none(database: Database) -> None:
    with database.transaction() as session:
        ours = put(session, an_entry(url="https://arxiv.org/pdf/2606.26101v2"))
        other = put(session, an_entry(url="https://paperswithcode.com/paper/2606.26101"))
        assert (ours.paper_ref, other.paper_ref) == ("2606.26101", "")
        assert edit(session, other, url="https://arxiv.org/abs/hep-th/9901001").paper_ref == "hep-th/9901001"


def test_new_entries_come_by_number_and_moment_newest_first_and_imported_ones_are_no_news(database: Database) -> None:
    with database.transaction() as session:
        section = put(session, a_section())
        nodes_store.add_items(session, [Item(an_entry(title)) for title in ("old", "older")], {}, who="x", now=NOW)
        first, second = put(session, an_entry("1"), section), put(session, an_entry("2"), section)
        assert [one.title for one in nodes_store.entries_since(session, 0)] == ["2", "1"]
        assert [one.title for one in nodes_store.entries_since(session, first.number)] == ["2"]
        assert [one.title for one in nodes_store.entries_since(session, NOW.replace(year=2000))] == ["2", "1", "old", "older"]
        assert nodes_store.highest_number(session) == second.number
        nodes_store.remove(session, section.id, who="Ada", now=LATER)
        assert nodes_store.entries_since(session, 0) == []


def test_each_change_says_what_was_and_what_is_by_whom_and_when(database: Database) -> None:
    with database.transaction() as session:
        node = edit(session, put(session, an_entry("Walking Lihgts")), who="Eve", title="Walking Lights")
        newest, oldest = nodes_store.changes(session, node=node.id)
        assert (newest.what, newest.before, newest.after) == (
            ChangeKind.CHANGED, {"title": "Walking Lihgts"}, {"title": "Walking Lights"},
        )  # fmt: skip
        assert (newest.who, newest.at, newest.version, node.version) == ("Eve", LATER, 2, 2)
        assert (oldest.what, oldest.who, oldest.at) == (ChangeKind.ADDED, "Ada", NOW)


def test_what_changes_nothing_is_no_change(database: Database) -> None:
    with database.transaction() as session:
        node = put(session, an_entry())
        assert edit(session, node, title=node.title, pieces=node.pieces) == node
        assert len(nodes_store.changes(session)) == 1


def test_two_who_change_different_fields_of_what_both_saw_lose_nothing(database: Database) -> None:
    with database.transaction() as session:
        seen = put(session, an_entry("title", dated="2023"))
        edit(session, seen, who="Ada", title="new title", dated="2023")
        both = edit(session, seen, who="Bob", title="title", dated="CVPR 2023")
        assert (both.title, both.dated, both.version) == ("new title", "CVPR 2023", 3)


def test_two_who_change_the_same_field_are_told_with_both_versions(database: Database) -> None:
    with database.transaction() as session:
        seen = put(session, an_entry("title"))
        edit(session, seen, who="Ada", title="hers")
        with pytest.raises(Conflict, match="title") as told:
            edit(session, seen, who="Bob", title="his", dated="2023")
        assert (told.value.node.title, told.value.mine) == ("hers", {"title": "his"})
        assert nodes_store.node(session, seen.id) == told.value.node


def test_bodies_are_brought_together_piece_by_piece(database: Database) -> None:
    with database.transaction() as session:
        seen = put(session, an_entry(pieces=(a_note("one"), a_note("two"))))
        edit(session, seen, who="Ada", pieces=(a_note("one"), a_repository("a/b"), a_note("two")))
        both = edit(session, seen, who="Bob", pieces=(a_note("one"), a_note("two, mended")))
        assert both.pieces == (a_note("one"), a_repository("a/b"), a_note("two, mended"))
        with pytest.raises(Conflict) as told:
            edit(session, seen, who="Cay", pieces=(a_note("one"), a_note("two, otherwise")))
        assert told.value.mine == {"pieces": (a_note("one"), a_note("two, otherwise"))}


def test_a_change_of_what_somebody_removed_is_handed_back(database: Database) -> None:
    with database.transaction() as session:
        seen = put(session, an_entry())
        nodes_store.remove(session, seen.id, who="Ada", now=LATER)
        with pytest.raises(Conflict) as told:
            edit(session, seen, title="mine")
        assert told.value.node.removed_at == LATER
        assert told.value.mine == {"title": "mine"}


def test_an_older_change_is_undone_and_what_came_after_it_stays(database: Database) -> None:
    with database.transaction() as session:
        node = edit(session, put(session, an_entry("first")), title="second")
        changed = nodes_store.changes(session)[0]
        edit(session, node, who="Bob", dated="2024")
        undone = nodes_store.undo(session, changed.id, who="Ada", now=LATER)
        assert (undone.title, undone.dated) == ("first", "2024")
        undoing = nodes_store.changes(session)[0]
        assert (undoing.undoes, undoing.what) == (changed.id, ChangeKind.CHANGED)
        assert nodes_store.undo(session, undoing.id, who="Ada", now=LATER).title == "second"


def test_a_change_that_was_changed_again_cannot_be_undone_in_silence(database: Database) -> None:
    with database.transaction() as session:
        node = edit(session, put(session, an_entry("first")), title="second")
        changed = nodes_store.changes(session)[0]
        edit(session, node, who="Bob", title="third")
        with pytest.raises(Conflict):
            nodes_store.undo(session, changed.id, who="Ada", now=LATER)


def test_a_section_goes_and_comes_back_with_all_it_holds(database: Database) -> None:
    with database.transaction() as session:
        section = put(session, a_section())
        put(session, an_entry(), section)
        nodes_store.remove(session, section.id, who="Ada", now=LATER)
        assert titles(session) == []
        nodes_store.undo(session, nodes_store.changes(session)[0].id, who="Bob", now=LATER)
        assert titles(session) == ["Motion", "Walking Lights"]
        assert nodes_store.changes(session)[0].what is ChangeKind.RESTORED


def test_undoing_an_addition_removes_it_and_twice_is_told(database: Database) -> None:
    with database.transaction() as session:
        put(session, an_entry())
        added = nodes_store.changes(session)[0]
        nodes_store.undo(session, added.id, who="Ada", now=LATER)
        assert titles(session) == []
        with pytest.raises(InputError, match="nothing is left to undo"):
            nodes_store.undo(session, added.id, who="Ada", now=LATER)


def test_a_moved_section_takes_its_entries_and_levels_along_and_back(database: Database) -> None:
    with database.transaction() as session:
        motion, maps = put(session, a_section("Motion")), put(session, a_section("Maps"))
        inside = put(session, a_section("Inside"), motion)
        put(session, an_entry("e"), inside)
        put(session, an_entry("f"), motion)
        nodes_store.move(session, inside.id, parent=None, after=maps.id, who="Ada", now=LATER)
        assert titles(session) == ["Motion", "f", "Maps", "Inside", "e"]
        assert [one.level for one in nodes_store.tree(session)] == [1, 2, 1, 1, 2]
        nodes_store.undo(session, nodes_store.changes(session)[0].id, who="Ada", now=LATER)
        assert titles(session) == ["Motion", "f", "Inside", "e", "Maps"]
        assert [one.level for one in nodes_store.tree(session)] == [1, 2, 2, 3, 1]


def test_a_section_does_not_go_into_itself(database: Database) -> None:
    with database.transaction() as session:
        outer = put(session, a_section("Outer"))
        inner = put(session, a_section("Inner"), outer)
        for place in (outer, inner):
            with pytest.raises(InputError, match="into itself"):
                nodes_store.move(session, outer.id, parent=place.id, after=None, who="Ada", now=LATER)


def test_what_stood_in_a_removed_section_comes_back_after_it(database: Database) -> None:
    with database.transaction() as session:
        section = put(session, a_section())
        entry = put(session, an_entry(), section)
        for node in (entry, section):
            nodes_store.remove(session, node.id, who="Ada", now=LATER)
        last, first, *_ = nodes_store.changes(session)
        with pytest.raises(InputError, match="was removed: undo that first"):
            nodes_store.undo(session, first.id, who="Ada", now=LATER)
        nodes_store.undo(session, last.id, who="Ada", now=LATER)
        nodes_store.undo(session, first.id, who="Ada", now=LATER)
        assert titles(session) == ["Motion", "Walking Lights"]


def test_a_move_is_not_undone_where_another_came_after_it(database: Database) -> None:
    with database.transaction() as session:
        a, b, c = (put(session, a_section(title)) for title in "abc")
        entry = put(session, an_entry(), a)
        for section in (b, c):
            nodes_store.move(session, entry.id, parent=section.id, after=None, who="Ada", now=LATER)
        second, first, *_ = nodes_store.changes(session)
        with pytest.raises(InputError, match="moved again since"):
            nodes_store.undo(session, first.id, who="Ada", now=LATER)
        assert nodes_store.undo(session, second.id, who="Ada", now=LATER).parent_id == b.id


def test_no_section_goes_deeper_than_headings_do(database: Database) -> None:
    with database.transaction() as session:
        deepest = None
        for title in "123456":
            deepest = put(session, a_section(title), deepest)
        with pytest.raises(InputError, match="too deep"):
            put(session, a_section("7"), deepest)
        pair = put(session, a_section("pair"))
        put(session, a_section("inner"), pair)
        assert deepest is not None
        with pytest.raises(InputError, match="7 levels deep"):
            nodes_store.move(session, pair.id, parent=deepest.parent_id, after=None, who="Ada", now=LATER)


@pytest.mark.parametrize(("fields", "message"), [({"title": " "}, "title is empty"), ({"number": 7}, "number cannot be changed")])
def test_what_cannot_be_stored_is_told(database: Database, fields: dict[str, object], message: str) -> None:
    with database.transaction() as session, pytest.raises(InputError, match=message):
        edit(session, put(session, an_entry()), **fields)


def test_what_cannot_be_added_is_told(database: Database) -> None:
    with database.transaction() as session:
        for draft, message in ((an_entry(" "), "title is empty"), (an_entry(pieces=(a_note("a\x00b"),)), "zero character")):
            with pytest.raises(InputError, match=message):
                put(session, draft)


def test_nothing_goes_into_an_entry_or_behind_a_stranger(database: Database) -> None:
    with database.transaction() as session:
        entry, section = put(session, an_entry()), put(session, a_section())
        with pytest.raises(InputError, match="is no section"):
            put(session, an_entry(), entry)
        with pytest.raises(InputError, match="no longer in that section"):
            put(session, an_entry(), section, after=entry.id)


def test_a_text_between_entries_needs_no_title(database: Database) -> None:
    with database.transaction() as session:
        text = put(session, Draft(NodeKind.TEXT, pieces=(a_note("between"),)))
        assert (text.level, text.title, text.number) == (0, "", 0)


def test_comments_come_by_node_oldest_first(database: Database) -> None:
    with database.transaction() as session:
        one, other = put(session, an_entry("1")), put(session, an_entry("2"))
        nodes_store.comment(session, one.id, "well", who="Ada", now=NOW)
        nodes_store.comment(session, one.id, " indeed ", who="Bob", now=LATER)
        found = nodes_store.comments_of(session, [one.id, other.id])
        assert [(said.text, said.who, said.at) for said in found[one.id]] == [("well", "Ada", NOW), ("indeed", "Bob", LATER)]
        assert other.id not in found
        with pytest.raises(InputError, match="a comment has"):
            nodes_store.comment(session, one.id, "  ", who="Ada", now=NOW)


def test_editors_at_once_each_get_a_number_of_their_own_and_all_changes_are_kept(database: Database) -> None:
    with database.transaction() as session:
        section = put(session, a_section())
        seen = put(session, an_entry(pieces=tuple(a_note(str(place)) for place in range(4))), section)

    def work(place: int) -> None:
        with database.transaction() as session:
            put(session, an_entry(f"by {place}"), section, after=FIRST)
        with database.transaction() as session:
            mine = [*seen.pieces[:place], a_note(f"{place} mended"), *seen.pieces[place + 1 :]]
            edit(session, seen, who=str(place), pieces=tuple(mine))

    threads = [threading.Thread(target=work, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as session:
        numbers = [one.number for one in nodes_store.entries_since(session, 0)]
        assert numbers == list(range(max(numbers), 0, -1))
        ended = nodes_store.node(session, seen.id)
        assert ended is not None
        assert [piece.text for piece in ended.pieces] == [f"{place} mended" for place in range(4)]
        assert len({one.place for one in nodes_store.tree(session) if one.parent_id == section.id}) == 5
