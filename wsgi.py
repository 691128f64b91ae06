"""The web application for a WSGI server: ``gunicorn wsgi:app``. Builds its parts when it is imported, in the serving process."""

from __future__ import annotations

import gc

from newsletter import bootstrap
from newsletter.operating import runtime
from newsletter.operating.process import fail_in_one_line, start_logging
from newsletter.settings import load
from newsletter.web import create_app
from newsletter.web.after_answers import InBackground

with fail_in_one_line():
    _settings = runtime.resolved(load())
    start_logging(_settings)
    app = create_app(bootstrap.build(_settings), run_later=InBackground)
    # What is built once stays: without this each full collection looks through it anew, for 150 ms amid some request.
    gc.freeze()
