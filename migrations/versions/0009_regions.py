"""Keys that read a region's report."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A key of a region is of no authority."""
    op.add_column("api_keys", sa.Column("region", sa.Text))
