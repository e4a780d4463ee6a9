"""What the Ombudsman's figures are counted from: the steps of enquiries and the days of remedies."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

FACTS = ("case", "concern", "spell", "remedy", "lesson", "breach", "enquiry", "representation", "figure")


def upgrade() -> None:
    """Columns of the facts; the read models are emptied, because reports follow the log anew to fill these."""
    for day in ("due_on", "completed_on"):
        op.add_column("remedy_facts", sa.Column(day, sa.Date))
    for day in (
        "answer_due_on",
        "answered_on",
        "investigated_on",
        "response_due_on",
        "responded_on",
        "compliance_confirmed_on",
    ):
        op.add_column("enquiry_facts", sa.Column(day, sa.Date))
    for text in ("reason", "compliance"):
        op.add_column("enquiry_facts", sa.Column(text, sa.Text))
    op.add_column("enquiry_facts", sa.Column("public_report", sa.Boolean, nullable=False, server_default=sa.false()))
    for table in ("checkpoints", *(f"{kind}_facts" for kind in FACTS)):
        op.execute(sa.delete(sa.table(table)))
