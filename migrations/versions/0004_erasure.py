"""An index that finds the erasures of personal data in the log."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ERASED = sa.text("type = 'personal_data_erased'")


def upgrade() -> None:
    op.create_index(
        "events_erased", "events", ["authority", "position"], sqlite_where=_ERASED, postgresql_where=_ERASED
    )
