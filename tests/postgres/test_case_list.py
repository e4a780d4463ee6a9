"""The case list, read out of either engine by the statement that is made for it."""

from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa

from services.cases import case_list
from services.cases.case_list import Filters
from shared.handling import Request

TODAY = date(2026, 11, 20)
ASKER = Request("COV", "key:1")
OFFICERS = (None, "O'Hara", 'the "duty" desk', "back\\slash", "Zoë\u2028\u00ad", "two\nlines\ttab", "\x1f", "")
FLAGS = ((), ("member",), ("member", "vulnerable"))
NEAR = (None, TODAY - timedelta(1), TODAY, TODAY + timedelta(9))


@pytest.fixture
def kept(engine: sa.Engine) -> list[dict[str, Any]]:
    """Rows of every sort; two of each day, so that the reference decides between them."""
    rows = [
        {
            "authority": "COV",
            "reference": f"COV-2026-{number:06d}",
            "version": number,
            "kind": "complaint",
            "status": "received",
            "pathway": "corporate",
            "stage": None,
            "channel": "email",
            "service_area": "older_people",
            "officer": officer,
            "provider": None,
            "received_on": date(2026, 3, 1) + timedelta(number // 2),
            "next_deadline": "response" if due else None,
            "next_due_on": due,
            "amber_from": due - timedelta(5) if due else None,
            "flags": "".join(f"\n{flag}\n" for flag in flags),
        }
        for number, (officer, flags, due) in enumerate(product(OFFICERS, FLAGS, NEAR))
    ]
    with engine.begin() as connection:
        connection.execute(case_list.case_list.insert(), rows)
    return rows


def line(row: dict[str, Any]) -> dict[str, Any]:
    """A row as it is listed: its days as text, its colour and its flags."""
    said = ("reference", "version", "status", "pathway", "stage", "channel", "service_area", "officer")
    days = ("received_on", "next_due_on")
    return {
        **{name: row[name] for name in said},
        **{name: row[name] and row[name].isoformat() for name in days},
        "next_deadline": row["next_deadline"],
        "rag": {None: None, NEAR[1]: "red", NEAR[2]: "amber", NEAR[3]: "green"}[row["next_due_on"]],
        "flags": row["flags"].split(),
    }


@pytest.mark.parametrize(
    ("filters", "lets_through"),
    [
        (Filters(), lambda row: True),
        (Filters(officer='the "duty" desk'), lambda row: row["officer"] == 'the "duty" desk'),
        (Filters(officer="two\nlines\ttab", flag="member"), lambda row: row["officer"] == OFFICERS[5] and row["flags"]),
        (Filters(rag="amber"), lambda row: row["next_due_on"] == TODAY),
        (Filters(due_before=TODAY), lambda row: row["next_due_on"] and row["next_due_on"] < TODAY),
        (Filters(service_area="nowhere"), lambda row: False),
    ],
)
def test_pages_are_what_the_filters_let_through_newest_first(
    engine: sa.Engine, kept: list[dict[str, Any]], filters: Filters, lets_through: Any
) -> None:
    newest_first = sorted(kept, key=lambda row: (row["received_on"], row["reference"]), reverse=True)
    wanted = [line(row) for row in newest_first if lets_through(row)]
    found: list[dict[str, Any]] = []
    place: tuple[str, str] | None = None
    with engine.connect() as connection:
        while page := case_list.page(connection, ASKER, filters, TODAY, 7, place):
            found += page
            place = page[-1]["received_on"], page[-1]["reference"]
    assert found == wanted
    assert all([*each] == [*one] for each, one in zip(found, map(_in_order, wanted), strict=True))


def _in_order(line: dict[str, Any]) -> dict[str, Any]:
    """As the answer names them, one after the other."""
    last = ("received_on", "next_deadline", "next_due_on", "rag", "flags")
    return {name: line[name] for name in (*(name for name in line if name not in last), *last)}
