"""Names and references that a text does not hold: none is published, and what a language calls otherwise is none."""

from __future__ import annotations

import pytest

from newsletter.languages import language_of
from newsletter.translation.glossary import load_glossary
from newsletter.translation.judging import judged

ECHOES = "We draw maps of 3 quiet rooms from echoes."
# A translation of it with room for what an engine adds.
SAID = {
    "it": "Disegniamo mappe di 3 stanze silenziose dagli echi{}.",
    "fr": "Nous dessinons des cartes de 3 pièces calmes à partir d'échos{}.",
    "es": "Dibujamos mapas de 3 habitaciones silenciosas a partir de ecos{}.",
    "pt": "Desenhamos mapas de 3 salas silenciosas a partir de ecos{}.",
    "nl": "Wij tekenen kaarten van 3 stille kamers uit echo's{}.",
    "pl": "Rysujemy mapy 3 cichych pokoi na podstawie ech{}.",
    "tr": "3 sessiz odanın haritalarını yankılardan{} çiziyoruz.",
    "ru": "Мы рисуем карты 3 тихих комнат по эху{}.",
    "cs": "Kreslíme mapy 3 tichých pokojů z ozvěn{}.",
    "de": "Wir zeichnen Karten von 3 stillen Räumen aus Echos{}.",
    "zh-CN": "我们根据回声绘制3个安静房间的地图{}。",
    "zh-TW": "我們根據回聲繪製3個安靜房間的地圖{}。",
    "ja": "反響から3つの静かな部屋の地図を描く{}。",
    "ko": "우리는 메아리로 조용한 방 3개의 지도를 그린다{}.",
    "ar": "نرسم خرائط 3 غرف هادئة من الأصداء{}.",
}
NAMES = {
    "it": [" di Google", " di Pekka", " dell'Università di Stanford", " di Zuzanna Krol"],
    "fr": [" de Google", " selon Lefèvre", " en Norvège"],
    "es": [" de Telefónica", " en Japón"],
    "pt": [" da Microsoft", " segundo Tavares"],
    "nl": [" van Heineken", " uit Nederland"],
    "pl": [" firmy Google", " w Niemczech"],
    "tr": [" Google'dan", " Bursa'da"],
    "ru": [" от Гугла", " по методу Пекки"],
    "cs": [" z Německa"],
    "de": [" von Google", " aus Stanford", " in Frankreich", " nach Einstein"],
    "zh-CN": ["（谷歌）", "（斯坦福大学）", "（德国）"],
    "zh-TW": ["（史丹佛大學）", "（輝達）"],
    "ja": ["（グーグル）", "（ドイツ）"],
    "ko": [" (구글)", " (독일)"],
    "ar": [" من جوجل", " في ألمانيا"],
}
REFERENCES = {
    "it": [" (vedi Figura 3)", " come mostrato nella Sezione 3", " [3]", " (Rossi et al.)", " (vedi sotto)"],
    "fr": [" (voir la section 3)", " (équation 3)"],
    "es": [" (véase la tabla 3)", " (Apéndice A)"],
    "pt": [" (ver Tabela 3)"],
    "nl": [" (zie Figuur 3)"],
    "pl": [" (zob. rys. 3)"],
    "tr": [" (bkz. Şekil 3)"],
    "ru": [" (см. рис. 3)", " (раздел 3)"],
    "cs": [" (viz obr. 3)"],
    "de": [" (siehe Abbildung 3)", " wie in Abschnitt 3 gezeigt", " (Table 3)"],
    "zh-CN": ["（见图3）", "，如表3所示", "（见第3节）"],
    "zh-TW": ["（見圖3）"],
    "ja": ["（図3参照）", "（表3）"],
    "ko": [" (그림 3 참조)"],
    "ar": [" (انظر الشكل 3)"],
}
ADDED = [(code, form) for forms in (NAMES, REFERENCES) for code, kinds in forms.items() for form in kinds]


@pytest.mark.parametrize(("code", "added"), ADDED)
def test_what_the_text_does_not_name_or_refer_to_is_not_published(code: str, added: str) -> None:
    assert judged(ECHOES, SAID[code].format(""), language_of(code)).passed
    found = judged(ECHOES, SAID[code].format(added), language_of(code))
    assert {"names", "added"} & set(found.reasons)


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("it", "Google disegna mappe di 3 stanze silenziose dagli echi."),
        ("de", "Microsoft zeichnet Karten von 3 stillen Räumen aus Echos."),
        ("fr", "Dupont dessine des cartes de 3 pièces calmes à partir d'échos."),
        ("ru", "Гугл рисует карты 3 тихих комнат по эху."),
        ("zh-CN", "谷歌根据回声绘制3个安静房间的地图。"),
    ],
)
def test_a_name_that_everybody_knows_tells_at_the_beginning_too(code: str, answer: str) -> None:
    assert "names" in judged(ECHOES, answer, language_of(code)).reasons


@pytest.mark.parametrize(
    ("code", "source", "answer"),
    [
        ("fr", "Gaussian processes for German rivers", "Processus de Gauss pour les rivières d'Allemagne"),
        ("fr", "Satellites watch the earth from space", "Des satellites observent la Terre depuis l'espace"),
        ("es", "Elections in the US and the UK", "Elecciones en Estados Unidos y el Reino Unido"),
        ("de", "Elections in the US and the EU", "Wahlen in den Vereinigten Staaten und der Europäischen Union"),
        ("de", "Shannon entropy of Markov sources with Bayesian priors", "Shannon-Entropie von Markow-Quellen mit Bayes-Priors"),
        ("de", "Apple harvest in Amazon forests", "Apfelernte in den Wäldern des Amazonas"),
        ("ru", "Hilbert spaces and the Schrödinger equation", "Гильбертовы пространства и уравнение Шрёдингера"),
        ("pl", "Rivers of Germany and the internet of things", "Rzeki Niemiec i Internet rzeczy"),
        ("id", "You can mend your own map of English rivers", "Anda dapat memperbaiki peta sungai Inggris Anda sendiri"),
        ("he", "Because rivers of Israel move", "כיוון שנהרות ישראל זזים"),
        ("zh-CN", "Newton methods for US markets", "用于美国市场的牛顿法"),
        ("ja", "American and French rivers", "アメリカとフランスの川"),
        ("de", "Figure 3 shows the loss of each model.", "Abbildung 3 zeigt den Verlust jedes Modells."),
        ("ja", "We publish 3 tables and draw 2 figures.", "3つの表を公開し、図を2枚描く。"),
    ],
)
def test_what_a_language_calls_otherwise_is_not_invented(code: str, source: str, answer: str) -> None:
    assert judged(source, answer, language_of(code), load_glossary(code)).reasons == ()
