"""What a process logs: one line an entry, JSON for machines or text for a terminal, on standard error.

No entry holds what an exception says, since that may be personal data: its type and where it happened are told. A
request's entry has no address, query, body, header or credential; its case is named by a reference of the register's
own making or not at all.
"""

import asyncio
import logging
import re
import sys
import traceback
from collections.abc import Mapping
from contextlib import nullcontext
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

import orjson

Form = Literal["json", "text"]

request: ContextVar[Mapping[str, str]] = ContextVar("request", default={})  # noqa: B039 - nobody changes it
"""What is known of the request at hand, for every entry that is made while it is handled: its correlation."""

_REFERENCE = re.compile(r"[A-Z]{2,8}-\d{4}-\d{6,9}")
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
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = ""  # as logging's own "Optimization" has it: no line tells what they find out
    handler = _TurnByTurn()
    handler.setFormatter(JsonLines(service) if chosen == "json" else TextLines(service))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for ours in ("redress", "services", "shared"):
        logging.getLogger(ours).setLevel(logging.INFO)


class _TurnByTurn(logging.StreamHandler[TextIO]):
    """Writes what one turn of an event loop logs together: a write for each line costs as much as a small answer.

    From any other thread, and from `WARNING` on, a line is written at once, after those that wait.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = []
        self._turning: asyncio.AbstractEventLoop | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line now, or at the end of the turn; called with the handler's lock held."""
        try:
            self._lines.append(self.format(record) + self.terminator)
            loop = _loop() if record.levelno < logging.WARNING else None
            if loop is None:
                self._write()
            elif loop is not self._turning:  # another may have ended before its turn did
                self._turning = loop
                loop.call_soon(self._write_all)
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """Write what waits."""
        self._write_all()
        super().close()

    def _write_all(self) -> None:
        with self.lock or nullcontext():
            self._write()

    def _write(self) -> None:
        lines, self._lines, self._turning = self._lines, [], None
        if lines:
            self.stream.write("".join(lines))
            self.flush()


def _loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, service, logger, message, the request's correlation, and what is added."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return orjson.dumps(self._entry(record), default=str).decode()

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
