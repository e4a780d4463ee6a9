"""Concerns are found by the day of their case's receipt, and what is open among what was open once."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

FACTS = (
    *("case", "concern", "spell", "clock", "delay", "remedy", "lesson", "breach"),
    *("enquiry", "representation", "figure", "narrative"),
)
PAUSED = sa.text("paused_on IS NOT NULL")


def upgrade() -> None:
    """The read models are emptied, because reports follow the log anew to fill the column."""
    for table in ("checkpoints", *(f"{kind}_facts" for kind in FACTS)):
        op.execute(sa.delete(sa.table(table)))
    op.add_column("concern_facts", sa.Column("received_on", sa.Date))
    with op.batch_alter_table("concern_facts") as concerns:  # SQLite adds none that must have a value
        concerns.alter_column("received_on", nullable=False)
    _index("concern", "received_on")
    op.drop_index("ix_spell_facts_left_on")
    _index("spell", "open", "left_on", "known_to")
    op.drop_index("ix_clock_facts_paused")
    _index("clock", "paused", "known_to", where=PAUSED)


def _index(kind: str, name: str, *columns: str, where: sa.TextClause | None = None) -> None:
    op.create_index(
        f"ix_{kind}_facts_{name}",
        f"{kind}_facts",
        ["authority", "generation", *(columns or (name,))],
        postgresql_where=where,
        sqlite_where=where,
    )
