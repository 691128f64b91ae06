"""The operator's logo and colours, as pages and mails ask for them; 404 where what ships is in use."""

from __future__ import annotations

from flask import Blueprint, Response, abort

from newsletter.web.page_context import services

pages = Blueprint("branding", __name__)
# The address changes with the content.
A_MONTH = "public, max-age=2592000"


@pages.get("/logo")
def logo() -> Response:
    """The picture in place of the name."""
    found = services().logo
    if found is None:
        abort(404)
    return _kept(Response(found.content, mimetype=found.mimetype))


@pages.get("/brand.css")
def colours() -> Response:
    """The colours of links and buttons, over those of the sheet that ships."""
    found = services().branding
    if not found.has_colours:
        abort(404)
    dark = f"@media (prefers-color-scheme: dark) {{ :root {{ --accent: {found.accent_dark}; }} }}"
    return _kept(Response(f":root {{ --accent: {found.accent}; }}\n{dark}\n", mimetype="text/css"))


def _kept(response: Response) -> Response:
    response.headers["Cache-Control"] = A_MONTH
    return response
