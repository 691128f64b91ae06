"""Fragments that follow their papers, templates compiled once per version, and colours that can be read."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from newsletter.errors import SettingsError
from newsletter.mail.rendering.mjml import FRAME, framed
from newsletter.mail.rendering.renderer import Renderer, Site
from newsletter.values.digests import Digest
from newsletter.values.mail import OF_PAPERS, MailKind
from tests.mail.html_checks import check
from tests.mail.samples import LINKS, TEMPLATES, digest, entries, entry, paper

# The mails of papers share the templates of the digest.
KINDS = [kind for kind in MailKind if kind not in OF_PAPERS or kind is MailKind.DIGEST]


def test_a_card_follows_every_change_of_its_entry(renderer: Renderer) -> None:
    first = renderer.digest(digest([entry("en")], language="en"), LINKS, topics=()).html
    later = renderer.digest(digest([entry("en", abstract="Another text.")], language="en"), LINKS, topics=()).html
    linked = renderer.digest(digest([entry("en", of=paper(links=()))], language="en"), LINKS, topics=()).html
    assert "Another text." in later
    assert "Another text." not in first + linked
    assert "github.com" not in linked


def test_the_same_digest_is_rendered_the_same_twice(renderer: Renderer) -> None:
    one = renderer.digest(digest(entries(3)), LINKS, topics=("a",))
    assert renderer.digest(digest(entries(3)), LINKS, topics=("a",)) == one


def test_a_template_is_compiled_once_per_direction_and_version(tmp_path: Path) -> None:
    site = Site("Paper Morning", "https://papers.example.org")
    for code in ("en", "zh-CN", "ar", "he"):
        Renderer(templates=TEMPLATES, cache=tmp_path, site=site).digest(digest([entry(code)], language=code), LINKS, topics=())
    assert sorted(path.name[:10] for path in tmp_path.iterdir()) == ["digest-ltr", "digest-rtl"]
    kept = next(tmp_path.glob("digest-ltr-*"))
    kept.write_text(kept.read_text(encoding="utf-8").replace("</body>", "<p>from the cache</p></body>"), encoding="utf-8")
    again = Renderer(templates=TEMPLATES, cache=tmp_path, site=site).digest(
        digest([entry("en")], language="en"), LINKS, topics=()
    )
    assert "from the cache" in again.html


def test_a_changed_template_is_compiled_anew(tmp_path: Path) -> None:
    folder = tmp_path / "email" / "confirm"
    folder.mkdir(parents=True)
    for name in ("subject.txt", "body.mjml", "body.txt"):
        (folder / name).write_text((TEMPLATES / "confirm" / name).read_text(encoding="utf-8"), encoding="utf-8")
    frame = tmp_path / "email" / FRAME
    frame.write_text((TEMPLATES / FRAME).read_text(encoding="utf-8"), encoding="utf-8")
    site = Site("Paper Morning", "https://papers.example.org")
    facts = {"confirm_url": "https://papers.example.org/c"}
    Renderer(templates=tmp_path / "email", cache=tmp_path / "cache", site=site).notice(MailKind.CONFIRM, "en", facts)
    frame.write_text(frame.read_text(encoding="utf-8").replace("{{ site.name }}", "Renamed {{ site.name }}"), encoding="utf-8")
    mail = Renderer(templates=tmp_path / "email", cache=tmp_path / "cache", site=site).notice(MailKind.CONFIRM, "en", facts)
    assert "Renamed Paper Morning" in mail.html


def test_a_cache_folder_that_cannot_be_made_stops_no_mail(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    renderer = Renderer(templates=TEMPLATES, cache=tmp_path / "file" / "cache", site=Site("P", "https://papers.example.org"))
    check(renderer.notice(MailKind.CONFIRM, "en", {"confirm_url": "https://papers.example.org/c"}).html)


def test_a_missing_template_names_the_file(tmp_path: Path) -> None:
    renderer = Renderer(templates=tmp_path, cache=tmp_path, site=Site("P", "https://papers.example.org"))
    with pytest.raises(SettingsError, match=re.escape(str(Path("confirm", "body.mjml")))):
        renderer.notice(MailKind.CONFIRM, "en", {"confirm_url": "https://papers.example.org/c"})


def test_dates_follow_the_locale(renderer: Renderer) -> None:
    made = Digest(date=dt.date(2026, 2, 3), language="ar", groups=(), welcome=True)
    assert "الثلاثاء، 3 فبراير 2026" in renderer.digest(made, LINKS, topics=()).html


def luminance(colour: str) -> float:
    """Relative luminance, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    shares = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("kind", KINDS)
