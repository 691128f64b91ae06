"""Texts made to be slow or to confuse: protection and gate come to an end on each of them, and give every text back.

No time is asserted beyond the time-out of a test; what took minutes once is here so that it does not come back.
"""

from __future__ import annotations

import pytest

from newsletter.languages import language_of
from newsletter.translation.gate.verdict import faults
from newsletter.translation.glossary import load_glossary
from newsletter.translation.protection import Form, protect, restore

LENGTH = 10_000
GLOSSARY = load_glossary("zh-CN")
CHINESE = language_of("zh-CN")
PIECES = [
    *(
        "$",
        "$x",
        "$ a",
        "$a=\\",
        "{",
        "\\",
        "\\a{",
        "\\a{b}",
        "\\begin{a}",
        "\\(",
        "1",
        "1,",
        "1.",
        ".",
        "A-",
        "a-",
        "a.",
        "A.b",
        "a@",
    ),
    *(
        "a.com/",
        "https://",
        "`a",
        "a_",
        "a_{",
        "ZQ1",
        "{{1",
        "<x1",
        "<",
        "</a ",
        "word ",
        "LLM ",
        "NeRF-VO ",
        "Ab. ",
        "的",
        "ab",
        " ",
        "a",
    ),
    *("10.1234/", "et al ", "<p ", "I'm sorry "),
]
TEXTS = {piece: (piece * LENGTH)[:LENGTH] for piece in PIECES} | {
    "brackets after a link": "https://a.b/" + ")" * LENGTH,
    "many numbers": " ".join(f"{number}.5" for number in range(1400)),
    "many formulas": " ".join(f"$x_{{{number}}}$" for number in range(1200)),
    "many sentences": " ".join(f"A bound $x_{{{number}}}$ holds." for number in range(400)),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_text_comes_back_and_is_judged(name: str) -> None:
    text = TEXTS[name]
    guarded = protect(text, Form.CODE, GLOSSARY)
    back = restore(guarded.text, guarded)
    assert guarded.rendered or back == text
    assert faults(text, text, CHINESE, GLOSSARY)
    assert faults("We study short texts about many things.", text, CHINESE, GLOSSARY)
    faults(text, "我们证明。" * (LENGTH // 5), CHINESE, GLOSSARY)
