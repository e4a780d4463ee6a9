"""The list of enquiries: one row each, written in the transaction of its events."""

from datetime import date
from typing import Any

import sqlalchemy as sa

from services.ombudsman.enquiry import Enquiry
from shared.database import metadata
from shared.log import Write

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
    sa.PrimaryKeyConstraint("authority", "reference", name="enquiry_list_reference"),
    sa.Index("enquiry_list_received", "authority", "received_on", "reference"),
)


def rows(enquiry: Enquiry) -> tuple[Write, ...]:
    """The enquiry's row, as the log writes it with the events."""
    row = {
        "status": enquiry.status,
        "category": enquiry.category,
        "case_reference": enquiry.case,
        "received_on": enquiry.received_on,
        "respond_by": enquiry.respond_by,
        "decided_on": enquiry.decided_on,
    }
    return (Write(enquiry_list, (row,)),)


def page(
    connection: sa.Connection, authority: str, status: str | None, limit: int, after: tuple[date, str] | None
) -> list[dict[str, Any]]:
    """Newest first, at most `limit` rows after a (received_on, reference)."""
    c = enquiry_list.c
    wanted = [c.authority == authority]
    if status:
        wanted.append(c.status == status)
    if after:
        day, reference = after
        wanted.append(sa.or_(c.received_on < day, sa.and_(c.received_on == day, c.reference < reference)))
    query = sa.select(enquiry_list).where(*wanted).order_by(c.received_on.desc(), c.reference.desc()).limit(limit)
    return [dict(row) for row in connection.execute(query).mappings()]
