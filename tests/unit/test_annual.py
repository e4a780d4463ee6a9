from collections.abc import Mapping
from datetime import date

import pytest

from services.reporting import trace
from services.reporting.annual import annual
from services.reporting.figures import Table, half_up
from services.reporting.restatement import Learned, affected, restatement
from services.reporting.scope import Scope
from shared import events as e
from shared.authority import authority
from shared.errors import NotFound, Rejected
from shared.year import Year
from tests.histories import CALENDAR, History, day

COVENTRY = authority("COV")


def tables(history: History, year: str = "2024-25", as_at: str = "2025-03-31") -> Mapping[str, Table]:
    scope = Scope(history.facts(as_at), Year.of(year), day(as_at), COVENTRY.codes, COVENTRY.calendar)
    found = annual(scope, COVENTRY.region)
    assert [table.name for table in found if not table.balanced] == []
    return {table.name: table for table in found}


def column(
    history: History, table: str, column: str = "complaints", year: str = "2024-25", as_at: str = "2025-03-31"
) -> dict[str, int | float | None]:
    cells = tables(history, year, as_at)[table].cells
    return {cell.row: cell.value for cell in cells if cell.column == column}


def nonzero(figures: Mapping[str, int | float | None]) -> dict[str, int | float | None]:
    return {row: value for row, value in figures.items() if value}


# --- years, cohorts and layouts -------------------------------------------------------------------------------------


def test_a_year_runs_from_1_april_to_31_march_by_london_dates() -> None:
    history = History()
    for reference, on in (("A", "2024-03-31"), ("B", "2024-04-01"), ("C", "2025-03-31"), ("D", "2025-04-01")):
        history.complaint(reference, on)
    assert column(history, "complaints by type", as_at="2025-04-30")["statutory"] == 2


@pytest.mark.parametrize("label", ["2024", "2024-26", "24-25", "2024/25", "1999-00", "2024-25 "])
def test_a_year_is_written_in_one_way(label: str) -> None:
    with pytest.raises(Rejected, match="bad_year"):
        Year.of(label)


def test_the_turn_of_the_century_is_a_year() -> None:
    assert Year.of("2099-00").label == "2099-00"


def test_rows_come_from_the_code_list_so_an_empty_year_prints_zeros() -> None:
    areas = column(History(), "statutory complaints by service area", year="2023-24")
    assert len(areas) == 12 + 1
    assert set(areas.values()) == {0}


def test_eight_groups_of_service_areas_are_printed_from_2024_25() -> None:
    history = History().complaint("A", "2024-04-02", area="telecare").complaint("B", "2024-04-02", area="finance")
    areas = column(history, "statutory complaints by service area")
    assert len(areas) == 8 + 1
    assert nonzero(areas) == {"All others": 2, "total": 2}


def test_a_code_that_left_the_list_is_a_row_of_its_own() -> None:
    history = History().complaint("A", "2024-04-02", area="long_gone")
    assert nonzero(column(history, "statutory complaints by service area")) == {"long_gone": 1, "total": 1}


def test_two_channels_share_a_row() -> None:
    history = History().complaint("A", "2024-04-02", channel="web_form")
    history.complaint("B", "2024-04-02", channel="contact_centre").complaint("C", "2024-04-02", channel="councillor")
    channels = column(history, "how people complained")
    assert nonzero(channels) == {"contact centre or form": 2, "councillor": 1, "total": 3}


def test_open_complaints_are_in_the_total_of_outcomes_up_to_2023_24() -> None:
    history = History().complaint("A", "2024-03-04").complaint("B", "2024-03-04").withdraw("B", "2024-03-05")
    outcomes = column(history, "statutory outcomes", year="2023-24", as_at="2024-03-31")
    assert nonzero(outcomes) == {"withdrawn": 1, "open": 1, "total": 2}


def test_open_complaints_are_printed_apart_from_2024_25() -> None:
    history = History().complaint("A", "2025-03-04").complaint("B", "2025-03-04").withdraw("B", "2025-03-05")
    outcomes = column(history, "statutory outcomes")
    assert nonzero(outcomes) == {"withdrawn": 1, "total": 1, "open at year end, left out of the total": 1}
    assert "left out" in tables(history)["statutory outcomes"].layout


def test_a_refused_complaint_stays_in_the_cohort() -> None:
    history = History().complaint("A", "2024-04-02")
    history.tell("A", e.CaseRefused(refused_on=date(2024, 4, 3), ground="out_of_time", notified_on=None))
    assert nonzero(column(history, "statutory outcomes")) == {"refused": 1, "total": 1}


