"""Logs: structured, and without anybody's personal data.

A value is masked when its field is one of ``PERSONAL`` or when it is wrapped in ``Personal``. Of an
exception only its type and the places in the code are logged: messages repeat what they choked on.
"""

import logging
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import orjson
import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger
from typing_extensions import override

MASK = "•••"

PERSONAL = frozenset(
    {
        "address", "authorization", "birth_date", "body", "client", "cookie", "email", "name",
        "note", "password", "patient", "patient_name", "personnummer", "phone", "reason", "sdp",
        "sender_name", "text", "title", "token", "username",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Personal:
    """A value that no log may show."""

    value: object

    @override
    def __repr__(self) -> str:
        return MASK


def get_logger(name: str) -> FilteringBoundLogger:
    """The module's logger. Events are dotted names; facts are keyword arguments."""
    return cast("FilteringBoundLogger", structlog.get_logger(name))


def masked(value: Any) -> Any:
    """The value with everything personal in it replaced."""
    if value is None or isinstance(value, (str, int, float, datetime)):
        return value
    if isinstance(value, Personal):
        return MASK
    if isinstance(value, Mapping):
        return {key: _masked_as(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item) for item in value]
    # An object of the program: its fields may be anybody's, so only its type is told.
    return type(value).__name__


def _masked_as(key: str, item: Any) -> Any:
    return MASK if item is not None and key.lower() in PERSONAL else masked(item)


def _mask(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {
        key: item if key.startswith("_") else _masked_as(key, item) for key, item in event.items()
    }


def _exceptions(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace exception information by the error's type and where it came from."""
    info = event.pop("exc_info", None)
    error = event.get("error")
    if info is True:
        found = sys.exc_info()[1]
    elif isinstance(info, tuple):
        found = info[1]
    else:
        found = info if isinstance(info, BaseException) else None
    if found is None and isinstance(error, BaseException):
        found = error
    if found is not None:
        event["error"] = type(found).__name__
        # Without the source lines, which would be read from disk on the event loop.
        frames = traceback.StackSummary.extract(
            traceback.walk_tb(found.__traceback__), lookup_lines=False
        )
        event["where"] = [
            f"{frame.filename.rpartition('/site-packages/')[2]}:{frame.lineno} {frame.name}"
            for frame in frames[-12:]
        ]
    return event


def _json(event: EventDict, **_: Any) -> str:
    return orjson.dumps(event, default=repr).decode()


class _Stderr(logging.Handler):
    """Writes to whatever ``sys.stderr`` is at the moment."""

    @override
    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
        except Exception:
            self.handleError(record)


def configure(log_format: str = "console", level: str = "INFO") -> None:
    """Set up structlog and send the standard library's records the same way.

    ``log_format`` is ``json`` (one object a line) or ``console``.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _exceptions,
        _mask,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=False,
    )
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(serializer=_json)
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = _Stderr()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            # Of other people's records keep the pattern, not what was put into it.
            use_get_message=False,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Its debug lines repeat statements and peers.
    for noisy in ("aiohttp.access", "alembic", "engineio", "socketio", "aioice", "sqlalchemy"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
