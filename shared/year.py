"""A reporting year: the twelve months to 31 March (SI 2009/309 reg 18), written `2023-24`; and its quarters."""

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

    @property
    def words(self) -> str:
        """As it is told to people: as it is written."""
        return self.label

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


@dataclass(frozen=True)
class Quarter:
    """A quarter of a reporting year, from 1, which begins on 1 April, to 4; `day in quarter` asks as of a year."""

    year: Year
    number: int

    @classmethod
    def begun(cls, label: str, number: int, today: date) -> Self:
        """The quarter of a year's label, which must have begun.

        Raises:
            Rejected: `bad_year`, `bad_quarter` or `quarter_not_begun`.
        """
        year = Year.of(label)
        if number not in QUARTERS:
            raise bad_value("bad_quarter", "quarter", "a year has the quarters 1 to 4")
        quarter = cls(year, number)
        if quarter.first > today:
            raise bad_value(
                "quarter_not_begun", "quarter", f"{quarter.label} begins on {quarter.first}; today is {today}"
            )
        return quarter

    @classmethod
    def containing(cls, day: date) -> Self:
        """The quarter that a day falls in."""
        return cls(Year.containing(day), (day.month - 4) % 12 // 3 + 1)

    @property
    def starts(self) -> int:
        """The calendar year in which its reporting year starts."""
        return self.year.starts

    @property
    def label(self) -> str:
        """As it is written: `2023-24 Q3`."""
        return f"{self.year.label} Q{self.number}"

    @property
    def words(self) -> str:
        """As it is told to people: `quarter 3 of 2023-24: October to December 2023`."""
        return f"quarter {self.number} of {self.year.label}: {self.first:%B} to {self.last:%B %Y}"

    @cached_property
    def first(self) -> date:
        """Its first day."""
        return self.year.quarter(self.number)[0]

    @cached_property
    def last(self) -> date:
        """Its last day."""
        return self.year.quarter(self.number)[1]

    def before(self) -> "Quarter":
        """The quarter that ended the day before it began."""
        return Quarter(self.year, self.number - 1) if self.number > 1 else Quarter(Year(self.year.starts - 1), 4)

    def __contains__(self, day: date | None) -> bool:
        return day is not None and self.first <= day <= self.last


QUARTERS = (1, 2, 3, 4)

Period = Year | Quarter


def month_of(day: date) -> str:
    """The month's name; within a reporting year it says which month it is."""
    return MONTHS[(day.month - 4) % 12]
