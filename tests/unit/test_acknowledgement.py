from dataclasses import replace
from datetime import date

import pytest

from services.cases.checks import Rules
from shared.events import ComplaintAcknowledged
from tests.scenario import (
    COVENTRY,
    acknowledge_on,
    answer_on,
    breached,
    due,
    escalate_on,
    given,
    in_time,
    late,
    received_at,
    received_on,
    recorded,
    rejected,
    route_to,
    status,
    withdraw_on,
)

ASC = "adult_social_care"


def test_an_acknowledgement_on_the_third_working_day_over_christmas_is_in_time() -> None:
    """SI 2009/309 reg 13(3): "not later than 3 working days after the day" of receipt."""
    given(received_on("2026-12-24"), pathway=ASC).when(acknowledge_on("2026-12-31")).then(
        in_time("acknowledgement"), breached(), status("acknowledged")
    )


def test_an_acknowledgement_on_the_fourth_working_day_over_christmas_is_one_day_late() -> None:
    """Between 31 December and 4 January lie New Year's Day and a weekend."""
    given(received_on("2026-12-24"), pathway=ASC).when(acknowledge_on("2027-01-04")).then(
        late("acknowledgement", 1), breached("asc.acknowledgement")
    )


@pytest.mark.parametrize(
    ("received", "last_day", "day_after"),
    [
        pytest.param("2020-05-07", "2020-05-13", "2020-05-14", id="VE day moved"),
        pytest.param("2022-06-01", "2022-06-08", "2022-06-09", id="the jubilee's two days"),
        pytest.param("2022-09-16", "2022-09-22", "2022-09-23", id="the state funeral on Monday 19 September"),
        pytest.param("2023-05-05", "2023-05-11", "2023-05-12", id="the coronation"),
        pytest.param("2025-04-17", "2025-04-24", "2025-04-25", id="Good Friday and Easter Monday"),
        pytest.param("2026-06-12", "2026-06-17", "2026-06-18", id="15 June is a holiday in Scotland only"),
        pytest.param("2026-08-29", "2026-09-03", "2026-09-04", id="received on a Saturday before a bank holiday"),
        pytest.param("2027-12-24", "2027-12-31", "2028-01-01", id="Christmas and Boxing Day both at a weekend"),
        pytest.param("2026-11-17", "2026-11-20", "2026-11-21", id="late on a Saturday is late"),
    ],
)
def test_an_acknowledgement_is_in_time_on_its_last_day_and_late_the_day_after(
    received: str, last_day: str, day_after: str
) -> None:
    story = given(received_on(received), pathway=ASC).then(due("acknowledgement", last_day))
    story.when(acknowledge_on(last_day)).then(in_time("acknowledgement"), breached())
    story.when(acknowledge_on(day_after)).then(late("acknowledgement", 1), breached("asc.acknowledgement"))


def test_a_complaint_made_at_half_past_midnight_in_summer_counts_from_that_london_day() -> None:
    """30 June 23:30 UTC is 1 July in London, so that the third working day is Monday 6 July."""
    given(received_at("2026-06-30T23:30:00Z"), pathway=ASC).then(due("acknowledgement", "2026-07-06"))
    given(received_at("2026-06-30T22:30:00Z"), pathway=ASC).then(due("acknowledgement", "2026-07-03"))


def test_it_may_be_acknowledged_on_the_day_of_receipt() -> None:
    given(received_on("2026-11-16"), pathway=ASC).when(acknowledge_on("2026-11-16")).then(in_time("acknowledgement"))


def test_days_on_which_the_authority_chose_to_close_are_working_days_of_the_law() -> None:
    """SI 2006/1681 reg 2 excepts weekends, Christmas Day, Good Friday and bank holidays, and nothing else."""
    shut = COVENTRY.calendar.with_closures({date(2026, 12, day): "Christmas shutdown" for day in (29, 30, 31)})
    rules = Rules(replace(COVENTRY.authority, calendar=shut), COVENTRY.policies)
    story = given(received_on("2026-12-24"), pathway=ASC, rules=rules)
    story.then(due("acknowledgement", "2026-12-31"), due("local_standard", "2027-01-29"))
    law, own = (story.case.clocks[name].set.calendar for name in ("acknowledgement", "local_standard"))
    assert (law, own) == (COVENTRY.calendar.version, shut.version)


def test_not_offering_to_discuss_is_a_breach_and_still_an_acknowledgement() -> None:
    """SI 2009/309 reg 13: at the time of the acknowledgement the body offers to discuss how and by when it answers."""
    given(received_on("2026-11-16"), pathway=ASC).when(acknowledge_on("2026-11-17", discussion_offered=False)).then(
        in_time("acknowledgement"), breached("asc.offer_to_discuss")
    )


def test_a_late_acknowledgement_without_an_offer_breaks_two_rules() -> None:
    given(received_on("2026-11-16"), pathway=ASC).when(acknowledge_on("2026-11-30", discussion_offered=False)).then(
        late("acknowledgement", 7), breached("asc.acknowledgement", "asc.offer_to_discuss")
    )


def test_the_corporate_pathway_asks_for_no_discussion() -> None:
    given(received_on("2025-11-17"), pathway="corporate").when(
        acknowledge_on("2025-11-21", discussion_offered=False)
    ).then(late("acknowledgement", 1), breached("corporate.acknowledgement"))


def test_the_fact_says_how_it_was_acknowledged() -> None:
    given(received_on("2026-11-16"), pathway=ASC).when(acknowledge_on("2026-11-17", method="phone")).then(
        recorded(ComplaintAcknowledged, acknowledged_on=date(2026, 11, 17), method="phone", discussion_offered=True)
    )


def test_a_case_is_acknowledged_once() -> None:
    given(received_on("2026-11-16"), acknowledge_on("2026-11-17"), pathway=ASC).when(acknowledge_on("2026-11-18")).then(
        rejected("already_acknowledged")
    )


def test_it_cannot_be_acknowledged_before_receipt_or_after_today() -> None:
    story = given(received_on("2026-11-16"), pathway=ASC)
    story.when(acknowledge_on("2026-11-15")).then(rejected("before_receipt", "acknowledged_on"))
    story.when(acknowledge_on("2026-11-18"), today="2026-11-17").then(rejected("in_the_future", "acknowledged_on"))


def test_the_method_is_a_code() -> None:
    given(received_on("2026-11-16"), pathway=ASC).when(acknowledge_on("2026-11-17", method="pigeon")).then(
        rejected("unknown_code", "method")
    )


def test_an_ended_case_is_not_acknowledged() -> None:
    given(received_on("2026-11-16"), withdraw_on("2026-11-17"), pathway=ASC).when(acknowledge_on("2026-11-17")).then(
        rejected("case_ended")
    )


def test_an_answered_case_may_still_be_acknowledged_late() -> None:
    """Nothing but receipt and a route need precede a decision."""
    given(received_on("2026-11-16"), *answer_on("2026-11-18"), pathway=ASC).when(acknowledge_on("2026-11-23")).then(
        late("acknowledgement", 2), status("responded")
    )


def test_an_acknowledgement_after_escalation_meets_its_clock_and_is_late() -> None:
    given(received_on("2025-11-03"), escalate_on("2025-11-18"), pathway="corporate").when(
        acknowledge_on("2025-11-19")
    ).then(late("acknowledgement", 9), breached("corporate.acknowledgement"))


def test_an_acknowledgement_holds_on_another_pathway() -> None:
    given(received_on("2026-11-16"), acknowledge_on("2026-11-17"), pathway="corporate").when(
        route_to(ASC, "2026-11-24")
    ).then(in_time("acknowledgement"))
