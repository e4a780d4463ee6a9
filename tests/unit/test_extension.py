from datetime import date

import pytest

from shared.events import DeadlineExtended
from tests.scenario import (
    agree_period,
    answer_on,
    breached,
    due,
    escalate_on,
    extend_to,
    given,
    in_time,
    late,
    received_on,
    recorded,
    rejected,
    reopen_on,
    withdraw_on,
)

ASC = "adult_social_care"
AGREED = given(received_on("2026-11-02"), agree_period("2026-12-11", "2026-11-04"), pathway=ASC)
CORPORATE = given(received_on("2025-11-03"), pathway="corporate")  # stage 1 is due on 17 November


def test_an_extension_moves_the_response_period_and_keeps_its_first_date() -> None:
    """SI 2009/309 reg 17(c): a record of the period that the complainant was told of, and of any amendment to it."""
    story = AGREED.when(extend_to("2027-01-15", "2026-12-09")).then(breached(), due("response_period", "2027-01-15"))
    clock = story.case.clocks["response_period"]
    assert clock.set.due_on == date(2026, 12, 11)
    (extension,) = clock.extensions
    assert (extension.before, extension.after, extension.extended_on) == (
        date(2026, 12, 11),
        date(2027, 1, 15),
        date(2026, 12, 9),
    )
    story.when(*answer_on("2027-01-15")).then(in_time("response_period"), late("local_standard", 31))
    story.when(*answer_on("2027-01-16")).then(late("response_period", 1))


def test_an_extension_leaves_the_councils_own_standard_and_the_law_where_they_are() -> None:
    AGREED.when(extend_to("2027-01-15", "2026-12-09")).then(
        due("local_standard", "2026-11-30"), due("statutory_limit", "2027-05-01")
    )


def test_what_stood_before_the_extension_is_known_of_the_days_before_it() -> None:
    """On a day, nothing of later days is known."""
    story = AGREED.when(extend_to("2027-01-15", "2026-12-14"), extend_to("2027-02-15", "2027-01-14"))
    on = {day: story.standing("response_period", day) for day in ("2026-12-13", "2026-12-14", "2027-01-14")}
    assert [(s.due_on, s.told_on, s.state) for s in on.values()] == [
        (date(2026, 12, 11), date(2026, 12, 11), "missed"),
        (date(2027, 1, 15), date(2027, 1, 15), "due"),
        (date(2027, 2, 15), date(2027, 2, 15), "due"),
    ]


def test_an_extension_sets_a_response_period_where_none_was_agreed() -> None:
    story = given(received_on("2026-11-02"), pathway=ASC)
    story.when(extend_to("2026-12-11", "2026-11-30")).then(due("response_period", "2026-12-11"))
    story.when(extend_to("2026-11-29", "2026-11-30")).then(rejected("too_early", "new_due_on"))


def test_six_months_become_longer_where_both_agree_before_they_end() -> None:
    """SI 2009/309 reg 14(3): six months, or a longer period that both agree "before the expiry" of the six months."""
    AGREED.when(extend_to("2027-06-30", "2027-05-01")).then(
        breached("asc.response_period"), due("statutory_limit", "2027-06-30"), due("response_period", "2027-06-30")
    )


def test_six_months_do_not_become_longer_once_they_are_over() -> None:
    AGREED.when(extend_to("2027-06-30", "2027-05-02")).then(
        breached("asc.extension_agreed_in_time", "asc.response_period"),
        due("statutory_limit", "2027-05-01"),
        due("response_period", "2027-06-30"),
    )


def test_six_months_do_not_become_longer_without_agreement() -> None:
    AGREED.when(extend_to("2027-06-30", "2027-04-01", agreed_with_complainant=False)).then(
        breached("asc.extension_agreed_in_time", "asc.response_period"), due("statutory_limit", "2027-05-01")
    )


def test_an_extension_within_six_months_needs_no_agreement() -> None:
    AGREED.when(extend_to("2027-05-01", "2026-12-09", agreed_with_complainant=False)).then(
        breached(), due("statutory_limit", "2027-05-01"), due("response_period", "2027-05-01")
    )


