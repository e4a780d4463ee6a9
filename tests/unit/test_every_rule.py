"""Every clock of every pathway, on its last day in time and on the day after, where holidays lie in its way.

The dates are counted here by hand, day by day, past holidays that are written down here, never by the calendar.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from shared.authority import authority
from shared.deadlines import Clock, cap, explain, missed, set_deadline, standing
from shared.events import Breach
from shared.policy import Policy, Rule, policy_book

CALENDAR = authority("COV").calendar
PATHWAYS = policy_book("COV").pathways
ONE_DAY = timedelta(days=1)

# What each rule says: days or months, the cap of an extension, and whom it binds. None is a date stated for the case.
RULES: dict[str, tuple[int | None, str, int | None, str]] = {
    "asc.acknowledgement": (3, "working_days", None, "council"),
    "asc.response_period": (None, "working_days", None, "council"),
    "asc.statutory_limit": (6, "months", None, "council"),
    "cov.local_standard": (20, "working_days", None, "council"),
    "children.acknowledgement": (3, "working_days", None, "council"),
    "children.stage_1": (10, "working_days", 20, "council"),
    "children.stage_2_request": (20, "working_days", None, "complainant"),
    "children.stage_2": (25, "working_days", 65, "council"),
    "children.stage_2_from_request": (25, "working_days", 65, "council"),
    "children.stage_3_request": (20, "working_days", None, "complainant"),
    "children.panel": (30, "working_days", None, "council"),
    "children.panel_report": (5, "working_days", None, "council"),
    "children.stage_3": (15, "working_days", None, "council"),
    "corporate.acknowledgement": (3, "working_days", None, "council"),
    "corporate.stage_1": (10, "working_days", None, "council"),
    "corporate.stage_2": (20, "working_days", None, "council"),
    "code.acknowledgement": (5, "working_days", None, "council"),
    "code.stage_1": (10, "working_days", 20, "council"),
    "code.stage_1_backstop": (15, "working_days", 25, "council"),
    "code.stage_2_acknowledgement": (5, "working_days", None, "council"),
    "code.stage_2": (20, "working_days", 40, "council"),
    "code.stage_2_backstop": (25, "working_days", 45, "council"),
    "cov.local_acknowledgement": (3, "working_days", None, "council"),
    "public_health.acknowledgement": (3, "working_days", None, "council"),
    "public_health.response_period": (None, "working_days", None, "council"),
    "public_health.statutory_limit": (6, "months", None, "council"),
}
OCCASIONS = {
    "the state funeral of 19 September 2022": date(2022, 9, 16),
    "Christmas at a weekend": date(2022, 12, 22),
    "Christmas": date(2024, 12, 23),
    "Easter 2025": date(2025, 4, 16),
    "a year end before the Code": date(2025, 12, 30),
    "Easter 2026, the day on which the Code begins": date(2026, 4, 1),
    "receipt on a Saturday": date(2026, 8, 29),
    "Christmas under the Code": date(2026, 12, 24),
    "a year end under the Code": date(2026, 12, 31),
}
HOLIDAYS = {
    date(2022, 9, 19),
    date(2022, 12, 26),
    date(2022, 12, 27),
    date(2023, 1, 2),
    date(2023, 4, 7),
    date(2023, 4, 10),
    date(2024, 12, 25),
    date(2024, 12, 26),
    date(2025, 1, 1),
    date(2025, 4, 18),
    date(2025, 4, 21),
    date(2025, 5, 5),
    date(2025, 5, 26),
    date(2025, 12, 25),
    date(2025, 12, 26),
    date(2026, 1, 1),
    date(2026, 4, 3),
    date(2026, 4, 6),
    date(2026, 5, 4),
    date(2026, 5, 25),
    date(2026, 8, 31),
    date(2026, 12, 25),
    date(2026, 12, 28),
    date(2027, 1, 1),
    date(2027, 3, 26),
    date(2027, 3, 29),
}
SIX_MONTHS = {  # "commencing on the day": the day itself is the first, so the last has the number before it
    date(2022, 9, 16): date(2023, 3, 15),
    date(2022, 12, 22): date(2023, 6, 21),
    date(2024, 12, 23): date(2025, 6, 22),
    date(2025, 4, 16): date(2025, 10, 15),
    date(2025, 12, 30): date(2026, 6, 29),
    date(2026, 4, 1): date(2026, 9, 30),
    date(2026, 8, 29): date(2027, 2, 27),  # the shorter of two readings: February has no 29th
    date(2026, 12, 24): date(2027, 6, 23),
    date(2026, 12, 31): date(2027, 6, 29),
}


def counted(anchor: date, days: int) -> date:
    """The so-many-th day after the anchor that is neither at a weekend nor a holiday."""
    day = anchor
    while days:
        day += ONE_DAY
        days -= day.weekday() < 5 and day not in HOLIDAYS
    return day


def in_force() -> Iterator[tuple[str, Policy, Rule]]:
    for occasion, day in OCCASIONS.items():
        for pathway in PATHWAYS.values():
            policy = pathway.in_force(day)
            yield from ((occasion, policy, rule) for rule in policy.rules)


ASKED = list(in_force())
each = pytest.mark.parametrize(
    ("occasion", "policy", "rule"), ASKED, ids=[f"{rule.id}, {occasion}" for occasion, _, rule in ASKED]
)


def clock_of(policy: Policy, rule: Rule, anchor: date) -> tuple[Clock, date]:
    """The clock started on a day, and its last day in time as counted here."""
    value, unit, _, _ = RULES[rule.id]
    if value is None:
        last = counted(anchor, 25)
        deadline = set_deadline(policy, rule, anchor, CALENDAR, last)
    else:
        last = SIX_MONTHS[anchor] if unit == "months" else counted(anchor, value)
        deadline = set_deadline(policy, rule, anchor, CALENDAR)
    return Clock(deadline, deadline), last


def test_no_rule_is_forgotten() -> None:
    """A new rule, or a new edition of one, needs its line in the table and an occasion on which it is in force."""
    written = [rule for pathway in PATHWAYS.values() for rule in pathway.rules]
    assert {rule.id: (rule.value, rule.unit, rule.extension_to, rule.binds) for rule in written} == RULES
    assert {rule for _, _, rule in ASKED} == set(written)


@each
def test_a_rule_is_kept_on_its_last_day_and_broken_on_the_day_after(occasion: str, policy: Policy, rule: Rule) -> None:
    clock, last = clock_of(policy, rule, OCCASIONS[occasion])
    assert clock.deadline.due_on == last
    assert clock.deadline.binds == rule.binds
    for day, state, broken in ((last, "met", ()), (last + ONE_DAY, "missed", (Breach(rule.id, rule.source),))):
        assert missed([clock], day, policy, CALENDAR) == broken
        stood = standing(replace(clock, met_on=day), day, CALENDAR)
        assert (stood.state, stood.days_late > 0) == (state, bool(broken))


@each
def test_its_explanation_counts_out_to_the_same_day(occasion: str, policy: Policy, rule: Rule) -> None:
    """The days after the anchor that are not among those skipped are as many as the rule gives."""
    anchor = OCCASIONS[occasion]
    clock, last = clock_of(policy, rule, anchor)
    why = explain(clock, policy, CALENDAR)
    assert (why.anchor_on, why.rule) == (anchor, rule)
    skipped = {skip.date for skip in why.skipped}
    days = [anchor + ONE_DAY * number for number in range(1, (last - anchor).days + 1)]
    if rule.unit == "months" or rule.value is None:
        assert not skipped
    else:
        assert skipped == {day for day in days if day.weekday() >= 5 or day in HOLIDAYS}
        assert [day for day in days if day not in skipped][rule.value - 1 :] == [last]


@each
def test_its_extension_ends_at_the_latest_on_the_day_that_its_cap_counts_to(
    occasion: str, policy: Policy, rule: Rule
) -> None:
    clock, _ = clock_of(policy, rule, OCCASIONS[occasion])
    _, _, most, _ = RULES[rule.id]
    assert cap(rule, clock, CALENDAR) == (None if most is None else counted(OCCASIONS[occasion], most))
