"""The register's tables, and the triggers that keep the log append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

GUARDS = {
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


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=True),
        sa.Column("revoked_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key_id"),
    )
    op.create_table(
        "breach_facts",
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("known_from", sa.BigInteger(), nullable=False),
        sa.Column("known_to", sa.BigInteger(), nullable=True),
        sa.Column("known_at", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "generation", "reference", "number", "known_from"),
    )
    op.create_index(
        "ix_breach_facts_happened_on", "breach_facts", ["authority", "generation", "happened_on"], unique=False
    )
    op.create_table(
        "case_facts",
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("known_from", sa.BigInteger(), nullable=False),
        sa.Column("known_to", sa.BigInteger(), nullable=True),
        sa.Column("known_at", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("pathway", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("service_area", sa.Text(), nullable=False),
        sa.Column("made_orally", sa.Boolean(), nullable=False),
        sa.Column("represented", sa.Boolean(), nullable=False),
        sa.Column("local_standard_due_on", sa.Date(), nullable=True),
        sa.Column("settled_in_time", sa.Boolean(), nullable=False),
        sa.Column("outside_statutory_count", sa.Boolean(), nullable=False),
        sa.Column("refused_ground", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("responded_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("first_closed_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("days_open", sa.BigInteger(), nullable=True),
        sa.Column("sex", sa.Text(), nullable=True),
        sa.Column("ethnic_group", sa.Text(), nullable=True),
        sa.Column("disability", sa.Text(), nullable=True),
        sa.Column("age_band", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("authority", "generation", "reference", "known_from"),
    )
    op.create_index("ix_case_facts_received_on", "case_facts", ["authority", "generation", "received_on"], unique=False)
    op.create_table(
        "case_list",
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("pathway", sa.Text(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("service_area", sa.Text(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("next_deadline", sa.Text(), nullable=True),
        sa.Column("next_due_on", sa.Date(), nullable=True),
        sa.Column("amber_from", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("authority", "reference", name="case_list_reference"),
    )
    op.create_index("case_list_due", "case_list", ["authority", "next_due_on"], unique=False)
    op.create_index("case_list_received", "case_list", ["authority", "kind", "received_on", "reference"], unique=False)
    op.create_table(
        "checkpoints",
        sa.Column("projection", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("serving", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("projection", "authority", "generation"),
    )
    op.create_table(
        "cited",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
    op.create_table(
        "concern_facts",
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("known_from", sa.BigInteger(), nullable=False),
        sa.Column("known_to", sa.BigInteger(), nullable=True),
        sa.Column("known_at", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("subcategory", sa.Text(), nullable=True),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("authority", "generation", "reference", "number", "known_from"),
    )
    op.create_table(
        "enquiry_facts",
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("known_from", sa.BigInteger(), nullable=False),
        sa.Column("known_to", sa.BigInteger(), nullable=True),
        sa.Column("known_at", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("informed_on", sa.Date(), nullable=False),
        sa.Column("case_reference", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("authority", "generation", "reference", "known_from"),
    )
    op.create_index(
        "ix_enquiry_facts_decided_on", "enquiry_facts", ["authority", "generation", "decided_on"], unique=False
    )
    op.create_index(
        "ix_enquiry_facts_informed_on", "enquiry_facts", ["authority", "generation", "informed_on"], unique=False
    )
    op.create_table(
        "enquiry_list",
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("case_reference", sa.Text(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("respond_by", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("authority", "reference", name="enquiry_list_reference"),
    )
    op.create_index("enquiry_list_received", "enquiry_list", ["authority", "received_on", "reference"], unique=False)
    op.create_table(
        "events",
        sa.Column("authority", _TEXT, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("event_id", _TEXT, nullable=False),
        sa.Column("stream", _TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("type", _TEXT, nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("occurred", _TEXT, nullable=False),
        sa.Column("recorded_at", _TEXT, nullable=False),
        sa.Column("known_at", _TEXT, nullable=False),
        sa.Column("actor", _TEXT, nullable=False),
        sa.Column("correlation", _TEXT, nullable=True),
        sa.Column("causation", _TEXT, nullable=True),
        sa.Column("payload", _TEXT, nullable=False),
        sa.Column("previous_hash", _TEXT, nullable=False),
        sa.Column("hash", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("authority", "position", name="events_position"),
        sa.UniqueConstraint("authority", "event_id", name="events_event_id"),
        sa.UniqueConstraint("authority", "previous_hash", name="events_previous_hash"),
        sa.UniqueConstraint("authority", "stream", "version", name="events_stream_version"),
    )
    op.create_index("events_known_at", "events", ["authority", "known_at"], unique=False)
    op.create_table(
        "figure_facts",
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("year", sa.Text(), nullable=False),
        sa.Column("known_from", sa.BigInteger(), nullable=False),
        sa.Column("known_to", sa.BigInteger(), nullable=True),
        sa.Column("known_at", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "generation", "reference", "name", "subject", "year", "known_from"),
    )
    op.create_index("ix_figure_facts_year", "figure_facts", ["authority", "generation", "year"], unique=False)
    op.create_table(
        "idempotency_keys",
        sa.Column("authority", _TEXT, nullable=False),
        sa.Column("key", _TEXT, nullable=False),
        sa.Column("fingerprint", _TEXT, nullable=False),
        sa.Column("stream", _TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("authority", "key", name="idempotency_keys_key"),
    )
    op.create_table(
        "lesson_facts",
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("known_from", sa.BigInteger(), nullable=False),
        sa.Column("known_to", sa.BigInteger(), nullable=True),
        sa.Column("known_at", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("lesson", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("completed_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("authority", "generation", "reference", "number", "known_from"),
    )
    op.create_index(
        "ix_lesson_facts_recorded_on", "lesson_facts", ["authority", "generation", "recorded_on"], unique=False
    )
    op.create_table(
        "personal_data",
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "reference", "party", "field", name="personal_data_field"),
    )
    op.create_table(
        "personal_data_reads",
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("read_id", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("read_at", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "read_id", name="personal_data_reads_id"),
    )
    op.create_table(
        "personal_keys",
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "reference", "party", name="personal_keys_party"),
    )
    op.create_table(
        "remedy_facts",
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("known_from", sa.BigInteger(), nullable=False),
        sa.Column("known_to", sa.BigInteger(), nullable=True),
        sa.Column("known_at", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("amount_pence", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("authority", "generation", "reference", "by", "number", "known_from"),
    )
    op.create_index("ix_remedy_facts_agreed_on", "remedy_facts", ["authority", "generation", "agreed_on"], unique=False)
    op.create_table(
        "representation_facts",
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("known_from", sa.BigInteger(), nullable=False),
        sa.Column("known_to", sa.BigInteger(), nullable=True),
        sa.Column("known_at", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("service_area", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "generation", "reference", "known_from"),
    )
    op.create_index(
        "ix_representation_facts_received_on",
        "representation_facts",
        ["authority", "generation", "received_on"],
        unique=False,
    )
    op.create_table(
        "series",
        sa.Column("authority", _TEXT, nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "name", name="series_name"),
    )
    op.create_table(
        "spell_facts",
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("known_from", sa.BigInteger(), nullable=False),
        sa.Column("known_to", sa.BigInteger(), nullable=True),
        sa.Column("known_at", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("pathway", sa.Text(), nullable=True),
        sa.Column("entered_on", sa.Date(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("left_by", sa.Text(), nullable=True),
        sa.Column("outside", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "generation", "reference", "number", "known_from"),
    )
    op.create_index("ix_spell_facts_entered_on", "spell_facts", ["authority", "generation", "entered_on"], unique=False)
    op.create_index("ix_spell_facts_left_on", "spell_facts", ["authority", "generation", "left_on"], unique=False)
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)
