from datetime import date

import pytest

from services.cases import commands as do
from shared.events import LatenessNotified, ProgressTold, ResponsePeriodSet, ResponseSent
from tests.scenario import (
    acknowledge_on,
    agree_period,
    answer_on,
    breached,
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
    status,
    withdraw_on,
)

ASC = "adult_social_care"


def notify_lateness_on(day: str, reason: str = "complexity") -> do.NotifyLateness:
    return do.NotifyLateness(notified_on=day, delay_reason=reason)


def tell_progress_on(day: str, method: str = "phone") -> do.TellProgress:
    return do.TellProgress(told_on=day, method=method)


# --- the council's 20 working days ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "twentieth", "twenty_first"),
    [
        ("2020-05-07", "2020-06-08", "2020-06-09"),
        ("2022-06-01", "2022-07-01", "2022-07-04"),
        ("2022-09-16", "2022-10-17", "2022-10-18"),
        ("2023-05-05", "2023-06-06", "2023-06-07"),
        ("2025-04-17", "2025-05-20", "2025-05-21"),
        ("2026-06-12", "2026-07-10", "2026-07-13"),
        ("2026-08-29", "2026-09-28", "2026-09-29"),
        ("2026-12-24", "2027-01-26", "2027-01-27"),
        ("2027-12-24", "2028-01-26", "2028-01-27"),
    ],
)
def test_a_response_on_the_20th_working_day_is_in_time_and_on_the_21st_late(
    received: str, twentieth: str, twenty_first: str
) -> None:
    story = given(received_on(received), decide_on(received), pathway=ASC).then(due("local_standard", twentieth))
    story.when(respond_on(twentieth)).then(in_time("local_standard"), breached(), status("responded"))
    story.when(respond_on(twenty_first)).then(late("local_standard", 1), breached("cov.local_standard"))


def test_the_response_meets_a_deadline_and_the_decision_does_not() -> None:
    story = given(received_on("2026-12-24"), decide_on("2027-01-26"), pathway=ASC)
    assert story.standing("local_standard", "2027-01-27").state == "missed"
    story.when(respond_on("2027-01-27")).then(late("local_standard", 1))


# --- six months -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "last_day", "day_after"),
    [("2026-12-24", "2027-06-23", "2027-06-24"), ("2026-08-29", "2027-02-27", "2027-02-28")],
)
def test_six_months_begin_with_the_day_of_receipt(received: str, last_day: str, day_after: str) -> None:
    """SI 2009/309 reg 14(3): "the period of 6 months commencing on the day on which the complaint was received"."""
    story = given(received_on(received), decide_on(received), pathway=ASC).then(due("statutory_limit", last_day))
    story.when(respond_on(last_day)).then(in_time("statutory_limit"), breached("cov.local_standard"))
    story.when(respond_on(day_after)).then(
        late("statutory_limit", 1), breached("asc.statutory_limit", "cov.local_standard", "asc.lateness_notified")
    )


def test_whoever_was_told_why_the_answer_is_late_has_been_notified() -> None:
    """SI 2009/309 reg 14(4): "notify the complainant in writing accordingly and explain the reason why"."""
    given(received_on("2026-01-05"), notify_lateness_on("2026-07-06"), pathway=ASC).when(
        decide_on("2026-07-30"), respond_on("2026-07-31")
    ).then(breached("asc.statutory_limit", "cov.local_standard"))


def test_an_answer_given_anew_after_reopening_is_no_late_answer() -> None:
    """The complaint was answered within six months once: SI 2009/309 reg 14(4) asks for no notice."""
    story = given(received_on("2026-01-05"), *answer_on("2026-01-20"), reopen_on("2026-09-01"), pathway=ASC)
    story.when(*answer_on("2026-09-10")).then(
        breached(), in_time("statutory_limit"), in_time("local_standard"), status("responded")
    )


# --- the corporate stages -------------------------------------------------------------------------------------------


def test_stage_1_is_answered_by_the_10th_working_day() -> None:
    story = given(received_on("2025-12-24"), decide_on("2025-12-30"), pathway="corporate")
    story.when(respond_on("2026-01-12")).then(in_time("stage_1"), breached())
    story.when(respond_on("2026-01-13")).then(late("stage_1", 1), breached("corporate.stage_1"))


def test_stage_2_is_answered_by_the_20th_working_day_after_the_request() -> None:
    story = given(
        received_on("2025-12-01"),
        *answer_on("2025-12-10"),
        escalate_on("2025-12-24"),
        decide_on("2026-01-20", by="staff-9"),
        pathway="corporate",
    ).then(due("stage_2", "2026-01-26"))
    story.when(respond_on("2026-01-26")).then(in_time("stage_2"), in_time("stage_1"), breached())
    story.when(respond_on("2026-01-27")).then(late("stage_2", 1), in_time("stage_1"), breached("corporate.stage_2"))


# --- what a response needs ------------------------------------------------------------------------------------------


def test_a_response_without_the_right_to_the_ombudsman_is_sent_and_a_breach() -> None:
    """SI 2009/309 reg 14(2): the response tells of the right to go to a Local Commissioner."""
    given(received_on("2026-11-02"), decide_on("2026-11-09"), pathway=ASC).when(
        respond_on("2026-11-10", right=False)
    ).then(breached("asc.ombudsman_right"), status("responded"))


def test_a_response_follows_the_decision() -> None:
    story = given(received_on("2026-11-02"), pathway=ASC)
    story.when(respond_on("2026-11-09")).then(rejected("stage_not_decided"))
    decided = story.when(decide_on("2026-11-09")).then(status("decided"))
    decided.when(respond_on("2026-11-08")).then(rejected("too_early", "sent_on"))
    decided.when(respond_on("2026-11-09")).then(
        recorded(ResponseSent, sent_on=date(2026, 11, 9), stage="stage_1", signed_by="staff-2")
    )


