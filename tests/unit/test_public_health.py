from datetime import date

from services.cases import commands as do
from tests.scenario import (
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
)

OPEN = given(received_on("2026-11-02"), pathway="public_health")
AGREED = OPEN.when(agree_period("2026-12-11", "2026-11-04"))


def test_it_is_acknowledged_by_the_third_working_day_with_an_offer_to_discuss() -> None:
    """SI 2012/3094 reg 28(1) and (4), the twin of SI 2009/309 reg 13(3) and (4)."""
    OPEN.then(due("acknowledgement", "2026-11-05"))
    OPEN.when(acknowledge_on("2026-11-05")).then(in_time("acknowledgement"), breached())
    OPEN.when(acknowledge_on("2026-11-06", discussion_offered=False)).then(
        late("acknowledgement", 1), breached("public_health.acknowledgement", "public_health.offer_to_discuss")
    )


def test_a_period_that_was_determined_is_notified() -> None:
    """SI 2012/3094 reg 28(5): the body determines the period and notifies it in writing."""
    OPEN.when(agree_period("2026-12-11", "2026-11-04", agreed=False)).then(
        due("response_period", "2026-12-11"), breached("public_health.response_period_notified")
    )


def test_six_months_begin_with_the_day_of_receipt() -> None:
    """SI 2012/3094 reg 29(3): "6 months commencing on the day on which the complaint was received"."""
    OPEN.then(due("statutory_limit", "2027-05-01"))
    decided = OPEN.when(decide_on("2027-04-01"))
    decided.when(respond_on("2027-05-01")).then(in_time("statutory_limit"), breached())


def test_no_agreement_moves_the_six_months() -> None:
    """SI 2012/3094 reg 29(2): the answer is sent "in any event before the expiry of the relevant period"."""
    for story in (OPEN, AGREED):
        later = story.when(extend_to("2027-06-30", "2026-12-11", agreed_with_complainant=True)).then(breached())
        later.then(due("response_period", "2027-06-30"), due("statutory_limit", "2027-05-01"))
        later.when(*answer_on("2027-06-30")).then(
            in_time("response_period"),
            late("statutory_limit", 60),
            breached("public_health.statutory_limit", "public_health.lateness_notified"),
        )


def test_a_period_agreed_for_longer_than_six_months_leaves_them_where_they_are() -> None:
    OPEN.when(agree_period("2027-07-30", "2026-11-04")).then(
        due("response_period", "2027-07-30"), due("statutory_limit", "2027-05-01")
    )


def test_whoever_was_told_why_the_answer_is_late_has_been_notified() -> None:
    """SI 2012/3094 reg 29(4): the complainant is told in writing, and why."""
    told = do.NotifyLateness(notified_on=date(2027, 5, 3), delay_reason="complexity")
    OPEN.when(told, *answer_on("2027-06-01")).then(breached("public_health.statutory_limit"))


def test_it_has_one_stage_and_the_councils_standard_for_adults_is_none_of_its_own() -> None:
    assert set(OPEN.case.clocks) == {"acknowledgement", "statutory_limit"}
    OPEN.when(*answer_on("2026-11-20"), escalate_on("2026-11-23")).then(rejected("no_such_stage"))
