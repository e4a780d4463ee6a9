"""Working days: bank holidays as versioned data, and arithmetic by table, O(1) whatever the span.

Day 0 is the day that starts a clock ("N working days after the day on which", SI 2009/309 reg 13(3)); day 1 is the
first working day after it. Only working days live here: months are in `deadlines.py`, the periods in the pathways.
"""

import hashlib
import importlib.resources
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any, Literal, Self, get_args

import orjson

Division = Literal["england-and-wales", "scotland", "northern-ireland"]
"""A part of the United Kingdom with bank holidays of its own, as https://www.gov.uk/bank-holidays.json names it."""

DIVISIONS: tuple[Division, ...] = get_args(Division)

FIRST = date(2000, 1, 1)
LAST = date(2040, 12, 31)
LAST_PUBLISHED_YEAR = 2028  # https://www.gov.uk/bank-holidays.json, as it stood in August 2026

_SUBDIVISIONS = {"england-and-wales": "ENG", "scotland": "SCT", "northern-ireland": "NIR"}  # as `holidays` names them
_WEEKEND = {5: "Saturday", 6: "Sunday"}
_ONE_DAY = timedelta(days=1)


class OutsideCalendar(ValueError):
    """A date, given or resulting, which the calendar does not cover; the message names the covered range."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A day that does not count, and why.

    The reason is the first that applies: "Saturday" or "Sunday"; the bank holiday's name, such as "Good Friday" or
    "Boxing Day (substitute day)"; "Closed: " and the closure's name, such as "Closed: Christmas shutdown".
    """

    date: date
    reason: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working days of one division from `first` to `last`, both covered; immutable, and equal by content.

    `holidays` holds bank holidays that fall on a weekday, as GOV.UK lists them; those after `horizon`, the last day
    of the last year published, are a projection by the rules as they stand, so what lands there is `provisional`.
    `closures` are an authority's own: no bank holidays, so they belong to its own standards and not to a limit set
    by law (SI 2006/1681 reg 2 excepts weekends, Christmas Day, Good Friday and bank holidays only).
    `version` is "sha256:" and the hex digest of the canonical document.

    Methods take and give dates. A date outside the range raises `OutsideCalendar`, an instant raises TypeError:
    which day an instant belongs to (Europe/London) is the caller's to say.
    """

    division: Division
    first: date
    last: date
    horizon: date
    holidays: Mapping[date, str] = field(compare=False)
    closures: Mapping[date, str] = field(compare=False, default_factory=dict)
    version: str = field(init=False)
    # The k-th working day stands at k, counting from 1; each covered day leads to how many there are up to its end.
    _working: list[date] = field(init=False, compare=False)
    _counted: dict[date, int] = field(init=False, compare=False)
    _skipped: tuple[Skipped, ...] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        if self.division not in DIVISIONS:
            raise ValueError(f"{self.division!r} is not one of {', '.join(DIVISIONS)}")
        for day in (self.horizon, *self.holidays, *self.closures):
            if not self.first <= day <= self.last:
                raise self._outside(str(day))
        fix = object.__setattr__
        fix(self, "holidays", MappingProxyType(dict(sorted(self.holidays.items()))))
        fix(self, "closures", MappingProxyType(dict(sorted(self.closures.items()))))
        fix(self, "version", "sha256:" + hashlib.sha256(canonical(self.to_document())).hexdigest())
        working, counted, skipped = [date.min], {}, []
        day, count = self.first, 0
        while day <= self.last:
            reason = self._reason(day)
            if reason is None:
                working.append(day)
                count += 1
            else:
                skipped.append(Skipped(day, reason))
            counted[day] = count
            day += _ONE_DAY
        fix(self, "_working", working)
        fix(self, "_counted", counted)
        fix(self, "_skipped", tuple(skipped))

    def __repr__(self) -> str:
        return f"<Calendar of {self.division} to {self.horizon}, {self.version}>"

    def add(self, start: date, days: int) -> date:
        """The `days`-th working day after `start`, which need not be one; 0 gives `start`, negative ValueError."""
        if days > 0:
            try:
                return self._working[self._counted[start] + days]
            except LookupError:
                self._position(start)
                raise self._outside(f"{days} working days after {start}") from None
        return self._unmoved(start, days)

    def subtract(self, start: date, days: int) -> date:
        """The `days`-th working day before `start`, which need not be one; 0 gives `start`, negative ValueError."""
        if days <= 0:
            return self._unmoved(start, days)
        index = self._position(start) - self.is_working_day(start) + 1 - days
        if index < 1:
            raise self._outside(f"{days} working days before {start}")
        return self._working[index]

    def between(self, start: date, end: date) -> int:
        """How many working days follow `start` up to and including `end`; -between(end, start) if `end` is earlier."""
        return self._position(end) - self._position(start)

    def next(self, day: date) -> date:
        """The first working day after `day`, never `day` itself."""
        return self.add(day, 1)

    def is_working_day(self, day: date) -> bool:
        """Whether `day` counts: no weekend, bank holiday or closure."""
        return self._working[self._position(day)] == day

    def skipped(self, start: date, end: date) -> tuple[Skipped, ...]:
        """Each day after `start` up to and including `end` that does not count, in order; none if `end` is earlier."""
        return self._skipped[self._skips_to(start) : self._skips_to(end)]

    def provisional(self, day: date) -> bool:
        """Whether `day` lies past the horizon, where bank holidays are projected and may yet move."""
        return day > self.horizon

    def with_closures(self, closures: Mapping[date, str]) -> Self:
        """The same calendar with these closure days (day -> name) in place of any it had, and so of another version."""
        return replace(self, closures=closures)

    def with_proclaimed(self, proclaimed: Mapping[date, str], moved_from: Collection[date] = ()) -> Self:
        """The calendar with bank holidays proclaimed since it was made, and without those that they replace.

        Raises:
            ValueError: a day at a weekend (its substitute is the bank holiday), outside the calendar, or a day moved
                from that is no bank holiday.
        """
        for day in proclaimed:
            if day.weekday() in _WEEKEND:
                raise ValueError(f"{day} is a {_WEEKEND[day.weekday()]}: name the day on which work is off instead")
        if unknown := sorted(set(moved_from) - self.holidays.keys()):
            raise ValueError(f"{unknown[0]} is no bank holiday of {self.division} that could have been moved")
        kept = {day: name for day, name in self.holidays.items() if day not in moved_from}
        return replace(self, holidays={**proclaimed, **kept})

    def to_document(self) -> dict[str, Any]:
        """The content as plain JSON: ISO dates, `holidays` to the horizon, `projected` after it, `closures`."""
        published = {str(day): name for day, name in self.holidays.items() if day <= self.horizon}
        projected = {str(day): name for day, name in self.holidays.items() if day > self.horizon}
        return {
            "division": self.division,
            "first": str(self.first),
            "last": str(self.last),
            "horizon": str(self.horizon),
            "holidays": published,
            "projected": projected,
            "closures": {str(day): name for day, name in self.closures.items()},
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """The calendar whose `to_document` this is; ValueError if there is none, so no content is lost or added."""
        try:
            calendar = cls(
                division=document["division"],
                first=date.fromisoformat(document["first"]),
                last=date.fromisoformat(document["last"]),
                horizon=date.fromisoformat(document["horizon"]),
                holidays=_dated({**document["holidays"], **document["projected"]}),
                closures=_dated(document["closures"]),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a calendar: {error!r}") from error
        if calendar.to_document() != document:
            raise ValueError("not a calendar in its canonical form")
        return calendar

    def _reason(self, day: date) -> str | None:
        if day.weekday() in _WEEKEND:
            return _WEEKEND[day.weekday()]
        if day in self.holidays:
            return self.holidays[day]
        return f"Closed: {self.closures[day]}" if day in self.closures else None

    def _position(self, day: date) -> int:
        """How many working days there are from `first` up to and including `day`."""
        try:
            return self._counted[day]
        except KeyError:
            if isinstance(day, datetime):
                raise TypeError(f"{day!r} is an instant; working days are counted between dates") from None
            raise self._outside(str(day)) from None

    def _skips_to(self, day: date) -> int:
        return (day - self.first).days + 1 - self._position(day)

    def _unmoved(self, start: date, days: int) -> date:
        if days < 0:
            raise ValueError(f"a number of working days is 0 or more, not {days}")
        self._position(start)
        return start

    def _outside(self, what: str) -> OutsideCalendar:
        return OutsideCalendar(f"{what} is outside the calendar of {self.division}, {self.first} to {self.last}")


def canonical(document: Mapping[str, Any]) -> bytes:
    """The bytes that a version is the SHA-256 of: compact UTF-8 JSON with its keys sorted."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def readable(document: Mapping[str, Any]) -> bytes:
    """The bytes of a shipped snapshot: the same JSON for people, sorted, one day a line."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def shipped(division: Division) -> Traversable:
    """Where the snapshot of a division is kept; ValueError for an unknown division."""
    if division not in DIVISIONS:
        raise ValueError(f"{division!r} is not one of {', '.join(DIVISIONS)}")
    return importlib.resources.files("shared").joinpath("calendars", f"{division}.json")


@cache
def load(division: Division) -> Calendar:
    """The calendar shipped for a division, read once; it changes when its file does, never with a dependency."""
    return Calendar.from_document(orjson.loads(shipped(division).read_bytes()))


def snapshot(division: Division, last_published_year: int = LAST_PUBLISHED_YEAR) -> dict[str, Any]:
    """The document of a division made anew from the installed `holidays`, to be compared with the shipped one.

    The division is always named: without one, `holidays` knows only the days that the whole kingdom shares, and
    lacks Easter Monday and August. Days at a weekend are left out, as GOV.UK leaves them out for their substitutes.
    """
    import holidays  # here, because it takes longer to import than everything else a server needs

    known = holidays.country_holidays(
        "GB", subdiv=_SUBDIVISIONS[division], years=range(FIRST.year, LAST.year + 1), language="en_GB"
    )
    return Calendar(
        division=division,
        first=FIRST,
        last=LAST,
        horizon=date(last_published_year, 12, 31),
        holidays={
            day: name.replace("(observed)", "(substitute day)")  # GOV.UK's words
            for day, name in known.items()
            if day.weekday() not in _WEEKEND and FIRST <= day <= LAST
        },
    ).to_document()


def _dated(days: Mapping[str, str]) -> dict[date, str]:
    return {date.fromisoformat(day): name for day, name in days.items()}
