"""Questions that come together are asked together, and what befalls one is its own affair."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError

from shared.batched import Batched, readings
from shared.errors import Unavailable
from tests.postgres.appends import Connecting, eventually
from tests.postgres.server import Server

FAULT = "nothing FROM nowhere"


class Asking:
    """Batches as they are asked; each waits at the gate, which is open at first."""

    def __init__(self, engine: sa.Engine, **more: Any) -> None:
        self.batches: list[list[str]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.batched = Batched(engine, self.answer, **more)

    def answer(self, connection: sa.Connection, asked: Sequence[str]) -> list[int]:
        self.batches.append(list(asked))
        if "slow" in asked[0]:
            self.gate.wait(60)
        return [connection.exec_driver_sql(f"SELECT {each}").scalar_one() for each in asked]

    async def all(self, *questions: str) -> list[Any]:
        return await asyncio.gather(*map(self.batched.ask, questions), return_exceptions=True)

    async def under_way(self, question: str) -> "asyncio.Task[int]":
        """A question that waits at the gate, once it does."""
        self.gate.clear()
        task = asyncio.create_task(self.batched.ask(question))
        while [question] not in self.batches:
            await asyncio.sleep(0)
        return task


@pytest.fixture
def asking(engine: sa.Engine) -> Iterator[Asking]:
    asking = Asking(engine)
    yield asking
    asking.gate.set()
    asking.batched.close()


def test_what_is_asked_in_one_turn_is_asked_together_and_answered_in_turn(asking: Asking) -> None:
    questions = [str(number) for number in range(20)]
    assert asyncio.run(asking.all(*questions)) == list(range(20))
    assert asking.batches == [questions]


def test_what_comes_while_a_batch_is_under_way_makes_up_the_next(asking: Asking, monkeypatch: Any) -> None:
    monkeypatch.setattr("shared.batched.PATIENCE", 60)

    async def story() -> list[int]:
        first = await asking.under_way("1 -- slow")
        others = [asyncio.create_task(asking.batched.ask(question)) for question in ("2", "3")]
        await asyncio.sleep(0)
        others.append(asyncio.create_task(asking.batched.ask("4")))
        await asyncio.sleep(0)
        asking.gate.set()
        return await asyncio.gather(first, *others)

    assert asyncio.run(story()) == [1, 2, 3, 4]
    assert asking.batches == [["1 -- slow"], ["2", "3", "4"]]


def test_a_batch_holds_no_more_than_it_may(engine: sa.Engine) -> None:
    asking = Asking(engine, batch=2)
    assert asyncio.run(asking.all("1", "2", "3", "4", "5")) == [1, 2, 3, 4, 5]
    asking.batched.close()
    assert asking.batches == [["1", "2"], ["3", "4"], ["5"]]


def test_one_at_fault_harms_no_other(asking: Asking) -> None:
    first, fault, last = asyncio.run(asking.all("1", FAULT, "3"))
    assert (first, last) == (1, 3)
    assert isinstance(fault, DBAPIError)
    assert asking.batches == [["1", FAULT, "3"], ["1"], [FAULT], ["3"]]
    assert asyncio.run(asking.all("4")) == [4]


def test_a_slow_one_is_overtaken(asking: Asking) -> None:
    async def story() -> tuple[int, bool, int]:
        slow = await asking.under_way("1 -- slow")
        quick = await asyncio.wait_for(asking.batched.ask("2"), 30)
        before = slow.done()
        asking.gate.set()
        first = await slow
        [waiting] = asking.batched._loops.values()
        assert (waiting.under_way, waiting.overtaken) == (0, 0)
        return quick, before, first

    assert asyncio.run(story()) == (2, False, 1)
    assert asyncio.run(asking.all("3", "4")) == [3, 4]
    assert asking.batches[-1] == ["3", "4"]


def test_who_gives_up_is_not_asked_for(asking: Asking) -> None:
    async def one_of_two() -> int:
        tasks = [asyncio.create_task(asking.batched.ask(question)) for question in ("1", "2")]
        await asyncio.sleep(0)  # both wait, and nothing is asked yet
        tasks[0].cancel()
        return await tasks[1]

    assert asyncio.run(one_of_two()) == 2
    assert asking.batches == [["2"]]


def test_who_gives_up_while_it_is_asked_keeps_no_other_from_the_answer(asking: Asking) -> None:
    async def story() -> list[Any]:
        first = await asking.under_way("1 -- slow")
        first.cancel()
        asking.gate.set()
        return await asking.all("2", "3")

    assert asyncio.run(story()) == [2, 3]


def test_every_loop_gets_its_own_answers(asking: Asking) -> None:
    found: dict[int, list[Any]] = {}

    def ask(number: int) -> None:
        found[number] = asyncio.run(asking.all(*(str(10 * number + n) for n in range(5))))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: [10 * number + n for n in range(5)] for number in range(6)}


def test_a_loop_that_closes_while_it_is_asked_holds_up_no_other(asking: Asking) -> None:
    gone = asyncio.new_event_loop()
    task = gone.run_until_complete(asking.under_way("1 -- slow"))
    task.cancel()
    gone.run_until_complete(asyncio.gather(task, return_exceptions=True))
    gone.close()
    asking.gate.set()
    assert asyncio.run(asking.all("2")) == [2]


def test_what_is_asked_too_late_is_unavailable_and_what_is_under_way_is_answered(asking: Asking) -> None:
    async def story() -> list[Any]:
        first = await asking.under_way("1 -- slow")
        waiting = asyncio.create_task(asking.batched.ask("2"))
        await asyncio.sleep(0)
        asking.gate.set()
        asking.batched.close()
        late = asyncio.create_task(asking.batched.ask("3"))
        return await asyncio.gather(first, waiting, late, return_exceptions=True)

    first, waiting, late = asyncio.run(story())
    assert first == 1
    assert [type(each) for each in (waiting, late)] == [Unavailable, Unavailable]


def test_what_is_read_sees_what_was_written_since(engine: sa.Engine) -> None:
    """On SQLite a transaction left open would show the database as it was."""
    reading = readings(engine)

    def keys(connection: sa.Connection) -> int:
        found: int = connection.exec_driver_sql("SELECT count(*) FROM series").scalar_one()
        return found

    found = []
    for number in range(3):
        found.append(asyncio.run(reading.ask(keys)))
        with engine.begin() as connection:
            connection.execute(sa.text("INSERT INTO series VALUES ('COV', :name, 1)"), {"name": f"n-{number}"})
    reading.close()
    assert found == [0, 1, 2]


@pytest.fixture
def of_postgres(postgres_url: str, connecting: Connecting) -> Iterator[Asking]:
    asking = Asking(connecting(postgres_url))
    yield asking
    asking.gate.set()
    asking.batched.close()


def _end_sessions(postgres: Server, asking: Asking) -> int:
    name = asking.batched._engine.url.database
    told = f"pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    return sum(ended for (ended,) in postgres.execute(f"SELECT {told}"))


def test_a_lost_connection_is_replaced_and_nobody_hears_of_it(postgres: Server, of_postgres: Asking) -> None:
    assert asyncio.run(of_postgres.all("1", "2")) == [1, 2]
    assert _end_sessions(postgres, of_postgres) == 1
    assert asyncio.run(of_postgres.all("3", "4")) == [3, 4]
    assert of_postgres.batches == [["1", "2"], ["3", "4"], ["3", "4"]]


def test_a_connection_that_is_lost_without_a_word_is_replaced_too(postgres: Server, of_postgres: Asking) -> None:
    """The driver's own errors do not say that it was; and to roll back on such a connection is an error again."""
    reading = readings(of_postgres.batched._engine)
    asked: list[int] = []

    def by_the_driver(connection: sa.Connection) -> int:
        driver: Any = connection.connection.driver_connection
        asked.append(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
        if len(asked) == 1:
            _end_sessions(postgres, of_postgres)
        return driver.execute("SELECT 1").fetchone()[0]  # type: ignore[no-any-return]

    async def story() -> int:
        return await asyncio.wait_for(reading.ask(by_the_driver), 30)

    assert asyncio.run(story()) == 1
    assert len(set(asked)) == 2
    reading.close()
    pool: Any = of_postgres.batched._engine.pool
    assert pool.checkedout() == 0


def test_a_database_that_is_gone_is_told_once_and_asked_again_when_it_is_back(
    postgres: Server, of_postgres: Asking
) -> None:
    assert asyncio.run(of_postgres.all("1")) == [1]
    name = of_postgres.batched._engine.url.database
    postgres.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    _end_sessions(postgres, of_postgres)
    assert [type(each) for each in asyncio.run(of_postgres.all("2", "3"))] == [OperationalError] * 2
    postgres.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    assert asyncio.run(of_postgres.all("4", "5")) == [4, 5]
    assert of_postgres.batches == [["1"], ["2", "3"], ["4", "5"]]


def test_connections_are_given_back(engine: sa.Engine) -> None:
    asking = Asking(engine)
    asyncio.run(asking.all("1", FAULT))
    asking.batched.close()
    pool: Any = engine.pool
    eventually(lambda: pool.checkedout() == 0)
