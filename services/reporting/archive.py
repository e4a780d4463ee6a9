"""The documents of publications, each under the hash of its bytes: written with the event that cites it, for good."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import sqlalchemy as sa

from services.reporting.canonical import digest
from shared.database import metadata
from shared.log import Write

documents = sa.Table(
    "documents",
    metadata,
    sa.Column("authority", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("policy", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("authority", "hash", name="documents_hash"),
)


class Kept(NamedTuple):
    """A document: what its bytes are, and the bytes; `policy` is the Content-Security-Policy of a page."""

    media_type: str
    content: bytes
    policy: str = ""

    @property
    def hash(self) -> str:
        """What it is kept under."""
        return digest(self.content)


def keeping(found: Iterable[Kept]) -> Write:
    """The rows of some documents, to be committed with the event that cites them; one that is kept already stays."""
    rows = ({"hash": each.hash, **each._asdict()} for each in found)
    return Write(documents, tuple(rows), once=True)


def kept(engine: sa.Engine, authority: str, hashes: Iterable[str]) -> Mapping[str, Kept]:
    """The documents of an authority that are kept under some hashes."""
    content = sa.cast(documents.c.content, sa.LargeBinary)  # whatever a tampering hand has put there in SQLite
    query = sa.select(documents.c.hash, documents.c.media_type, content, documents.c.policy)
    with engine.connect() as connection:
        wanted = query.where(documents.c.authority == authority, documents.c.hash.in_(list(hashes)))
        rows = connection.execute(wanted).all()
    return {hash_: Kept(media_type, bytes(content), policy) for hash_, media_type, content, policy in rows}
