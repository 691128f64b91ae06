"""An operator's branding and logo: what is taken, and what is refused in one line that names the thing and the mend."""

from __future__ import annotations

import base64
import struct
from pathlib import Path

import pytest

from newsletter.bootstrap import TEMPLATES
from newsletter.cli.branding import EXAMPLE
from newsletter.errors import InputError, SettingsError
from newsletter.mail.rendering.own_templates import checker
from newsletter.operating.branding import parse_branding, parse_logo

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
JPEG = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x00\x20\x00\x40\x03" + b"\0" * 9 + b"\xff\xd9"


def test_the_example_is_a_branding_and_nothing_given_is_what_ships() -> None:
    found = parse_branding(EXAMPLE.encode(), "own.yaml")
    assert (found.footer_in("zh-CN"), found.sender_in("zh-CN"), found.sender_in("en")) == ("示例学会提供的服务。", "论文早报", "")
    assert found.texts_in("en") == {"Sign up": "Join"}
    assert not parse_branding(b"", "own.yaml").has_colours
    assert parse_branding(b"footer: for all", "own.yaml").footer_in("ja") == "for all"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("accent: '#ffff00'", "contrast of 1.0"),
        ("accent: '#777777'", "contrast of 4."),
        ("accent: blue", "blue"),
        ("accent: 123456", "123456"),
        ("accent_dark: '#101010'", "dark paper"),
        ("colour: '#000000'", "colour is no field"),
        ("footer: {xx: words}", "xx is no language"),
        ("footer: {en: [1]}", "footer"),
        ("footer: {en: 'a <b>'}", "signs"),
        ("footer: " + "x" * 301, "300"),
        ("from: {en: papers@example.org}", "without a name"),
        ("from: {en: 'Papers <nobody>'}", "no address"),
        ("texts: {en: {'Hello %(name)s': 'Hello'}}", "%(name)s"),
        ("texts: {en: {'Sign up': 'Join 100 %'}}", "per cent"),
        ("texts: {en: words}", "texts"),
        ("- a list", "no fields"),
        ("accent: [", "no YAML"),
    ],
)
def test_what_nobody_could_read_is_refused(text: str, named: str) -> None:
    with pytest.raises(SettingsError, match=r"own\.yaml") as caught:
        parse_branding(text.encode(), "own.yaml")
    assert named in str(caught.value)
    assert "\n" not in str(caught.value)


def test_pictures_that_every_mail_program_shows_are_taken_with_their_size() -> None:
    sizes = [(one.mimetype, one.width, one.height) for one in (parse_logo(content, "logo") for content in (PNG, GIF, JPEG))]
    assert sizes == [("image/png", 1, 1), ("image/gif", 1, 1), ("image/jpeg", 64, 32)]


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "no picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no picture"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 60, "no picture"),
        (PNG[:40], "no picture"),
        (PNG[:16] + struct.pack(">II", 9000, 1) + PNG[24:], "9000"),
        (PNG + b"x" * 100_000, "bytes"),
        (JPEG[:6], "no picture"),
        (JPEG[:8] + b"\xff\xd9", "no picture"),
    ],
)
def test_what_is_no_such_picture_is_refused(content: bytes, named: str) -> None:
    with pytest.raises(SettingsError, match=r"logo\.png") as caught:
        parse_logo(content, "logo.png")
    assert named in str(caught.value)


@pytest.mark.parametrize(
    ("name", "source", "named"),
    [
        ("confirm-body.txt", "no link at all", "url"),
        ("confirm-body.txt", "{{ url }", "broken"),
        ("confirm-body.txt", "{{ url }} {{ nothing.of_this }}", "nothing"),
        ("confirm-body.txt", "{{ url }} {{ ''.__class__.__mro__ }}", "unsafe"),
        ("confirm-body.txt", "{{ url }} {{ site.__init__.__globals__ }}", "unsafe"),
        ("confirm-body.txt", "{{ url }} {% include '/etc/passwd' %}", "confirm"),
        ("confirm-body.txt", "{{ url }} {% for a in range(10000000) %}x{% endfor %}", "Range"),
        ("confirm-body.txt", "{{ url }} {{ 1 / 0 }}", "zero"),
        ("confirm-body.txt", " ", "empty"),
        ("confirm-body.txt", "x" * 60_000, "bytes"),
        ("confirm-body.mjml", "<mj-include path='/etc/passwd' />{{ url }}", "includes"),
        ("confirm-subject.txt", "{% if false %}x{% endif %}", "subject"),
    ],
)
def test_a_template_that_breaks_its_mail_or_reaches_for_more_is_refused(name: str, source: str, named: str) -> None:
    with pytest.raises(SettingsError, match=r"own\.txt") as caught:
        checker(name, TEMPLATES / "email")(source.encode(), "own.txt")
    assert named in str(caught.value)
    assert "\n" not in str(caught.value)


OURS = {
    file: (TEMPLATES / "email" / "digest" / file).read_text(encoding="utf-8") for file in ("subject.txt", "body.txt", "body.mjml")
}


def test_our_own_templates_pass_and_names_of_none_are_refused(tmp_path: Path) -> None:
    for kind, file in (("confirm", "subject.txt"), ("confirm", "body.txt"), ("moved", "body.mjml"), ("digest", "body.txt")):
        checker(f"{kind}-{file}", TEMPLATES / "email")((TEMPLATES / "email" / kind / file).read_bytes(), file)
    with pytest.raises(InputError, match=r"digest-head\.txt"):
        checker("digest-head.txt", tmp_path)


@pytest.mark.parametrize(
    ("file", "ours", "own", "named"),
    [
        ("body.mjml", "<!-- part best -->", "", "part best"),
        ("body.txt", "<!-- end cards -->", "", "part cards"),
        ("body.mjml", "{{ links.unsubscribe }}", "#", "no link to unsubscribe in its HTML"),
        ("body.txt", "{{ links.preferences }}", "", "no link to preferences in its plain text"),
        ("body.mjml", "{{ title | isolated(shown.direction) }}</a></h3>", "{{ title | safe }}</a></h3>", "escaping"),
        ("body.mjml", "{{ date | long_date }}</mj-title>", "{{ nothing_of_this }}</mj-title>", "nothing_of_this"),
        ("body.mjml", "</mj-body>", "<mj-raw><script>x()</script></mj-raw></mj-body>", "script"),
        ("body.mjml", "</mj-body>", "<mj-raw>{{ 'x' * 95000 }}</mj-raw></mj-body>", "Gmail"),
        ("body.mjml", "{{ links.unsubscribe }}", "{% if language.code != 'ko' %}{{ links.unsubscribe }}{% endif %}", "in ko"),
        ("subject.txt", "{% if", "{{ ''.__class__ }}{% if", "unsafe"),
    ],
)
def test_a_template_of_the_digest_that_would_break_it_in_any_language_is_refused(
    file: str, ours: str, own: str, named: str
) -> None:
    assert ours in OURS[file], ours
    with pytest.raises(SettingsError, match=r"own\.txt") as caught:
        checker(f"digest-{file}", TEMPLATES / "email")(OURS[file].replace(ours, own).encode(), "own.txt")
    assert named in str(caught.value)
    assert "\n" not in str(caught.value)
