"""RFC 9457 problem documents, with a stable `type`: what each error of the register becomes over HTTP.

None holds a value that the caller sent, because that may be personal data.
"""

import logging
import re
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.routing import Match

from shared import errors
from shared.calendar import OutsideCalendar
from shared.log import Hole, VersionConflict
from shared.log.record import uuid7
from shared.log.store import not_now

logger = logging.getLogger("redress.web")


class Problem(JSONResponse):
    """An RFC 9457 problem document."""

    media_type = "application/problem+json"


def problem(
    status: int,
    code: str,
    title: str,
    detail: str | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Problem:
    """A problem whose type is `urn:redress:problem:CODE`; `more` are members such as `errors` or `rule`."""
    body = {"type": f"urn:redress:problem:{code}", "title": title, "status": status}
    if detail:
        body["detail"] = detail
    return Problem({**body, **more}, status, headers=dict(headers or {}))


async def _on_rejected(_: HttpRequest, error: Exception) -> Response:
    assert isinstance(error, errors.Rejected)  # noqa: S101 - registered for this class
    status = 409 if error.kind == "state" else 422
    title = "The state that it is in does not allow this" if status == 409 else "A value is not possible"
    fault = {"field": error.field, "rule": error.rule, "message": error.detail}
    if error.source:
        fault["source"] = error.source
    return problem(status, error.rule.replace("_", "-"), title, error.detail, rule=error.rule, errors=[fault])


async def _on_domain_error(_: HttpRequest, error: Exception) -> Response:  # noqa: C901 - one arm an error
    match error:
        case errors.NotFound():
            return problem(404, "not-found", "Not found", "There is nothing of that name.")
        case errors.Gone():
            detail = f"It was public from {error.since} to {error.until}, and was withdrawn: {error.reason}"
            told = {"released_on": str(error.since), "withdrawn_on": str(error.until), "reason": error.reason}
            return problem(410, "withdrawn", "Withdrawn", detail, headers=None, **told)
        case errors.StaleVersion():
            detail = f"If-Match names version {error.expected}; the version now is {error.actual}."
            return problem(412, "stale-version", "The case has changed since it was read", detail)
        case VersionConflict():
            return problem(409, "already-exists", "There is one of that name already")
        case errors.KeyReused():
            detail = "This Idempotency-Key was used for a request with another method, path or body."
            fault = {"field": "Idempotency-Key", "rule": "idempotency_key_reused", "message": detail}
            return problem(422, "idempotency-key-reused", "Idempotency key reused", detail, errors=[fault])
        case errors.InFlight():
            detail = "A request with this Idempotency-Key is being handled; ask again."
            return problem(409, "request-in-flight", "Still being handled", detail, headers={"Retry-After": "1"})
        case errors.Unavailable():
            after = {"Retry-After": str(error.retry_after)}
            return problem(503, "unavailable", "Not available now", f"{error.reason}; ask again.", headers=after)
        case errors.TooMany():
            after = {"Retry-After": str(error.retry_after)}
            detail = f"Ask again in {error.retry_after} seconds, and less often."
            return problem(429, "too-many-requests", "Too many requests", detail, headers=after)
        case errors.NotAllowed():
            return _not_allowed(error)
        case Hole():
            logger.critical("the log has a hole: %s", error)
    return problem(500, "internal", "Something went wrong here", "It was noted; nothing of the request was kept.")


def _not_allowed(error: errors.NotAllowed) -> Problem:
    if error.scope:
        return problem(403, "no-scope", "Not allowed", f"This needs the scope {error.scope}.", scope=error.scope)
    challenge = {"WWW-Authenticate": 'Bearer realm="redress"'}
    return problem(401, "no-credential", "No valid credential", "Send Authorization: Bearer KEY.", headers=challenge)


async def _on_outside_calendar(_: HttpRequest, error: Exception) -> Response:
    fault = {"field": None, "rule": "outside_calendar", "message": str(error)}
    title = "A date is outside the calendar"
    return problem(422, "outside-calendar", title, str(error), rule="outside_calendar", errors=[fault])


async def _on_invalid(_: HttpRequest, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class
    faults = error.errors()
    if any(fault["type"] == "json_invalid" for fault in faults):
        where = faults[0]["loc"][-1]
        return problem(400, "malformed-json", "The body is not JSON", f"It breaks off at character {where}.")
    told = [
        {"field": _pointer(f["loc"]), "rule": f["type"], "message": _told(f)} for f in faults if _at_fault(f, faults)
    ]
    return problem(422, "invalid", "The request does not have the right shape", errors=told)


def _at_fault(fault: Mapping[str, Any], faults: Sequence[Mapping[str, Any]]) -> bool:
    """Whether it is not merely what a fault further in makes of the list around it, such as that it is too short."""
    loc = fault["loc"]
    return not any(other["loc"][: len(loc)] == loc and len(other["loc"]) > len(loc) for other in faults)


def _pointer(loc: Sequence[str | int]) -> str:
    """The path of a field; a name that the caller made up is not repeated unless it is written like a field's."""
    parts = [str(part) for part in loc[1:]] or [str(loc[0])]
    return ".".join(part if re.fullmatch(r"[a-z][a-z0-9_]{0,39}|\d{1,4}", part) else "(unnamed)" for part in parts)


def _told(fault: Mapping[str, Any]) -> str:
    """Pydantic's sentence, which says what was expected and never what was sent."""
    kind: str = fault["type"]
    if fault["loc"] == ("body",):
        return "The body is a JSON object, sent with Content-Type: application/json."
    if kind == "extra_forbidden":
        return f"There is no such {'parameter' if fault['loc'][0] == 'query' else 'field'} here."
    if kind.startswith("datetime"):
        return "This is not an instant as ISO 8601 writes it, such as 2026-11-20T09:30:00Z."
    if kind.startswith("date"):
        return "This is not a date as ISO 8601 writes it, such as 2026-11-20."
    return str(fault["msg"]).removeprefix("Value error, ")


async def _on_http_error(http: HttpRequest, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    titles = {
        400: ("malformed-json", "The body is not JSON"),
        404: ("not-found", "Not found"),
        405: ("method-not-allowed", "That method is not allowed here"),
    }
    code, title = titles.get(error.status_code, ("invalid", "The request cannot be read"))
    allowed = _allowed(http) if error.status_code == 405 else ""
    headers = {"Allow": allowed} if allowed else error.headers
    return problem(error.status_code, code, title, headers=headers)


def _allowed(http: HttpRequest) -> str:
    """Every method of an address: Starlette names those of the first route alone, and each of ours has one."""
    methods = ("GET", "POST", "PUT", "DELETE")
    routes = http.app.router.routes
    scopes = ({**http.scope, "method": method} for method in methods)
    return ", ".join(s["method"] for s in scopes if any(route.matches(s)[0] is Match.FULL for route in routes))


async def _on_database(http: HttpRequest, error: Exception) -> Response:
    """Away for a moment, or full, is for the caller to try again; whatever else it says is a surprise."""
    if not not_now(error):
        return surprise(error)
    logger.error("the database was not to be had: %s", type(error).__name__)
    return await _on_domain_error(http, errors.Unavailable("the database is not to be had"))


def surprise(error: Exception) -> Problem:
    """The answer to what nobody expected; where it happened is logged, but not what it said: that may be personal."""
    instance = uuid7()
    where = "".join(traceback.format_tb(error.__traceback__))
    logger.error("unexpected error %s: %s at\n%s", instance, type(error).__name__, where)
    return problem(
        500, "internal", "Something went wrong here", "Quote the instance when you report it.", instance=instance
    )


HANDLERS: dict[type[Exception], Callable[[HttpRequest, Exception], Any]] = {
    errors.Rejected: _on_rejected,
    errors.RedressError: _on_domain_error,
    OutsideCalendar: _on_outside_calendar,
    RequestValidationError: _on_invalid,
    HTTPException: _on_http_error,
    DBAPIError: _on_database,
    PoolTimeout: _on_database,
}


_RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}, "required": True}}
_CHALLENGE = {"WWW-Authenticate": {"schema": {"type": "string"}, "required": True}}
_HEADERS: Mapping[int, Mapping[str, Any]] = {401: _CHALLENGE, 429: _RETRY_AFTER, 503: _RETRY_AFTER}

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {
        "description": what,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        **({"headers": _HEADERS[status]} if status in _HEADERS else {}),
    }
    for status, what in {
        400: "The body is not JSON.",
        401: "No valid credential.",
        403: "The credential lacks the scope.",
        404: "Nothing of that name, or another authority's.",
        409: "The state does not allow it, or a request with the same key is in flight.",
        412: "If-Match names an older version.",
        413: "The body is too large.",
        422: "A shape, code or date that cannot be; an idempotency key with another request.",
        429: "Too many requests of this credential, or too many refused ones from this address; see Retry-After.",
        503: "Not now; see Retry-After.",
    }.items()
}
PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri", "examples": ["urn:redress:problem:before-receipt"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": ["string", "null"]} for name in ("field", "rule", "message", "source")},
            },
        },
    },
}
