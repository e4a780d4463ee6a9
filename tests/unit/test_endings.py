"""How cases end: withdrawn, refused, transferred, closed; and how they are taken up again."""

from datetime import date

import pytest

from services.cases import commands as do
from shared.events import CaseClosed, CaseRefused, CaseReopened, CaseTransferred, CaseWithdrawn
from tests.scenario import (
    ELSEWHERE,
    Scenario,
    acknowledge_on,
    answer_on,
    breached,
    close_on,
    decide_on,
    due,
    escalate_on,
    given,
    in_time,
    late,
    received_on,
    recorded,
    rejected,
    reopen_on,
    respond_on,
    route_to,
    settle_on,
    status,
    withdraw_on,
)

OPEN = given(received_on("2026-11-02"), pathway="adult_social_care")
UNROUTED = given(received_on("2026-11-02", service_area="other"), rules=ELSEWHERE)


def refuse_on(day: str, ground: str = "out_of_time", notified_on: str | None = None) -> do.RefuseCase:
    return do.RefuseCase(refused_on=day, ground=ground, notified_on=notified_on)


def transfer_on(day: str) -> do.TransferCase:
    return do.TransferCase(transferred_on=day, to="Coventry and Warwickshire NHS Trust")


def stopped(story: Scenario) -> dict[str, tuple[date | None, str | None]]:
    return {name: (clock.ended_on, clock.ended_by) for name, clock in story.case.clocks.items()}


# --- withdrawal -----------------------------------------------------------------------------------------------------


def test_a_withdrawal_stops_the_clocks() -> None:
    story = OPEN.when(withdraw_on("2026-11-04", reason="no_longer_pursued")).then(
        recorded(CaseWithdrawn, withdrawn_on=date(2026, 11, 4), reason="no_longer_pursued"), status("withdrawn")
    )
    assert set(stopped(story).values()) == {(date(2026, 11, 4), "withdrawn")}
    assert {story.standing(name).days_late for name in story.case.clocks} == {0}


def test_what_was_late_before_the_withdrawal_stays_late() -> None:
    standing = OPEN.when(withdraw_on("2026-11-09")).standing("acknowledgement")
    assert (standing.state, standing.days_late) == ("missed", 2)


def test_a_complaint_is_withdrawn_until_it_is_answered() -> None:
    OPEN.when(decide_on("2026-11-09"), withdraw_on("2026-11-09")).then(status("withdrawn"))
    OPEN.when(*answer_on("2026-11-09"), withdraw_on("2026-11-10")).then(rejected("already_answered"))


def test_a_complaint_is_withdrawn_once_by_a_known_reason_and_not_before_it_came() -> None:
    OPEN.when(withdraw_on("2026-11-04"), withdraw_on("2026-11-05")).then(rejected("case_ended"))
    OPEN.when(withdraw_on("2026-11-04", reason="rain")).then(rejected("unknown_code", "reason"))
    OPEN.when(withdraw_on("2026-11-01")).then(rejected("before_receipt", "withdrawn_on"))
    OPEN.when(withdraw_on("2026-11-05"), today="2026-11-04").then(rejected("in_the_future", "withdrawn_on"))


def test_a_complaint_without_a_pathway_is_withdrawn() -> None:
    UNROUTED.when(withdraw_on("2026-11-04")).then(status("withdrawn"))


# --- refusal --------------------------------------------------------------------------------------------------------


def test_a_refusal_is_notified_with_its_reason() -> None:
    """SI 2009/309 reg 8(2): the body must notify the complainant in writing of its decision and the reason for it."""
    OPEN.when(refuse_on("2026-11-04", notified_on="2026-11-05")).then(
        breached(),
        recorded(CaseRefused, ground="out_of_time", notified_on=date(2026, 11, 5)),
        status("refused"),
    )
    OPEN.when(refuse_on("2026-11-04")).then(breached("asc.refusal_notified"), status("refused"))
    given(received_on("2025-11-03"), pathway="corporate").when(refuse_on("2025-11-05")).then(
        breached("corporate.refusal_notified")
    )


def test_a_refusal_before_routing_breaks_no_rule_of_a_pathway() -> None:
    UNROUTED.when(refuse_on("2026-11-04", "out_of_scope")).then(breached(), status("refused"))


