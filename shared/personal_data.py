"""People's names, contacts and words: apart from the events, encrypted field by field under a key for each party.

A case's parties are `complainant`, `person_affected`, and `narrative` for what was told. The event holds the hash of
each ciphertext; the keys are wrapped by the master key, which is never in the database. Nothing is opened or looked up
without a row that says who did, when, and why.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import orjson
import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.clock import stamp
from shared.database import insert, metadata, writer
from shared.events import Commitment
from shared.keyring import Keyring, decrypt, encrypt
from shared.log import Removal, Write
from shared.log.record import uuid7
from shared.look_ups import WAYS, Way, forms, token

Fields = Mapping[str, str]
Parties = Mapping[str, Fields]

personal_keys = sa.Table(
    "personal_keys",
    metadata,
    sa.Column("authority", sa.Text, nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("party", sa.Text, nullable=False),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
    sa.Column("master", sa.Integer, sa.ForeignKey("deployment_keys.master", name="personal_keys_master")),
    sa.PrimaryKeyConstraint("authority", "reference", "party", name="personal_keys_party"),
)
personal_data = sa.Table(
    "personal_data",
    metadata,
    sa.Column("authority", sa.Text, nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("party", sa.Text, nullable=False),
    sa.Column("field", sa.Text, nullable=False),
    sa.Column("ciphertext", sa.LargeBinary, nullable=False),
    sa.PrimaryKeyConstraint("authority", "reference", "party", "field", name="personal_data_field"),
)
personal_look_ups = sa.Table(
    "personal_look_ups",
    metadata,
    sa.Column("authority", sa.Text, nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("party", sa.Text, nullable=False),
    sa.Column("way", sa.Text, nullable=False),
    sa.Column("token", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("authority", "reference", "party", "way", name="personal_look_ups_party"),
    sa.Index("personal_look_ups_token", "authority", "token"),
)
PERSONAL_TABLES = (personal_data, personal_keys, personal_look_ups)
"""Every table that holds personal data, each by authority, reference and party."""

personal_data_reads = sa.Table(
    "personal_data_reads",
    metadata,
    sa.Column("authority", sa.Text, nullable=False),
    sa.Column("read_id", sa.Text, nullable=False),
    sa.Column("reference", sa.Text),
    sa.Column("read_at", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("how", sa.Text, nullable=False, server_default="opened"),
    sa.Column("fields", sa.Text, nullable=False, server_default="[]"),
    sa.PrimaryKeyConstraint("authority", "read_id", name="personal_data_reads_id"),
)


ERASED_REASON = "(erased)"


def erased(authority: str, reference: str, party: str) -> tuple[Removal, ...]:
    """What takes a party's personal data away, and its key with it.

    The record of who read a case, and when, stays; why is free text that may name anyone, and goes.
    """
    of_party = {"authority": authority, "reference": reference, "party": party}
    of_case = {"authority": authority, "reference": reference}
    return (
        *(sa.delete(table).filter_by(**of_party) for table in PERSONAL_TABLES),
        sa.update(personal_data_reads).filter_by(**of_case).values(reason=ERASED_REASON),
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """Who wants to know, when, and why: what is kept of every opening and every look-up."""

    authority: str
    actor: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """A party that a look-up found."""

    reference: str
    party: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """Encrypted parties: rows to commit with the event, and the commitments that the event holds."""

    writes: tuple[Write, ...]
    commitments: tuple[Commitment, ...]


class Vault:
    """Encrypts and decrypts with AES-256-GCM; party and field are authenticated with each value."""

    def __init__(self, engine: sa.Engine, keyring: Keyring) -> None:
        self._engine = engine
        self._keyring = keyring

    def seal(self, authority: str, parties: Parties) -> Sealed:
        """Encrypt each party's fields under a new key of its own."""
        keys, data, look_ups, commitments = [], [], [], []
        for party, fields in parties.items():
            key = os.urandom(32)
            cipher = AESGCM(key)
            keys.append({"party": party, "wrapped": self._keyring.wrap(key, party), "master": self._keyring.number})
            for name, value in fields.items():
                ciphertext, commitment = _sealed(cipher, party, name, value)
                data.append({"party": party, "field": name, "ciphertext": ciphertext})
                commitments.append(commitment)
            tokens = self._tokens(authority, fields)
            look_ups += [{"party": party, "way": way, "token": found} for way, found in tokens.items()]
        writes = (
            Write(personal_keys, tuple(keys)),
            Write(personal_data, tuple(data)),
            Write(personal_look_ups, tuple(look_ups)),
        )
        return Sealed(writes, tuple(commitments))

    def reseal(self, authority: str, reference: str, party: str, field: str, value: str) -> Sealed | None:
        """One field of a party anew, under the key that the party has; None if nothing is held of the party."""
        of_party = {"authority": authority, "reference": reference, "party": party}
        with self._engine.connect() as connection:
            key = connection.execute(sa.select(personal_keys).filter_by(**of_party)).one_or_none()
            rows = connection.execute(sa.select(personal_data).filter_by(**of_party)).all()
        if key is None:
            return None
        cipher = AESGCM(self._keyring.unwrap(key.wrapped, party))
        fields = {row.field: decrypt(cipher, row.ciphertext, f"{party}.{row.field}").decode() for row in rows}
        ciphertext, commitment = _sealed(cipher, party, field, value)
        data = {"party": party, "field": field, "ciphertext": ciphertext}
        tokens = self._tokens(authority, {**fields, field: value})
        look_ups = tuple({"party": party, "way": way, "token": tokens.get(way, "")} for way in WAYS)
        return Sealed((Write(personal_data, (data,)), Write(personal_look_ups, look_ups)), (commitment,))

    def open(self, reading: Reading, reference: str) -> dict[str, dict[str, str]]:
        """The fields of every party of a case, decrypted; that they were read is committed before they are answered.

        Raises:
            WrongMasterKey: their keys are wrapped by another.
        """
        of_case = {"authority": reading.authority, "reference": reference}
        with writer(self._engine).begin() as connection:
            keys = {
                row.party: AESGCM(self._keyring.unwrap(row.wrapped, row.party))
                for row in connection.execute(sa.select(personal_keys).filter_by(**of_case))
            }
            opened: dict[str, dict[str, str]] = {}
            for row in connection.execute(sa.select(personal_data).filter_by(**of_case)):
                value = decrypt(keys[row.party], row.ciphertext, f"{row.party}.{row.field}")
                opened.setdefault(row.party, {})[row.field] = value.decode()
            fields = sorted(f"{party}.{field}" for party, held in opened.items() for field in held)
            _record(connection, reading, "opened", {reference: fields})
        return opened

    def look_up(
        self,
        reading: Reading,
        fields: Fields,
        among: sa.ColumnElement[bool],
        limit: int,
        after: Found | None = None,
    ) -> tuple[list[Found], bool]:
        """The next parties that have these fields, by reference and party, and whether more follow them.

        That they were looked for is committed before they are answered.
        `fields` are an e-mail address, a phone number, or a name with a postcode; `among` narrows the rows of
        `personal_look_ups` to those that may be found.
        """
        c = personal_look_ups.c
        tokens = list(self._tokens(reading.authority, fields).values())
        query = sa.select(c.reference, c.party).where(c.authority == reading.authority, c.token.in_(tokens), among)
        if after:
            query = query.where(sa.tuple_(c.reference, c.party) > sa.tuple_(after.reference, after.party))
        with writer(self._engine).begin() as connection:
            rows = connection.execute(query.order_by(c.reference, c.party).limit(limit + 1)).all()
            found = [Found(row.reference, row.party) for row in rows[:limit]]
            seen: dict[str | None, list[str]] = {}
            for each in found:
                seen.setdefault(each.reference, []).extend(f"{each.party}.{name}" for name in sorted(fields))
            _record(connection, reading, "looked_up", seen or {None: []})
        return found, len(rows) > limit

    def _tokens(self, authority: str, fields: Fields) -> dict[Way, str]:
        """What the index holds of a person, for each way in which they can be looked up."""
        return {way: token(self._keyring.look_ups, authority, way, form) for way, form in forms(fields).items()}


def _record(connection: sa.Connection, reading: Reading, how: str, seen: Mapping[str | None, list[str]]) -> None:
    """A row for each reference, with the fields of its parties that were read."""
    rows = [
        {
            "authority": reading.authority,
            "read_id": uuid7(),
            "reference": reference,
            "read_at": stamp(reading.at),
            "actor": reading.actor,
            "reason": reading.reason,
            "how": how,
            "fields": orjson.dumps(fields).decode(),
        }
        for reference, fields in seen.items()
    ]
    insert(connection, personal_data_reads, rows)


def _sealed(cipher: AESGCM, party: str, field: str, value: str) -> tuple[bytes, Commitment]:
    ciphertext = encrypt(cipher, value.encode(), f"{party}.{field}")
    return ciphertext, Commitment(party, field, f"sha256:{sha256(ciphertext).hexdigest()}")
