"""Who may do what: API keys bound to an authority, with scopes. Keys are shown once and stored hashed."""

import hmac
import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal, get_args

import sqlalchemy as sa

from shared.clock import instant, now, stamp
from shared.database import metadata, writer
from shared.errors import NotAllowed, NotFound

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
    "privacy:erase",
    "admin",
]
SCOPES: tuple[Scope, ...] = get_args(Scope)

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
)


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever makes a request: an actor of one authority, with scopes."""

    actor: str
    authority: str
    scopes: frozenset[str]

    def may(self, scope: str) -> bool:
        """Whether the scope is among its own."""
        return scope in self.scopes


class Access:
    """Creates, revokes and checks keys. A revocation holds everywhere within `fresh_seconds`."""

    def __init__(self, engine: sa.Engine, fresh_seconds: float = 2.0) -> None:
        self._engine = engine
        self._fresh = fresh_seconds
        self._seen: dict[str, tuple[float, Principal, datetime | None]] = {}

    def create(self, authority: str, name: str, scopes: tuple[str, ...], days: int | None) -> str:
        """A new key, valid for so many days (None: until it is revoked). Only this answer ever shows it.

        Raises:
            ValueError: a scope that does not exist.
        """
        if unknown := set(scopes) - set(SCOPES):
            raise ValueError(f"no such scope: {', '.join(sorted(unknown))}; the scopes are: {', '.join(SCOPES)}")
        key_id, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
        expires = stamp(now() + timedelta(days=days)) if days else None
        with writer(self._engine).begin() as connection:
            connection.execute(
                api_keys.insert().values(
                    key_id=key_id,
                    hash=sha256(secret.encode()).hexdigest(),
                    authority=authority,
                    name=name,
                    scopes=" ".join(scopes),
                    created_at=stamp(now()),
                    expires_at=expires,
                    unlimited=False,
                )
            )
        return f"redress_{key_id}_{secret}"

    def revoke(self, key_id: str) -> None:
        """End a key. Raises `NotFound`."""
        with writer(self._engine).begin() as connection:
            done = connection.execute(api_keys.update().filter_by(key_id=key_id).values(revoked_at=stamp(now())))
        if not done.rowcount:
            raise NotFound(f"key {key_id}")
        self._seen.clear()

    def listed(self) -> list[sa.Row[tuple[str, ...]]]:
        """Every key, without its secret."""
        columns = [column for column in api_keys.c if column.name != "hash"]
        with self._engine.connect() as connection:
            return list(connection.execute(sa.select(*columns).order_by(api_keys.c.created_at)))

    def known(self, token: str) -> Principal | None:
        """Whose token it is, if that was found out a moment ago and still holds."""
        seen = self._seen.get(token)
        if seen and time.monotonic() - seen[0] < self._fresh and (seen[2] is None or now() < seen[2]):
            return seen[1]
        return None

    def authenticate(self, token: str) -> Principal:
        """Whose token it is.

        Raises:
            NotAllowed: it is malformed, unknown, expired or revoked; which of them is not told.
        """
        if (principal := self.known(token)) is not None:
            return principal
        kind, _, rest = token.partition("_")
        key_id, _, secret = rest.partition("_")
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(api_keys).filter_by(key_id=key_id)).one_or_none()
        stored = row.hash if row else ""
        right = hmac.compare_digest(stored, sha256(secret.encode()).hexdigest())
        if kind != "redress" or row is None or not right or row.revoked_at:
            raise NotAllowed
        expires = instant(row.expires_at) if row.expires_at else None
        if expires and expires <= now():
            raise NotAllowed
        principal = Principal(f"key:{row.key_id}", row.authority, frozenset(row.scopes.split()))
        if len(self._seen) > 10_000:
            self._seen.clear()
        self._seen[token] = (time.monotonic(), principal, expires)
        return principal
