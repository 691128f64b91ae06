"""The catalogue that ships is whole, and a broken one is refused with a line that names file, entry and mend."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from newsletter.errors import SettingsError
from newsletter.topics.catalogue import Catalogue, is_heading, load, parse
from tests.topics.making import TREE, written

FIXED = [
    "nerf",
    "3dgs",
    "3d",
    "mllm",
    "diffusion",
    "llm",
    "agents",
    "rag",
    "6dof-pose",
    "detection-segmentation",
    "compression",
    "ocr",
    "slam",
    "medical",
    "robotics",
    "video",
]
EXPECTED = [
    "transformers",
    "learning-paradigms",
    "surveys",
    "benchmarks",
    "reinforcement-learning",
    "speech",
    "privacy",
    "safety",
    "quantum-computing",
]
# https://info.arxiv.org/help/api/tou.html: one request in three seconds, so that each category costs three seconds a day.
MOST_CATEGORIES = 30


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load()


def test_the_catalogue_has_at_least_44_topics_that_can_be_chosen(catalogue: Catalogue) -> None:
    assert len(catalogue.choices) >= 44


@pytest.mark.parametrize("slug", FIXED + EXPECTED)
def test_the_catalogue_has_the_slugs_that_others_rely_on_and_they_can_be_chosen(catalogue: Catalogue, slug: str) -> None:
    assert catalogue.by_slug[slug] in catalogue.choices


def test_every_topic_has_a_name_in_four_languages_and_zh_tw_is_not_zh_cn_throughout(catalogue: Catalogue) -> None:
    for topic in catalogue.topics:
        assert all(topic.names[code].strip() for code in ("en", "zh-CN", "zh-TW", "ja", "ar")), topic.slug
    differing = [topic for topic in catalogue.topics if topic.names["zh-CN"] != topic.names["zh-TW"]]
    assert len(differing) > len(catalogue.topics) // 2


def test_every_topic_says_what_it_means_in_five_languages_and_each_in_its_own_words(catalogue: Catalogue) -> None:
    scripts = {
        "en": r"[A-Z].*\.",
        "zh-CN": r".*[\u4e00-\u9fff].*。",
        "zh-TW": r".*[\u4e00-\u9fff].*。",
        "ja": r".*[ぁ-ヿ].*。",
        "ar": r"[ء-ي].*\.",
    }
    for topic in catalogue.topics:
        assert set(topic.means) == set(scripts), topic.slug
        assert len(set(topic.means.values())) == len(scripts), topic.slug
        for code, pattern in scripts.items():
            assert re.fullmatch(pattern, topic.meaning(code)), (topic.slug, code)
    for code in scripts:
        assert len({topic.meaning(code) for topic in catalogue.topics}) == len(catalogue.topics), code


def test_a_meaning_that_is_mere_text_is_english_and_said_in_every_language(tmp_path: Path) -> None:
    topic = load(written(tmp_path, TREE)).by_slug["kites"]
    assert topic.means == {"en": "Seeing kites."}
    assert [topic.meaning(code) for code in ("en", "ja", "ar")] == ["Seeing kites."] * 3


def test_a_meaning_by_language_is_said_in_these_and_in_english_elsewhere(tmp_path: Path) -> None:
    text = TREE.replace(
        "means: Seeing kites.", "means:\n    en: >\n      Seeing\n      kites.\n    ja: 凧を見る。\n    de: Drachen sehen."
    )
    topic = load(written(tmp_path, text)).by_slug["kites"]
    assert topic.means == {"en": "Seeing kites.", "ja": "凧を見る。", "de": "Drachen sehen."}
    assert [topic.meaning(code) for code in ("en", "ja", "de", "zh-CN")] == [
        "Seeing kites.",
        "凧を見る。",
        "Drachen sehen.",
        "Seeing kites.",
    ]


def test_a_topic_of_ones_own_needs_a_name_and_phrases_and_no_more(tmp_path: Path) -> None:
    topic = load(written(tmp_path, TREE + "- slug: bows\n  names: Bows\n  strong: [bow]\n")).by_slug["bows"]
    assert ([topic.name(code) for code in ("en", "ja")], topic.meaning("ja")) == (["Bows", "Bows"], "")
    assert topic.categories == ("cs.CV", "quant-ph"), "those of all others"


def test_no_two_topics_share_a_name(catalogue: Catalogue) -> None:
    for code in ("en", "zh-CN", "zh-TW", "ja", "ar"):
        names = [topic.names[code] for topic in catalogue.topics]
        assert len(set(names)) == len(names), code


def test_the_tree_has_two_levels_and_holds_every_topic_once(catalogue: Catalogue) -> None:
    walked = [topic for upper, lower in catalogue.tree() for topic in (upper, *lower)]
    assert walked == list(catalogue.topics)
    assert 8 <= len(catalogue.tree()) <= 9


def test_headings_cannot_be_chosen_and_have_topics_under_them(catalogue: Catalogue) -> None:
    for upper, lower in catalogue.tree():
        assert not is_heading(upper) or (lower and upper not in catalogue.choices), upper.slug


def test_the_categories_to_fetch_are_few_and_those_of_the_topics(catalogue: Catalogue) -> None:
    assert catalogue.categories == tuple(sorted({one for topic in catalogue.topics for one in topic.categories}))
    assert len(catalogue.categories) <= MOST_CATEGORIES


def test_topics_come_in_tree_order_whatever_their_order_in_the_file(tmp_path: Path) -> None:
    entries = TREE.strip().split("- slug: ")[1:]
    upside_down = "".join(f"- slug: {entry.rstrip()}\n" for entry in reversed(entries))
    assert [topic.slug for topic in load(written(tmp_path, upside_down)).topics] == ["vision", "kites"]


def test_the_version_changes_with_a_phrase_and_not_with_a_comment(tmp_path: Path) -> None:
    before = load(written(tmp_path, TREE)).version
    assert load(written(tmp_path, "# a comment\n" + TREE)).version == before
    assert load(written(tmp_path, TREE.replace("wind", "gust"))).version != before


def test_a_query_in_place_of_phrases_makes_a_topic(tmp_path: Path) -> None:
    text = TREE.replace("strong: [kite detection]\n  weak: [wind]", "query: >\n    kite\n    AND NOT snow")
    topic = load(written(tmp_path, text)).by_slug["kites"]
    assert topic.query == "kite AND NOT snow"
    assert not is_heading(topic)


def test_the_version_changes_with_a_query(tmp_path: Path) -> None:
    before = load(written(tmp_path, TREE + "  query: kite\n")).version
    assert load(written(tmp_path, TREE + "  query: kites\n")).version != before
    assert load(written(tmp_path, TREE + "  unless: kite\n")).version != before


KITES = "entry 2 (kites)"
BROKEN = {
    "no such file": (None, "cannot be read"),
    "not YAML": ("- slug: [", "no valid YAML at line"),
    "tab in YAML": ("- slug: a\n\tnames: {}", "no valid YAML at line 2"),
    "empty": ("", "holds no list of topics"),
    "a mapping": ("slug: kites", "holds no list of topics"),
    "an entry that is text": (TREE + "- kites\n", "entry 3 is 'kites': write a mapping"),
    "no slug": (TREE.replace("slug: kites", "parent: vision", 1).replace("  parent: vision\n", "", 1), "has the slug missing"),
    "a slug in capitals": (TREE.replace("slug: kites", "slug: Kites"), "has the slug 'Kites': give lower-case letters"),
    "a slug that is a number": (TREE.replace("slug: kites", "slug: 3"), "has the slug 3: give lower-case letters"),
    "a slug with a line break": (TREE.replace("slug: kites", 'slug: "kites\\n"'), "has the slug 'kites\\n'"),
    "a slug twice": (TREE + TREE, "entry 3 (vision) has a slug that an earlier entry has"),
    "an unknown key": (TREE.replace("  weak:", "  feeble:"), f"{KITES} has the unknown key 'feeble': use categories, examples"),
    "no names": (TREE.replace("  names: {en: Kites, zh-CN: 风筝, zh-TW: 風箏, ja: 凧}\n", ""), f"{KITES} has no names"),
    "a name missing": (TREE.replace(", zh-TW: 風箏", ""), f"{KITES} has no name in zh-TW: add it"),
    "a name that is empty": (TREE.replace("ja: 凧", "ja: ''"), f"{KITES} has no name in ja: add it"),
    "a name that is a number": (
        TREE.replace("ja: 凧", "ja: 7"),
        f"{KITES}: names: ja holds 7, which is no text: put it in quotes",
    ),
    "a meaning that is empty": (TREE.replace("Seeing kites.", "' '"), f"{KITES} does not say what it means: add one sentence"),
    "a meaning of no language": (TREE.replace("Seeing kites.", "{}"), f"{KITES} does not say what it means: add one sentence"),
    "a meaning that is a number": (
        TREE.replace("Seeing kites.", "7"),
        f"{KITES}: means is 7: write one sentence in quotes, or one",
    ),
    "a meaning that is a list": (TREE.replace("Seeing kites.", "[Kites]"), f"{KITES}: means is ['Kites']: write one sentence"),
    "a meaning in an unknown language": (
        TREE.replace("Seeing kites.", "{en: Seeing kites., zh: 看风筝。}"),
        f"{KITES}: means has 'zh', which is no language of this service: use en, zh-CN, zh-TW, ja,",
    ),
    "a meaning with a comma and no quotes": (
        TREE.replace("Seeing kites.", "{en: Seeing kites, flying them}"),
        f"{KITES}: means has 'flying them', which is no language of this service",
    ),
    "a meaning without English": (
        TREE.replace("Seeing kites.", "{ja: 凧を見る。}"),
        f"{KITES} does not say in English what it means: add 'en:' under 'means:'",
    ),
    "a meaning with an empty English": (
        TREE.replace("Seeing kites.", "{en: ' ', ja: 凧を見る。}"),
        f"{KITES} does not say in English what it means: add 'en:' under 'means:'",
    ),
    "a meaning that is empty in a language": (
        TREE.replace("Seeing kites.", "{en: Seeing kites., ja: ''}"),
        f"{KITES}: means: ja is empty: write one sentence, or take this language out",
    ),
    "a meaning that is missing in a language": (
        TREE.replace("Seeing kites.", "{en: Seeing kites., ja: }"),
        f"{KITES}: means: ja is empty: write one sentence, or take this language out",
    ),
    "a meaning that is no text in a language": (
        TREE.replace("Seeing kites.", "{en: Seeing kites., ja: 7}"),
        f"{KITES}: means: ja holds 7, which is no text: put it in quotes",
    ),
    "an unknown parent": (TREE.replace("parent: vision", "parent: sight"), f"{KITES} has the parent 'sight', which no entry"),
    "three levels": (
        TREE + TREE.split("\n- slug: kites")[1].join(["- slug: small", ""]).replace("parent: vision", "parent: kites"),
        "entry 3 (small) has the parent 'kites', which has a parent itself",
    ),
    "no phrases": (TREE.replace("  strong: [kite detection]\n", ""), f"{KITES} has no phrases: add 'strong:'"),
    "a heading with nothing under it": (TREE.split("- slug: kites")[0], "entry 1 (vision) has no phrases"),
    "a query that is none": (
        TREE.replace("  weak: [wind]", "  query: kite OR (wind"),
        f"{KITES}: query: column 9: this bracket is never closed: put ) where its part ends\n    kite OR (wind\n            ^",
    ),
    "a query that is empty": (TREE.replace("  weak: [wind]", "  query: ''"), f"{KITES}: query: column 1: the query is empty"),
    "a query that is a list": (
        TREE.replace("  weak: [wind]", "  query: [kite]"),
        f"{KITES}: query holds ['kite'], which is no text",
    ),
    "unless all papers": (TREE.replace("  weak: [wind]", "  unless: NOT kite"), f"{KITES}: unless: column 1: this brings all"),
    "unless alone": (
        TREE.replace("  strong: [kite detection]\n  weak: [wind]", "  unless: kite"),
        f"{KITES} has no phrases: add 'strong:'",
    ),
    "a heading with weak phrases": (
        TREE.replace("A heading.", "A heading.\n  weak: [sky]"),
        "only what supports or prevents a match",
    ),
    "no categories anywhere": (TREE.replace("  categories: [cs.CV, quant-ph]\n", ""), f"{KITES} has no categories"),
    "a category in the wrong case": (TREE.replace("cs.CV", "CS.CV"), f"{KITES} has the category 'CS.CV': write it as arXiv does"),
    "a category with a space": (TREE.replace("cs.CV", "cs CV"), f"{KITES} has the category 'cs CV'"),
    "categories as text": (TREE.replace("[cs.CV, quant-ph]", "cs.CV"), f"{KITES}: categories is 'cs.CV': write a list"),
    "a phrase that is a number": (
        TREE.replace("[wind]", "[2026]"),
        f"{KITES}: weak holds 2026, which is no text: put it in quotes",
    ),
    "a phrase of signs only": (TREE.replace("[wind]", "['--']"), f"{KITES}: weak has the phrase '--': give it a letter or digit"),
    "an empty phrase": (TREE.replace("[wind]", "['']"), f"{KITES}: weak has an empty item: take it out"),
    "a phrase twice": (TREE.replace("[wind]", "[wind, wind]"), f"{KITES}: weak lists 'wind' twice: take one out"),
    "a phrase in two lists": (
        TREE.replace("[wind]", "[Kite-Detection]"),
        "weak has 'Kite-Detection' and strong has 'kite detection', which finds the same: keep one",
    ),
    "a phrase and its plural": (
        TREE.replace("[wind]", "[wind, winds]"),
        "weak has 'winds' and weak has 'wind', which finds the same",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_catalogue_is_refused_with_a_line_that_names_the_fault(tmp_path: Path, case: str) -> None:
    text, message = BROKEN[case]
    path = tmp_path / "none.yaml" if text is None else written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load(path)
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(path))
    said, *pointed = str(caught.value).split("\n")
    assert not pointed or (said.count("column") == 1 and pointed[-1].strip() == "^")


def test_a_catalogue_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "topics.yaml"
    path.write_bytes(TREE.encode("utf-16"))
    with pytest.raises(SettingsError, match="is not UTF-8 at byte 0"):
        load(path)


def test_a_folder_in_place_of_a_catalogue_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load(tmp_path)


def again_and_again(merged: str = "") -> str:
    """Ten anchors, each saying the one before ten times: 10^10 of what the first says."""
    lines = "".join(f"  k{n}: &a{n} {merged % ', '.join([f'*a{n - 1}'] * 10) if n else '{a: 1}'}\n" for n in range(10))
    return f"- slug: x\n{lines}  names: *a9\n"


@pytest.mark.parametrize(
    "text",
    [again_and_again("[%s]"), again_and_again("{<<: [%s]}"), "- &a\n  slug: x\n  names: *a\n"],
    ids=["lists", "merged", "self"],
)
def test_a_short_text_that_makes_much_of_itself_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="write it out"):
        parse(text.encode(), "the catalogue")


def test_what_is_said_twice_by_an_anchor_is_read() -> None:
    entry = "- slug: {0}\n  names: X\n  means: What it is.\n  categories: {1}\n  strong: [a phrase]\n"
    read = parse((entry.format("a", "&c [cs.LG]") + entry.format("b", "*c")).encode(), "the catalogue")
    assert [topic.categories for topic in read.topics] == [("cs.LG",), ("cs.LG",)]


def test_a_number_without_end_is_refused_in_one_line() -> None:
    with pytest.raises(SettingsError, match="entry 1 has a number that is too long"):
        parse(f"- slug: {'1:' * 20_000}1\n".encode(), "the catalogue")
