from collections.abc import Mapping
from datetime import date
from typing import Any

from services.reporting.scope import Scope
from services.reporting.statutory import document, statutory
from shared import events as e
from shared.authority import authority
from shared.year import Year
from tests.histories import History, day

COVENTRY = authority("COV")


def returned(
    history: History, year: str = "2024-25", as_at: str = "2025-03-31", pathway: str = "adult_social_care"
) -> Mapping[str, Any]:
    scope = Scope(history.facts(as_at), Year.of(year), day(as_at), COVENTRY.codes, COVENTRY.calendar, pathway)
    assert all(table.balanced for table in statutory(scope))
    return document(scope, position=len(history.told))


def test_received_goes_by_receipt_and_well_founded_by_decision() -> None:
    """SI 2009/309 reg 18(1)(a) and (b): two clocks, and (b) is no subset of (a)."""
    history = History().complaint("A", "2024-03-04").complaint("B", "2025-03-03")
    history.answer("A", "2024-04-09", "partially_upheld").answer("B", "2025-04-09", "upheld")
    told = returned(history, as_at="2025-04-30")
    assert (told["received"], told["well_founded"], told["upheld"], told["partially_upheld"]) == (1, 1, 0, 1)


def test_a_complaint_decided_anew_counts_in_each_decision_and_once_as_received() -> None:
    history = History().complaint("A", "2024-04-02").answer("A", "2024-04-09", "upheld").reopen("A", "2024-06-03")
    history.answer("A", "2024-06-10", "upheld")
    assert (returned(history)["received"], returned(history)["well_founded"]) == (1, 2)


def test_referred_goes_by_the_day_the_council_was_informed() -> None:
    """SI 2009/309 reg 18(1)(c): "which the responsible body has been informed have been referred"."""
    history = History().complaint("A", "2024-03-04").enquiry("1", "2024-03-29", "A").enquiry("2", "2024-04-02", "A")
    assert returned(history)["referred_to_ombudsman"] == 1


def test_an_enquiry_about_no_known_case_counts_for_adult_social_care_alone() -> None:
    history = History().complaint("A", "2024-04-02", pathway="corporate").enquiry("1", "2024-05-02")
    history.enquiry("2", "2024-05-02", case="A")
    assert returned(history)["referred_to_ombudsman"] == 1
    assert returned(history, pathway="corporate")["referred_to_ombudsman"] == 1


def test_what_was_settled_orally_in_time_is_not_received_and_what_was_refused_is() -> None:
    """SI 2009/309 reg 8(1)(c) takes out of the count; the other heads of reg 8 do not."""
    history = History().complaint("A", "2024-04-02", orally=True).settle("A", "2024-04-03").complaint("B", "2024-04-02")
    history.tell("B", e.CaseRefused(refused_on=date(2024, 4, 3), ground="out_of_time", notified_on=None))
    told = returned(history)
    assert (told["received"], told["refused"]) == (1, 1)
    assert told["refusals"] == [{"ground": "out of time (reg 12)", "count": 1}]


def test_the_oral_exclusion_is_none_of_the_corporate_pathway() -> None:
    history = History().complaint("A", "2024-04-02", pathway="corporate", orally=True).settle("A", "2024-04-03")
    assert returned(history, pathway="corporate")["received"] == 1


def test_a_complaint_counts_on_the_pathway_that_it_has_as_at_the_day() -> None:
    history = History().complaint("A", "2024-04-02", pathway="corporate").route("A", "2024-04-09", "adult_social_care")
    assert [returned(history, as_at=as_at)["received"] for as_at in ("2024-04-08", "2024-04-09")] == [0, 1]


def test_subject_matter_is_counted_in_concerns_and_in_complaints() -> None:
    history = History().complaint("A", "2024-04-02", e.Concern("financial"), e.Concern("financial"))
    subjects = {subject["category"]: subject for subject in returned(history)["subject_matter"]}
    assert subjects["financial"] == {
        "category": "financial",
        "label": "Financial issues",
        "count": 2,
        "complaints": 1,
    }
    assert subjects["protection"]["count"] == 0


def test_lessons_and_rules_not_kept_are_matters_and_actions_are_improvements() -> None:
    """SI 2009/309 reg 18(1)(d)(ii): "arising out of those complaints, or the way in which [they] were handled"."""
    history = History().complaint("A", "2024-04-02")
    for number, action in ((1, "Log each call."), (2, None)):
        lesson = e.LearningRecorded(
            recorded_on=date(2024, 5, 1),
            learning=number,
            lesson="Calls were not logged.",
            action=action,
            owner="staff-1",
            due_on=date(2024, 6, 3),
        )
        history.tell("A", lesson)
    history.tell("A", e.LearningCompleted(completed_on=date(2024, 6, 3), learning=1))
    late = e.Breach("acknowledged_late", "SI 2009/309 reg 13(3)")
    history.tell(
        "A",
        e.ComplaintAcknowledged(
            acknowledged_on=date(2024, 6, 4), method="letter", discussion_offered=True, breaches=(late,)
        ),
    )
    told = returned(history)
    assert [
        (matter["matter"], matter["arising_from"], matter["count"]) for matter in told["matters_of_general_importance"]
    ] == [
        ("Calls were not logged.", "complaints", 2),
        ("acknowledged_late", "handling", 1),
    ]
    assert told["service_improvements"] == [
        {
            "service_area": "Older People (Assessment & Case Management)",
            "lesson": "Calls were not logged.",
            "action": "Log each call.",
            "due_on": "2024-06-03",
            "completed_on": "2024-06-03",
        }
    ]
