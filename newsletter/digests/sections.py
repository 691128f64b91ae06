"""What the sections of a mail are headed that are no topic and no saved query."""

from __future__ import annotations

from newsletter.digests.for_you import FOR_YOU
from newsletter.digests.selection import COLLECTION, FOLLOWED, LIKED, TO_READ, UPDATED
from newsletter.i18n import _l, translations_for

SECTIONS = {
    COLLECTION: _l("The collection"),
    FOLLOWED: _l("By people you follow"),
    FOR_YOU: _l("For you"),
    UPDATED: _l("New versions of papers you received"),
    LIKED: _l("Liked by other readers"),
    TO_READ: _l("Your list"),
}


def section_name(section: str, language: str) -> str:
    """The heading of one of ``SECTIONS``."""
    return translations_for(language).gettext(SECTIONS[section])
