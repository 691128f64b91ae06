"""The words of a field in one language: what a term is called there, and what it must never be called.

A glossary is a plain YAML file (``glossaries/<code>.yaml``), which an operator overlays with one of their own. Pure but for the
reading of files; it knows no engine.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path

import yaml

from newsletter.errors import SettingsError
from newsletter.text.scripts import HAN, HANGUL, KANA

PACKAGED = Path(__file__).with_name("glossaries")
_SENSES = Path(__file__).with_name("senses.yaml")
# Elsewhere words change their ends, and an engine must see a word to give it the right one: there a rendering only advises.
UNINFLECTED = ("zh-CN", "zh-TW", "ja", "ko")
KEEP = "keep"
_KEYS = {"put", "advise", "ban", "unless"}
_WORD = re.compile(r"(?<![A-Za-z0-9\-])[A-Za-z0-9]+")
# Terms are looked up by their first letters, so that a text costs a look-up a word instead of one a term.
_KEY_LENGTH = 2
_SEEN_TEXTS = 64
_HAN_OR_KANA, _HANGUL = re.compile(f"[{HAN}{KANA}]"), re.compile(f"[{HANGUL}]")


@dataclass(frozen=True, slots=True)
class Term:
    """One entry: an English term with its rendering, and renderings that are wrong.

    ``rendering`` is ``""`` where the entry only bans and ``"keep"`` where the term stays English. ``put`` says whether the
    rendering takes the term's place before an engine sees it; otherwise it is advice for engines that take advice.
    ``unless`` are beginnings of English words: in a text that holds one, the entry does not apply.
    """

    term: str
    rendering: str = ""
    put: bool = False
    banned: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    def rendered(self, written: str) -> str:
        """What stands for the term in a translation; ``written`` is how the source has it."""
        return written if self.rendering in ("", KEEP) else self.rendering


@dataclass(frozen=True, slots=True)
class Found:
    """A term at a place of a text."""

    start: int
    end: int
    term: Term


@dataclass(frozen=True)
class Glossary:
    """The entries of one language; an empty one changes nothing anywhere."""

    language: str = ""
    entries: tuple[Term, ...] = ()
    _seen: dict[str, tuple[Found, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def terms_in(self, text: str) -> tuple[Term, ...]:
        """The entries whose terms stand in ``text`` and apply to it, longest first, each once.

        A term inside another one counts too: "vision transformer" holds "transformer".
        """
        terms = {found.term for found in self._everywhere(text)}
        return tuple(sorted(terms, key=lambda entry: (-len(entry.term), entry.term)))

    def places(self, text: str) -> tuple[Found, ...]:
        """Where terms stand whose rendering is put in their place: in order, without overlap, of two that overlap the longer."""
        places: list[Found] = []
        for found in sorted(self._everywhere(text), key=lambda found: (found.start, -found.end)):
            if found.term.put and (not places or found.start >= places[-1].end):
                places.append(found)
        return tuple(places)

    def version_for(self, text: str) -> str:
        """A short hash of exactly the entries whose terms stand in ``text``, ``""`` where none does.

        Part of a translation's key: when an entry changes, the texts that hold its term are translated again, and no others.
        """
        terms = self.terms_in(text)
        return hashlib.sha256(repr(terms).encode()).hexdigest()[:12] if terms else ""

    def banned_in(self, source: str, result: str) -> tuple[tuple[str, str], ...]:
        """The (term, banned rendering) pairs where ``source`` has the term and ``result`` the rendering.

        Right renderings are taken out of ``result`` first: a banned word may well be a part of one.
        """
        terms = self.terms_in(source)
        if not any(entry.banned for entry in terms):
            return ()
        for entry in terms:
            if entry.rendering not in ("", KEEP):
                result = result.replace(entry.rendering, " ")
        return tuple((entry.term, word) for entry in terms for word in entry.banned if _stands_in(word, result))

    def _everywhere(self, text: str) -> tuple[Found, ...]:
        """Every place of every term that applies; kept for the last texts, each of which is asked for several times in a row."""
        if not self.entries:
            return ()
        found = self._seen.get(text)
        if found is None:
            found = tuple(one for one in self._matches(text) if not _beginnings(one.term.unless).search(text))
            if len(self._seen) >= _SEEN_TEXTS:
                self._seen.clear()
            self._seen[text] = found
        return found

    def _matches(self, text: str) -> Iterator[Found]:
        for word in _WORD.finditer(text):
            for pattern, entry in self._index.get(word.group()[:_KEY_LENGTH].lower(), ()):
                if match := pattern.match(text, word.start()):
                    yield Found(word.start(), match.end(), entry)

    @cached_property
    def _index(self) -> dict[str, list[tuple[re.Pattern[str], Term]]]:
        index: dict[str, list[tuple[re.Pattern[str], Term]]] = {}
        for entry in self.entries:
            index.setdefault(re.split(r"[\s\-]", entry.term)[0][:_KEY_LENGTH].lower(), []).append((_pattern(entry.term), entry))
        return index


EMPTY = Glossary()


def _pattern(term: str) -> re.Pattern[str]:
    """How ``term`` may be written: a space as a hyphen, a hyphen as a space or not at all, in the plural, in any case.

    Terms in capitals (LLM) are found in capitals only.
    """
    parts = re.split(r"(\s+|-)", term)
    body = "".join(r"[\s\-]?" if part == "-" else r"(?:\s+|-)" if part.isspace() else re.escape(part) for part in parts)
    flags = re.ASCII if _is_capitals(term) else re.ASCII | re.IGNORECASE
    return re.compile(rf"{_in_any_number(body)}(?![A-Za-z0-9])", flags)


def _in_any_number(body: str) -> str:
    if re.search(r"[^aeiou]y\Z", body):
        return body[:-1] + "(?:y|ies)"
    return body + ("(?:es)?" if re.search(r"(?:s|x|z|ch|sh)\Z", body) else "s?")


def _is_capitals(term: str) -> bool:
    return term.upper() == term and any(letter.isalpha() for letter in term)


@cache
def _beginnings(words: tuple[str, ...]) -> re.Pattern[str]:
    """What finds one of ``words`` at the beginning of a word; of none it finds nothing."""
    return re.compile(rf"(?<![A-Za-z])(?:{'|'.join(map(re.escape, words)) or '(?!)'})", re.IGNORECASE)


def _stands_in(word: str, result: str) -> bool:
    """True where ``result`` has ``word``: in alphabets as a whole word, in any case, with any ending where it says ``*``.

    Korean words begin after a space or a sign and carry particles; Han and Kana show no beginnings and ends.
    """
    bare = word.rstrip("*")
    if bare.casefold() not in result.casefold():
        return False
    start = "" if _HAN_OR_KANA.match(bare[0]) else r"(?<!\w)"
    end = "" if word.endswith("*") or _HAN_OR_KANA.match(bare[-1]) or _HANGUL.match(bare[-1]) else r"(?!\w)"
    return bool(re.search(rf"{start}{re.escape(bare)}{end}", result, re.IGNORECASE))


def load_glossary(language_code: str, folder: Path | None = None) -> Glossary:
    """The glossary of a language: the packaged entries, overlaid by those of ``<folder>/<code>.yaml`` where that file is.

    A language without either file has an empty glossary. Raises SettingsError as ``overlaid`` does.
    """
    own = folder / f"{language_code}.yaml" if folder else None
    return overlaid(language_code, _content(own) if own else b"", str(own))


def overlaid(language_code: str, own: bytes, where: str) -> Glossary:
    """The packaged entries of a language, overlaid by those of an ``own`` file's content; ``where`` names that for messages.

    An own entry takes the place of the packaged one for the same term; ``term: null`` takes the packaged one out.
    Raises SettingsError naming the file, the line and the mend.
    """
    entries: dict[str, Term] = {}
    packaged = PACKAGED / f"{language_code}.yaml"
    shipped = _content(packaged)
    for content, place in ((shipped, str(packaged)), (own, where)):
        for key, entry in _entries(content, place, language_code):
            entries.pop(key, None)
            if entry:
                entries[key] = _with_other_senses(key, entry) if content is shipped else entry
    return Glossary(language_code, tuple(entries.values()))


def _with_other_senses(key: str, entry: Term) -> Term:
    """A packaged entry that does not apply either where the term has another sense; own entries say all of that themselves."""
    more = _senses().get(key, ())
    return replace(entry, unless=(*entry.unless, *more)) if more else entry


@cache
def _senses() -> dict[str, tuple[str, ...]]:
    """The words that show another sense of a term, by its normal form."""
    return {_normal(term): tuple(words) for term, words in yaml.safe_load(_SENSES.read_text(encoding="utf-8")).items()}


def _content(path: Path) -> bytes:
    """A file's content, nothing where there is no file."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as exc:
        raise SettingsError(f"{path} cannot be read ({exc.strerror}): make it a readable file or remove it") from exc


