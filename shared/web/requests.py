"""Who asks, and how: credentials and scopes, idempotency keys, If-Match and ETag, cursors."""

import asyncio
import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import anyio.to_thread
import orjson
from fastapi import Depends, Query, Security
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.responses import Response
from fastapi.routing import APIRoute
from fastapi.security.base import SecurityBase
from pydantic_core import PydanticKnownError
from sqlalchemy.exc import DBAPIError
from starlette.requests import Request as HttpRequest

from shared import errors
from shared.access import Principal
from shared.commands import strict
from shared.handling import Request
from shared.log import Appended, Key
from shared.register import Register
from shared.web import queries


async def caller(http: HttpRequest) -> Principal | None:
    """Whoever asks, or None without a credential; found out once a request. Raises `NotAllowed` for a false one."""
    found: Principal | None = http.scope["state"].get("principal")
    if found is not None:
        return found
    scheme, _, credential = http.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not credential:
        return None
    register: Register = http.app.state.register
    address = http.client.host if http.client else ""
    try:
        who = await _authenticated(http, register, credential.strip(), address)
    except errors.NotAllowed:
        register.rates.refused(address)
        raise
    if not who.unlimited:
        register.rates.asked(who)
    http.state.principal = who
    return who


async def the_register(http: HttpRequest) -> Register:
    """The register on the cluster of whoever asks; for nobody known, the main one."""
    register: Register = http.app.state.register
    who = await caller(http)
    return register.of(who.authority) if who else register


TheRegister = Annotated[Register, Depends(the_register)]


async def every_register(http: HttpRequest) -> tuple[Register, ...]:
    """The register on every cluster: for what nobody in particular asks."""
    register: Register = http.app.state.register
    return register.each()


EveryRegister = Annotated[tuple[Register, ...], Depends(every_register)]


class _Secured(SecurityBase):
    """A dependency that finds out who asks. It is its own security scheme, so that it is solved in one step."""

    model = HTTPBearerModel(description="An API key, as `redress keys create` shows it once.")
    scheme_name = "ApiKey"

    def __init__(self, *scopes: str) -> None:
        self.scopes = scopes

    async def principal(self, http: HttpRequest) -> Principal:
        """Whoever asks, who must have every scope that the route names. Raises `NotAllowed`."""
        who = await caller(http)
        if who is None:
            raise errors.NotAllowed
        for scope in self.scopes:
            if not who.may(scope):
                raise errors.NotAllowed(scope)
        _refuse_unknown_query(http)
        return who


TOKEN_SCHEME = HTTPBearerModel(
    bearerFormat="JWT",
    description="A person's token of the council's OpenID Connect issuer, where the deployment has one.",
)
"""The other credential that every operation takes in the place of a key."""


async def _authenticated(http: HttpRequest, register: Register, token: str, address: str) -> Principal:
    """Whose token it is. A flood of made-up keys costs no look-up each, and keeps nobody out whose key works here."""
    if register.tokens and register.tokens.looks_like_one(token):
        return await register.tokens.authenticate(token)
    if (who := register.known(token)) is not None:
        return who
    if any(own.access.holds(token) for own in register.each()):
        return await asyncio.shield(_reading(http.app.state.being_read, register, token))
    register.rates.may_fail(address)
    try:
        return await anyio.to_thread.run_sync(register.authenticate, token)
    except DBAPIError:
        if register.others:  # nobody that answers knows it: while one is away, guesses cost no less
            register.rates.refused(address)
        raise


def _reading(being_read: dict[str, asyncio.Task[Principal]], register: Register, token: str) -> asyncio.Task[Principal]:
    """The one reading of a key that all wait for who use it, and that ends although some of them leave."""
    task = being_read.get(token)
    if task is None:
        task = being_read[token] = asyncio.create_task(anyio.to_thread.run_sync(register.authenticate, token))

        def read(done: asyncio.Task[Principal]) -> None:
            del being_read[token]
            done.cancelled() or done.exception()

        task.add_done_callback(read)
    return task


_PARAMETERS: dict[Any, Mapping[str, frozenset[type]]] = {}


def _refuse_unknown_query(http: HttpRequest) -> None:
    """Refuse a parameter that the route has not, and a date that ISO 8601 would write otherwise.

    Raises:
        RequestValidationError: a misspelt filter would be answered with what it was meant to leave out.
    """
    if not http.scope["query_string"]:
        return
    route: APIRoute = http.scope["route"]
    known = _PARAMETERS.get(route.endpoint)
    if known is None:
        known = _PARAMETERS[route.endpoint] = dict(queries.known(route.dependant))
    faults: list[dict[str, Any]] = []
    for name, value in http.query_params.multi_items():
        if name not in known:
            faults.append({"type": "extra_forbidden", "loc": ("query", name), "msg": ""})
            continue
        try:
            strict(value, known[name])
        except PydanticKnownError as error:
            faults.append({"type": error.type, "loc": ("query", name), "msg": ""})
    if faults:
        raise RequestValidationError(faults)


class _Visitor(_Secured):
    async def __call__(self, http: HttpRequest) -> Principal | None:
        who = await caller(http)
        _refuse_unknown_query(http)
        return who


Visitor = Annotated[Principal | None, Security(_Visitor())]
"""Whoever asks for what may be public: nobody in particular without a credential."""


