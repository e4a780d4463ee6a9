from datetime import date

import pytest

from services.cases import case_list
from services.cases import commands as do
from shared import deadlines
from shared.events import ClockPaused, ClockResumed
from tests.scenario import (
    COVENTRY,
    Scenario,
    acknowledge_on,
    answer_on,
    breached,
    due,
    escalate_on,
    extend_to,
    given,
    in_time,
    late,
    pause_on,
    received_on,
    recorded,
    rejected,
    resume_on,
    withdraw_on,
)

CHILD = given(received_on("2026-11-02"), acknowledge_on("2026-11-03"), pathway="children")  # due on 16 November
STILL = CHILD.when(pause_on("2026-11-09"))


def colours(story: Scenario, *days: str) -> list[str | None]:
    """The colour of the case on each day, which the case list shows alike."""
    case = story.case
    policy = COVENTRY.policies.in_force(case.pathway or "", case.received_on)
    found = []
    for day in map(date.fromisoformat, days):
        found.append(deadlines.rag(tuple(case.clocks.values()), day, policy, COVENTRY.calendar))
        ((row,),) = (write.rows for write in case_list.rows("COV", case))
        assert case_list.rag(row, day) == found[-1]
    return found


def test_a_clock_is_later_by_the_working_days_that_it_stood_still() -> None:
    """Children, stage 1: the time may be "suspended until an advocate is appointed"."""
    STILL.then(recorded(ClockPaused, clocks=("stage_1",), reason="advocate_awaited"))
    story = STILL.when(resume_on("2026-11-18")).then(due("stage_1", "2026-11-25"), breached())
    clock = story.case.clocks["stage_1"]
    assert clock.set.due_on == date(2026, 11, 16)
    assert [(str(p.paused_on), str(p.resumed_on), str(p.after)) for p in clock.pauses] == [
        ("2026-11-09", "2026-11-18", "2026-11-25")
    ]
    story.when(*answer_on("2026-11-25")).then(in_time("stage_1"), breached())
    story.when(*answer_on("2026-11-26")).then(late("stage_1", 1), breached("children.stage_1"))


def test_a_day_that_does_not_count_adds_nothing() -> None:
    """From Friday evening to Monday it is one working day, over a weekend none; Christmas adds none either."""
    CHILD.when(pause_on("2026-11-06"), resume_on("2026-11-09")).then(due("stage_1", "2026-11-17"))
    CHILD.when(pause_on("2026-11-06"), resume_on("2026-11-08")).then(due("stage_1", "2026-11-16"))
    christmas = given(received_on("2026-12-21"), pause_on("2026-12-24"), resume_on("2026-12-29"), pathway="children")
    christmas.then(due("stage_1", "2027-01-08"))


def test_while_it_stands_still_it_is_never_late_and_moves_day_by_day() -> None:
    stood = [STILL.standing("stage_1", day) for day in ("2026-11-09", "2026-11-10", "2026-12-09")]
    assert [(s.due_on, s.state) for s in stood] == [
        (date(2026, 11, 16), "due"),
        (date(2026, 11, 17), "due"),
        (date(2026, 12, 16), "due"),
    ]


def test_a_clock_that_stands_still_has_no_colour_and_stands_in_no_list() -> None:
    assert colours(STILL, "2026-11-09", "2026-12-31") == [None, None]
    ((row,),) = (write.rows for write in case_list.rows("COV", STILL.case))
    assert (row["next_deadline"], row["next_due_on"], row["amber_from"]) == (None, None, None)
    again = STILL.when(resume_on("2026-11-18"))  # due on 25 November
    assert colours(again, "2026-11-18", "2026-11-23", "2026-11-25", "2026-11-26") == ["green", "amber", "amber", "red"]


def test_what_stood_on_a_day_of_the_pause_is_still_known_when_it_is_over() -> None:
    """On a day, nothing of later days is known."""
    over = STILL.when(resume_on("2026-11-18"))
    for day in ("2026-11-06", "2026-11-09", "2026-11-11"):
        assert over.standing("stage_1", day) == STILL.standing("stage_1", day)
    policy = COVENTRY.policies.in_force("children", date(2026, 11, 2))
    clocks = tuple(over.case.clocks.values())
    assert deadlines.rag(clocks, date(2026, 11, 17), policy, COVENTRY.calendar) is None


def test_a_case_that_stands_still_is_not_overdue() -> None:
    """The next stage may be asked for once the answer is overdue, and a suspended answer is not."""
    STILL.when(escalate_on("2026-11-30")).then(rejected("stage_not_answered"))
    CHILD.when(escalate_on("2026-11-17")).then(breached())
    CHILD.when(pause_on("2026-11-17"), escalate_on("2026-11-18")).then(breached())  # it was late before it stood still


