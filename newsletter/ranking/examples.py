"""What a reader gives as examples of their interests: BibTeX, RIS, CSL-JSON, Zotero's CSV, arXiv ids or sentences, read. Pure.

It stores nothing. A file is taken as a whole or not at all: what cannot be read is told by its line.
"""

from __future__ import annotations

import codecs
import re
from itertools import chain

from newsletter.i18n import _l
from newsletter.ranking.example import LARGEST, LONGEST, MOST, Example, ExamplesFault, nothing_named, too_large, too_many
from newsletter.ranking.libraries import bibtex, csl, delimiter_of, is_bibtex, is_ris, ris, table
from newsletter.text.characters import printable
from newsletter.text.identifiers import refs_in

# How files begin that may name papers and are not read here: web pages and XML, PDF, archives, RTF, PubMed's, EndNote's own.
OTHER_KINDS = ("<", "%PDF", "PK\x03", "{\\rtf", "PMID-", "%0 ")
# Beside papers, less than so many words of an alphabet are a heading.
FEWEST_WORDS = 3
# What stands at an id or as a link to a paper, and does not say its title.
NO_TITLES = ("abs", "abstract", "arxiv", "doi", "html", "here", "id", "link", "paper", "pdf", "url")
# A list or one thing in braces; "[1706.03762]" and "[title](address)" are lines of notes.
_JSON = re.compile(r"\{|\[\s*(?:[{[\]]|$|\d+\s*[,\]])")
_BULLET = re.compile(r"(?:[-*•–·]|\(?\d{1,3}[.)])\s+")
# [title](address), as notes keep links.
_LINK = re.compile(r"\[([^][]{1,300})\]\(([^()\s]{1,300})\)")
_BETWEEN = re.compile(r"[\s,;]+")


def read_examples(content: bytes) -> tuple[Example, ...]:
    """The examples of a file, each once, in its order.

    Raises InputError naming what is wrong, the lines at fault and the mend.
    """
    if len(content) > LARGEST:
        raise too_large()
    found = tuple(dict.fromkeys(one for one in _of(printable(_decoded(content))) if one != Example()))
    if not found:
        raise nothing_named()
    if len(found) > MOST:
        raise too_many(len(found))
    return found


def _decoded(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = content[: exc.start].count(b"\n") + 1
        raise ExamplesFault(_l("line %(line)s is not UTF-8: save the file as UTF-8 and give it again"), line=line) from exc


def _of(text: str) -> list[Example]:
    start = text.lstrip()
    if start.startswith(OTHER_KINDS):
        return []
    if _JSON.match(start):
        return csl(text)
    if is_ris(text):
        return ris(text)
    if is_bibtex(text):
        return bibtex(text)
    delimiter = delimiter_of(text)
    return table(text, delimiter) if delimiter else _plain(text)


def _plain(text: str) -> list[Example]:
    """Lines that name papers are these; all others together are what the reader says in words."""
    papers: list[Example] = []
    words: list[str] = []
    for line in text.splitlines():
        plain = _BULLET.sub("", line.strip(), count=1)
        found = _named_in(plain)
        papers += found
        words += [plain] if plain and not found else []
    said = " ".join(words)
    if len(said) > LONGEST:
        why = _l("the text has %(count)s characters, and %(most)s are taken: say it in a few sentences")
        raise ExamplesFault(why, count=len(said), most=LONGEST)
    if papers and said.isascii() and sum(any(map(str.isalnum, word)) for word in said.split()) < FEWEST_WORDS:
        said = ""
    return [*papers, *([Example(said[:200], said)] if said else [])]


def _named_in(line: str) -> list[Example]:
    """The papers that a line names: by ids and links alone, by one and its title after it, or within a sentence or a link."""
    if link := _LINK.search(line):
        title = _LINK.sub("", line).strip(" \t*_()-–—:|.") if link[1].strip().casefold() in NO_TITLES else link[1]
        return [Example(title[:500], ref=ref) for ref in refs_in(link[2])]
    pieces = list(filter(_says_something, _BETWEEN.split(line)))
    each = [refs_in(piece) for piece in pieces]
    title = ""
    if not all(each):
        title = line.partition(pieces[0])[2].strip(" \t-–—:,;()") if each[0] else line
    return [Example(title[:500], ref=ref) for ref in chain.from_iterable(each)]


def _says_something(piece: str) -> bool:
    return piece != "" and piece.strip(":").casefold() not in NO_TITLES
