"""Editors at work: add by pasting, change, move, remove, comment, undo. Each post is kept with who and when; GET changes nothing.

Two people at once lose nothing: where they changed the same, the second one sees both versions and saves again.
"""

from __future__ import annotations

from functools import partial

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from newsletter.collection import editing, notes
from newsletter.collection.differences import Difference, lines_between
from newsletter.collection.lookup import look_up
from newsletter.collection.pictures import open_pictures
from newsletter.collection.store import nodes as nodes_store
from newsletter.collection.suggestions import Suggestion
from newsletter.collection.values import Conflict, Draft, Node, NodeKind
from newsletter.collection.writing import body_of
from newsletter.daily.ingest import store_old_paper
from newsletter.errors import InputError
from newsletter.web.editors.forms import CommentForm, EntryForm, PasteForm, PlaceForm, SectionForm, body_from, places
from newsletter.web.editors.sessions import name_here, only_editors
from newsletter.web.forms import ButtonForm
from newsletter.web.page_context import _, clock, services
from newsletter.web.security import LIMIT_SIGN_UP, LIMIT_TRY, limiter

pages = Blueprint("editing", __name__, url_prefix="/collection")

Answer = Response | str | tuple[str, int]
# A person waits for the first look at a picture; what takes longer is shown as a link until the next time.
PICTURE_SECONDS = 10.0


@pages.get("/add")
@only_editors
def add() -> Answer:
    return _add_page(PasteForm(formdata=None))


@pages.post("/add")
@limiter.limit(LIMIT_TRY)
@only_editors
def look() -> Answer:
    """Looks up what was pasted and shows the form, filled; nothing is in the collection yet."""
    form = PasteForm()
    try:
        keep = partial(store_old_paper, services(), now=clock())
        found = look_up(services(), form.text.data or "", keep=keep, now=clock())
    except InputError as error:
        return _add_page(form, _(str(error))), 400
    return _entry_page(_filled(found), notice=found.problem)


@pages.post("/new")
@limiter.limit(LIMIT_SIGN_UP)
@only_editors
def create() -> Answer:
    form = EntryForm()
    if not form.validate():
        return _entry_page(form), 400
    typed = form.typed()
    draft = Draft(
        NodeKind.ENTRY,
        title=typed["title"],
        url=typed["url"],
        dated=typed["dated"],
        pieces=form.pieces(),
        picked_by=name_here(),
    )
    return _put(draft, form.place.data or "")


@pages.post("/section")
@limiter.limit(LIMIT_SIGN_UP)
@only_editors
def create_section() -> Answer:
    form = SectionForm()
    return _put(Draft(NodeKind.SECTION, title=(form.title.data or "").strip()), form.place.data or "")


def _put(draft: Draft, place: str) -> Response:
    return _done(editing.add(services(), draft, place, who=name_here(), now=clock()))


@pages.get("/<int:node_id>/edit")
@only_editors
def edit(node_id: int) -> Answer:
    with services().database.reading() as session:
        node = nodes_store.node(session, node_id)
    if node is None or node.removed_at is not None:
        abort(404)
    return _entry_page(_form_of(node), node=node)


@pages.post("/<int:node_id>/edit")
@limiter.limit(LIMIT_SIGN_UP)
@only_editors
def change(node_id: int) -> Answer:
    """Stores what was changed. Of two who changed the same, the second is shown both; their other fields are stored."""
    form = EntryForm()
    with services().database.reading() as session:
        # One that was removed meanwhile too: what was typed must not end at a page that does not know it.
        node = nodes_store.node(session, node_id) or abort(404)
    if not form.validate() or form.seen.data is None:
        return _entry_page(form, node=node), 400
    fields = {"pieces": form.pieces(node)} if node.kind is NodeKind.TEXT else {**form.typed(), "pieces": form.pieces(node)}
    if node.kind is NodeKind.SECTION:
        fields = {name: fields[name] for name in ("title", "pieces")}
    try:
        changed = editing.change(services(), node_id, seen_version=form.seen.data, fields=fields, who=name_here(), now=clock())
    except Conflict as conflict:
        return _conflict_page(form, conflict), 409
    return _done(changed)


