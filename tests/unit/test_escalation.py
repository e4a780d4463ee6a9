from datetime import date

from shared.events import CaseEscalated
from tests.scenario import (
    answer_on,
    breached,
    close_on,
    decide_on,
    due,
    escalate_on,
    given,
    in_time,
    received_on,
    recorded,
    rejected,
    reopen_on,
    respond_on,
    status,
    withdraw_on,
)

OPEN = given(received_on("2025-11-03"), pathway="corporate")  # stage 1 is due on 17 November
ANSWERED = OPEN.when(*answer_on("2025-11-11"))


def test_the_next_stage_follows_an_answer_and_starts_its_clock() -> None:
    """Complaints policy, table of processes: stage 2, 20 working days."""
    story = ANSWERED.when(escalate_on("2025-11-21")).then(
        recorded(CaseEscalated, requested_on=date(2025, 11, 21), stage="stage_2"),
        status("escalated"),
        due("stage_2", "2025-12-19"),
        breached(),
    )
    clock = story.case.clocks["stage_2"].set
    assert (clock.anchor, clock.anchor_on) == ("case_escalated", date(2025, 11, 21))
    assert clock.policy == story.rules.policies.in_force("corporate", date(2025, 11, 3)).version
    assert clock.calendar == story.rules.calendar.version


def test_the_stage_may_be_named() -> None:
    ANSWERED.when(escalate_on("2025-11-21", stage="stage_2")).then(status("escalated"))
    ANSWERED.when(escalate_on("2025-11-21", stage="stage_3")).then(rejected("no_such_stage"))
    ANSWERED.when(escalate_on("2025-11-21", stage="stage_1")).then(rejected("no_such_stage"))


def test_an_unanswered_stage_is_escalated_only_once_it_is_overdue() -> None:
    OPEN.when(escalate_on("2025-11-17")).then(rejected("stage_not_answered"))
    OPEN.when(escalate_on("2025-11-18")).then(status("escalated"))
    OPEN.when(decide_on("2025-11-11"), escalate_on("2025-11-12")).then(rejected("stage_not_answered"))


def test_an_answer_that_never_came_stays_missed_and_is_awaited_no_more() -> None:
    story = OPEN.when(escalate_on("2025-11-19"))
    clock, standing = story.case.clocks["stage_1"], story.standing("stage_1")
    assert (clock.met_on, clock.ended_on, clock.ended_by) == (None, date(2025, 11, 19), "escalated")
    assert (standing.state, standing.days_late) == ("missed", 2)
    story.when(decide_on("2025-12-02", by="staff-9"), respond_on("2025-12-03")).then(in_time("stage_2"), breached())


def test_an_answer_that_never_came_is_not_awaited_anew_by_a_reopening() -> None:
    story = OPEN.when(escalate_on("2025-11-19"), *answer_on("2025-12-03"), reopen_on("2026-01-05"))
    assert story.case.clocks["stage_1"].ended_by == "escalated"


def test_stage_2_decided_by_stage_1s_officer_is_a_breach() -> None:
    """Complaints policy, table of processes: stage 2 is a review."""
    story = ANSWERED.when(escalate_on("2025-11-21"))
    story.when(decide_on("2025-12-02", by="staff-1")).then(breached("corporate.separate_decider"))
    story.when(decide_on("2025-12-02", by="staff-9")).then(breached())


def test_an_escalation_is_not_asked_for_before_the_answer_or_after_today() -> None:
    ANSWERED.when(escalate_on("2025-11-10")).then(rejected("too_early", "requested_on"))
    ANSWERED.when(escalate_on("2025-11-11")).then(status("escalated"))
    ANSWERED.when(escalate_on("2025-11-22"), today="2025-11-21").then(rejected("in_the_future", "requested_on"))


def test_the_last_stage_has_none_after_it() -> None:
    ANSWERED.when(escalate_on("2025-11-21"), *answer_on("2025-12-02"), escalate_on("2025-12-03")).then(
        rejected("no_such_stage")
    )
    given(received_on("2025-11-03"), *answer_on("2025-11-11"), pathway="adult_social_care").when(
        escalate_on("2025-11-21")
    ).then(rejected("no_such_stage"))


def test_a_closed_case_is_escalated_and_thereby_open_again() -> None:
    ANSWERED.when(close_on("2025-11-12"), escalate_on("2025-11-21")).then(status("escalated"))


def test_a_withdrawn_case_is_not_escalated() -> None:
    OPEN.when(withdraw_on("2025-11-11"), escalate_on("2025-11-21")).then(rejected("case_ended"))
    OPEN.when(withdraw_on("2025-11-11"), close_on("2025-11-11"), escalate_on("2025-11-21")).then(rejected("case_ended"))


def test_an_escalated_case_may_be_withdrawn_though_its_first_stage_was_answered() -> None:
    ANSWERED.when(escalate_on("2025-11-21"), withdraw_on("2025-11-26")).then(status("withdrawn"))


def test_an_escalation_is_what_the_case_is_at_though_it_was_reopened_before() -> None:
    ANSWERED.when(reopen_on("2025-11-17"), *answer_on("2025-11-19"), escalate_on("2025-11-21")).then(
        status("escalated")
    )
