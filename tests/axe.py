"""axe-core in a page of a browser: by the rules of WCAG 2.2 AA, what is wrong there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

WCAG = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
# Nothing but this crosses over to Python: whole reports are thousands of values a page.
_RUN = """rules => axe.run({resultTypes: ["violations"], runOnly: rules}).then(found => [
  found.passes.length, found.violations.map(rule => [rule.id, rule.nodes[0].html.slice(0, 200)])])"""


@dataclass(frozen=True)
class Report:
    """How many rules hold, and those that do not, each with the first element that breaks it."""

    passed: int
    broken: Sequence[tuple[str, str]]

    @property
    def rules(self) -> set[str]:
        return {rule for rule, _ in self.broken}


def bring_axe(page: Page) -> None:
    """Puts axe-core into a page; it is gone when the page is left, not when its content is set."""
    page.evaluate(AXE_SCRIPT)


def report(page: Page, rules: object = WCAG) -> Report:
    """What axe-core, which was brought into ``page``, finds there by ``rules``."""
    passed, broken = page.evaluate(_RUN, rules)
    return Report(passed, [(rule, html) for rule, html in broken])
