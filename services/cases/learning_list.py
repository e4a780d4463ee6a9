"""The learning log: a row for each line of the Investigation Outcome forms, and one for each form that is missing.

A complaint that was decided, whatever the outcome, has a form. Until a line of it is recorded its row 1 stands empty;
the first lesson takes that row. Rows are written with the events, and `redress rebuild` makes the same ones again.
"""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

import sqlalchemy as sa

from services.cases.case import Case
from shared.database import metadata
from shared.handling import Asker
from shared.log import Write
from shared.restrictions import open_to

State = Literal["missing", "noted", "open", "overdue", "done"]
Place = tuple[date, str, int]

learning = sa.Table(
    "learning",
    metadata,
    sa.Column("authority", sa.Text, nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("pathway", sa.Text),
    sa.Column("service_area", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text),
    sa.Column("decided_on", sa.Date),
    sa.Column("listed_on", sa.Date, nullable=False),
    sa.Column("found", sa.Text),
    sa.Column("lesson", sa.Text),
    sa.Column("action", sa.Text),
    sa.Column("type", sa.Text),
    sa.Column("owner", sa.Text),
    sa.Column("due_on", sa.Date),
    sa.Column("recorded_on", sa.Date),
    sa.Column("completed_on", sa.Date),
    sa.PrimaryKeyConstraint("authority", "reference", "number", name="learning_number"),
    sa.Index("learning_listed", "authority", "listed_on"),
)

_EMPTY = dict.fromkeys(("found", "lesson", "action", "type", "owner", "due_on", "recorded_on", "completed_on"))


def rows(case: Case) -> tuple[Write, ...]:
    """The case's rows, as the log writes them with the events. `listed_on` is the day recorded; if missing, decided."""
    form = {
        "pathway": case.pathway,
        "service_area": case.service_area,
        "outcome": case.outcome,
        "decided_on": case.decided_on,
    }
    lines = [{**form, **asdict(line), "listed_on": line.recorded_on} for line in case.learning]
    if not lines and case.decided_on:
        lines = [{**form, **_EMPTY, "number": 1, "listed_on": case.decided_on}]
    return (Write(learning, tuple(lines)),) if lines else ()


@dataclass(frozen=True, slots=True)
class Filters:
    """What the log is narrowed to; None is everything. A missing form is listed on the day of the decision."""

    state: State | None = None
    owner: str | None = None
    service_area: str | None = None
    listed_from: date | None = None
    listed_to: date | None = None
    due_before: date | None = None
    completed_from: date | None = None
    completed_to: date | None = None


def page(
    connection: sa.Connection,
    asker: Asker,
    filters: Filters,
    on: date,
    limit: int | None = None,
    after: Place | None = None,
) -> list[dict[str, Any]]:
    """The newest first, at most `limit` rows after a (listed_on, reference, number), as they stand on a day.

    Those of cases that are kept from whoever asks are not among them.
    """
    key = (learning.c.listed_on, learning.c.reference, learning.c.number)
    wanted = _narrowed(asker.authority, filters, on)
    wanted.append(open_to(asker.actor, learning.c.authority, learning.c.reference))
    if after:
        place = (sa.literal(value, column.type) for value, column in zip(after, key, strict=True))
        wanted.append(sa.tuple_(*key) < sa.tuple_(*place))
    query = sa.select(learning, _state(on).label("state")).where(*wanted)
    rows = connection.execute(query.order_by(*(column.desc() for column in key)).limit(limit))
    return [dict(row) for row in rows.mappings()]


def _state(on: date) -> sa.Case[Any]:
    """In time through the whole of the due date; a lesson with neither action nor due date asks for nothing more."""
    c = learning.c
    return sa.case(
        (c.lesson.is_(None), "missing"),
        (c.completed_on <= on, "done"),
        (c.due_on < on, "overdue"),
        (sa.and_(c.action.is_(None), c.due_on.is_(None)), "noted"),
        else_="open",
    )


def _narrowed(authority: str, filters: Filters, on: date) -> list[sa.ColumnElement[bool]]:
    c = learning.c
    found = [c.authority == authority, c.listed_on <= on]
    if filters.owner:
        found.append(c.owner == filters.owner)
    if filters.service_area:
        found.append(c.service_area == filters.service_area)
    if filters.listed_from:
        found.append(c.listed_on >= filters.listed_from)
    if filters.listed_to:
        found.append(c.listed_on <= filters.listed_to)
    if filters.due_before:
        found.append(c.due_on < filters.due_before)
    if filters.completed_from:
        found.append(c.completed_on >= filters.completed_from)
    if filters.completed_to:
        found.append(c.completed_on <= filters.completed_to)
    if filters.state:
        found.append(_state(on) == filters.state)
    return found
