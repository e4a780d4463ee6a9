"""What the ledger of remedies answers: which are due, done or overdue on a day, and the sums by year and type."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from services.cases.case import Case
from services.cases.case_list import case_list
from shared import remedies as ledger
from shared.handling import Asker
from shared.log import Write
from shared.remedies import By, State, remedies
from shared.restrictions import open_to
from shared.year import Year

Place = tuple[date, str, str, int]


def rows(case: Case) -> tuple[Write, ...]:
    """The case's remedies in the ledger: the council's."""
    return ledger.rows(
        ledger.Entry(
            by="council",
            number=remedy.number,
            case_reference=None,
            type=remedy.type,
            amount_pence=remedy.amount_pence,
            agreed_on=remedy.agreed_on,
            due_on=remedy.due_on,
            completed_on=remedy.completed_on,
            evidence=remedy.evidence,
        )
        for remedy in case.remedies
    )


@dataclass(frozen=True, slots=True)
class Filters:
    """What the ledger is narrowed to; None is everything. `year` is the one in which a remedy was agreed."""

    by: By | None = None
    state: State | None = None
    type: str | None = None
    year: Year | None = None
    due_before: date | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """The remedies of one type agreed in one year: how many, how many of them done and overdue, and their money."""

    year: str
    type: str
    count: int
    done: int
    overdue: int
    amount_pence: int


def page(
    connection: sa.Connection, asker: Asker, filters: Filters, on: date, limit: int, after: Place | None
) -> list[dict[str, Any]]:
    """The newest first, at most `limit` rows after a (agreed_on, reference, by, number), as they stand on a day.

    Those of cases that are kept from whoever asks are not among them; the sums count them.
    """
    key = (remedies.c.agreed_on, remedies.c.reference, remedies.c.by, remedies.c.number)
    wanted = _narrowed(asker.authority, filters, on)
    if after:
        place = (sa.literal(value, column.type) for value, column in zip(after, key, strict=True))
        wanted.append(sa.tuple_(*key) < sa.tuple_(*place))
    about = sa.func.coalesce(remedies.c.case_reference, sa.case((remedies.c.by == "council", remedies.c.reference)))
    wanted.append(open_to(asker.actor, remedies.c.authority, about))
    query = (
        sa.select(
            remedies,
            about.label("case"),
            case_list.c.pathway,
            case_list.c.service_area,
            _state(on).label("state"),
        )
        .join(
            case_list,
            sa.and_(case_list.c.authority == remedies.c.authority, case_list.c.reference == about),
            isouter=True,
        )
        .where(*wanted)
        .order_by(*(column.desc() for column in key))
        .limit(limit)
    )
    return [
        {**row, "days_late": days_late(row["due_on"], row["completed_on"], on)}
        for row in connection.execute(query).mappings()
    ]


def sums(connection: sa.Connection, authority: str, filters: Filters, on: date) -> list[Sum]:
    """Over everything that the filters let through, by the year agreed and the type."""
    state = _state(on).label("state")
    pence = sa.func.coalesce(sa.func.sum(remedies.c.amount_pence), 0)
    query = (
        sa.select(remedies.c.agreed_on, remedies.c.type, state, sa.func.count(), pence)
        .where(*_narrowed(authority, filters, on))
        .group_by(remedies.c.agreed_on, remedies.c.type, state)
    )
    groups = connection.execute(query)
    return summed((day, kind, found, count, int(pence)) for day, kind, found, count, pence in groups)


def summed(groups: Iterable[tuple[date, str, State, int, int]]) -> list[Sum]:
    """Sums of (agreed on, type, state, how many, pence), by year and type."""
    found: defaultdict[tuple[str, str], list[tuple[State, int, int]]] = defaultdict(list)
    for agreed_on, kind, state, count, pence in groups:
        found[Year.containing(agreed_on).label, kind].append((state, count, pence))
    return [
        Sum(
            year=year,
            type=kind,
            count=sum(count for _, count, _ in counts),
            done=sum(count for state, count, _ in counts if state == "done"),
            overdue=sum(count for state, count, _ in counts if state == "overdue"),
            amount_pence=sum(pence for _, _, pence in counts),
        )
        for (year, kind), counts in sorted(found.items())
    ]


def days_late(due_on: date | None, completed_on: date | None, on: date) -> int:
    """Calendar days from the due date to the completion, or to the day asked for while it is not done; 0 in time."""
    if due_on is None:
        return 0
    until = completed_on if completed_on and completed_on <= on else on
    return max(0, (until - due_on).days)


def _state(on: date) -> sa.Case[Any]:
    """In time through the whole of the due date, overdue from the day after."""
    c = remedies.c
    return sa.case(
        (c.completed_on <= on, "done"),
        (c.due_on < on, "overdue"),
        (c.due_on >= on, "due"),
        else_="agreed",
    )


def _narrowed(authority: str, filters: Filters, on: date) -> list[sa.ColumnElement[bool]]:
    c = remedies.c
    found = [c.authority == authority, c.agreed_on <= on]
    if filters.by:
        found.append(c.by == filters.by)
    if filters.type:
        found.append(c.type == filters.type)
    if filters.year:
        found.append(c.agreed_on.between(filters.year.first, filters.year.last))
    if filters.due_before:
        found.append(c.due_on < filters.due_before)
    if filters.state:
        found.append(_state(on) == filters.state)
    return found
