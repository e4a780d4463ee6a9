"""What is awaited of each enquiry, the monitoring officer's list, and how far each service has followed the log."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Columns of the list of enquiries, and the followers' places."""
    op.add_column("enquiry_list", sa.Column("next_deadline", sa.Text))
    op.add_column("enquiry_list", sa.Column("next_due_on", sa.Date))
    op.add_column(
        "enquiry_list",
        sa.Column("for_monitoring_officer", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "followers",
        sa.Column("follower", sa.Text, nullable=False),
        sa.Column("authority", sa.Text, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("follower", "authority", name="followers_place"),
    )

    op.execute(  # what a register holds already was handled by its people
        "INSERT INTO followers (follower, authority, position) SELECT name, authority, max(position) FROM events, "
        "(SELECT 'cases' AS name UNION ALL SELECT 'ombudsman') AS names GROUP BY name, authority"
    )
    op.create_table(
        "named_enquiries",
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("enquiry", sa.Text(), nullable=False),
        sa.Column("case_reference", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "enquiry", name="named_enquiries_enquiry"),
    )
