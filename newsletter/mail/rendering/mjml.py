"""Templates of mails: MJML compiled once per version into HTML that keeps its Jinja2 markers, and the environments that fill it.

Outside text never reaches MJML: it comes in when Jinja2 fills the compiled template, with autoescape. A template may hold named
parts, ``<!-- part cards -->...<!-- end cards -->``; each becomes a template of its own and leaves ``{{ cards }}`` in its place.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from html import unescape
from importlib.metadata import version
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from newsletter.errors import PermanentError, SettingsError
from newsletter.i18n import interface_language, long_date, short_date, translations_for
from newsletter.languages import Direction, Language
from newsletter.mail.rendering.plain_text import bulleted, footnoted, wrapped
from newsletter.text.formulas import pieces, plain

# Words of an operator's own, each with the English ones that it stands for.
Texts = tuple[tuple[str, str], ...]
# Raised whenever this module compiles the same template to something else, so that nobody reads an older result.
CACHE_FORMAT = "2"
_PART = re.compile(r"<!-- part (?P<name>[a-z_]+) -->(?P<inside>.*?)<!-- end (?P=name) -->\n?", re.DOTALL)
# What stands around the button of a short mail goes where there is none.
_WITH_BUTTON = re.compile(r"<!-- with button -->(.*?)<!-- end with -->", re.DOTALL)
FRAME = "notice.mjml"
_MARKER = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")
_CONSTANT = re.compile(r'\{\{ _\("([^"]*)"\) \}\}')
# `tongue="shown"` says which value of the context is the language of an element; `tongue="shown start"` that it begins where
# the lines around it do, as titles, also where these are of the other direction.
_TONGUE = re.compile(r' tongue="(\w+)( start)?"')
_SIDES: Mapping[Direction, Mapping[str, str]] = {
    "ltr": {"[[dir]]": "ltr", "[[start]]": "left", "[[end]]": "right"},
    "rtl": {"[[dir]]": "rtl", "[[start]]": "right", "[[end]]": "left"},
}


def compiled_html(path: Path, *, cache: Path, direction: Direction, own: str = "") -> str:
    """The HTML of the MJML file at ``path``, or of ``own`` in its place, from ``cache`` where this version was compiled before.

    Processes that compile at once write the same file, each by rename. Raises SettingsError where the file is missing.
    """
    source = framed(path, own)
    key = hashlib.sha256("\0".join((CACHE_FORMAT, version("mjml"), direction, source)).encode("utf-8")).hexdigest()[:32]
    kept = cache / f"{path.parent.name}-{direction}-{key}.html"
    try:
        return kept.read_text(encoding="utf-8")
    except OSError:
        html = _compile(source, direction)
        _cache(kept, html)
        return html


def framed(path: Path, own: str = "") -> str:
    """The MJML of the file at ``path``: whole as it stands or, where it is parts only, these within the frame of short mails.

    ``own`` stands in its place where it is given.
    """
    source = own or read_template(path)
    if "<mjml" in source:
        return source
    parts = split_parts(source)
    whole = _WITH_BUTTON.sub(r"\1" if "button" in parts else "", read_template(path.parent.parent / FRAME))
    for name, words in parts.items():
        whole = whole.replace(f"[[{name}]]", words.strip())
    return whole


def _compile(source: str, direction: Direction) -> str:
    from mjml import mjml_to_html

    for mark, word in _SIDES[direction].items():
        source = source.replace(mark, word)
    html = str(mjml_to_html(source).html)
    html = _MARKER.sub(lambda marker: unescape(marker[0]), html)  # MJML writes `>` within a marker as `&gt;`
    html = _TONGUE.sub(lambda found: f"{{{{ {found[1]} | tongue(interface, at_start={bool(found[2])}) }}}}", html)
    # MJML indents deeply; a line break with blanks around it means the same to a browser as the break alone.
    return re.sub(r"[ \t]*\n\s*", "\n", html).strip() + "\n"


def _cache(path: Path, html: str) -> None:
    """Writes the compiled template; a folder that cannot be written costs the next process a second, and no mail."""
    draft = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(html, encoding="utf-8")
        draft.replace(path)
    except OSError:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def read_template(path: Path) -> str:
    """The template's source. Raises SettingsError where it is missing or unreadable."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"the mail template {path} cannot be read ({error.strerror}): restore it") from error


