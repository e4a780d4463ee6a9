"""What is true of every calendar, every start and every number of days."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.calendar import DIVISIONS, FIRST, LAST, Calendar, load

ONE_DAY = timedelta(days=1)
CLOSURES = st.dictionaries(st.dates(FIRST, LAST), st.text(min_size=1), max_size=60)
# A few closed calendars, made once: each is a table of 15,000 days.
SHUT_AT_CHRISTMAS = {date(year, 12, day): "shut" for year in range(2000, 2041) for day in range(24, 32)}
CLOSED_FRIDAYS = {FIRST + ONE_DAY * n: "closed on Fridays" for n in range(6, (LAST - FIRST).days, 7)}

calendars = st.sampled_from(
    [load(division).with_closures(shut) for division in DIVISIONS for shut in ({}, SHUT_AT_CHRISTMAS, CLOSED_FRIDAYS)]
)
starts = st.dates(date(2002, 1, 1), date(2037, 12, 31))  # so that twice 260 days ahead stay covered, and 260 back
numbers = st.integers(0, 260)


@given(calendars, starts, numbers)
def test_between_counts_what_add_added(calendar: Calendar, start: date, days: int) -> None:
    assert calendar.between(start, calendar.add(start, days)) == days


@given(calendars, starts, numbers)
def test_subtract_undoes_add_from_a_working_day(calendar: Calendar, start: date, days: int) -> None:
    working = calendar.next(start)
    assert calendar.subtract(calendar.add(working, days), days) == working


@given(calendars, starts, st.integers(1, 260))
def test_add_and_subtract_land_on_working_days_on_their_own_side(calendar: Calendar, start: date, days: int) -> None:
    later, earlier = calendar.add(start, days), calendar.subtract(start, days)
    assert earlier < start < later
    assert calendar.is_working_day(earlier)
    assert calendar.is_working_day(later)


@given(calendars, starts, starts)
def test_every_calendar_day_is_either_counted_or_skipped(calendar: Calendar, one: date, other: date) -> None:
    start, end = min(one, other), max(one, other)
    skipped = calendar.skipped(start, end)
    assert len(skipped) + calendar.between(start, end) == (end - start).days
    assert [day.date for day in skipped] == sorted({day.date for day in skipped})
    assert all(start < day.date <= end and day.reason for day in skipped)
    assert not any(calendar.is_working_day(day.date) for day in skipped)


@given(calendars, starts, starts, numbers, numbers)
def test_add_never_goes_back_when_its_start_or_number_grows(
    calendar: Calendar, one: date, other: date, few: int, many: int
) -> None:
    assert calendar.add(min(one, other), few) <= calendar.add(max(one, other), few)
    assert calendar.add(one, min(few, many)) <= calendar.add(one, max(few, many))


@given(calendars, starts, numbers, numbers)
def test_adding_twice_is_adding_the_sum(calendar: Calendar, start: date, first: int, second: int) -> None:
    assert calendar.add(calendar.add(start, first), second) == calendar.add(start, first + second)


@given(calendars, starts)
def test_next_is_one_day_added_and_nothing_between_counts(calendar: Calendar, day: date) -> None:
    following = calendar.next(day)
    assert following == calendar.add(day, 1)
    assert len(calendar.skipped(day, following)) == (following - day).days - 1


@given(calendars, starts, starts)
def test_between_is_the_same_backwards_with_its_sign_changed(calendar: Calendar, one: date, other: date) -> None:
    assert calendar.between(one, other) == -calendar.between(other, one)


@settings(max_examples=25)  # each makes two calendars
@given(st.sampled_from(DIVISIONS).map(load), CLOSURES, starts, numbers)
def test_closures_never_make_a_date_earlier_and_their_names_survive(
    calendar: Calendar, closures: dict[date, str], start: date, days: int
) -> None:
    closed = calendar.with_closures(closures)
    due_on = closed.add(start, days)
    assert due_on >= calendar.add(start, days)
    assert {day.date for day in calendar.skipped(start, due_on)} <= {day.date for day in closed.skipped(start, due_on)}
    assert Calendar.from_document(closed.to_document()) == closed
    assert (closed.version == calendar.version) == (not closures)