@pytest.mark.parametrize(
    "ground",
    [
        "by_responsible_body",
        "by_employee",
        "resolved_orally_before",
        "investigated_before",
        "with_ombudsman",
        "information_request",
        "superannuation",
        "out_of_time",
        "out_of_scope",
        "no_standing",
    ],
)
def test_every_ground_of_refusal_is_known(ground: str) -> None:
    """SI 2009/309 reg 8(1)(a)-(b), (d)-(h), reg 12 and reg 5; (c) is an informal resolution."""
    story = OPEN.when(refuse_on("2026-11-04", ground, "2026-11-04")).then(breached())
    assert story.case.ending is not None
    assert story.case.ending.reason == ground
    assert set(stopped(story).values()) == {(date(2026, 11, 4), "refused")}


def test_refusals_that_cannot_be() -> None:
    OPEN.when(refuse_on("2026-11-04", "dull")).then(rejected("unknown_code", "ground"))
    OPEN.when(refuse_on("2026-11-01")).then(rejected("before_receipt", "refused_on"))
    OPEN.when(refuse_on("2026-11-05"), today="2026-11-04").then(rejected("in_the_future", "refused_on"))
    OPEN.when(refuse_on("2026-11-04", notified_on="2026-11-03")).then(rejected("too_early", "notified_on"))
    OPEN.when(refuse_on("2026-11-04", notified_on="2026-11-06"), today="2026-11-05").then(
        rejected("in_the_future", "notified_on")
    )
    OPEN.when(decide_on("2026-11-04"), refuse_on("2026-11-05")).then(rejected("stage_already_decided"))
    OPEN.when(withdraw_on("2026-11-04"), refuse_on("2026-11-05")).then(rejected("case_ended"))


# --- transfer -------------------------------------------------------------------------------------------------------


def test_a_complaint_of_another_body_is_sent_there() -> None:
    """SI 2009/309 reg 6(6): "the complainant is deemed to have made the complaint to the second body"."""
    story = OPEN.when(transfer_on("2026-11-04")).then(
        recorded(CaseTransferred, to="Coventry and Warwickshire NHS Trust"), status("transferred")
    )
    assert set(stopped(story).values()) == {(date(2026, 11, 4), "transferred")}


def test_transfers_that_cannot_be() -> None:
    OPEN.when(transfer_on("2026-11-01")).then(rejected("before_receipt", "transferred_on"))
    OPEN.when(transfer_on("2026-11-05"), today="2026-11-04").then(rejected("in_the_future", "transferred_on"))
    OPEN.when(decide_on("2026-11-04"), transfer_on("2026-11-05")).then(rejected("stage_already_decided"))
    OPEN.when(transfer_on("2026-11-04"), transfer_on("2026-11-05")).then(rejected("case_ended"))


# --- closure --------------------------------------------------------------------------------------------------------


def test_an_answered_case_is_closed() -> None:
    OPEN.when(*answer_on("2026-11-10"), close_on("2026-11-10")).then(
        recorded(CaseClosed, closed_on=date(2026, 11, 10)), status("closed")
    )


@pytest.mark.parametrize(
    "ending", [withdraw_on("2026-11-10"), refuse_on("2026-11-10"), transfer_on("2026-11-10"), settle_on("2026-11-10")]
)
def test_a_case_that_ended_otherwise_is_closed(ending: do.CaseCommand) -> None:
    OPEN.when(ending, close_on("2026-11-09")).then(rejected("too_early", "closed_on"))
    OPEN.when(ending, close_on("2026-11-10")).then(status("closed"))


def test_an_open_case_is_not_closed() -> None:
    OPEN.when(close_on("2026-11-10")).then(rejected("not_answered"))
    OPEN.when(decide_on("2026-11-10"), close_on("2026-11-10")).then(rejected("not_answered"))
    OPEN.when(*answer_on("2026-11-10"), reopen_on("2026-12-01"), close_on("2026-12-02")).then(rejected("not_answered"))
    UNROUTED.when(close_on("2026-11-10")).then(rejected("not_answered"))


def test_a_case_is_closed_once_and_not_before_its_answer_or_after_today() -> None:
    answered = OPEN.when(*answer_on("2026-11-10"))
    answered.when(close_on("2026-11-11"), close_on("2026-11-12")).then(rejected("already_closed"))
    answered.when(close_on("2026-11-09")).then(rejected("too_early", "closed_on"))
    answered.when(close_on("2026-11-12"), today="2026-11-11").then(rejected("in_the_future", "closed_on"))


