"""What every process of the service does at its start: log as LOG_FORMAT says, fail in one line, and wait for its end."""

from __future__ import annotations

import _thread
import logging
import re
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TextIO, cast

import structlog

from newsletter.errors import InputError, NewsletterError, SettingsError
from newsletter.text.masking import without_people

if TYPE_CHECKING:
    from newsletter.settings import Settings


# What would begin a line of its own, or move the cursor of a terminal.
_CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]")


class _IgnoringWriteErrors:
    """A file whose write errors are ignored: a full disk must not stop a worker in the middle of a mail."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._file.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._file.flush()


def start_logging(settings: Settings, *, level: int = logging.INFO, file: TextIO | None = None) -> None:
    """Logs to ``file`` (default: stderr), one event a line: readable (LOG_FORMAT=console) or as JSON (LOG_FORMAT=json)."""
    file = file or sys.stderr
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        lambda _logger, _method, event: {**event, "event": _on_one_line(str(event.get("event", "")))},
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if settings.log_format == "json":
        last: list[structlog.typing.Processor] = [
            structlog.processors.format_exc_info,
            lambda _logger, _method, event: _unnamed(event),
            # In ASCII: whatever a stream makes of other letters is no JSON any more.
            structlog.processors.JSONRenderer(),
        ]
    else:
        last = [
            structlog.dev.ConsoleRenderer(
                colors=file.isatty(),
                # The other formatters show the values of local variables, and with them addresses and tokens.
                exception_formatter=structlog.dev.plain_traceback,
            ),
            lambda _logger, _method, line: without_people(str(line)),
        ]
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", _IgnoringWriteErrors(file))),
        cache_logger_on_first_use=True,
    )
    logging.setLogRecordFactory(_record)


def _on_one_line(text: str) -> str:
    """``text`` with what could forge a line written as Python writes it."""
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], text)


def _unnamed(value: Any) -> Any:
    """What JSON can hold, its texts without addresses and tokens: a line that is JSON already would not stay so."""
    if isinstance(value, Mapping):
        return {name: _unnamed(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_unnamed(one) for one in value]
    return value if value is None or isinstance(value, int | float) else without_people(str(value))


def _record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    """What libraries log (the web server names the page that failed), without addresses and tokens."""
    record = logging.LogRecord(*args, **kwargs)
    record.msg, record.args = _on_one_line(without_people(record.getMessage())), None
    if record.exc_info and record.exc_info[0]:
        record.exc_text = without_people(logging.Formatter().formatException(record.exc_info))
    return record


def asked_to_end() -> threading.Event:
    """An event that SIGTERM, Ctrl-C and the end of the terminal set from now on."""
    ended = threading.Event()
    numbers = [signal.SIGTERM, signal.SIGINT]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup: to outlive its terminal
        numbers.append(signal.SIGHUP)
    for number in numbers:
        # In a new thread: the handler runs within the thread that waits, and if that holds the event's lock at that moment,
        # setting the event here would wait for ever.
        signal.signal(number, lambda *_: _thread.start_new_thread(ended.set, ()))
    return ended


@contextmanager
def fail_in_one_line() -> Iterator[None]:
    """Turns a NewsletterError into one line on stderr and the exit code 2 (a setting or an input is wrong) or 1."""
    try:
        yield
    except (SettingsError, InputError) as error:
        complain(str(error))
        raise SystemExit(2) from None
    except NewsletterError as error:
        complain(str(error))
        raise SystemExit(1) from None


def complain(text: str) -> None:
    """Writes ``text`` as one line on stderr; where its last line is a caret (^), that and the line before follow on their own."""
    *said, shown, caret = ["", "", *text.split("\n")]
    if caret.strip() != "^":
        said, shown, caret = [text], "", ""
    pointed = f"\n{shown}\n{caret}" if caret else ""
    sys.stderr.write(f"newsletter: {' '.join(' '.join(said).split())}{pointed}\n")
