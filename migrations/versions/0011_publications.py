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
    for table in ("checkpoints", *(f"{kind}_facts" for kind in FACTS)):
        op.execute(sa.delete(sa.table(table)))
