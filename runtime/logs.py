"""The log of a process: one line an event on standard output, JSON in production, for people in development.

What is bound to the context (correlation id, tenant, case) is on every line, those of libraries too. Of an exception
it shows the kind and where it came from, never its text: that may hold a row, an address or a file.
"""

import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

from runtime.settings import Settings

_FRAMES = 25
_CAUSES = 5

# Libraries whose messages below this level are of use to nobody else.
_QUIET = {"asyncio": logging.WARNING, "httpx2": logging.WARNING, "uvicorn.error": logging.WARNING}


def configure(settings: Settings, process: str) -> None:
    """Makes everything that this process logs, by whichever library, go through structlog. `process` names it on each
    line."""
    production = settings.env == "production"
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _named(process),
        _discreet if production else _discreet_text,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if production
        else structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty(), sort_keys=False)
    )
    structlog.configure(
        processors=[*shared, renderer],
        logger_factory=partial(_Lines, sys.stdout),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.addFilter(_without_errors_among_arguments)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name, quiet in _QUIET.items():
        logging.getLogger(name).setLevel(max(quiet, level))
    sys.excepthook = _log_the_end
    warnings.showwarning = _log_warning


class _Lines:
    """Writes our own lines, past the standard library's logging: half of what a line cost went into that.

    Where they cannot be written, as on a full disk, whoever has something to say goes on.
    """

    def __init__(self, stream: TextIO, name: str) -> None:
        self._stream, self.name = stream, name

    def _write(self, line: str) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(f"{line}\n")
            self._stream.flush()

    debug = info = warning = error = critical = _write


def story(error: BaseException) -> list[dict[str, Any]]:
    """What may be told of an exception: its kind and the places it went through, then the same of its causes."""
    return [_chapter(each) for each in _chain(error)]


def _chapter(error: BaseException) -> dict[str, Any]:
    kind = type(error)
    told: dict[str, Any] = {"type": f"{kind.__module__}.{kind.__qualname__}", "at": list(_places(error.__traceback__))}
    # A database's error is told apart by these, and they are the schema's words, not a row's.
    if state := getattr(error, "sqlstate", None):
        told["sqlstate"] = state
        told["constraint"] = getattr(getattr(error, "diag", None), "constraint_name", None)
    if isinstance(error, BaseExceptionGroup):
        told["group"] = [story(each) for each in error.exceptions[:_CAUSES]]
    return told


def _chain(error: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = error
    for _ in range(_CAUSES):
        if current is None:
            return
        yield current
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)


def _places(traceback: TracebackType | None) -> Iterator[str]:
    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(f"{code.co_filename}:{traceback.tb_lineno} {code.co_qualname}")
        traceback = traceback.tb_next
    yield from frames[-_FRAMES:]


def _named(process: str) -> Processor:
    def add(_: Any, __: str, event: EventDict) -> EventDict:
        event["process"] = process
        return event

    return add


def _discreet(_: Any, __: str, event: EventDict) -> EventDict:
    """Puts the story of an exception in place of the exception, and takes its text out of the sentence around it."""
    for name, value in event.items():
        if isinstance(value, BaseException) and name != "exc_info":
            event[name] = type(value).__name__
    error = _error_of(event.pop("exc_info", None))
    if error is None:
        return event
    event["exception"] = story(error)
    for each in _chain(error):
        for text in (repr(each), str(each)):
            if text:
                event["event"] = str(event["event"]).replace(text, f"<{type(each).__name__}>")
    return event


def _discreet_text(logger: Any, method: str, event: EventDict) -> EventDict:
    event = _discreet(logger, method, event)
    if "exception" in event:
        chapters = ("\n    ".join([chapter["type"], *chapter["at"]]) for chapter in event["exception"])
        event["exception"] = "\n  because of ".join(chapters)
    return event


def _error_of(exc_info: Any) -> BaseException | None:
    found = exc_info[1] if isinstance(exc_info, tuple) else exc_info
    if isinstance(found, BaseException):
        return found
    return sys.exc_info()[1] if found else None


def _without_errors_among_arguments(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(type(each).__name__ if isinstance(each, BaseException) else each for each in record.args)
    return True


def _log_the_end(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    structlog.get_logger(__name__).critical("process_failed", exc_info=(kind, error, traceback))


def _log_warning(
    message: Warning | str,  # noqa: ARG001  it may quote what it warns of
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,  # noqa: ARG001
    line: str | None = None,  # noqa: ARG001
) -> None:
    structlog.get_logger(__name__).warning("python_warning", category=category.__name__, at=f"{filename}:{lineno}")
