"""What people type to find a topic: codes as they write them, plurals, slips, abbreviations, and other words in five languages."""

import pytest

from newsletter.topics.catalogue import load
from newsletter.topics.categories import with_categories
from newsletter.topics.finding import OTHER_NAMES, found

TOPICS = with_categories(load(), ("arxiv",))
TYPED = {
    "codes": {"cscv": "cs.CV", "CS-CV": "cs.CV", "cs.cv, cs.LG": "cs.CV cs.LG", "hepth": "hep-th", "qbio": "q-bio", "quantph": "quant-ph", "SE": "cs.SE"},
    "numbers": {"galaxy": "astro-ph.GA", "robots": "robotics", "LLMs": "llm", "probabilities": "math.PR", "algebraic geometries": "math.AG"},
    "hyphens": {"machine-learning": "cs.LG", "K theory": "math.KT", "C*-algebras": "math.OA"},
    "slips": {"computer visoin": "cs.CV", "algebric geometry": "math.AG", "cosmolgy": "astro-ph.CO", "maschine learning": "cs.LG", "Mathematik": "math"},
    "abbreviations": {"GNN": "graph-learning", "RL": "reinforcement-learning", "ML": "cs.LG", "PDEs": "math.AP", "AI": "cs.AI", "IT": "cs.IT", "QFT": "hep-th"},
    "other words": {"black holes": "gr-qc", "string theory": "hep-th", "compilers": "cs.PL", "climate": "physics.ao-ph", "natural language processing": "cs.CL"},
    "Chinese": {"黑洞": "gr-qc", "深度学习": "cs.LG", "粒子物理": "hep-ph", "計算機圖學": "", "量子计算机": "quantum-computing", "自然語言處理": "nlp"},
    "Japanese": {"画像認識": "cs.CV", "コンピューター ビジョン": "cs.CV", "ﾛﾎﾞｯﾄ": "cs.RO", "素粒子": "hep-ph", "量子コンピュータ": "quant-ph"},
    "Arabic": {"الحوسبة الكمومية": "quantum-computing", "تعلم آلي": "cs.LG", "فيزياء الجسيمات": "hep-ph", "الذكاء الاصطناعي": "cs.AI"},
    "no field": {"protein folding": "", "kite strings": "", "cs.XX": "", "physique": "", "x" * 5000: ""},
}  # fmt: skip


@pytest.mark.parametrize("kind", TYPED)
def test_what_people_type_finds_what_they_mean(kind: str) -> None:
    for typed, wanted in TYPED[kind].items():
        slugs = [topic.slug for topic in found(typed, TOPICS)]
        assert set(wanted.split()) <= set(slugs) if wanted else slugs == [], (typed, slugs)


def test_what_is_named_comes_first() -> None:
    for typed, first in (
        ("SE", "cs.SE"),
        ("astroph", "astro-ph"),
        ("optics", "optics"),
        ("crypto", "cryptography"),
        ("ML", "cs.LG"),
    ):
        assert found(typed, TOPICS)[0].slug == first
    assert [topic.slug for topic in found("astro-ph.CO", TOPICS)] == ["astro-ph.CO"]


def test_other_names_are_of_topics_that_there_are_each_once() -> None:
    slugs = [line.partition("\t")[0] for line in OTHER_NAMES.read_text("utf-8").splitlines()]
    assert len(slugs) == len(set(slugs))
    assert set(slugs) <= TOPICS.keys()
