"""Writers in processes of their own: what a follower sees of them, and what is left when they or their sessions die."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from shared.errors import Unavailable
from shared.log import ANY, Appended, Appender, Log, VersionConflict, verify
from shared.log.chain import Anchor
from tests.postgres.appends import AUTHORITY, Connecting, an_append, eventually, holding_the_lock, positions, tamper
from tests.postgres.processes import Writer, complete, reconcile, running, tail
from tests.postgres.server import Server


def test_a_follower_sees_every_event_in_order_whatever_the_writers_do(
    engine: sa.Engine, url: str, tmp_path: Path
) -> None:
    """Stores that number by a sequence, or guess whether a gap is still in flight, lose events here."""
    log = Log(engine)

    def read(after: int, limit: int) -> list[int]:
        return [recorded.position for recorded in log.read(AUTHORITY, after, limit=limit)]

    with running(tmp_path, "transactions", url, processes=4, count=40) as writers:
        seen = tail(read, writers, Random(1))
        complete(writers)
    recorded = list(log.walk(AUTHORITY))
    assert seen == positions(engine) == list(range(1, len(recorded) + 1))
    acknowledged = sorted((int(position), event_id) for w in writers for position, event_id in w.said("ack"))
    assert acknowledged == [(r.position, r.event_id) for r in recorded]
    for stream in {r.stream for r in recorded}:
        versions = [r.version for r in recorded if r.stream == stream]
        assert versions == list(range(1, len(versions) + 1))
    assert isinstance(verify(engine, AUTHORITY), Anchor)


def test_the_same_follower_misses_events_that_a_sequence_has_numbered(
    postgres_url: str, tmp_path: Path, connecting: Connecting
) -> None:
    """So the test above can fail: rows become visible in another order than that of their numbers."""
    engine = connecting(postgres_url)
    tamper(engine, "CREATE TABLE naive (position bigserial PRIMARY KEY)")
    statement = sa.text("SELECT position FROM naive WHERE position > :after ORDER BY position LIMIT :limit")

    def read(after: int, limit: int) -> list[int]:
        with engine.connect() as connection:
            return list(connection.execute(statement, {"after": after, "limit": limit}).scalars())

    with running(tmp_path, "naive", postgres_url, processes=4, count=40) as writers:
        seen = tail(read, writers, Random(1))
        complete(writers)
    with engine.connect() as connection:
        written = set(connection.execute(sa.text("SELECT position FROM naive")).scalars())
    missed = written - set(seen)
    assert len(written) > 100
    assert missed


def test_nothing_acknowledged_is_lost_when_writers_are_killed(engine: sa.Engine, url: str, tmp_path: Path) -> None:
    random = Random(2)
    killed: list[Writer] = []
    for seed in (0, 2):
        with running(tmp_path, "keyed", url, processes=2, count=100_000, seed=seed) as writers:
            for writer in writers:
                enough = random.randint(20, 120)
                eventually(lambda writer=writer, enough=enough: len(writer.said("ack")) >= enough or writer.over)
                assert not writer.over, writer.spoken.read_text()[-2000:]
                writer.process.kill()
                killed.append(writer)
    assert all(writer.said("ack") and not writer.said("done") for writer in killed)
    reconcile(Log(engine), killed)


def sessions(server: Server, database: str, condition: str = "true") -> list[int]:
    """The backends that the register has on a database."""
    return [
        pid
        for (pid,) in server.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'redress' "
            f"AND datname = '{database}' AND {condition} ORDER BY pid"
        )
    ]


def test_nothing_acknowledged_is_lost_when_sessions_are_ended(
    postgres: Server, postgres_url: str, connecting: Connecting
) -> None:
    engine = connecting(postgres_url)
    database = str(engine.url.database)
    log, random = Log(engine), Random(3)
    appender = Appender(log, batch=8)
    ended = 0
    answers: dict[str, Future[Appended]] = {}
    for number in range(400):
        key = f"k-{number}"
        answers[key] = appender.submit(an_append(f"case:{key}", key=key))
        if number % 40 == 20:
            eventually(lambda key=f"k-{number - 20}": answers[key].done())
            for pid in sessions(postgres, database):
                ended += postgres.execute(f"SELECT pg_terminate_backend({pid})")[0][0]
        if random.random() < 0.1:
            eventually(answers[key].done)
    appender.close()
    assert ended >= 5
    first = {key: future.result() for key, future in answers.items() if not future.exception()}
    for key, future in answers.items():
        assert isinstance(future.exception(), Unavailable | None)
        answer = log.append(an_append(f"case:{key}", key=key))
        assert key not in first or (answer.replayed and answer.position == first[key].position)
    assert positions(engine) == list(range(1, 401))
    assert isinstance(verify(engine, AUTHORITY), Anchor)


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE", "AUTOCOMMIT"])
def test_the_session_that_follows_one_that_was_ended_is_isolated_as_it_was(
    postgres: Server, postgres_url: str, level: Any, request: pytest.FixtureRequest
) -> None:
    """SQLAlchemy reconnects a connection without the options that it was made with: as the engine is set to."""
    engine = sa.create_engine(sa.make_url(postgres_url).set(drivername="postgresql+psycopg"), isolation_level=level)
    request.addfinalizer(engine.dispose)
    seen: list[tuple[int, str, bool]] = []

    @sa.event.listens_for(engine, "commit")
    def note(connection: sa.Connection) -> None:
        driver: Any = connection.connection.driver_connection
        [isolation] = connection.exec_driver_sql("SHOW transaction_isolation").one()
        seen.append((driver.info.backend_pid, isolation, driver.autocommit))

    appender = Appender(Log(engine))
    request.addfinalizer(appender.close)
    for _ in range(3):
        assert appender.submit(an_append()).result(30)
        pid = seen[-1][0]
        assert postgres.execute(f"SELECT pg_terminate_backend({pid}, 30000)") == [(True,)]
    assert appender.submit(an_append()).result(30).position == 4
    assert appender.submit(an_append()).result(30).position == 5
    assert len({pid for pid, _, _ in seen}) >= 4
    assert {(isolation, autocommit) for _, isolation, autocommit in seen} == {("read committed", False)}


def test_nothing_is_appended_from_a_snapshot_older_than_the_lock(postgres_url: str, connecting: Connecting) -> None:
    """An engine that insists on its level is refused rather than believed."""
    log = Log(connecting(postgres_url).execution_options(isolation_level="REPEATABLE READ"))
    with pytest.raises(RuntimeError, match="READ COMMITTED"):
        log.append(an_append())


@pytest.mark.parametrize("key", ["k", None], ids=["keyed", "unkeyed"])
def test_a_session_ended_before_its_commit_is_made_good(
    postgres: Server, postgres_url: str, connecting: Connecting, key: Any
) -> None:
    """The commit waits on a trigger that waits on us; its session ends there, so nothing of it was written."""
    engine = connecting(postgres_url)
    tamper(
        engine,
        """CREATE FUNCTION wait_for_us() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_advisory_xact_lock_shared(4242); RETURN NULL; END $$""",
        """CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON events
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait_for_us()""",
    )
    with ThreadPoolExecutor() as pool:
        with connecting(postgres_url).connect() as holder:
            holder.execute(sa.text("SELECT pg_advisory_lock(4242)"))
            future = pool.submit(Log(engine).append, an_append(key=key))
            waiting = "wait_event = 'advisory' AND query = 'COMMIT'"
            [pid] = eventually(lambda: sessions(postgres, str(engine.url.database), waiting))
            postgres.execute(f"SELECT pg_terminate_backend({pid})")
            eventually(lambda: pid not in sessions(postgres, str(engine.url.database)))
            holder.execute(sa.text("SELECT pg_advisory_unlock(4242)"))
        answer = future.result(timeout=30)
    assert (answer.position, answer.replayed) == (1, False)
    assert positions(engine) == [1]


@contextmanager
def a_standby_away(postgres: Server) -> Iterator[None]:
    """Meanwhile every commit that wrote something waits for a standby that never comes."""
    try:
        postgres.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        postgres.execute("SELECT pg_reload_conf()")
        eventually(lambda: postgres.execute("SHOW synchronous_standby_names") == [("nobody",)])
        yield
    finally:
        postgres.execute("ALTER SYSTEM RESET synchronous_standby_names")
        postgres.execute("SELECT pg_reload_conf()")
        eventually(lambda: postgres.execute("SHOW synchronous_standby_names") == [("",)])


def test_an_answer_is_not_given_again_before_the_standby_has_it(
    postgres: Server, postgres_url: str, connecting: Connecting
) -> None:
    """Its commit may have reached this server alone: what was told could be lost with it."""
    engine = connecting(postgres_url)
    log = Log(engine)
    item = an_append(key="k")
    assert item.key
    answer = log.append(item)
    with ThreadPoolExecutor() as pool:
        with a_standby_away(postgres):
            again = [pool.submit(log.append, item), pool.submit(log.answered, AUTHORITY, item.key)]
            eventually(
                lambda: len(sessions(postgres, str(engine.url.database), "wait_event = 'SyncRep'")) == len(again)
            )
            assert not any(future.done() for future in again)
        assert [future.result(timeout=30) for future in again] == [replace(answer, replayed=True)] * 2
    assert positions(engine) == [1]


@pytest.mark.parametrize("key", ["k", None], ids=["keyed", "unkeyed"])
def test_a_session_ended_after_its_commit_is_looked_up_and_not_repeated(
    postgres: Server, postgres_url: str, connecting: Connecting, key: Any
) -> None:
    """The commit is durable here and waits for a standby; its session ends there, so nobody was told.

    Nobody is told either before the standby has it: what is looked up waits for it again.
    """
    engine = connecting(postgres_url)
    log = Log(engine)
    log.append(an_append())

    def waiting() -> list[int]:
        return sessions(postgres, str(engine.url.database), "wait_event = 'SyncRep'")

    with ThreadPoolExecutor() as pool:
        with a_standby_away(postgres):
            future = pool.submit(log.append, an_append(key=key))
            [pid] = eventually(waiting)
            postgres.execute(f"SELECT pg_terminate_backend({pid})")
            eventually(lambda: {*waiting()} - {pid})
            assert not future.done()
        answer = future.result(timeout=30)
    assert answer.position == 2
    assert positions(engine) == [1, 2]
    assert log.append(an_append()).position == 3


def test_a_database_that_is_gone_makes_appends_unavailable(
    postgres: Server, postgres_url: str, connecting: Connecting
) -> None:
    engine = connecting(postgres_url)
    log, name = Log(engine), str(engine.url.database)
    before = Appender(log)
    assert before.submit(an_append()).result(30).position == 1
    postgres.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    for pid in sessions(postgres, name):
        postgres.execute(f"SELECT pg_terminate_backend({pid})")
    assert [type(result) for result in log.append_batch([an_append(), an_append("case:2")])] == [Unavailable] * 2
    during = Appender(log)
    for appender in (before, during):
        with pytest.raises(Unavailable):
            appender.submit(an_append()).result(30)
    postgres.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    assert [appender.submit(an_append()).result(30).position for appender in (before, during)] == [2, 3]
    assert log.append(an_append()).position == 4
    before.close()
    during.close()


# --- the appender of a process --------------------------------------------------------------------------------------


@pytest.fixture
def held(engine: sa.Engine) -> Any:
    """The section, held by another until it is let go."""
    go, inside = threading.Event(), threading.Event()

    def hold() -> None:
        with holding_the_lock(engine):
            inside.set()
            go.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    inside.wait(60)
    yield go.set
    go.set()
    thread.join()


def test_an_appender_commits_what_waits_at_once_and_keeps_an_items_fault_to_itself(
    engine: sa.Engine, held: Callable[[], None]
) -> None:
    appender = Appender(Log(engine))
    first = appender.submit(an_append("case:first"))
    eventually(first.running)
    items = [an_append("case:fault", 99 if n % 5 == 2 else ANY) for n in range(20)]
    futures = [appender.submit(item) for item in items]
    held()
    appender.close()
    assert [type(future.exception(30)) for future in futures] == [
        VersionConflict if n % 5 == 2 else type(None) for n in range(20)
    ]
    assert positions(engine) == list(range(1, 18))
    assert appender.batches == 2


def test_an_appender_serves_authorities_side_by_side(engine: sa.Engine, held: Callable[[], None]) -> None:
    appender = Appender(Log(engine))
    futures = [appender.submit(an_append(authority=("COV", "BIR")[n % 2])) for n in range(20)]
    held()
    appender.close()
    assert sorted(future.result(30).position for future in futures) == sorted([*range(1, 11)] * 2)
    for authority in ("COV", "BIR"):
        assert isinstance(verify(engine, authority), Anchor)
        assert positions(engine, authority) == list(range(1, 11))


def test_what_is_cancelled_while_it_waits_is_never_written(engine: sa.Engine, held: Callable[[], None]) -> None:
    appender = Appender(Log(engine), batch=1)
    first = appender.submit(an_append("case:first"))
    eventually(first.running)
    second, third = appender.submit(an_append("case:second")), appender.submit(an_append("case:third"))
    assert second.cancel()
    held()
    appender.close()
    assert not first.cancel()
    assert second.cancelled()
    assert (first.result(30).position, third.result(30).position) == (1, 2)
    assert {r.stream for r in Log(engine).read(AUTHORITY)} == {"case:first", "case:third"}


def test_a_full_queue_is_unavailable_and_keeps_what_it_took(engine: sa.Engine, held: Callable[[], None]) -> None:
    appender = Appender(Log(engine), batch=1, capacity=3)
    first = appender.submit(an_append("case:0"))
    eventually(first.running)
    taken = [appender.submit(an_append(f"case:{n}")) for n in (1, 2, 3)]
    with pytest.raises(Unavailable):
        appender.submit(an_append("case:4"))
    held()
    appender.close()
    assert [future.result(30).position for future in (first, *taken)] == [1, 2, 3, 4]


def test_an_appender_that_closes_finishes_what_waits_and_takes_no_more(
    engine: sa.Engine, held: Callable[[], None]
) -> None:
    appender = Appender(Log(engine), batch=4)
    futures = [appender.submit(an_append(f"case:{n}")) for n in range(50)]
    closing = threading.Thread(target=appender.close)
    closing.start()

    def refused() -> bool:
        try:
            futures.append(appender.submit(an_append("case:late")))
        except Unavailable:
            return True
        return False

    eventually(refused)
    held()
    closing.join()
    appender.close()
    assert [future.result(30).position for future in futures] == list(range(1, len(futures) + 1))
    assert appender.appended == len(futures)


def test_what_an_event_loop_brings_in_one_turn_is_one_commit(engine: sa.Engine) -> None:
    appender = Appender(Log(engine))

    async def together() -> list[Appended | BaseException]:
        items = [an_append(f"case:{n}", 99 if n == 3 else ANY) for n in range(20)]
        return await asyncio.gather(*map(appender.append, items), return_exceptions=True)

    answers = asyncio.run(together())
    appender.close()
    assert [type(answer) for answer in answers] == [VersionConflict if n == 3 else Appended for n in range(20)]
    assert appender.batches == 1
    assert positions(engine) == list(range(1, 20))


def test_a_task_that_gives_up_while_it_waits_is_never_written(engine: sa.Engine) -> None:
    appender = Appender(Log(engine))

    async def one_of_two() -> Appended:
        tasks = [asyncio.create_task(appender.append(an_append(f"case:{n}"))) for n in range(2)]
        await asyncio.sleep(0)  # both wait, and nothing is handed over yet
        tasks[0].cancel()
        return await tasks[1]

    assert asyncio.run(one_of_two()).stream == "case:1"
    appender.close()
    assert positions(engine) == [1]


def test_a_loop_that_closes_in_its_turn_holds_up_no_other(engine: sa.Engine) -> None:
    appender = Appender(Log(engine))
    gone = asyncio.new_event_loop()
    task = gone.create_task(appender.append(an_append("case:1")))
    gone.call_soon(gone.stop)
    gone.run_forever()  # it is queued, and its loop never hands it over
    try:
        answer = asyncio.run(asyncio.wait_for(appender.append(an_append("case:2")), 30))
        assert (answer.stream, answer.position) == ("case:2", 1)
    finally:
        task.cancel()
        gone.run_until_complete(asyncio.gather(task, return_exceptions=True))
        gone.close()
        appender.close()
