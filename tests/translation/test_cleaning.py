"""Signs that an engine puts around or into a translation are taken off, whatever their form; what the source has too stays."""

from __future__ import annotations

import json
import re
from itertools import cycle

import pytest

from newsletter.languages import language_of
from newsletter.translation.cleaning.answer import cleaned
from newsletter.translation.judging import Judged, judged
from tests.translation.pairs import good_pairs

SOURCE = "Learning to draw maps of quiet rooms from echoes"
GOOD = {
    "hi": "गूँज से शांत कमरों के नक्शे बनाना सीखना",
    "fa": "یادگیری ترسیم نقشهٔ اتاق‌های آرام از روی پژواک",
    "he": "למידה של שרטוט מפות של חדרים שקטים מתוך הדים",
    "uk": "Навчання малювати карти тихих кімнат за відлунням",
    "de": "Wie man aus Echos Karten stiller Räume zeichnet",
    "zh-CN": "学习从回声中绘制安静房间的地图",
    "ja": "反響から静かな部屋の地図を描くことを学ぶ",
    "ko": "메아리로 조용한 방의 지도를 그리는 법 배우기",
    "tr": "Yankılardan sessiz odaların haritalarını çizmeyi öğrenmek",
    "vi": "Học cách vẽ bản đồ những căn phòng yên tĩnh từ tiếng vọng",
}
# {} is the text; {a} its beginning, {w} the word after it, {b} the rest.
FORMS = """
~~{}~~┃{a} ~~{w}~~ {b}┃{a} ~{w}~ {b}┃1) {}┃1. {}┃(1) {}┃1、{}┃① {}┃a) {}┃i. {}┃１．{}┃1）{}┃[1] {}┃一、{}
【{}】┃〖{}〗┃〔{}〕┃｢{}｣┃［{}］┃<{}>┃<<{}>>┃''{}''┃``{}''┃\"""{}\"""┃"“{}”"┃´{}´┃{{{}}}┃"{}┃{}"┃"{}".┃**"{}"**┃"**{}**"
{a}&nbsp;{w} {b}┃{a}&#160;{w} {b}┃{a}&#xA0;{w} {b}┃&quot;{}&quot;┃&amp;quot;{}&amp;quot;┃&laquo;{}&raquo;┃{a}&shy; {w} {b}┃{}&lrm;┃{a}&nbsp {w} {b}
&lt;b&gt;{}&lt;/b&gt;┃&#039;{}&#039;┃{a}&#x200b; {w} {b}┃{a}&ZeroWidthSpace; {w} {b}
{a}\u00ad {w} {b}┃\u061c{}┃\u202a{}\u202c┃\u2068{}\u2069┃\u202e{}\u202c┃{a}\u180e {w} {b}┃{a}\u034f {w} {b}┃{a}\ufe0f {w} {b}┃{}\U000e0020┃{}\x00
\x1b[1m{}\x1b[0m┃{a}\u2028{w} {b}┃{a}\u00a0{w} {b}┃{a}\u3164 {w} {b}┃{}\ufffe┃\ufff9{}┃{}\u200d
<a href="#">{}</a>┃{}<!-- translated -->┃<![CDATA[{}]]>┃{}<|im_end|>┃<s>{}</s>┃{}<eos>┃[/INST] {}┃<title>{}</title>┃<html><body><p>{}</p></body></html>
<table><tr><td>{}</td></tr></table>┃{a} <ins>{w}</ins> {b}┃{a} <bdi>{w}</bdi> {b}┃<?xml version="1.0"?><r>{}</r>┃[b]{}[/b]┃{a} [i]{w}[/i] {b}
{a} [{w}](#) {b}┃[{}](https://example.org/)┃## {} ##┃| {} |┃>> {}┃- [ ] {}┃- [x] {}┃+ {}┃***{}***┃___{}___┃__{}__┃_{}_┃=={}==┃{a} =={w}== {b}┃{}[^1]
\\*\\*{}\\*\\*┃＊＊{}＊＊┃＃ {}┃→ {}┃➤ {}┃※ {}┃★ {}┃✓ {}┃◆ {}┃⁃ {}┃✅ {}┃📝 {}┃{} 🎯┃🇩🇪 {}┃{};┃{},┃translation: |\n  {}┃translation = "{}"
\\emph{{{}}}┃\\title{{{}}}┃\\section*{{{}}}┃{a} \\textbf{{{w}}} {b}┃{} \\\\┃{}\\n┃\\"{}\\"┃{{'translation': '{}'}}┃['{}']
"""


@pytest.mark.parametrize(("form", "code"), list(zip(re.split("┃|\n(?! )", FORMS.strip("\n")), cycle(GOOD), strict=False)))
def test_signs_that_the_source_lacks_are_taken_off(form: str, code: str) -> None:
    for language in (code, "de", "zh-CN"):
        good = GOOD[language]
        a, w, b = good.split(" ", 2) if good.count(" ") > 1 else (good[:2], good[2], good[3:])
        joined = form.replace(" {w}", "{w}").replace("{w} ", "{w}") if language in ("zh-CN", "ja") else form
        answer = joined.format(good, a=a, w=w, b=b)
        found = judged(SOURCE, answer, language_of(language))
        assert (found.reasons, found.text.replace(" ", "")) == ((), good.replace(" ", "")), answer


@pytest.mark.parametrize("code", list(GOOD))
def test_a_string_of_json_is_read(code: str) -> None:
    assert judged(SOURCE, json.dumps(GOOD[code]), language_of(code)) == Judged(GOOD[code])


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("Third-generation sequencing of quiet lakes", "3. Generation der Sequenzierung stiller Seen"),
        ("(Un)certain maps of rooms", "(Un)sichere Karten von Räumen"),
        ("AT&T and R&D in Q&A rooms", "AT&T und F&E in Q&A-Räumen"),
        ("What is \"quiet\" in a room?", "Was ist in einem Raum „still“?"),
        ("A room [extended abstract]", "Ein Raum [erweiterte Zusammenfassung]"),
        ("Rooms with p < q and q > r", "Räume mit p < q und q > r"),
        ("A \\emph{quiet} room", "Ein \\emph{stiller} Raum"),
        ("→ Arrows in rooms", "→ Pfeile in Räumen"),
        ("Use `room` and x_1 of x_2", "Nutze `room` und x_1 von x_2"),
    ],
)  # fmt: skip
def test_what_the_source_has_too_stays(source: str, result: str) -> None:
    assert cleaned(source, result, language_of("de")) == result


def test_good_translations_stay_as_they_are() -> None:
    assert [pair for pair in good_pairs() if cleaned(pair.source, pair.result, language_of(pair.language)) != pair.result] == []


@pytest.mark.parametrize("end", ["…", "..."])
def test_an_answer_that_trails_off_is_cut(end: str) -> None:
    assert "cut" in judged(SOURCE, GOOD["de"] + end, language_of("de")).reasons
    assert "cut" not in judged(SOURCE + end, GOOD["de"] + end, language_of("de")).reasons


# A text that begins with a part begins with the braces of its placeholder, which open nothing.
@pytest.mark.parametrize("part", ["{{0}}", "<x0/>", "ZQ0Q"])
def test_quotation_marks_around_a_text_that_begins_with_a_part_are_taken_off(part: str) -> None:
    source, result = f"{part} learns maps of quiet rooms", f"{part} lernt Karten stiller Räume"
    assert cleaned(source, f"„{result}“", language_of("de")) == result
