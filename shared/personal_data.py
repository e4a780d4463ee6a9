"""People's names, contacts and words: apart from the events, encrypted field by field under a key for each party.

A case's parties are `complainant`, `person_affected`, and `narrative` for what was told. The event holds the hash of
each ciphertext; the keys are wrapped by the master key, which is never in the database.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.database import metadata
from shared.events import Commitment
from shared.log import Removal, Write

Fields = Mapping[str, str]
Parties = Mapping[str, Fields]

personal_keys = sa.Table(
    "personal_keys",
    metadata,
    sa.Column("authority", sa.Text, nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("party", sa.Text, nullable=False),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
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
personal_data_reads = sa.Table(
    "personal_data_reads",
    metadata,
    sa.Column("authority", sa.Text, nullable=False),
    sa.Column("read_id", sa.Text, nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("read_at", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("authority", "read_id", name="personal_data_reads_id"),
)

PERSONAL_TABLES = (personal_keys, personal_data)
"""Every table that holds something of a party: each has the columns authority, reference, party."""

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
class Sealed:
    """Encrypted parties: rows to commit with the event, and the commitments that the event holds."""

    writes: tuple[Write, ...]
    commitments: tuple[Commitment, ...]


class Vault:
    """Encrypts and decrypts with AES-256-GCM; party and field are authenticated with each value."""

    def __init__(self, master: bytes) -> None:
        self._master = AESGCM(master)

    def seal(self, parties: Parties) -> Sealed:
        """Encrypt each party's fields under a new key of its own."""
        keys, data, commitments = [], [], []
        for party, fields in parties.items():
            key = AESGCM.generate_key(256)
            cipher = AESGCM(key)
            keys.append({"party": party, "wrapped": _encrypt(self._master, key, party)})
            for name, value in fields.items():
                ciphertext = _encrypt(cipher, value.encode(), f"{party}.{name}")
                data.append({"party": party, "field": name, "ciphertext": ciphertext})
                commitments.append(Commitment(party, name, f"sha256:{sha256(ciphertext).hexdigest()}"))
        return Sealed((Write(personal_keys, tuple(keys)), Write(personal_data, tuple(data))), tuple(commitments))

    def open(self, connection: sa.Connection, authority: str, reference: str) -> dict[str, dict[str, str]]:
        """The fields of every party of a case, decrypted; whoever calls this records that it was read."""
        of_case = {"authority": authority, "reference": reference}
        keys = {
            row.party: AESGCM(_decrypt(self._master, row.wrapped, row.party))
            for row in connection.execute(sa.select(personal_keys).filter_by(**of_case))
        }
        opened: dict[str, dict[str, str]] = {}
        for row in connection.execute(sa.select(personal_data).filter_by(**of_case)):
            value = _decrypt(keys[row.party], row.ciphertext, f"{row.party}.{row.field}")
            opened.setdefault(row.party, {})[row.field] = value.decode()
        return opened


def _encrypt(cipher: AESGCM, plain: bytes, bound_to: str) -> bytes:
    nonce = os.urandom(12)
    return nonce + cipher.encrypt(nonce, plain, bound_to.encode())


def _decrypt(cipher: AESGCM, sealed: bytes, bound_to: str) -> bytes:
    return cipher.decrypt(sealed[:12], sealed[12:], bound_to.encode())
