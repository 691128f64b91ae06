"""The fields for what a subscriber asks for of their own: queries, authors and words to keep out, one a line."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, TextAreaField, ValidationError

from newsletter.daily.match import Trial, try_out
from newsletter.subscribers.choices import too_many
from newsletter.topics.queries.faults import QueryFault
from newsletter.topics.saved_queries import author_called, read_line, written
from newsletter.values.saved_queries import MOST, Kind, SavedQuery
from newsletter.web.page_context import _, clock, services


class SavedQueryFields(FlaskForm):  # type: ignore[misc]
    """To be mixed into a form."""

    queries = TextAreaField()
    authors = TextAreaField()
    excluded = TextAreaField()
    updates = BooleanField()

    def validate_queries(self, field: Field) -> None:
        _read(field, Kind.QUERY)

    def validate_authors(self, field: Field) -> None:
        _read(field, Kind.AUTHOR)

    def validate_excluded(self, field: Field) -> None:
        _read(field, Kind.EXCLUDE)

    def has_valid_queries(self) -> bool:
        """Whether the three fields can be read, whatever stands in the others; each says what is wrong with it."""
        checks = {self.queries: self.validate_queries, self.authors: self.validate_authors, self.excluded: self.validate_excluded}
        valid = [field.validate(self, [lambda _, field, check=check: check(field)]) for field, check in checks.items()]
        return all(valid)

    def saved_queries(self) -> tuple[SavedQuery, ...]:
        """What the three fields say, each once; a line that cannot be read as it is typed, and of too many the first."""
        kinds = {Kind.QUERY: self.queries, Kind.AUTHOR: self.authors, Kind.EXCLUDE: self.excluded}
        return tuple(
            dict.fromkeys(_own(kind, line) for kind, field in kinds.items() for line in lines_of(field)[: MOST[kind] + 1])
        )


def lines_of(field: Field) -> list[str]:
    """The lines of a text field that hold something."""
    return [line for line in (field.data or "").splitlines() if line.strip()]


def _own(kind: Kind, line: str) -> SavedQuery:
    try:
        return read_line(kind, line)
    except QueryFault:
        return SavedQuery(kind, line)


def _read(field: Field, kind: Kind) -> None:
    lines = lines_of(field)
    fault = too_many(kind, len(lines))
    if fault:
        raise ValidationError(fault.told(_))
    for number, line in enumerate(lines, start=1):
        try:
            read_line(kind, line)
        except QueryFault as error:
            raise ValidationError(_("Line %(number)s:", number=number) + f" {error.told(_)}") from error


def may_follow(names: Sequence[str], own: Collection[SavedQuery]) -> list[str]:
    """Those of ``names`` that can be authors and are not followed yet, as they would be written."""
    found = (author_called(name) for name in names[: MOST[Kind.AUTHOR]])
    return [written(author) for author in dict.fromkeys(found) if author and author not in own]


def trials_of(own: Sequence[SavedQuery]) -> list[Trial]:
    """What each of these would have brought in the last two weeks."""
    with services().database.reading() as session:
        return try_out(session, own, now=clock())


def is_too_wide(field: Field, queries: Sequence[SavedQuery]) -> bool:
    """Whether one of ``queries`` brings a large part of all papers; ``field`` then says which one."""
    wide = next((trial for trial in trials_of(queries) if trial.too_wide), None) if queries else None
    if wide is not None:
        told = _("“%(query)s” would have brought %(count)s of %(all)s papers: make it narrower.")
        field.errors = [told % {"query": written(wide.query), "count": wide.count, "all": wide.of}]
    return wide is not None