def split_parts(source: str) -> dict[str, str]:
    """The named parts of ``source`` by name, innermost included, and the rest under ``skeleton``."""
    parts: dict[str, str] = {}

    def taken(match: re.Match[str]) -> str:
        inside = split_parts(match["inside"])
        parts[match["name"]] = inside.pop("skeleton")
        parts.update(inside)
        return "{{ " + match["name"] + " }}"

    skeleton = _PART.sub(taken, source)
    return {**parts, "skeleton": skeleton}


@lru_cache(maxsize=64)
def environment(language: str, *, html: bool, texts: Texts = (), confined: bool = False) -> Environment:
    """The Jinja2 environment for one language: its words, its dates, autoescape for HTML; an unknown name is an error.

    ``texts`` are words of an operator's own by ours. A ``confined`` one is for templates of theirs: nothing of Python is within
    reach (https://jinja.palletsprojects.com/en/stable/sandbox/).
    """
    made = (ImmutableSandboxedEnvironment if confined else Environment)(
        autoescape=html,  # text parts and subjects are no HTML
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=not html,
    )
    translations = translations_for(language)
    made.install_gettext_callables(  # type: ignore[attr-defined]  # the i18n extension adds it
        _gettext(language, texts), translations.ngettext, newstyle=True
    )
    shown = interface_language(language)
    made.filters["wrapped"] = wrapped
    made.filters["bulleted"] = bulleted
    made.filters["isolated"] = isolated
    made.filters["tongue"] = tongue
    made.filters["plain"] = plain
    made.filters["footnoted"] = footnoted
    made.filters["long_date"] = lambda day: heading(long_date(day, shown.code))
    made.filters["short_date"] = lambda day: short_date(day, shown.code)
    return made


def heading(text: str) -> str:
    """``text`` as it begins a line of its own: many languages write the days of the week small within a sentence."""
    return text[:1].upper() + text[1:]


def isolated(text: str, direction: Direction) -> Markup:
    """``text`` escaped, simple formulas in Unicode; from right to left each is set apart, or its signs change places."""
    if direction == "ltr":
        return escape(plain(text))
    # A span with a direction, as neither Gmail nor Outlook knows <bdi>: https://www.caniemail.com/features/html-bdi/.
    apart = Markup('<span dir="ltr">{}</span>')
    return Markup().join(apart.format(piece) if is_formula else piece for piece, is_formula in pieces(text))


def tongue(language: Language, around: Language, *, at_start: bool = False) -> Markup:
    """The attributes of an element whose words are in ``language``, where those around it are not.

    ``at_start``: it stands at the edge where the lines around it begin, not where its own language would.
    """
    if language.code == around.code:
        return Markup("")
    if language.direction == around.direction:
        return Markup(' lang="{}"').format(language.code)
    side = "left" if (around if at_start else language).direction == "ltr" else "right"
    return Markup(' lang="{}" dir="{}" style="text-align:{}"').format(language.code, language.direction, side)


def _gettext(language: str, texts: Texts) -> Callable[[str], str]:
    own, ours = dict(texts), translations_for(language).gettext
    return (lambda text: own.get(text) or ours(text)) if own else ours


def load_parts(source: str, language: str, *, html: bool, texts: Texts = (), confined: bool = False) -> dict[str, Template]:
    """The parts of ``source`` as templates; ``texts`` and ``confined`` as in `environment`.

    Raises PermanentError where the template is not valid Jinja2.
    """
    made = environment(language, html=html, texts=texts, confined=confined)
    gettext = _gettext(language, texts)
    # Words without a value are put in now, once: looking them up again for each mail was a third of a digest's time.
    source = _CONSTANT.sub(lambda found: str(escape(gettext(found[1]))) if html else gettext(found[1]), source)
    try:
        return {name: _template(made, text) for name, text in split_parts(source).items()}
    except TemplateSyntaxError as error:
        raise PermanentError(f"a mail template is broken at line {error.lineno}: {error.message}") from error


@lru_cache(maxsize=1024)
def _template(made: Environment, source: str) -> Template:
    """Compiled once a process: short parts are the same in many kinds of mail, and each renderer has the same ones."""
    template = made.from_string(source)
    # A plain dict: Jinja2's own chain of two is walked through key by key at every rendering.
    template.globals = dict(template.globals)
    return template