def _entries(content: bytes, where: str, language_code: str) -> Iterator[tuple[str, Term | None]]:
    """(normal form of the term, entry or None where it is to be taken out) for each line."""
    seen: dict[str, int] = {}
    for key, value in _pairs(content, where):
        place = f"{where}: line {key.start_mark.line + 1}"
        term = key.value.strip() if isinstance(key, yaml.ScalarNode) else ""
        if not re.match(r"[A-Za-z0-9]", term):
            raise SettingsError(f"{place} has no English term before the colon: write 'term: rendering'")
        normal = _normal(term)
        if normal in seen:
            raise SettingsError(f"{place} has {term!r}, which line {seen[normal]} has already: keep one of the two")
        seen[normal] = key.start_mark.line + 1
        yield normal, _entry(term, value, place=place, put=language_code in UNINFLECTED)


def _pairs(content: bytes, where: str) -> list[tuple[yaml.Node, yaml.Node]]:
    try:
        root = yaml.compose(content.decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError as exc:
        line = exc.object[: exc.start].count(b"\n") + 1
        raise SettingsError(f"{where}: line {line} is not UTF-8: save the file as UTF-8") from exc
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        place = f": line {mark.line + 1}" if mark else ""
        raise SettingsError(f"{where}{place} is no valid YAML ({getattr(exc, 'problem', None)}): mend its syntax") from exc
    except RecursionError as exc:
        raise SettingsError(f"{where} is nested without end: write lines such as 'term: rendering'") from exc
    if root is None:
        return []
    if not isinstance(root, yaml.MappingNode):
        raise SettingsError(f"{where}: line {root.start_mark.line + 1} is no entry: write lines such as 'term: rendering'")
    return list(root.value)


def _entry(term: str, value: yaml.Node, *, place: str, put: bool) -> Term | None:
    if isinstance(value, yaml.ScalarNode) and value.tag.endswith(":null"):
        return None
    given = _given(term, value, place=place, put=put)
    rendering = next((_text(given[key], place) for key in ("put", "advise") if key in given), "")
    banned, unless = (tuple(_words(given.get(key), place)) for key in ("ban", "unless"))
    if not rendering and not banned:
        raise SettingsError(f"{place}: {term!r} says nothing: add a rendering or 'ban: [...]'")
    if any(word.rstrip("*").casefold() == rendering.casefold() for word in banned):
        raise SettingsError(f"{place}: {term!r} bans its own rendering {rendering!r}: take one of the two out")
    return Term(term, rendering, put="put" in given, banned=banned, unless=unless)


def _given(term: str, value: yaml.Node, *, place: str, put: bool) -> dict[str, yaml.Node]:
    """What an entry gives, by key; a bare rendering is ``put`` in the term's place or advises, as is usual in the language."""
    if isinstance(value, yaml.ScalarNode):
        return {"put" if put else "advise": value}
    if not isinstance(value, yaml.MappingNode):
        raise SettingsError(f"{place}: {term!r} has a list for its rendering: write one rendering, or 'ban: [...]'")
    given = {str(key.value): part for key, part in value.value}
    if unknown := sorted(set(given) - _KEYS) or ({"put", "advise"} <= set(given) and ["advise"]):
        raise SettingsError(f"{place}: {term!r} has {unknown[0]!r}: an entry has put or advise, ban, unless")
    return given


def _words(node: yaml.Node | None, place: str) -> Iterable[str]:
    if node is None:
        return []
    return [_text(part, place) for part in (node.value if isinstance(node, yaml.SequenceNode) else [node])]


def _text(node: yaml.Node, place: str) -> str:
    text = " ".join(node.value.split()) if isinstance(node, yaml.ScalarNode) else ""
    if not text.strip("* "):
        raise SettingsError(f"{place} has an empty word or a list in the place of a word: write the word")
    return text


def _normal(term: str) -> str:
    """What makes two spellings one term."""
    return " ".join((term if _is_capitals(term) else term.lower()).replace("-", " ").split())
