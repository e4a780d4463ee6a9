"""The ledger of remedies: a row each, the council's and the Ombudsman's, written with the events that it follows from.

It outlives the case: a remedy is due, done or overdue whatever became of the complaint. `redress rebuild` makes the
same rows again from the log.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Literal

import sqlalchemy as sa

from shared.database import metadata
from shared.log import Write

By = Literal["council", "ombudsman"]
State = Literal["agreed", "due", "overdue", "done"]

remedies = sa.Table(
    "remedies",
    metadata,
    sa.Column("authority", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("case_reference", sa.Text),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("amount_pence", sa.BigInteger),
    sa.Column("agreed_on", sa.Date, nullable=False),
    sa.Column("due_on", sa.Date),
    sa.Column("completed_on", sa.Date),
    sa.Column("evidence", sa.Text),
    sa.PrimaryKeyConstraint("authority", "by", "reference", "number", name="remedies_number"),
    sa.Index("remedies_agreed", "authority", "agreed_on"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A remedy as its service writes it; money in pence.

    `case_reference` is the case of the register that it is about, where there is one.
    """

    by: By
    number: int
    case_reference: str | None
    type: str
    amount_pence: int | None
    agreed_on: date
    due_on: date | None
    completed_on: date | None
    evidence: str | None


def rows(entries: Iterable[Entry]) -> tuple[Write, ...]:
    """The ledger's rows of a case or an enquiry, as the log writes them with the events; none for no remedies."""
    found = tuple(asdict(entry) for entry in entries)
    return (Write(remedies, found),) if found else ()
