"""The forms of editors: what is pasted, an entry, its place, a comment; and an entry's Markdown made of single fields."""

from __future__ import annotations

from collections.abc import Sequence

from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, IntegerField, SelectField, StringField, TextAreaField, ValidationError

from newsletter.collection.bodies import image, link, pieces_of
from newsletter.collection.suggestions import Suggestion
from newsletter.collection.values import Node, NodeKind, Piece
from newsletter.collection.writing import body_of
from newsletter.errors import InputError
from newsletter.http import allowed_urls
from newsletter.web.page_context import _

MOST_TITLE, MOST_DATED, MOST_BODY = 500, 100, 40_000
# A page that offered each of a thousand entries as a place would be no page to choose from.
FEW, NEAR = 150, 40


class PasteForm(FlaskForm):  # type: ignore[misc]
    text = StringField()


class CommentForm(FlaskForm):  # type: ignore[misc]
    text = TextAreaField()


class SectionForm(FlaskForm):  # type: ignore[misc]
    title = StringField()
    place = SelectField(validate_choice=False)


class PlaceForm(FlaskForm):  # type: ignore[misc]
    place = SelectField(validate_choice=False)


class EntryForm(FlaskForm):  # type: ignore[misc]
    """An entry as it is typed. ``body`` is Markdown; ``seen`` the version that the editor had before them."""

    title = StringField()
    url = StringField()
    dated = StringField()
    body = TextAreaField()
    place = SelectField(validate_choice=False)
    seen = IntegerField()
    kind = HiddenField()

    def validate_title(self, field: Field) -> None:
        text = (field.data or "").strip()
        if self.kind.data != NodeKind.TEXT and not 0 < len(text) <= MOST_TITLE:
            raise ValidationError(_("Give a title of at most %(most)s characters.", most=MOST_TITLE))

    def validate_url(self, field: Field) -> None:
        if (field.data or "").strip():
            try:
                allowed_urls.checked(field.data, loopback=True)
            except InputError:
                raise ValidationError(_("Give an address that begins with https:// or http://, or leave it empty.")) from None

    def validate_dated(self, field: Field) -> None:
        if len((field.data or "").strip()) > MOST_DATED:
            raise ValidationError(_("Keep it to %(most)s characters.", most=MOST_DATED))

    def validate_body(self, field: Field) -> None:
        if len(field.data or "") > MOST_BODY:
            raise ValidationError(_("Keep it to %(most)s characters.", most=MOST_BODY))

    def typed(self) -> dict[str, str]:
        """Title, address and date as typed, without white space around them."""
        return {name: (self[name].data or "").strip() for name in ("title", "url", "dated")}

    def pieces(self, node: Node | None = None) -> tuple[Piece, ...]:
        """The body as pieces; those of ``node`` where its body is as it was, so that nothing is read anew."""
        text = lines_of(self.body.data or "")
        if node is not None and body_of(node.pieces).strip("\n") == text:
            return node.pieces
        return pieces_of(text + "\n") if text else ()


def lines_of(text: str) -> str:
    """What a browser sends of a text, with line breaks as they are kept, and no empty lines around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")


def body_from(found: Suggestion) -> str:
    """The Markdown that a new entry starts with: picture, repository, demo, note."""
    pieces = [image(found.image, alt=_("Image"))] if found.image else []
    pieces += [link(name, url) for name, url in (("Code", found.repository), ("Demo", found.demo)) if url]
    parts = [piece.text.strip() for piece in pieces] + ([found.note] if found.note else [])
    return "\n\n".join(parts)


def places(nodes: Sequence[Node], moving: Node | None = None) -> list[tuple[str, int, str]]:
    """Where something can be put: (place, level, words) in document order; not into or behind what is ``moving``.

    In a large collection each section is offered, but of the entries only those around the one that is moving.
    """
    inside: set[int] = {moving.id} if moving else set()
    near = _near([node for node in nodes if node.kind is NodeKind.ENTRY], moving)
    found: list[tuple[str, int, str]] = [("in:0", 0, _("At the end, in no section"))]
    for node in nodes:
        if node.id in inside or node.parent_id in inside:
            inside.add(node.id)
        elif node.kind is NodeKind.SECTION:
            found.append((f"in:{node.id}", node.level, _("In “%(title)s”, last", title=node.title[:80])))
            found.append((f"top:{node.id}", node.level, _("In “%(title)s”, first", title=node.title[:80])))
        elif node.id in near:
            found.append((f"after:{node.id}", node.level, _("After “%(title)s”", title=node.title[:80])))
    return found


def _near(entries: Sequence[Node], moving: Node | None) -> set[int]:
    """The entries behind which something can be put: all of few, of many the neighbours of ``moving`` in its section."""
    if len(entries) <= FEW:
        return {node.id for node in entries}
    beside = [node.id for node in entries if moving and node.parent_id == moving.parent_id]
    place = beside.index(moving.id) if moving and moving.id in beside else 0
    return set(beside[max(0, place - NEAR) : place + NEAR + 1])
