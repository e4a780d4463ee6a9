"""The case list: a row for each representation, written with its events, so that the API reads its own writes.

A row is a function of the case's state; `redress rebuild` makes the same rows again from the log.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from services.cases.case import OPEN_STATUSES, Case
from shared import deadlines
from shared.authority import authority
from shared.database import metadata
from shared.deadlines import Clock, RagColour
from shared.events import Deadline
from shared.handling import Asker
from shared.log import Write
from shared.policy import policy_book
from shared.restrictions import open_to

case_list = sa.Table(
    "case_list",
    metadata,
    sa.Column("authority", sa.Text, nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("pathway", sa.Text),
    sa.Column("stage", sa.Text),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("service_area", sa.Text, nullable=False),
    sa.Column("officer", sa.Text),
    sa.Column("provider", sa.Text),
    sa.Column("received_on", sa.Date, nullable=False),
    sa.Column("next_deadline", sa.Text),
    sa.Column("next_due_on", sa.Date),
    sa.Column("amber_from", sa.Date),
    sa.Column("flags", sa.Text, nullable=False, server_default=""),
    sa.PrimaryKeyConstraint("authority", "reference", name="case_list_reference"),
    sa.Index("case_list_received", "authority", "kind", "received_on", "reference"),
    sa.Index("case_list_due", "authority", "next_due_on"),
    sa.Index("case_list_provider", "authority", "provider", "received_on"),
)


def rows(authority_code: str, case: Case) -> tuple[Write, ...]:
    """The case's row, as the log writes it with the events."""
    running = [clock.deadline for clock in case.clocks.values() if _counts(clock)]
    following = min(running, key=lambda deadline: deadline.due_on, default=None)
    row = {
        "kind": case.kind,
        "status": case.status if case.kind == "complaint" else "received",
        "pathway": case.pathway,
        "stage": case.stage,
        "channel": case.channel,
        "service_area": case.service_area,
        "officer": case.officer,
        "provider": folded(case.provider) if case.provider else None,
        "received_on": case.received_on,
        "next_deadline": following.name if following else None,
        "next_due_on": following.due_on if following else None,
        "amber_from": _amber_from(authority_code, case, running),
        "flags": "".join(f"\n{flag}\n" for flag in case.flags),
    }
    return (Write(case_list, (row,)),)


def folded(name: str) -> str:
    """A provider's name as it is kept to be looked up: neither capitals nor spacing tell two apart."""
    return " ".join(name.split()).casefold()


def _counts(clock: Clock) -> bool:
    """Whether the council has to act by it: a clock that runs, and is not the complainant's own."""
    return clock.stopped_on is None and clock.paused_on is None and clock.deadline.binds == "council"


def _amber_from(authority_code: str, case: Case, running: Sequence[Deadline]) -> date | None:
    """The first day on which one of the deadlines is near."""
    if case.pathway is None:
        return None
    policy = policy_book(authority_code).in_force(case.pathway, case.received_on)
    calendar = authority(authority_code).calendar
    return min((deadlines.amber_from(deadline, policy, calendar) for deadline in running), default=None)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; None is everything. `status` may be `open`: any status that awaits an answer."""

    kind: str = "complaint"
    status: str | None = None
    pathway: str | None = None
    stage: str | None = None
    rag: RagColour | None = None
    due_before: date | None = None
    service_area: str | None = None
    channel: str | None = None
    officer: str | None = None
    received_from: date | None = None
    received_to: date | None = None
    flag: str | None = None
    provider: str | None = None


def page(
    connection: sa.Connection,
    asker: Asker,
    filters: Filters,
    today: date,
    limit: int,
    after: tuple[date, str] | None,
) -> list[dict[str, Any]]:
    """Newest first, at most `limit` rows after a (received_on, reference); each with its colour on that day.

    None that is kept from whoever asks is among them.
    """
    c = case_list.c
    wanted = [c.authority == asker.authority]
    if not asker.internal:
        wanted.append(open_to(asker.actor, c.authority, c.reference))
    wanted += _narrowed(filters, today)
    if after:
        day, reference = after
        wanted.append(sa.or_(c.received_on < day, sa.and_(c.received_on == day, c.reference < reference)))
    query = sa.select(case_list).where(*wanted).order_by(c.received_on.desc(), c.reference.desc()).limit(limit)
    rows = connection.execute(query).mappings()
    return [{**row, "rag": rag(row, today), "flags": row["flags"].split()} for row in rows]


def _narrowed(filters: Filters, today: date) -> Sequence[sa.ColumnElement[bool]]:
    c = case_list.c
    found = [c.kind == filters.kind]
    equal = {name: getattr(filters, name) for name in ("pathway", "stage", "service_area", "channel", "officer")}
    found += [c[name] == value for name, value in equal.items() if value is not None]
    if filters.status == "open":
        found.append(c.status.in_(OPEN_STATUSES))
    elif filters.status:
        found.append(c.status == filters.status)
    if filters.due_before:
        found.append(c.next_due_on < filters.due_before)
    if filters.provider is not None:
        found.append(c.provider == folded(filters.provider))
    if filters.received_from:
        found.append(c.received_on >= filters.received_from)
    if filters.received_to:
        found.append(c.received_on <= filters.received_to)
    if filters.flag:
        found.append(c.flags.contains(f"\n{filters.flag}\n", autoescape=True))
    colours = {
        "red": c.next_due_on < today,
        "amber": sa.and_(c.next_due_on >= today, c.amber_from <= today),
        "green": sa.and_(c.next_due_on >= today, c.amber_from > today),
    }
    if filters.rag:
        found.append(colours[filters.rag])
    return found


def received(connection: sa.Connection, authority_code: str, first: date, last: date) -> dict[tuple[str, str], int]:
    """How many representations of each kind came in from a day to a day, by (kind, service area)."""
    c = case_list.c
    query = (
        sa.select(c.kind, c.service_area, sa.func.count())
        .where(c.authority == authority_code, c.received_on.between(first, last))
        .group_by(c.kind, c.service_area)
    )
    return {(kind, area): count for kind, area, count in connection.execute(query)}


def overdue(connection: sa.Connection, authorities: Iterable[str], today: date) -> dict[str, int]:
    """How many cases of each authority have a deadline of the council's behind them."""
    c = case_list.c
    late = sa.select(sa.func.count()).where(c.authority == sa.bindparam("authority"), c.next_due_on < today)
    return {code: connection.execute(late, {"authority": code}).scalar_one() for code in authorities}


def rag(row: Mapping[Any, Any], today: date) -> RagColour | None:
    """The colour of a row of the list on a day; None where no deadline runs."""
    if row["next_due_on"] is None:
        return None
    if row["next_due_on"] < today:
        return "red"
    return "amber" if row["amber_from"] is not None and row["amber_from"] <= today else "green"