def test_totals_of_types_count_the_ombudsman_beside_the_rest() -> None:
    history = History().complaint("A", "2024-04-02").complaint("B", "2024-04-02", pathway="corporate")
    history.complaint("C", "2024-04-02", orally=True).settle("C", "2024-04-03")
    history.enquiry("24 000 001", "2024-06-03", case="A").enquiry("24 000 002", "2024-06-03", case="B")
    history.enquiry("24 000 003", "2024-06-03")
    assert column(history, "complaints by type") == {
        "statutory": 1,
        "informal": 1,
        "corporate": 1,
        "total excluding ombudsman": 3,
        "ombudsman": 2,
        "total": 5,
    }


# --- time -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("closed_on", "row"),
    [("2024-04-30", "within 20 working days"), ("2024-05-01", "over 20 working days")],
)
def test_the_20th_working_day_after_receipt_is_within(closed_on: str, row: str) -> None:
    history = History().complaint("A", "2024-04-02").withdraw("A", closed_on)
    assert nonzero(column(history, "response times")) == {row: 1}


def test_the_state_funeral_was_no_working_day() -> None:
    history = History().complaint("A", "2022-08-23").withdraw("A", "2022-09-22")
    assert CALENDAR.between(date(2022, 8, 23), date(2022, 9, 22)) == 20
    assert nonzero(column(history, "response times", year="2022-23")) == {"within 20 working days": 1}


@pytest.mark.parametrize(
    ("as_at", "row"),
    [("2024-04-30", "within 20 working days"), ("2024-05-01", "over 20 working days")],
)
def test_an_open_complaint_is_over_once_its_20th_day_is_past(as_at: str, row: str) -> None:
    history = History().complaint("A", "2024-04-02")
    assert nonzero(column(history, "stage 1 timescale", as_at=as_at)) == {row: 1, "still open": 1, "total": 1}


def test_without_a_standard_in_the_policy_the_calendar_counts_the_20_days() -> None:
    history = History().tell("A", next(event for _, _, event in History().complaint("A", "2024-04-02").told))
    routed = e.CaseRouted(
        routed_on=date(2024, 4, 2), pathway="adult_social_care", reason=None, policy="", calendar="", deadlines=()
    )
    history.tell("A", routed).withdraw("A", "2024-05-01")
    assert nonzero(column(history, "response times")) == {"over 20 working days": 1}


def test_days_open_are_averaged_over_what_is_closed_and_rounded_half_up() -> None:
    history = History().complaint("A", "2024-04-02").withdraw("A", "2024-04-04")
    history.complaint("B", "2024-04-02").answer("B", "2024-04-05", "upheld").complaint("C", "2024-04-02")
    (average, *_) = tables(history)["response times"].cells
    assert (average.numerator, average.denominator, average.value) == (2 + 3, 2, 3)


def test_there_is_no_average_of_nothing() -> None:
    assert column(History(), "response times", "working days") == {"average days open": None}


@pytest.mark.parametrize(("numerator", "denominator", "rounded"), [(1, 2, 1), (3, 2, 2), (49, 100, 0), (2834, 81, 35)])
def test_halves_go_up(numerator: int, denominator: int, rounded: int) -> None:
    assert half_up(numerator, denominator) == rounded


# --- concerns, people, praise ---------------------------------------------------------------------------------------


def test_issues_are_concerns_upheld_even_in_part_by_area() -> None:
    history = History().complaint(
        "A",
        "2024-04-02",
        e.Concern("communication", "attitude"),
        e.Concern("communication", "attitude"),
        e.Concern("financial", "financial_assessment"),
        e.Concern("protection"),
        area="telecare",
    )
    history.answer("A", "2024-04-05", "partially_upheld", "upheld", "partially_upheld", "not_upheld", "upheld")
    cells = tables(history)["reasons for upheld complaints"].cells
    assert {(cell.row, cell.column): cell.value for cell in cells if cell.value} == {
        (row, area): value
        for row, value in (
            ("complaints received", 1),
            ("partially upheld", 1),
            ("issue: Attitude / Rudeness", 2),
            ("issues upheld or partially upheld, total", 2),
        )
        for area in ("All others", "total")
    }


