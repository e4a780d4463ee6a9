"""The questions that the ledgers are asked, on either engine: what each row is on a day, in pages and in sums."""

from dataclasses import asdict
from datetime import date
from itertools import product
from typing import Any

import sqlalchemy as sa

from services.cases import case_list, learning_list, remedy_list
from services.cases.learning_list import learning
from services.cases.remedy_list import Filters, Sum
from shared.database import upsert
from shared.handling import Request
from shared.remedies import Entry, remedies
from shared.year import Year

ON = date(2026, 11, 20)
EVERYONE = Request("COV", "key:anyone")
DAYS = (None, date(2026, 11, 19), ON, date(2026, 11, 21))
KNOWN = {"authority": "COV", "version": 1}


def with_remedies(engine: sa.Engine) -> None:
    """A remedy of the council and one of the Ombudsman for each due date and each completion there can be."""
    rows = [
        asdict(
            Entry(
                by=by,
                number=number,
                case_reference="COV-2026-000001" if by == "ombudsman" else None,
                type="financial",
                amount_pence=2**40,
                agreed_on=date(2026, 3, 31) if number % 2 else date(2026, 4, 1),
                due_on=due_on,
                completed_on=completed_on,
                evidence=None,
            )
        )
        for by in ("council", "ombudsman")
        for number, (due_on, completed_on) in enumerate(product(DAYS, DAYS), 1)
    ]
    listed = {
        **KNOWN,
        "reference": "COV-2026-000001",
        "kind": "complaint",
        "status": "closed",
        "pathway": "corporate",
        "channel": "email",
        "service_area": "finance",
        "received_on": ON,
    }
    with engine.execution_options(writes=True).begin() as connection:
        upsert(connection, case_list.case_list, [listed])
        for row in rows:
            reference = "COV-2026-000001" if row["by"] == "council" else "26 004 117"
            upsert(connection, remedies, [{**row, "authority": "COV", "reference": reference}])
            upsert(connection, remedies, [{**row, "authority": "BIR", "reference": reference}])


def state(due_on: date | None, completed_on: date | None) -> str:
    if completed_on and completed_on <= ON:
        return "done"
    if due_on is None:
        return "agreed"
    return "overdue" if due_on < ON else "due"


def test_every_remedy_is_in_one_state_on_a_day_and_the_filters_and_sums_agree_with_it(engine: sa.Engine) -> None:
    with_remedies(engine)
    with engine.connect() as connection:
        rows = remedy_list.page(connection, EVERYONE, Filters(), ON, 100, None)
        assert len(rows) == 32
        assert {row["state"] for row in rows} == {"agreed", "due", "overdue", "done"}
        for row in rows:
            assert row["state"] == state(row["due_on"], row["completed_on"])
            assert (row["case"], row["service_area"]) == ("COV-2026-000001", "finance")
        for name in ("agreed", "due", "overdue", "done"):
            narrowed = remedy_list.page(connection, EVERYONE, Filters(state=name), ON, 100, None)  # type: ignore[arg-type]
            assert narrowed == [row for row in rows if row["state"] == name]
        sums = remedy_list.sums(connection, "COV", Filters(), ON)
        assert [found.year for found in sums] == ["2025-26", "2026-27"]
        for found in sums:
            done, overdue = (sum(_is(row, found.year, name) for row in rows) for name in ("done", "overdue"))
            assert found == Sum(found.year, "financial", 16, done, overdue, 2**44)


def _is(row: dict[str, Any], year: str, name: str) -> bool:
    return row["agreed_on"] in Year.of(year) and row["state"] == name


def test_pages_of_the_ledgers_follow_on_one_another(engine: sa.Engine) -> None:
    with_remedies(engine)
    lines = [
        {"authority": "COV", "reference": f"COV-2026-00000{n % 3}", "number": n, "service_area": "finance"}
        | {"listed_on": date(2026, 4, 1 + n // 4), "lesson": None if n % 2 else "x"}
        for n in range(1, 13)
    ]
    with engine.execution_options(writes=True).begin() as connection:
        upsert(connection, learning, lines)
    with engine.connect() as connection:
        whole = remedy_list.page(connection, EVERYONE, Filters(), ON, 100, None)
        found, place = [], None
        while page := remedy_list.page(connection, EVERYONE, Filters(), ON, 5, place):
            found += page
            place = tuple(page[-1][name] for name in ("agreed_on", "reference", "by", "number"))
        assert found == whole
        every = learning_list.page(connection, EVERYONE, learning_list.Filters(), ON)
        assert [row["listed_on"] for row in every] == sorted((row["listed_on"] for row in lines), reverse=True)
        read, after = [], None
        while part := learning_list.page(connection, EVERYONE, learning_list.Filters(), ON, 5, after):
            read += part
            after = tuple(part[-1][name] for name in ("listed_on", "reference", "number"))
        assert read == every
        assert {row["state"] for row in every} == {"missing", "noted"}


def test_what_came_in_is_counted_by_kind_and_service_area(engine: sa.Engine) -> None:
    with_remedies(engine)
    with engine.connect() as connection:
        assert case_list.received(connection, "COV", ON, ON) == {("complaint", "finance"): 1}
        assert case_list.received(connection, "COV", date(2026, 11, 21), date(2026, 11, 30)) == {}
