"""Every change that a log can suffer behind its back, tried one by one: is it found, and is its place named?

Each walk leaves the log as it was, and may be kept to some positions. `every_change` is all of them at all positions:
for a log of a few hundred events, some minutes.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from typing import Any

import sqlalchemy as sa

from shared.database import writer
from shared.events import CaseClosed, LearningRecorded
from shared.log import ANY, Anchor, Append, Appended, Break, Log, verify
from shared.log.record import chain_hash
from shared.log.tables import events
from tests.postgres.appends import AUTHORITY, unguarded

Change = tuple[str, dict[str, Any]]
Progress = Callable[[int], None]

_COLUMNS = [column.name for column in events.c]
_INSERT = f"INSERT INTO events ({', '.join(_COLUMNS)}) VALUES ({', '.join(f':{name}' for name in _COLUMNS)})"
_DAY = date(2026, 1, 1)
_LESSONS = ("Ring back: ffoniwch yn ôl.", "“Quoted”, and 😀 beyond.")


def _lesson(n: int) -> LearningRecorded:
    return LearningRecorded(learning=n, recorded_on=_DAY, lesson=_LESSONS[n % 2], action=None, owner=None, due_on=None)


def a_log(engine: sa.Engine, count: int) -> sa.Engine:
    """A log of so many events of several streams, with and without what may be missing, in and beyond ASCII."""
    items = [
        Append(
            AUTHORITY,
            f"case:COV-2026-{n % 7:06d}",
            ANY,
            (CaseClosed(closed_on=_DAY) if n % 5 else _lesson(n),),
            "officer:7",
            correlation=None if n % 3 else "018f-a request",
            causation="" if n % 4 else None,
        )
        for n in range(count)
    ]
    assert all(isinstance(result, Appended) for result in Log(engine).append_batch(items))
    return engine


@dataclass
class Walk:
    """What became of every change of one kind.

    `tried` is how many the database took, `refused` how many its keys forbid; of those tried, `undetected` are named
    that were not found, and `misplaced` that were found at a position other than theirs.
    """

    tried: int = 0
    refused: int = 0
    undetected: list[str] = field(default_factory=list)
    misplaced: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether something was tried, and all of it found in its place."""
        return self.tried > 0 and not self.undetected and not self.misplaced


class Victim:
    """A log without its triggers, as whoever owns the database can make it; its head is kept elsewhere."""

    def __init__(self, engine: sa.Engine, authority: str = AUTHORITY, progress: Progress = lambda _: None) -> None:
        head = verify(engine, authority)
        assert isinstance(head, Anchor)
        self.engine, self.authority, self.head, self.progress = unguarded(engine), authority, head, progress
        self.sqlite = engine.dialect.name == "sqlite"
        with engine.connect() as connection:
            mine = sa.select(events).where(events.c.authority == authority).order_by(events.c.position)
            self.rows: list[dict[str, Any]] = [dict(row) for row in connection.execute(mine).mappings()]

    def places(self, positions: Iterable[int] | None) -> Iterable[int]:
        """The positions to walk: those asked for, or all."""
        return range(1, len(self.rows) + 1) if positions is None else positions

    def attempt(
        self, walk: Walk, name: str, place: int, change: Sequence[Change], undo: Sequence[Change], after: int = 0
    ) -> bool:
        """Change the database, look for the change after a position, undo it; False if it was not taken."""
        if not self._run(change):
            walk.refused += 1
            return False
        walk.tried += 1
        since = Anchor(after, self.rows[after - 1]["hash"]) if after else None
        found = verify(self.engine, self.authority, since, self.head)
        if not isinstance(found, Break):
            walk.undetected.append(name)
        elif found.position != place:
            walk.misplaced.append(f"{name}: found at {found.position}, not at {place}")
        assert self._run(undo), name
        self.progress(1)
        return True

    def _run(self, changes: Sequence[Change]) -> bool:
        try:
            with writer(self.engine).begin() as connection:
                for statement, values in changes:
                    connection.execute(sa.text(statement), values)
        except (sa.exc.IntegrityError, sa.exc.DataError):
            return False
        return True

    def replacement(self, column: str, row: dict[str, Any], value: object) -> Change:
        """A new value of one column of a row, given as text or as the bytes of text."""
        key = "hash" if column == "event_id" else "event_id"
        new = "CAST(:new AS TEXT)" if isinstance(value, bytes) else ":new"
        return f"UPDATE events SET {column} = {new} WHERE {key} = :key", {"new": value, "key": row[key]}

    def whole(self) -> bool:
        """Whether the log is what it was."""
        return verify(self.engine, self.authority, against=self.head) == self.head


def every_byte(victim: Victim, positions: Iterable[int] | None = None, masks: Sequence[int] = (1,)) -> Walk:
    """Each byte of each column changed, by every mask; what has no byte gets one, and what may be missing goes.

    Where a key forbids the result, others are tried. It is looked for from the event before, as `--since-last` does:
    what precedes is whole. On SQLite, a mask of 128 makes bytes that are no text at all.
    """
    walk = Walk()
    for position in victim.places(positions):
        row = victim.rows[position - 1]
        for column, before in row.items():
            undo = victim.replacement(column, row, before)
            for name, alternatives in _alternatives(victim, column, before, masks):
                for after in alternatives:
                    change = victim.replacement(column, row, after)
                    if victim.attempt(
                        walk, f"{column} of {position}, {name}", position, [change], [undo], position - 1
                    ):
                        break
    return walk


