from datetime import date

import pytest

from services.cases import commands as do
from shared.deadlines import explain
from tests.scenario import (
    ELSEWHERE,
    acknowledge_on,
    agree_period,
    answer_on,
    breached,
    decide_on,
    due,
    escalate_on,
    extend_to,
    given,
    in_time,
    late,
    received_on,
    rejected,
    respond_on,
    route_to,
    status,
)

CHRISTMAS = given(received_on("2026-12-24"), pathway="corporate", rules=ELSEWHERE)
ACKNOWLEDGED = CHRISTMAS.when(acknowledge_on("2027-01-05"))
STAGE_2 = ACKNOWLEDGED.when(*answer_on("2027-01-19"), escalate_on("2027-02-01"))


def clocks(received: str) -> dict[str, tuple[str, str]]:
    """Each clock with its rule and its due date, for a case of Coventry's that is acknowledged on the next day."""
    story = given(received_on(received), acknowledge_on("2026-04-02"), pathway="corporate")
    return {name: (clock.set.rule, str(clock.set.due_on)) for name, clock in story.case.clocks.items()}


def test_the_policy_of_the_day_of_receipt_is_the_one_that_a_case_keeps() -> None:
    """The Ombudsman considers the Code in casework from April 2026; a complaint of the day before has the old table."""
    assert clocks("2026-03-31") == {
        "acknowledgement": ("corporate.acknowledgement", "2026-04-07"),
        "stage_1": ("corporate.stage_1", "2026-04-16"),
    }
    assert clocks("2026-04-01") == {
        "acknowledgement": ("code.acknowledgement", "2026-04-10"),
        "local_acknowledgement": ("cov.local_acknowledgement", "2026-04-08"),
        "stage_1": ("code.stage_1", "2026-04-20"),
        "stage_1_backstop": ("code.stage_1_backstop", "2026-04-24"),
    }


def test_each_cites_its_own_policy_and_the_old_case_keeps_it_at_stage_2() -> None:
    old, new = (given(received_on(day), pathway="corporate") for day in ("2026-03-31", "2026-04-01"))
    versions = {story.case.clocks["acknowledgement"].set.policy for story in (old, new)}
    assert len(versions) == 2
    later = old.when(*answer_on("2026-04-14"), escalate_on("2026-05-05")).then(due("stage_2", "2026-06-03"))
    assert later.case.clocks["stage_2"].set.rule == "corporate.stage_2"
    for story, source in ((old, "Complaints policy, table of processes"), (new, "Complaint Handling Code 6.2")):
        clock = story.case.clocks["acknowledgement"]
        why = explain(clock, story.rules.policies.in_force("corporate", story.case.received_on), story.rules.calendar)
        assert why.rule is not None
        assert why.rule.source.startswith(source)


def test_stage_1_is_counted_from_the_acknowledgement_and_that_from_receipt() -> None:
    """Code 6.2-6.4: acknowledged in 5 working days, answered in 10 from then, 10 more at the most."""
    CHRISTMAS.then(due("acknowledgement", "2027-01-05"))
    assert "stage_1" not in CHRISTMAS.case.clocks
    ACKNOWLEDGED.then(in_time("acknowledgement"), breached(), due("stage_1", "2027-01-19"))
    ACKNOWLEDGED.when(extend_to("2027-02-02", "2027-01-18", ombudsman_details_given=True)).then(
        due("stage_1", "2027-02-02"), due("stage_1_backstop", "2027-02-02"), breached()
    )
    CHRISTMAS.when(acknowledge_on("2026-12-29")).then(due("stage_1", "2027-01-13"))


def test_stage_1_is_answered_by_its_last_day() -> None:
    ACKNOWLEDGED.when(*answer_on("2027-01-19")).then(in_time("stage_1"), in_time("stage_1_backstop"), breached())
    ACKNOWLEDGED.when(*answer_on("2027-01-20")).then(
        late("stage_1", 1), late("stage_1_backstop", 1), breached("code.stage_1", "code.stage_1_backstop")
    )


def test_a_late_acknowledgement_cannot_hide_a_late_answer() -> None:
    """The answer is due 10 working days after the latest day on which to acknowledge, whenever that was done."""
    story = CHRISTMAS.when(acknowledge_on("2027-01-12")).then(late("acknowledgement", 5), due("stage_1", "2027-01-26"))
    story.when(*answer_on("2027-01-26")).then(
        in_time("stage_1"), late("stage_1_backstop", 5), breached("code.stage_1_backstop")
    )
    CHRISTMAS.when(*answer_on("2027-01-20")).then(breached("code.stage_1_backstop"))


def test_an_acknowledgement_after_the_answer_starts_no_clock_that_nothing_could_meet() -> None:
    story = CHRISTMAS.when(*answer_on("2027-01-12"), acknowledge_on("2027-01-13"))
    story.then(late("acknowledgement", 6), status("responded"))
    assert [name for name, clock in story.case.clocks.items() if not clock.stopped_on] == []


def test_an_extension_beyond_its_cap_is_a_breach() -> None:
    """Code 6.4: no more than 10 further working days without good reason."""
    ACKNOWLEDGED.when(extend_to("2027-02-03", "2027-01-18", ombudsman_details_given=True)).then(
        due("stage_1", "2027-02-03"), breached("code.stage_1.cap", "code.stage_1_backstop.cap")
    )
    late_one = CHRISTMAS.when(acknowledge_on("2027-01-12"))
    late_one.when(extend_to("2027-02-09", "2027-01-18", ombudsman_details_given=True)).then(
        breached("code.stage_1_backstop.cap")
    )


