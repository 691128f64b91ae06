"""What engines put around or into a translation is taken off or refused: a sample; `python -m bench.misbehaving DATA` runs the whole."""

from __future__ import annotations

from functools import cache

import pytest

from newsletter.languages import LANGUAGES, SOURCE_LANGUAGE, language_of
from newsletter.text.sentences import sentences
from newsletter.translation.gate.alignment import compared
from newsletter.translation.glossary import load_glossary
from newsletter.translation.judging import Judged, judged
from newsletter.translation.protection import Form, protect
from newsletter.translation.voice import voice
from tests.translation.corpus import own_abstracts
from tests.translation.misbehaving import ENGINES, HARMLESS, LABELS, NOTES, PREFACES, REFUSALS, Asked
from tests.translation.misbehaving import LANGUAGES as SPOKEN

TITLE = "Learning to draw maps of quiet rooms"
TEXTS = (TITLE, *own_abstracts()[:6])
# These publish nothing, or nothing but a clean text.
NEVER_WRONG = ("preface", "label", "note behind", "preface and note", "refusal", "refusal with the parts", "invented acronym",
               "invented name", "a letter glued to a part", *HARMLESS)  # fmt: skip

SELDOM_WRONG = ("one word left", "two words left", "three words left", "last sentence missing", "a sentence twice",
                "a sentence again in other words", "answer to the text before")  # fmt: skip


@cache
def of(engine: str, text: str, code: str) -> Judged:
    guarded = protect(text, Form.BRACES, load_glossary(code))
    answer = ENGINES[engine](Asked(guarded.text, code, "We study a lake."))
    return judged(text, answer, language_of(code), load_glossary(code), guarded=guarded)


@pytest.mark.parametrize("code", SPOKEN)
def test_what_a_good_engine_gives_is_published(code: str) -> None:
    assert [text for text in TEXTS if of("good", text, code).reasons] == []


@pytest.mark.parametrize("engine", NEVER_WRONG)
def test_nothing_but_the_translation_is_published(engine: str) -> None:
    for code in SPOKEN[::4] if engine in HARMLESS else SPOKEN:
        for text in TEXTS[:2]:
            found = of(engine, text, code)
            assert not found.passed or found.text == of("good", text, code).text, found.text


@pytest.mark.parametrize("engine", sorted(HARMLESS))
def test_foreign_signs_are_taken_off_and_the_rest_is_published(engine: str) -> None:
    assert all(of(engine, text, code).passed for code in ("zh-CN", "de", "ar") for text in TEXTS[:2])


# Of these at most one text in twenty is published wrong: titles, abstracts and single sentences in four languages.
@pytest.mark.parametrize("engine", SELDOM_WRONG)
def test_what_is_left_over_lost_or_said_twice_is_seldom_published(engine: str) -> None:
    texts = [TITLE, *own_abstracts()[::5], *(sentences(text)[0] for text in own_abstracts()[1::5])]
    pairs = [(text, code) for text in texts for code in ("zh-CN", "pl", "ru", "ar")]
    wrong = [one for one in pairs if (found := of(engine, *one)).passed and found.text != of("good", *one).text]
    assert len(wrong) <= len(pairs) / 20, wrong


@pytest.mark.parametrize("code", SPOKEN)
def test_no_preface_note_label_or_refusal_gets_into_a_title(code: str) -> None:
    good = Asked(TITLE, code).good
    around = [*PREFACES[code], *LABELS[code]]
    answers = [*(words + good for words in around), *(good + words for words in NOTES[code]), *REFUSALS[code]]
    for answer in answers:
        found = judged(TITLE, answer, language_of(code))
        assert not found.passed or found.text == good, answer


