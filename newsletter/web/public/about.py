"""Who runs this, and how to use it: /about with the operator's own words, and /help with examples of the query language."""

from __future__ import annotations

from flask import Blueprint, render_template
from markupsafe import Markup

from newsletter.collection import notes
from newsletter.i18n import _l
from newsletter.languages import language_of
from newsletter.topics.saved_queries import LONGEST
from newsletter.values.saved_queries import MOST
from newsletter.web.page_context import page_language, services

pages = Blueprint("about", __name__)

# Queries as one may type them, each with what it finds; a test reads all of them as the form does.
EXAMPLES = (
    ('"video diffusion"', _l("the words one after the other, in title or abstract")),
    ("diffusion AND video", _l("both words, in any order")),
    ('nerf OR "gaussian splatting"', _l("one of the two is enough")),
    ("diffusion AND NOT survey", _l("the first, without the second")),
    ("ti:benchmark", _l("in the title only; abs: is the abstract")),
    ('au:"Ada Lovelace"', _l("papers of this author")),
    ("cat:cs.RO AND grasp*", _l("in this category of arXiv; * is any ending")),
    ("comment:ICLR", _l("in the authors' comment, where conferences stand")),
    ("(nerf OR splat*) AND NOT ti:survey", _l("brackets say what belongs together")),
)
# What is often typed, and refused: the form then says why.
REFUSED = ("video diffusion", "NOT survey")


@pages.get("/about")
def about() -> str:
    return render_template("about.html", own=own_words("about"))


@pages.get("/help")
def guide() -> str:
    return render_template("help.html", examples=EXAMPLES, refused=REFUSED, limits=MOST, longest=LONGEST)


def own_words(page: str) -> Markup:
    """What the operator wrote for ``page``, as HTML: in the language of the visitor, else English, else whichever is there."""
    the = services()
    prefix = f"page-{page}-"
    there = [name.removeprefix(prefix) for name in the.own_files.names() if name.startswith(prefix)]
    code = next((code for code in (page_language().code, "en", *there) if code in there), "")
    text = the.own_page(page, code) if code else ""
    if not text:
        return Markup("")
    language = language_of(code)
    shown = Markup(notes.rendered(text, picture_of=lambda _url: "", below=1))  # noqa: S704 - cleaned there
    return Markup('<div class="note" lang="{}" dir="{}">{}</div>').format(language.code, language.direction, shown)
