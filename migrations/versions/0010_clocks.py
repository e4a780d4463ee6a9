"""What the reports know of clocks: each deadline of a case, the reasons given for delays, who handles a case at which
stage.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

FACTS = ("case", "concern", "spell", "remedy", "lesson", "breach", "enquiry", "representation", "figure")
KEY = ("authority", "generation", "reference", "number", "known_from")


def upgrade() -> None:
    """The facts' tables and columns; the read models are emptied, because reports follow the log anew to fill these."""
    for text in ("stage", "officer", "officer_role", "delay_reason"):
        op.add_column("case_facts", sa.Column(text, sa.Text))
    op.add_column("case_facts", sa.Column("acknowledged_on", sa.Date))
    op.create_index("ix_case_facts_open", "case_facts", ["authority", "generation", "closed_on", "known_to"])
    _facts(
        "clock_facts",
        *_texts("name"),
        sa.Column("pathway", sa.Text),
        *_texts("stage", "rule", "kind", "binds", "met_by", "anchor"),
        *(sa.Column(day, sa.Date, nullable=False) for day in ("started_on", "first_due_on", "due_on")),
        sa.Column("unextended_due_on", sa.Date),
        *(sa.Column(number, sa.BigInteger, nullable=False) for number in ("extended", "beyond_cap")),
        sa.Column("extended_late", sa.Boolean, nullable=False),
        sa.Column("reviewed", sa.BigInteger, nullable=False),
        *(sa.Column(day, sa.Date) for day in ("paused_on", "met_on", "ended_on")),
        sa.Column("ended_by", sa.Text),
        sa.Column("outside", sa.Boolean, nullable=False),
    )
    op.create_index("ix_clock_facts_due_on", "clock_facts", ["authority", "generation", "due_on"])
    _facts(
        "delay_facts",
        sa.Column("given_on", sa.Date, nullable=False),
        *_texts("given_with", "reason"),
        *(sa.Column(text, sa.Text) for text in ("pathway", "stage")),
        *(sa.Column(answer, sa.Boolean, nullable=False) for answer in ("agreed", "beyond_cap")),
    )
    op.create_index("ix_delay_facts_given_on", "delay_facts", ["authority", "generation", "given_on"])
    for table in ("checkpoints", *(f"{kind}_facts" for kind in FACTS)):
        op.execute(sa.delete(sa.table(table)))


def _facts(name: str, *columns: sa.Column[Any]) -> None:
    op.create_table(
        name,
        *_texts("authority"),
        sa.Column("generation", sa.Integer, nullable=False, autoincrement=False),
        *_texts("reference"),
        *(sa.Column(n, sa.BigInteger, nullable=False, autoincrement=False) for n in ("number", "known_from")),
        sa.Column("known_to", sa.BigInteger),
        *_texts("known_at", "because"),
        *columns,
        sa.PrimaryKeyConstraint(*KEY),
    )


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]
