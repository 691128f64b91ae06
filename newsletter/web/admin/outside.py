"""Engines, sources and relays: their state, what they said last, thirty days of them, and a button each to try them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from flask import Blueprint, render_template, request

from newsletter.daily import leaned_on, test_mail, trials
from newsletter.daily.leaned_on import DAYS
from newsletter.errors import InputError
from newsletter.languages import LANGUAGES, SOURCE_LANGUAGE
from newsletter.operating.doctor.findings import Finding
from newsletter.operating.operators.roles import Role
from newsletter.subscribers.faults import FieldError
from newsletter.web.admin.charts import Chart, Column, stacked
from newsletter.web.admin.guard import about, least
from newsletter.web.admin.words import COUNTED, FETCHED, STATES
from newsletter.web.page_context import _, clock, page_language, services
from newsletter.web.security import LIMIT_LINK, LIMIT_OUTSIDE, limiter

pages = Blueprint("outside", __name__, url_prefix="/admin/outside")


@pages.get("")
def show() -> str:
    return _page()


@pages.post("/test")
@least(Role.EDITOR)
@limiter.limit(LIMIT_LINK)
def test() -> str | tuple[str, int]:
    """Sends one short mail by each relay, and shows what each said."""
    email = request.form.get("email", "")[:320]
    about(email=email.strip())
    try:
        said = list(test_mail.send(services().settings, email, now=clock()))
    except InputError as error:
        return _page("relays", problem=error.fault.told(_) if isinstance(error, FieldError) else str(error), email=email), 400
    return _page("relays", said, email=email)


@pages.post("/engine")
@least(Role.EDITOR)
@limiter.limit(LIMIT_OUTSIDE)
def try_engine() -> str | tuple[str, int]:
    """Has an engine translate one sentence, and shows what it said."""
    name, sentence, language = (request.form.get(field, "")[:1000] for field in ("engine", "sentence", "language"))
    about(words=name[:40])
    try:
        said = trials.try_engine(services(), name, sentence, language, now=clock())
    except InputError as error:
        return _page("engines", problem=str(error), sentence=sentence, language=language), 400
    return _page("engines", [said], sentence=sentence, language=language)


@pages.post("/source")
@least(Role.EDITOR)
@limiter.limit(LIMIT_OUTSIDE)
def try_source() -> str | tuple[str, int]:
    """Asks a source for one paper, and shows what came."""
    name = request.form.get("source", "")[:40]
    about(words=name)
    try:
        said = trials.try_source(services(), name, now=clock())
    except InputError as error:
        return _page("sources", problem=str(error)), 400
    return _page("sources", [said])


def _page(
    tried: str = "",
    said: Sequence[Finding] = (),
    *,
    problem: str = "",
    email: str = "",
    sentence: str = trials.SENTENCE,
    language: str = "",
) -> str:
    """The page; ``said`` stands in the section that was ``tried``, with what was typed there."""
    now = clock()
    found = leaned_on.look(services(), now=now)
    days = [now.date() - dt.timedelta(days=number) for number in range(DAYS - 1, -1, -1)]
    return render_template(
        "admin/outside.html",
        outside=found,
        engines=[(engine, _chart(days, engine.days, list(COUNTED))) for engine in found.engines],
        fetched=_chart(days, {day: {"new": count} for day, count in found.fetched.items()}, list(FETCHED)),
        counted=COUNTED,
        states=STATES,
        fetched_names=FETCHED,
        tried=tried,
        said=said,
        problem=problem,
        email=email,
        sentence=sentence,
        chosen_language=language or _usual_language(),
        texts_in=[one for one in LANGUAGES if one.code != SOURCE_LANGUAGE],
        in_use=services().settings.engines.order,
        sources=trials.sources_of(services()),
    )


def _usual_language() -> str:
    """The language of the page, where texts are translated into it."""
    here = page_language().code
    return here if here != SOURCE_LANGUAGE else "zh-CN"


def _chart(days: Sequence[dt.date], counts: Mapping[dt.date, Mapping[str, int]], kinds: Sequence[str]) -> Chart:
    return stacked([Column(day.isoformat(), {kind: counts.get(day, {}).get(kind, 0) for kind in kinds}) for day in days], kinds)
