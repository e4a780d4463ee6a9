"""Counts laid out: over a list, and over the days of a year. No chance in it, so that it is the same every time."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from shared.calendar import load
from shared.clock import LONDON

T = TypeVar("T")

CALENDAR = load("england-and-wales")
MONTHS = (
    *("April", "May", "June", "July", "August", "September"),
    *("October", "November", "December", "January", "February", "March"),
)


def spread(multiset: Mapping[T, int]) -> list[T]:
    """The values as often as asked, each evenly through the list, then stirred so that no two lists march in step."""
    even = [
        ((2 * k + 1) / (2 * n), order, value) for order, (value, n) in enumerate(multiset.items()) for k in range(n)
    ]
    values = [value for _, _, value in sorted(even, key=lambda slot: slot[:2])]
    return [values[101 * index % len(values)] for index in range(len(values))]  # 101 is prime, no length its multiple


def picked(wanted: int, available: int, offset: int = 0) -> list[int]:
    """As many different positions as wanted, evenly among those available, in order."""
    return sorted((k * available // wanted + offset) % available for k in range(wanted))


def day_in(year: str, month: str, day: int) -> date:
    """A day of a month of a year that begins in April."""
    number = (MONTHS.index(month) + 3) % 12 + 1
    return date(int(year[:4]) + (number < 4), number, day)


def evenly(year: str, total: int) -> list[datetime]:
    """As many receipts through a year, on working days, the last of them early in March."""
    first = day_in(year, "April", 8)
    days = [CALENDAR.subtract(first + timedelta(days=335 * k // total), 1) for k in range(total)]
    return [datetime.combine(day, time(9 + k % 7, 13 * k % 60), LONDON) for k, day in enumerate(days)]
