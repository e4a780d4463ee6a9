"""The outermost layer of every application: body limit, correlation, security headers, surprises; metrics, log, trace.

Strict-Transport-Security is left to the proxy that ends TLS: over plain HTTP it means nothing.
"""

import re
import time
from collections.abc import Iterable, Mapping

from opentelemetry.trace import Span
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import logs
from shared.log.record import uuid7
from shared.web import tracing
from shared.web.metrics import Metrics, known_method
from shared.web.problems import problem, surprise

BODY_LIMIT = 1_000_000
"""Bytes that a request body may have."""


class Edge:
    """The outermost layer of an application."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, within limits."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        asked = dict(scope["headers"])
        correlation = _correlation(asked.get(b"x-correlation-id"))
        scope.setdefault("state", {})["correlation"] = correlation
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _marked(message["headers"], correlation)
            try:
                await send(message)
            except RuntimeError as error:
                if "closed" not in str(error):  # uvloop's word for a client that hung up before its answer
                    raise

        try:
            body = await _whole_body(asked, receive)
        except ClientGone:
            return
        token = logs.request.set({"correlation": correlation})
        with tracing.span(asked.get(b"traceparent")) as span:
            try:
                refusal = _refusal(scope, body)
                await (refusal or self.app)(scope, _replay(body or b"", receive), sending)
            except Exception as error:
                if status:
                    raise
                await surprise(error)(scope, receive, sending)
            finally:
                self._tell(scope, status, time.perf_counter() - started, span)
                logs.request.reset(token)

    def _tell(self, scope: Scope, status: int, seconds: float, span: Span) -> None:
        """Count, log and trace a request, by what it was matched to and never by what it said."""
        method, route = known_method(scope["method"]), getattr(scope.get("route"), "path", "(none)")
        state = scope["state"]
        authority = state["principal"].authority if "principal" in state else ""
        reference = state.get("reference") or scope.get("path_params", {}).get("reference")
        self.metrics.note(method, route, status, seconds)
        tracing.tell(span, method, route, status, authority)
        logs.answered(method, route, status, seconds, authority, reference)


_TOO_LARGE = problem(413, "too-large", "The body is too large", f"A body has at most {BODY_LIMIT} bytes.")
_NO_ADDRESS = problem(400, "malformed-address", "The address cannot be read", "No address holds a NUL.")
_NO_QUERY = problem(422, "malformed-query", "A value is not possible", "No parameter holds a NUL.")
_SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
    (b"cache-control", b"no-store"),
)
"""What every answer says that does not say it otherwise: nothing in it is a page, and nobody keeps it."""


def _refusal(scope: Scope, body: bytes | None) -> Response | None:
    """The answer to what no route is to see."""
    if body is None:
        return _TOO_LARGE
    if "\0" in scope["path"]:
        return _NO_ADDRESS
    return _NO_QUERY if b"%00" in scope["query_string"] else None


def _marked(headers: Iterable[tuple[bytes, bytes]], correlation: str) -> list[tuple[bytes, bytes]]:
    """An answer's headers, with those that every answer has."""
    marked = [*headers, (b"x-correlation-id", correlation.encode())]
    said = {name for name, _ in marked}
    return [*marked, *(line for line in _SECURITY if line[0] not in said)]


def _correlation(header: bytes | None) -> str:
    text = header.decode("latin-1") if header else ""
    return text if _CORRELATION.fullmatch(text) else uuid7()


_CORRELATION = re.compile(r"[A-Za-z0-9._-]{1,64}")


async def _whole_body(headers: Mapping[bytes, bytes], receive: Receive) -> bytes | None:
    """The body, read before anything acts on it, so that a request cut off does nothing; None if it is too large."""
    length = headers.get(b"content-length", b"")
    if length.isdigit() and int(length) > BODY_LIMIT:
        return None
    if not length and b"transfer-encoding" not in headers:
        return b""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > BODY_LIMIT:
            return None
        if not message.get("more_body"):
            return b"".join(chunks)


class ClientGone(Exception):
    """The client left before its request was whole: there is nothing to do and nobody to tell."""


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replaying() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replaying
