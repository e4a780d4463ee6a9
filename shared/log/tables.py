"""The tables of the log. Every constraint has a name, because a violation is told apart by it.

The triggers that make the database refuse a change of an event are part of the first migration.
"""

import sqlalchemy as sa

from shared.database import metadata

# Instants are text in one fixed form (`clock.stamp`), so that what is hashed is what is stored, on either engine.
_text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

events = sa.Table(
    "events",
    metadata,
    sa.Column("authority", _text, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("event_id", _text, nullable=False),
    sa.Column("stream", _text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("type", _text, nullable=False),
    sa.Column("schema_version", sa.Integer, nullable=False),
    sa.Column("occurred", _text, nullable=False),
    sa.Column("recorded_at", _text, nullable=False),
    sa.Column("known_at", _text, nullable=False),
    sa.Column("actor", _text, nullable=False),
    sa.Column("correlation", _text),
    sa.Column("causation", _text),
    sa.Column("payload", _text, nullable=False),
    sa.Column("previous_hash", _text, nullable=False),
    sa.Column("hash", _text, nullable=False),
    sa.PrimaryKeyConstraint("authority", "position", name="events_position"),
    sa.UniqueConstraint("authority", "stream", "version", name="events_stream_version"),
    sa.UniqueConstraint("authority", "event_id", name="events_event_id"),
    sa.UniqueConstraint("authority", "previous_hash", name="events_previous_hash"),
    sa.Index("events_known_at", "authority", "known_at"),
)

ERASED = events.c.type == sa.literal_column("'personal_data_erased'")  # a bound value would not find the index
sa.Index("events_erased", events.c.authority, events.c.position, sqlite_where=ERASED, postgresql_where=ERASED)

idempotency_keys = sa.Table(
    "idempotency_keys",
    metadata,
    sa.Column("authority", _text, nullable=False),
    sa.Column("key", _text, nullable=False),
    sa.Column("fingerprint", _text, nullable=False),
    sa.Column("stream", _text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("recorded_at", _text, nullable=False),
    sa.Column("first_version", sa.Integer, nullable=False),
    sa.PrimaryKeyConstraint("authority", "key", name="idempotency_keys_key"),
)

series = sa.Table(
    "series",
    metadata,
    sa.Column("authority", _text, nullable=False),
    sa.Column("name", _text, nullable=False),
    sa.Column("last", sa.Integer, nullable=False),
    sa.PrimaryKeyConstraint("authority", "name", name="series_name"),
)
