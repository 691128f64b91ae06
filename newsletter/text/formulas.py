"""Simple formulas in Unicode, for reading where nothing can typeset them: ``$x^2 \\leq \\alpha$`` is read as x² ≤ α.

A formula is turned as a whole or not at all: one that needs a fraction bar, a root over several signs or an index that Unicode
lacks stays as its authors wrote it, dollars and all, since half of a formula misleads. Pure; nothing is escaped here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

# Of at most 300 characters, and by pandoc's rule, so that "between $5 and $6" is none: no space within the dollars, no digit
# behind.
_DOLLARS = r"(?<!\\)\$\$?(?=[^\s$])(?P<dollars>(?:\\.|[^$\\]){1,300})(?<!\s)\$\$?(?!\d)"
FORMULA = re.compile(_DOLLARS + r"|(?<!\\)\\\((?P<brackets>.{1,300}?)\\\)")
# A word with dashes in it, or dashes between spaces.
_DASHES = re.compile(r"(?:\A|\S+)--\S+|(?<= )---?(?= )")
_DASH = re.compile(r"(?<!-)---?(?![->])")
_TIE = re.compile(r"(?<=[A-Za-z][A-Za-z.,)])~(?=[A-Za-z(\d])")
_ATOM = re.compile(r"\\(?:rm|bf|it)\b\s*|\\[A-Za-z]+|\\.|[{}^_~]|\s+|.", re.DOTALL)
_RAISED = dict(
    zip(
        "0123456789+-−=()niabcdefghjklmoprstuvwxyzABDEGHIJKLMNOPRTUVW*'",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱᵃᵇᶜᵈᵉᶠᵍʰʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ*′",
        strict=True,
    )
)
_RAISED |= {"α": "ᵅ", "β": "ᵝ", "γ": "ᵞ", "δ": "ᵟ", "∘": "°", "⊤": "ᵀ", "′": "′", "∗": "*", "†": "†"}
_LOWERED = dict(zip("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
_LOWERED |= {"β": "ᵦ", "γ": "ᵧ", "ρ": "ᵨ", "φ": "ᵩ", "χ": "ᵪ"}
# What only says how letters look; their words are kept. Blackboard and calligraphic letters have signs of their own.
_STYLES = (
    "\\mathrm",
    "\\text",
    "\\textrm",
    "\\textbf",
    "\\textit",
    "\\mathbf",
    "\\mathit",
    "\\mathsf",
    "\\boldsymbol",
    "\\bm",
    "\\operatorname",
    "\\emph",
    "\\mbox",
)
_ALPHABETS = ("\\mathbb", "\\mathcal", "\\mathscr", "\\mathfrak")
# What only moves letters about, and what it leaves in a line; "" stands for white space of the author's.
_LAYOUT = dict.fromkeys(("", "\\,", "\\;", "\\:", "\\ ", "~", "\\quad", "\\qquad"), " ")
_LAYOUT |= dict.fromkeys(("\\!", "\\left", "\\right", "\\big", "\\Big", "\\displaystyle", "\\limits", "\\rm", "\\bf", "\\it"), "")
# Dollars of two prices, or two formulas taken the wrong way round.
_PROSE = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{3,}\s+[A-Za-z]{2,}")
_PLAIN = re.compile(r"[\w+\-−=<>/.,;:!?()\[\]|*'%@\"&#]")
# Signs with a space on either side where the author put none, because the eye misses TeX's.
_RELATIONS = frozenset("=<>≤≥≈≠∼≃≅≡≪≫∈∉⊂⊆→←↔⇒∝")

# Signs that the library does not know, or writes otherwise; a hyphen is a minus, as in every formula.
_WRITTEN = {
    "-": "−",
    "'": "′",
    "\\{": "{",
    "\\}": "}",
    "\\%": "%",
    "\\_": "_",
    "\\&": "&",
    "\\#": "#",
    "\\$": "$",
    "\\|": "‖",
    "\\ll": "≪",
    "\\gg": "≫",
}
# Between two terms these want air; a logarithm would stick to what it is of.
_AIRY = ("\\times", "\\cup", "\\cap", "\\log", "\\ln", "\\exp", "\\min", "\\max")


class _NotSimple(Exception):
    """The formula has something that Unicode cannot write in a line."""


def plain(text: str) -> str:
    """``text`` with its simple formulas in Unicode, and the words between them as they would be set; "" stays ""."""
    if "$" not in text and "\\(" not in text:
        return as_set(text)
    return "".join(piece for piece, _ in pieces(text))


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The text in order, cut into words (False) and formulas (True), the simple ones in Unicode; joined it is `plain`."""
    end = 0
    for found in FORMULA.finditer(text):
        if found.start() > end:
            yield as_set(text[end : found.start()]), False
        yield in_unicode(found[0]) or found[0], True
        end = found.end()
    if end < len(text):
        yield as_set(text[end:]), False


