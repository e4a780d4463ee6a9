"""On PostgreSQL too, the read models are the log, however they were built."""

from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting.follower import Follower
from shared import events as e
from shared.database import connect
from tests.histories import CALENDAR
from tests.postgres.appends import unguarded
from tests.postgres.server import Server
from tests.property.test_reporting import histories, recorded, rows, stored

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
