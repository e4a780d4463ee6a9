"""What the annual report says of the council's dealings with the Ombudsman: rates, compliance, pace and remedies."""

from datetime import date

import pytest

from services.reporting import trace
from services.reporting.annual import annual
from services.reporting.figures import Cell, Table
from services.reporting.restatement import restatement
from services.reporting.scope import Scope
from shared import events as e
from shared.authority import authority
from shared.year import Year
from tests.histories import History, day

COVENTRY = authority("COV")
PERFORMANCE = "ombudsman performance"
REMEDIES = "ombudsman remedies"
PER_CENT = "per cent"


def tables(history: History, year: str = "2024-25", as_at: str = "2025-03-31") -> dict[str, Table]:
    scope = Scope(history.facts(as_at), Year.of(year), day(as_at), COVENTRY.codes, COVENTRY.calendar)
    found = {table.name: table for table in annual(scope, COVENTRY.region)}
    assert [table.name for table in found.values() if not table.balanced] == []
    return found


def cell(history: History, row: str, column: str = "cases", year: str = "2024-25", as_at: str = "2025-03-31") -> Cell:
    return trace.find(tables(history, year, as_at).values(), PERFORMANCE, row, column)


def decided(*findings: tuple[str, e.OmbudsmanCategory], on: str = "2024-09-03") -> History:
    history = History()
    for reference, category in findings:
        history.enquiry(reference, "2024-04-02").ombudsman(reference, on, category)
    return history


def remedied(reference: str = "1", due_on: str | None = None, on: str = "2024-09-03") -> History:
    required = e.RemedyRequired(
        required_on=day(on), remedy=1, type="financial", amount_pence=25_050, due_on=day(due_on) if due_on else None
    )
    return decided((reference, "upheld"), on=on).tell(reference, required)


def confirmed(history: History, reference: str, on: str, compliance: e.Compliance) -> History:
    return history.tell(reference, e.ComplianceConfirmed(confirmed_on=day(on), compliance=compliance))


# --- findings -------------------------------------------------------------------------------------------------------


def test_the_uphold_rate_is_upheld_by_what_was_investigated_in_detail_and_not_by_all_that_was_decided() -> None:
    """LGSCO, Interpreting our complaints data: "percentage of the detailed investigations we complete"."""
    history = decided(("1", "upheld"), ("2", "upheld"), ("3", "not_upheld"), ("4", "referred_back"))
    history.enquiry("5", "2024-04-02").tell("5", e.ClosedAfterEnquiries(closed_on=date(2024, 5, 1)))
    rate = cell(history, "uphold rate", PER_CENT)
    assert (rate.numerator, rate.denominator, rate.value) == (2, 3, 67)
    assert (rate.basis, cell(history, "investigated in detail").value) == ("decided in the year", 3)
    assert (cell(history, "decided").value, cell(history, "upheld").denominator) == (5, 5)
    assert trace.document(PERFORMANCE, rate)["denominator_cases"] == [
        {"reference": reference, "contribution": 1} for reference in ("1", "2", "3")
    ]


def test_a_rate_of_nothing_has_no_value_and_says_why() -> None:
    history = decided(("1", "referred_back"))
    said = {
        row: (found.value, found.basis)
        for row in ("uphold rate", "satisfactory remedy provided before the ombudsman", "compliance rate")
        for found in (cell(history, row, PER_CENT),)
    }
    assert said == {
        "uphold rate": (None, "decided in the year; nothing was investigated in detail, so there is no percentage"),
        "satisfactory remedy provided before the ombudsman": (
            None,
            "decided in the year; nothing was upheld, so there is no percentage",
        ),
        "compliance rate": (
            None,
            "compliance confirmed in the year; no compliance was confirmed, so there is no percentage",
        ),
    }
    average = cell(history, "average days to answer enquiries", "working days")
    assert (average.value, average.basis) == (None, "answered in the year; none was, so there is no average")


def test_received_and_decided_have_years_of_their_own() -> None:
    history = History().enquiry("1", "2024-03-28").ombudsman("1", "2024-04-02", "upheld").enquiry("2", "2024-04-02")
    assert [cell(history, row, year="2023-24").value for row in ("received", "decided")] == [1, 0]
    assert [cell(history, row).value for row in ("received", "decided")] == [1, 1]


def test_only_an_upheld_complaint_that_the_council_had_remedied_itself_was_remedied_before() -> None:
    history = decided(("1", "upheld"), ("2", "upheld"))
    for reference, category in (("3", "upheld"), ("4", "not_upheld")):
        history.enquiry(reference, "2024-04-02")
        history.tell(
            reference,
            e.OmbudsmanDecided(decided_on=date(2024, 9, 3), category=category, reason="already_remedied"),  # type: ignore[arg-type]
        )
    row = "satisfactory remedy provided before the ombudsman"
    assert [cell(history, row, column).value for column in ("cases", PER_CENT)] == [1, 33]


