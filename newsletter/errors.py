"""The errors of this service: one base, two branches that carry the decision whether to try again.

Adapters turn the errors of their library into one of these at the border; nothing else of a library gets past it.
"""

import logging


class NewsletterError(Exception):
    """Base of all errors that this service raises itself; its text is one line that a person can act on."""


class TemporaryError(NewsletterError):
    """The same call may succeed later. ``retry_after`` is in seconds, None where the other side named no time."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class PermanentError(NewsletterError):
    """The same call will fail again: do not repeat it."""


class SettingsError(PermanentError):
    """A setting, port or folder that cannot be right: names the thing and the mend. Commands exit with 2 on it."""


class InputError(PermanentError):
    """What a person typed, uploaded or linked to is not usable: names the thing and the mend."""


def severity(error: NewsletterError) -> int:
    """The level to log it with: a warning where it may pass by itself, an error where a person has to mend something."""
    return logging.WARNING if isinstance(error, TemporaryError) else logging.ERROR