def test_a_closed_case_awaits_nothing() -> None:
    """An acknowledgement that never came stays missed, and is not awaited for ever."""
    story = OPEN.when(*answer_on("2026-11-10"), close_on("2026-11-11"))
    assert [name for name, clock in story.case.clocks.items() if clock.stopped_on is None] == []
    assert stopped(story)["acknowledgement"] == (date(2026, 11, 11), "closed")
    assert (story.standing("acknowledgement").state, story.standing("acknowledgement").days_late) == ("missed", 4)
    story.then(in_time("local_standard"))


CLOSED = OPEN.when(*answer_on("2026-11-10"), close_on("2026-11-11"))


@pytest.mark.parametrize(
    "command",
    [
        acknowledge_on("2026-11-12"),
        decide_on("2026-11-12"),
        respond_on("2026-11-12"),
        withdraw_on("2026-11-12"),
        refuse_on("2026-11-12"),
        transfer_on("2026-11-12"),
        settle_on("2026-11-12"),
        route_to("corporate", "2026-11-12"),
        do.AssignCase(officer="staff-3", assigned_on="2026-11-12"),
        do.ContactProvider(provider="Example Care", contacted_on="2026-11-12"),
        do.SetResponsePeriod(due_on="2026-12-12", agreed=True, set_on="2026-11-12"),
        do.ExtendDeadline(new_due_on="2026-12-12", reason="complexity", agreed_with_complainant=True),
        do.TellProgress(told_on="2026-11-12", method="phone"),
        do.NotifyLateness(notified_on="2026-11-12", delay_reason="complexity"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_a_case_that_has_ended_takes_no_further_steps(command: do.CaseCommand) -> None:
    CLOSED.when(command).then(rejected("case_ended"))
    OPEN.when(withdraw_on("2026-11-10"), command).then(rejected("case_ended"))


# --- reopening ------------------------------------------------------------------------------------------------------


def test_an_answered_case_is_taken_up_again_and_decided_anew() -> None:
    story = CLOSED.when(reopen_on("2026-12-01", "ombudsman")).then(
        recorded(CaseReopened, reopened_on=date(2026, 12, 1), reason="ombudsman"), status("reopened")
    )
    assert story.case.closed_on is None
    story.when(*answer_on("2026-12-10")).then(status("responded"), breached())


def test_clocks_that_were_met_stay_met_and_those_that_had_stopped_run_again() -> None:
    met = CLOSED.when(reopen_on("2026-12-01"))
    met.then(in_time("local_standard"), in_time("statutory_limit"))
    assert stopped(met)["acknowledgement"] == (None, None)
    again = OPEN.when(acknowledge_on("2026-11-03"), withdraw_on("2026-11-04"), reopen_on("2026-11-20"))
    again.then(in_time("acknowledgement"), status("reopened"), due("local_standard", "2026-11-30"))
    again.when(*answer_on("2026-12-01")).then(late("local_standard", 1))


def test_a_case_without_a_pathway_is_taken_up_again() -> None:
    UNROUTED.when(withdraw_on("2026-11-04"), reopen_on("2026-11-05")).then(status("reopened"))


def test_the_last_stage_is_the_one_taken_up_again() -> None:
    story = given(
        received_on("2026-11-02"),
        *answer_on("2026-11-10"),
        escalate_on("2026-11-20"),
        decide_on("2026-12-01", "not_upheld", by="staff-9"),
        respond_on("2026-12-01"),
        reopen_on("2026-12-10"),
        pathway="corporate",
    )
    assert (story.case.stage, story.case.outcome) == ("stage_2", "upheld")
    story.when(decide_on("2026-12-11", by="staff-9")).then(breached(), status("decided"))


def test_reopenings_that_cannot_be() -> None:
    OPEN.when(reopen_on("2026-12-01")).then(rejected("still_open"))
    OPEN.when(decide_on("2026-11-10"), reopen_on("2026-12-01")).then(rejected("still_open"))
    CLOSED.when(reopen_on("2026-12-01"), reopen_on("2026-12-02")).then(rejected("still_open"))
    CLOSED.when(reopen_on("2026-11-10")).then(rejected("too_early", "reopened_on"))
    CLOSED.when(reopen_on("2026-12-02"), today="2026-12-01").then(rejected("in_the_future", "reopened_on"))
    CLOSED.when(reopen_on("2026-12-01", "boredom")).then(rejected("unknown_code", "reason"))
