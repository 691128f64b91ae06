"""What is kept of readers, and how long: made from the rules that the tables declare and the days that the settings give."""

from __future__ import annotations

from flask import Blueprint, render_template

from newsletter.tables.about import Rule
from newsletter.web.page_context import services

pages = Blueprint("privacy", __name__)


@pages.get("/privacy")
def show() -> str:
    retention = services().settings.retention
    return render_template("privacy.html", days={rule.value: getattr(retention, rule) for rule in Rule})
