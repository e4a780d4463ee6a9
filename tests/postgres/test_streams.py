"""Streams as they are read together: each whole and in order, and to whom it is kept from as if it were not there."""

import asyncio
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from shared import restrictions
from shared.events import CaseClosed
from shared.log import Log
from shared.restrictions import case_restrictions
from shared.streams import Stored, Streams, Wanted
from tests.postgres.appends import AUTHORITY, filled


@pytest.fixture
def log(engine: sa.Engine) -> Log:
    return filled(engine)


@pytest.fixture
def streams(engine: sa.Engine) -> Iterator[Streams]:
    streams = Streams(engine)
    yield streams
    streams.close()


def wanted(number: int, actor: str | None = "key:1", since: int = 1, authority: str = AUTHORITY) -> Wanted:
    reference = f"COV-2026-00000{number}"
    return Wanted(authority, f"case:{reference}", since, reference, actor)


def ask(streams: Streams, *asked: Wanted) -> list[list[Stored]]:
    async def together() -> list[list[Stored]]:
        return [list(found) for found in await asyncio.gather(*map(streams.ask, asked))]

    return asyncio.run(together())


def test_each_stream_is_answered_whole_and_in_order(log: Log, streams: Streams) -> None:
    asked = [wanted(2), wanted(7), wanted(0), wanted(0, authority="BIR"), wanted(1, since=2), wanted(2)]
    found = ask(streams, *asked)
    of = [log.stream(AUTHORITY, f"case:COV-2026-00000{number}") for number in range(3)]
    expected = [of[2], [], of[0], [], of[1][1:], of[2]]
    assert [[(s.event, s.hash) for s in each] for each in found] == [
        [(recorded.event, recorded.hash) for recorded in each] for each in expected
    ]
    assert isinstance(found[0][0].event, CaseClosed)


def test_a_restricted_case_is_there_for_those_named_and_for_the_register_only(
    log: Log, streams: Streams, engine: sa.Engine
) -> None:
    with engine.begin() as connection:
        rows = [
            {"authority": AUTHORITY, "reference": f"COV-2026-00000{number}", **restrictions.row(staff)}
            for number, staff in ((0, ("key:1", "key:2")), (1, ()))
        ]
        elsewhere = {"authority": "BIR", "reference": "COV-2026-000002", **restrictions.row(("key:9",))}
        connection.execute(case_restrictions.insert(), [*rows, elsewhere])
    actors = ("key:1", "key:2", "key:3", "KEY:1", "key:", None)
    found = ask(streams, *(wanted(0, actor) for actor in actors), wanted(1, "key:3"), wanted(2, "key:3"))
    assert [len(each) for each in found] == [4, 4, 0, 0, 0, 4, 3, 3]