def test_a_pause_does_not_mend_what_was_late_before() -> None:
    story = CHILD.when(pause_on("2026-11-17"), resume_on("2026-11-27")).then(due("stage_1", "2026-11-16"))
    story.when(*answer_on("2026-11-27")).then(late("stage_1", 9), breached("children.stage_1"))


def test_an_answer_during_the_pause_is_in_time() -> None:
    STILL.when(*answer_on("2026-12-18")).then(in_time("stage_1"), breached())


def test_a_pause_uses_up_nothing_of_the_extension() -> None:
    """Ten working days and ten more are twenty on which the clock ran."""
    paused = STILL.when(resume_on("2026-11-16"))  # five working days: due on 23 November
    paused.when(extend_to("2026-12-07", "2026-11-17")).then(due("stage_1", "2026-12-07"), breached())
    paused.when(extend_to("2026-12-08", "2026-11-17")).then(breached("children.stage_1.cap"))


def test_an_extension_made_meanwhile_is_later_by_the_pause_too() -> None:
    STILL.when(extend_to("2026-11-30", "2026-11-11"), resume_on("2026-11-16")).then(due("stage_1", "2026-12-07"))


def test_it_stands_still_more_than_once_but_never_twice_at_a_time() -> None:
    STILL.when(pause_on("2026-11-10")).then(rejected("already_paused"))
    again = STILL.when(resume_on("2026-11-11"))  # due on 18 November
    again.when(pause_on("2026-11-10")).then(rejected("too_early", "paused_on"))
    again.when(pause_on("2026-11-12"), resume_on("2026-11-13")).then(due("stage_1", "2026-11-19"))


def test_only_what_stands_still_is_resumed_and_not_before_it_stopped() -> None:
    CHILD.when(resume_on("2026-11-10")).then(rejected("not_paused"))
    STILL.when(resume_on("2026-11-08")).then(rejected("too_early", "resumed_on"))
    STILL.when(resume_on("2026-11-12"), today="2026-11-11").then(rejected("in_the_future", "resumed_on"))


@pytest.mark.parametrize("pathway", ["adult_social_care", "corporate", "public_health"])
def test_no_other_procedure_lets_a_clock_stand_still(pathway: str) -> None:
    given(received_on("2026-11-02"), pathway=pathway).when(pause_on("2026-11-04")).then(rejected("no_pause"))


def test_stage_2_does_not_stand_still() -> None:
    story = CHILD.when(*answer_on("2026-11-10"), escalate_on("2026-11-12"))
    story.when(pause_on("2026-11-13")).then(rejected("no_pause"))


def test_an_ended_case_is_not_paused_and_the_reason_is_a_code() -> None:
    CHILD.when(withdraw_on("2026-11-05"), pause_on("2026-11-06")).then(rejected("case_ended"))
    CHILD.when(pause_on("2026-11-05", "idleness")).then(rejected("unknown_code", "reason"))


def test_the_law_counts_the_days_on_which_the_council_chose_to_close() -> None:
    """SI 2006/1738 reg 2 excepts weekends, Christmas Day, Boxing Day, Good Friday and bank holidays only."""
    shut = COVENTRY.calendar.with_closures({date(2026, 11, day): "Closed" for day in (10, 11, 12)})
    assert deadlines.resumed(STILL.case.clocks["stage_1"], date(2026, 11, 16), shut).due_on == date(2026, 11, 23)


def correct_receipt(to: str) -> do.CorrectCase:
    return do.CorrectCase(
        field="received_at", value=f"{to}T09:00:00Z", reason="recorded_wrongly", corrected_on=date(2026, 12, 1)
    )


def test_another_day_of_receipt_leaves_the_pause_its_length() -> None:
    story = STILL.when(resume_on("2026-11-16"), correct_receipt("2026-10-30"))
    clock = story.then(due("stage_1", "2026-11-20")).case.clocks["stage_1"]
    assert clock.set.due_on == date(2026, 11, 13)
    STILL.when(correct_receipt("2026-10-30"), resume_on("2026-11-16")).then(
        recorded(ClockResumed, resumed_on=date(2026, 11, 16)), due("stage_1", "2026-11-20")
    )


def test_nothing_stood_still_before_receipt() -> None:
    alone = given(received_on("2026-11-02"), pause_on("2026-11-04"), pathway="children")
    alone.when(correct_receipt("2026-11-05")).then(rejected("too_late", "value"))