def as_set(words: str) -> str:
    """``words`` with what TeX makes of their signs: dashes of "--" and "---", quotation marks of ``...'', a space of "~".

    Options of commands (--help), links, and a "~" before a number, which says "about", stay.
    """
    if "--" in words:
        words = _DASHES.sub(lambda found: found[0] if "/" in found[0] else _DASH.sub(_dash, found[0]), words)
    if "``" in words and words.count("``") == words.count("''"):
        words = words.replace("``", "“").replace("''", "”")
    return _TIE.sub(" ", words) if "~" in words else words


def _dash(found: re.Match[str]) -> str:
    return "—" if found[0] == "---" else "–"


@lru_cache(maxsize=8192)
def in_unicode(formula: str) -> str:
    """The formula, given with its dollars, in Unicode; "" where it is not simple."""
    found = FORMULA.fullmatch(formula)
    inside = "" if found is None else found["dollars"] or found["brackets"]
    if not inside or _PROSE.search(inside):
        return ""
    atoms = _ATOM.findall(inside)
    try:
        read = _sequence(atoms, top=True)
    except (_NotSimple, IndexError):
        return ""
    return unicodedata.normalize("NFC", re.sub(r"(?<=\d) ×$", "×", " ".join(read.split())))  # "3× faster"


def _sequence(atoms: list[str], *, top: bool) -> str:
    """What ``atoms`` say up to their end or the closing brace; takes them from the front of the list."""
    said: list[str] = []
    while atoms:
        atom = atoms.pop(0)
        if atom == "}":
            if top:
                raise _NotSimple
            return "".join(said)
        if atom in ("^", "_"):
            said.append(_moved(_argument(atoms), _RAISED if atom == "^" else _LOWERED))
        else:
            said.append(_one(atom, atoms))
    if not top:
        raise _NotSimple
    return "".join(said)


def _argument(atoms: list[str]) -> str:
    """What the next atom, or the next group in braces, says."""
    while atoms[0].isspace():
        atoms.pop(0)
    return _one(atoms.pop(0), atoms)


def _one(atom: str, atoms: list[str]) -> str:
    """What ``atom`` says, with its argument where it takes one; takes that from the front of ``atoms``."""
    if atom == "{":
        return _sequence(atoms, top=False)
    # A command that sets a style is cut with the spaces behind it.
    said = _LAYOUT.get(atom, _LAYOUT.get(atom.rstrip()))
    if said is not None:
        return said
    if atom in _STYLES:
        return _argument(atoms)
    if atom in _ALPHABETS:
        return "".join(_sign(f"{atom}{{{letter}}}") for letter in _argument(atoms))
    if atom == "\\sqrt":
        return _root(_argument(atoms))
    if not atom.startswith("\\") and not _PLAIN.fullmatch(atom):
        raise _NotSimple
    sign = _sign(atom)
    return f" {sign} " if sign in _RELATIONS else sign


def _root(under: str) -> str:
    """A root over one sign; there is no line in Unicode to draw over several."""
    if len(under) != 1:
        raise _NotSimple
    return f"√{under}"


def _moved(text: str, signs: dict[str, str]) -> str:
    """``text`` above or below the line. Raises _NotSimple where a sign of it has no such form."""
    letters = text.replace(" ", "")
    if not letters or any(letter not in signs for letter in letters):
        raise _NotSimple
    return "".join(signs[letter] for letter in letters)


@lru_cache(maxsize=2048)
def _sign(atom: str) -> str:
    """The sign of a command, or the letter itself. Raises _NotSimple where there is none of a few letters."""
    if atom in _WRITTEN:
        return _WRITTEN[atom]
    if not atom.startswith("\\"):
        return atom
    found = _of_letter(atom) if "{" in atom else _of_command(atom)
    if not found or len(found) > 6 or "\\" in found or not found.isprintable():
        raise _NotSimple
    return f" {found} " if atom in _AIRY else found


def _of_letter(atom: str) -> str:
    """A letter of another alphabet, such as ``\\mathbb{R}``."""
    from pylatexenc.latex2text import LatexNodes2Text

    return str(LatexNodes2Text().latex_to_text(atom)).strip()


def _of_command(atom: str) -> str:
    """What a command without arguments stands for; "" where it is not known or takes some."""
    named = _commands().get_macro_spec(atom[1:])
    # What takes an argument, as accents and fractions do, has a function or a pattern here.
    known = named.simplify_repl if named is not None else None
    return known.strip() if isinstance(known, str) and "%" not in known else ""


@lru_cache(maxsize=1)
def _commands() -> Any:
    from pylatexenc.latex2text import get_default_latex_context_db

    return get_default_latex_context_db()
