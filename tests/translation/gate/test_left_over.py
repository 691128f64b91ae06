"""Words of English left over: those that a language spells so too, and those that it does not."""

from __future__ import annotations

import pytest

from newsletter.languages import language_of
from newsletter.translation.gate.english import is_english
from newsletter.translation.glossary import load_glossary
from newsletter.translation.judging import judged

SOURCE = "We introduce a synergistic framework for the fusion of noisy scans."


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("fr", "synergistic anatomy workflows delineates predictor simulator substantiate"),
        ("es", "synergistic fusion delineations eavesdropper algorithm hierarchies bandgap"),
        ("pt", "synergistic fusion protocol matrix hierarchies readout eavesdropper"),
        ("it", "synergistic fusion bandgap superradiant eavesdropper digital"),
        ("de", "synergistic delineation bandgap expressivity unreliable"),
        ("nl", "hierarchies delineation visual unreliable"),
        ("tr", "hierarchies network new error synergistic"),
        ("id", "paper image learning hierarchies synergistic"),
        ("vi", "synergistic hierarchies fusion network"),
        ("pl", "quantizers hierarchies maps bandgaps"),
        ("cs", "synergistic vision image hierarchies"),
        ("sv", "synergistic matrix hierarchies maps"),
    ],
)
def test_words_that_a_language_does_not_spell_so_are_english(code: str, words: str) -> None:
    assert [word for word in words.split() if not is_english(word, code)] == []


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("fr", "fusion structure reconstruction taxonomies simplifies benchmarking via orbital"),
        ("es", "multimodal perceptual router vectorial torque ranking"),
        ("pt", "multimodal cluster insights layout resistor via"),
        ("it", "entanglement rendering wireless texture via query"),
        ("de", "extremal implausible multivariate fast via"),
        ("nl", "setup mapping quantum"),
        ("tr", "hibrit global video"),
        ("sv", "station trigger"),
    ],
)
def test_words_that_a_language_has_too_or_keeps_are_none(code: str, words: str) -> None:
    assert [word for word in words.split() if is_english(word, code)] == []


@pytest.mark.parametrize(("word", "passes"), [("via", False), ("bit", True)])
def test_a_short_word_behind_a_name_is_a_unit_or_left_over(word: str, passes: bool) -> None:
    source = f"Quiet rooms with RAG {word} search"
    assert ("english" not in judged(source, f"具有 RAG {word} 搜索的安静房间", language_of("zh-CN")).reasons) is passes


@pytest.mark.parametrize(
    ("code", "result", "passes"),
    [
        ("es", "Se introduce un marco sinérgico para la fusión de exploraciones ruidosas.", True),
        ("es", "Nosotros introduce un marco sinérgico para la fusión de exploraciones ruidosas.", False),
        ("it", "Questo lavoro introduce un quadro sinergico per la fusione di scansioni rumorose.", True),
        ("it", "Noi introduce un quadro sinergico per la fusione di scansioni rumorose.", False),
        ("de", "Wir stellen ein synergetisches Framework für die Fusion verrauschter Scans vor.", True),
        ("de", "Wir stellen ein synergetisches framework für die Fusion verrauschter Scans vor.", False),
        ("fr", "Nous présentons un cadre synergique pour la fusion de scans bruités.", True),
        ("fr", "Nous présentons un cadre synergistic pour la fusion de scans bruités.", False),
        # English and French spell "fusion" alike: small words of French tell that it is French.
        ("fr", "Nous présentons un cadre synergique, fondé sur des scans médicaux bruités fusion.", True),
        ("fr", "Nous présentons ici un nouveau cadre synergique simple puissant fusion scans bruités médicaux anciens.", False),
        ("fr", "Fusion synergique de scans bruités, nouveau cadre.", True),
    ],
)
def test_a_word_is_left_over_by_where_it_stands_and_how_it_is_written(code: str, result: str, passes: bool) -> None:
    reasons = judged(SOURCE, result, language_of(code), load_glossary(code)).reasons
    assert ("english" not in reasons) is passes
    assert (reasons == ()) is passes
