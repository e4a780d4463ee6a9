"""The list for a self-assessment: which rules each case kept, as far as a register can see."""

from datetime import date

import pytest

from services.cases import commands as do
from services.cases.conformance import OCCASIONS, Sum, checks, summary
from shared.policy import policy_book
from tests.scenario import (
    COVENTRY,
    ELSEWHERE,
    LATER,
    Scenario,
    acknowledge_on,
    agree_period,
    answer_on,
    decide_on,
    escalate_on,
    extend_to,
    given,
    received_on,
    respond_on,
    withdraw_on,
)

STORY = given(received_on("2026-04-01"), acknowledge_on("2026-04-08"), pathway="corporate", rules=ELSEWHERE)


def found(story: Scenario, on: date = LATER) -> dict[str, str]:
    """Each rule's result, by its id."""
    case = story.case
    policy = story.rules.policies.in_force(case.pathway or "", case.received_on)
    return {check.rule: check.result for check in checks(case, policy, on, story.rules.calendar)}


def test_what_ran_is_kept_not_kept_or_not_due_yet() -> None:
    """Acknowledged on the fourth working day after Easter's two holidays; the answer is due ten days after that."""
    assert found(STORY, date(2026, 4, 22)) == {
        "code.acknowledgement": "kept",
        "code.stage_1": "not_yet",
        "code.stage_1_backstop": "not_yet",
    }
    assert found(STORY, date(2026, 4, 23))["code.stage_1"] == "not_kept"
    assert found(STORY, date(2026, 4, 23))["code.stage_1_backstop"] == "not_yet"


def test_an_answer_on_the_last_day_keeps_the_rule_and_the_day_after_does_not() -> None:
    assert found(STORY.when(*answer_on("2026-04-22"))) == {
        "code.acknowledgement": "kept",
        "code.stage_1": "kept",
        "code.stage_1_backstop": "kept",
        "code.ombudsman_right": "kept",
        "code.points_answered": "kept",
    }
    assert found(STORY.when(*answer_on("2026-04-23")))["code.stage_1"] == "not_kept"


def test_an_extension_has_its_cap_and_its_duty() -> None:
    """Ten working days more at the most (6.4), with the Ombudsman's details (6.5)."""
    kept = STORY.when(extend_to("2026-05-07", "2026-04-20", ombudsman_details_given=True))
    assert found(kept)["code.stage_1.cap"] == "kept"
    assert found(kept)["code.ombudsman_details_when_extending"] == "kept"
    broken = STORY.when(extend_to("2026-05-08", "2026-04-20"))
    assert found(broken)["code.stage_1.cap"] == "not_kept"
    assert found(broken)["code.ombudsman_details_when_extending"] == "not_kept"


def test_an_extension_made_too_late_does_not_keep_the_time() -> None:
    story = STORY.when(extend_to("2026-05-07", "2026-04-23"), *answer_on("2026-05-07"))
    assert found(story)["code.stage_1"] == "not_kept"


def test_a_lateness_that_was_a_slip_of_the_pen_is_none_once_it_is_corrected() -> None:
    late = given(received_on("2026-04-01"), acknowledge_on("2026-04-29"), pathway="corporate", rules=ELSEWHERE)
    assert found(late)["code.acknowledgement"] == "not_kept"
    corrected = late.when(
        do.CorrectCase(field="received_at", value="2026-04-27T12:00:00Z", reason="recorded_wrongly", corrected_on=LATER)
    )
    assert found(corrected)["code.acknowledgement"] == "kept"


@pytest.mark.parametrize(("decider", "result"), [("staff-1", "not_kept"), ("staff-9", "kept")])
def test_stage_2_is_decided_by_someone_else(decider: str, result: str) -> None:
    story = STORY.when(*answer_on("2026-04-22"), escalate_on("2026-04-24"), acknowledge_on("2026-04-27"))
    assert "code.separate_decider" not in found(story)
    assert found(story.when(*answer_on("2026-05-20", by=decider)))["code.separate_decider"] == result


def test_a_refusal_is_explained() -> None:
    told = do.RefuseCase(refused_on="2026-04-10", ground="out_of_time", notified_on="2026-04-10")
    assert found(STORY.when(told))["code.refusal_notified"] == "kept"
    assert found(STORY.when(told.model_copy(update={"notified_on": None})))["code.refusal_notified"] == "not_kept"


def test_the_right_to_go_to_the_ombudsman_is_given_with_the_answer() -> None:
    story = STORY.when(decide_on("2026-04-22"), respond_on("2026-04-22", right=False))
    assert found(story)["code.ombudsman_right"] == "not_kept"


def test_what_ended_before_it_was_due_is_no_check_and_what_was_late_by_then_is() -> None:
    assert "code.stage_1" not in found(STORY.when(withdraw_on("2026-04-22")))
    assert found(STORY.when(withdraw_on("2026-04-23")))["code.stage_1"] == "not_kept"


def test_an_escalation_accepted_out_of_time_is_told_with_its_source() -> None:
    """Twenty working days to ask for stage 2; it binds the complainant, and accepting it later is on record."""
    story = given(received_on("2026-04-01"), *answer_on("2026-04-15"), escalate_on("2026-05-20"), pathway="children")
    policy = COVENTRY.policies.in_force("children", date(2026, 4, 1))
    late = [
        check
        for check in checks(story.case, policy, LATER, COVENTRY.calendar)
        if check.rule.endswith("stage_2_request")
    ]
    assert [(check.rule, check.result) for check in late] == [("children.stage_2_request", "not_kept")]
    assert late[0].source


def test_a_response_period_and_its_amendment_are_checks_of_adult_social_care() -> None:
    """SI 2009/309 reg 17(c): was the outcome sent within the period, or the amended period?"""
    story = given(received_on("2026-11-02"), agree_period("2026-12-11", "2026-11-04"), pathway="adult_social_care")
    assert found(story, date(2026, 12, 11))["asc.response_period"] == "not_yet"
    assert found(story, date(2026, 12, 12))["asc.response_period"] == "not_kept"
    assert found(story)["asc.response_period_notified"] == "kept"


def test_every_duty_of_every_pathway_has_its_occasion() -> None:
    duties = {
        duty.id.partition(".")[2]
        for pathway in policy_book("COV").pathways.values()
        for _, policy in pathway.editions()
        for duty in policy.duties
    }
    assert duties == OCCASIONS.keys()


def test_the_sums_count_each_rule_once_a_case() -> None:
    policy = ELSEWHERE.policies.in_force("corporate", date(2026, 4, 1))
    running = given(received_on("2026-04-15"), acknowledge_on("2026-04-16"), pathway="corporate", rules=ELSEWHERE)
    stories = [running, STORY.when(*answer_on("2026-04-22")), STORY.when(*answer_on("2026-04-23"))]
    sums = summary([checks(s.case, policy, date(2026, 4, 23), ELSEWHERE.calendar) for s in stories])
    [stage_1] = [found for found in sums if found.rule == "code.stage_1"]
    assert (stage_1.kept, stage_1.not_kept, stage_1.not_yet) == (1, 1, 1)
    assert isinstance(stage_1, Sum)
    assert stage_1.source.startswith("Complaint Handling Code 6.3-6.4")
