"""The progress list: the last day of each colour, and of the week before."""

from datetime import date

import pytest

from services.cases import case_list
from services.cases.case import OPEN_STATUSES
from services.reporting.progress import Filters, Progress, progress
from shared.year import Quarter
from tests.property.test_case import Story, always, stories, told
from tests.scenario import COVENTRY, LATER, Scenario, answer_on, given, pause_on, received_on, settle_on, withdraw_on
from tests.unit.test_timeliness import CHILDREN, CORPORATE, scope

OPEN = given(received_on("2025-11-11"), pathway=CORPORATE)
"""To be acknowledged by 14 November 2025, answered by the 25th."""


def listed(as_at: str, *told_of: Scenario) -> Progress:
    known = scope(as_at, *told_of, period=Quarter.containing(date.fromisoformat(as_at)))
    return progress(known, 0, COVENTRY.policies, Filters())


def answered(day: str) -> Scenario:
    return given(received_on("2025-11-11"), *answer_on(day), pathway=CHILDREN)


@pytest.mark.parametrize(("on", "colour", "left"), [("2025-11-14", "amber", 0), ("2025-11-15", "red", -1)])
def test_a_line_is_red_the_day_after_and_a_day_over(on: str, colour: str, left: int) -> None:
    """The 15th is a Saturday: a day after the last is a day over, though no working day lies between."""
    (line,) = listed(on, OPEN).lines
    assert (line.next_deadline, line.rag, line.working_days_left) == ("acknowledgement", colour, left)


@always(stories)
def test_a_line_says_what_the_row_of_the_case_list_says(story: Story) -> None:
    told_of = Scenario(COVENTRY, tuple(told(story)))
    [write] = case_list.rows("COV", told_of.case)
    [row] = write.rows
    near = [clock.deadline.due_on for clock in told_of.case.clocks.values()]
    days = {day for due in near for day in (row["amber_from"] or due, due, COVENTRY.calendar.next(due))}
    for day in (*sorted(days), LATER):
        for line in listed(day.isoformat(), told_of).lines:
            assert (line.next_deadline, line.next_due_on) == (row["next_deadline"], row["next_due_on"])
            assert line.rag == case_list.rag(row, day)
            assert (line.stage, line.officer) == (row["stage"], row["officer"])


@always(stories)
def test_what_awaits_an_answer_in_the_case_list_is_listed(story: Story) -> None:
    told_of = Scenario(COVENTRY, tuple(told(story)))
    awaited = told_of.case.status in OPEN_STATUSES
    assert len(listed(LATER.isoformat(), told_of).lines) == awaited


@pytest.mark.parametrize(
    ("as_at", "fell_due"),
    [
        ("2025-11-25", False),
        ("2025-11-26", True),
        ("2025-12-02", True),
        ("2025-12-03", False),
    ],
)
def test_the_week_is_the_seven_days_before(as_at: str, fell_due: bool) -> None:  # noqa: FBT001 - what is expected
    rows = listed(as_at, OPEN, answered("2025-11-25")).fell_due
    found = {(row.reference, row.deadline, row.standing) for row in rows if row.deadline == "stage_1"}
    both = {("A", "stage_1", "running, overdue"), ("B", "stage_1", "within time")}
    assert found == (both if fell_due else set())


def test_what_was_not_called_for_or_stands_still_did_not_fall_due() -> None:
    still = given(received_on("2025-11-11"), pause_on("2025-11-24"), pathway=CHILDREN)
    orally = given(received_on("2025-11-21", made_orally=True), settle_on("2025-11-24"), pathway="adult_social_care")
    rows = listed("2025-11-28", OPEN.when(withdraw_on("2025-11-20")), still, orally).fell_due
    assert [row for row in rows if row.deadline != "acknowledgement"] == []


def test_a_case_answered_or_ended_is_open_no_more() -> None:
    assert [line.reference for line in listed("2025-11-28", answered("2025-11-25"), OPEN).lines] == ["B"]
    assert listed("2025-11-28", OPEN.when(withdraw_on("2025-11-20"))).lines == []
