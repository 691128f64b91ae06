"""Draws every kind of mail and every page into var/pictures/: ``python -m tests.pictures``. For developers' eyes, not a test.

Arguments narrow it: ``pages`` for the pages only, a kind and language (``digest-ar``) or a language for mails; ``readme`` draws the
pictures of the README alone.
Needs Chromium: CHROMIUM names the program, else the one on PATH, else the one that Playwright installed.
"""

from __future__ import annotations

import atexit
import io
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import chain
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from newsletter.languages import language_of
from newsletter.mail.rendering.encoding import Rendered
from newsletter.mail.rendering.renderer import NOTICES, Renderer, Site
from newsletter.values.digests import Announced, Digest, Pick
from newsletter.values.mail import MailKind
from newsletter.values.readers import Explanation, Layout
from tests.mail.samples import LINKS, digest, entry, paper
from tests.walk.browser import chromium

ROOT = Path(__file__).resolve().parent.parent
OUT, FIRST = ROOT / "var" / "pictures", ROOT / "docs" / "pictures"
WIDTHS = (320, 390, 1280)
SCHEMES = ("light", "dark")
LANGUAGES = ("en", "zh-CN", "zh-TW", "ja", "ar", "de", "fa")
NAMES = {
    "en": ("3D Gaussian Splatting", "Large language models", "6DoF object pose"),
    "zh-CN": ("三维高斯泼溅", "大语言模型", "6DoF 物体位姿"),
    "zh-TW": ("三維高斯潑濺", "大型語言模型", "6DoF 物體姿態"),
    "ar": ("التناثر الغاوسي ثلاثي الأبعاد", "النماذج اللغوية الكبيرة", "وضعية الأجسام 6DoF"),
    "ja": ("3D ガウシアンスプラッティング", "大規模言語モデル", "6DoF 物体姿勢"),
}
TLDRS = {
    "en": "One shared codebook of $K = 512$ entries keeps splats below 40 MB at 120 frames a second.",
    "zh-CN": "一个含 $K = 512$ 个条目的共享码本让高斯泼溅小于 40 MB，并以每秒 120 帧渲染。",
    "ar": "دفتر رموز واحد من $K = 512$ مدخلًا يُبقي النقاط دون 40 ميغابايت مع 120 إطارًا في الثانية.",
}
PICKS = (
    Pick(
        "A Survey of Splats, Bundled with Code",
        "https://example.org/survey",
        "https://papers.example.org/collection/7",
        dated="CVPR 2026",
        picked_by="Mira",
        note="Begin with section 3.\nThe table on page 9 compares what 40 methods keep in memory.",
    ),
    Pick("Walking Lights", "https://example.org/lights", "https://papers.example.org/collection/8"),
)
SITE = Site(
    "Paper Morning",
    "https://papers.example.org",
    imprint="Paper Morning, Example Street 1, 12345 Example City, papers@example.org",
    contact="papers@example.org",
)
LONG = "A Deliberately Long Title About Token-Efficient Long-Context Reasoning in Retrieval-Augmented Multi-Agent Systems"


def mails() -> Iterator[tuple[str, Rendered]]:
    """Every kind of mail, in the languages where it differs."""
    return chain.from_iterable(map(mails_in, LANGUAGES))


@cache
def mails_in(language: str) -> tuple[tuple[str, Rendered], ...]:
    """Every kind of mail in one of them; made once a process."""
    return tuple(_mails_in(language))


@cache
def _renderer() -> Renderer:
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    return Renderer(templates=ROOT / "templates" / "email", cache=Path(folder.name), site=SITE)


def _mails_in(language: str) -> Iterator[tuple[str, Rendered]]:
    renderer, names = _renderer(), NAMES.get(language, NAMES["en"])
    yield f"digest-{language}", renderer.digest(_digest(language, names), LINKS, topics=names)
    empty = Digest(date=_digest(language, names).date, language=language, groups=(), welcome=True)
    yield f"welcome-{language}", renderer.digest(empty, LINKS, topics=names)
    for kind in (MailKind.WEEKLY, MailKind.READING):
        of_kind = replace(_digest(language, names), picks=(), more_picks=0, occasion=kind)
        yield f"{kind}-{language}", renderer.digest(of_kind, LINKS, topics=names)
    for layout in (Layout.BRIEF, Layout.WHOLE, Layout.BILINGUAL):
        laid_out = replace(_digest(language, names), layout=layout)
        yield f"{layout}-{language}", renderer.digest(laid_out, LINKS, topics=names)
    for kind, fact in NOTICES.items():
        url = f"https://papers.example.org/{kind}/Zk1vY2hQb0s3d1RlS2F4WmRlUm9qQW9IbEtlUzJnYVk"
        about = {fact: url if fact.endswith("_url") else "n…@example.net", "editor_name": "Mira"}
        yield f"{kind}-{language}", renderer.notice(kind, language, about)
    moving = {
        "confirm_url": "https://papers.example.org/confirm/Zk1vY2hQb0s3d1RlS2F4WmRl",
        "moved_from": "r…@example.org",
    }
    yield f"moving-{language}", renderer.notice(MailKind.CONFIRM, language, moving)


