"""What is true of every clock that stands still and runs again, and of every clock there is."""

from datetime import date, timedelta

from hypothesis import assume
from hypothesis import strategies as st

from services.cases.case import Case
from shared import deadlines, events
from shared.clock import noon
from shared.deadlines import Clock
from tests.property.test_case import Story, always, play, stories
from tests.scenario import COVENTRY, Scenario, extend_to, given, pause_on, received_at, resume_on

ONE_DAY = timedelta(days=1)
CALENDAR = COVENTRY.calendar

receipt_days = st.dates(date(2009, 4, 1), date(2029, 12, 31))
within = st.integers(0, 12)
length = st.integers(0, 60)
extensions = st.lists(st.integers(1, 30), max_size=2)


def child(received: date) -> Scenario:
    return given(received_at(noon(received)), pathway="children")


def extended(story: Scenario, days: int, on: date) -> Scenario:
    """Later by so many working days than it is due now."""
    due = story.case.clocks["stage_1"].deadline.due_on
    return story.when(extend_to(str(CALENDAR.add(due, days)), str(on)))


def paused(story: Scenario, on: date, days: int) -> Scenario:
    return story.when(pause_on(str(on)), resume_on(str(on + ONE_DAY * days)))


def stage_1(story: Scenario) -> Clock:
    return story.case.clocks["stage_1"]


def seen(case: Case, days: range, start: date) -> list[object]:
    """How the clocks stand, and which colour the case has, on each of the days."""
    policy = COVENTRY.policies.in_force("children", case.received_on)
    clocks = tuple(case.clocks.values())
    return [
        (
            [deadlines.standing(clock, start + ONE_DAY * day, CALENDAR) for clock in clocks],
            deadlines.rag(clocks, start + ONE_DAY * day, policy, CALENDAR),
        )
        for day in days
    ]


@always(receipt_days, within, extensions)
def test_a_pause_of_no_length_changes_nothing(received: date, on: int, by: list[int]) -> None:
    story = child(received)
    for days in by:
        story = extended(story, days, received)
    still = paused(story, received + ONE_DAY * on, 0)
    assert stage_1(still).deadline == stage_1(story).deadline
    assert seen(still.case, range(0, 90, 3), received) == seen(story.case, range(0, 90, 3), received)


@always(receipt_days, within, length, st.integers(1, 30))
def test_the_order_of_a_pause_and_an_extension_does_not_matter(received: date, on: int, days: int, by: int) -> None:
    """Neither for the due date nor for whether the extension was too long."""
    day = received + ONE_DAY * on
    first = extended(paused(child(received), day, days), by, day + ONE_DAY * days)
    meanwhile = extended(child(received).when(pause_on(str(day))), by, day).when(resume_on(str(day + ONE_DAY * days)))
    last = paused(extended(child(received), by, received), day, days)
    assert stage_1(first).deadline.due_on == stage_1(last).deadline.due_on == stage_1(meanwhile).deadline.due_on
    assert first.case.breaches == last.case.breaches == meanwhile.case.breaches


@always(receipt_days, within, length, length)
def test_a_pause_is_as_long_as_its_parts(received: date, on: int, one: int, other: int) -> None:
    day = received + ONE_DAY * on
    whole = paused(child(received), day, one + other)
    first = paused(child(received), day, one)
    parts = paused(first, day + ONE_DAY * one, other)
    assume(day <= stage_1(child(received)).deadline.due_on)  # what was late before stays late
    assume(day + ONE_DAY * one <= stage_1(first).deadline.due_on)
    assert stage_1(parts).deadline == stage_1(whole).deadline


@always(receipt_days, within, length, st.integers(0, 90))
def test_what_stood_during_a_pause_is_not_changed_by_its_end(received: date, on: int, days: int, at: int) -> None:
    """On a day, nothing of later days is known; and a clock that stands still is not late by standing still."""
    day = received + ONE_DAY * on
    still = child(received).when(pause_on(str(day)))
    over = still.when(resume_on(str(day + ONE_DAY * days)))
    before = range(on + days)
    assert seen(over.case, before, received) == seen(still.case, before, received)
    late = [deadlines.standing(stage_1(still), day + ONE_DAY * n, CALENDAR).days_late for n in (0, at)]
    assert late[1] == 0 or late[0] > 0


@always(receipt_days, within, length)
def test_the_law_knows_no_closures(received: date, on: int, days: int) -> None:
    """SI 2006/1738 reg 2: the days on which the council chose to close are working days of a limit set by law."""
    day = received + ONE_DAY * on
    shut = CALENDAR.with_closures({day + ONE_DAY * number: "Closed" for number in range(1, 30)})
    still = stage_1(child(received).when(pause_on(str(day))))
    until = day + ONE_DAY * days
    assert deadlines.resumed(still, until, shut) == deadlines.resumed(still, until, CALENDAR)


@always(stories)
def test_a_deadline_never_falls_before_its_clock_starts_nor_does_a_pause(story: Story) -> None:
    for step in play(story):
        for clock in step.after.clocks.values():
            assert clock.set.anchor_on <= clock.set.due_on
            assert clock.deadline.anchor_on <= clock.deadline.due_on
            for pause in clock.pauses:
                assert pause.resumed_on is None or pause.paused_on <= pause.resumed_on
                assert clock.set.anchor_on <= pause.paused_on


@always(stories)
def test_no_event_restarts_a_clock_save_another_day_of_receipt_or_another_route(story: Story) -> None:
    """A period that is stated for the case, and the complainant's own time after a new answer, are set anew alone."""
    for step in play(story):
        if any(isinstance(event, events.CaseRouted | events.CaseCorrected) for event in step.recorded):
            continue
        for name, clock in step.before.clocks.items():
            if clock.set.binds == "council" and clock.set.anchor != "response_period_set":
                assert step.after.clocks[name].set == clock.set
                assert clock.met_on == step.after.clocks[name].met_on or clock.met_on is None


@always(stories)
def test_an_answered_case_awaits_no_answer(story: Story) -> None:
    """No clock starts that nothing could meet."""
    for step in play(story):
        stage = step.after.current
        if stage and stage.responded_on:
            waiting = [c.deadline.name for c in step.after.clocks.values() if c.deadline.met_by == "response_sent"]
            assert all(step.after.clocks[name].stopped_on for name in waiting)
