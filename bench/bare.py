"""A Flask page that does nothing, for comparison: `gunicorn bench.bare:app`."""

from __future__ import annotations

from flask import Flask

app = Flask(__name__)


@app.get("/")
def page() -> str:
    """The least that a page can be."""
    return "<!doctype html><title>Papers</title><p>Hello."