def _digest(language: str, names: tuple[str, ...]) -> Digest:
    english = language == "en"
    first = (
        entry(language, of=paper(id=1), topics=names[:1], tldr=TLDRS.get(language, ""), venue="CVPR 2026", followed=("Li Wei",)),
        entry(
            language,
            of=paper("2611.02222", links=()),
            topics=names[:2],
            reason="abstract: splat",
            announced=Announced.CROSS_LISTED,
        ),
    )
    second = (
        entry(
            language,
            of=paper("2611.03333", title=LONG, version=2, authors=("Mira Olsen",)),
            title=LONG,
            abstract=paper().abstract,
            translated=english,
            engine="",
            topics=names[1:2],
            reason="title: long-context",
            announced=Announced.UPDATED,
        ),
    )
    third = (
        entry(language, of=paper("sample-07", source="sample", links=()), topics=names[2:], engine="" if english else "sample"),
    )
    made = digest(first, second, third, language=language, names=names, more=4)
    counted = tuple(replace(group, found=len(group.entries) + place) for place, group in enumerate(made.groups))
    facts = {"picks": PICKS, "more_picks": 2, "explanations": {1: Explanation("splatting", 3)}, "top": (1,)}
    return replace(made, groups=counted, **facts)


def _draw(browser: Browser, name: str, html: str) -> None:
    for width in WIDTHS:
        for scheme in SCHEMES:
            page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme, device_scale_factor=1)  # type: ignore[arg-type]
            page.set_content(html)
            wide = page.evaluate("document.documentElement.scrollWidth")
            page.screenshot(path=OUT / f"{name}-{width}-{scheme}.png", full_page=True)
            page.close()
            if wide > width:
                sys.stderr.write(f"{name} is {wide} px wide at {width} px\n")


def _draw_for_the_readme(browser: Browser) -> None:
    """What somebody sees first: the page where one signs up, and a mail on a phone, its top beside its first card."""
    from tests.page_pictures import draw_front_page

    draw_front_page(browser, FIRST / "front.png")
    page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme="light", device_scale_factor=1.5)
    page.set_content(_first_mail().html)
    card = page.locator("h2").filter(has_text=NAMES["zh-CN"][0]).last.bounding_box()
    assert card is not None
    whole = Image.open(io.BytesIO(page.screenshot(full_page=True)))
    page.close()
    width, height = whole.width, round(844 * 1.5)
    both = Image.new("RGB", (2 * width + 60, height), "white")
    for left, top in ((0, 0), (width + 60, round((card["y"] - 12) * 1.5))):
        both.paste(whole.crop((0, top, width, top + height)), (left, 0))
    both.quantize(64).save(FIRST / "digest.png", optimize=True)


def _first_mail() -> Rendered:
    """A digest as most readers get it: no sample, nothing of the collection."""
    with tempfile.TemporaryDirectory() as cache:
        renderer = Renderer(templates=ROOT / "templates" / "email", cache=Path(cache), site=SITE)
        usual = _digest("zh-CN", NAMES["zh-CN"])
        usual = replace(usual, picks=(), more_picks=0, groups=usual.groups[:2])
        return renderer.digest(usual, LINKS, topics=NAMES["zh-CN"])


def main(wanted: tuple[str, ...]) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    program = os.environ.get("CHROMIUM") or chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        if wanted == ("readme",):
            _draw_for_the_readme(browser)
        if not wanted or "pages" in wanted:
            from tests.page_pictures import draw_pages

            draw_pages(browser, OUT)
        for name, mail in mails():
            if not wanted or name in wanted or name.partition("-")[2] in wanted:
                assert language_of(name.partition("-")[2])
                _draw(browser, name, mail.html)
                (OUT / f"{name}.html").write_text(mail.html, encoding="utf-8")
                (OUT / f"{name}.txt").write_text(mail.text, encoding="utf-8")
        browser.close()
    sys.stdout.write(f"{len(list(OUT.glob('*.png')))} pictures in {OUT}\n")


if __name__ == "__main__":
    main(tuple(sys.argv[1:]))
