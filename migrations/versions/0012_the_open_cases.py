"""An index of the open cases, few of all: what is worked on is listed by it, whatever the register has grown to."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

OPEN = sa.text("status IN ('received', 'acknowledged', 'reopened', 'escalated', 'decided')")


def upgrade() -> None:
    op.create_index(
        "case_list_open",
        "case_list",
        ["authority", "kind", "received_on", "reference"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
