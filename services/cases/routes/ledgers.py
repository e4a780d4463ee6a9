"""The two ledgers that outlive their cases: remedies and learning."""

from datetime import date
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel

from services.cases import learning_list, remedy_list
from services.cases.routes.desk import On, Reader
from shared.errors import bad_value
from shared.remedies import By, State
from shared.web import Cursor, Limit, ListQuery, TheRegister, api_router, make_cursor, queried, read_cursor
from shared.year import Year

router = api_router("cases")

AnyYear = Annotated[str | None, Query(max_length=7, examples=["2026-27"], description="The twelve months to 31 March.")]


class LedgerRemedyOut(BaseModel):
    """A remedy as it stands on a day; `case` is the complaint that it is about, where the register holds one.

    `days_late` are the calendar days from the due date to the completion, or to the day while it is not done.
    """

    reference: str
    number: int
    by: By
    case: str | None
    pathway: str | None
    service_area: str | None
    type: str
    amount_pence: int | None
    agreed_on: date
    due_on: date | None
    completed_on: date | None
    evidence: str | None
    state: State
    days_late: int


class RemedySumOut(BaseModel):
    """The remedies of one type agreed in one year."""

    year: str
    type: str
    count: int
    done: int
    overdue: int
    amount_pence: int


class RemedyPage(BaseModel):
    """A page of the ledger; `sums` are over everything that the filters let through, on every page."""

    on: date
    items: list[LedgerRemedyOut]
    sums: list[RemedySumOut]
    next: str | None


class LearningLineOut(BaseModel):
    """A line of an Investigation Outcome form as it stands on a day, or a form that is missing (all but `state` null).

    Everything in it is publishable text of the authority.
    """

    reference: str
    number: int
    pathway: str | None
    service_area: str
    outcome: str | None
    decided_on: date | None
    found: str | None
    lesson: str | None
    action: str | None
    type: str | None
    owner: str | None
    due_on: date | None
    recorded_on: date | None
    completed_on: date | None
    state: learning_list.State


class LearningPage(BaseModel):
    """A page of the learning log."""

    on: date
    items: list[LearningLineOut]
    next: str | None


class RemedyQuery(ListQuery):
    """What the ledger of remedies may be asked."""

    by: By | None = None
    state: State | None = None
    type: Annotated[str | None, Query(max_length=60)] = None
    year: AnyYear = None
    due_before: date | None = None
    on: On = None
    limit: Limit = 50
    cursor: Cursor = None


@router.get("/remedies")
def list_remedies(
    register: TheRegister, who: Reader, query: Annotated[RemedyQuery, queried(RemedyQuery)]
) -> RemedyPage:
    """Remedies of the council and of the Ombudsman, newest first, with their sums by year agreed and type.

    A remedy not done is `overdue` from the day after its due date, `due` until then, `agreed` without such a date.
    """
    day, limit = query.on or register.today(), query.limit
    year = Year.of(query.year) if query.year else None
    filters = remedy_list.Filters(query.by, query.state, query.type, year, query.due_before)
    place = read_cursor(query.cursor, date, str, str, int) if query.cursor else None
    with register.engine.connect() as connection:
        rows = remedy_list.page(connection, who, filters, day, limit + 1, place)
        sums = remedy_list.sums(connection, who.authority, filters, day)
    last = rows[limit - 1] if len(rows) > limit else None
    return RemedyPage(
        on=day,
        items=[LedgerRemedyOut(**row) for row in rows[:limit]],
        sums=[RemedySumOut.model_validate(row, from_attributes=True) for row in sums],
        next=make_cursor(last["agreed_on"], last["reference"], last["by"], last["number"]) if last else None,
    )


class LearningQuery(ListQuery):
    """What the learning log may be asked."""

    state: learning_list.State | None = None
    owner: Annotated[str | None, Query(max_length=80)] = None
    service_area: Annotated[str | None, Query(max_length=60)] = None
    year: AnyYear = None
    quarter: Annotated[int | None, Query(ge=1, le=4, description="Of `year`, which it needs.")] = None
    due_before: date | None = None
    on: On = None
    limit: Limit = 50
    cursor: Cursor = None


@router.get("/learning")
def list_learning(
    register: TheRegister, who: Reader, query: Annotated[LearningQuery, queried(LearningQuery)]
) -> LearningPage:
    """The lines of the Investigation Outcome forms, newest first; `missing` is a decided complaint without one.

    An action not done is `overdue` from the day after its due date and `open` until then; a lesson with neither action
    nor due date is `noted`. Year and quarter are those of the recording; of a missing form, those of the decision.
    """
    day, limit = query.on or register.today(), query.limit
    period = _period(query.year, query.quarter)
    filters = learning_list.Filters(query.state, query.owner, query.service_area, *period, query.due_before)
    place = read_cursor(query.cursor, date, str, int) if query.cursor else None
    with register.engine.connect() as connection:
        rows = learning_list.page(connection, who, filters, day, limit + 1, place)
    last = rows[limit - 1] if len(rows) > limit else None
    return LearningPage(
        on=day,
        items=[LearningLineOut(**row) for row in rows[:limit]],
        next=make_cursor(last["listed_on"], last["reference"], last["number"]) if last else None,
    )


def _period(label: str | None, quarter: int | None) -> tuple[date | None, date | None]:
    if label is None:
        if quarter:
            raise bad_value("year_needed", "year", "a quarter is one of a year: give that too")
        return None, None
    year = Year.of(label)
    return year.quarter(quarter) if quarter else (year.first, year.last)
