"""What a writer does in a process of its own.

A writer says `ready`, waits to be let go, and then says what it tries and what was acknowledged, a line each, at once:
what it has said when it is killed is what a client would know.
"""

import os
from concurrent.futures import Future
from multiprocessing.synchronize import Event
from random import Random

import sqlalchemy as sa

import migrations
from shared.database import connect, writer
from shared.log import ANY, Appended, Appender, Log
from tests.postgres.appends import an_append, closed


def say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def pause(connection: sa.Connection, random: Random) -> None:
    """Let time go by inside a transaction, by a statement that takes it."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_sleep(:seconds)"), {"seconds": random.random() * 0.004})
    else:
        count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :last) SELECT count(*) FROM n"
        connection.execute(sa.text(count), {"last": random.randrange(10_000)})


def transactions(engine: sa.Engine, random: Random, count: int) -> None:
    """Batches of any size, some with a pause before the commit, some rolled back; all writers share five streams."""
    log = Log(engine)
    for number in range(count):
        items = [
            an_append(f"case:{random.randrange(5)}", random.choice([ANY, ANY, ANY, 3]), *[closed()] * size).ready()
            for size in random.choices([1, 2, 5], k=random.choice([1, 1, 3, 10]))
        ]
        with writer(engine).connect() as connection:
            results = log.append_within(connection, items)
            if number % 2:
                pause(connection, random)
            if random.random() < 0.2:
                connection.rollback()
                continue
            connection.commit()
        for item, result in zip(items, results, strict=True):
            if isinstance(result, Appended):
                for back in reversed(range(len(item.events))):
                    say("ack", result.position - back, item.prepared[-1 - back].event_id)


def naive(engine: sa.Engine, random: Random, count: int) -> None:
    """The same on a table that numbers its rows by a sequence."""
    for _ in range(count):
        with engine.connect() as connection:
            for _ in range(random.choice([1, 2, 5])):
                connection.execute(sa.text("INSERT INTO naive DEFAULT VALUES"))
            pause(connection, random)
            if random.random() < 0.2:
                connection.rollback()
            else:
                connection.commit()


def keyed(engine: sa.Engine, seed: int, count: int) -> None:
    """Appends with a key each, a few in flight at a time through the process's appender."""
    appender = Appender(Log(engine))
    waiting: list[Future[Appended]] = []

    def answered(key: str, future: "Future[Appended]") -> None:
        say("ack", key, future.result().position)

    for number in range(count):
        key = f"{seed}-{number}"
        say("try", key)
        future = appender.submit(an_append(f"case:{key}", key=key))
        future.add_done_callback(lambda future, key=key: answered(key, future))
        waiting.append(future)
        if len(waiting) == 8:
            waiting.pop(0).result()
    appender.close()


def run(kind: str, url: str, seed: int, count: int, spoken: str, go: Event) -> None:
    """The whole life of a writer; everything that it says goes to the file `spoken`."""
    output = os.open(spoken, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    engine = connect(url)
    if kind != "migrate":
        engine.connect().close()
    say("ready")
    go.wait()
    match kind:
        case "transactions":
            transactions(engine, Random(seed), count)
        case "naive":
            naive(engine, Random(seed), count)
        case "keyed":
            keyed(engine, seed, count)
        case "migrate":
            migrations.upgrade(engine)
    engine.dispose()
    say("done")
