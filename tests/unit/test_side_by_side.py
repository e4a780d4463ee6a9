"""Three years side by side: columns, changes in number, in per cent and in percentage points, and their sums."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

import pytest

from services.reporting import trace
from services.reporting.annual import annual, compared
from services.reporting.figures import Cell, Share, Table, breakdown, sum_of
from services.reporting.restatement import affected, restatement
from services.reporting.scope import Scope
from services.reporting.side_by_side import COMPARED, NUMBER, PER_CENT, POINTS, SUFFIX, side_by_side
from shared import events as e
from shared.authority import authority
from shared.year import Year
from tests.histories import History, day

COVENTRY = authority("COV")
Y22, Y23, Y24 = (Year(starts) for starts in (2022, 2023, 2024))


def scope(history: History, year: Year, printed_as: Year, as_at: str = "2025-03-31") -> Scope:
    return Scope(history.facts(as_at), year, day(as_at), COVENTRY.codes, COVENTRY.calendar, printed_as=printed_as)


def beside(history: History, *unknown: Year, year: Year = Y24, as_at: str = "2025-03-31") -> dict[str, Table]:
    """The tables of years of a history, without their suffix; of the `unknown` years nothing is known."""
    earlier = [Year(year.starts - 2), Year(year.starts - 1)]
    found = side_by_side(
        [
            *((y, () if y in unknown else compared(scope(history, y, year, as_at))) for y in earlier),
            (year, annual(scope(history, year, year, as_at), COVENTRY.region)),
        ]
    )
    assert [table.name for table in found if not table.balanced] == []
    assert all(table.name.endswith(SUFFIX) for table in found)
    return {table.name.removesuffix(SUFFIX): table for table in found}


def line(table: Table, row: str, prefix: str = "") -> dict[str, int | float | None]:
    return {
        cell.column.removeprefix(prefix): cell.value
        for cell in table.cells
        if cell.row == row and cell.column.startswith(prefix)
    }


def cell(table: Table, row: str, column: str) -> Cell:
    return trace.find([table], table.name, row, column)


def of_outcomes(years: Sequence[tuple[Year, dict[str, int]]], total: str = "total") -> Table:
    """Years of outcomes, each so many complaints of its own, set side by side."""
    return made(
        (
            year,
            breakdown(
                "statutory outcomes",
                ((row, f"{year.label} {row} {n}") for row, times in outcomes.items() for n in range(times)),
                ("upheld", "not upheld"),
                "complaints",
                "received in the year",
            ),
        )
        for year, outcomes in years
    )


def made(years: Iterable[tuple[Year, Table]]) -> Table:
    (table,) = side_by_side([(year, [one]) for year, one in years])
    return table


def test_what_is_compared_is_counted_of_every_year() -> None:
    assert {table.name for table in compared(scope(History(), Y24, Y24))} == COMPARED
    assert set(beside(History())) == COMPARED


def test_a_year_alone_has_nothing_beside_it() -> None:
    assert side_by_side([(Y24, annual(scope(History(), Y24, Y24), None))]) == ()


def test_three_years_are_columns_oldest_first_and_each_change_is_called_what_it_is() -> None:
    """Upheld 20 of 40, then 15 of 60: 5 fewer, 25 per cent fewer, and 25 percentage points less of the total."""
    table = of_outcomes(
        [
            (Y22, {"upheld": 1}),
            (Y23, {"upheld": 20, "not upheld": 20}),
            (Y24, {"upheld": 15, "not upheld": 45}),
        ]
    )
    assert line(table, "upheld") == {
        "2022-23": 1,
        "2023-24": 20,
        "2024-25": 15,
        NUMBER: -5,
        PER_CENT: -25,
        POINTS: -25,
    }
    assert list(line(table, "upheld")) == ["2022-23", "2023-24", "2024-25", NUMBER, PER_CENT, POINTS]
    assert line(table, "total") == {"2022-23": 1, "2023-24": 40, "2024-25": 60, NUMBER: 20, PER_CENT: 50}
    assert table.balanced


def test_points_are_worked_out_before_rounding() -> None:
    """34 of 81 and 29 of 59 are printed as 42 and 49 per cent; 1 of 8 and 1 of 3 as 13 and 33, and lie 21 apart."""
    table = of_outcomes([(Y23, {"upheld": 29, "not upheld": 30}), (Y24, {"upheld": 34, "not upheld": 47})])
    assert line(table, "upheld")[POINTS] == -7
    table = of_outcomes([(Y23, {"upheld": 1, "not upheld": 2}), (Y24, {"upheld": 1, "not upheld": 7})])
    change = cell(table, "upheld", POINTS)
    assert (change.value, change.numerator, change.denominator) == (-21, 1 * 3 - 1 * 8, 8 * 3)


def test_the_trace_of_a_change_takes_off_last_years_cases_and_adds_up() -> None:
    table = of_outcomes([(Y23, {"upheld": 2, "not upheld": 1}), (Y24, {"upheld": 1})])
    traced = trace.document(table.name, cell(table, "upheld", NUMBER))
    assert traced["cases"] == [
        {"reference": "2023-24 upheld 0", "contribution": -1},
        {"reference": "2023-24 upheld 1", "contribution": -1},
        {"reference": "2024-25 upheld 0", "contribution": 1},
    ]
    for one in table.cells:
        shown = trace.document(table.name, one)
        assert sum(case["contribution"] for case in shown["cases"]) == one.numerator
        assert sum(case["contribution"] for case in shown["denominator_cases"]) == (one.denominator or 0)


def test_a_per_cent_of_nothing_has_no_value_and_says_so() -> None:
    table = of_outcomes([(Y23, {"not upheld": 1}), (Y24, {"upheld": 1})])
    change = cell(table, "upheld", PER_CENT)
    assert (change.value, change.numerator, change.denominator) == (None, 1, 0)
    assert change.basis.endswith("there was nothing to compare with, so there is no value")
    assert line(table, "upheld")[NUMBER] == 1


def test_a_year_of_which_nothing_is_known_is_not_a_year_of_zeros() -> None:
    history = History().complaint("A", "2024-04-02")
    table = beside(history, Y22, Y23)["complaints by type"]
    assert line(table, "statutory") == {"2022-23": None, "2023-24": None, "2024-25": 1, NUMBER: None, PER_CENT: None}
    assert cell(table, "statutory", "2022-23").basis == "nothing is known of 2022-23"
    assert cell(table, "statutory", NUMBER).basis == "nothing is known of 2023-24, so there is no change"
    table = beside(history, Y22)["complaints by type"]
    assert line(table, "statutory") == {"2022-23": None, "2023-24": 0, "2024-25": 1, NUMBER: 1, PER_CENT: None}


def test_a_row_that_only_one_year_has_is_a_zero_in_the_others_and_stays_in_the_sums() -> None:
    table = of_outcomes([(Y23, {"upheld": 1, "odd": 3}), (Y24, {"upheld": 1, "new": 1})])
    assert list(dict.fromkeys(c.row for c in table.cells)) == ["upheld", "not upheld", "new", "odd", "total"]
    assert line(table, "odd") == {"2023-24": 3, "2024-25": 0, NUMBER: -3, PER_CENT: -100, POINTS: -75}
    assert line(table, "new") == {"2023-24": 0, "2024-25": 1, NUMBER: 1, PER_CENT: None, POINTS: 50}
    rows = {"upheld", "not upheld", "new", "odd"}
    for what in ("2023-24", "2024-25", NUMBER):
        assert (("total", what), {(row, what) for row in rows}) in [(whole, set(parts)) for whole, parts in table.sums]
    assert table.balanced


def test_every_sum_of_the_years_and_of_their_change_is_declared() -> None:
    table = of_outcomes([(Y23, {"upheld": 2}), (Y24, {"upheld": 3, "not upheld": 1})])
    rows = ("upheld", "not upheld")
    assert set(table.sums) == {
        *((("total", what), tuple((row, what) for row in rows)) for what in ("2023-24", "2024-25", NUMBER)),
        *(((row, "2024-25"), ((row, "2023-24"), (row, NUMBER))) for row in (*rows, "total")),
    }


def test_a_change_of_which_one_side_is_suppressed_is_suppressed_and_every_sum_stays_declared() -> None:
    rows = ("upheld", "not upheld", "withdrawn")

    def year(label: Year, upheld: int, *, suppressed: bool) -> Table:
        pairs = [("upheld", f"{label} {n}") for n in range(upheld)] + [(row, f"{label} {row}") for row in rows[1:]]
        table = breakdown("statutory outcomes", pairs, rows, "complaints", "received in the year")
        hidden = (
            replace(c, shares=(), of=None, suppressed=True) if suppressed and c.row in rows[:2] else c
            for c in table.cells
        )
        return replace(table, cells=tuple(hidden))

    shown = made([(Y23, year(Y23, 5, suppressed=False)), (Y24, year(Y24, 9, suppressed=False))])
    for before, after in ((True, False), (False, True), (True, True)):
        table = made([(Y23, year(Y23, 5, suppressed=before)), (Y24, year(Y24, 9, suppressed=after))])
        assert table.sums == shown.sums
        assert [c.at for c in table.cells] == [c.at for c in shown.cells]
        for what in (NUMBER, PER_CENT, POINTS):
            change = cell(table, "upheld", what)
            assert (change.suppressed, change.value, change.shares, change.of) == (True, None, (), None)
        assert line(table, "total")[NUMBER] == 4
        assert table.balanced


# --- the annual report's tables ---------------------------------------------------------------------------------------


def test_an_earlier_year_is_printed_by_the_code_lists_and_layout_of_the_reports_year() -> None:
    """Twelve areas to 2023-24, eight groups from 2024-25; open complaints in the total, then apart."""
    history = History().complaint("A", "2023-05-02", area="finance").complaint("B", "2024-05-02", area="telecare")
    areas = beside(history)["statutory complaints by service area"]
    assert line(areas, "All others") == {
        "2022-23": 0,
        "2023-24": 1,
        "2024-25": 1,
        NUMBER: 0,
        PER_CENT: 0,
        POINTS: 0,
    }
    assert "Finance" not in {c.row for c in areas.cells}
    assert "printed by the code lists and in the layout of 2024-25" in areas.layout
    outcomes = beside(history)["statutory outcomes"]
    assert line(outcomes, "open at year end, left out of the total")["2023-24"] == 1
    assert line(outcomes, "total")["2023-24"] == 0
    older = beside(history, year=Y23)["statutory complaints by service area"]
    assert line(older, "Finance")["2023-24"] == 1


def test_months_say_which_figure_a_column_is_of_and_what_changed_since_that_month_last_year() -> None:
    history = History().complaint("A", "2023-04-04").compliment("P", "2023-04-05").compliment("Q", "2024-04-05")
    history.compliment("R", "2024-04-09")
    table = beside(history)["complaints and compliments by month"]
    assert line(table, "April", "complaints: ") == {
        "2022-23": 0,
        "2023-24": 1,
        "2024-25": 0,
        NUMBER: -1,
        PER_CENT: -100,
        POINTS: None,
    }
    assert line(table, "April", "compliments: ")[NUMBER] == 1


def test_the_change_of_an_average_is_that_of_the_exact_ones() -> None:
    history = History()
    for reference, on, closed in (("A", "2023-05-02", "2023-05-03"), ("B", "2023-05-02", "2023-05-04")):
        history.complaint(reference, on).withdraw(reference, closed)
    history.complaint("C", "2024-05-07").withdraw("C", "2024-05-10")
    table = beside(history)["response times"]
    change = cell(table, "average days open", NUMBER)
    assert (change.value, change.numerator, change.denominator) == (2, 3 * 2 - 3 * 1, 2 * 1)
    assert line(table, "average days open") == {
        "2022-23": None,
        "2023-24": 2,
        "2024-25": 3,
        NUMBER: 2,
        PER_CENT: 100,
    }
    assert "working days: average days open" in table.layout


def test_a_rate_in_per_cent_changes_by_percentage_points_alone() -> None:
    history = History()
    for reference, on, category in (("1", "2023-05-02", "upheld"), ("2", "2024-05-02", "upheld")):
        history.enquiry(reference, on).ombudsman(reference, on, category)  # type: ignore[arg-type]
    history.enquiry("3", "2024-05-02").ombudsman("3", "2024-05-09", "not_upheld")
    table = beside(history)["ombudsman performance"]
    assert line(table, "uphold rate", "per cent: ") == {"2022-23": None, "2023-24": 100, "2024-25": 50, POINTS: -50}


def test_complaints_to_a_thousand_adults_supported() -> None:
    history = History()
    for reference, on in (("A", "2023-05-02"), ("B", "2024-05-02"), ("C", "2024-05-02")):
        history.complaint(reference, on)
    for year, people in (("2023-24", 400), ("2024-25", 500)):
        history.tell(
            "COV",
            e.ReferenceFigureRecorded(
                recorded_on=date(2025, 3, 31),
                name="adults_in_long_term_support",
                subject="Coventry City Council",
                year=year,
                value=people,
                unit="people",
                source="as published",
            ),
        )
    table = beside(history)["adults in long-term support at year end"]
    assert line(table, "people") == {"2022-23": None, "2023-24": 400, "2024-25": 500, NUMBER: 100, PER_CENT: 25}
    rate = "statutory complaints per 1,000 adults supported"
    assert line(table, rate) == {"2022-23": None, "2023-24": 2.5, "2024-25": 4.0, NUMBER: 1.5, PER_CENT: 60}
    assert cell(table, rate, "2022-23").basis.endswith("no figure was recorded, so there is no rate")


def test_a_reference_figure_that_did_not_change_changed_by_nothing() -> None:
    figures = [
        (
            year,
            Table(
                name="adults in long-term support at year end",
                cells=(Cell(row="p", column="p", basis="b", shares=(Share("COV", 7),), measure="figure"),),
            ),
        )
        for year in (Y23, Y24)
    ]
    assert line(made(figures), "p") == {"2023-24": 7, "2024-25": 7, NUMBER: 0, PER_CENT: 0}


def test_money_changes_in_pounds() -> None:
    def money(year: Year, pence: int) -> tuple[Year, Table]:
        paid = Cell(row="paid", column="pounds", basis="b", shares=(Share(str(year), pence),), measure="pounds")
        whole = replace(paid, row="total")
        return year, Table(name="financial remedies", cells=(paid, whole), sums=(sum_of(whole, [paid]),))

    table = made([money(Y23, 973_600), money(Y24, 2_227_200)])
    assert line(table, "total") == {"2023-24": 9736, "2024-25": 22_272, NUMBER: 12_536, PER_CENT: 129}
    assert table.balanced


def test_what_is_recorded_late_restates_the_year_beside_and_the_change() -> None:
    history = History().complaint("A", "2024-02-05", known="2025-02-01").complaint("B", "2024-05-07")
    before, after = (list(beside(history, as_at=as_at).values()) for as_at in ("2025-01-31", "2025-03-31"))
    assert affected(before, after) == {"A"}
    changes = {(c.table, c.row, c.column): (c.before, c.after) for c in restatement(before, after, {})}
    name = f"complaints by type{SUFFIX}"
    assert changes[name, "statutory", "2023-24"] == (0, 1)
    assert changes[name, "statutory", NUMBER] == (1, 0)
    assert changes[name, "statutory", PER_CENT] == (None, 0)
    assert (name, "statutory", "2024-25") not in changes


@pytest.mark.parametrize("year", [Y22, Y23, Y24])
def test_the_years_of_a_register_without_a_case_are_unknown_or_zero_and_nothing_fails(year: Year) -> None:
    earlier = (Year(year.starts - 2), Year(year.starts - 1))
    for table in beside(History(), *earlier, year=year).values():
        told = {c.value for c in table.cells if c.column.endswith((NUMBER, PER_CENT, POINTS, *map(str, earlier)))}
        assert told <= {None}
