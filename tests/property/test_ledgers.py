"""What is true of the ledgers whatever happens to a case: they are the fold of its events, written step by step."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from hypothesis import strategies as st

from services.cases import commands as do
from services.cases import learning_list, remedy_list
from services.cases.case import Case
from services.ombudsman.enquiry import evolve as evolve_enquiry
from services.ombudsman.handler import ledger
from shared import events as e
from shared.log import Write
from tests.property.test_case import Step, Story, always, asked, play, receipts, told

LATER_LIFE = (do.DecideStage, do.SendResponse, do.EscalateCase, do.CloseCase, do.ReopenCase, do.RouteCase)
LEDGERS = (do.AgreeRemedy, do.CompleteRemedy, do.RecordLearning, do.CompleteLearning)
stories = st.tuples(
    receipts,
    st.tuples(asked(*LATER_LIFE), asked(*LEDGERS), asked(*LATER_LIFE, *LEDGERS)).map(
        lambda parts: [ask for part in parts for ask in part]
    ),
)
Rows = dict[tuple[Any, ...], dict[str, Any]]


def written(writes: Iterable[Write], before: Rows) -> Rows:
    """The rows as they stand once these were written over those before them."""
    after = dict(before)
    for write in writes:
        for row in write.rows:
            key = tuple(row[name] for name in ("by", "number") if name in row)
            after[key] = {**after.get(key, {}), **row}
    return after


def step_by_step(steps: Iterable[Step], rows: Any) -> tuple[Case, Rows]:
    found: Rows = {}
    for step in steps:
        found = written(rows(step.after), found)
    return step.after, found


@always(stories)
def test_what_was_written_step_by_step_is_what_a_rebuild_writes(story: Story) -> None:
    for rows in (remedy_list.rows, learning_list.rows):
        case, found = step_by_step(play(story), rows)
        assert found == written(rows(case), {})


@always(stories)
def test_the_ledger_of_remedies_is_the_fold_of_the_cases_events(story: Story) -> None:
    _, found = step_by_step(play(story), remedy_list.rows)
    agreed = [event for event in told(story) if isinstance(event, e.RemedyAgreed)]
    done = {event.remedy: event for event in told(story) if isinstance(event, e.RemedyCompleted)}
    assert [tuple(row.values()) for row in found.values()] == [
        (
            *("council", event.remedy, None, event.type, event.amount_pence, event.agreed_on, event.due_on),
            *((done[event.remedy].completed_on, done[event.remedy].evidence) if event.remedy in done else (None, None)),
        )
        for event in agreed
    ]


@always(stories)
def test_the_learning_log_is_the_fold_of_the_cases_events_and_a_decided_case_is_in_it(story: Story) -> None:
    case, found = step_by_step(play(story), learning_list.rows)
    lessons = [event for event in told(story) if isinstance(event, e.LearningRecorded)]
    decided = [event.decided_on for event in told(story) if isinstance(event, e.StageDecided)]
    done = {event.learning: event.completed_on for event in told(story) if isinstance(event, e.LearningCompleted)}
    rows = list(found.values())
    assert {row["decided_on"] for row in rows} <= {next(reversed(decided), None)}
    assert {row["service_area"] for row in rows} <= {case.service_area}
    if not lessons:
        assert [(row["number"], row["lesson"], row["listed_on"]) for row in rows] == (
            [(1, None, decided[-1])] if decided else []
        )
        return
    shown = ("number", "lesson", "due_on", "recorded_on", "listed_on", "completed_on")
    assert [tuple(row[name] for name in shown) for row in rows] == [
        (x.learning, x.lesson, x.due_on, x.recorded_on, x.recorded_on, done.get(x.learning)) for x in lessons
    ]


days = st.dates(date(2026, 4, 1), date(2026, 12, 31))
required = st.lists(st.tuples(days, st.none() | days, st.none() | days, st.none() | st.just("COV-2026-000001")))


@always(required)
def test_the_ombudsmans_remedies_are_the_ombudsmans(asked: list[tuple[date, date | None, date | None, Any]]) -> None:
    enquiry = evolve_enquiry(None, e.EnquiryReceived(received_on=date(2026, 4, 1)))
    found: Rows = {}
    for number, (on, due_on, done_on, case) in enumerate(asked, 1):
        happened: list[e.EnquiryEvent] = [
            e.RemedyRequired(required_on=on, remedy=number, type="apology", amount_pence=None, due_on=due_on)
        ]
        if case:
            happened.append(e.EnquiryLinked(linked_on=on, case=case))
        if done_on:
            happened.append(e.RemedyCompleted(completed_on=done_on, remedy=number, evidence="letter"))
        for event in happened:
            enquiry = evolve_enquiry(enquiry, event)
            found = written(ledger(enquiry), found)
    assert found == written(ledger(enquiry), {})
    assert [(r["by"], r["agreed_on"], r["due_on"], r["completed_on"]) for r in found.values()] == [
        ("ombudsman", on, due_on, done_on) for on, due_on, done_on, _ in asked
    ]
    assert {row["case_reference"] for row in found.values()} <= {enquiry.case}
