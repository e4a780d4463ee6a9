"""Rows of the log are appended under policies; the order is judged by the log itself, whatever a session shadows."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    schema = op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())"))
    # Unqualified, a temporary table of that name would be asked instead; and a restore searches no schema at all.
    op.execute(
        f"""CREATE OR REPLACE FUNCTION events_in_turn() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN
            IF NEW.position <>
                (SELECT coalesce(max(position), 0) + 1 FROM {schema}.events WHERE authority = NEW.authority)
            THEN
                RAISE EXCEPTION 'events never change: only the next position may be added'
                USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$"""  # noqa: S608 - the schema is quoted
    )
    # `migrations.grants` says who may append what; whoever is granted SELECT reads every row.
    op.execute("ALTER TABLE events ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY events_read ON events FOR SELECT USING (true)")
