"""When a key was last used, which key has no rate limit, and which versions an idempotency key stands for."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Before the column there was only the instant of recording to go by, which is all that an earlier row can be given.
FIRST_VERSIONS = """
UPDATE idempotency_keys SET first_version = coalesce((
    SELECT min(events.version) FROM events
    WHERE events.authority = idempotency_keys.authority AND events.stream = idempotency_keys.stream
      AND events.recorded_at = idempotency_keys.recorded_at AND events.version <= idempotency_keys.version
), version)
"""


def upgrade() -> None:
    op.add_column("api_keys", sa.Column("last_used_at", sa.Text(), nullable=True))
    op.add_column("api_keys", sa.Column("unlimited", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("idempotency_keys", sa.Column("first_version", sa.Integer(), nullable=False, server_default="1"))
    op.execute(FIRST_VERSIONS)
