"""`newsletter branding`: how mails and pages look and speak in an operator's own name."""

from __future__ import annotations

from pathlib import Path

import click

from newsletter.cli.context import JSON, answer, now, opened, working

WHO = click.option("--who", help="Who gives it, for the history (default: the login and host).")
FILE = click.argument("file", type=click.Path(path_type=Path))
EXAMPLE = """\
# Colours of links and buttons, on light paper and on dark; each needs a contrast of 4.5.
accent: "#0e5a62"
accent_dark: "#86cfd6"
# A line at the end of mails and pages: for all languages, or by language.
footer:
  en: A service of the Example Society.
  zh-CN: 示例学会提供的服务。
# Who mails are from: a name, or Name <address> at the domain of MAIL_FROM.
from:
  zh-CN: 论文早报
# Own words for single texts of ours, by the English ones.
texts:
  en:
    Sign up: Join
"""


@click.group()
def branding() -> None:
    """Your own logo, colours, footer, From, texts and templates of short mails; all hosts show them within seconds."""


@branding.command("import")
@FILE
@WHO
@JSON
def import_(file: Path, who: str | None, *, as_json: bool) -> None:
    """Use FILE (YAML: accent, accent_dark, footer, from, texts). What could not be read is refused, and changes nothing."""
    from newsletter.operating.own_files import BRANDING

    _take(BRANDING, file, who, as_json=as_json)


@branding.command()
@FILE
@WHO
@JSON
def logo(file: Path, who: str | None, *, as_json: bool) -> None:
    """Use the picture FILE (PNG, JPEG, GIF; 100 kB at most) in place of the name."""
    from newsletter.operating.own_files import LOGO

    _take(LOGO, file, who, as_json=as_json)


@branding.command()
@click.argument("name")
@FILE
@WHO
@JSON
def template(name: str, file: Path, who: str | None, *, as_json: bool) -> None:
    """Use FILE as the template NAME of a mail, such as digest-body.mjml or confirm-body.txt; `export` gives ours to begin with.

    It is filled with made-up mails first, that of a digest in every language: what breaks one is refused.
    """
    from newsletter.operating.own_files import TEMPLATE

    _take(f"{TEMPLATE}{name}", file, who, as_json=as_json)


def _take(name: str, file: Path, who: str | None, *, as_json: bool) -> None:
    from newsletter.cli.own_files import read, whoever
    from newsletter.daily.own_files import take
    from newsletter.operating.own_files import called

    given = read(file)
    with opened() as services, working("trying it out"):
        change = take(services, name, given, where=str(file), who=whoever(who), note=f"from {file.name}", now=now())
    told = f"version {change.number} of {called(name)} is in use: mails and pages show it within seconds"
    answer({"name": name, "version": change.number}, told, as_json=as_json)


@branding.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), default="-")
@click.argument("name", default="branding")
@click.option("--version", "number", type=click.IntRange(1), default=None, help="This version, of the history.")
@JSON
def export(file: Path, name: str, number: int | None, *, as_json: bool) -> None:
    """Write the branding in use to FILE, or NAME (logo, template-digest-body.mjml); without one of yours, what to begin with."""
    from newsletter.cli.own_files import tell_of_file, write
    from newsletter.daily.own_files import content_of

    with opened() as services:
        content = content_of(services, name, number=number or 0)
    write(file, _begin_with(name) if content is None else content)
    tell_of_file(file, as_json=as_json)


def _begin_with(name: str) -> bytes:
    """What an own file is changed from: the example of a branding, our template; nothing in place of a logo."""
    from newsletter.bootstrap import TEMPLATES
    from newsletter.operating.own_files import BRANDING, TEMPLATE

    if name.startswith(TEMPLATE):
        kind, _, file = name.removeprefix(TEMPLATE).partition("-")
        return (TEMPLATES / "email" / kind / file).read_bytes()
    return EXAMPLE.encode() if name == BRANDING else b""


@branding.command()
@click.argument("name", default="")
@JSON
def history(name: str, *, as_json: bool) -> None:
    """Who gave which version when, and which is in use: of NAME (branding, logo, template-…), else of all own files."""
    from newsletter.cli.own_files import show_history

    show_history(name, as_json=as_json)


@branding.command()
@click.argument("name", default="branding")
@WHO
@JSON
def undo(name: str, who: str | None, *, as_json: bool) -> None:
    """Go back to the version before the one in use, of NAME (branding, logo, template-…); at last to what ships."""
    from newsletter.cli.own_files import go_back

    go_back(name, who, as_json=as_json)
