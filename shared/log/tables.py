"""The tables of the log. Every constraint has a name, because a violation is told apart by it."""

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

GUARDS: dict[str, tuple[str, ...]] = {
    "sqlite": (
        "CREATE TRIGGER events_no_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events never change'); END",
        "CREATE TRIGGER events_no_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events never change'); END",
        # INSERT OR REPLACE deletes what is in its way without firing the DELETE trigger: only the next position comes.
        """CREATE TRIGGER events_no_replace BEFORE INSERT ON events
        WHEN NEW.position <> (SELECT coalesce(max(position), 0) + 1 FROM events WHERE authority = NEW.authority)
          OR EXISTS (SELECT 1 FROM events WHERE authority = NEW.authority AND stream = NEW.stream
                     AND version = NEW.version)
          OR EXISTS (SELECT 1 FROM events WHERE authority = NEW.authority AND previous_hash = NEW.previous_hash)
        BEGIN SELECT RAISE(ABORT, 'events never change: only the next position may be added'); END""",
        """CREATE TRIGGER events_no_repetition BEFORE INSERT ON events
        WHEN EXISTS (SELECT 1 FROM events WHERE authority = NEW.authority AND event_id = NEW.event_id)
        BEGIN SELECT RAISE(ABORT, 'events never change: events_event_id'); END""",
    ),
    "postgresql": (
        """CREATE FUNCTION events_never_change() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'events never change' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
        """CREATE TRIGGER events_no_update_or_delete BEFORE UPDATE OR DELETE ON events
        FOR EACH ROW EXECUTE FUNCTION events_never_change()""",
        """CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events
        FOR EACH STATEMENT EXECUTE FUNCTION events_never_change()""",
        """CREATE FUNCTION events_in_turn() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN
            IF NEW.position <> (SELECT coalesce(max(position), 0) + 1 FROM events WHERE authority = NEW.authority) THEN
                RAISE EXCEPTION 'events never change: only the next position may be added'
                USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$""",
        """CREATE TRIGGER events_only_the_next BEFORE INSERT ON events
        FOR EACH ROW EXECUTE FUNCTION events_in_turn()""",
    ),
}
"""What makes the database itself refuse a change of the record, by dialect."""
