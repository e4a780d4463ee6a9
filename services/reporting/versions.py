"""Versions of facts: what is known of a few streams now, and what a batch of events begins and ends."""

from collections import defaultdict
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from services.reporting.facts import FIELDS, Fact, Facts, identities
from services.reporting.tables import TABLES
from shared import database

_KINDS: Callable[[Facts], tuple[tuple[Fact, ...], ...]] = attrgetter(*FIELDS.values())
_VALUES: dict[type[Fact], Callable[[Fact], tuple[Any, ...]]] = {kind: attrgetter(*kind.__slots__) for kind in FIELDS}

_WHERE = ("authority", "generation")
_SPAN = (*_WHERE, "known_from", "known_to", "known_at", "because")
_ENDS = _SPAN.index("known_to")


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
        self._where = (authority, generation)
        self._open: defaultdict[type[Fact], dict[Any, list[Any]]] = defaultdict(dict)
        self._begun: defaultdict[type[Fact], list[list[Any]]] = defaultdict(list)
        self._ended: defaultdict[type[Fact], list[database.Row]] = defaultdict(list)

    def note(self, before: Facts, after: Facts, position: int, known_at: str, because: str) -> None:
        """What an event changed: the version before it ends at its position, and the one after begins there.

        Of facts that nothing tells apart, which no command leads to, the last is the one.
        """
        for kind, old, new in zip(FIELDS, _KINDS(before), _KINDS(after), strict=True):
            if old is new:
                continue
            identity, values, opened, begun = identities[kind], _VALUES[kind], self._open[kind], self._begun[kind]
            was, now = ({identity(fact): fact for fact in facts} for facts in (old, new))
            for key, fact in now.items():
                former = was.pop(key, None)
                if former is fact or former == fact:
                    continue
                if former is not None:
                    self._end(kind, key, former, position)
                opened[key] = row = [*self._where, position, None, known_at, because, *values(fact)]
                begun.append(row)
            for key, fact in was.items():
                self._end(kind, key, fact, position)

    def _end(self, kind: type[Fact], key: Any, fact: Fact, position: int) -> None:
        if row := self._open[kind].pop(key, None):
            row[_ENDS] = position
        else:
            named = {name: getattr(fact, name) for name in kind.KEY}
            self._ended[kind].append({**dict(zip(_WHERE, self._where, strict=True)), **named, "known_to": position})

    def write(self, connection: sa.Connection) -> None:
        """Write them: at most two statements a table, whatever the size of the batch."""
        for kind, ended in self._ended.items():
            database.update(connection, TABLES[kind], ended, (*_WHERE, *kind.KEY), null="known_to")
        for kind, begun in self._begun.items():
            if begun:
                database.load(connection, TABLES[kind], (*_SPAN, *kind.__slots__), begun)
