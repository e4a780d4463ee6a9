"""What reports read: the facts as at a day, once the read models hold them. Reads only read; a worker writes.

Whoever asks sees everything recorded before: a read waits until the rows have reached what it needs, for a few seconds,
and then says "not now".
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import sqlalchemy as sa

from services.reporting import checkpoints
from services.reporting.facts import FigureFact, NarrativeFact
from services.reporting.loading import Reader
from services.reporting.restatement import Learned
from services.reporting.rows import Known
from services.reporting.worker import Worker
from shared.calendar import FIRST
from shared.clock import end_of_day
from shared.errors import NotFound, Unavailable, bad_value
from shared.log import Log
from shared.year import Period, Quarter, Year

T = TypeVar("T")

WAIT_SECONDS = 5.0
_TURN_SECONDS = 0.05


def known_day(day: date | None, today: date, name: str = "as_at") -> date:
    """The day that a report is asked for as at, by default today; `name` is where it was asked for.

    Raises:
        Rejected: `in_the_future`, or `too_early` for one before any calendar begins.
    """
    if day and day > today:
        raise bad_value("in_the_future", name, f"nothing is known as at {day}: today is {today}")
    if day and day < FIRST:
        raise bad_value("too_early", name, f"nothing is known as at {day}: the calendars begin on {FIRST}")
    return day or today


@dataclass(frozen=True, slots=True)
class AsAt:
    """The facts of a period as they were known at a position of the log.

    `beside` holds those of other years at the same position, None for a year of which nothing is known; `unknown` are
    the quarters asked about of which nothing is.
    """

    facts: Known
    position: int
    beside: tuple[Known | None, ...] = ()
    unknown: tuple[Quarter, ...] = ()


def facts_at(reader: Reader, period: Period, quarters: Sequence[Quarter] = (), beside: Sequence[Year] = ()) -> AsAt:
    """The facts of a period, with those of quarters before it, and of years beside it, as a reader finds them."""
    others = tuple(reader.compared(other) if reader.knows_of(other) else None for other in beside)
    unknown = tuple(quarter for quarter in quarters if not reader.knows_of(quarter))
    since = min((quarter.first for quarter in quarters), default=None)
    return AsAt(reader.facts(period, since), reader.position, others, unknown)


@dataclass(frozen=True)
class ReadModels:
    """The rows of one authority; `worker` is the one that writes them, where it runs in this process."""

    engine: sa.Engine
    log: Log
    worker: Worker | None
    authority: str

    def as_at(self, period: Period, day: date, beside: Sequence[Year] = ()) -> AsAt:
        """The facts of a period, and of years beside it, as known at the end of a day. Raises `Unavailable`."""
        return self.at(period, self.position(day), beside=beside)

    def progress(self, day: date, at_least: int | None = None) -> AsAt:
        """The facts of a day's progress list, as known at the end of that day. Raises `Unavailable`."""
        position = self.position(day, at_least)
        return self._from(position, lambda reader: AsAt(reader.progress(day), position))

    def position(self, day: date, at_least: int | None = None) -> int:
        """The last position known at the end of a day, once the rows have reached it.

        With `at_least`, as soon as they have reached that one: how far they are, if it is before the day's.

        Raises:
            Unavailable: the rows did not get there in time.
        """
        until = self._last_known(day)
        return self._read(until if at_least is None else at_least, lambda _, __, reached: min(until, reached))

    def at(self, period: Period, position: int, quarters: Sequence[Quarter] = (), beside: Sequence[Year] = ()) -> AsAt:
        """The facts of a period, with quarters before it, and of years beside it, as known at a position.

        Raises:
            Unavailable: the rows did not get there in time.
        """
        return self._from(position, lambda reader: facts_at(reader, period, quarters, beside))

    def history(self, position: int) -> tuple[int, str]:
        """What tells the rows up to a position from any other: their generation, and the log that they are made of.

        Of the log, its last event's chained hash; empty before the first.

        Raises:
            Unavailable: the rows did not get there in time.
        """
        generation = self._read(position, lambda _, generation, __: generation)
        last = self.log.read(self.authority, position - 1, position)
        return generation, last[0].hash if last else ""

    def knows_of(self, year: Year, position: int) -> bool:
        """Whether anything that came in by the end of a year is known at a position. Raises `Unavailable`."""
        return self._from(position, lambda reader: reader.knows_of(year))

    def narrative(self, year: Year, day: date) -> NarrativeFact:
        """The council's own words on a year, as known at the end of a day. Raises `NotFound`, `Unavailable`."""
        found = self._from(self._last_known(day), lambda reader: reader.narratives(year))
        if not found:
            raise NotFound(f"narrative of {year.label}")
        return found[0]

    def learned(self, references: frozenset[str], since: int, until: int) -> dict[str, list[Learned]]:
        """The events after one position, up to another, that changed what is known of some references."""
        return self._from(until, lambda reader: reader.learned(references, since))

    def figures(self, year: Year | None) -> tuple[FigureFact, ...]:
        """The reference figures in force now, of a year or of all."""
        with self.engine.connect() as connection:
            head = self.log.head(connection, self.authority).position
        return self._read(
            head,
            lambda connection, generation, reached: Reader(connection, self.authority, generation, reached).figures(
                year
            ),
        )

    def _last_known(self, day: date) -> int:
        with self.engine.connect() as connection:
            return self.log.position_as_at(connection, self.authority, end_of_day(day))

    def _from(self, position: int, read: Callable[[Reader], T]) -> T:
        """What a reader finds at a position, once the rows have reached it."""
        return self._read(
            position,
            lambda connection, generation, _: read(Reader(connection, self.authority, generation, position)),
        )

    def _read(self, needed: int, use: Callable[[sa.Connection, int, int], T]) -> T:
        """Read rows that have reached a position; anew, should a rebuild put others in their place meanwhile."""
        give_up = time.monotonic() + WAIT_SECONDS
        while True:
            with self.engine.connect() as connection:
                generation, reached = checkpoints.served(connection, self.authority)
                if reached >= needed:
                    found = use(connection, generation, reached)
                    if checkpoints.served(connection, self.authority)[0] == generation:
                        return found
                    continue
            self._wait(needed, reached, give_up)

    def _wait(self, needed: int, reached: int, give_up: float) -> None:
        if self.worker and self.authority in self.worker.alarms:
            raise Unavailable("reporting has stopped, and needs someone to look at it", retry_after=60)
        if time.monotonic() > give_up:
            raise Unavailable(f"reports have reached position {reached} of the log, and {needed} is asked for")
        if self.worker:
            self.worker.hurry(_TURN_SECONDS)
        else:
            time.sleep(_TURN_SECONDS)