@pytest.mark.parametrize(
    ("code", "source", "result"),
    [
        ("zh-CN", "Title: A word on words", "标题：谈谈词语"),
        ("de", "Abstract: What it leaves out", "Zusammenfassung: Was sie auslässt"),
        ("fr", "Note: on the sound of rooms", "Note : sur le son des pièces"),
        ("ja", "Translation: A survey of methods", "翻訳：手法のサーベイ"),
        ("es", "Text: a history of reading", "Texto: una historia de la lectura"),
        ("de", "Low-cost Explanations: How far can we get?", "Günstige Erklärungen: Wie weit kommen wir?"),
        ("fr", "On clinical notes: a study", "Sur les notes cliniques : une étude"),
        ("it", "Reading comments: who does it?", "Leggere i commenti: chi lo fa?"),
    ],
)
def test_a_title_that_really_begins_so_is_published(code: str, source: str, result: str) -> None:
    assert judged(source, result, language_of(code)) == Judged(result)


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one.code != SOURCE_LANGUAGE], ids=lambda one: one.code)
def test_every_offered_language_has_a_voice_of_its_own(language: object) -> None:
    assert voice(language).translate.pattern != voice(language_of(SOURCE_LANGUAGE)).translate.pattern  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        *own_abstracts(),
        "2,2,6,6-tetramethyl and {2,4,8}, 100,000X of it",
        "(Bi,Sb)$_2$Te$_3$ at x = 3, 10-40 K",
        r"ReA-OVCD reads maps. Code: \https://github.com/a1/ReA-OVCD",
    ],
)
def test_a_text_loses_nothing_to_itself(text: str) -> None:
    assert compared(text, text).not_kept() == ()
    assert compared(text, text, load_glossary("zh-CN")).not_kept() == ()


@pytest.mark.parametrize(
    ("code", "source", "result"),
    [
        (
            "zh-TW",
            "Scaling Laws for the Compression of Neural Codecs and Their Consequences for the Delivery of Video over 5G",
            "神經編解碼器壓縮的縮放定律及其對 5G 影片傳輸的影響",
        ),
        (
            "ja",
            "On the Existence and Uniqueness of Global Weak Solutions to a Nonlocal Diffusion Equation in $\\mathbb{R}^3$",
            "$\\mathbb{R}^3$ における非局所拡散方程式の大域的弱解の存在と一意性について",
        ),
        (
            "ko",
            "Fast and Robust Registration of Partially Overlapping Scans Acquired by Hand-Held Depth Sensors Using RANSAC",
            "휴대용 깊이 센서로 획득한 부분적으로 겹치는 스캔의 RANSAC을 이용한 빠르고 강건한 정합",
        ),
        (
            "hi",
            "Estimating the Seasonal Water Budget of Small Mountain Catchments from Satellite Observations by GRACE",
            "GRACE के उपग्रह प्रेक्षणों से छोटे पर्वतीय जलग्रहण क्षेत्रों के मौसमी जल बजट का आकलन",
        ),
        (
            "de",
            "A Comprehensive Study of Long-Term Memory in Deployed Conversational Systems That Are Built on LLMs",
            "Eine umfassende Studie zum Langzeitgedächtnis in auf LLMs aufbauenden, eingesetzten Dialogsystemen",
        ),
        (
            "zh-CN",
            "Forecasting the Regional Demand for Electricity and the Adoption of Heat Pumps in Northern Cities until 2050",
            "预测至 2050 年北方城市的区域电力需求与热泵普及情况",
        ),
    ],
)
def test_the_last_word_of_a_title_may_move_to_its_front(code: str, source: str, result: str) -> None:
    assert judged(source, result, language_of(code), load_glossary(code)).reasons == ()


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("zh-CN", "用於影像生成的擴散模型"),
        ("zh-CN", "学习繪製安静房间的地图"),
        ("zh-TW", "学习绘制安静房间的地图"),
        ("zh-TW", "學習绘製安靜房間的地圖"),
    ],
)
def test_a_title_in_the_other_writing_is_refused(code: str, title: str) -> None:
    assert "writing" in judged(TITLE, title, language_of(code)).reasons


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("de", "Wir nutzen 16.298 Bilder und erreichen 93,8 % Genauigkeit."),
        ("fr", "Nous utilisons 16 298 images et atteignons 93,8 % d'exactitude."),
        ("ja", "画像 1万6298 枚を用いて精度 93.8％ に達する。"),
        ("hi", "हम १६,२९८ चित्रों का उपयोग करके ९३.८% सटीकता प्राप्त करते हैं।"),
        ("ar", "نستخدم ١٦٬٢٩٨ صورة ونبلغ دقة ٩٣٫٨٪."),
    ],
)
def test_numbers_as_the_language_writes_them_are_the_same_numbers(code: str, result: str) -> None:
    source = "We use 16,298 images and reach 93.8% accuracy."
    assert judged(source, result, language_of(code), local_numbers=False) == Judged(result)
    assert "numbers" in judged(source, result.replace("8", "7").replace("८", "७").replace("٨", "٧"), language_of(code)).reasons


