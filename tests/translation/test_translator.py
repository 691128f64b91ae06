"""The translator through the real adapters: order of engines, fall-backs, the breaker, deadlines, counts."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from newsletter.languages import Language
from newsletter.text.sentences import sentences
from newsletter.translation.chunks import pieces
from newsletter.translation.engines.google import GoogleEngine
from newsletter.translation.engines.libre import LIMIT, LibreEngine
from newsletter.translation.engines.registry import Engine
from newsletter.translation.protection import Form, protect
from newsletter.translation.store.translations import Need, source_hash
from newsletter.translation.translator import Estimate, Translator
from newsletter.values.translations import Field
from tests.translation.conftest import adapter
from tests.translation.corpus import protected
from tests.translation.engines.fake_engines import FakeEngines
from tests.waiting import PATIENCE

ABSTRACT = (
    r"We present NeRF-VO, a system for visual odometry. It needs $3$B parameters, bounds $f(x) \le \alpha_{i}$ for every input, "
    "and improves on GPT-4o by 2.5% at 30 FPS. Smith et al. need more data. The code is public at https://github.com/a/b."
)
BAD = ["identity", "drops", "doubles", "429", "500", "403", "html", "error sentence", "none", "empty", "not json", "drop"]
BAD += ["wrong language", "truncates", "repeats"]


CODE, TAG = Form.CODE, Form.TAG


def need(text: str = ABSTRACT, *, paper_id: int = 1, language: str = "zh-CN", field: Field = Field.ABSTRACT) -> Need:
    return Need(paper_id, 1, field, language, text, source_hash(text))


def engines_of(fakes: FakeEngines) -> tuple[Engine, ...]:
    return (LibreEngine(fakes.libre_url), GoogleEngine(fakes.google_url))


@pytest.mark.parametrize("language", ["zh-CN", "zh-TW", "ja", "ko", "de", "ar", "ru"])
@pytest.mark.parametrize("behaviour", ["good", "spaces"])
def test_every_protected_part_comes_back_byte_for_byte(engine: Engine, fakes: FakeEngines, language: str, behaviour: str) -> None:
    fakes.behave(behaviour)
    (accepted,) = Translator([engine]).run([need(language=language)])
    for part in protected(ABSTRACT):
        assert accepted.text.count(part) == ABSTRACT.count(part)
    assert (accepted.engine, accepted.language, accepted.source_hash) == (engine.name, language, source_hash(ABSTRACT))
    assert fakes.calls() == 1


@pytest.mark.parametrize("name", ["libre", "google", "openai"])
def test_nothing_that_a_bad_engine_says_is_accepted(name: str) -> None:
    def complained(behaviour: str) -> int:
        """How often its answers were none, or none that may be published; -1 where one was accepted all the same."""
        with FakeEngines(behaviour) as fakes:
            translator = Translator([adapter(name, fakes)])
            accepted = list(translator.run([need()]))
            report = translator.report.engines[name]
        return -1 if accepted else sum(report.failed.values()) + sum(report.rejected.values())

    # At once, for each is given a second's rest between its tries.
    with ThreadPoolExecutor(len(BAD)) as pool:
        found = dict(zip(BAD, pool.map(complained, BAD), strict=True))
    assert {behaviour: count for behaviour, count in found.items() if count < 1} == {}


@pytest.mark.parametrize("behaviour", BAD)
def test_the_next_engine_takes_over_from_a_bad_one(fakes: FakeEngines, behaviour: str) -> None:
    fakes.behave(behaviour, engine="libre")
    translator = Translator(engines_of(fakes))
    (accepted,) = translator.run([need()])
    assert accepted.engine == "google"
    assert translator.report.engines["google"].accepted == 1


def test_a_text_goes_whole_in_each_form_then_by_sentences(fakes: FakeEngines) -> None:
    fakes.behave("drops")
    translator = Translator([LibreEngine(fakes.libre_url)])
    assert list(translator.run([need()])) == []
    first = "We present NeRF-VO, a system for visual odometry."
    sent = [text for _, _, text in fakes.texts]
    assert sent == [protect(text, form).text for text, form in ((ABSTRACT, CODE), (ABSTRACT, TAG), (first, CODE), (first, TAG))]
    assert translator.report.engines["libre"].rejected == {"placeholders": 4}


def test_what_fails_whole_may_pass_by_sentences(fakes: FakeEngines) -> None:
    fakes.behave("long is cut")
    translator = Translator([LibreEngine(fakes.libre_url)])
    (accepted,) = translator.run([need()])
    assert all(accepted.text.count(part) == ABSTRACT.count(part) for part in protected(ABSTRACT))
    assert fakes.calls() == 1 + len(sentences(ABSTRACT))


def test_a_text_of_names_and_formulas_alone_needs_no_engine(fakes: FakeEngines) -> None:
    (accepted,) = Translator(engines_of(fakes)).run([need("NeRF-VO: $x^2$", field=Field.TITLE)])
    assert (accepted.text, fakes.calls()) == ("NeRF-VO: $x^2$", 0)


def test_a_long_text_goes_in_pieces_and_comes_back_whole(fakes: FakeEngines) -> None:
    text = " ".join(f"This is the plain sentence number {number} about robots and maps." for number in range(90))
    (accepted,) = Translator([LibreEngine(fakes.libre_url)]).run([need(text)])
    assert fakes.calls() == len(pieces(protect(text, Form.CODE).text, LIMIT)) > 1
    assert all(len(sent) <= LIMIT for _, _, sent in fakes.texts)
    assert [part for part in protected(accepted.text) if part.isdigit()] == [str(number) for number in range(90)]


def test_with_every_engine_dead_a_long_run_stops_asking(fakes: FakeEngines) -> None:
    dead = (LibreEngine("http://127.0.0.1:9"), GoogleEngine("http://127.0.0.1:9/m"))
    translator = Translator(dead)
    assert list(translator.run(need(paper_id=number) for number in range(1000))) == []
    assert translator.report.calls < 200
    assert translator.report.engines["libre"].failed["resting"] > 800


def test_an_engine_that_comes_back_is_asked_again(fakes: FakeEngines) -> None:
    fakes.behave("500")
    translator = Translator([LibreEngine(fakes.libre_url)], concurrency=1)

    assert list(translator.run([need()])) == []
    fakes.behave("good")
    assert len(list(translator.run([need()]))) == 1


def test_a_language_that_an_engine_refuses_does_not_close_the_others(fakes: FakeEngines) -> None:
    fakes.behave("403")
    translator = Translator([LibreEngine(fakes.libre_url)], concurrency=1)
    for _ in range(4):
        list(translator.run([need(language="ja")]))
    fakes.behave("good")
    assert len(list(translator.run([need(language="de")]))) == 1
    assert translator.report.engines["libre"].failed == {}


def test_a_server_that_asks_for_an_hour_is_left_alone(fakes: FakeEngines) -> None:
    fakes.retry_after = "3600"
    fakes.behave("429")
    translator = Translator([LibreEngine(fakes.libre_url)], concurrency=1)
    assert list(translator.run(need(paper_id=number) for number in range(20))) == []
    assert fakes.calls() == 1


def test_a_run_ends_at_its_deadline_though_engines_hang(fakes: FakeEngines) -> None:
    fakes.behave("hang")
    translator = Translator(engines_of(fakes))
    assert list(translator.run([need()], deadline=time.monotonic() + 0.3)) == []
    assert translator.report.engines["libre"].failed == {}, "it did not wait for the engine's own time-out"


def test_a_deadline_that_has_passed_costs_no_call(fakes: FakeEngines) -> None:
    assert list(Translator(engines_of(fakes)).run([need()], deadline=time.monotonic() - 1)) == []
    assert fakes.calls() == 0


def test_needs_are_taken_as_the_results_are(fakes: FakeEngines) -> None:
    taken: list[int] = []

    def needs() -> Iterator[Need]:
        for number in range(500):
            taken.append(number)
            yield need(f"A text about robots, number {number}", paper_id=number)

    results = Translator([LibreEngine(fakes.libre_url)], concurrency=2).run(needs())
    for _ in range(10):
        next(results)
    assert len(taken) <= 20
    results.close()  # type: ignore[attr-defined]
    assert len(taken) <= 20


def test_without_an_engine_there_is_nothing_to_do() -> None:
    translator = Translator([])
    assert list(translator.run([need()])) == []
    assert translator.estimate([need()]) == {}


def test_an_estimate_is_what_a_run_without_trouble_costs(fakes: FakeEngines) -> None:
    needs = [need(), need(language="de"), need("NeRF-VO", field=Field.TITLE), need("word " * 900)]
    translator = Translator([LibreEngine(fakes.libre_url)])
    estimate = translator.estimate(needs)["libre"]
    assert fakes.calls() == 0
    list(translator.run(needs))
    assert (
        estimate
        == Estimate(translator.report.calls, translator.report.characters)
        == Estimate(fakes.calls(), sum(len(text) for _, _, text in fakes.texts))
    )


def test_an_adapter_that_breaks_costs_its_own_text_only(fakes: FakeEngines) -> None:
    class Breaking(LibreEngine):
        def translate(self, text: str, language: Language) -> str:
            if "broken" in text:
                raise AttributeError("the page has another shape")
            return super().translate(text, language)

    translator = Translator([Breaking(fakes.libre_url)])
    texts = ["A broken text about robots", "A good text about robots", "Another good text about maps"]
    accepted = list(translator.run(need(text, paper_id=number) for number, text in enumerate(texts)))
    assert {one.paper_id for one in accepted} == {1, 2}
    assert translator.report.engines["libre"].failed == {"broken": 1}


def test_a_run_ends_where_no_engine_gives_a_sign_of_life_and_goes_on_where_one_does(fakes: FakeEngines) -> None:
    fakes.behave("hang", engine="libre")
    dead = Translator([LibreEngine(fakes.libre_url)])
    assert list(dead.run([need()], sign_of_life=0.3)) == []
    assert dead.report.engines["libre"].failed == {}, "it did not wait for the engine's own time-out"
    slow = Translator([GoogleEngine(fakes.google_url)], concurrency=1)
    # A busy machine may not bring the first answer in time; then it is given more.
    for sign_of_life in (0.5, 5, PATIENCE):
        results = slow.run((need(paper_id=number) for number in range(3)), sign_of_life=sign_of_life)
        began = time.monotonic()
        if next(results, None):
            break
    time.sleep(max(0.0, began + sign_of_life + 0.1 - time.monotonic()))
    assert len(list(results)) == 2, "an engine that has answered is not given up"


def test_an_engine_that_hangs_does_not_hold_up_the_end_of_the_process() -> None:
    code = """
import subprocess
import sys
import time
from newsletter.translation.engines.chat import ChatEngine
from newsletter.translation.translator import Translator
from tests.translation.engines.fake_engines import FakeEngines
from tests.translation.test_translator import need
engines = FakeEngines("hang").start()
assert list(Translator([ChatEngine(engines.openai_url, model="m", time_out=3600)]).run([need()], sign_of_life=0.2)) == []
"""
    ended = subprocess.run([sys.executable, "-c", code], timeout=PATIENCE, cwd=Path(__file__).parents[2], check=False)
    assert ended.returncode == 0, "neither the fake nor the client of the model ends in an hour"


def test_the_form_that_survives_is_learnt(fakes: FakeEngines) -> None:
    class KeepsTags(LibreEngine):
        """An engine that takes code words for words, and leaves tags alone."""

        def translate(self, text: str, language: Language) -> str:
            return super().translate(re.sub(r"ZQ(\d+)Q", r"word \1", text), language)

    translator = Translator([KeepsTags(fakes.libre_url)], concurrency=1)
    accepted = list(translator.run(need(paper_id=number) for number in range(20)))
    assert (len(accepted), fakes.calls()) == (20, 21)