class _Allowed(_Secured):
    async def __call__(self, http: HttpRequest) -> Principal:
        return await self.principal(http)


def allowed(*scopes: str) -> Any:
    """The dependency of a route that needs these scopes; it gives the `Principal`."""
    return Security(_Allowed(*scopes), scopes=list(scopes))


async def request_of(http: HttpRequest, register: Register, who: Principal) -> Request:
    """What a command records of its request: actor, idempotency key, If-Match, correlation.

    Raises:
        Rejected: a header that cannot be.
    """
    return Request(
        authority=who.authority,
        actor=who.actor,
        key=await _key(http, register),
        if_match=_if_match(http.headers.get("if-match")),
        correlation=http.state.correlation,
        scopes=who.scopes,
    )


async def _key(http: HttpRequest, register: Register) -> Key | None:
    key = http.headers.get("idempotency-key")
    if key is None:
        return None
    key = _text(key)
    if not 1 <= len(key) <= 255:
        raise errors.bad_value("idempotency_key_length", "Idempotency-Key", "the key has 1 to 255 characters")
    body = await http.body()
    return Key(key, register.fingerprint(http.method.encode(), http.scope["path"].encode(), body))


def _text(header: str) -> str:
    """A header as its sender means it: Starlette reads it as Latin-1, but beyond ASCII clients write UTF-8."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeDecodeError:
        return header


def _if_match(header: str | None) -> int | None:
    if header is None or header.strip() == "*":
        return None
    found = re.fullmatch(r'\s*(?:W/)?"?(\d{1,9})"?\s*', header)
    if not found:
        raise errors.bad_value("if_match", "If-Match", 'If-Match is the ETag of an earlier answer, such as "3"')
    return int(found[1])


REQUEST_HEADERS = [
    {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "A name for this request: sent again with the same name and body, it gets the first answer.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    },
    {
        "name": "If-Match",
        "in": "header",
        "required": False,
        "description": "The ETag of the version that this request builds on; refused if there is a newer one.",
        "schema": {"type": "string", "pattern": r'^(\*|(W/)?"?[0-9]{1,9}"?)$'},
    },
]
"""What `request_of` reads, as the description of every request that records something has it."""


class _Asked:
    """The request as a command records it, its idempotency key held while it is handled."""

    __slots__ = ("_desk", "_held")

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self._held: tuple[str, str] | None = None

    async def __aenter__(self) -> Request:
        """The request. Raises `InFlight` if another with its key is being handled here, and what `request_of` does."""
        desk = self._desk
        request = await request_of(desk.http, desk.register, desk.who)
        if request.key is not None:
            holding: set[tuple[str, str]] = desk.http.app.state.in_flight
            key = (request.authority, request.key.key)
            if key in holding:
                raise errors.InFlight
            holding.add(key)
            self._held = key
        return request

    async def __aexit__(self, *_: object) -> None:
        if self._held is not None:
            self._desk.http.app.state.in_flight.discard(self._held)


def etag(version: int) -> str:
    """The ETag of a stream's version."""
    return f'"{version}"'


Limit = Annotated[int, Query(ge=1, le=200, description="How many items to answer at most.")]
Cursor = Annotated[str | None, Query(max_length=500, description="The `next` of the page before.")]


def make_cursor(*parts: str | int | date) -> str:
    """An opaque cursor that `read_cursor` takes apart."""
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


def read_cursor(text: str, *shape: type) -> tuple[Any, ...]:
    """The parts of a cursor, of type str, int or date. Raises `Rejected` for one that was not made here."""
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return tuple(_part(kind, part) for kind, part in zip(shape, parts, strict=True))
    except (ValueError, TypeError):
        raise errors.bad_value("cursor", "cursor", "not a cursor of this list") from None


def _part(kind: type, part: Any) -> Any:
    if kind is date:
        return date.fromisoformat(part)
    if type(part) is not kind or not str(part).isprintable():
        raise TypeError
    if isinstance(part, int) and part.bit_length() > 62:
        raise ValueError("no database holds a number so large")
    return part


@dataclass(frozen=True)
class Desk:
    """One request to a service: who asks, what the register is, and where the answer's headers go."""

    http: HttpRequest
    response: Response
    register: Register
    who: Principal

    def request(self) -> _Asked:
        """The request as a command records it, its idempotency key held while it is handled."""
        return _Asked(self)

    def mark(self, appended: Appended, location: str) -> None:
        """Say in the answer's headers which version it shows, where it is, and whether it is the first answer again."""
        self.response.headers["ETag"] = etag(appended.version)
        self.response.headers["Location"] = location
        self.http.state.reference = appended.reference
        if appended.replayed:
            self.response.headers["Idempotent-Replayed"] = "true"


class _AtDesk(_Secured):
    def __init__(self, kind: type[Desk], scope: str) -> None:
        super().__init__(scope)
        self.kind = kind

    async def __call__(self, http: HttpRequest, response: Response) -> Desk:
        who = await self.principal(http)
        return self.kind(http, response, await the_register(http), who)


def at_desk(kind: type[Desk], scope: str) -> Any:
    """The dependency that gives a route its desk; whoever asks must have the scope."""
    return Security(_AtDesk(kind, scope), scopes=[scope])
