"""Shapes of a chat model's answer that nobody asked for: what is the translation in them, and nothing else of them is published."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from newsletter.languages import language_of
from newsletter.translation.engines.prompts import read_answer
from newsletter.translation.judging import judged
from newsletter.values.translations import Field

SOURCE = "Learning to draw maps of quiet rooms"
RIGHT = {
    "pl": "Nauka rysowania map cichych pokojów",
    "hi": "शांत कमरों के नक्शे बनाना सीखना",
    "fa": "یادگیری ترسیم نقشهٔ اتاق‌های ساکت",
}
CORRIDORS = "Robots lose their way in long corridors. We study 1,250 corridors. A small camera at the floor mends most of this."


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _events(text: str) -> str:
    pieces = [text[:5], text[5:12], text[12:]]
    return "\n\n".join(f"data: {_json({'choices': [{'delta': {'content': one}}]})}" for one in pieces) + "\n\ndata: [DONE]"


SHAPES: list[Callable[[str], str]] = [
    lambda text: f"```json\n{_json({'translated_text': text, 'target_lang': 'xx'})}\n```",
    lambda text: _json({"name": "submit", "arguments": {"translation": text}}),
    lambda text: _json({"tool_calls": [{"type": "function", "function": {"name": "f", "arguments": _json({"text": text})}}]}),
    lambda text: f"<tool_call>\n{_json({'name': 'final', 'arguments': {'answer': text}})}\n</tool_call>",
    lambda text: _json({"type": "tool_use", "id": "1", "input": {"answer": text}}),
    lambda text: _json({"role": "assistant", "choices": [{"index": 0, "message": {"content": text}}]}),
    _events,
    lambda text: "\n".join(_json({"response": one, "done": False}) for one in (text[:7], text[7:])),
    lambda text: f"[THINK]Keep the names.[/THINK]{text}",
    lambda text: f"◁think▷Keep the names.◁/think▷{text}",
    lambda text: f"<scratchpad>The user wants a title.</scratchpad>\n{text}",
    lambda text: f"<|begin_of_thought|>Rooms.<|end_of_thought|>{text}",
]


@pytest.mark.parametrize("code", RIGHT)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_text_is_found_in_the_shape_that_holds_it(shape: Callable[[str], str], code: str) -> None:
    found = judged(SOURCE, shape(RIGHT[code]), language_of(code))
    assert (found.text, found.reasons) == (RIGHT[code], ())


@pytest.mark.parametrize("shape", [SHAPES[1], SHAPES[2], SHAPES[3], _events])
def test_a_paper_is_found_in_a_call_of_a_tool_and_in_pieces(shape: Callable[[str], str]) -> None:
    texts = {"title": RIGHT["pl"], "abstract": "Roboty gubią drogę."}
    asked = {Field.TITLE: SOURCE, Field.ABSTRACT: "Robots lose their way."}
    assert read_answer(shape(_json(texts)), asked, engine="openai") == {
        Field.TITLE: texts["title"],
        Field.ABSTRACT: texts["abstract"],
    }


def test_vietnamese_syllables_that_sentences_share_are_no_sentence_said_twice() -> None:
    right = (
        "Robot bị lạc đường trong các hành lang dài. Chúng tôi nghiên cứu 1.250 hành lang trong số đó. "
        "Một camera nhỏ đặt sát sàn khắc phục phần lớn vấn đề này."
    )
    assert judged(CORRIDORS, right, language_of("vi")).reasons == ()
    first = right.split(". ", maxsplit=1)[0]
    assert "repeated" in judged(CORRIDORS, f"{first}. {right}", language_of("vi")).reasons


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("tr", "Çevrilecek metin yok."),
        ("vi", "Không có văn bản nào để dịch."),
        ("he", "אין טקסט לתרגום."),
        ("ar", "لا يوجد نص للترجمة."),
        ("ru", "Нет текста для перевода."),
        ("de", "Dieser Titel ist bereits auf Deutsch."),
        ("ja", "このタイトルはすでに日本語です。"),
        ("zh-TW", "此標題已經是中文。"),
        ("fr", "Ce titre est déjà en français."),
        ("sv", "Den här titeln är redan på svenska."),
        ("es", "No entiendo la solicitud."),
        ("ko", "요청을 이해하지 못했습니다."),
        ("pl", "Nie rozumiem prośby."),
        ("fa", "درخواست را متوجه نشدم."),
        # One that names the language, or says more in brackets.
        ("cs", "Tento název už je v češtině."),
        ("nl", "Mijn Nederlands is hiervoor niet goed genoeg."),
    ],
)
def test_what_says_why_nothing_is_translated_is_no_title(code: str, answer: str) -> None:
    assert "added" in judged(SOURCE, answer, language_of(code)).reasons


@pytest.mark.parametrize(
    ("code", "source", "right"),
    [
        ("vi", "Fluids that shift the phase of light", "Chất lỏng để dịch chuyển pha của ánh sáng"),
        ("tr", "Signals to be turned into images", "Görüntülere çevrilecek sinyaller"),
        ("es", "Why users say they do not understand a model", "Por qué los usuarios dicen «no entiendo el modelo»"),
        ("cs", "Spelling of Czech in old letters", "Pravopis češtiny ve starých dopisech"),
        ("ar", "Poetry of the Arab world", "شعر العالم العربي"),
        ("de", "Words that are already in German dictionaries", "Wörter, die bereits in deutschen Wörterbüchern stehen"),
    ],
)
def test_the_same_words_of_a_paper_pass(code: str, source: str, right: str) -> None:
    assert "added" not in judged(source, right, language_of(code)).reasons


@pytest.mark.parametrize(
    ("code", "behind"),
    [
        ("hi", " (पारिभाषिक शब्द यथावत रखे गए हैं।)"),
        ("pl", " (dosłownie)"),
        ("fa", "（تحت‌اللفظی）"),
        ("pl", "\n- Uczenie się kreślenia map cichych pokoi"),
        ("hi", "\n\nनीरव कक्षों के मानचित्र खींचना सीखना"),
        ("hi", "\n\nशांत कमरों के नक्शे बनाना सीखना"),
    ],
)
def test_a_remark_in_brackets_and_a_second_title_are_cut(code: str, behind: str) -> None:
    found = judged(SOURCE, RIGHT[code] + behind, language_of(code))
    assert (found.text, found.reasons) == (RIGHT[code], ())


@pytest.mark.parametrize(
    ("code", "source", "right"),
    [
        ("pl", "A survey of RAG", "Przegląd RAG (generowania wspomaganego wyszukiwaniem)"),
        ("pl", "Large language models (LLMs) for quiet rooms", "Duże modele językowe (LLM) dla cichych pokojów"),
        ("hi", "Maps of rooms with transformers", "ट्रांसफ़ॉर्मर से कमरों के नक्शे (transformers)"),
        ("pl", "Rooms: how quiet they are when nobody is at home", "Pokoje:\njak cicho w nich jest, gdy nikogo nie ma w domu"),
    ],
)
def test_brackets_that_explain_and_a_title_in_two_lines_stay(code: str, source: str, right: str) -> None:
    assert judged(source, right, language_of(code)).text == " ".join(right.split())


def test_a_hindi_offer_behind_a_translation_is_cut() -> None:
    right = "रोबोट लंबे गलियारों में रास्ता भटक जाते हैं। हम 1,250 गलियारों का अध्ययन करते हैं। फर्श के पास लगा एक छोटा कैमरा इसका अधिकांश भाग ठीक कर देता है।"
    found = judged(CORRIDORS, f"{right}\n\nयदि कुछ और बदलना हो तो बताइए।", language_of("hi"))
    assert found.text == right
