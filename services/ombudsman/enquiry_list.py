"""The list of enquiries: one row each, written in the transaction of its events."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from services.ombudsman.enquiry import Enquiry
from shared.database import metadata
from shared.handling import Asker
from shared.log import Write
from shared.restrictions import open_to

enquiry_list = sa.Table(
    "enquiry_list",
    metadata,
    sa.Column("authority", sa.Text, nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("category", sa.Text),
    sa.Column("case_reference", sa.Text),
    sa.Column("received_on", sa.Date, nullable=False),
    sa.Column("respond_by", sa.Date),
    sa.Column("decided_on", sa.Date),
    sa.Column("next_deadline", sa.Text),
    sa.Column("next_due_on", sa.Date),
    sa.Column("for_monitoring_officer", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.PrimaryKeyConstraint("authority", "reference", name="enquiry_list_reference"),
    sa.Index("enquiry_list_received", "authority", "received_on", "reference"),
)


def rows(enquiry: Enquiry) -> tuple[Write, ...]:
    """The enquiry's row, as the log writes it with the events."""
    awaited = [clock.deadline for clock in enquiry.clocks.values() if clock.stopped_on is None]
    following = min(awaited, key=lambda deadline: deadline.due_on, default=None)
    row = {
        "status": enquiry.status,
        "category": enquiry.category,
        "case_reference": enquiry.case,
        "received_on": enquiry.received_on,
        "respond_by": enquiry.respond_by,
        "decided_on": enquiry.decided_on,
        "next_deadline": following.name if following else None,
        "next_due_on": following.due_on if following else None,
        "for_monitoring_officer": enquiry.for_monitoring_officer,
    }
    return (Write(enquiry_list, (row,)),)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; None is everything. `linked` is whether it is about a case of the register."""

    status: str | None = None
    category: str | None = None
    case: str | None = None
    linked: bool | None = None
    due_before: date | None = None
    for_monitoring_officer: bool | None = None


def page(
    connection: sa.Connection, asker: Asker, filters: Filters, limit: int, after: tuple[date, str] | None
) -> list[dict[str, Any]]:
    """Newest first, at most `limit` rows after a (received_on, reference).

    The case of an enquiry that is kept from whoever asks is None, and it counts as linked to none.
    """
    c = enquiry_list.c
    shown = sa.case((open_to(asker.actor, c.authority, c.case_reference), c.case_reference))
    wanted = [c.authority == asker.authority, *_narrowed(filters, shown)]
    if after:
        day, reference = after
        wanted.append(sa.or_(c.received_on < day, sa.and_(c.received_on == day, c.reference < reference)))
    query = sa.select(enquiry_list, shown.label("case")).where(*wanted)
    rows = connection.execute(query.order_by(c.received_on.desc(), c.reference.desc()).limit(limit))
    return [dict(row) for row in rows.mappings()]


def _narrowed(filters: Filters, case: sa.ColumnElement[str | None]) -> list[sa.ColumnElement[bool]]:
    c = enquiry_list.c
    found: list[sa.ColumnElement[bool]] = []
    if filters.status:
        found.append(c.status == filters.status)
    if filters.category:
        found.append(c.category == filters.category)
    if filters.case:
        found.append(case == filters.case)
    if filters.linked is not None:
        found.append(case.is_not(None) if filters.linked else case.is_(None))
    if filters.due_before:
        found.append(c.next_due_on < filters.due_before)
    if filters.for_monitoring_officer is not None:
        found.append(c.for_monitoring_officer.is_(filters.for_monitoring_officer))
    return found
