"""Follows the log into the read models: rows and checkpoint in one transaction, so nothing counts twice or is lost.

Two runners may follow the same authority: the checkpoint moves by compare-and-set, one wins, the other reads anew.
An event that this code does not know, or a hole in the numbering, stops the authority's following; neither is skipped.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import sqlalchemy as sa

from services.reporting import checkpoints
from services.reporting.checkpoints import Overtaken
from services.reporting.facts import Facts
from services.reporting.fold import fold
from services.reporting.versions import Changes, known_now
from shared.calendar import Calendar
from shared.codec import UnknownEvent
from shared.database import writer
from shared.events import Event
from shared.log import Hole, Recorded

BATCH = 1000
REBUILT = 4000
"""Events a batch: a rebuild keeps nobody waiting, and what begins and ends within a batch is written once."""


class Reads(Protocol):
    """What a follower needs of the log."""

    def read(self, authority: str, after: int = 0, upto: int | None = None, limit: int = 5000) -> list[Recorded]:
        """The next events after a position, in order."""
        ...


class Broken(Exception):
    """The log has a hole, or an event that this code cannot read: following must stop."""


class Follower:
    """Brings the rows of authorities up to the log, batch by batch."""

    def __init__(self, engine: sa.Engine, log: Reads, calendar: Callable[[str], Calendar]) -> None:
        self._engine = writer(engine)
        self._log = log
        self._calendar = calendar

    def follow(self, authority: str, generation: int | None = None, limit: int = BATCH) -> int:
        """Take in the next events after the checkpoint of a generation, by default the served one; how many.

        Raises:
            Overtaken: another runner took them in first; nothing was written.
            Broken: the next event cannot be taken in; those before it are.
        """
        with self._engine.connect().execution_options(writes=False) as connection:
            if generation is None:
                generation, position = checkpoints.served(connection, authority)
            else:
                position = checkpoints.reached(connection, authority, generation)
        batch, fault = _readable(self._read(authority, position, limit))
        if batch:
            with self._engine.begin() as connection:
                checkpoints.move(connection, authority, generation, position, position + len(batch))
                self._take_in(connection, authority, generation, batch)
        if fault:
            raise Broken(fault)
        return len(batch)

    def catch_up(self, authority: str) -> int:
        """Follow until nothing is left to take in; how many events this runner took in."""
        total = 0
        while True:
            try:
                taken = self.follow(authority)
            except Overtaken:
                continue
            if not taken:
                return total
            total += taken

    def rebuild(self, authority: str, progress: Callable[[int], None] = lambda _taken: None) -> int:
        """Build an authority's rows anew while the old ones serve, then put them in their place; the events taken in.

        `progress` is told the size of each batch.
        """
        with self._engine.begin() as connection:
            old, new = checkpoints.begin_anew(connection, authority)
        position = 0
        while True:
            taken = self.follow(authority, new, REBUILT)
            position += taken
            progress(taken)
            if not taken:
                with self._engine.begin() as connection:
                    if checkpoints.switch(connection, authority, old, new):
                        return position

    def _read(self, authority: str, position: int, limit: int) -> list[Recorded]:
        try:
            return self._log.read(authority, after=position, limit=limit)
        except Hole as hole:
            raise Broken(f"the log of {authority} has no event {hole.expected}") from hole

    def _take_in(
        self, connection: sa.Connection, authority: str, generation: int, batch: Sequence[tuple[Recorded, Event]]
    ) -> None:
        """Fold a batch over what is known of its streams, and write what changed: the cost is that of the batch."""
        calendar = self._calendar(authority)
        known = known_now(connection, authority, generation, {recorded.reference for recorded, _ in batch})
        changes = Changes(authority, generation)
        for recorded, event in batch:
            before = known.get(recorded.reference, Facts())
            known[recorded.reference] = after = fold(before, recorded.reference, event, calendar)
            changes.note(before, after, recorded)
        changes.write(connection)


def _readable(page: Sequence[Recorded]) -> tuple[list[tuple[Recorded, Event]], str | None]:
    """The events of a page, decoded, up to the first that this code cannot read; and what is wrong with that one."""
    batch: list[tuple[Recorded, Event]] = []
    for recorded in page:
        try:
            batch.append((recorded, recorded.event))
        except UnknownEvent as error:
            return batch, f"event {recorded.position} of {recorded.authority}: {error}"
    return batch, None