def _alternatives(
    victim: Victim, column: str, before: object, masks: Sequence[int]
) -> Iterator[tuple[str, list[object]]]:
    """For each change of a value, what it may be changed to: the first that the database takes is enough."""
    if isinstance(before, int):
        digits = str(before)
        for at, digit in enumerate(digits):
            yield (
                f"digit {at}",
                [int(digits[:at] + other + digits[at + 1 :]) for other in "9876543210" if other != digit],
            )
        return
    if not before:
        yield "filled", ["x"]
    if column in ("correlation", "causation"):
        yield "emptied", [None if before is not None else ""]
    whole = str(before or "").encode()
    for at, byte in enumerate(whole):
        for mask in masks:
            changed = [bytes([*whole[:at], byte ^ m, *whole[at + 1 :]]) for m in (mask, mask ^ 2, mask ^ 4)]
            texts = [text for content in changed if (text := _text(content)) is not None]
            yield f"byte {at} by {mask}", [changed[0]] if victim.sqlite else texts  # type: ignore[list-item]


def _text(content: bytes) -> str | None:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text else text


def every_deletion(victim: Victim, positions: Iterable[int] | None = None) -> Walk:
    """Each event deleted: the others left where they are, or closed up behind it."""
    walk = Walk()
    for position in victim.places(positions):
        row = victim.rows[position - 1]
        gone = ("DELETE FROM events WHERE event_id = :id", {"id": row["event_id"]})
        back = (_INSERT, row)
        victim.attempt(walk, f"{position} deleted", position, [gone], [back])
        closed_up, opened = _moved(position + 1, -1), _moved(position, 1)
        victim.attempt(walk, f"{position} deleted, closed up", position, [gone, *closed_up], [*opened, back])
    return walk


def _moved(since: int, by: int) -> list[Change]:
    """All events from a position on moved by some places, by way of numbers that no key has."""
    return [
        ("UPDATE events SET position = -(position + :by) WHERE position >= :since", {"by": by, "since": since}),
        ("UPDATE events SET position = -position WHERE position < 0", {}),
    ]


def every_swap(victim: Victim, positions: Iterable[int] | None = None) -> Walk:
    """Any two events swapped."""
    walk = Walk()
    for one, other in combinations(victim.places(positions), 2):
        swap = _swapped(one, other)
        victim.attempt(walk, f"{one} and {other} swapped", one, swap, swap, one - 1)
    return walk


def _swapped(one: int, other: int) -> list[Change]:
    places = {"one": one, "other": other}
    return [
        ("UPDATE events SET position = 0 WHERE position = :one", {"one": one}),
        ("UPDATE events SET position = :one WHERE position = :other", places),
        ("UPDATE events SET position = :other WHERE position = 0", {"other": other}),
    ]


def every_insertion(victim: Victim, positions: Iterable[int] | None = None) -> Walk:
    """A forged event inserted at each place, the others moved on: copied, or with a hash that makes it follow.

    One that follows is found by the next, which does not follow it, or by the head that was kept. After the last event
    it would be an append.
    """
    walk, last = Walk(), len(victim.rows)
    for position in victim.places(positions):
        row = victim.rows[position - 1]
        copied = {
            **row,
            "position": position,
            "event_id": "forged",
            "version": row["version"] + 10_000,
            "previous_hash": f"forged{row['previous_hash'][6:]}",
        }
        undo = [("DELETE FROM events WHERE event_id = 'forged'", {}), *_moved(position + 1, -1)]
        change = [*_moved(position, 1), (_INSERT, copied)]
        victim.attempt(walk, f"copied to {position}", position, change, undo)
        linked = {**copied, "previous_hash": row["previous_hash"], "actor": "someone else"}
        linked["hash"] = chain_hash(tuple(linked.values())[:-1])
        change = [*_moved(position, 1), _unlinked(row), (_INSERT, linked)]
        relinked = victim.replacement("previous_hash", row, row["previous_hash"])
        victim.attempt(walk, f"forged at {position}", min(position + 1, last), change, [*undo, relinked])
    return walk


def _unlinked(row: dict[str, Any]) -> Change:
    """The event that a forged one takes the place of can no longer follow the same event: a key forbids it."""
    return "UPDATE events SET previous_hash = 'another' WHERE event_id = :id", {"id": row["event_id"]}


def every_truncation(victim: Victim, positions: Iterable[int] | None = None) -> Walk:
    """The log cut off before each event; found against the head that was kept."""
    walk = Walk()
    for position in victim.places(positions):
        left = position - 1
        cut = ("DELETE FROM events WHERE position > :left", {"left": left})
        victim.attempt(walk, f"cut off after {left}", position, [cut], [(_INSERT, row) for row in victim.rows[left:]])
    return walk


def every_change(
    engine: sa.Engine,
    authority: str = AUTHORITY,
    progress: Progress = lambda _: None,
    positions: Sequence[int] | None = None,
    masks: Sequence[int] = (1,),
) -> dict[str, Walk]:
    """All walks over one log, by name. `progress` is told of each change that was tried."""
    victim = Victim(engine, authority, progress)
    walks = {
        "bytes": every_byte(victim, positions, masks),
        "deletions": every_deletion(victim, positions),
        "swaps": every_swap(victim, positions),
        "insertions": every_insertion(victim, positions),
        "truncations": every_truncation(victim, positions),
    }
    assert victim.whole()
    return walks