def test_public_reports_are_counted() -> None:
    history = decided(("1", "upheld")).enquiry("2", "2024-04-02")
    history.tell("2", e.OmbudsmanDecided(decided_on=date(2024, 9, 3), category="upheld", public_report=True))
    assert cell(history, "public reports").value == 1


# --- compliance -----------------------------------------------------------------------------------------------------


def test_compliance_is_counted_on_the_day_of_the_ombudsmans_word_and_late_is_still_compliance() -> None:
    history = History()
    for reference, compliance in (("1", "complied"), ("2", "complied_late"), ("3", "not_complied"), ("4", "complied")):
        history.told += confirmed(remedied(reference), reference, "2025-04-01" if reference == "4" else "2025-01-07",
                                  compliance).told  # type: ignore[arg-type]  # fmt: skip
    assert [cell(history, row).value for row in ("complied", "complied late", "not complied")] == [1, 1, 1]
    rate = cell(history, "compliance rate", PER_CENT)
    assert (rate.numerator, rate.denominator, rate.value) == (2, 3, 67)
    assert cell(history, "complied", year="2025-26", as_at="2025-04-01").value == 1


def test_compliance_is_outstanding_from_the_decision_until_the_ombudsmans_word() -> None:
    history = confirmed(remedied(), "1", "2025-05-06", "complied").enquiry("2", "2024-04-02")
    history.ombudsman("2", "2024-09-03", "upheld")
    row = "compliance outstanding"
    found = cell(history, row)
    assert (found.value, found.basis) == (1, "open at the as-at day")
    assert cell(history, row, year="2025-26", as_at="2025-05-05").value == 1
    assert cell(history, row, year="2025-26", as_at="2025-05-06").value == 0
    assert cell(history, row, year="2023-24").value == 0


def test_one_that_did_not_comply_may_comply_later_and_then_counts_there() -> None:
    history = confirmed(confirmed(remedied(), "1", "2025-01-07", "not_complied"), "1", "2025-02-04", "complied_late")
    assert [cell(history, row).value for row in ("complied late", "not complied")] == [1, 0]


# --- pace -----------------------------------------------------------------------------------------------------------


def enquiry(answered_on: str | None, respond_by: str | None = "2024-04-05") -> History:
    history = History().tell(
        "1", e.EnquiryReceived(received_on=date(2024, 4, 2), respond_by=day(respond_by) if respond_by else None)
    )
    return history.tell("1", e.EnquiryAnswered(answered_on=day(answered_on))) if answered_on else history


@pytest.mark.parametrize(("on", "row"), [("2024-04-05", "by"), ("2024-04-08", "after")])
def test_an_answer_on_the_day_that_the_letter_sets_is_by_its_date(on: str, row: str) -> None:
    history = enquiry(on)
    found = {side: cell(history, f"enquiries answered {side} their date") for side in ("by", "after")}
    assert {side: of.value for side, of in found.items()} == {"by": 0, "after": 0, row: 1}
    assert found[row].denominator == 1


def test_days_to_answer_are_working_days_from_the_letter() -> None:
    average = cell(enquiry("2024-04-08"), "average days to answer enquiries", "working days")
    assert (average.numerator, average.denominator, average.value) == (4, 1, 4)


def test_an_answer_without_a_date_is_neither_by_nor_after_it() -> None:
    history = enquiry("2024-04-08", respond_by=None)
    found = [cell(history, f"enquiries answered {side} their date") for side in ("by", "after")]
    assert [(of.value, of.denominator) for of in found] == [(0, 0), (0, 0)]


@pytest.mark.parametrize(("as_at", "past"), [("2024-04-05", 0), ("2024-04-06", 1)])
def test_what_is_not_answered_is_past_its_date_from_the_day_after(as_at: str, past: int) -> None:
    assert cell(enquiry(None), "enquiries past their date", as_at=as_at).value == past


def test_what_the_ombudsman_has_ended_awaits_no_answer() -> None:
    history = enquiry(None).ombudsman("1", "2024-04-04", "advice_given")
    assert cell(history, "enquiries past their date").value == 0


