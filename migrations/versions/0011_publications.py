"""The council's own words among the facts of reports, and the documents of publications."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

FACTS = (
    "case",
    "concern",
    "spell",
    "remedy",
    "lesson",
    "breach",
    "enquiry",
    "representation",
    "figure",
    "clock",
    "delay",
)
PARTS = (
    "introduction",
    "subject_matter",
    "matters_of_general_importance",
    "action_taken",
    "self_assessment",
    "governance_response",
)

GUARDS = {
    "sqlite": (
        """CREATE TRIGGER documents_no_update BEFORE UPDATE ON documents
        BEGIN SELECT RAISE(ABORT, 'documents never change'); END""",
        """CREATE TRIGGER documents_no_delete BEFORE DELETE ON documents
        BEGIN SELECT RAISE(ABORT, 'documents never change'); END""",
    ),
    "postgresql": (
        """CREATE FUNCTION documents_never_change() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'documents never change' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
        """CREATE TRIGGER documents_no_update_or_delete BEFORE UPDATE OR DELETE ON documents
        FOR EACH ROW EXECUTE FUNCTION documents_never_change()""",
        """CREATE TRIGGER documents_no_truncate BEFORE TRUNCATE ON documents
        FOR EACH STATEMENT EXECUTE FUNCTION documents_never_change()""",
    ),
}
"""What was published stays what it was, whoever holds the database's rights but the owner."""


def upgrade() -> None:
    """The read models are emptied: reports follow the log anew."""
    op.create_table(
        "narrative_facts",
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("year", sa.Text(), nullable=False),
        sa.Column("known_from", sa.BigInteger(), nullable=False),
        sa.Column("known_to", sa.BigInteger(), nullable=True),
        sa.Column("known_at", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        *(sa.Column(part, sa.Text(), nullable=True) for part in PARTS),
        sa.PrimaryKeyConstraint("authority", "generation", "reference", "year", "known_from"),
    )
    op.create_index("ix_narrative_facts_year", "narrative_facts", ["authority", "generation", "year"], unique=False)
    op.create_table(
        "documents",
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "hash", name="documents_hash"),
    )
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)
    for table in ("checkpoints", *(f"{kind}_facts" for kind in FACTS)):
        op.execute(sa.delete(sa.table(table)))
