"""Every city whose time zone may be chosen, for the list of a form; the form itself holds those that most people know.

A part of a page, which the script asks for when somebody turns to the list. It holds nothing of anybody and is kept for an hour,
because what a city is ahead of UTC changes with summer.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, get_template_attribute

from newsletter.languages import language_of
from newsletter.web.page_context import INTERFACE, clock
from newsletter.web.time_zones import cities_by_part

pages = Blueprint("zones", __name__)

AN_HOUR = "public, max-age=3600"


@pages.get("/zones/<code>")
def every_city(code: str) -> Response:
    """The cities in an interface language, as the groups of a list."""
    if code not in INTERFACE:
        abort(404)
    parts = cities_by_part(language_of(code).babel, now=clock(), every=True)
    return Response(get_template_attribute("_zones.html", "cities_of")(parts), headers={"Cache-Control": AN_HOUR})