def test_the_ombudsmans_date_for_a_statement_is_the_later_one_and_not_the_councils_own() -> None:
    clocks = tuple(
        e.Deadline(
            name=name,
            due_on=due_on,
            rule=f"ombudsman.{name}",
            anchor="investigation_opened",
            anchor_on=date(2024, 5, 7),
            policy="sha256:policy",
            calendar="",
            unit="working_days",
            met_by="response_submitted",
            stage="ombudsman",
        )
        for name, due_on in (("internal_response", date(2024, 6, 3)), ("investigation_response", date(2024, 6, 5)))
    )
    history = enquiry("2024-04-05").tell("1", e.InvestigationOpened(opened_on=date(2024, 5, 7), deadlines=clocks))
    history.tell(
        "1", e.ResponseSubmitted(submitted_on=date(2024, 6, 4), author="a", author_role="m", signed_off_by="d")
    )
    assert cell(history, "investigations answered by their date").value == 1
    assert cell(history, "average days to answer investigations", "working days").value == 19
    assert cell(history, "investigations past their date", as_at="2024-06-03").value == 0


# --- remedies -------------------------------------------------------------------------------------------------------


def done(history: History, on: str) -> History:
    return history.tell("1", e.RemedyCompleted(completed_on=day(on), remedy=1))


@pytest.mark.parametrize(
    ("history", "as_at", "states"),
    [
        (remedied(due_on="2024-10-01"), "2024-10-01", {"due": 1}),
        (remedied(due_on="2024-10-01"), "2024-10-02", {"overdue": 1}),
        (remedied(), "2025-03-31", {"due": 1}),
        (done(remedied(due_on="2024-10-01"), "2024-10-01"), "2025-03-31", {"done": 1}),
        (done(remedied(due_on="2024-10-01"), "2024-10-02"), "2025-03-31", {"done": 1, "done late": 1}),
        (done(remedied(due_on="2024-10-01"), "2024-10-02"), "2024-10-01", {"due": 1}),
    ],
)
def test_a_remedy_of_the_ombudsman_is_done_due_or_overdue(history: History, as_at: str, states: dict[str, int]) -> None:
    cells = tables(history, as_at=as_at)[REMEDIES].cells
    assert {c.column: c.value for c in cells if c.row == "financial remedies" and c.value} == {
        "required": 1,
        "pounds": 251,
        **states,
    }
    assert {c.column: c.value for c in cells if c.row == "total" and c.value} == {"required": 1, **states}


def test_the_ombudsmans_remedies_are_told_by_type_and_the_councils_are_not_among_them() -> None:
    history = remedied().complaint("A", "2024-04-02").remedy("A", "2024-05-01", "apology")
    history.remedy("1", "2024-09-03", "charges_refund", 100, number=2, required=True)
    history.remedy("1", "2024-09-03", "practice_changed", number=3, required=True)
    cells = tables(history)[REMEDIES].cells
    assert {c.row: c.value for c in cells if c.column == "required"} == {
        "apology made": 0,
        "service provided": 0,
        "practice changed": 1,
        "financial remedies": 1,
        "charges recalculation and refund": 1,
        "total": 3,
    }
    assert {c.row: c.numerator for c in cells if c.column == "pounds"} == {
        "financial remedies": 25_050,
        "charges recalculation and refund": 100,
    }


# --- other councils, and what changed -------------------------------------------------------------------------------


def test_the_regions_uphold_rates_stand_beside_the_registers_own_where_they_were_recorded() -> None:
    history = decided(("1", "upheld"), ("2", "not_upheld"))
    name = "ombudsman uphold rate, West Midlands"
    assert name not in tables(history)
    for subject, value in (("Solihull Metropolitan Borough Council", 71), ("Coventry City Council", 60)):
        figure = e.ReferenceFigureRecorded(
            recorded_on=date(2025, 3, 31),
            name="ombudsman_uphold_rate",
            subject=subject,
            year="2024-25",
            value=value,
            unit="per cent",
            source="as published",
        )
        history.tell("COV", figure)
    cells = tables(history)[name].cells
    assert [(c.row, c.value, c.basis) for c in cells] == [
        ("this register", 50, "decided in the year"),
        ("Coventry City Council", 60, "as published"),
        ("Solihull Metropolitan Borough Council", 71, "as published"),
    ]


def test_a_rate_that_changed_names_the_investigation_that_made_its_denominator() -> None:
    history = decided(("1", "upheld")).enquiry("2", "2024-04-02").ombudsman("2", "2024-12-03", "not_upheld")
    before, after = (list(tables(history, as_at=as_at).values()) for as_at in ("2024-12-02", "2024-12-03"))
    (change,) = (change for change in restatement(before, after, {}) if change.row == "uphold rate")
    assert (change.before, change.after, [case.reference for case in change.cases]) == (100, 50, ["2"])