def test_an_extension_of_which_people_hear_too_late_does_not_undo_the_lateness() -> None:
    """Made on the last day it is in time; the day after, the answer was late and that stays on record."""
    CORPORATE.when(extend_to("2025-12-01", "2025-11-17")).then(breached())
    CORPORATE.when(extend_to("2025-12-01", "2025-11-18")).then(
        breached("corporate.stage_1"), due("stage_1", "2025-12-01")
    )


def test_a_response_period_amended_too_late_does_not_undo_the_lateness() -> None:
    AGREED.when(agree_period("2027-01-15", "2026-12-11")).then(breached())
    AGREED.when(agree_period("2027-01-15", "2026-12-12")).then(breached("asc.response_period"))


def test_an_extension_says_why_and_whether_the_ombudsmans_details_were_given() -> None:
    AGREED.when(extend_to("2027-01-15", "2026-12-09", ombudsman_details_given=True)).then(
        recorded(DeadlineExtended, reason="complexity", agreed_with_complainant=True, ombudsman_details_given=True)
    )


def test_a_corporate_stage_is_extended() -> None:
    story = CORPORATE.when(extend_to("2025-12-01", "2025-11-14")).then(due("stage_1", "2025-12-01"))
    assert story.standing("stage_1").told_on == date(2025, 12, 1)
    story.when(*answer_on("2025-12-01")).then(in_time("stage_1"))


def test_only_the_stage_that_is_awaited_is_extended() -> None:
    story = CORPORATE.when(*answer_on("2025-11-17"), escalate_on("2025-11-21"), extend_to("2026-01-30", "2025-12-19"))
    story.then(due("stage_1", "2025-11-17"), due("stage_2", "2026-01-30"), in_time("stage_1"))


@pytest.mark.parametrize("new_due_on", ["2025-11-17", "2025-11-14"])
def test_an_extension_ends_after_the_date_that_stands(new_due_on: str) -> None:
    CORPORATE.when(extend_to(new_due_on, "2025-11-13")).then(rejected("not_later", "new_due_on"))


def test_an_extension_past_the_calendar_is_refused() -> None:
    CORPORATE.when(extend_to("9999-12-31", "2025-11-13")).then(rejected("outside_calendar", "new_due_on"))


def test_the_reason_is_a_code() -> None:
    CORPORATE.when(extend_to("2025-12-01", "2025-11-13", reason="forgotten")).then(rejected("unknown_code", "reason"))


def test_an_extension_is_neither_before_receipt_nor_after_today() -> None:
    CORPORATE.when(extend_to("2025-12-01", "2025-11-02")).then(rejected("before_receipt", "extended_on"))
    CORPORATE.when(extend_to("2025-12-01", "2025-11-14"), today="2025-11-13").then(
        rejected("in_the_future", "extended_on")
    )


def test_an_extension_does_not_end_before_it_is_made() -> None:
    CORPORATE.when(extend_to("2025-11-19", "2025-11-20")).then(rejected("too_early", "new_due_on"))
    CORPORATE.when(extend_to("2025-11-20", "2025-11-20")).then(due("stage_1", "2025-11-20"))


def test_what_is_answered_or_ended_is_not_extended() -> None:
    CORPORATE.when(*answer_on("2025-11-17"), extend_to("2025-12-01", "2025-11-17")).then(rejected("already_answered"))
    CORPORATE.when(withdraw_on("2025-11-17"), extend_to("2025-12-01", "2025-11-17")).then(rejected("case_ended"))


def test_a_clock_that_was_met_late_is_not_extended_after_reopening() -> None:
    """A lateness that happened does not become timely."""
    reopened = CORPORATE.when(*answer_on("2025-11-19"), reopen_on("2025-12-02"))
    reopened.when(extend_to("2026-01-01", "2025-12-03")).then(rejected("no_extension"))
    assert reopened.standing("stage_1").state == "missed"


def test_after_reopening_an_extension_sets_a_response_period_anew() -> None:
    story = AGREED.when(*answer_on("2026-12-14"), reopen_on("2027-01-04"), extend_to("2027-01-29", "2027-01-05"))
    story.then(due("response_period", "2027-01-29"), due("statutory_limit", "2027-05-01"))
    story.when(*answer_on("2027-02-01")).then(late("response_period", 1), breached("asc.response_period"))
