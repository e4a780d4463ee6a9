"""Who may do what: API keys bound to an authority, with scopes. Keys are shown once and stored hashed."""

import hmac
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import ClassVar, Literal, get_args

import sqlalchemy as sa

from shared.clock import instant, now, stamp
from shared.database import metadata, writer
from shared.errors import NotAllowed, NotFound
from shared.last_used import LastUsed

Scope = Literal[
    "complaints:write",
    "cases:read",
    "cases:write",
    "personal:read",
    "ombudsman:read",
    "ombudsman:write",
    "reports:read",
    "reports:write",
    "reports:publish",
    "reports:regional",
    "privacy:erase",
    "admin",
]
SCOPES: tuple[Scope, ...] = get_args(Scope)
REGIONAL: Scope = "reports:regional"
AUTHORITY = re.compile(r"[A-Z]{2,8}")
"""How an authority's code is written."""

_KEY = re.compile(r"redress_([0-9a-f]{8})_([A-Za-z0-9_-]{43})")
_MAX_DAYS = 36_500

api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("key_id", sa.Text, primary_key=True),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("authority", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("scopes", sa.Text, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("expires_at", sa.Text),
    sa.Column("revoked_at", sa.Text),
    sa.Column("last_used_at", sa.Text),
    sa.Column("unlimited", sa.Boolean, nullable=False),
    sa.Column("region", sa.Text),
)


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever makes a request: an actor of one authority, or a reader of a region, with scopes.

    `unlimited` is one without a rate limit. A region's reader is of no authority: `authority` is empty.
    """

    actor: str
    authority: str
    scopes: frozenset[str]
    internal: ClassVar[bool] = False
    unlimited: bool = False
    region: str | None = None

    def may(self, scope: str) -> bool:
        """Whether the scope is among its own."""
        return scope in self.scopes


@dataclass(slots=True)
class _Held:
    """A key that was used here with its right secret, as it was read at an instant of the monotonic clock."""

    read_at: float
    hash: str
    principal: Principal
    expires: datetime | None
    renewing: bool = False


class Access:
    """Creates, revokes and checks keys. A revocation holds everywhere within `fresh_seconds`.

    When keys were last used is not noted where nothing can be written.
    """

    def __init__(
        self,
        engine: sa.Engine,
        clock: Callable[[], datetime] = now,
        fresh_seconds: float = 2.0,
        *,
        notes_use: bool = True,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._fresh = fresh_seconds
        self._held: dict[str, _Held] = {}
        self._used = LastUsed(engine, api_keys, clock) if notes_use else None

    def create(
        self,
        authority: str,
        name: str,
        scopes: tuple[str, ...],
        days: int | None,
        *,
        unlimited: bool = False,
        region: str | None = None,
    ) -> str:
        """A new key, valid for so many days (None: until it is revoked). Only this answer ever shows it.

        With a region it is of no authority (`authority` is empty), and reads the region's report alone.

        Raises:
            ValueError: an authority, a scope or a number of days that cannot be.
        """
        if region is None and not AUTHORITY.fullmatch(authority):
            raise ValueError("an authority's code is written in capitals, such as COV")
        if region is not None and (authority or set(scopes) != {REGIONAL}):
            raise ValueError(f"a region's key is of no authority, and has the scope {REGIONAL} alone")
        if unknown := set(scopes) - set(SCOPES):
            raise ValueError(f"no such scope: {', '.join(sorted(unknown))}; the scopes are: {', '.join(SCOPES)}")
        if days is not None and not 1 <= days <= _MAX_DAYS:
            raise ValueError(f"a key is valid for 1 to {_MAX_DAYS} days, or without days until it is revoked")
        key_id, secret, created = secrets.token_hex(4), secrets.token_urlsafe(32), self._clock()
        with writer(self._engine).begin() as connection:
            connection.execute(
                api_keys.insert().values(
                    key_id=key_id,
                    hash=sha256(secret.encode()).hexdigest(),
                    authority=authority,
                    name=name,
                    scopes=" ".join(scopes),
                    created_at=stamp(created),
                    expires_at=stamp(created + timedelta(days=days)) if days else None,
                    unlimited=unlimited,
                    region=region,
                )
            )
        return f"redress_{key_id}_{secret}"

    def revoke(self, key_id: str) -> None:
        """End a key. Raises `NotFound`."""
        with writer(self._engine).begin() as connection:
            done = connection.execute(
                api_keys.update().filter_by(key_id=key_id).values(revoked_at=stamp(self._clock()))
            )
        if not done.rowcount:
            raise NotFound(f"key {key_id}")
        self._held.clear()

    def listed(self) -> list[sa.Row[tuple[str, ...]]]:
        """Every key, without its secret."""
        columns = [column for column in api_keys.c if column.name != "hash"]
        with self._engine.connect() as connection:
            return list(connection.execute(sa.select(*columns).order_by(api_keys.c.created_at)))

    def holds(self, token: str) -> bool:
        """Whether a token names a key that was used here before: looking it up again is owed to its holder."""
        found = _KEY.fullmatch(token)
        return bool(found and found[1] in self._held)

    def known(self, token: str) -> Principal | None:
        """Whose token it is, if its key was read a moment ago; None if the key must be read.

        Halfway through its time one caller is sent to read it again, so that not all who ask meanwhile have to at once.

        Raises:
            NotAllowed: it is malformed, or not this key's.
        """
        key_id, secret = _parts(token)
        held = self._held.get(key_id)
        if held is None or (age := time.monotonic() - held.read_at) >= self._fresh:
            return None
        principal = self._checked(key_id, secret, held)
        if age >= self._fresh / 2 and not held.renewing:
            held.renewing = True
            return None
        return principal

    def authenticate(self, token: str) -> Principal:
        """Whose token it is.

        Raises:
            NotAllowed: it is malformed, unknown, expired or revoked; which of them is not told.
        """
        key_id, secret = _parts(token)
        read_at = time.monotonic()
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(api_keys).filter_by(key_id=key_id)).one_or_none()
        if row is None or row.revoked_at:
            self._held.pop(key_id, None)
            raise NotAllowed
        scopes = frozenset(row.scopes.split())
        who = Principal(f"key:{key_id}", row.authority, scopes, bool(row.unlimited), row.region)
        held = _Held(read_at, row.hash, who, instant(row.expires_at) if row.expires_at else None)
        principal = self._checked(key_id, secret, held)
        self._held[key_id] = held
        return principal

    def _checked(self, key_id: str, secret: str, held: _Held) -> Principal:
        if not hmac.compare_digest(held.hash, sha256(secret.encode()).hexdigest()):
            raise NotAllowed
        if held.expires and held.expires <= self._clock():
            raise NotAllowed
        if self._used:
            self._used.note(key_id)
        return held.principal

    def close(self) -> None:
        """Write down what was used last."""
        if self._used:
            self._used.close()


def _parts(token: str) -> tuple[str, str]:
    found = _KEY.fullmatch(token)
    if found is None:
        raise NotAllowed
    return found[1], found[2]