def test_an_extension_without_the_ombudsmans_details_is_a_breach() -> None:
    """Code 6.5: the individual is given the Ombudsman's details when the time is extended."""
    ACKNOWLEDGED.when(extend_to("2027-02-02", "2027-01-18")).then(breached("code.ombudsman_details_when_extending"))
    ACKNOWLEDGED.when(extend_to("2027-02-03", "2027-01-18")).then(
        breached("code.ombudsman_details_when_extending", "code.stage_1.cap", "code.stage_1_backstop.cap")
    )


def test_stage_2_is_acknowledged_and_answered_in_its_own_time() -> None:
    """Code 6.11 and 6.14-6.16: 5 working days, 20 from then, 20 more at the most."""
    STAGE_2.then(due("stage_2_acknowledgement", "2027-02-08"), due("stage_2_backstop", "2027-03-08"), breached())
    story = STAGE_2.when(acknowledge_on("2027-02-08")).then(
        in_time("stage_2_acknowledgement"), due("stage_2", "2027-03-08"), breached()
    )
    story.when(*answer_on("2027-03-08", by="staff-9")).then(in_time("stage_2"), in_time("stage_2_backstop"), breached())
    story.when(*answer_on("2027-03-09", by="staff-9")).then(breached("code.stage_2", "code.stage_2_backstop"))
    story.when(extend_to("2027-04-07", "2027-03-01", ombudsman_details_given=True)).then(breached())
    story.when(extend_to("2027-04-08", "2027-03-01", ombudsman_details_given=True)).then(
        breached("code.stage_2.cap", "code.stage_2_backstop.cap")
    )


def test_a_late_acknowledgement_of_stage_2_cannot_hide_a_late_answer_either() -> None:
    story = STAGE_2.when(acknowledge_on("2027-02-09")).then(
        late("stage_2_acknowledgement", 1), breached("code.stage_2_acknowledgement"), due("stage_2", "2027-03-09")
    )
    story.when(*answer_on("2027-03-09", by="staff-9")).then(in_time("stage_2"), breached("code.stage_2_backstop"))


def test_each_stage_is_acknowledged_once_and_not_before_it_began() -> None:
    STAGE_2.when(acknowledge_on("2027-01-29")).then(rejected("too_early", "acknowledged_on"))
    STAGE_2.when(acknowledge_on("2027-02-08"), acknowledge_on("2027-02-09")).then(rejected("already_acknowledged"))
    ACKNOWLEDGED.when(acknowledge_on("2027-01-06")).then(rejected("already_acknowledged"))
    old = given(received_on("2026-03-02"), acknowledge_on("2026-03-03"), pathway="corporate")
    old.when(*answer_on("2026-03-10"), escalate_on("2026-03-12"), acknowledge_on("2026-03-13")).then(
        rejected("already_acknowledged")
    )


def test_stage_2_is_decided_by_someone_else() -> None:
    """Code 6.13: "the person considering the complaint at Stage 2 must not be the same person" as at stage 1."""
    STAGE_2.when(decide_on("2027-02-22", by="staff-1")).then(breached("code.separate_decider"))
    STAGE_2.when(decide_on("2027-02-22", by="staff-9")).then(breached())


def test_stage_2_needs_no_reasons_and_is_the_last() -> None:
    """Code 6.10 and 6.12: stage 2 is final; nobody is asked to explain why they want it."""
    STAGE_2.when(*answer_on("2027-02-22", by="staff-9"), escalate_on("2027-02-23")).then(rejected("no_such_stage"))


def test_a_case_that_comes_to_the_code_acknowledged_has_both_clocks_of_stage_1() -> None:
    story = given(received_on("2026-11-02"), acknowledge_on("2026-11-04"), pathway="adult_social_care")
    story.when(route_to("corporate", "2026-11-10")).then(
        in_time("acknowledgement"), due("stage_1", "2026-11-18"), due("stage_1_backstop", "2026-11-23")
    )


def corrected_to(day: str) -> do.CorrectCase:
    return do.CorrectCase(
        field="received_at", value=f"{day}T09:00:00Z", reason="recorded_wrongly", corrected_on=date(2026, 6, 1)
    )


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize(("first", "then"), [("2026-03-31", "2026-04-01"), ("2026-04-01", "2026-03-31")])
def test_another_day_of_receipt_may_bring_another_policy(first: str, then: str, answered: bool) -> None:  # noqa: FBT001 - a parameter of a test
    """The clocks are those of the case as if it had been recorded rightly, and what was met stays met."""
    came = [acknowledge_on("2026-04-02"), *(answer_on("2026-04-15") if answered else ())]
    right, put_right = (
        given(received_on(then), *came, pathway="corporate"),
        given(received_on(first), *came, corrected_to(then), pathway="corporate"),
    )
    assert put_right.case.clocks == right.case.clocks
    assert all(
        bool(clock.met_on) == (answered or name.endswith("acknowledgement"))
        for name, clock in right.case.clocks.items()
    )


def test_law_own_standard_and_agreed_period_run_side_by_side_on_one_adult_case() -> None:
    """SI 2009/309 reg 13(4), reg 14(3), and the council's own 20 working days: each is met or missed by itself."""
    story = given(received_on("2026-11-02"), agree_period("2026-12-11", "2026-11-04"), pathway="adult_social_care")
    story.then(
        due("local_standard", "2026-11-30"), due("response_period", "2026-12-11"), due("statutory_limit", "2027-05-01")
    )
    decided = story.when(decide_on("2026-11-20"))
    decided.when(respond_on("2026-11-30")).then(breached())
    decided.when(respond_on("2026-12-11")).then(
        late("local_standard", 9),
        in_time("response_period"),
        in_time("statutory_limit"),
        breached("cov.local_standard"),
    )
    decided.when(respond_on("2026-12-14")).then(
        in_time("statutory_limit"), breached("cov.local_standard", "asc.response_period")
    )
