"""The pages: Flask, one module a concern. Nothing here changes anything on GET or HEAD, and no view holds SQL.

`create_app` is the only entry; the views reach everything else through the Services that it is given.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from flask import Flask
from jinja2 import StrictUndefined

from newsletter.bootstrap import Services
from newsletter.collection.store.nodes import has_entries
from newsletter.daily.form_requests import do_what_forms_asked
from newsletter.daily.preview import Previews
from newsletter.mail.smtp.letters import RelayLetters
from newsletter.papers.store.days import highest_number, typical_day
from newsletter.search.lexicon import Lexicon
from newsletter.search.store import read_lexicon
from newsletter.web import compression, errors, page_context, security
from newsletter.web.admin import (
    bounces,
    deliveries,
    editor_invitations,
    guard,
    kept_counts,
    login,
    operators,
    outside,
    setup,
    stored_papers,
    subscribers,
    today,
    topics,
    words,
)
from newsletter.web.cached_counts import KeptForPapers, Remembered
from newsletter.web.editors import editing, sessions
from newsletter.web.public import (
    about,
    archive,
    authors,
    bounce_hooks,
    branding,
    collection,
    days,
    feeds,
    health,
    inbox,
    papers,
    preview,
    privacy,
    search,
    signup,
    topic_pages,
    zones,
)
from newsletter.web.public.front_page_cache import FrontPages
from newsletter.web.reader import (
    change_address,
    confirm,
    feedback,
    follow,
    interests,
    own_feeds,
    pause,
    preferences,
    reading_list,
    rights,
    undo,
    unsubscribe,
    view_in_browser,
)

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "web"
SUBSCRIBING = (
    signup,
    preview,
    confirm,
    preferences,
    feedback,
    follow,
    interests,
    own_feeds,
    reading_list,
    pause,
    undo,
    change_address,
    rights,
    unsubscribe,
)
COLLECTION = (sessions, editing, collection, editor_invitations)
OPERATING = (login, today, subscribers, deliveries, stored_papers, topics, outside, bounces, operators, setup)
PAGES = (
    *SUBSCRIBING,
    about,
    privacy,
    branding,
    zones,
    archive,
    days,
    topic_pages,
    papers,
    authors,
    *COLLECTION,
    search,
    feeds,
    view_in_browser,
    inbox,
    bounce_hooks,
    *OPERATING,
    health,
)


def create_app(services: Services, *, run_later: Callable[[Callable[[], object]], Callable[[], object]] | None = None) -> Flask:
    """The WSGI application over ``services``; opens no connection by itself.

    ``run_later`` makes of the work that forms ask for what is called before each answer to one (`after_answers.InBackground`
    where visitors come; without it the work is done at once).
    """
    app = Flask(__name__, template_folder=str(TEMPLATES))
    app.extensions["newsletter"] = services
    app.extensions["typical_day"] = Remembered(partial(typical_day, days=10), {}, seconds=15 * 60)
    app.extensions["newest_paper"] = Remembered(highest_number, 0, seconds=60)
    app.extensions["front_pages"] = FrontPages()
    app.extensions["collection_there"] = Remembered(has_entries, False, seconds=60)
    app.extensions["papers_a_week"] = Remembered(topic_pages.counted_by_week, {}, seconds=15 * 60)
    app.extensions["lexicon"] = Remembered(read_lexicon, Lexicon(), seconds=60 * 60)
    app.extensions["days"] = KeptForPapers()
    app.extensions["site_map"] = KeptForPapers()
    app.extensions["search_windows"] = KeptForPapers()
    app.extensions["previews"] = Previews()
    app.extensions["relay"] = RelayLetters(services.smtp_servers, hostname=services.mail_domain)
    work = partial(do_what_forms_asked, services)
    app.extensions["after_answers"] = run_later(work) if run_later else work
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    compression.install(app)
    security.install(app, services.settings)
    page_context.install(app)
    errors.install(app)
    guard.install(app)
    words.install(app)
    kept_counts.install(app)
    collection.install(app)
    for page in PAGES:
        app.register_blueprint(page.pages)
    return app
