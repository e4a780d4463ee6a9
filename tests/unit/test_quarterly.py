"""A quarter beside the four before it."""

from datetime import date, timedelta

import pytest

from services.reporting import quarterly
from services.reporting.balance import balance
from services.reporting.figures import Table
from services.reporting.scope import Scope
from shared import events as e
from shared.authority import authority
from shared.errors import Rejected
from shared.year import Quarter, Year
from tests.histories import History, day

COVENTRY = authority("COV")
THIRD = Quarter(Year.of("2024-25"), 3)
LABELS = ("2023-24 Q3", "2023-24 Q4", "2024-25 Q1", "2024-25 Q2", "2024-25 Q3")


def tables(history: History, as_at: str = "2024-12-31", quarter: Quarter = THIRD) -> dict[str, Table]:
    scope = Scope(history.facts(as_at), quarter, day(as_at), COVENTRY.codes, COVENTRY.calendar)
    found = quarterly.quarterly(scope, quarter)
    assert [table.name for table in found if not table.balanced] == []
    assert len({table.name for table in found}) == len(found)
    return {table.name: table for table in found}


def row(table: Table, name: str) -> list[int | float | None]:
    cells = [cell for cell in table.cells if cell.row == name]
    assert tuple(cell.column for cell in cells) == LABELS
    return [cell.value for cell in cells]


def test_a_quarter_is_of_its_first_day_its_last_and_those_between() -> None:
    for number, first, last in (
        (1, "04-01", "06-30"),
        (2, "07-01", "09-30"),
        (3, "10-01", "12-31"),
        (4, "01-01", "03-31"),
    ):
        year = 2025 if number == 4 else 2024
        begins, ends = (date.fromisoformat(f"{year}-{text}") for text in (first, last))
        quarter = Quarter(Year.of("2024-25"), number)
        assert (quarter.first, quarter.last) == (begins, ends)
        assert Quarter.containing(begins) == Quarter.containing(ends) == quarter
        assert begins - timedelta(days=1) not in quarter
        assert ends + timedelta(days=1) not in quarter
        assert quarter.before().last == begins - timedelta(days=1)


@pytest.mark.parametrize(
    ("number", "today", "rule"),
    [(0, "2025-01-01", "bad_quarter"), (5, "2025-01-01", "bad_quarter"), (4, "2024-12-31", "quarter_not_begun")],
)
def test_a_quarter_is_one_of_four_and_has_begun(number: int, today: str, rule: str) -> None:
    with pytest.raises(Rejected, match=rule) as refused:
        Quarter.begun("2024-25", number, day(today))
    assert refused.value.field == "quarter"
    assert Quarter.begun("2024-25", 4, day("2025-01-01")).number == 4


def test_what_was_received_stands_in_the_quarter_of_its_day() -> None:
    history = History()
    for reference, on in (
        ("A", "2023-09-30"),
        ("B", "2023-10-01"),
        ("C", "2024-09-30"),
        ("D", "2024-10-01"),
        ("E", "2024-12-31"),
    ):
        history.complaint(reference, on)
    table = tables(history)["complaints by type"]
    assert row(table, "statutory") == [1, 0, 0, 1, 2]
    assert {cell.basis for cell in table.cells} >= {"received in the quarter", "informed in the quarter"}


def test_decisions_outcomes_and_what_is_open_at_the_end() -> None:
    history = History().complaint("A", "2024-06-28").complaint("B", "2024-06-28").complaint("C", "2024-11-01")
    history.answer("A", "2024-07-01", "upheld").answer("B", "2024-10-01", "not_upheld")
    found = tables(history)
    assert row(found["decided"], "upheld") == [0, 0, 0, 1, 0]
    assert row(found["decided"], "total") == [0, 0, 0, 1, 1]
    assert row(found["statutory outcomes"], "not upheld") == [0, 0, 1, 0, 0]
    assert row(found["statutory outcomes"], "open") == [0, 0, 0, 0, 1]
    assert row(found["open at quarter end"], "adult social care") == [0, 0, 2, 1, 1]
    (still,) = [c for c in found["balance"].cells if (c.row, c.column) == ("carried forward", "adult social care")]
    assert still.value == 1
    assert "year" not in " ".join(cell.basis for table in found.values() for cell in table.cells)


def test_kept_times_of_each_quarter_are_judged_on_the_same_day() -> None:
    """Twenty working days after 2 September 2024 is 30 September; after 3 September it is 1 October."""
    history = History().complaint("A", "2024-09-02").complaint("B", "2024-09-03").answer("A", "2024-09-30", "upheld")
    found = tables(history, "2024-10-01")["compliance with times"]
    assert row(found, "within time") == [0, 0, 0, 1, 0]
    assert row(found, "running, in time") == [0, 0, 0, 0, 1]
    assert row(tables(history, "2024-10-02")["compliance with times"], "running, overdue") == [0, 0, 0, 0, 1]


def test_a_row_that_only_an_earlier_quarter_has_is_printed_for_all() -> None:
    history = History().complaint("A", "2024-01-02").tell("A", delayed("2024-02-01", "unheard_of"))
    table = tables(history)["delay reasons"]
    assert row(table, "unheard_of") == [0, 1, 0, 0, 0]
    assert row(table, "total") == [0, 1, 0, 0, 0]


def delayed(on: str, reason: str) -> e.LatenessNotified:
    return e.LatenessNotified(notified_on=day(on), delay_reason=reason)


def test_a_quarter_of_which_nothing_is_known_has_no_values_and_the_report_s_own_has_zeros() -> None:
    known = History().complaint("A", "2024-04-02")
    scope = Scope(known.facts(), THIRD, day("2024-12-31"), COVENTRY.codes, COVENTRY.calendar)
    unknown = [THIRD, *quarterly.quarters(THIRD)[:2]]
    for table in quarterly.quarterly(scope, THIRD, unknown)[:9]:
        assert table.balanced
        empty = [cell for cell in table.cells if cell.column in LABELS[:2]]
        assert {(cell.value, cell.basis) for cell in empty} == {
            (None, f"nothing is known of {label}") for label in LABELS[:2]
        }
        if table.name == "complaints by type":
            assert row(table, "statutory") == [None, None, 1, 0, 0]


def test_an_empty_log_has_every_table_with_zeros() -> None:
    for table in tables(History()).values():
        assert {cell.value for cell in table.cells} <= {0, None}


def test_the_books_of_a_quarter_are_those_that_a_balance_of_it_gives() -> None:
    history = History().complaint("A", "2024-06-28").complaint("C", "2024-11-01")
    scope = Scope(history.facts(), THIRD, day("2024-12-31"), COVENTRY.codes, COVENTRY.calendar)
    assert [c.value for c in tables(history)["balance"].cells] == [c.value for c in balance(scope).cells]
