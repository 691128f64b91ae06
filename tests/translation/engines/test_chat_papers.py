"""A chat model is given a paper at once and answers in JSON; each part of its answer passes a gate of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from newsletter.errors import TemporaryError
from newsletter.languages import language_of
from newsletter.translation.engines.chat import ChatEngine
from newsletter.translation.engines.libre import LibreEngine
from newsletter.translation.engines.prompts import read_answer
from newsletter.translation.engines.transfer import own_words
from newsletter.translation.fallback import MOST_USELESS
from newsletter.translation.gate.directions import says_the_contrary
from newsletter.translation.gate.summaries import summary_faults
from newsletter.translation.glossary import load_glossary
from newsletter.translation.store.translations import Accepted, Need, source_hash
from newsletter.translation.translator import Translator
from newsletter.values.translations import Field
from tests.translation.engines.fake_engines import FakeEngines, translated
from tests.translation.engines.fake_services import FakeServices, good_paper

TITLE = "Visual odometry with NeRF-VO"
ABSTRACT = "We present NeRF-VO, a system for visual odometry. It needs $3$B parameters and runs at 30 FPS. The code is public."
SENTENCE = "We present NeRF-VO, a system for visual odometry."
NEEDS = [
    Need(1, 1, field, "zh-CN", text, source_hash(text))
    for field, text in ((Field.TITLE, TITLE), (Field.ABSTRACT, ABSTRACT), (Field.TLDR, SENTENCE))
]


@pytest.fixture
def fake() -> Iterator[FakeServices]:
    with FakeServices() as services:
        yield services


def model(fake: FakeServices) -> ChatEngine:
    return ChatEngine(f"{fake.url}/v1", model="m")


def run(translator: Translator, needs: list[Need] | None = None) -> dict[Field, Accepted]:
    return {one.field: one for one in translator.run(needs or NEEDS)}


def changed(**changes: object) -> object:
    def answer(given: dict[str, str], code: str) -> str:
        return json.dumps(json.loads(good_paper(given, code)) | changes)

    return answer


def test_one_call_brings_title_abstract_and_summary(fake: FakeServices) -> None:
    translator = Translator([model(fake)])
    found = run(translator)
    assert set(found) == {Field.TITLE, Field.ABSTRACT, Field.TLDR}
    assert (len(fake.requests), translator.report.calls, translator.report.accepted) == (1, 1, 3)
    assert all(found[Field.ABSTRACT].text.count(part) == 1 for part in ("NeRF-VO", "$3$B", "30"))
    assert "NeRF-VO" in found[Field.TLDR].text
    assert {one.engine for one in found.values()} == {"openai"}


def test_the_prompt_holds_the_schema_the_texts_as_material_and_the_terms(fake: FakeServices) -> None:
    fake.chat = lambda given, _: json.dumps(given)
    needs = [*NEEDS[:1], Need(1, 1, Field.ABSTRACT, "de", "An ablation of transformers.", "h")]
    ChatEngine(f"{fake.url}/v1", model="m").translate_paper(
        {need.field: need.text for need in needs}, language_of("de"), {"ablation": "Ablation"}
    )
    ((_, _, _, body),) = fake.requests
    schema = body["response_format"]["json_schema"]["schema"]
    assert (schema["required"], schema["additionalProperties"]) == (["title", "abstract"], False)
    assert json.loads(body["messages"][1]["content"]) == {"title": TITLE, "abstract": "An ablation of transformers."}
    assert 'Render "ablation" as "Ablation"' in body["messages"][0]["content"]
    assert "Deutsch (de)" in body["messages"][0]["content"]


def test_terms_of_the_glossary_are_advised_to_models_only(fake: FakeServices) -> None:
    glossary = load_glossary("de")
    text = "We study the tokens of a transformer."
    advised = {one.term for one in glossary.terms_in(text) if one.rendering}
    assert advised, "the German glossary says something of tokens or transformers"
    translator = Translator([model(fake)], glossary=lambda _: glossary)
    run(translator, [Need(1, 1, Field.TITLE, "de", text, "h")])
    assert all(term in fake.requests[0][3]["messages"][0]["content"] for term in advised if term.islower())


def test_a_server_without_schemas_is_asked_without_from_then_on(fake: FakeServices) -> None:
    fake.takes_schema = False
    translator = Translator([model(fake)])
    assert len(run(translator)) == 3
    assert len(run(translator)) == 3
    assert ["response_format" in body for _, _, _, body in fake.requests] == [True, False, False]


@pytest.mark.parametrize("fence", ["```json\n{}\n```", "```\n{}\n```", "  {}  "])
def test_a_code_fence_around_the_answer_is_read(fake: FakeServices, fence: str) -> None:
    fake.chat = lambda given, code: fence.format(good_paper(given, code)) if "{}" in fence else ""
    assert len(run(Translator([model(fake)]))) == 3


@pytest.mark.parametrize(
    "answer",
    ["[]", "{", '"text"', "{}", '{"title": 3}', '{"title": ""}', '{"titel": "x"}', "[" * 50_000],
)
def test_json_of_another_shape_is_a_temporary_error(answer: str) -> None:
    with pytest.raises(TemporaryError, match="openai"):
        read_answer(answer, {Field.TITLE: "t"}, engine="openai")


def test_a_part_that_the_gate_refuses_is_asked_for_alone_and_the_rest_is_kept(fake: FakeServices) -> None:
    fake.chat = changed(abstract="只有一句。")  # type: ignore[assignment]
    translator = Translator([model(fake)])
    found = run(translator)
    assert set(found) == {Field.TITLE, Field.ABSTRACT, Field.TLDR}
    assert len(fake.requests) == 2
    assert fake.requests[1][3]["messages"][1]["content"].startswith("We present")
    assert sum(translator.report.engines["openai"].rejected.values()) >= 1


@pytest.mark.parametrize(
    "summary",
    [
        translated(SENTENCE, "zh") + " 42",
        translated("We present", "zh") + " GPT-5",
        "We present NeRF-VO, a system for visual odometry.",
        "Error 500 (Server Error)!!1500.That’s an error.",
        translated(SENTENCE, "zh") + " {{7}}",
        translated("word " * 900, "zh"),
    ],
)
def test_a_summary_that_invents_something_is_replaced_by_the_authors_sentence(fake: FakeServices, summary: str) -> None:
    fake.chat = changed(tldr=summary)  # type: ignore[assignment]
    found = run(Translator([model(fake)]))
    assert found[Field.TLDR].text != summary
    assert found[Field.TLDR].text.count("NeRF-VO") == 1, "the sentence of the abstract was translated in its stead"


def test_a_model_that_fails_leaves_the_paper_to_the_next_engine(fake: FakeServices) -> None:
    fake.answers = [500] * 20
    with FakeEngines() as engines:
        translator = Translator([model(fake), LibreEngine(engines.libre_url)])
        assert {one.engine for one in run(translator).values()} == {"libre"}
    assert len(fake.requests) == 1


@pytest.mark.parametrize(
    ("result", "reasons"),
    [
        ("我们提出视觉里程计系统 NeRF-VO。", ()),
        ("我们提出系统 NeRF-VO，参数量为 $3$B。", ()),
        ("", ("empty",)),
        ("短", ("length",)),
        ("我们提出视觉里程计系统，速度提升 45%。", ("numbers",)),
        ("我们提出视觉里程计系统 SLAM-X，效果很好。", ("names",)),
        ("我们提出视觉里程计系统，参数为 $x^2$ 个。", ("spans",)),
        ("A system for visual odometry is presented here.", ("script",)),
        ("<b>我们提出视觉里程计系统，效果很好</b>", ("markup",)),
    ],
)
def test_a_summary_is_held_to_hold_nothing_new(result: str, reasons: tuple[str, ...]) -> None:
    found = summary_faults(ABSTRACT, result, language_of("zh-CN"))
    assert set(reasons) <= set(found) if reasons else found == ()


@pytest.mark.parametrize(
    ("code", "right", "contrary"),
    [
        ("zh-CN", "我们提出 Lamp，在三个基准上优于 NeRF。", "我们提出 Lamp，在三个基准上不如 NeRF。"),
        ("ja", "Lamp は NeRF を 3 つの評価で上回る。", "Lamp は NeRF を 3 つの評価で上回らない。"),
        ("de", "Lamp übertrifft NeRF auf 3 Datensätzen.", "Lamp übertrifft NeRF nicht auf 3 Datensätzen."),
        ("fr", "Lamp surpasse NeRF sur 3 jeux de données.", "Lamp fait pire que NeRF sur 3 jeux de données."),
        ("ar", "يتفوق Lamp على NeRF في 3 مجموعات.", "لا يتفوق Lamp على NeRF في 3 مجموعات."),
        ("ru", "Lamp превосходит NeRF на 3 наборах.", "Lamp хуже, чем NeRF, на 3 наборах."),
    ],
)
def test_a_summary_never_says_the_contrary(code: str, right: str, contrary: str) -> None:
    abstract = "Old maps do not show rooms. Lamp, a map of echoes, outperforms NeRF on 3 data sets. Labels are not needed."
    assert not says_the_contrary(abstract, right, language_of(code))
    assert says_the_contrary(abstract, contrary, language_of(code))


@pytest.mark.parametrize(
    "wrapped",
    [
        "Sure! Here it is:\n{}\nI hope this helps.",
        "<think>Two keys, {{fine}}.</think>\n```json\n{}\n```",
        '{{"translation": {}}}',
        "[{}]",
        '{{"language": "zh", "paper": {{"note": "x", "result": {}}}}}',
    ],
)
def test_an_answer_is_found_in_what_a_model_wraps_it_in(fake: FakeServices, wrapped: str) -> None:
    fake.chat = lambda given, code: wrapped.format(good_paper(given, code))
    assert (len(run(Translator([model(fake)]))), len(fake.requests)) == (3, 1)


def test_keys_in_capitals_and_a_comma_too_many_are_read() -> None:
    answer = '{"Title": "a\nb", "ABSTRACT": "c", "TL;DR": "d",}'
    assert read_answer(answer, dict.fromkeys(Field, "x"), engine="openai") == {
        Field.TITLE: "a\nb",
        Field.ABSTRACT: "c",
        Field.TLDR: "d",
    }


def test_after_useless_answers_texts_are_asked_for_one_by_one(fake: FakeServices) -> None:
    fake.chat = lambda *_: "I would rather talk about the weather."
    translator = Translator([model(fake)], concurrency=1)
    needs = [replace(one, paper_id=number) for number in range(6) for one in NEEDS]
    assert len(list(translator.run(needs))) == len(needs)
    assert len(fake.requests) == MOST_USELESS + len(needs)
    assert translator.report.engines["openai"].failed == {"useless": MOST_USELESS}


def test_an_engines_own_words_reach_the_report_without_the_key(fake: FakeServices) -> None:
    fake.answers = [403] * 9
    translator = Translator([ChatEngine(f"{fake.url}/v1", "sk-abcdefghijkl", model="m")])
    assert run(translator) == {}
    assert translator.report.engines["openai"].problem == "openai answered 403"
    assert (
        own_words('{"error": {"message": "Incorrect API key: sk-abcdefghijkl."}}', secret="sk-abcdefghijkl")
        == ": Incorrect API key: …."
    )
