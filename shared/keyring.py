"""The keys of a deployment: one secret of its own, wrapped by the master key, which is never in the database.

What has to outlive a change of the master key is derived from the secret. Master keys are numbered from 1, and only the
one in force has a row; the wrapped key of every party names it, so that the database itself refuses what a process that
still holds an earlier one would write.
"""

import hmac
import os
from functools import cached_property

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.exc import IntegrityError

from shared.clock import now, stamp
from shared.database import metadata, writer
from shared.errors import WrongMasterKey

deployment_keys = sa.Table(
    "deployment_keys",
    metadata,
    sa.Column("master", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
    sa.Column("since", sa.Text, nullable=False),
)
_BOUND_TO = "deployment"


class Keyring:
    """What the master key opens; the deployment's secret is made when it is first asked for."""

    def __init__(self, engine: sa.Engine, master: bytes) -> None:
        self._engine = engine
        self._master = AESGCM(master)

    @cached_property
    def number(self) -> int:
        """The number of the master key that this process holds."""
        return self._held[0]

    @cached_property
    def fingerprints(self) -> bytes:
        """The key of the fingerprints that idempotency keys are kept with."""
        return hmac.digest(self._held[1], b"idempotency fingerprints", "sha256")

    @cached_property
    def look_ups(self) -> bytes:
        """The key of the index that people are looked up by."""
        return hmac.digest(self._held[1], b"look-ups", "sha256")

    def wrap(self, key: bytes, bound_to: str) -> bytes:
        """A key, encrypted by the master key."""
        return encrypt(self._master, key, bound_to)

    def unwrap(self, wrapped: bytes, bound_to: str) -> bytes:
        """What `wrap` was given. Raises `WrongMasterKey`."""
        try:
            return decrypt(self._master, wrapped, bound_to)
        except InvalidTag:
            raise WrongMasterKey from None

    def check(self) -> None:
        """See that the master key held here is the one in force. Raises `WrongMasterKey`."""
        held = self._held
        if self._stored() != held:
            raise WrongMasterKey

    def same_as(self, other: "Keyring") -> bool:
        """Whether two databases are of one deployment: what one encrypted or fingerprinted serves on the other."""
        return self._held == other._held

    def found_like(self, other: "Keyring") -> None:
        """Take over the secret of the deployment's other database, unless this one has a secret already."""
        if self._stored() is None:
            number, secret = other._held
            row = {"master": number, "wrapped": self.wrap(secret, _BOUND_TO), "since": stamp(now())}
            with writer(self._engine).begin() as connection:
                connection.execute(deployment_keys.insert().values(row))

    def standing(self) -> str | None:
        """Why nothing can be opened with this master key, or None."""
        try:
            self.check()
        except WrongMasterKey as error:
            return error.reason
        return None

    @cached_property
    def _held(self) -> tuple[int, bytes]:
        return self._stored() or self._made()

    def _stored(self) -> tuple[int, bytes] | None:
        with self._engine.connect() as connection:
            row = connection.execute(IN_FORCE).one_or_none()
        return (row.master, self.unwrap(row.wrapped, _BOUND_TO)) if row else None

    def _made(self) -> tuple[int, bytes]:
        row = {"master": 1, "wrapped": self.wrap(os.urandom(32), _BOUND_TO), "since": stamp(now())}
        try:
            with writer(self._engine).begin() as connection:
                connection.execute(deployment_keys.insert().values(row))
        except IntegrityError:  # another process was first
            pass
        stored = self._stored()
        assert stored is not None  # noqa: S101 - it was there a moment ago, and nothing deletes the last one
        return stored

    def handed_on(self, connection: sa.Connection, master: bytes) -> tuple["Keyring", int]:
        """A keyring of the next master key, whose row is added beside the present one; and the present number.

        The present row stays locked until the caller's transaction ends, so that no party's key can join meanwhile.

        Raises:
            WrongMasterKey: the master key held here is not the one in force.
        """
        row = connection.execute(IN_FORCE.with_for_update()).one()
        secret = self.unwrap(row.wrapped, _BOUND_TO)
        following = Keyring(self._engine, master)
        following._held = (row.master + 1, secret)
        new = {"master": row.master + 1, "wrapped": following.wrap(secret, _BOUND_TO), "since": stamp(now())}
        connection.execute(deployment_keys.insert().values(new))
        return following, row.master


IN_FORCE = sa.select(deployment_keys).order_by(deployment_keys.c.master.desc()).limit(1)


def encrypt(cipher: AESGCM, plain: bytes, bound_to: str) -> bytes:
    """AES-256-GCM with a nonce of its own in front; `bound_to` is authenticated with it."""
    nonce = os.urandom(12)
    return nonce + cipher.encrypt(nonce, plain, bound_to.encode())


def decrypt(cipher: AESGCM, sealed: bytes, bound_to: str) -> bytes:
    """What `encrypt` was given. Raises `InvalidTag`."""
    return cipher.decrypt(sealed[:12], sealed[12:], bound_to.encode())
