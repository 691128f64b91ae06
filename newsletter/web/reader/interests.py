"""What a reader gives and says of their interests, and what was learned from it: seen, added to, taken back. For them alone."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from newsletter.daily.tastes import words_of
from newsletter.errors import InputError
from newsletter.mail.signed_links import LinkPurpose
from newsletter.ranking.example import MOST, ExamplesFault
from newsletter.ranking.store import examples as examples_store
from newsletter.ranking.store import opinions as opinions_store
from newsletter.subscribers import interests, links
from newsletter.subscribers.subscriber import SUBSCRIBED, Subscriber
from newsletter.web.forms import ButtonForm
from newsletter.web.page_context import _, clock, services
from newsletter.web.reader.preferences import subscriber_of
from newsletter.web.security import FILE_BYTES, LIMIT_LINK, LIMIT_TRY, limiter

pages = Blueprint("interests", __name__)


@pages.get("/preferences/<token>/interests")
@limiter.limit(LIMIT_TRY)
def show(token: str) -> str:
    subscriber = subscriber_of(token)
    if subscriber.state not in SUBSCRIBED:
        return render_template("left.html")
    return _page(subscriber, token)


@pages.post("/preferences/<token>/interests")
@limiter.limit(LIMIT_LINK)
def change(token: str) -> Response | str | tuple[str, int]:
    """Does what the button says: takes examples in, or one thing or all out."""
    subscriber = subscriber_of(token)
    if subscriber.state not in SUBSCRIBED:
        return render_template("left.html")
    doing = _BUTTONS.get(request.form.get("do", ""))
    if doing is None:
        abort(400)
    try:
        doing(subscriber.id)
    except ExamplesFault as error:
        return _page(subscriber, token, problem=error.told(_)), 400
    except InputError as error:
        return _page(subscriber, token, problem=str(error)), 400
    return redirect(url_for("interests.show", token=token, saved=1), code=303)


def _add(subscriber_id: int) -> None:
    file = request.files.get("file")
    content = file.read() if file and file.filename else request.form.get("text", "").encode()
    interests.add_examples(services(), subscriber_id, content, now=clock())


def _remove(subscriber_id: int) -> None:
    number = request.form.get("example", "")
    if not number.isascii() or not number.isdecimal() or len(number) > 18:
        abort(400)
    interests.forget_examples(services(), subscriber_id, only=int(number))


def _leave_out(subscriber_id: int) -> None:
    interests.leave_out(services(), subscriber_id, request.form.get("word", ""))


def _forget_all(subscriber_id: int) -> None:
    interests.forget_all(services(), subscriber_id)


def _choose_fewer(subscriber_id: int) -> None:
    interests.choose_fewer(services(), subscriber_id, choosy="choosy" in request.form)


_BUTTONS: dict[str, Callable[[int], None]] = {
    "add": _add,
    "remove": _remove,
    "leave-out": _leave_out,
    "forget": _forget_all,
    "fewer": _choose_fewer,
}


def _page(subscriber: Subscriber, token: str, *, problem: str = "") -> str:
    with services().database.reading() as session:
        examples = examples_store.examples(session, subscriber.id)
        said = opinions_store.count(session, subscriber.id)
    words = words_of(services(), subscriber.id, now=clock()) if examples or said else []
    return render_template(
        "interests.html",
        token=token,
        form=ButtonForm(),
        examples=examples,
        said=said,
        words=words,
        choosy=subscriber.choosy,
        feedback=links.beside(services().signer, token, subscriber, LinkPurpose.FEEDBACK, now=clock()),
        problem=problem,
        text=request.form.get("text", "") if problem else "",
        saved=not problem and "saved" in request.args,
        most=MOST,
        kilobytes=FILE_BYTES // 1000,
    )
