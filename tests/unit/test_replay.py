"""What if another policy had been in force? A history read again, fact by fact, under it."""

from datetime import date

import pytest

from services.cases.replay import answers, read_again, tallies
from shared.errors import Rejected
from shared.policy import Policy, named_policy, policy_book
from tests.scenario import (
    COVENTRY,
    LATER,
    Scenario,
    acknowledge_on,
    answer_on,
    escalate_on,
    extend_to,
    given,
    pause_on,
    received_on,
    resume_on,
)

CALENDAR = COVENTRY.calendar
CODE = COVENTRY.policies.in_force("corporate", date(2026, 4, 1))
OLD = COVENTRY.policies.in_force("corporate", date(2025, 11, 3))


def due(story: Scenario, policy: Policy = CODE) -> dict[str, str]:
    case = read_again(story.history, policy, CALENDAR)
    assert case is not None
    return {name: str(clock.deadline.due_on) for name, clock in case.clocks.items()}


def in_time(story: Scenario, policy: Policy) -> bool:
    case = read_again(story.history, policy, CALENDAR)
    assert case is not None
    return answers(case, CALENDAR)["stage_1"].in_time


ACKNOWLEDGED = given(received_on("2025-11-03"), acknowledge_on("2025-11-07"), pathway="corporate")


def test_each_fact_starts_the_clocks_that_the_other_policy_has() -> None:
    """The Code counts ten working days from the acknowledgement, the older policy from receipt."""
    assert due(ACKNOWLEDGED) == {
        "acknowledgement": "2025-11-10",
        "local_acknowledgement": "2025-11-06",
        "stage_1": "2025-11-21",
        "stage_1_backstop": "2025-11-24",
    }
    assert due(ACKNOWLEDGED, OLD) == {"acknowledgement": "2025-11-06", "stage_1": "2025-11-17"}


@pytest.mark.parametrize(
    ("sent", "was", "would_be"),
    [
        ("2025-11-17", True, True),
        ("2025-11-18", False, True),
        ("2025-11-21", False, True),
        ("2025-11-22", False, False),
    ],
)
def test_an_answer_changes_sides_between_the_two_last_days(sent: str, was: bool, would_be: bool) -> None:  # noqa: FBT001
    story = ACKNOWLEDGED.when(*answer_on(sent))
    assert (in_time(story, OLD), in_time(story, CODE)) == (was, would_be)
    assert in_time(story, OLD) == answers(story.case, CALENDAR)["stage_1"].in_time


def test_an_extension_counts_as_far_as_the_other_cap_lets_it() -> None:
    story = ACKNOWLEDGED.when(extend_to("2026-01-30", "2025-11-14"))
    assert due(story)["stage_1"] == "2025-12-05"
    assert due(story, OLD)["stage_1"] == "2026-01-30"


def test_an_answer_put_off_when_it_was_late_already_stays_late_on_both_sides() -> None:
    story = ACKNOWLEDGED.when(extend_to("2026-01-05", "2025-12-29"), *answer_on("2025-12-30"))
    assert (in_time(story, OLD), in_time(story, CODE)) == (False, False)
    assert tallies([story.case], LATER, CALENDAR)["stage_1"].late == 1


def test_the_next_stage_is_counted_anew_too() -> None:
    story = ACKNOWLEDGED.when(*answer_on("2025-11-17"), escalate_on("2025-11-21"))
    assert due(story)["stage_2_backstop"] == "2025-12-30"
    assert "stage_2_acknowledgement" not in due(story)  # which nobody asked for then
    assert due(story, OLD)["stage_2"] == "2025-12-19"


def test_a_pause_counts_where_the_other_policy_lets_a_clock_stand_still() -> None:
    child = given(received_on("2026-11-02"), pause_on("2026-11-09"), resume_on("2026-11-16"), pathway="children")
    policy = COVENTRY.policies.in_force("children", date(2026, 11, 2))
    assert due(child, policy)["stage_1"] == "2026-11-23"
    assert due(child, policy) == {name: str(c.deadline.due_on) for name, c in child.case.clocks.items()}


def test_a_case_of_another_procedure_is_left_as_it_is() -> None:
    adult = given(received_on("2025-11-03"), acknowledge_on("2025-11-07"), pathway="adult_social_care")
    assert due(adult) == {name: str(clock.deadline.due_on) for name, clock in adult.case.clocks.items()}


def test_the_clocks_are_tallied_by_name_as_they_stand_on_a_day() -> None:
    story = ACKNOWLEDGED.when(*answer_on("2025-11-18"))
    as_it_was = tallies([story.case, ACKNOWLEDGED.case], date(2025, 11, 17), CALENDAR)
    stage_1 = tallies([story.case, ACKNOWLEDGED.case], LATER, CALENDAR)["stage_1"]
    assert (stage_1.in_time, stage_1.late, stage_1.running) == (0, 2, 0)
    assert as_it_was["stage_1"].running == 2


def test_a_policy_is_named_by_pathway_and_day_or_by_its_version() -> None:
    book = policy_book("COV")
    assert named_policy("corporate@2025-11-03", book) == OLD
    assert named_policy("corporate", book) == named_policy("corporate@2026-04-01", book) == CODE
    assert named_policy(OLD.version, book) == OLD


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("corporate@soon", "unknown_policy"),
        ("parking", "unknown_pathway"),
        ("corporate@2001-01-01", "no_policy"),
        ("sha256:0", "unknown_pathway"),
    ],
)
def test_a_policy_that_is_not_there_is_refused(name: str, rule: str) -> None:
    with pytest.raises(Rejected) as refused:
        named_policy(name, policy_book("COV"))
    assert refused.value.rule == rule
