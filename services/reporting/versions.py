"""Versions of facts: what is known of a few streams now, and what a batch of events begins and ends."""

from collections import defaultdict
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from services.reporting.facts import FIELDS, Fact, Facts, identity
from services.reporting.tables import TABLES
from shared import database
from shared.clock import stamp
from shared.log.record import Recorded

Row = dict[str, Any]

_KINDS: Callable[[Facts], tuple[tuple[Fact, ...], ...]] = attrgetter(*FIELDS.values())
_VALUES: dict[type[Fact], Callable[[Fact], tuple[Any, ...]]] = {kind: attrgetter(*kind.__slots__) for kind in FIELDS}


def known_now(connection: sa.Connection, authority: str, generation: int, references: set[str]) -> dict[str, Facts]:
    """What is true now of some streams, by reference; one query a table."""
    found: defaultdict[str, list[Fact]] = defaultdict(list)
    for kind, table in TABLES.items():
        rows = connection.execute(
            sa.select(*(table.c[name] for name in kind.__slots__)).where(
                table.c.authority == authority,
                table.c.generation == generation,
                database.any_of(connection, table.c.reference, references),
                table.c.known_to.is_(None),
            )
        )
        for row in rows:
            found[row.reference].append(kind(*row))
    return {reference: Facts.of(facts) for reference, facts in found.items()}


class Changes:
    """The versions that a batch begins and ends, in memory until `write`."""

    def __init__(self, authority: str, generation: int) -> None:
        self._where = {"authority": authority, "generation": generation}
        self._open: dict[tuple[type[Fact], Any], Row] = {}
        self._begun: defaultdict[type[Fact], list[Row]] = defaultdict(list)
        self._ended: defaultdict[type[Fact], list[Row]] = defaultdict(list)

    def note(self, before: Facts, after: Facts, event: Recorded) -> None:
        """What an event changed: the version before it ends at its position, and the one after begins there."""
        if before is after:
            return
        for kind, old, new in zip(FIELDS, _KINDS(before), _KINDS(after), strict=True):
            if old is new or old == new:
                continue
            was = {identity(fact): fact for fact in old}
            now = {identity(fact): fact for fact in new}
            for key in [*was, *(key for key in now if key not in was)]:
                if was.get(key) != now.get(key):
                    self._replace(kind, was.get(key), now.get(key), event)

    def _replace(self, kind: type[Fact], old: Fact | None, new: Fact | None, event: Recorded) -> None:
        if old is not None:
            self._end(kind, old, event.position)
        if new is not None:
            row = {
                **self._where,
                **dict(zip(kind.__slots__, _VALUES[kind](new), strict=True)),
                "known_from": event.position,
                "known_to": None,
                "known_at": stamp(event.known_at),
                "because": event.type,
            }
            self._open[kind, identity(new)] = row
            self._begun[kind].append(row)

    def _end(self, kind: type[Fact], fact: Fact, position: int) -> None:
        if row := self._open.pop((kind, identity(fact)), None):
            row["known_to"] = position
        else:
            key = {name: getattr(fact, name) for name in kind.KEY}
            self._ended[kind].append({**self._where, **key, "known_to": position})

    def write(self, connection: sa.Connection) -> None:
        """Write them: at most two statements a table, whatever the size of the batch."""
        for kind, ended in self._ended.items():
            database.update(connection, TABLES[kind], ended, (*self._where, *kind.KEY), null="known_to")
        for kind, begun in self._begun.items():
            database.load(connection, TABLES[kind], begun)
