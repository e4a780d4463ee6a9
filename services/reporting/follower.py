"""Follows the log into the read models: rows and checkpoint in one transaction, so nothing counts twice or is lost.

Two runners may follow the same authority: the checkpoint moves by compare-and-set, one wins, the other reads anew.
An event that this code does not know, or a hole in the numbering, stops the authority's following; neither is skipped.

A rebuild goes another way to the same rows: reference by reference instead of event by event, so that what it folds is
in hand and never looked up, and a thread writes one batch while the next is folded.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

import sqlalchemy as sa

from services.reporting import checkpoints
from services.reporting.checkpoints import Overtaken
from services.reporting.facts import Facts
from services.reporting.fold import fold
from services.reporting.versions import Changes, known_now
from shared.calendar import Calendar
from shared.clock import stamp
from shared.codec import UnknownEvent, decode
from shared.database import writer
from shared.events import Event
from shared.log import Hole, Recorded, Referred, Told

BATCH = 1000
REBUILT = 4000
"""Events a batch: a rebuild keeps nobody waiting, and what begins and ends within a batch is written once."""

Progress = Callable[[int], None]


class Reads(Protocol):
    """What a follower needs of the log."""

    def read(self, authority: str, after: int = 0, upto: int | None = None, limit: int = 5000) -> list[Recorded]:
        """The next events after a position, in order."""
        ...

    def end(self, authority: str) -> int:
        """The last position of an authority's log; 0 before its first event."""
        ...

    def by_reference(self, authority: str, upto: int) -> Iterator[Referred]:
        """Every event up to a position, by its reference; of one reference in the order of the log."""
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

    def rebuild(self, authority: str, progress: Progress = lambda _taken: None) -> int:
        """Build an authority's rows anew while the old ones serve, then put them in their place; the events taken in.

        `progress` is told the size of each batch.

        Raises:
            Overtaken: another rebuild of the authority began meanwhile.
            Broken: the log cannot be taken in; the old rows go on serving.
        """
        with self._engine.begin() as connection:
            old, new = checkpoints.begin_anew(connection, authority)
        position = self._build(authority, new, progress)
        while True:
            taken = self.follow(authority, new, REBUILT)
            position += taken
            progress(taken)
            if not taken:
                with self._engine.begin() as connection:
                    if checkpoints.switch(connection, authority, old, new):
                        return position

    def _build(self, authority: str, generation: int, progress: Progress) -> int:
        """Take in the log as far as it goes now; how far. Until that is done the checkpoint counts what was taken."""
        upto, taken = self._log.end(authority), 0
        calendar = self._calendar(authority)
        with ThreadPoolExecutor(1, "rebuild") as thread:
            written: Future[None] | None = None
            for batch in _batches(self._log.by_reference(authority, upto)):
                changes = Changes(authority, generation)
                for reference, history in batch:
                    _fold_whole(changes, authority, reference, history, calendar)
                if written:
                    written.result()
                size = sum(len(history) for _, history in batch)
                written = thread.submit(self._write, authority, generation, taken, taken + size, changes)
                taken += size
                progress(size)
            if written:
                written.result()
        if taken != upto:
            self._find_hole(authority)
            raise Broken(f"the log of {authority} has {upto} events, and {taken} by their references")
        return taken

    def _write(self, authority: str, generation: int, before: int, after: int, changes: Changes) -> None:
        with self._engine.begin() as connection:
            checkpoints.move(connection, authority, generation, before, after)
            changes.write(connection)

    def _find_hole(self, authority: str) -> None:
        """Raises `Broken` where there is one."""
        position = 0
        while page := self._read(authority, position, REBUILT):
            position = page[-1].position

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
            reference = recorded.reference
            before = known.get(reference, _NOTHING)
            after = fold(before, reference, event, calendar)
            if after is not before:
                known[reference] = after
                changes.note(before, after, recorded.position, stamp(recorded.known_at), recorded.type)
        changes.write(connection)


_NOTHING = Facts()


def _batches(referred: Iterable[Referred]) -> Iterator[list[Referred]]:
    """Whole histories, as many as hold the events of a batch."""
    batch: list[Referred] = []
    size = 0
    for each in referred:
        batch.append(each)
        size += len(each[1])
        if size >= REBUILT:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _fold_whole(changes: Changes, authority: str, reference: str, history: Sequence[Told], calendar: Calendar) -> None:
    known = _NOTHING
    for _, _, position, name, schema_version, known_at, payload in history:
        try:
            event = decode(name, schema_version, payload)
        except UnknownEvent as error:
            raise Broken(_unreadable(authority, position, error)) from error
        after = fold(known, reference, event, calendar)
        if after is not known:
            changes.note(known, after, position, known_at, name)
            known = after


def _unreadable(authority: str, position: int, error: UnknownEvent) -> str:
    return f"event {position} of {authority}: {error}"


def _readable(page: Sequence[Recorded]) -> tuple[list[tuple[Recorded, Event]], str | None]:
    """The events of a page, decoded, up to the first that this code cannot read; and what is wrong with that one."""
    batch: list[tuple[Recorded, Event]] = []
    for recorded in page:
        try:
            batch.append((recorded, recorded.event))
        except UnknownEvent as error:
            return batch, _unreadable(recorded.authority, recorded.position, error)
    return batch, None
