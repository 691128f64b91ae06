"""Editors' sessions: a mailed link opens one, a fresh link can be asked for, and each request looks whether it still holds.

The answer to whoever asks for a link is the same whether the address is an editor's or not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import ParamSpec, TypeVar

import structlog
from flask import Blueprint, abort, g, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from newsletter.collection import editors
from newsletter.collection.store.editors import Editor
from newsletter.operating import logins as operating_logins
from newsletter.operating.operators.store import EDITOR
from newsletter.subscribers.store.form_requests import Form
from newsletter.web import logins
from newsletter.web.after_answers import ask_for_link
from newsletter.web.forms import ButtonForm, LinkForm
from newsletter.web.page_context import clock, services
from newsletter.web.public.inbox import open_here
from newsletter.web.security import LIMIT_LINK, client_network, limiter

log = structlog.get_logger(__name__)
pages = Blueprint("editors", __name__)

KEY = "editor"
# The fields of editors' forms that hold words.
WRITTEN = ("title", "url", "dated", "body", "text")
P = ParamSpec("P")
R = TypeVar("R")


def editor_here() -> Editor | None:
    """Who edits in this browser, None where nobody does or access was taken away."""
    if "editor" not in g:
        kept = session.get(KEY)
        g.editor = None
        if isinstance(kept, list) and len(kept) == 2 and all(isinstance(part, int) for part in kept):
            with services().database.reading() as reading:
                found = editors.editor_of(reading, kept[0], kept[1])
            g.editor = found if found and logins.holds(EDITOR, found.id) else None
    here: Editor | None = g.editor
    return here


def name_here() -> str:
    """The name that changes are kept under; only for views of editors."""
    found = editor_here()
    if found is None:
        abort(403)
    return found.name


def only_editors(view: Callable[P, R]) -> Callable[P, R | Response]:
    """Lets a view be seen by editors alone: others are shown how to become one, and a post of theirs does nothing."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
        if editor_here() is None:
            log.info("editors' page refused: nobody edits here", endpoint=request.endpoint, method=request.method)
            if request.method == "POST":
                abort(make_response(_page("ask", LinkForm(formdata=None), typed=_typed()), 403))
            return redirect(url_for("editors.ask"), code=303)
        return view(*args, **kwargs)

    return guarded


@pages.get("/collection/editor")
def ask() -> str:
    return _page("ask", LinkForm(formdata=None))


@pages.post("/collection/editor")
@limiter.limit(LIMIT_LINK)
def send() -> str | tuple[str, int]:
    form = LinkForm()
    if not ask_for_link(Form.EDITORS_LINK, form):
        return _page("ask", form), 400
    return _page("sent", form)


@pages.get("/collection/editor/<token>")
def show(token: str) -> str:
    """One button, because scanners of mail follow links: opening the page uses nothing up."""
    with services().database.reading() as reading:
        found = editors.editor_by_link(reading, token, now=clock())
        standing = operating_logins.standing(reading, EDITOR, found.id, now=clock())
    return _page("open", ButtonForm(formdata=None), editor=found, token=token, standing=standing)


@pages.post("/collection/editor/<token>")
@limiter.limit(LIMIT_LINK)
def enter(token: str) -> Response:
    found = editors.open_session(services(), token, now=clock())
    operating_logins.end_some(services().database, EDITOR, found.id, request.form.getlist("login"))
    # Nothing of an earlier session but the choice of language, which is a cookie of its own.
    logins.begin(EDITOR, found.id)
    session[KEY] = [found.id, found.version]
    log.info("editor's session opened", editor=found.id, network=client_network())
    return redirect("/collection", code=303)


@pages.post("/collection/leave")
def leave() -> Response:
    logins.end()
    return redirect("/collection", code=303)


def _typed() -> list[str]:
    """What somebody wrote whose session ended meanwhile: it is handed back to be copied."""
    return [text for name in WRITTEN if (text := request.form.get(name, "").strip())]


def _page(
    step: str,
    form: LinkForm | ButtonForm,
    *,
    editor: Editor | None = None,
    token: str = "",
    typed: Sequence[str] = (),
    standing: Sequence[operating_logins.Login] = (),
) -> str:
    shown = {"step": step, "form": form, "editor": editor, "token": token, "typed": typed, "standing": standing}
    return render_template("editor.html", inbox=open_here(), **shown)