def test_a_stage_is_answered_once() -> None:
    given(received_on("2026-11-02"), *answer_on("2026-11-09"), pathway=ASC).when(respond_on("2026-11-10")).then(
        rejected("already_answered")
    )


def test_a_response_is_not_sent_after_today() -> None:
    given(received_on("2026-11-02"), decide_on("2026-11-09"), pathway=ASC).when(
        respond_on("2026-11-11"), today="2026-11-10"
    ).then(rejected("in_the_future", "sent_on"))


# --- the response period --------------------------------------------------------------------------------------------


def test_a_response_period_agreed_is_a_clock_of_its_own() -> None:
    """SI 2009/309 reg 13: "the response period", within which the answer is likely to be sent."""
    story = given(
        received_on("2026-11-02"), acknowledge_on("2026-11-03"), agree_period("2026-12-18", "2026-11-05"), pathway=ASC
    ).then(breached(), due("response_period", "2026-12-18"), due("local_standard", "2026-11-30"))
    assert story.standing("response_period").told_on == date(2026, 12, 18)
    story.when(*answer_on("2026-12-18")).then(in_time("response_period"), late("local_standard", 14))
    story.when(*answer_on("2026-12-19")).then(
        late("response_period", 1), breached("asc.response_period", "cov.local_standard")
    )


def test_a_response_period_determined_must_be_notified() -> None:
    """SI 2009/309 reg 13: where no discussion is had, the body determines the period and says so in writing."""
    story = given(received_on("2026-11-02"), pathway=ASC)
    determined = {"agreed": False, "notified_on": None}
    story.when(agree_period("2026-12-18", "2026-11-05", **determined)).then(breached("asc.response_period_notified"))
    story.when(agree_period("2026-12-18", "2026-11-05", agreed=False, notified_on="2026-11-05")).then(
        breached(), recorded(ResponsePeriodSet, agreed=False, notified_on=date(2026, 11, 5))
    )


def test_a_response_period_set_again_is_an_amendment_and_both_dates_are_kept() -> None:
    """SI 2009/309 reg 17(c): a record of whether the answer kept to the period or to its amendment."""
    story = given(
        received_on("2026-11-02"),
        agree_period("2026-11-20", "2026-11-05"),
        agree_period("2026-12-04", "2026-11-19"),
        pathway=ASC,
    )
    clock = story.case.clocks["response_period"]
    assert (clock.set.due_on, clock.deadline.due_on) == (date(2026, 11, 20), date(2026, 12, 4))
    assert [(e.before, e.after, e.reason) for e in clock.extensions] == [
        (date(2026, 11, 20), date(2026, 12, 4), "amended")
    ]
    story.when(*answer_on("2026-12-04")).then(in_time("response_period"))


def test_after_reopening_a_response_period_set_is_a_new_one() -> None:
    story = given(
        received_on("2026-11-02"),
        agree_period("2026-11-20", "2026-11-05"),
        *answer_on("2026-11-16"),
        reopen_on("2026-12-01"),
        agree_period("2026-12-11", "2026-12-01"),
        pathway=ASC,
    )
    assert story.case.clocks["response_period"].extensions == ()
    story.when(*answer_on("2026-12-14")).then(late("response_period", 1), breached("asc.response_period"))


def test_dates_of_a_response_period_are_in_order() -> None:
    story = given(received_on("2026-11-02"), pathway=ASC)
    story.when(agree_period("2026-11-04", "2026-11-05")).then(rejected("too_early", "due_on"))
    story.when(agree_period("2026-12-18", "2026-11-01")).then(rejected("before_receipt", "set_on"))
    story.when(agree_period("2026-12-18", "2026-11-05", notified_on="2026-11-01")).then(
        rejected("before_receipt", "notified_on")
    )
    story.when(agree_period("2026-12-18", "2026-11-05", notified_on="2026-11-07"), today="2026-11-06").then(
        rejected("in_the_future", "notified_on")
    )


def test_a_response_period_past_the_calendar_is_refused() -> None:
    given(received_on("2026-11-02"), pathway=ASC).when(agree_period("9999-12-31", "2026-11-05")).then(
        rejected("outside_calendar", "due_on")
    )


def test_the_corporate_pathway_sets_no_response_period() -> None:
    given(received_on("2026-11-02"), pathway="corporate").when(agree_period("2026-12-18", "2026-11-05")).then(
        rejected("no_response_period")
    )


# --- meanwhile ------------------------------------------------------------------------------------------------------


def test_progress_is_told_while_the_answer_is_awaited() -> None:
    """SI 2009/309 reg 14(1)(b): keep the complainant informed "as to the progress of the investigation"."""
    story = given(received_on("2026-11-02"), pathway=ASC)
    story.when(tell_progress_on("2026-11-20")).then(recorded(ProgressTold, told_on=date(2026, 11, 20), method="phone"))
    story.when(tell_progress_on("2026-11-20", "pigeon")).then(rejected("unknown_code", "method"))
    story.when(*answer_on("2026-11-23"), tell_progress_on("2026-11-24")).then(rejected("already_answered"))


def test_why_an_answer_is_late_is_a_code() -> None:
    story = given(received_on("2026-11-02"), pathway=ASC)
    story.when(notify_lateness_on("2026-12-01", "staff_absence")).then(
        recorded(LatenessNotified, notified_on=date(2026, 12, 1), delay_reason="staff_absence")
    )
    story.when(notify_lateness_on("2026-12-01", "forgotten")).then(rejected("unknown_code", "delay_reason"))
    story.when(withdraw_on("2026-11-30"), notify_lateness_on("2026-12-01")).then(rejected("case_ended"))
