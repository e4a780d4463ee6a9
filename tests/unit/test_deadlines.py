"""From an anchor and a rule to a due date, and how it stands on a day."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest

from shared.calendar import load
from shared.deadlines import (
    Clock,
    Extension,
    add_months,
    days_late,
    due_on,
    explain,
    missed,
    rag,
    set_deadline,
    standing,
    start,
    statutory,
)
from shared.events import Breach, Deadline
from shared.policy import Counting, Policy, Rule, Unit, policy_book

ENGLAND = load("england-and-wales")
POLICY = policy_book("COV").in_force("adult_social_care", date(2026, 11, 2))


def on(text: str) -> date:
    return date.fromisoformat(text)


def rule(value: int | None, unit: Unit, counting: Counting) -> Rule:
    return Rule(
        id="test.rule",
        name="rule",
        kind="law",
        stage="stage_1",
        anchor="representation_received",
        met_by="response_sent",
        unit=unit,
        counting=counting,
        source="SI",
        in_force_from=date(2009, 4, 1),
        value=value,
    )


def deadline(name: str, received: str, policy: Policy = POLICY) -> Deadline:
    found = next(each for each in policy.rules if each.name == name)
    return set_deadline(policy, found, on(received), ENGLAND)


def clock(name: str, received: str) -> Clock:
    first = deadline(name, received)
    return Clock(first, first)


# --- months ---------------------------------------------------------------------------------------------------------

SIX_MONTHS = rule(6, "months", "beginning_with_the_day")
TWELVE_MONTHS_AFTER = rule(12, "months", "corresponding_date")


@pytest.mark.parametrize(
    ("received", "last_day"),
    [
        ("2020-05-07", "2020-11-06"),
        ("2022-06-01", "2022-11-30"),
        ("2022-09-16", "2023-03-15"),
        ("2023-05-05", "2023-11-04"),
        ("2025-04-17", "2025-10-16"),
        ("2026-06-12", "2026-12-11"),
        ("2026-08-29", "2027-02-27"),
        ("2026-12-24", "2027-06-23"),
        ("2027-12-24", "2028-06-23"),
    ],
)
def test_six_months_commencing_on_a_day_end_the_day_before_the_same_date(received: str, last_day: str) -> None:
    """SI 2009/309 reg 14(3): "the period of 6 months commencing on the day on which the complaint was received"."""
    assert due_on(SIX_MONTHS, on(received), ENGLAND) == on(last_day)


@pytest.mark.parametrize(
    ("received", "last_day"),
    [
        pytest.param("2026-08-31", "2027-02-27", id="February has no 31st, nor 29th"),
        pytest.param("2026-08-28", "2027-02-27", id="28 February is the same date"),
        pytest.param("2027-08-31", "2028-02-28", id="a leap year"),
        pytest.param("2026-03-31", "2026-09-29", id="September has no 31st"),
        pytest.param("2026-10-31", "2027-04-29", id="April has no 31st"),
        pytest.param("2026-07-01", "2026-12-31", id="from the first of a month to the end of another"),
        pytest.param("2028-02-29", "2028-08-28", id="from a leap day"),
    ],
)
def test_six_months_from_a_months_end_are_cut_at_the_last_day_and_never_longer(received: str, last_day: str) -> None:
    assert due_on(SIX_MONTHS, on(received), ENGLAND) == on(last_day)


@pytest.mark.parametrize(
    ("occurred", "last_day"),
    [("2025-11-02", "2026-11-02"), ("2024-02-29", "2025-02-28"), ("2027-02-28", "2028-02-28")],
)
def test_twelve_months_after_a_date_the_corresponding_date_is_still_in_time(occurred: str, last_day: str) -> None:
    """SI 2009/309 reg 12: "not later than 12 months after the date on which the matter ... occurred"."""
    assert due_on(TWELVE_MONTHS_AFTER, on(occurred), ENGLAND) == on(last_day)


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-11-30", 1, "2026-12-30"),
        ("2026-12-31", 1, "2027-01-31"),
        ("2026-12-01", 12, "2027-12-01"),
        ("2026-01-15", 0, "2026-01-15"),
        ("2026-01-15", 24, "2028-01-15"),
    ],
)
def test_months_are_added(start: str, months: int, expected: str) -> None:
    assert add_months(on(start), months) == on(expected)


# --- the three ways to count ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "counting", "expected"),
    [
        pytest.param("working_days", "after_the_day", "2026-12-31", id="the day itself is day 0"),
        pytest.param("working_days", "beginning_with_the_day", "2026-12-30", id="the day itself is day 1"),
        pytest.param("calendar_days", "after_the_day", "2026-12-27", id="calendar days after the day"),
        pytest.param("calendar_days", "beginning_with_the_day", "2026-12-26", id="calendar days with the day"),
        pytest.param("months", "beginning_with_the_day", "2027-03-23", id="months beginning with the day"),
        pytest.param("months", "corresponding_date", "2027-03-24", id="months after the date"),
    ],
)
def test_three_of_each_unit_from_christmas_eve(unit: Unit, counting: Counting, expected: str) -> None:
    assert due_on(rule(3, unit, counting), on("2026-12-24"), ENGLAND) == on(expected)


def test_a_working_day_count_that_begins_with_a_sunday_begins_on_monday() -> None:
    assert due_on(rule(1, "working_days", "beginning_with_the_day"), on("2026-11-22"), ENGLAND) == on("2026-11-23")


def test_a_date_that_is_stated_for_each_case_cannot_be_computed() -> None:
    with pytest.raises(ValueError, match=r"test\.rule has no value"):
        due_on(rule(None, "working_days", "as_stated"), on("2026-11-02"), ENGLAND)


# --- what an event keeps --------------------------------------------------------------------------------------------


def test_a_deadline_says_what_it_was_computed_from() -> None:
    assert deadline("acknowledgement", "2026-12-24") == Deadline(
        name="acknowledgement",
        due_on=on("2026-12-31"),
        rule="asc.acknowledgement",
        unit="working_days",
        anchor="representation_received",
        anchor_on=on("2026-12-24"),
        met_by="complaint_acknowledged",
        stage="stage_1",
        policy=POLICY.version,
        calendar=ENGLAND.version,
        kind="law",
    )


def test_a_computed_deadline_past_the_published_holidays_is_provisional_and_a_stated_one_is_not() -> None:
    """GOV.UK publishes bank holidays to the end of 2028."""
    assert not deadline("acknowledgement", "2028-12-20").provisional
    assert deadline("acknowledgement", "2028-12-29").provisional
    period = next(each for each in POLICY.rules if each.name == "response_period")
    stated = set_deadline(POLICY, period, on("2028-12-01"), ENGLAND, on("2029-01-31"))
    assert (stated.due_on, stated.told_on, stated.provisional) == (on("2029-01-31"), on("2029-01-31"), False)


def test_an_event_starts_the_clocks_that_are_anchored_on_it_and_have_a_value() -> None:
    assert [d.name for d in start(POLICY, "representation_received", "stage_1", on("2026-11-02"), ENGLAND)] == [
        "acknowledgement",
        "statutory_limit",
        "local_standard",
    ]
    assert start(POLICY, "response_period_set", "stage_1", on("2026-11-02"), ENGLAND) == ()
    assert start(POLICY, "representation_received", "stage_2", on("2026-11-02"), ENGLAND) == ()


def test_closure_days_delay_the_authoritys_own_standard_and_no_limit_of_the_law() -> None:
    shut = ENGLAND.with_closures({on("2026-11-03"): "Moving house", on("2026-11-04"): "Moving house"})
    found = {d.name: d for d in start(POLICY, "representation_received", "stage_1", on("2026-11-02"), shut)}
    assert (found["acknowledgement"].due_on, found["acknowledgement"].calendar) == (on("2026-11-05"), ENGLAND.version)
    assert (found["local_standard"].due_on, found["local_standard"].calendar) == (on("2026-12-02"), shut.version)
    assert statutory(shut) == ENGLAND
    assert statutory(ENGLAND) is ENGLAND


# --- how it stands --------------------------------------------------------------------------------------------------


def test_a_deadline_is_due_to_the_end_of_its_last_day_and_then_missed() -> None:
    running = clock("acknowledgement", "2026-12-24")
    seen = [standing(running, on(day), ENGLAND) for day in ("2026-12-31", "2027-01-01", "2027-01-04", "2027-01-05")]
    assert [(s.state, s.days_late) for s in seen] == [("due", 0), ("missed", 1), ("missed", 1), ("missed", 2)]


def test_a_deadline_stands_as_it_stood_before_it_was_met() -> None:
    """On a day, nothing of later days is known."""
    met = replace(clock("acknowledgement", "2026-11-02"), met_on=on("2026-11-09"))
    seen = [standing(met, on(day), ENGLAND) for day in ("2026-11-05", "2026-11-06", "2026-11-09", "2026-12-31")]
    assert [(s.state, s.days_late) for s in seen] == [("due", 0), ("missed", 1), ("missed", 2), ("missed", 2)]


def test_a_deadline_is_met_from_the_day_on_which_it_was_met() -> None:
    met = replace(clock("acknowledgement", "2026-11-02"), met_on=on("2026-11-04"))
    seen = [standing(met, on(day), ENGLAND).state for day in ("2026-11-03", "2026-11-04", "2026-11-09")]
    assert seen == ["due", "met", "met"]


def test_a_clock_that_ended_otherwise_counts_no_further_days() -> None:
    ended = replace(clock("acknowledgement", "2026-11-02"), ended_on=on("2026-11-09"), ended_by="withdrawn")
    assert standing(ended, on("2027-11-09"), ENGLAND).days_late == 2


def test_a_deadline_stands_as_it_stood_before_it_was_extended() -> None:
    first = deadline("local_standard", "2026-11-02")
    moved = replace(first, due_on=on("2026-12-18"), told_on=on("2026-12-18"))
    extension = Extension(on("2026-11-27"), first.due_on, moved.due_on, "complexity", agreed_with_complainant=True)
    extended = Clock(first, moved, (extension,))
    before, after = (standing(extended, on(day), ENGLAND) for day in ("2026-11-26", "2026-11-27"))
    assert (before.due_on, before.told_on) == (on("2026-11-30"), None)
    assert (after.due_on, after.told_on) == (on("2026-12-18"), on("2026-12-18"))
    assert [rag([extended], on(day), POLICY, ENGLAND) for day in ("2026-11-26", "2026-11-27")] == ["amber", "green"]


def test_lateness_is_in_working_days_or_in_calendar_days_where_months_are_counted() -> None:
    own, limit = deadline("local_standard", "2026-12-24"), deadline("statutory_limit", "2026-12-24")
    assert [days_late(own, on(day), ENGLAND) for day in ("2027-01-26", "2027-01-27", "2027-02-02")] == [0, 1, 5]
    assert [days_late(limit, on(day), ENGLAND) for day in ("2027-06-23", "2027-06-24", "2027-07-23")] == [0, 1, 30]


def test_a_missed_clock_is_a_breach_of_its_rule_with_the_text_that_sets_it() -> None:
    running = [clock("acknowledgement", "2026-12-24"), clock("statutory_limit", "2026-12-24")]
    assert missed(running, on("2026-12-31"), POLICY, ENGLAND) == ()
    late = missed(running, on("2027-01-01"), POLICY, ENGLAND)
    assert late == (Breach("asc.acknowledgement", "SI 2009/309 reg 13(3)"),)
    assert len(missed(running, on("2027-06-24"), POLICY, ENGLAND)) == 2


# --- colours --------------------------------------------------------------------------------------------------------


def test_a_clock_is_amber_in_its_last_five_working_days_and_red_when_late() -> None:
    running = clock("local_standard", "2026-11-02")  # due on Monday 30 November
    days = ("2026-11-23", "2026-11-24", "2026-11-28", "2026-11-30", "2026-12-01")
    assert [rag([running], on(day), POLICY, ENGLAND) for day in days] == ["green", "amber", "amber", "amber", "red"]


def test_the_worst_colour_of_the_clocks_that_run_is_the_colour() -> None:
    near, far = clock("acknowledgement", "2026-11-02"), clock("statutory_limit", "2026-11-02")
    assert rag([far], on("2026-11-03"), POLICY, ENGLAND) == "green"
    assert rag([far, near], on("2026-11-03"), POLICY, ENGLAND) == "amber"
    assert rag([far, near], on("2026-11-06"), POLICY, ENGLAND) == "red"
    stopped = replace(near, met_on=on("2026-11-09"))
    assert rag([far, stopped], on("2026-11-08"), POLICY, ENGLAND) == "red"
    assert rag([far, stopped], on("2026-11-09"), POLICY, ENGLAND) == "green"
    assert rag([stopped], on("2026-11-09"), POLICY, ENGLAND) is None


# --- how it came about ----------------------------------------------------------------------------------------------


def test_an_explanation_names_each_day_that_did_not_count() -> None:
    why = explain(clock("acknowledgement", "2026-12-24"), POLICY, ENGLAND)
    assert (why.anchor, why.anchor_on, why.rule_id) == (
        "representation_received",
        on("2026-12-24"),
        "asc.acknowledgement",
    )
    assert why.rule is not None
    assert why.rule.source == "SI 2009/309 reg 13(3)"
    assert [(str(skip.date), skip.reason) for skip in why.skipped] == [
        ("2026-12-25", "Christmas Day"),
        ("2026-12-26", "Saturday"),
        ("2026-12-27", "Sunday"),
        ("2026-12-28", "Boxing Day (substitute day)"),
    ]


def test_months_skip_nothing_and_an_unknown_policy_explains_what_it_can() -> None:
    assert explain(clock("statutory_limit", "2026-12-24"), POLICY, ENGLAND).skipped == ()
    why = explain(clock("acknowledgement", "2026-12-24"), None, ENGLAND)
    assert (why.rule, why.rule_id, why.policy) == (None, "asc.acknowledgement", POLICY.version)


def test_counting_what_was_not_skipped_gives_the_date() -> None:
    for name, day in product(("acknowledgement", "local_standard"), range(40)):
        received = on("2026-12-01") + timedelta(days=day)
        first = deadline(name, str(received))
        rule_of = POLICY.rule(first.rule)
        assert rule_of is not None
        skipped = explain(Clock(first, first), POLICY, ENGLAND).skipped
        assert (first.due_on - received).days - len(skipped) == rule_of.value
