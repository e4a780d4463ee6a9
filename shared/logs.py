"""What a process logs: one line an entry, JSON for machines or text for a terminal, on standard error.

No entry holds what an exception says, since that may be personal data: its type and where it happened are told. A
request's entry has no address, query, body, header or credential; its case is named by a reference of the register's
own making or not at all.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal

Form = Literal["json", "text"]

request: ContextVar[Mapping[str, str]] = ContextVar("request", default={})  # noqa: B039 - nobody changes it
"""What is known of the request at hand, for every entry that is made while it is handled: its correlation."""

_REFERENCE = re.compile(r"[A-Z]{2,8}-\d{4}-\d{6,9}")
_json = json.JSONEncoder(default=str).encode
_answered = logging.getLogger("redress.requests")


def answered(method: str, route: str, status: int, seconds: float, authority: str, reference: object) -> None:
    """Log a request that was answered. `reference` is logged if it is one that the register gives."""
    fields: dict[str, Any] = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
    if authority:
        fields["authority"] = authority
    if isinstance(reference, str) and _REFERENCE.fullmatch(reference):
        fields["reference"] = reference
    _answered.info("%s %s", method, route, extra={"fields": fields})


def to_stderr(service: str, form: Form | None) -> None:
    """Let the process log; without a form, text on a terminal and JSON elsewhere."""
    chosen = form or ("text" if sys.stderr.isatty() else "json")
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines(service) if chosen == "json" else TextLines(service))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for ours in ("redress", "services", "shared"):
        logging.getLogger(ours).setLevel(logging.INFO)


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, service, logger, message, the request's correlation, and what is added."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return _json(self._entry(record))

    def _entry(self, record: logging.LogRecord) -> dict[str, Any]:
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
            **request.get(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1]:
            entry["error"] = _kinds(record.exc_info[1])
            entry["stack"] = "Traceback:\n" + "".join(traceback.format_tb(record.exc_info[2]))
        return entry


class TextLines(JsonLines):
    """The same for people: the time of day, the level, the message, and the rest as `name=value`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, and the stack below it if there is one."""
        entry = self._entry(record)
        at, level, message, stack = (entry.pop(name, "") for name in ("time", "level", "message", "stack"))
        said = {name: value for name, value in entry.items() if name not in _SAID}
        rest = " ".join(f"{name}={value}" for name, value in said.items())
        return f"{at[11:19]} {level:8} {message}  {rest}\n{stack}".rstrip()


_SAID = ("service", "logger", "method", "route")


def _kinds(error: BaseException | None) -> str:
    kinds = []
    while error is not None:
        kinds.append(type(error).__name__)
        error = error.__cause__
    return " from ".join(kinds)
