"""One paper's translations looked at by a person: what there is, what was refused and why; made anew, or taken away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from newsletter.errors import InputError
from newsletter.languages import BY_CODE, SOURCE_LANGUAGE, language_of
from newsletter.papers.store import papers as papers_store
from newsletter.subscribers.store import readers as readers_store
from newsletter.text.characters import one_line
from newsletter.translation.gate.verdict import faults
from newsletter.translation.store import refusals
from newsletter.translation.store import translations as translation_store
from newsletter.values.translations import Field

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

ORIGINAL = "original"
LONGEST_BY_HAND = 10_000


@dataclass(frozen=True, slots=True)
class Shown:
    """A text of a paper in a language: what readers have, from which engine, and what the gate says of it now.

    ``state`` is ``published`` or ``original``; then ``text`` is the last answer that was refused, if any, with the ``reasons``.
    """

    language: str
    field: Field
    source: str
    state: str
    engine: str
    text: str
    reasons: tuple[str, ...]


def show(services: Services, ref: str, *, languages: Collection[str] = ()) -> list[Shown]:
    """The texts of the paper in each language that is read or was translated into, or in those given.

    Raises InputError: no such paper or language.
    """
    with services.database.reading() as session:
        paper_id = _paper_id(session, ref)
        codes = _languages(session, paper_id, languages)
        originals = translation_store.originals(session, paper_id)
        refused = {(one.language, one.field): one for one in refusals.of_paper(session, paper_id)}
        made = {code: translation_store.translations(session, [paper_id], code).get(paper_id, {}) for code in codes}
    shown: list[Shown] = []
    for code in codes:
        for field, (source, _) in originals.items():
            if one := made[code].get(field):
                reasons = faults(source, one.text, language_of(code), services.glossary(code))
                shown.append(Shown(code, field, source, "published", one.engine, one.text, reasons))
            elif last := refused.get((code, field)):
                shown.append(Shown(code, field, source, ORIGINAL, last.engine, last.text, last.reasons))
            else:
                shown.append(Shown(code, field, source, ORIGINAL, "", "", ()))
    return shown


def reject(services: Services, ref: str, *, languages: Collection[str], fields: Collection[Field], now: dt.datetime) -> int:
    """Takes away what engines made of the texts; they stay in the original until ``take_back``. Gives how many there were."""
    with services.database.transaction() as session:
        paper_id = _paper_id(session, ref)
        codes = _languages(session, paper_id, languages)
        originals = translation_store.originals(session, paper_id)
        made = [
            refusals.Refusal(paper_id, field, code, originals[field][1], one.engine, (translation_store.REJECTED,), one.text)
            for code in codes
            for field, one in translation_store.translations(session, [paper_id], code).get(paper_id, {}).items()
            if field in fields and field in originals and one.engine not in translation_store.FROM_LISTS
        ]
        refusals.take_back(session, paper_id, languages=codes, fields=fields)
        refusals.save(session, made, now=now)
        return len(made)


def write_by_hand(services: Services, ref: str, *, language: str, field: Field, text: str, now: dt.datetime) -> None:
    """Has readers of ``language`` read ``text``, which a person wrote: no engine's takes its place while the original stays.

    Raises InputError: no such paper, language or text of it, or nothing was written.
    """
    text = one_line(text, LONGEST_BY_HAND)
    if not text:
        raise InputError("write the text, or reject the translation to have readers read the original")
    with services.database.transaction() as session:
        paper_id = _paper_id(session, ref)
        _languages(session, paper_id, [language])
        originals = translation_store.originals(session, paper_id)
        if field not in originals:
            raise InputError(f"this paper has no {field} to translate")
        refusals.take_back(session, paper_id, languages=[language], fields=[field])
        hashed = originals[field][1]
        made = translation_store.Accepted(paper_id, 1, field, language, hashed, text, translation_store.OPERATOR)
        translation_store.replace(session, made, now=now)
        refusals.forget(session, [made])


def translate_again(
    services: Services, ref: str, *, languages: Collection[str], fields: Collection[Field], now: dt.datetime
) -> tuple[int, int]:
    """Asks the engines for the texts anew, rejected ones too; gives (texts asked for, accepted).

    Readers have the old translations until new ones are accepted; those of texts that are refused now go.
    """
    translator = services.translator
    with services.database.transaction() as session:
        paper_id = _paper_id(session, ref)
        codes = _languages(session, paper_id, languages)
        refusals.take_back(session, paper_id, languages=codes, fields=fields)
        pairs = [(paper_id, code) for code in codes]
        needs = [need for need in translation_store.needed(session, pairs, versions=translator.version) if need.field in fields]
    accepted = list(translator.run(needs))
    with services.database.transaction() as session:
        saved = translation_store.save(session, accepted, now=now)
        refusals.forget(session, accepted)
        refusals.save(session, translator.take_refusals(), now=now)
    return len(needs), saved


def _paper_id(session: Session, ref: str) -> int:
    paper = papers_store.paper_by_ref(session, ref)
    if paper is None:
        raise InputError(f"no paper {ref[:60]!r} is stored: give an id such as 2606.01234")
    return paper.id


def _languages(session: Session, paper_id: int, wanted: Collection[str]) -> list[str]:
    for code in wanted:
        if code not in BY_CODE or code == SOURCE_LANGUAGE:
            known = " ".join(one for one in BY_CODE if one != SOURCE_LANGUAGE)
            raise InputError(f"language {code[:40]!r} is none that texts are translated into: give one of {known}")
    there = {*translation_store.languages_of(session, paper_id), *readers_store.languages_in_use(session)}
    return list(dict.fromkeys(wanted)) or sorted(there - {SOURCE_LANGUAGE})
