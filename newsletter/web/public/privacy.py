"""What is kept of readers, and how long: made from what the tables declare and the days that the settings give."""

from __future__ import annotations

from flask import Blueprint, render_template

from newsletter.tables.about import NOTHING_SAID, Rule
from newsletter.tables.base import Base
from newsletter.web.page_context import services
from newsletter.web.public.about import own_words

pages = Blueprint("privacy", __name__)

# Each table that holds something of a person, by the line of the page that tells of it; a test fails for one that is in none.
TOLD = {
    "address": ("subscribers", "consents", "one_time_links", "form_requests"),
    "choices": ("subscriptions", "own_queries", "replaced_choices"),
    "papers": ("feedback", "off_topic", "reading_list", "examples", "ignored_words", "tastes", "rankings"),
    "mails": ("deliveries", "bounces", "refusing_domains", "alarms", "switches"),
    "refusals": ("suppressions", "former_subscribers", "lifted_suppressions"),
    "editors": ("editors", "collection_nodes", "collection_changes", "collection_comments", "acts"),
}


@pages.get("/privacy")
def show() -> str:
    retention = services().settings.retention
    days = {rule.value: getattr(retention, rule) for rule in Rule}
    return render_template("privacy.html", kept=kept(), days=days, own=own_words("privacy"))


def kept() -> list[str]:
    """The lines of the page for the tables that hold something of a person."""
    tables = {table.name for table in Base.metadata.tables.values() if table.info.get("about", NOTHING_SAID).people}
    return [line for line, names in TOLD.items() if tables & set(names)]
