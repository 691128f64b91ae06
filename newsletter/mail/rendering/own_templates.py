"""Templates of mails that an operator gives in place of ours: what they are called, and the check before one is taken.

They are filled in a sandbox, with what the mail is about and nothing else. Those of the digest are tried in every language
(`own_digest_templates`), for its cards are shared, and measured against what mail programs cut off.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from jinja2 import TemplateError

from newsletter.errors import InputError, PermanentError, SettingsError
from newsletter.mail.rendering import own_digest_templates
from newsletter.mail.rendering.mjml import read_template
from newsletter.mail.rendering.renderer import NOTICES, Look, Renderer, Site

FILES = ("subject.txt", "body.txt", "body.mjml")
KINDS = (own_digest_templates.KIND, *NOTICES)
NAMES = tuple(f"{kind}-{file}" for kind in KINDS for file in FILES)
MOST_BYTES = 50_000
# What a trial is filled with: whoever clicks needs to find it.
SAMPLE = "https://papers.example.org/confirm/abcdefgh"
LANGUAGES = ("en", "zh-CN", "ar")


def read(content: bytes, where: str) -> str:
    """The source of a template. Raises SettingsError where it is no text, too long, or reaches for files."""
    if len(content) > MOST_BYTES:
        raise SettingsError(f"{where} has {len(content)} bytes: {MOST_BYTES} at most")
    try:
        source = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError(f"{where} is not UTF-8 at byte {error.start}: save it as UTF-8") from error
    if not source.strip():
        raise SettingsError(f"{where} is empty: give a template, or `newsletter branding undo` the one in use")
    if "mj-include" in source.lower():
        raise SettingsError(f"{where} includes another file: write it in one")
    return source


class Checker:
    """Reads the template ``name``, and fills it once in three languages, from left to right and from right to left; that of a
    digest in all.
    """

    def __init__(self, name: str, templates: Path) -> None:
        self._name, self._templates = name, templates

    def __call__(self, content: bytes, where: str) -> str:
        """The source. Raises SettingsError saying what breaks."""
        source = read(content, where)
        if self._name.startswith(f"{own_digest_templates.KIND}-"):
            kind, _, file = self._name.partition("-")
            own_digest_templates.check_parts(source, where, ours=read_template(self._templates / kind / file))
            own_digest_templates.try_out(self._name, source, where, templates=self._templates)
            return source
        with tempfile.TemporaryDirectory() as folder:
            site = Site("Paper Morning", "https://papers.example.org", "Example Society", "papers@example.org")
            look = Look(templates={self._name: source})
            made = Renderer(templates=self._templates, cache=Path(folder), site=site, look=look)
            for language in LANGUAGES:
                self._try(made, language, where)
        return source

    def _try(self, made: Renderer, language: str, where: str) -> None:
        kind = next(one for one in NOTICES if self._name.startswith(f"{one}-"))
        try:
            mail = made.notice(kind, language, {NOTICES[kind]: SAMPLE})
        except (PermanentError, TemplateError, ValueError, TypeError, ArithmeticError, LookupError) as error:
            told = " ".join(str(error).split())[:200]
            raise SettingsError(f"{where} breaks the mail {kind} in {language}: {told}") from error
        if not mail.subject.strip():
            raise SettingsError(f"{where} leaves the subject of {kind} empty in {language}")
        if SAMPLE not in mail.text or SAMPLE not in mail.html:
            raise SettingsError(f"{where} leaves out what the mail {kind} is for: write {{{{ url }}}} where that is to stand")


def checker(name: str, templates: Path) -> Checker:
    """What checks the template ``name``, such as ``confirm-body.txt``. Raises InputError where there is none of that name."""
    if name not in NAMES:
        kinds = ", ".join(KINDS)
        raise InputError(f"{name} is no template that can be replaced: give KIND-FILE, of {kinds} and {', '.join(FILES)}")
    return Checker(name, templates)
