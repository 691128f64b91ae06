"""The pages: Flask, one module a concern. Nothing here changes anything on GET or HEAD, and no view holds SQL.

`create_app` is the only entry; the views reach everything else through the Services that it is given.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from flask import Flask
from jinja2 import StrictUndefined

from newsletter.bootstrap import Services
from newsletter.collection.store import has_entries
from newsletter.papers.days.store import typical_day
from newsletter.previews import Previews
from newsletter.web import (
    admin,
    archive,
    collection,
    confirming,
    editing,
    editors,
    errors,
    feedback,
    feeds,
    health,
    inbox,
    inviting,
    leaving,
    moving,
    pausing,
    preferences,
    previewing,
    reading,
    searching,
    security,
    signup,
    undoing,
    view,
)
from newsletter.web.figures import Remembered
from newsletter.web.front_pages import FrontPages

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "web"
SUBSCRIBING = (signup, previewing, confirming, preferences, feedback, pausing, undoing, moving, leaving)
COLLECTION = (editors, editing, collection, inviting)
PAGES = (*SUBSCRIBING, archive, *COLLECTION, searching, feeds, view, inbox, admin, health)


def create_app(services: Services) -> Flask:
    """The WSGI application over ``services``; opens no connection by itself."""
    app = Flask(__name__, template_folder=str(TEMPLATES))
    app.extensions["newsletter"] = services
    app.extensions["typical_day"] = Remembered(partial(typical_day, days=10), {}, seconds=15 * 60)
    app.extensions["front_pages"] = FrontPages()
    app.extensions["collection_there"] = Remembered(has_entries, False, seconds=60)
    app.extensions["previews"] = Previews()
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    security.install(app, services.settings)
    reading.install(app)
    errors.install(app)
    admin.install(app)
    collection.install(app)
    for page in PAGES:
        app.register_blueprint(page.pages)
    return app
