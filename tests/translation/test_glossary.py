"""Glossaries: which terms are found in a text, what stands for them, and how an operator's file changes that."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsletter.errors import SettingsError
from newsletter.translation.glossary import EMPTY, Glossary, Term, load_glossary
from newsletter.translation.protection import Form, protect, restore


def glossary(*entries: Term) -> Glossary:
    return Glossary("zh-CN", entries)


def banned(given: Glossary) -> dict[str, tuple[str, ...]]:
    return {entry.term: entry.banned for entry in given.entries if entry.banned}


MODEL = Term("large language model", "大语言模型", put=True)
LANGUAGE_MODEL = Term("language model", "语言模型", put=True)
LLM = Term("LLM", "keep", put=True, banned=("法学硕士",))
TUNING = Term("fine-tuning", "微调", put=True)
ENTROPY = Term("cross entropy", "交叉熵", put=True)
CROP = Term("crop", banned=("农作物",), unless=("agricultur", "farm"))
ALL = glossary(MODEL, LANGUAGE_MODEL, LLM, TUNING, ENTROPY, CROP)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Large Language Models learn", [MODEL, LANGUAGE_MODEL]),
        ("a large-language model", [MODEL]),
        ("language\nmodels", [LANGUAGE_MODEL]),
        ("LLMs and an LLM-based agent", [LLM]),
        ("llm in small letters", []),
        ("fine-tuning, fine tuning, finetuning", [TUNING]),
        ("cross-entropies", [ENTROPY]),
        ("language modelling", []),
        ("sublanguage models", []),
        ("we crop the image", [CROP]),
        ("we crop images of agricultural crops", []),
        ("", []),
    ],
)
def test_terms_are_found_in_any_case_number_and_joining(text: str, terms: list[Term]) -> None:
    assert list(ALL.terms_in(text)) == terms


def test_of_terms_that_overlap_the_longest_is_rendered() -> None:
    guarded = protect("A large language model is a language model.", Form.CODE, ALL)
    assert guarded.parts == ("大语言模型", "语言模型")
    assert restore("ZQ0Q 是一种 ZQ1Q 。", guarded) == "大语言模型是一种语言模型。"


def test_a_term_that_is_kept_comes_back_as_written() -> None:
    guarded = protect("We study LLMs.", Form.TAG, ALL)
    assert restore("我们研究 <x0/>。", guarded) == "我们研究 LLMs。"


def test_advice_changes_nothing_before_an_engine_of_plain_words() -> None:
    german = Glossary("de", (Term("large language model", "großes Sprachmodell"),))
    assert protect("A large language model", Form.CODE, german).parts == ()
    assert german.terms_in("A large language model")[0].rendering == "großes Sprachmodell"


@pytest.mark.parametrize("text", [r"$\text{language model}$ here", "see https://a.org/language-model now", "Language-Model-XL2"])
def test_a_term_inside_a_formula_link_or_name_is_left_alone(text: str) -> None:
    assert "语言模型" not in protect(text, Form.CODE, ALL).parts


def test_a_term_that_holds_a_name_stands_for_it() -> None:
    splatting = Term("3D Gaussian splatting", "三维高斯泼溅", put=True)
    assert protect("We use 3D Gaussian Splatting", Form.CODE, glossary(splatting)).parts == ("三维高斯泼溅",)


def test_the_version_depends_on_the_entries_of_the_text_alone() -> None:
    other = glossary(MODEL, LANGUAGE_MODEL, LLM, Term("fine-tuning", "精调", put=True))
    assert ALL.version_for("We study LLMs") == other.version_for("We study LLMs") != ""
    assert ALL.version_for("We study fine-tuning") != other.version_for("We study fine-tuning")
    assert ALL.version_for("We study robots") == EMPTY.version_for("We study LLMs") == ""


def test_a_banned_rendering_is_seen_only_where_the_source_has_the_term() -> None:
    assert ALL.banned_in("We study LLMs", "我们研究法学硕士") == (("LLM", "法学硕士"),)
    assert ALL.banned_in("We study law", "我们研究法学硕士") == ()
    assert banned(ALL) == {"LLM": ("法学硕士",), "crop": ("农作物",)}


@pytest.mark.parametrize(
    ("banned", "result", "found"),
    [
        ("Zeichen", "drei Zeichen lang", True),
        ("Zeichen", "ein Kennzeichen", False),
        ("Transformator*", "mit Transformatoren lernen", True),
        ("Transformator", "mit Transformatoren lernen", False),
        ("transformador", "Un Transformador visual", True),
        ("작물", "작물은 자란다", True),
        ("작물", "제작물은 자란다", False),
        ("农作物", "种植农作物的", True),
    ],
)
def test_a_banned_word_of_an_alphabet_is_a_whole_word_or_a_beginning(banned: str, result: str, found: bool) -> None:
    entry = Term("token", banned=(banned,))
    assert bool(Glossary("de", (entry,)).banned_in("a token", result)) is found


# Each ban with a text in which the word that it names is the right one, in every language that has the ban.
@pytest.mark.parametrize(
    ("code", "source", "result"),
    [
        ("zh-CN", "Crop Type Mapping of Small Fields from Space", "小块田地农作物类型的空间制图"),
        ("ja", "A greedy planner for grasping", "把持のための貪欲なプランナ"),
        ("ko", "A greedy planner for grasping", "파지를 위한 탐욕적 계획기"),
        ("ja", "Energy policy after the crisis", "危機後のエネルギー政策"),
        ("de", "A loss function for flood insurance", "Eine Schadensfunktion für die Hochwasserversicherung"),
        ("de", "RAG on images of the frontal lobe", "RAG auf Bildern des frontalen Lappens"),
        ("de", "Hallucination and delusion in dementia", "Halluzination und Wahnvorstellung bei Demenz"),
        ("fr", "Red teaming by a red team", "Red teaming par une équipe rouge"),
        ("es", "Red teaming by a red team", "Red teaming por un equipo rojo"),
        ("es", "A knowledge graph of wines", "Un gráfico de conocimiento de vinos"),
        ("fr", "The backbone of the economy", "L'épine dorsale de l'économie"),
        ("zh-TW", "Reducing agents for quantum dots", "量子點的還原藥劑"),
        ("zh-CN", "Feature maps and functional maps", "特征图与功能图"),
        ("zh-CN", "Principal-agent contracts with a hidden agent", "含隐藏代理人的委托代理契约"),
        ("ko", "Transfer learning from previous learning", "이전 학습으로부터의 전이 학습"),
        ("zh-CN", "Speculative decoding without drafts", "无草稿的投机性解码"),
        ("ja", "Retrieval-augmented generation for waste collection", "廃棄物回収のための検索拡張生成"),
        ("ja", "Immune checkpoints and policemen at a checkpoint", "免疫チェックポイントと検問所の警官"),
    ],
)
def test_a_right_word_is_not_banned(code: str, source: str, result: str) -> None:
    assert load_glossary(code).banned_in(source, result) == ()


@pytest.mark.parametrize(
    ("code", "source", "result"),
    [
        ("zh-CN", "We crop the image twice", "我们把农作物处理两次"),
        ("de", "A transformer for speech", "Ein Transformator für Sprache"),
        ("ja", "An agent learns to walk", "代理人が歩行を学ぶ"),
        ("ko", "We crop the image twice", "우리는 작물을 두 번 처리한다"),
        ("fr", "Zero-shot retrieval", "Recherche zéro coup"),
        ("es", "The policy of a robot", "La póliza de un robot"),
    ],
)
def test_a_wrong_word_stays_banned(code: str, source: str, result: str) -> None:
    assert load_glossary(code).banned_in(source, result) != ()


def test_a_right_rendering_may_hold_a_banned_word() -> None:
    entries = glossary(Term("token", "词元", put=True, banned=("元",)))
    assert entries.banned_in("a token", "一个词元") == ()
    assert entries.banned_in("a token", "一个元") != ()


def written(folder: Path, text: str, code: str = "zh-TW") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / f"{code}.yaml").write_text(text, encoding="utf-8")
    return folder


def test_the_file_of_an_operator_overlays_the_packaged_one(tmp_path: Path) -> None:
    packaged = load_glossary("zh-TW")
    own = load_glossary("zh-TW", written(tmp_path, "Large-language model: 大語言模型\nfoo bar: {put: keep}\n"))
    assert "大型語言模型" in {entry.rendering for entry in packaged.entries}
    assert own.terms_in("A large language model")[0].rendering == "大語言模型"
    assert own.terms_in("a foo bar")[0].rendered("foo bar") == "foo bar"
    assert len(own.entries) == len(packaged.entries) + 1


def test_an_operator_can_take_a_packaged_entry_out(tmp_path: Path) -> None:
    own = load_glossary("zh-TW", written(tmp_path, "large language model: null\n"))
    assert "大型語言模型" not in {entry.rendering for entry in own.entries}


def test_a_plain_rendering_is_put_in_languages_without_endings_and_advised_elsewhere(tmp_path: Path) -> None:
    for code, put in [("ja", True), ("de", False)]:
        (entry,) = (e for e in load_glossary(code, written(tmp_path, "foo bar: baz\n", code)).entries if e.term == "foo bar")
        assert entry.put is put


def test_a_language_without_a_file_has_an_empty_glossary(tmp_path: Path) -> None:
    assert load_glossary("uk", tmp_path).entries == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("token: [词元]\n", "line 1: 'token' has a list"),
        ("a b: c\ntoken: {say: 词元}\n", "line 2: 'token' has 'say'"),
        ("a b: c\nA-b: d\n", "line 2 has 'A-b', which line 1 has already"),
        ("token: {unless: [coin]}\n", "line 1: 'token' says nothing"),
        ("token: {put: 词元, advise: 词元}\n", "has 'advise'"),
        ("token: {put: 代币, ban: [代币]}\n", "bans its own rendering"),
        ("token: ''\n", "line 1 has an empty word"),
        ("token: {ban: ['*']}\n", "line 1 has an empty word"),
        ("- token\n", "line 1 is no entry"),
        ("词元: token\n", "line 1 has no English term"),
        ("token: 'a\n\nb: {\n", "line .* is no valid YAML"),
    ],
)
def test_a_bad_file_is_refused_with_its_name_line_and_mend(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message) as raised:
        load_glossary("zh-TW", written(tmp_path, text))
    assert str(tmp_path / "zh-TW.yaml") in str(raised.value)


def test_a_file_in_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "zh-TW.yaml").write_bytes("token: 詞元\nLLM: 法".encode() + b"\xff\n")
    with pytest.raises(SettingsError, match="line 2 is not UTF-8"):
        load_glossary("zh-TW", tmp_path)


CODES = ("zh-CN", "zh-TW", "ja", "ko", "de", "fr", "es")
# The terms that the issue of translations names, in the form in which a text has them.
TROUBLE = (
    "LLM, token, ablation study, transformer, crop, prompt, knowledge distillation, Gaussian splatting, fine-tuning, zero-shot"
)


@pytest.mark.parametrize("code", CODES)
def test_each_packaged_glossary_holds_the_terms_that_machines_get_wrong(code: str) -> None:
    packaged = load_glossary(code)
    assert len(packaged.entries) >= 80
    assert sum(bool(entry.banned) for entry in packaged.entries) >= 40
    found = {entry.term for entry in packaged.terms_in(TROUBLE)}
    assert set(TROUBLE.split(", ")) <= found


@pytest.mark.parametrize("code", CODES)
def test_no_packaged_rendering_holds_a_banned_word_of_the_same_text(code: str) -> None:
    packaged = load_glossary(code)
    for entry in packaged.entries:
        assert packaged.banned_in(f"about {entry.term} here", f" {entry.rendered(entry.term)} ") == (), entry


def test_the_terms_of_taiwan_are_not_those_of_the_mainland_in_other_glyphs() -> None:
    mainland = {entry.term: entry.rendering for entry in load_glossary("zh-CN").entries}
    taiwan = {entry.term: entry.rendering for entry in load_glossary("zh-TW").entries}
    assert (mainland["object detection"], taiwan["object detection"]) == ("目标检测", "物件偵測")
    assert (mainland["super-resolution"], taiwan["super-resolution"]) == ("超分辨率", "超解析度")
    assert banned(load_glossary("zh-TW"))["video"] == ("視頻",)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("We study crops on farms.", "我们研究农场里的农作物。"),
        ("Transformers of high voltage", "高压变压器"),
        ("A blockchain token", "区块链代币"),
    ],
)
def test_a_word_that_means_the_everyday_thing_may_be_called_so(text: str, result: str) -> None:
    assert load_glossary("zh-CN").banned_in(text, result) == ()
    assert protect(text, Form.CODE, load_glossary("zh-CN")).parts == ()
