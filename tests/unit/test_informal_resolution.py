from dataclasses import replace
from datetime import date

import pytest

from services.cases.checks import Rules
from shared.events import ResolvedInformally
from tests.scenario import (
    COVENTRY,
    ELSEWHERE,
    Expectation,
    acknowledge_on,
    decide_on,
    given,
    received_at,
    received_on,
    recorded,
    rejected,
    settle_on,
    status,
    withdraw_on,
)

ASC = "adult_social_care"


def counted() -> Expectation:
    return recorded(ResolvedInformally, outside_statutory_count=False)


def outside_the_count() -> Expectation:
    return recorded(ResolvedInformally, outside_statutory_count=True)


@pytest.mark.parametrize(
    ("received", "next_working_day", "day_after"),
    [
        pytest.param("2026-11-17", "2026-11-18", "2026-11-19", id="Tuesday"),
        pytest.param("2026-11-20", "2026-11-23", "2026-11-24", id="Friday, then Monday"),
        pytest.param("2026-11-21", "2026-11-23", "2026-11-24", id="Saturday, then Monday"),
        pytest.param("2026-12-24", "2026-12-29", "2026-12-30", id="Christmas"),
        pytest.param("2025-04-17", "2025-04-22", "2025-04-23", id="Easter"),
        pytest.param("2022-09-16", "2022-09-20", "2022-09-21", id="the state funeral"),
        pytest.param("2026-06-12", "2026-06-15", "2026-06-16", id="a holiday in Scotland only"),
    ],
)
def test_settled_by_the_end_of_the_next_working_day_is_outside_the_count_and_a_day_later_is_in_it(
    received: str, next_working_day: str, day_after: str
) -> None:
    """SI 2009/309 reg 8(1)(c): "not later than the next working day after the day on which the complaint was made"."""
    story = given(received_on(received, made_orally=True), pathway=ASC)
    story.when(settle_on(received)).then(outside_the_count())
    story.when(settle_on(next_working_day)).then(outside_the_count(), status("resolved_informally"))
    story.when(settle_on(day_after)).then(counted(), status("resolved_informally"))


def test_a_complaint_in_writing_counts_however_quickly_it_is_settled() -> None:
    """SI 2009/309 reg 8(1)(c)(i): it "is made orally"."""
    given(received_on("2026-11-17"), pathway=ASC).when(settle_on("2026-11-17")).then(
        counted(), recorded(ResolvedInformally, made_orally=False, satisfied=True)
    )


def test_one_that_does_not_satisfy_the_complainant_counts_and_stays_open() -> None:
    """SI 2009/309 reg 8(1)(c)(ii): it "is resolved to the complainant's satisfaction"."""
    story = given(received_on("2026-11-17", made_orally=True), pathway=ASC).when(
        settle_on("2026-11-17", satisfied=False)
    )
    story.then(counted(), status("received"))
    assert story.standing("acknowledgement", "2026-11-21").state == "missed"
    story.when(settle_on("2026-11-18")).then(outside_the_count())


def test_made_at_half_past_midnight_in_summer_it_counts_from_that_london_day() -> None:
    """1 July 2026 is a Wednesday; its day in UTC would be Tuesday 30 June."""
    story = given(received_at("2026-06-30T23:30:00Z", made_orally=True), pathway=ASC)
    story.when(settle_on("2026-07-02")).then(recorded(ResolvedInformally, latest_on=date(2026, 7, 2)))
    story.when(settle_on("2026-07-02")).then(outside_the_count())
    story.when(settle_on("2026-06-30")).then(rejected("before_receipt", "resolved_on"))


def test_a_day_on_which_the_authority_chose_to_close_is_the_next_working_day_all_the_same() -> None:
    shut = COVENTRY.calendar.with_closures({date(2026, 11, 18): "Moving house"})
    rules = Rules(replace(COVENTRY.authority, calendar=shut), COVENTRY.policies)
    given(received_on("2026-11-17", made_orally=True), pathway=ASC, rules=rules).when(settle_on("2026-11-18")).then(
        recorded(ResolvedInformally, latest_on=date(2026, 11, 18), calendar=COVENTRY.calendar.version)
    )


def test_it_stops_the_clocks() -> None:
    story = given(received_on("2026-11-17"), pathway=ASC).when(settle_on("2026-11-19"))
    assert {(c.ended_on, c.ended_by) for c in story.case.clocks.values()} == {
        (date(2026, 11, 19), "resolved_informally")
    }
    story.when(acknowledge_on("2026-11-20")).then(rejected("case_ended"))


def test_a_complaint_can_be_settled_before_anyone_knew_its_pathway() -> None:
    given(received_on("2026-11-17", service_area="other", made_orally=True), rules=ELSEWHERE).when(
        settle_on("2026-11-18")
    ).then(outside_the_count(), status("resolved_informally"))


def test_what_is_decided_or_ended_is_not_settled_informally() -> None:
    story = given(received_on("2026-11-17"), pathway=ASC)
    story.when(decide_on("2026-11-18"), settle_on("2026-11-18")).then(rejected("stage_already_decided"))
    story.when(withdraw_on("2026-11-18"), settle_on("2026-11-18")).then(rejected("case_ended"))


def test_it_is_settled_between_receipt_and_today() -> None:
    story = given(received_on("2026-11-17"), pathway=ASC)
    story.when(settle_on("2026-11-16")).then(rejected("before_receipt", "resolved_on"))
    story.when(settle_on("2026-11-19"), today="2026-11-18").then(rejected("in_the_future", "resolved_on"))
