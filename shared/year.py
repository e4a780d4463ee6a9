"""A reporting year: the twelve months to 31 March (SI 2009/309 reg 18), written `2023-24`."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Self

from shared.errors import bad_value

MONTHS = (
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
    "January",
    "February",
    "March",
)


@dataclass(frozen=True)
class Year:
    """The year that ends on 31 March of the year after `starts`; `day in year` asks whether a day falls in it."""

    starts: int

    @classmethod
    def of(cls, label: str) -> Self:
        """The year of a label such as `2023-24`.

        Raises:
            Rejected: `bad_year`, if it is not one.
        """
        found = re.fullmatch(r"(20\d\d)-(\d\d)", label)
        if not found or (int(found[1]) + 1) % 100 != int(found[2]):
            raise bad_value("bad_year", "year", "a year to 31 March is written like 2023-24")
        return cls(int(found[1]))

    @classmethod
    def begun(cls, label: str, today: date) -> Self:
        """The year of a label, which must have begun.

        Raises:
            Rejected: `bad_year` or `year_not_begun`.
        """
        year = cls.of(label)
        if year.first > today:
            raise bad_value("year_not_begun", "year", f"the year {label} begins on {year.first}; today is {today}")
        return year

    @classmethod
    def containing(cls, day: date) -> Self:
        """The year that a day falls in."""
        return cls(day.year if (day.month, day.day) >= (4, 1) else day.year - 1)

    @property
    def label(self) -> str:
        """As it is written: `2023-24`."""
        return f"{self.starts}-{(self.starts + 1) % 100:02d}"

    @cached_property
    def first(self) -> date:
        """1 April."""
        return date(self.starts, 4, 1)

    @cached_property
    def last(self) -> date:
        """31 March."""
        return date(self.starts + 1, 3, 31)

    def quarter(self, number: int) -> tuple[date, date]:
        """The first and the last day of a quarter: the first begins on 1 April, the fourth ends on 31 March."""
        year, month = self.starts + (number == 4), 3 * number % 12 + 1
        return date(year, month, 1), date(year, month + 2, monthrange(year, month + 2)[1])

    def __contains__(self, day: date | None) -> bool:
        return day is not None and self.first <= day <= self.last


def month_of(day: date) -> str:
    """The month's name; within a reporting year it says which month it is."""
    return MONTHS[(day.month - 4) % 12]
