"""The whole log in another order: one reference after another, for whoever builds something anew from all of it.

What is folded reference by reference is in hand once and never looked up again, however the log interleaves them.
"""

from collections.abc import Iterator
from heapq import merge
from itertools import chain, groupby
from operator import attrgetter
from typing import NamedTuple

import sqlalchemy as sa

from shared.log.tables import events

_PAGE = 5000


class Told(NamedTuple):
    """What an event says, and when it was known as the log stamps it, without what chains and numbers it."""

    stream: str
    version: int
    position: int
    type: str
    schema_version: int
    known_at: str
    payload: str

    @property
    def reference(self) -> str:
        """The reference of the case or enquiry that it belongs to."""
        return self.stream.partition(":")[2]


Referred = tuple[str, list[Told]]
_POSITION = attrgetter("position")


def by_reference(engine: sa.Engine, authority: str, upto: int) -> Iterator[Referred]:
    """Every event up to a position, by its reference; of one reference in the order of the log.

    Streams of several categories may bear the same reference. Memory is that of a page a category and of the longest
    history.
    """
    categories = [_by_stream(engine, authority, category, upto) for category in _categories(engine, authority)]
    alike: Iterator[Referred] = merge(*categories, key=_reference)
    for reference, histories in groupby(alike, _reference):
        first, *others = (events for _, events in histories)
        yield reference, sorted(chain(first, *others), key=_POSITION) if others else first


def _reference(referred: Referred) -> str:
    return referred[0]


def _by_stream(engine: sa.Engine, authority: str, category: str, upto: int) -> Iterator[Referred]:
    """The streams of a category in the order of their references, as the database and Python alike compare them."""
    for stream, found in groupby(_walk(engine, authority, category, upto), attrgetter("stream")):
        yield stream.partition(":")[2], list(found)


def _walk(engine: sa.Engine, authority: str, category: str, upto: int) -> Iterator[Told]:
    columns = sa.select(*(events.c[name] for name in Told._fields)).where(
        events.c.authority == authority, events.c.position <= upto, events.c.stream < f"{category};"
    )
    at = sa.tuple_(events.c.stream, events.c.version)
    stream, version = f"{category}:", 0
    while True:
        query = columns.where(at > sa.tuple_(sa.literal(stream), sa.literal(version)))
        with engine.connect() as connection:
            page = connection.execute(query.order_by(events.c.stream, events.c.version).limit(_PAGE)).all()
        yield from map(Told._make, page)
        if len(page) < _PAGE:
            return
        stream, version = page[-1].stream, page[-1].version


def _categories(engine: sa.Engine, authority: str) -> list[str]:
    """The categories of an authority's streams: from one to the next by an index, however long the log is."""
    found: list[str] = []
    after = ""
    with engine.connect() as connection:
        first = sa.select(sa.func.min(events.c.stream)).where(events.c.authority == authority)
        while stream := connection.execute(first.where(events.c.stream >= after)).scalar():
            found.append(str(stream).partition(":")[0])
            after = f"{found[-1]};"
    return found
