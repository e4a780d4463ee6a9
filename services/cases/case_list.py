"""The case list: a row for each representation, written with its events, so that the API reads its own writes.

A row is a function of the case's state; `redress rebuild` makes the same rows again from the log.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import lru_cache
from typing import Any

import orjson
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
from shared.restrictions import each_open, named

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

_OPEN = case_list.c.status.in_([sa.literal_column(f"'{status}'") for status in OPEN_STATUSES])
sa.Index(
    "case_list_open",
    *(case_list.c[name] for name in ("authority", "kind", "received_on", "reference")),
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
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
    after: tuple[date | str, str] | None,
) -> list[dict[str, Any]]:
    """Newest first, at most `limit` rows after a (received_on, reference); each with its colour on that day.

    None that is kept from whoever asks is among them. Days are text, as ISO 8601 has them.
    """
    told: dict[str, Any] = {"authority": asker.authority, "today": str(today), **_narrowed(filters)}
    if not asker.internal:
        told["named"] = named(asker.actor)
    if after:
        told["after_day"], told["after"] = map(str, after)
    text, defaults, order = _statement(connection.dialect, frozenset(told), limit)
    given = {**defaults, **told}
    rows = connection.exec_driver_sql(text, tuple(given[name] for name in order) if order else given).cursor.fetchall()
    if connection.dialect.name == "postgresql":
        rows = [orjson.loads(row) for (row,) in rows]
    return [_line(row, told["today"]) for row in rows]


def _narrowed(filters: Filters) -> dict[str, Any]:
    """What the list is narrowed to, by the name of the condition; days as text, which every driver takes."""
    wanted: dict[str, Any] = {name: str(value) for name in _FILTERS if (value := getattr(filters, name)) is not None}
    if wanted.get("status") == "open":
        wanted["open"] = wanted.pop("status")
    if "rag" in wanted:
        wanted[wanted.pop("rag")] = True
    if "provider" in wanted:
        wanted["provider"] = folded(wanted["provider"])
    if flag := wanted.pop("flag", ""):  # an empty one would be found between two others
        wanted["flag"] = f"\n{flag}\n"
    return wanted


_FILTERS = tuple(field.name for field in fields(Filters))
_COLUMNS = (
    *("reference", "version", "status", "pathway", "stage", "channel", "service_area", "officer"),
    *("received_on", "next_deadline", "next_due_on", "amber_from", "flags"),
)


def _conditions() -> Mapping[str, sa.ColumnElement[bool]]:
    """Each condition of a list, by the name of what it is told or is asked for."""
    c, day = case_list.c, sa.bindparam("today", type_=sa.Date)
    equal = ("authority", "kind", "status", "pathway", "stage", "service_area", "channel", "officer", "provider")
    flag = sa.bindparam("flag", type_=sa.Text)
    after = sa.tuple_(sa.bindparam("after_day", type_=sa.Date), sa.bindparam("after", type_=sa.Text))
    return {
        **{name: c[name] == sa.bindparam(name, type_=sa.Text) for name in equal},
        "open": _OPEN,
        "due_before": c.next_due_on < sa.bindparam("due_before", type_=sa.Date),
        "received_from": c.received_on >= sa.bindparam("received_from", type_=sa.Date),
        "received_to": c.received_on <= sa.bindparam("received_to", type_=sa.Date),
        "flag": sa.func.replace(c.flags, flag, sa.literal_column("''")) != c.flags,
        "red": c.next_due_on < day,
        "amber": sa.and_(c.next_due_on >= day, c.amber_from <= day),
        "green": sa.and_(c.next_due_on >= day, c.amber_from > day),
        "named": each_open(c.authority, c.reference),
        "after": sa.tuple_(c.received_on, c.reference) < after,
    }


@lru_cache(256)
def _statement(
    dialect: sa.Dialect, told: frozenset[str], limit: int
) -> tuple[str, Mapping[str, Any], Sequence[str] | None]:
    """A list under these conditions: its text, what it is always given, and in which order; made once for all requests.

    To have SQLAlchemy make it anew each time costs more than the database takes for it. The limit is in the text, so
    that PostgreSQL knows it when it weighs whether to keep the plan: to plan takes three times as long as to answer.
    PostgreSQL gives each row as one JSON text: for thirteen columns, SQLAlchemy takes longer than the query.
    """
    c = case_list.c
    columns: list[sa.ColumnElement[Any]] = [c[name] for name in _COLUMNS]
    if dialect.name == "postgresql":
        columns = [sa.cast(sa.func.json_build_array(*columns), sa.Text)]
    query = (
        sa.select(*columns)
        .where(*(condition for name, condition in _conditions().items() if name in told))
        .order_by(c.received_on.desc(), c.reference.desc())
        .limit(sa.literal_column(str(limit)))
    )
    made = query.compile(dialect=dialect)
    defaults = {name: bound.value for bound, name in made.bind_names.items() if not bound.required}
    return str(made), defaults, made.positiontup


def _line(row: Sequence[Any], today: str) -> dict[str, Any]:
    """A row as it is listed."""
    line = dict(zip(_COLUMNS, row, strict=True))
    flags = line.pop("flags").split()
    line["rag"] = rag(line, today)
    del line["amber_from"]
    line["flags"] = flags
    return line


def rag(row: Mapping[str, Any], today: date | str) -> RagColour | None:
    """The colour of a row of the list on a day; None where no deadline runs. Days are dates or text, as in the row."""
    if row["next_due_on"] is None:
        return None
    if row["next_due_on"] < today:
        return "red"
    return "amber" if row["amber_from"] is not None and row["amber_from"] <= today else "green"


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
