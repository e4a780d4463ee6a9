"""The keys of the deployment, the look-up index, restrictions and flags, and what was read of personal data."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deployment_keys",
        sa.Column("master", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("master"),
    )
    # Written out, because alembic adds no column with a constraint to a table of SQLite's.
    op.execute(
        "ALTER TABLE personal_keys ADD COLUMN master INTEGER "
        "CONSTRAINT personal_keys_master REFERENCES deployment_keys (master)"
    )
    op.create_table(
        "personal_look_ups",
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "reference", "party", "way", name="personal_look_ups_party"),
    )
    op.create_index("personal_look_ups_token", "personal_look_ups", ["authority", "token"], unique=False)
    op.create_table(
        "case_restrictions",
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "reference", name="case_restrictions_reference"),
    )
    op.add_column("case_list", sa.Column("flags", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("personal_data_reads") as reads:
        reads.alter_column("reference", existing_type=sa.Text(), nullable=True)
        reads.add_column(sa.Column("how", sa.Text(), nullable=False, server_default="opened"))
        reads.add_column(sa.Column("fields", sa.Text(), nullable=False, server_default="[]"))
