"""The annual report's tables beyond the cohort's own: areas, themes, refusals, matters, rates; and empty reports."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.reporting.annual import annual
from services.reporting.figures import Cell, Table
from services.reporting.matters import matters
from services.reporting.scope import Scope
from services.reporting.statutory import statutory
from shared import events as e
from shared.authority import authority
from shared.year import Year
from tests.histories import History, day

COVENTRY = authority("COV")
RATE = "statutory complaints per 1,000 adults supported"
SUPPORTED = "adults in long-term support at year end"


def scope(history: History, year: str = "2024-25", as_at: str = "2025-03-31") -> Scope:
    return Scope(history.facts(as_at), Year.of(year), day(as_at), COVENTRY.codes, COVENTRY.calendar)


def table(history: History, name: str, year: str = "2024-25", as_at: str = "2025-03-31") -> Table:
    (found,) = (one for one in annual(scope(history, year, as_at), COVENTRY.region) if one.name == name)
    assert found.balanced
    return found


def nonzero(found: Table) -> dict[tuple[str, str], int | float | None]:
    return {cell.at: cell.value for cell in found.cells if cell.value}


def refuse(history: History, reference: str, on: str, ground: str) -> History:
    return history.tell(reference, e.CaseRefused(refused_on=day(on), ground=ground, notified_on=None))


# --- service areas and themes ---------------------------------------------------------------------------------------


def test_outcomes_are_printed_by_service_area_and_add_up_both_ways() -> None:
    history = History().complaint("A", "2024-04-02", area="finance").answer("A", "2024-04-09", "upheld")
    history.complaint("B", "2024-04-02", area="telecare").complaint("C", "2024-04-02", area="mental_health")
    history.withdraw("C", "2024-04-03").complaint("D", "2024-04-02", pathway="corporate")
    found = table(history, "statutory outcomes by service area")
    assert nonzero(found) == {
        ("upheld", "All others"): 1,
        ("open", "All others"): 1,
        ("withdrawn", "Mental Health"): 1,
        ("upheld", "total"): 1,
        ("open", "total"): 1,
        ("withdrawn", "total"): 1,
        ("total", "All others"): 2,
        ("total", "Mental Health"): 1,
        ("total", "total"): 3,
    }
    assert len(found.cells) == (8 + 1) * (8 + 1)
    upheld = next(cell for cell in found.cells if cell.at == ("upheld", "All others"))
    assert (upheld.numerator, upheld.denominator, upheld.per_cent) == (1, 2, 50)


def test_an_outcome_or_area_that_is_not_listed_has_a_row_or_column_of_its_own() -> None:
    history = History().complaint("A", "2024-04-02", area="unheard_of")
    history.tell("A", e.CaseClosed(closed_on=day("2024-04-03")))
    assert nonzero(table(history, "statutory outcomes by service area")) == {
        (row, column): 1 for row in ("closed", "total") for column in ("unheard_of", "total")
    }


def test_issues_raised_are_counted_whatever_was_found_and_those_without_one_told_apart() -> None:
    attitude = e.Concern("communication", "attitude")
    history = History().complaint("A", "2024-04-02", attitude, attitude, e.Concern("financial"))
    history.answer("A", "2024-04-09", "not_upheld", "not_upheld", "upheld", "not_upheld")
    history.complaint("B", "2023-04-03", attitude)
    found = table(history, "concerns raised by issue")
    assert nonzero(found) == {
        ("Attitude / Rudeness", "concerns"): 2,
        ("no issue stated", "concerns"): 1,
        ("total", "concerns"): 3,
    }
    categories = table(history, "concerns raised by main category")
    assert found.cells[-1].shares == categories.cells[-1].shares


def test_compliments_are_counted_by_the_area_that_they_thank() -> None:
    history = History().compliment("P", "2024-04-02").compliment("Q", "2024-04-02").compliment("R", "2023-04-03")
    assert nonzero(table(history, "compliments by service area")) == {
        ("Older People (Assessment & Case Management)", "compliments"): 2,
        ("total", "compliments"): 2,
    }


def test_upheld_and_partially_upheld_are_told_together_of_the_outcomes_total() -> None:
    history = History()
    for reference, outcome in (("A", "upheld"), ("B", "partially_upheld"), ("C", "not_upheld")):
        history.complaint(reference, "2024-04-02").answer(reference, "2024-04-09", outcome)  # type: ignore[arg-type]
    history.complaint("D", "2024-04-02")
    both = _cell(table(history, "statutory outcomes"), "upheld or partially upheld", "complaints")
    assert (both.numerator, both.denominator, both.per_cent) == (2, 3, 67)


def test_months_say_by_how_many_per_cent_compliments_exceed_complaints() -> None:
    """5 complaints and 16 compliments: 220 per cent more; 9 and 2: 78 per cent fewer, as the council prints them."""
    history = History()
    for month, complaints, compliments in (("04", 5, 16), ("07", 9, 2), ("09", 0, 1)):
        for number in range(complaints):
            history.complaint(f"C{month}{number}", f"2023-{month}-03")
        for number in range(compliments):
            history.compliment(f"P{month}{number}", f"2023-{month}-03")
    found = table(history, "complaints and compliments by month", "2023-24")
    column = "compliments compared to complaints, per cent"
    told = {month: _cell(found, month, column) for month in ("April", "July", "September")}
    assert {month: cell.value for month, cell in told.items()} == {"April": 220, "July": -78, "September": None}
    assert told["September"].basis == "received in the year; there was no complaint, so there is no per cent"


# --- refusals and matters -------------------------------------------------------------------------------------------


def test_refusals_are_printed_by_ground_on_every_pathway() -> None:
    history = History().complaint("A", "2024-04-02").complaint("B", "2024-04-02", pathway="corporate")
    history.complaint("C", "2024-04-02", pathway="children").complaint("D", "2024-04-02", pathway=None)
    history.complaint("E", "2024-04-02", pathway="corporate").complaint("F", "2023-04-03", pathway="corporate")
    for reference in "ABCDF":
        refuse(history, reference, "2024-04-05", "out_of_scope" if reference == "C" else "out_of_time")
    found = table(history, "complaints refused by pathway")
    late, scope_ = "out of time (reg 12)", "outside the procedure's scope"
    assert nonzero(found) == {
        (late, "adult social care"): 1,
        (late, "corporate"): 1,
        (late, "not yet routed"): 1,
        (late, "total"): 3,
        (scope_, "children"): 1,
        (scope_, "total"): 1,
        ("total", "adult social care"): 1,
        ("total", "corporate"): 1,
        ("total", "children"): 1,
        ("total", "not yet routed"): 1,
        ("total", "total"): 4,
    }
    grounds = {row for row, _ in (cell.at for cell in found.cells)}
    assert len(grounds) == 10 + 1


def test_a_refusal_that_was_not_upheld_on_reopening_is_none_any_more() -> None:
    history = refuse(History().complaint("A", "2024-04-02"), "A", "2024-04-05", "out_of_time").reopen("A", "2024-05-01")
    assert nonzero(table(history, "complaints refused by pathway")) == {}


def test_the_return_and_the_annual_report_refuse_alike() -> None:
    history = refuse(History().complaint("A", "2024-04-02", pathway="corporate"), "A", "2024-04-05", "no_standing")
    everyone = table(history, "complaints refused by pathway")
    for pathway in ("adult_social_care", "children", "corporate", "public_health"):
        of = Scope(history.facts(), Year(2024), day("2025-03-31"), COVENTRY.codes, COVENTRY.calendar, pathway)
        (returned,) = (one for one in statutory(of) if one.name == "refusals")
        column = pathway.replace("_", " ")
        assert [(cell.row, cell.shares) for cell in returned.cells] == [
            (cell.row, cell.shares) for cell in everyone.cells if cell.column == column
        ]


def test_matters_of_general_importance_are_lessons_and_rules_not_kept() -> None:
    history = History().complaint("A", "2024-04-02")
    lesson = e.LearningRecorded(
        recorded_on=day("2024-05-01"), learning=1, lesson="Ring back.", action=None, owner=None, due_on=None
    )
    late = e.CaseRefused(
        refused_on=day("2024-06-03"), ground="out_of_time", notified_on=None, breaches=(e.Breach("ack", "reg 13(3)"),)
    )
    history.tell("A", lesson).tell("A", late)
    assert matters(scope(history)) == [
        {"matter": "Ring back.", "arising_from": "complaints", "source": None, "count": 1},
        {"matter": "ack", "arising_from": "handling", "source": "reg 13(3)", "count": 1},
    ]
    assert matters(scope(history, "2023-24")) == []


# --- the adults supported -------------------------------------------------------------------------------------------


def supported(value: int) -> e.ReferenceFigureRecorded:
    return e.ReferenceFigureRecorded(
        recorded_on=date(2025, 3, 31),
        name="adults_in_long_term_support",
        subject="Coventry City Council",
        year="2024-25",
        value=value,
        unit="people",
        source="SALT 2024-25",
    )


def test_the_rate_is_complaints_to_a_thousand_adults_supported() -> None:
    history = History().tell("COV", supported(3709))
    for number in range(85):
        history.complaint(f"C{number}", str(date(2024, 4, 2) + timedelta(days=number)))
    rate = _cell(table(history, SUPPORTED), RATE, "rate")
    assert (rate.value, rate.numerator, rate.denominator) == (22.9, 85, 3709)
    assert rate.basis == "received in the year; SALT 2024-25"


def test_what_was_recorded_of_another_council_is_not_the_authoritys_own() -> None:
    history = History().tell("COV", supported(500)).tell("COV", replace(supported(900), subject="Another Council"))
    assert {cell.column: cell.value for cell in table(history, SUPPORTED).cells} == {"people": 500, "rate": 0.0}


@pytest.mark.parametrize("figures", [(), (0,)])
def test_there_is_no_rate_of_no_one(figures: tuple[int, ...]) -> None:
    history = History().complaint("A", "2024-04-02")
    for value in figures:
        history.tell("COV", supported(value))
    rate = _cell(table(history, SUPPORTED), RATE, "rate")
    assert (rate.value, rate.numerator) == (None, 1)
    assert rate.basis.endswith("so there is no rate")


# --- the books ------------------------------------------------------------------------------------------------------


def test_every_way_in_and_out_has_its_row_in_the_books() -> None:
    history = History().complaint("A", "2024-03-28").answer("A", "2024-04-09", "upheld").reopen("A", "2024-05-01")
    history.answer("A", "2024-05-09", "partially_upheld").complaint("B", "2024-04-02", sent_by="Example NHS Trust")
    history.withdraw("B", "2024-04-03").complaint("C", "2024-04-02", pathway="corporate")
    history.route("C", "2024-04-09", "adult_social_care").answer("C", "2024-04-10", "not_upheld")
    refuse(history.complaint("D", "2024-04-02"), "D", "2024-04-05", "out_of_time").complaint("E", "2024-04-02")
    history.tell("E", e.CaseTransferred(transferred_on=day("2024-04-03"), to="x")).complaint("F", "2024-04-02")
    history.route("F", "2024-04-03", "corporate").complaint("G", "2024-04-02", orally=True).settle("G", "2024-05-01")
    history.complaint("H", "2024-04-02").tell("H", e.CaseClosed(closed_on=day("2024-04-03"))).complaint(
        "I", "2024-04-02"
    )
    asc = {row: value for (row, column), value in nonzero(table(history, "balance")).items() if "adult" in column}
    came = {"brought forward": 1, "received": 6, "reopened": 1, "transferred in": 1, "routed in": 1, "total": 10}
    assert asc == came | dict.fromkeys(
        (
            "upheld",
            "partially upheld",
            "not upheld",
            "withdrawn",
            "refused",
            "transferred out",
            "routed out",
            "settled informally",
            "closed",
            "carried forward",
        ),
        1,
    )


def test_what_another_body_sent_is_in_the_books_and_in_the_return() -> None:
    history = History().complaint("A", "2024-04-02", sent_by="Example NHS Trust").complaint("B", "2024-04-02")
    history.complaint("C", "2024-03-28", sent_by="Example NHS Trust").complaint("D", "2024-04-02", pathway="corporate")
    asc = {row: value for (row, column), value in nonzero(table(history, "balance")).items() if "adult" in column}
    assert asc == {"brought forward": 1, "received": 1, "transferred in": 1, "total": 3, "carried forward": 3}
    returned = {cell.row: cell.value for cell in statutory(scope(history))[0].cells}
    assert returned["received"] == 2


# --- nothing to report ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", ["2000-01", "2023-24", "2024-25"])
@pytest.mark.parametrize("code", ["COV", "NOBODY"])
def test_the_report_of_an_authority_without_a_case_is_a_report_of_zeros(code: str, year: str) -> None:
    """Of any year, before the log began as well, of the default code lists as of an authority's own."""
    body = authority(code)
    nothing = Scope(History().facts(), Year.of(year), day("2025-03-31"), body.codes, body.calendar)
    for one in (*annual(nothing, body.region or "Nowhere"), *statutory(nothing)):
        assert one.balanced
        for cell in one.cells:
            if cell.measure in ("count", "pounds"):
                assert cell.value == 0, (one.name, cell.at)
            else:
                assert cell.value is None, (one.name, cell.at)


def _cell(found: Table, row: str, column: str) -> Cell:
    return next(cell for cell in found.cells if cell.at == (row, column))