def test_not_stated_and_not_known_are_both_not_available() -> None:
    history = History()
    for reference, sex, age in (("A", "male", "16_17"), ("B", "not_stated", "18_24"), ("C", None, "75_84")):
        history.complaint(reference, "2024-04-02")
        described = e.CharacteristicsRecorded(
            recorded_on=date(2024, 4, 2), whose="person_affected", sex=sex, age_band=age
        )
        history.tell(reference, described)
    history.complaint("D", "2024-04-02")
    assert nonzero(column(history, "equality: sex")) == {"male": 1, "not available": 3, "total": 4}
    assert nonzero(column(history, "equality: age")) == {"16-24": 2, "65+": 1, "not available": 1, "total": 4}


def test_compliments_to_one_complaint_have_one_decimal() -> None:
    history = History().complaint("A", "2024-04-02").complaint("B", "2024-05-02").complaint("C", "2024-05-02")
    for number in range(8):
        history.compliment(f"P{number}", "2024-04-02")
    assert column(history, "compliments", "ratio") == {"compliments to one complaint": 2.7}
    assert nonzero(column(history, "complaints and compliments by month")) == {"April": 1, "May": 2, "total": 3}


# --- the Ombudsman, remedies, reference figures ---------------------------------------------------------------------


def test_the_ombudsman_is_counted_by_the_day_informed_and_by_the_day_decided() -> None:
    history = History().enquiry("1", "2024-03-04").ombudsman("1", "2024-04-09", "upheld").enquiry("2", "2024-05-02")
    earlier = column(history, "ombudsman cases", "cases", "2023-24")
    assert nonzero(earlier) == {"new": 1}
    assert column(history, "ombudsman cases", "cases", "2023-24", "2024-04-08")["open"] == 1
    assert nonzero(column(history, "ombudsman cases", "cases")) == {
        "escalated": 1,
        "decided": 1,
        "upheld": 1,
        "under investigation at period end": 1,
    }


def test_remedies_are_counted_by_complaint_and_payments_by_payment() -> None:
    history = History().complaint("A", "2024-04-02").enquiry("1", "2024-04-09", case="A")
    history.remedy("A", "2024-05-01", "apology").remedy("A", "2024-05-02", "apology", number=2)
    history.remedy("1", "2024-05-02", "apology", required=True)
    history.remedy("A", "2024-05-02", "financial", 62_050, number=3)
    history.remedy("A", "2024-05-02", "charges_refund", 1_790_200, number=4)
    history.remedy("1", "2024-05-02", "financial", 25_000, number=2, required=True)
    history.remedy("1", "2024-05-02", "financial", 50_000, number=3, required=True)
    history.remedy("A", "2025-04-01", "apology", number=5)
    assert column(history, "remedies")["apology made"] == 1
    assert column(history, "remedies", "remedies") == {"financial remedies": 3}
    assert column(history, "financial remedies", "pounds") == {
        "council determined": 18_523,
        "ombudsman": 750,
        "total": 19_273,
        "of which charges recalculation and refund": 17_902,
    }
    assert column(history, "ombudsman financial remedies", "pounds") == {"paid": 750}
    assert column(history, "ombudsman symbolic remedies", "remedies") == {"£500": 1, "£250": 1}


def test_the_regions_totals_are_added_up_here() -> None:
    history = History()
    for subject, value in (("Birmingham City Council", 38), ("Coventry City Council", 10), ("Totals", 48)):
        history.tell("COV", figure("ombudsman_complaints", subject, value, "adult social care"))
    found = column(history, "escalated to the ombudsman, West Midlands", "adult social care", as_at="2025-03-31")
    assert found == {"Birmingham City Council": 38, "Coventry City Council": 10, "Totals": 48}


def figure(name: str, subject: str, value: int, unit: str) -> e.ReferenceFigureRecorded:
    return e.ReferenceFigureRecorded(
        recorded_on=date(2025, 3, 31),
        name=name,
        subject=subject,
        year="2024-25",
        value=value,
        unit=unit,
        source="as published",
    )


def test_a_figure_that_was_not_recorded_is_not_a_zero() -> None:
    name = "adults in long-term support at year end"
    assert column(History(), name, "people") == {"people": None}
    history = History().tell("COV", figure("adults_in_long_term_support", "Coventry City Council", 3709, "people"))
    assert column(history, name, "people") == {"people": 3709}


# --- balance, trace, restatement ------------------------------------------------------------------------------------


def test_the_books_show_what_came_in_and_how_it_left() -> None:
    history = History().complaint("A", "2024-03-04").complaint("B", "2024-04-02", pathway="corporate")
    history.answer("A", "2024-04-03", "upheld").route("B", "2024-04-09", "adult_social_care")
    history.complaint("C", "2024-04-10", orally=True).settle("C", "2024-04-11").reopen("A", "2024-05-01")
    assert nonzero(column(history, "balance", "adult social care")) == {
        "brought forward": 1,
        "reopened": 1,
        "routed in": 1,
        "total": 3,
        "upheld": 1,
        "carried forward": 2,
    }
    assert nonzero(column(history, "balance", "corporate")) == {"received": 1, "total": 1, "routed out": 1}


