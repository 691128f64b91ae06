"""The forms: which fields there are, what they may hold, and what a person reads beside one that is wrong.

Every choice is checked against the topics and categories, the languages and the time zones that this installation knows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import current_app, request
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    Field,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms.validators import Optional

from newsletter.digests.selection import COLLECTION
from newsletter.i18n import _l
from newsletter.languages import BY_CODE, guess_language
from newsletter.subscribers.addresses import normalise, tidied
from newsletter.subscribers.choices import EVERY_DAY, Choices, faults_of, hour_of, pause_fault
from newsletter.subscribers.faults import Fault, FieldError
from newsletter.topics.saved_queries import author_called, searched
from newsletter.values.saved_queries import MOST, Kind, SavedQuery
from newsletter.web.page_context import _, chosen_language, has_collection, papers_a_day, services
from newsletter.web.reader.saved_query_fields import SavedQueryFields
from newsletter.web.topic_choices import Shown, shown

HOUR = 7
DAYS = tuple(map(str, EVERY_DAY))
# Where most readers of a language live, for a browser that runs no script; anybody can choose another one.
LIKELY_ZONES = {"zh-CN": "Asia/Shanghai", "zh-TW": "Asia/Taipei", "ja": "Asia/Tokyo", "ko": "Asia/Seoul"}

# What the subscribers' part says beside the faults of fields, listed for the translators.
SAID_ELSEWHERE = (
    _l("This subscription ended too long ago to be taken up again: please sign up anew."),
    _l("This subscription has ended: come back or sign up again first."),
    _l("Too many forms were sent just now: please try again later."),
    _l("Only the browser that left can take it back: use the link in the goodbye mail, or have one mailed."),
)


class ChoicesForm(FlaskForm):  # type: ignore[misc]
    """What a subscriber chooses at sign-up and may change later."""

    topics = SelectMultipleField(validate_choice=False)
    # Searches of one's own that were offered where no topic fits, each as a query.
    search = SelectMultipleField(validate_choice=False)
    # What is looked for among the topics: typed, or the archive whose button was pressed.
    find = StringField()
    finding = StringField()
    language = SelectField(validate_choice=False)
    hour = SelectField(validate_choice=False)
    timezone = StringField()

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        self.offered = services().offered.keys() | ({COLLECTION} if has_collection() else set())

    def chosen_topics(self) -> tuple[str, ...]:
        """The slugs ticked, each once, in the order of the catalogue, then categories; the collection stands first, what is not
        offered last.
        """
        ticked = self.topics.data or ()
        known = (slug for slug in (COLLECTION, *services().offered) if slug in ticked)
        return tuple(dict.fromkeys((*known, *ticked)))

    def shown(self, *, first: bool = True) -> Shown:
        """What the part of the form shows in which topics are chosen; without ``first`` the common ones stand in their groups."""
        the, ticked = services(), self.topics.data or ()
        asked = (self.finding.data or self.find.data or "").strip()
        searches = [search.text for search in self.searches()]
        daily = papers_a_day()
        return shown(the.catalogue, the.offered, ticked=ticked, searches=searches, asked=asked, daily=daily, with_first=first)

    def searches(self) -> tuple[SavedQuery, ...]:
        """The searches of one's own that are ticked; what is no query is left out: nobody typed it."""
        found = (searched(text) for text in (self.search.data or ())[: MOST[Kind.QUERY]])
        return tuple(dict.fromkeys(search for search in found if search))

    def choices(self) -> Choices:
        """What the form holds, whatever may be wrong with it."""
        return Choices(
            self.chosen_topics(),
            self.language.data or "",
            self.timezone.data or "",
            hour_of(self.hour.data or ""),
            own=self.searches(),
        )

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Whether all is well; each field says what is wrong with it."""
        valid = super().validate(extra_validators)
        return self.tell(faults_of(self.choices(), known=self.offered)) and valid

    def tell(self, faults: Mapping[str, Fault]) -> bool:
        """Puts ``faults`` beside their fields; whether there is none."""
        for name, fault in faults.items():
            self[name].errors = [fault.told(_)]
        return not faults


class LinkForm(FlaskForm):  # type: ignore[misc]
    email = StringField()

    def validate_email(self, field: Field) -> None:
        typed = tidied(field.data or "")
        try:
            address = normalise(typed, international=True)
        except FieldError as error:
            raise ValidationError(error.fault.told(_)) from error
        if not address.email.isascii() and not current_app.extensions["relay"].takes_any_letters():
            told = _("Our mail server cannot write to %(address)s, because of the letters before the @: give another address.")
            raise ValidationError(told % {"address": typed})


class SignUpForm(LinkForm, ChoicesForm):
    # The authors whose pages sent the visitor here, by name.
    follow = SelectMultipleField(validate_choice=False)

    def followed(self) -> tuple[SavedQuery, ...]:
        """The authors that are ticked; what is no name is left out: nobody typed it."""
        found = (author_called(name) for name in (self.follow.data or ())[: MOST[Kind.AUTHOR]])
        return tuple(dict.fromkeys(author for author in found if author))

    def choices(self) -> Choices:
        chosen = super().choices()
        return replace(chosen, own=(*chosen.own, *self.followed()))

    def tick_the_one_found(self) -> None:
        """Ticks what was looked for where one thing was found: a browser without a script needs no press of its own for it."""
        finding = self.shown().finding
        if not finding.topics and finding.search:
            self.search.data = [*dict.fromkeys((*(self.search.data or ()), finding.search))]
        elif len(finding.topics) == 1:
            self.topics.data = [*dict.fromkeys((*(self.topics.data or ()), finding.topics[0].slug))]

    def has_valid_choices(self) -> bool:
        """Whether topics and language can be used, whatever stands in the other fields; each says what is wrong with it."""
        faults = faults_of(self.choices(), known=self.offered)
        return self.tell({name: fault for name, fault in faults.items() if name in ("topics", "language")})


class PreferencesForm(SavedQueryFields, ChoicesForm):
    max_papers = IntegerField()
    weekdays = SelectMultipleField(validate_choice=False)
    layout = SelectField(validate_choice=False)
    weekly = BooleanField()
    reading_mail = BooleanField()
    pause_until = DateField(validators=[Optional()])

    def __init__(self, *, today: dt.date, **values: object) -> None:
        super().__init__(**values)
        self.today = today

    def choices(self) -> Choices:
        chosen = super().choices()
        return replace(
            chosen,
            max_papers=self.max_papers.data or 0,
            own=tuple(dict.fromkeys((*self.saved_queries(), *chosen.own))),
            updates=bool(self.updates.data),
            weekdays=tuple(DAYS.index(day) if day in DAYS else -1 for day in self.weekdays.data or ()),
            layout=self.layout.data,
            weekly=bool(self.weekly.data),
            reading_mail=bool(self.reading_mail.data),
        )

    def validate_pause_until(self, field: Field) -> None:
        fault = pause_fault(field.data, today=self.today) if field.data else None
        if fault:
            raise ValidationError(fault.told(_))


class ButtonForm(FlaskForm):  # type: ignore[misc]
    """A form that is only a button; it carries the CSRF token."""


def first_values() -> dict[str, object]:
    """What the sign-up form starts with: no topic ticked, language and zone as visit and browser let guess, seven o'clock."""
    language = chosen_language() or guess_language(request.accept_languages, BY_CODE)
    return {"language": language, "hour": str(HOUR), "timezone": LIKELY_ZONES.get(language, "UTC")}