@pages.post("/<int:node_id>/move")
@limiter.limit(LIMIT_SIGN_UP)
@only_editors
def move(node_id: int) -> Answer:
    return _done(editing.move(services(), node_id, PlaceForm().place.data or "", who=name_here(), now=clock()))


@pages.post("/<int:node_id>/remove")
@limiter.limit(LIMIT_SIGN_UP)
@only_editors
def remove(node_id: int) -> Answer:
    if not editing.remove(services(), node_id, who=name_here(), now=clock()):
        abort(404)
    services_changed()
    return redirect("/collection/changes", code=303)


@pages.post("/<int:node_id>/comment")
@limiter.limit(LIMIT_SIGN_UP)
@only_editors
def comment(node_id: int) -> Answer:
    if not editing.comment(services(), node_id, CommentForm().text.data or "", who=name_here(), now=clock()):
        abort(404)
    return redirect(url_for("collection.entry", node_id=node_id), code=303)


@pages.post("/changes/<int:change_id>/undo")
@limiter.limit(LIMIT_SIGN_UP)
@only_editors
def undo(change_id: int) -> Answer:
    node = editing.undo(services(), change_id, who=name_here(), now=clock())
    services_changed()
    return redirect("/collection/changes" if node.removed_at else url_for("collection.entry", node_id=node.id), code=303)


def services_changed() -> None:
    """Lets the navigation see at once whether there is a collection."""
    from flask import current_app

    current_app.extensions["collection_there"].forget()


def _done(node: Node) -> Response:
    open_pictures(services()).keep(notes.pictures_of(node.pieces), seconds=PICTURE_SECONDS)
    services_changed()
    return redirect(url_for("collection.entry", node_id=node.id), code=303)


def _filled(found: Suggestion) -> EntryForm:
    values = {"title": found.title, "url": found.url, "dated": found.dated, "body": body_from(found)}
    return EntryForm(formdata=None, data={**values, "seen": 0, "place": request.args.get("place", "in:0")})


def _form_of(node: Node) -> EntryForm:
    values = {"title": node.title, "url": node.url, "dated": node.dated, "body": body_of(node.pieces).strip("\n")}
    return EntryForm(formdata=None, data={**values, "seen": node.version, "kind": node.kind.value})


def _add_page(form: PasteForm, problem: str = "") -> str:
    with services().database.reading() as session:
        found = places(nodes_store.tree(session))
    return render_template("collection_add.html", form=form, section=SectionForm(formdata=None), places=found, problem=problem)


def _entry_page(form: EntryForm, *, node: Node | None = None, notice: str = "") -> str:
    with services().database.reading() as session:
        nodes = nodes_store.tree(session)
    return render_template(
        "collection_form.html",
        form=form,
        node=node,
        places=places(nodes, node),
        place=PlaceForm(formdata=None),
        button=ButtonForm(formdata=None),
        notice=notice,
        clashes=(),
    )


def _conflict_page(form: EntryForm, conflict: Conflict) -> str:
    """Both versions: what was typed stays in the form, how it differs from what is stored stands above; saving again keeps it."""
    node = conflict.node
    mine = {**form.typed(), "pieces": body_of(form.pieces())}
    theirs = {"title": node.title, "url": node.url, "dated": node.dated, "pieces": body_of(node.pieces)}
    clashes = [Difference(name, lines_between(theirs[name].strip("\n"), mine[name].strip("\n"))) for name in conflict.fields]
    form.seen.data = node.version
    form.seen.raw_data = None
    if node.removed_at is None:
        now_stored = {**theirs, "body": theirs["pieces"].strip("\n")}
        for name in {"title", "url", "dated", "body"} - {"body" if field == "pieces" else field for field in conflict.fields}:
            form[name].data = now_stored[name]
    return render_template(
        "collection_form.html",
        form=form,
        node=node,
        places=(),
        place=PlaceForm(formdata=None),
        button=ButtonForm(formdata=None),
        notice="",
        clashes=clashes,
    )