@pytest.mark.parametrize(
    ("code", "added"),
    [("ja", "かしこまりました。翻訳いたします。"), ("zh-CN", "\n以上是翻译。"), ("de", "\nHinweis: Namen wurden beibehalten.")],
)
def test_an_engines_words_are_cut_where_the_paper_too_speaks_of_notes_and_translation(code: str, added: str) -> None:
    source = "We study clinical notes of a lake. They help to translate its songs."
    good = Asked(source, code).good
    answer = added + good if not added.startswith("\n") else good + added
    assert judged(source, answer, language_of(code)).text == judged(source, good, language_of(code)).text


def test_only_languages_that_write_so_may_write_so() -> None:
    source = "We use 16,298 images and reach 93.8% accuracy."
    assert "numbers" in judged(source, "我们使用 16.298 张图像，准确率达到 93.8%。", language_of("zh-CN")).reasons


def test_numbers_are_written_for_the_reader_where_it_is_safe() -> None:
    source = "GPT-4.1 and Claude 3.5 read 16,298 texts with $x=1.5$ and 93.8% accuracy."
    result = "GPT-4.1 und Claude 3.5 lesen 16,298 Texte mit $x=1.5$ und 93.8% Genauigkeit."
    found = judged(source, result, language_of("de"))
    assert found == Judged("GPT-4.1 und Claude 3.5 lesen 16.298 Texte mit $x=1.5$ und 93,8% Genauigkeit.")
    assert judged(source, result, language_of("de"), local_numbers=False) == Judged(result)


@pytest.mark.parametrize(
    ("code", "source", "result", "reason"),
    [
        ("fr", "Tracking lakes by satellite", "Le suivi des lacs par satellite.", None),
        ("fr", "Lakes: a survey of their seasons", "Nous étudions les saisons d'un petit lac du nord.", "another"),
        ("es", "We measure the depth of a lake.", "Medimos la profundidad de un lago. El lago es bastante hondo.", "lost"),
        ("it", "We measure the depth of a lake near Como.", "Misuriamo la profondità di un lago vicino a Como.", None),
        ("it", "We measure the depth of a lake.", "Misuriamo con Zorblax la profondità di un lago.", "names"),
        ("fr", "We map the winds of Germany.", "Nous cartographions les vents de l'Allemagne.", None),
        ("pt", "A method for quiet rooms.", "Um método for salas silenciosas.", "english"),
        ("pt", "It works if the room is quiet.", "Funciona se a sala for silenciosa.", None),
        ("es", "Deep learning for rooms", "Deep learning para salas", None),
        ("es", "Quiet Rooms with Strong Echoes", "Salas silenciosas con Strong ecos", "english"),
        ("de", "A robust model of global winds", "Ein robustes Modell global wehender Winde", None),
        ("zh-CN", "A study of speech (also of song)", "语音研究（also 歌曲）", "english"),
        ("zh-CN", "A study of large language models", "大语言模型（large language model）研究", None),
    ],
)
def test_single_signs_pass_and_two_are_refused(code: str, source: str, result: str, reason: str | None) -> None:
    assert judged(source, result, language_of(code)).reasons == ((reason,) if reason else ())
