"""What is true of every rule, every day of receipt and every day on which one asks."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.calendar import Calendar, load
from shared.deadlines import Clock, add_months, due_on, explain, rag, set_deadline, standing, statutory
from shared.policy import Counting, Policy, Rule, Unit, policy_book

ENGLAND = load("england-and-wales")
SHUT = ENGLAND.with_closures({date(year, 12, day): "shut" for year in range(2009, 2035) for day in range(24, 32)})
POLICIES = [policy_book("COV").in_force(pathway, date(2026, 4, 1)) for pathway in policy_book("COV").pathways]
ONE_DAY = timedelta(days=1)

days = st.dates(date(2009, 4, 1), date(2030, 12, 31))
calendars = st.sampled_from([ENGLAND, SHUT])
counted = st.sampled_from([(policy, rule) for policy in POLICIES for rule in policy.rules if rule.value is not None])
months = st.integers(0, 36)
spans = st.one_of(st.integers(0, 9), st.integers(0, 40), st.integers(0, 400))


def always(*examples: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """For every example, however long a busy machine takes over it."""
    return lambda test: settings(deadline=None)(given(*examples)(test))


def rule(unit: Unit, counting: Counting, value: int) -> Rule:
    (_, model) = next((policy, rule) for policy in POLICIES for rule in policy.rules)
    return replace(model, unit=unit, counting=counting, value=value)


@always(days, months)
def test_months_keep_the_day_or_cut_it_at_the_months_end(start: date, number: int) -> None:
    found = add_months(start, number)
    assert (found.year * 12 + found.month) - (start.year * 12 + start.month) == number
    assert found.day == start.day or (found.day < start.day and (found + ONE_DAY).day == 1)


@always(days, days, months)
def test_a_later_start_never_ends_earlier(one: date, other: date, number: int) -> None:
    first, second = min(one, other), max(one, other)
    for unit in ("months", "working_days", "calendar_days"):
        assert due_on(rule(unit, "after_the_day", number), first, ENGLAND) <= due_on(
            rule(unit, "after_the_day", number), second, ENGLAND
        )


@always(days, st.integers(1, 36))
def test_beginning_with_the_day_ends_earlier_than_after_it_and_never_before_it(start: date, number: int) -> None:
    for unit in ("months", "working_days", "calendar_days"):
        with_it = due_on(rule(unit, "beginning_with_the_day", number), start, ENGLAND)
        assert start <= with_it <= due_on(rule(unit, "after_the_day", number), start, ENGLAND)
    for unit in ("months", "calendar_days"):
        after = due_on(rule(unit, "after_the_day", number), start, ENGLAND)
        assert due_on(rule(unit, "beginning_with_the_day", number), start, ENGLAND) == after - ONE_DAY


@always(counted, days, calendars)
def test_a_due_date_is_never_before_its_anchor_and_counts_out(
    asked: tuple[Policy, Rule], start: date, calendar: Calendar
) -> None:
    policy, one = asked
    deadline = set_deadline(policy, one, start, calendar)
    assert deadline.anchor_on == start <= deadline.due_on
    assert deadline.provisional == (deadline.due_on > calendar.horizon)
    used = statutory(calendar) if one.kind == "law" else calendar
    assert deadline.calendar == used.version
    if one.unit == "working_days":
        skipped = explain(Clock(deadline, deadline), policy, used).skipped
        assert (deadline.due_on - start).days - len(skipped) == one.value
        assert used.is_working_day(deadline.due_on)


@always(counted, days, spans, spans)
def test_lateness_never_falls_while_a_clock_runs_and_stands_still_once_it_stopped(
    asked: tuple[Policy, Rule], start: date, off: int, further: int
) -> None:
    policy, one = asked
    deadline = set_deadline(policy, one, start, ENGLAND)
    running = Clock(deadline, deadline)
    day = max(start, deadline.due_on + ONE_DAY * (off - 20))
    now, later = (standing(running, on, ENGLAND) for on in (day, day + ONE_DAY * further))
    assert 0 <= now.days_late <= later.days_late
    assert (now.state == "missed") == (now.days_late > 0) == (day > deadline.due_on)
    met = replace(running, met_on=day)
    stood = standing(met, day + ONE_DAY * further, ENGLAND)
    assert stood.days_late == now.days_late
    assert stood.state == ("missed" if day > deadline.due_on else "met")
    assert standing(met, day - ONE_DAY, ENGLAND) == standing(running, day - ONE_DAY, ENGLAND)


@always(counted, days, st.integers(0, 400))
def test_a_colour_only_worsens_while_a_clock_runs(asked: tuple[Policy, Rule], start: date, on: int) -> None:
    policy, one = asked
    deadline = set_deadline(policy, one, start, ENGLAND)
    order = ("green", "amber", "red")
    today, tomorrow = (rag([Clock(deadline, deadline)], start + ONE_DAY * day, policy, ENGLAND) for day in (on, on + 1))
    if one.binds == "complainant":
        assert (today, tomorrow) == (None, None)
        return
    assert today is not None
    assert tomorrow is not None
    assert order.index(today) <= order.index(tomorrow)
    assert (today == "red") == (start + ONE_DAY * on > deadline.due_on)
