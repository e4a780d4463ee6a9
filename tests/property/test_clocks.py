"""The clocks that the reports know are those of the cases, after every history that the cases service can make."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pytest

from services.cases import commands as do
from services.cases.case import Case, evolve
from services.cases.case import fold as fold_case
from services.reporting import standing
from services.reporting.facts import ClockFact, Facts
from services.reporting.fold import fold
from shared import deadlines
from shared import events as e
from shared.deadlines import Clock
from shared.events import CaseEvent
from tests.histories import CALENDAR
from tests.property.test_case import Story, always, stories, told
from tests.scenario import (
    COVENTRY,
    LATER,
    Scenario,
    acknowledge_on,
    agree_period,
    answer_on,
    escalate_on,
    extend_to,
    given,
    pause_on,
    received_on,
    reopen_on,
    resume_on,
    withdraw_on,
)
from tests.unit.test_calendar_review import reviewed


def of_case(clock: Clock) -> Mapping[str, Any]:
    late = deadlines.extended_late(clock, date.max, CALENDAR)
    return {
        "stage": clock.deadline.stage,
        "rule": clock.deadline.rule,
        "kind": clock.deadline.kind,
        "binds": clock.deadline.binds,
        "met_by": clock.deadline.met_by,
        "anchor": clock.set.anchor,
        "started_on": clock.set.anchor_on,
        "first_due_on": clock.set.due_on,
        "due_on": clock.deadline.due_on,
        "unextended_due_on": first_due_on(clock),
        "extended": sum(extension.before != extension.after for extension in clock.extensions),
        "extended_late": late,
        "reviewed": len(clock.reviews),
        "paused_on": clock.paused_on,
        "met_on": clock.met_on,
        "ended_on": clock.ended_on,
        "ended_by": clock.ended_by,
    }


def first_due_on(clock: Clock) -> date | None:
    """The day that the first extension moved, with the pauses that were over only after it."""
    calendar = deadlines.counted_in(clock.deadline, CALENDAR)
    found: date | None = None
    for move in clock.moves:
        match move:
            case deadlines.Extension():
                found = found or move.before
            case deadlines.Pause(resumed_on=date()) if found and move.resumed_on:
                found = deadlines.shifted(found, move.paused_on, move.resumed_on, calendar)
    return found


def of_reports(clock: ClockFact, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: getattr(clock, name) for name in wanted}


def compare(history: Iterable[CaseEvent]) -> None:
    """After each event, what the reports know of the clocks, the stage and the officer is what the case says."""
    case: Case | None = None
    known, received_anew = Facts(), False
    for event in history:
        case = evolve(case, event)
        known = fold(known, "A", event, CALENDAR)
        in_force = {clock.name: clock for clock in known.clocks}
        received_anew |= isinstance(event, e.CaseCorrected) and event.field == "received_at"
        expected = {name: of_case(clock) for name, clock in case.clocks.items()}
        if received_anew:  # the case keeps what was said when it was extended, and reports count from the new day
            expected = {
                name: {k: v for k, v in of.items() if k != "unextended_due_on"} for name, of in expected.items()
            }
        assert {n: of_reports(c, expected[n]) for n, c in in_force.items() if n in expected} == expected
        assert in_force.keys() == expected.keys()
        (row,) = known.cases
        assert (row.stage, row.acknowledged_on, row.officer) == (case.stage, case.acknowledged_on, case.officer)


@always(stories)
def test_clocks_of_the_reports_are_those_of_the_case_after_every_event(story: Story) -> None:
    compare(told(story))


def received_anew(at: str) -> do.CorrectCase:
    return do.CorrectCase.model_validate(
        {"field": "received_at", "value": at, "reason": "recorded_wrongly", "corrected_on": "2026-12-01"}
    )


ASC, CHILDREN, CORPORATE = "adult_social_care", "children", "corporate"


@pytest.mark.parametrize(
    "story",
    [
        given(
            received_on("2025-11-11"),
            extend_to("2025-12-19", "2025-11-21"),
            received_anew("2025-11-04T09:00:00Z"),
            pathway=CORPORATE,
        ),
        given(
            received_on("2025-11-11"),
            pause_on("2025-11-13"),
            resume_on("2025-11-18"),
            received_anew("2025-11-04T09:00:00Z"),
            *answer_on("2026-01-05"),
            pathway=CHILDREN,
        ),
        given(
            received_on("2026-03-31"),
            acknowledge_on("2026-04-08"),
            *answer_on("2026-05-05"),
            received_anew("2026-04-01T09:00:00Z"),
            pathway=CORPORATE,
        ),
        given(
            received_on("2025-11-11"),
            agree_period("2025-12-01", "2025-11-12"),
            agree_period("2026-01-20", "2025-12-04"),
            extend_to("2026-02-20", "2026-01-15"),
            *answer_on("2026-02-23"),
            reopen_on("2026-03-02"),
            agree_period("2026-04-01", "2026-03-02"),
            pathway=ASC,
        ),
        given(
            received_on("2025-11-11"),
            escalate_on("2026-01-05"),
            withdraw_on("2026-01-06"),
            reopen_on("2026-01-07"),
            pathway=CORPORATE,
        ),
        reviewed(given(received_on("2026-12-14"), pathway=ASC)),
    ],
    ids=[
        "extended, received anew",
        "paused, received anew",
        "under newer rules",
        "amended and set again",
        "left unanswered",
        "reviewed",
    ],
)
def test_clocks_are_those_of_the_case_where_chance_seldom_leads(story: Scenario) -> None:
    assert story.case
    compare(story.history)


def test_a_period_set_again_after_the_answer_is_a_clock_of_its_own() -> None:
    story = given(
        received_on("2025-11-11"),
        agree_period("2025-12-01", "2025-11-12"),
        *answer_on("2025-12-02"),
        reopen_on("2026-03-02"),
        agree_period("2026-04-01", "2026-03-02"),
        pathway=ASC,
    )
    periods = [clock for clock in after(story.history).clocks if clock.name == "response_period"]
    assert [(str(clock.due_on), str(clock.met_on)) for clock in periods] == [
        ("2025-12-01", "2025-12-02"),
        ("2026-04-01", "None"),
    ]


def test_a_delay_reason_is_of_the_stage_that_the_case_is_at() -> None:
    story = given(received_on("2025-11-11"), extend_to("2025-12-19", "2025-11-21"), pathway=CORPORATE)
    assert after(story.history).cases[0].delay_reason == "complexity"
    story = story.when(do.NotifyLateness(notified_on=date(2025, 12, 22), delay_reason="staff_absence"))
    assert after(story.history).cases[0].delay_reason == "staff_absence"
    story = story.when(*answer_on("2025-12-23"))
    for again in (escalate_on("2025-12-24"), reopen_on("2025-12-24")):
        assert after(story.when(again).history).cases[0].delay_reason is None


@always(stories)
def test_a_clock_is_judged_as_the_rules_judge_it(story: Story) -> None:
    """As known in the end, on the days around each last one and long after."""
    history = told(story)
    case = fold_case(history)
    assert case
    for clock in after(history).clocks:
        rule = case.clocks.get(clock.name)
        if rule is None or clock.number != max(c.number for c in after(history).clocks if c.name == clock.name):
            continue
        happened = [day for day in (rule.stopped_on, rule.paused_on) if day]
        for day in (max([COVENTRY.calendar.next(clock.due_on), *happened]), LATER):
            judged = deadlines.judged(rule, day, COVENTRY.calendar)
            how = standing.standing(clock, day, COVENTRY.calendar)
            assert (how in (standing.LATE, standing.OVERDUE)) == (judged.state == "missed"), (how, judged)
            assert (how == standing.IN_TIME) == (judged.state == "due")
            assert standing.due_on(clock, day, COVENTRY.calendar) == judged.due_on


def after(history: Iterable[CaseEvent]) -> Facts:
    known = Facts()
    for event in history:
        known = fold(known, "A", event, CALENDAR)
    return known


@always(stories)
def test_clocks_are_numbered_in_the_order_in_which_they_were_set(story: Story) -> None:
    known = Facts()
    for event in told(story):
        known = fold(known, "A", event, CALENDAR)
        numbers = [clock.number for clock in known.clocks]
        assert numbers == sorted(set(numbers))
        assert {clock.pathway for clock in known.clocks} <= {known.cases[0].pathway}


@always(stories)
def test_every_extension_and_notice_of_lateness_gives_its_reason(story: Story) -> None:
    known, given = Facts(), []
    for event in told(story):
        known = fold(known, "A", event, CALENDAR)
        match event:
            case e.DeadlineExtended():
                caps = any(breach.rule.endswith(".cap") for breach in event.breaches)
                given.append((event.extended_on, event.reason, event.agreed_with_complainant, caps))
            case e.LatenessNotified():
                given.append((event.notified_on, event.delay_reason, False, False))
    assert [(row.given_on, row.reason, row.agreed, row.beyond_cap) for row in known.delays] == given
