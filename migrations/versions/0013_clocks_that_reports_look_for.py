"""Indexes of the few clocks that a report of a year looks for in all years."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

FEW = {
    "paused": ("due_on", "paused_on IS NOT NULL"),
    "told": ("reference", "name = 'response_period'"),
}


def upgrade() -> None:
    """What falls due in a year is found by its day; these may be of any."""
    for name, (column, which) in FEW.items():
        where = sa.text(which)
        op.create_index(
            f"ix_clock_facts_{name}",
            "clock_facts",
            ["authority", "generation", column],
            unique=False,
            postgresql_where=where,
            sqlite_where=where,
        )