def test_lessons_are_counted_by_service_area_and_by_what_became_of_their_actions() -> None:
    """Recorded in the year, whenever the complaint came in; one without an action asks for nothing more."""
    history = History().complaint("A", "2024-03-02", area="finance").complaint("B", "2024-04-02", area="mental_health")
    for reference, number, on, action in (
        ("A", 1, "2024-05-01", "Check each invoice."),
        ("A", 2, "2024-05-01", None),
        ("B", 1, "2024-05-02", "Ring back."),
        ("B", 2, "2025-04-01", "Next year's."),
    ):
        lesson = e.LearningRecorded(
            recorded_on=day(on), learning=number, lesson="x", action=action, owner=None, due_on=None
        )
        history.tell(reference, lesson)
    history.tell("A", e.LearningCompleted(completed_on=day("2024-06-03"), learning=1))

    def counted(name: str, as_at: str = "2025-03-31") -> dict[str, int | float | None]:
        return nonzero(column(history, "service improvements by service area", name, as_at=as_at))

    assert counted("lessons") == {"All others": 2, "Mental Health": 1, "total": 3}
    assert counted("actions completed") == {"All others": 1, "total": 1}
    assert counted("actions open") == {"Mental Health": 1, "total": 1}
    assert counted("no action") == {"All others": 1, "total": 1}
    assert counted("actions open", "2024-05-31") == {"All others": 1, "Mental Health": 1, "total": 2}


def test_a_trace_lists_what_each_case_contributes() -> None:
    history = History().complaint("A", "2024-04-02", e.Concern("financial"), e.Concern("financial"))
    cell = trace.find(tables(history).values(), "concerns raised by main category", "Financial issues", "concerns")
    assert trace.document("concerns raised by main category", cell)["cases"] == [{"reference": "A", "contribution": 2}]


def test_there_is_no_trace_of_a_figure_that_is_not_there() -> None:
    with pytest.raises(NotFound):
        trace.find(tables(History()).values(), "complaints by type", "statutory", "pounds")


def test_every_figure_is_the_sum_of_its_trace() -> None:
    history = History().complaint("A", "2024-04-02").answer("A", "2024-04-05", "upheld").compliment("P", "2024-04-02")
    for table in tables(history).values():
        for cell in table.cells:
            traced = trace.document(table.name, cell)
            assert sum(case["contribution"] for case in traced["cases"]) == cell.numerator
            assert sum(case["contribution"] for case in traced["denominator_cases"]) == (cell.denominator or 0)


def test_a_restatement_names_only_the_cases_that_made_the_difference() -> None:
    """Two cases were open when the year was first reported, and withdrawn past their 20th day."""
    history = History()
    for reference in ("A", "B", "C"):
        history.complaint(reference, "2023-03-20")
    history.withdraw("C", "2023-03-22").withdraw("A", "2023-05-02").withdraw("B", "2023-05-03")
    before, after = (list(tables(history, "2022-23", as_at).values()) for as_at in ("2023-04-14", "2025-03-31"))
    assert affected(before, after) == {"A", "B"}
    learned = {"A": [Learned(9, "2023-05-02T10:00:00.000000Z", "case_withdrawn")]}
    changes = {(change.table, change.row): change for change in restatement(before, after, learned)}
    change = changes["response times", "within 20 working days"]
    assert (change.before, change.after) == (3, 1)
    assert [(case.reference, case.recorded_at) for case in change.cases] == [
        ("A", "2023-05-02T10:00:00.000000Z"),
        ("B", None),
    ]
    assert change.cases[0].what == "case_withdrawn"


def test_what_was_recorded_late_restates_the_year_in_which_it_happened() -> None:
    history = History().complaint("A", "2024-02-05", orally=True).settle("A", "2024-02-06")
    history.complaint("B", "2024-02-05", orally=True, known="2024-12-02")
    settled = History().complaint("B", "2024-02-05", orally=True).settle("B", "2024-02-06").told[-1][2]
    history.tell("B", settled, "2024-12-02")
    informal = {
        as_at: column(history, "complaints by type", year="2023-24", as_at=as_at)["informal"]
        for as_at in ("2024-11-12", "2025-03-31")
    }
    assert informal == {"2024-11-12": 1, "2025-03-31": 2}