def test_every_colour_of_words_can_be_read_on_its_ground(kind: MailKind) -> None:
    source = framed(TEMPLATES / kind.value / "body.mjml")
    dark = source[source.index("@media (prefers-color-scheme: dark)") : source.index("</mj-style>")]
    light = source.replace(dark, "")
    words = set(re.findall(r"""(?<![-a-z])color[:=]\s*"?(#[0-9a-f]{6})""", light)) - {"#ffffff"}
    assert words
    assert all(contrast(colour, ground) >= 4.5 for colour in words for ground in ("#fbfaf7", "#e9f1f1"))
    assert contrast("#ffffff", "#0e5a62") >= 4.5  # the button
    words = set(re.findall(r"(?<![-a-z])color: (#[0-9a-f]{6})", dark)) - {"#0b2225"}
    assert len(words) >= 3
    assert all(contrast(colour, ground) >= 4.5 for colour in words for ground in ("#14181a", "#1d2f32"))
    assert contrast("#0b2225", "#86cfd6") >= 4.5  # the button


# What a mail says in its sheet of styles, and the token of the pages that it is.
LOOK = {
    ("body, .page", "background-color"): "paper",
    ("a", "color"): "accent",
    (".page a", "color"): "accent",
    (".page h3 a", "color"): "ink",
    (".page h1 a, .page h3 a", "color"): "ink",
    (".page div, .page p, .page h1, .page td", "color"): "ink",
    (".page div, .page p, .page h1, .page h2, .page h3, .page li, .page td", "color"): "ink",
    (".page .m", "color"): "soft",
    (".page p.m", "color"): "soft",
    (".page td.c", "border-top"): "line",
    (".page td.f", "border-top"): "line",
    (".page td.f", "border-color"): "line",
    (".page .r, .page td.c", "border-color"): "line",
    (".page .n", "background-color"): "tint",
    (".page .b td, .page .b a", "background-color"): "accent",
    (".page .b td, .page .b a", "color"): "on-accent",
}


def tokens(sheet: str) -> tuple[dict[str, str], dict[str, str]]:
    """What the pages call their colours and fonts, in the light scheme and in the dark one."""
    light, dark = (
        dict(re.findall(r"--([\w-]+): ([^;]+);", block)) for block in re.findall(r":root \{(.*?)\}", sheet, re.DOTALL)[:2]
    )
    return light, {**light, **dark}


@pytest.mark.parametrize("kind", KINDS)
def test_mails_and_pages_have_one_look(kind: MailKind, renderer: Renderer) -> None:
    sheet = (TEMPLATES.parents[1] / "newsletter" / "web" / "static" / "app.css").read_text(encoding="utf-8")
    source = framed(TEMPLATES / kind.value / "body.mjml")
    styles = source[source.index("<mj-style>") + len("<mj-style>") : source.index("</mj-style>")]
    for scheme, given in zip(styles.split("@media (prefers-color-scheme: dark)"), tokens(sheet), strict=True):
        rules = re.findall(r"([^{}]+?)\s*\{([^{}]*)\}", scheme.lstrip(" {"))
        said = {(one.strip(), name): value for one, body in rules for name, value in re.findall(r"([\w-]+): ([^;]+);", body)}
        coloured = {place: re.findall(r"#[0-9a-f]{6}", value) for place, value in said.items() if "#" in value}
        assert coloured == {place: [given[LOOK[place]]] for place in coloured}
        assert len(coloured) >= 4
    light, _ = tokens(sheet)
    assert f'color="{light["ink"]}"' in source
    assert f'background-color="{light["paper"]}"' in source
    if "<mj-button" in source:
        assert f'background-color="{light["accent"]}" color="{light["on-accent"]}"' in source
        assert f'border-radius="{round(16 * float(light["radius"].removesuffix("rem")))}px"' in source
    serif = light["serif"].replace('"', "'")
    assert f"font-family: {serif}" in renderer.notice(MailKind.GOODBYE, "en", {"back_url": "https://papers.example.org/b"}).html
    assert (
        f"h1, h2, :where(.papers) :is(h2, h3), .name {{ font-family: var(--heads); font-weight: {heading_weight(source)}; }}"
        in sheet
    )
    assert "--heads: var(--serif);" in sheet


def heading_weight(source: str) -> str:
    found = re.search(r"\.page h1.*?font-weight: (\d+)", source)
    assert found
    return found[1]
