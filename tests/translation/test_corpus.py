"""Whatever an engine does, what is published holds every formula, link, decimal and name as the author wrote it.

The oracle is a scanner of its own. `python -m bench.gating` runs the same over all recorded abstracts.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from newsletter.translation.engines.chat import ChatEngine
from newsletter.translation.engines.registry import Engine
from tests.translation.corpus import Outcome, glossaries, in_process, judged, over_http, own_abstracts, recorded
from tests.translation.engines.fake_engines import ANSWERS, BEHAVIOURS, WELL_BEHAVED, FakeEngines
from tests.translation.oracle import parts, violations

GLOSSARIES = glossaries()
OWN = own_abstracts()
LEAST_AT_FIRST = 0.99
# These give nothing that may be shown; of the others a part may pass, and must then be faithful.
NEVER = {"identity", "error sentence", "empty", "none", "wrong language", "truncates", "repeats"}
# A cut at the very end of a sentence can only be told by the length, where a translator may join sentences.
MOST_OF_CUT = 0.01
RECORDED_SHARE = 24


@cache
def some_recorded(folder: Path) -> list[str]:
    return recorded(folder, others=300)[::RECORDED_SHARE]


def holds(outcome: Outcome, behaviour: str) -> None:
    assert outcome.wrong == []
    if behaviour in NEVER:
        assert outcome.published == 0
    if behaviour == "cuts":
        assert outcome.published <= MOST_OF_CUT * outcome.texts
    if behaviour in WELL_BEHAVED:
        assert outcome.first >= LEAST_AT_FIRST * outcome.texts


def test_the_abstracts_are_dense_enough_to_mean_something() -> None:
    assert len(OWN) >= 30
    assert sum(len(parts(text)) for text in OWN) >= 4 * len(OWN)


@pytest.mark.parametrize("behaviour", ANSWERS)
def test_what_is_published_is_faithful(behaviour: str) -> None:
    holds(judged(OWN, in_process(behaviour), GLOSSARIES), behaviour)


@pytest.mark.parametrize("behaviour", ANSWERS)
def test_the_gate_alone_is_enough_where_nothing_was_protected(behaviour: str) -> None:
    """Words inside formulas and names are then translated like all others, and placeholders never were there."""
    assert judged(OWN, in_process(behaviour), GLOSSARIES, forms=[None]).wrong == []


@pytest.mark.parametrize("behaviour", ANSWERS)
def test_what_is_published_of_recorded_abstracts_is_faithful(behaviour: str, shared_data: Path) -> None:
    holds(judged(some_recorded(shared_data), in_process(behaviour), GLOSSARIES), behaviour)


@pytest.mark.parametrize("behaviour", [one for one in BEHAVIOURS if one != "hang"])
def test_what_comes_through_the_adapters_is_faithful(engine: Engine, fakes: FakeEngines, behaviour: str) -> None:
    fakes.behave(behaviour)
    outcome = judged(OWN[:4], over_http(engine), GLOSSARIES, languages=["zh-CN", "de"], forms=engine.forms)
    holds(outcome, behaviour)
    if behaviour not in ANSWERS:
        assert outcome.published == 0


def test_an_engine_that_hangs_gives_nothing(fakes: FakeEngines) -> None:
    fakes.behave("hang")
    engine = ChatEngine(fakes.openai_url, model="m", time_out=0.2)
    outcome = judged(OWN[:2], over_http(engine), GLOSSARIES, languages=["ja"], forms=engine.forms)
    assert (outcome.published, outcome.reasons["TemporaryError"]) == (0, 4)


@pytest.mark.parametrize(
    "result",
    [
        "我们将误差降低 3.5% 并公开 NeRF-VO，见 https://a.org/b。",
        "我们证明 $ x^2$ 将误差降低 3.5% 并公开 NeRF-VO，见 https://a.org/b。",
        "我们证明 $x^2$ 将误差降低 3.5% 并公开 NeRF-VO，见 https://a.org/ b。",
        "我们证明 $x^2$ 将误差降低 3. 5% 并公开 NeRF-VO，见 https://a.org/b。",
        "我们证明 $x^2$ 将误差降低 3.5% 并公开神经-VO，见 https://a.org/b。",
        "我们证明 3.5% 将误差降低 $x^2$ 并公开 NeRF-VO，见 https://a.org/b。",
        "我们证明 $x^2$ 将误差降低 3.5% 并公开 NeRF-VO ZQ4Q，见 https://a.org/b。",
        "我们证明 $x^2$ 将误差降低 3.5% 并公开 NeRF-VO，见 https://a.org/b。Error 500",
    ],
)
def test_the_oracle_sees_faults(result: str) -> None:
    source = "We prove $x^2$, lower the error by 3.5% and publish NeRF-VO, see https://a.org/b."
    assert violations(source, "我们证明 $x^2$ 将误差降低 3.5% 并公开 NeRF-VO，见 https://a.org/b。") == []
    assert violations(source, result)
