"""The forms: which fields there are, what they may hold, and what a person reads beside one that is wrong.

Every choice is checked against the catalogue, the languages and the time zones that this installation knows.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from zoneinfo import available_timezones

from flask import request
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    Field,
    HiddenField,
    IntegerField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms.validators import DataRequired, Length, Optional

from newsletter.digests.selection import COLLECTION
from newsletter.languages import BY_CODE, guess_language
from newsletter.subscribers import choices
from newsletter.subscribers.addresses import normalise
from newsletter.subscribers.choices import LEAST_PAPERS, MOST_PAPERS
from newsletter.subscribers.faults import FieldError
from newsletter.topics.catalogue import Catalogue, is_heading
from newsletter.values.readers import Layout
from newsletter.web.page_context import _, _l, chosen_language, has_collection
from newsletter.web.reader.saved_query_fields import OwnFields, lines_of

HOUR = 7
DAYS = tuple(map(str, choices.EVERY_DAY))
EMAIL_LENGTH = 320
# Where most readers of a language live, for a browser that runs no script; anybody can choose another one.
LIKELY_ZONES = {"zh-CN": "Asia/Shanghai", "zh-TW": "Asia/Taipei", "ja": "Asia/Tokyo", "ko": "Asia/Seoul"}
AREAS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    """The IANA names that the list shows; old aliases that another computer may know are taken too, but not listed."""
    return frozenset(name for name in available_timezones() if name == "UTC" or name.partition("/")[0] in AREAS)


@lru_cache(maxsize=1)
def zones_by_area() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Areas, each with (name, place to show) in order, for the list on the page."""
    return tuple(
        (area, tuple((name, name.partition("/")[2].replace("_", " ")) for name in sorted(zones()) if name.startswith(f"{area}/")))
        for area in AREAS
    )


# What the subscribers' part says about a field, listed for the translators.
SAID_ELSEWHERE = (
    _l("Give the address that the mail should go to."),
    _l("This address is too long: check it for something pasted along."),
    _l("The part of this address before the @ has letters that our mail servers cannot write: give one without them."),
    _l("This is no mail address: it needs the form name@example.org."),
    _l("The part of this address after the @ is no name of a mail server: check it for a slip of the pen."),
    _l("This subscription ended too long ago to be taken up again: please sign up anew."),
    _l("This subscription has ended: come back or sign up again first."),
)


class ChoicesForm(FlaskForm):  # type: ignore[misc]
    """What a subscriber chooses at sign-up and may change later."""

    topics = SelectMultipleField(validate_choice=False)
    language = SelectField(validate_choice=False)
    hour = SelectField(validate_choice=False)
    timezone = StringField()

    def __init__(self, catalogue: Catalogue, **values: object) -> None:
        super().__init__(**values)
        self.catalogue = catalogue
        own = {COLLECTION} if has_collection() else set()
        self.offered = frozenset(topic.slug for topic in catalogue.topics if not is_heading(topic)) | own

    def chosen_topics(self) -> tuple[str, ...]:
        """The slugs ticked, each once, in the order of the catalogue; the collection stands first."""
        ticked = set(self.topics.data or ())
        return tuple(slug for slug in (COLLECTION, *(topic.slug for topic in self.catalogue.topics)) if slug in ticked)

    def chosen_hour(self) -> int:
        return int(self.hour.data)

    def validate_topics(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("Choose at least one topic."))
        if not set(field.data) <= self.offered:
            raise ValidationError(_("One of the topics is not offered here any more: look through your choice again."))

    def validate_language(self, field: Field) -> None:
        if field.data not in BY_CODE:
            raise ValidationError(_("Choose one of the languages in the list."))

    def validate_hour(self, field: Field) -> None:
        text = str(field.data or "")
        if not (text.isascii() and text.isdecimal() and len(text) <= 2 and int(text) <= 23):
            raise ValidationError(_("Choose an hour from 0 to 23."))

    def validate_timezone(self, field: Field) -> None:
        # A browser without scripts may send nothing; its owner gets the mails by UTC.
        if choices.zone_or_utc(field.data or "") not in choices.zones():
            raise ValidationError(_("Choose one of the time zones in the list."))


class SignUpForm(ChoicesForm):
    email = StringField()

    def has_valid_taste(self) -> bool:
        """Whether topics and language can be used, whatever stands in the other fields; each says what is wrong with it."""
        checks = {self.topics: self.validate_topics, self.language: self.validate_language}
        valid = [field.validate(self, [lambda _, field, check=check: check(field)]) for field, check in checks.items()]
        return all(valid)

    def validate_email(self, field: Field) -> None:
        try:
            normalise(field.data or "")
        except FieldError as error:
            raise ValidationError(_(str(error))) from error


class PreferencesForm(OwnFields, ChoicesForm):
    max_papers = IntegerField()
    weekdays = SelectMultipleField(validate_choice=False)
    layout = SelectField(validate_choice=False)
    pause_until = DateField(validators=[Optional()])

    def __init__(self, catalogue: Catalogue, *, today: dt.date, **values: object) -> None:
        super().__init__(catalogue, **values)
        self.today = today

    def validate_topics(self, field: Field) -> None:
        # Whoever asks by queries or authors of their own needs no topic of ours.
        if field.data or not (lines_of(self.queries) or lines_of(self.authors)):
            super().validate_topics(field)

    def validate_max_papers(self, field: Field) -> None:
        if field.data is None or not LEAST_PAPERS <= field.data <= MOST_PAPERS:
            field.errors = []
            raise ValidationError(
                _("Choose a number of papers from %(least)s to %(most)s.", least=LEAST_PAPERS, most=MOST_PAPERS)
            )

    def chosen_days(self) -> tuple[int, ...]:
        """The days of the week with mail, 0 = Monday."""
        return tuple(int(day) for day in DAYS if day in (self.weekdays.data or ()))

    def validate_weekdays(self, field: Field) -> None:
        if not field.data or not set(field.data) <= set(DAYS):
            raise ValidationError(_("Choose at least one day of the week."))

    def validate_layout(self, field: Field) -> None:
        if field.data not in list(Layout):
            raise ValidationError(_("Choose one of the layouts in the list."))

    def validate_pause_until(self, field: Field) -> None:
        if field.data and field.data <= self.today:
            raise ValidationError(_("Choose a day after today, or leave the field empty."))
        if field.data and field.data > self.today + dt.timedelta(days=366):
            raise ValidationError(_("Choose a day within the next twelve months."))


class LinkForm(FlaskForm):  # type: ignore[misc]
    email = StringField()

    def validate_email(self, field: Field) -> None:
        text = (field.data or "").strip()
        if not text or "@" not in text or len(text) > EMAIL_LENGTH:
            raise ValidationError(_("Give the address that your mails go to."))


class LoginForm(FlaskForm):  # type: ignore[misc]
    name = StringField(validators=[DataRequired(), Length(max=64)])
    password = PasswordField(validators=[DataRequired(), Length(max=1024)])


class ButtonForm(FlaskForm):  # type: ignore[misc]
    """A form that is only a button; it carries the CSRF token."""

    act = HiddenField()


def first_values() -> dict[str, object]:
    """What the sign-up form starts with: no topic ticked, language and zone as visit and browser let guess, seven o'clock."""
    language = chosen_language() or guess_language(request.accept_languages, BY_CODE)
    return {"language": language, "hour": str(HOUR), "timezone": LIKELY_ZONES.get(language, "UTC")}
