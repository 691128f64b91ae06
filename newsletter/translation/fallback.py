"""What is tried, and in which order, until a translation of a text passes the gate.

First the whole text, in the form of placeholders that the engine is known to keep, then in the other one, then sentence by
sentence, then the same with the next engine; a text for which nothing passes stays in the original. A chat model is first given
all texts of a paper at once. The methods are called by many threads.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

import structlog

from newsletter.errors import NewsletterError, PermanentError, TemporaryError
from newsletter.languages import Language, language_of
from newsletter.text.sentences import sentences
from newsletter.translation.budgets import Limits
from newsletter.translation.chunks import join, pieces
from newsletter.translation.counts import EngineCounts, reason_of
from newsletter.translation.engines.answers import CutOff, UselessAnswer
from newsletter.translation.engines.circuit_breaker import Breaker
from newsletter.translation.engines.registry import ChatModel, Engine
from newsletter.translation.gate.measures import length_fits, usual_ratio
from newsletter.translation.glossary import KEEP, Glossary
from newsletter.translation.judging import PLACEHOLDERS, Judged, judged, judged_summary
from newsletter.translation.placeholder_forms import KnownForms
from newsletter.translation.protection import Form, protect, restore, without
from newsletter.translation.store.refusals import Refusal
from newsletter.translation.store.translations import Accepted, Need
from newsletter.values.translations import Field

log = structlog.get_logger(__name__)

# What made a translation for which no engine was asked.
GLOSSARY = "glossary"

# So many useless answers to papers as a whole in a row, and an engine is asked text by text for the rest of the run.
MOST_USELESS = 3

Circuit = Callable[[str, str], Breaker]
Answer = TypeVar("Answer")


class EngineFallback:
    """The tries of one run: ``circuit`` gives the breaker of an engine (and of one language of it), ``over`` says when to stop.

    ``sleep`` waits for an engine's next slot and ends early with the run; ``forms`` knows which placeholders an engine keeps.
    """

    def __init__(
        self,
        engines: Sequence[Engine],
        *,
        circuit: Circuit,
        glossary: Callable[[str], Glossary],
        limits: Limits,
        counts: EngineCounts,
        over: Callable[[], bool],
        sleep: Callable[[float], object],
        forms: KnownForms,
        local_numbers: bool,
    ) -> None:
        self._forms, self._local_numbers = forms, local_numbers
        self._useless: Counter[str] = Counter()
        # The last answer to a text of a language that was refused, and whose it was. Each text is one thread's alone.
        self._refused: dict[tuple[str, str], tuple[str, Judged]] = {}
        self._engines, self._circuit, self._glossary = engines, circuit, glossary
        self._limits, self._tally, self._over, self._sleep = limits, counts, over, sleep

    def translate(self, needs: Sequence[Need]) -> tuple[list[Accepted], list[Need]]:
        """Accepted translations of ``needs``, texts of a paper in one language, and those of the others worth another try.

        They are worth one where an engine failed for a while: then all that is missing, else nothing.
        """
        accepted = [one for need in needs if (one := self._without_engine(need))]
        left, for_now = _lacking(needs, accepted), False
        for engine in self._engines:
            if not left or self._over():
                break
            texts, will_pass = self._with(engine, left)
            for_now |= will_pass
            accepted += [_accepted(need, texts[need.field], engine.name) for need in left if need.field in texts]
            left = _lacking(left, accepted)
        self._note_refusals(needs, left)
        return accepted, left if for_now else []

    def _note_refusals(self, needs: Sequence[Need], left: Sequence[Need]) -> None:
        """Tells what was answered last to each of the texts ``left``; forgets what was of all ``needs``."""
        last = {need: self._refused.pop((need.language, need.text), None) for need in needs}
        for need in left:
            if known := last[need]:
                engine, found = known
                of = (need.paper_id, need.field, need.language, need.source_hash)
                self._tally.refused(Refusal(*of, engine, found.reasons, found.text))

    def _without_engine(self, need: Need) -> Accepted | None:
        """A text of names, formulas and terms of the glossary alone needs no engine."""
        guarded = protect(need.text, Form.CODE, self._glossary(need.language))
        return None if guarded.has_words else _accepted(need, restore(guarded.text, guarded), GLOSSARY)

    def rest(self, engine: Engine, language: str) -> float:
        """The seconds for which an engine is to be left alone with a language."""
        now = time.monotonic()
        return max(self._circuit(engine.name, part).rest(now) for part in ("", language))

    def _with(self, engine: Engine, needs: Sequence[Need]) -> tuple[dict[Field, str], bool]:
        """What ``engine`` makes of the texts that it can; True where a failure will pass, of which it may be resting still."""
        if self.rest(engine, needs[0].language) > 0:
            self._tally.failed(engine.name, "resting")
            return {}, True
        try:
            found = self._together(engine, needs)
        except TemporaryError:
            return {}, True
        will_pass = False
        for need in needs:
            if need.field in found or self._over():
                continue
            try:
                found |= self._alone(engine, need)
            except TemporaryError:
                will_pass = True
        return found, will_pass

    def _together(self, engine: Engine, needs: Sequence[Need]) -> dict[Field, str]:
        """The texts of one answer that pass the gate, by field; {} where the engine takes no paper as a whole, or not this one.

        Raises TemporaryError.
        """
        texts = {need.field: need.text for need in needs}
        if not isinstance(engine, ChatModel) or not self._goes_together(engine, texts):
            return {}
        form = self._forms.in_order(engine)[0]
        language, glossary = language_of(needs[0].language), self._glossary(needs[0].language)
        guarded = {field: protect(text, form, glossary) for field, text in texts.items()}
        sent = {field: one.text for field, one in guarded.items()}
        ask = partial(engine.translate_paper, sent, language, _advice(glossary, " ".join(texts.values())))
        try:
            answer = self._asked(engine, language, sum(map(len, sent.values())), ask)
        except UselessAnswer:
            self._useless[engine.name] += 1
            return {}
        except PermanentError:
            return {}
        self._useless[engine.name] = 0

        def checked(field: Field) -> str | None:
            if field is Field.TLDR:
                # A summary takes its formulas and numbers from the abstract, and stands or falls with what that says.
                abstract = texts[Field.ABSTRACT]
                found = judged_summary(abstract, answer[field], language, guarded=guarded[Field.ABSTRACT])
            else:
                numbers = self._local_numbers
                found = judged(texts[field], answer[field], language, glossary, guarded=guarded[field], local_numbers=numbers)
            return self._passed(engine, found, texts[field], language)

        return self._counted(engine, {field: checked(field) for field in texts if field in answer})

    def _goes_together(self, engine: Engine, texts: Mapping[Field, str]) -> bool:
        return len(texts) > 1 and Field.ABSTRACT in texts and self._useless[engine.name] < MOST_USELESS

    def _alone(self, engine: Engine, need: Need) -> dict[Field, str]:
        """What ``engine`` makes of the text, whole or in sentences; {} where it refuses it or nothing passes the gate.

        Raises TemporaryError.
        """
        language, parts = language_of(need.language), sentences(need.text)
        try:
            text = self._whole(engine, need.text, language)
            if text is None and len(parts) > 1:
                text = self._by_sentence(engine, need.text, parts, language)
        except PermanentError:
            return {}
        return self._counted(engine, {need.field: text})

    def _whole(self, engine: Engine, text: str, language: Language) -> str | None:
        """The text at once, in the first form that passes; None where none does, or an answer was too long to be whole."""
        guarded = protect(text, engine.forms[0], self._glossary(language.code))
        forms = self._forms.in_order(engine)[: None if guarded.parts else 1]
        try:
            tries = (self._part(engine, text, language, form) for form in forms if not self._over())
            return next((one for one in tries if one is not None), None)
        except CutOff:
            return None

    def _counted(self, engine: Engine, texts: Mapping[Field, str | None]) -> dict[Field, str]:
        """Those of the texts that there are, counted as accepted."""
        there = {field: text for field, text in texts.items() if text is not None}
        for _ in there:
            self._tally.accepted(engine.name)
        return there

    def _by_sentence(self, engine: Engine, whole: str, parts: Sequence[str], language: Language) -> str | None:
        """The text from its sentences, each in the first form that passes; ends at the first that does in none."""
        made: list[str] = []
        for sentence in parts:
            forms = self._forms.in_order(engine)
            tries = (self._part(engine, sentence, language, form, whole=False) for form in forms if not self._over())
            part = next((one for one in tries if one is not None), None)
            if part is None:
                return None
            made.append(part)
        text = join(made, spaceless=language.spaceless)
        found = judged(whole, text, language, self._glossary(language.code), local_numbers=self._local_numbers)
        return self._passed(engine, found, whole, language)

    def _part(self, engine: Engine, text: str, language: Language, form: Form, *, whole: bool = True) -> str | None:
        """A text or (not ``whole``) a sentence of it, with placeholders of one ``form``; None where the gate refuses it."""
        glossary = self._glossary(language.code)
        guarded = protect(text, form, glossary)
        if not guarded.has_words:
            return restore(guarded.text, guarded)
        terms = _advice(glossary, text)
        made = [self._called(engine, piece, language, terms) for piece in self._pieces(guarded.text, engine)]
        answer = join(made, spaceless=language.spaceless)
        found = judged(text, answer, language, glossary, guarded=guarded, local_numbers=whole and self._local_numbers)
        if guarded.parts:
            self._forms.note(engine, form, kept=PLACEHOLDERS not in found.reasons)
        text_made = self._passed(engine, found, text if whole else "", language)
        if whole and PLACEHOLDERS in found.reasons and _is_cut(without(guarded.text), without(answer), language):
            raise CutOff(f"{engine.name} gave a part of the text")
        return text_made

    def _passed(self, engine: Engine, found: Judged, source: str, language: Language) -> str | None:
        """The text where it may be published; None, and counted why, where it may not. ``source`` is "" for a part of a text."""
        for reason in found.reasons:
            self._tally.rejected(engine.name, reason)
        if found.reasons and source:
            self._refused[language.code, source] = (engine.name, found)
        return found.text if found.passed else None

    def _pieces(self, text: str, engine: Engine) -> list[str]:
        try:
            return pieces(text, engine.limit)
        except PermanentError:
            self._tally.failed(engine.name, "too long")
            raise

    def _called(self, engine: Engine, text: str, language: Language, terms: Mapping[str, str]) -> str:
        if isinstance(engine, ChatModel):
            model = engine
            return self._asked(engine, language, len(text), lambda: model.translate_advised(text, language, terms))
        return self._asked(engine, language, len(text), lambda: engine.translate(text, language))

    def _asked(self, engine: Engine, language: Language, characters: int, ask: Callable[[], Answer]) -> Answer:
        """What one call gives, within the limits of the engine; its failure opens the circuit of the engine or the language."""
        try:
            self._limits.take(engine.name, characters, sleep=self._sleep)
        except NewsletterError as error:
            self._tally.failed(engine.name, "limit", str(error))
            raise
        started = time.monotonic()
        self._tally.called(engine.name, characters)
        circuits = (self._circuit(engine.name, ""), self._circuit(engine.name, language.code))
        try:
            result = ask()
        except NewsletterError as error:
            if isinstance(error, (UselessAnswer, CutOff)):
                self._tally.answer()
            else:
                wish = error.retry_after if isinstance(error, TemporaryError) else None
                at_fault = 0 if isinstance(error, TemporaryError) else 1
                circuits[at_fault].failed(started, time.monotonic(), retry_after=wish)
            self._tally.failed(engine.name, reason_of(error), str(error))
            raise
        except Exception as error:
            # Libraries read pages from outside and break in ways that no list holds; that must not cost the other texts.
            log.exception("engine broke", engine=engine.name, language=language.code)
            self._tally.failed(engine.name, "broken")
            raise PermanentError(f"{engine.name} broke: {type(error).__name__}") from error
        self._tally.answer()
        for circuit in circuits:
            circuit.succeeded()
        return result


def _is_cut(asked: str, answer: str, language: Language) -> bool:
    return 2 * len(sentences(answer)) <= len(sentences(asked)) or not length_fits(asked, answer, language, usual_ratio(language))


def _advice(glossary: Glossary, text: str) -> dict[str, str]:
    """Renderings, by English term, of what stands in ``text`` and is left to the engine."""
    return {one.term: one.rendering for one in glossary.terms_in(text) if one.rendering not in ("", KEEP) and not one.put}


def _lacking(needs: Sequence[Need], accepted: Sequence[Accepted]) -> list[Need]:
    done = {one.field for one in accepted}
    return [need for need in needs if need.field not in done]


def _accepted(need: Need, text: str, engine: str) -> Accepted:
    return Accepted(need.paper_id, need.version, need.field, need.language, need.source_hash, text, engine, need.glossary_version)
