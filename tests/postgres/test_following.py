"""On PostgreSQL too, the read models are the log, however they were built."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting import checkpoints
from services.reporting.facts import CaseFact
from services.reporting.follower import Follower
from services.reporting.tables import TABLES
from shared import events as e
from shared.database import connect
from tests.histories import CALENDAR, History
from tests.postgres.appends import Connecting, unguarded
from tests.postgres.server import Server
from tests.property.test_reporting import histories, recorded, rows, stored

CASES = TABLES[CaseFact]
_KEPT_WAITING = sa.text("SELECT EXISTS (SELECT FROM pg_locks WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid)))")
_numbers = count(1)


@settings(max_examples=8, deadline=None)
@given(told=histories(), size=st.integers(1, 7))
def test_a_rebuild_gives_what_following_gave(
    postgres: Server, postgres_template: str, told: list[tuple[str, e.Event]], size: int
) -> None:
    database = f"followed_{next(_numbers)}"
    postgres.execute(f"CREATE DATABASE {database} TEMPLATE {postgres_template}")
    engine = connect(postgres.url(database))
    unguarded(engine)
    follower = Follower(engine, stored(engine, recorded(told)), lambda _: CALENDAR)
    while follower.follow("COV", limit=size):
        pass
    followed = rows(engine)
    assert follower.rebuild("COV") == len(told)
    assert rows(engine) == followed
    engine.dispose()
    postgres.execute(f"DROP DATABASE {database}")


def test_what_an_interrupted_rebuild_is_still_writing_is_gone_with_the_rest_of_it(
    postgres_url: str, connecting: Connecting
) -> None:
    """A process that was killed leaves its last transaction to the server, which ends it when it will."""
    engine = connecting(postgres_url)
    unguarded(engine)
    history = History().complaint("A", "2024-04-02")
    follower = Follower(engine, stored(engine, history.recorded()), lambda _: CALENDAR)
    follower.catch_up("COV")
    followed = rows(engine)
    with engine.begin() as connection:
        _, new = checkpoints.begin_anew(connection, "COV")
    with ThreadPoolExecutor(1) as other, engine.connect() as writing:
        with writing.begin():
            checkpoints.move(writing, "COV", new, 0, 2)
            copied = sa.select(*(sa.literal(new) if c.name == "generation" else c for c in CASES.c))
            writing.execute(sa.insert(CASES).from_select(list(CASES.c), copied))
            rebuilt = other.submit(follower.rebuild, "COV")
            while not writing.scalar(_KEPT_WAITING):
                assert not rebuilt.done()
        assert rebuilt.result() == len(history.told)
    assert rows(engine) == followed
