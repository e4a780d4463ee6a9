"""Appends by 64 writers at once: group commit against one commit an append, and against the `eventsourcing` library.

Both of our sides record the same event with its idempotency key and its hash on the same database, through the same
code: what differs is only whether what waits is committed together. PostgreSQL runs with its durable defaults.
"""

import itertools
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate

import migrations
from shared.database import connect
from shared.events import RepresentationReceived
from shared.log import NO_STREAM, Append, Appender, Key, Log, Series
from tests.postgres.server import postgres_server

WRITERS = 64
SECONDS = 2.0
ROUNDS = 3
DURABLE: dict[str, str] = {"shared_buffers": "256MB", "max_connections": "300"}

_numbers = itertools.count()


def measure() -> list[dict[str, Any]]:
    """One entry a rival, from the medians of interleaved rounds."""
    entries = []
    with tempfile.TemporaryDirectory() as folder:
        rates = _rates(f"sqlite:///{Path(folder) / 'bench.db'}")
        entries.append(_entry("SQLite: group commit against one commit an append", rates, "one", 2))
    with postgres_server(DURABLE) as server:
        for database in ("bench", "rival"):
            server.execute(f"CREATE DATABASE {database}")
        rates = _rates(server.url("bench"), server.socket)
        entries.append(_entry("PostgreSQL: group commit against one commit an append", rates, "one", 3))
        entries.append(_entry("PostgreSQL: appends against eventsourcing's saves", rates, "eventsourcing", 3))
    return entries


def _entry(name: str, rates: dict[str, float], rival: str, target: float) -> dict[str, Any]:
    ratio = rates["group"] / rates[rival]
    print(f"  {name}: {rates['group']:,.0f}/s against {rates[rival]:,.0f}/s")
    return {"name": name, "ratio": round(ratio, 2), "target": target, "better": "higher", "met": ratio >= target}


def _rates(url: str, socket: Path | None = None) -> dict[str, float]:
    engine = connect(url)
    migrations.upgrade(engine)
    log = Log(engine)
    appender = Appender(log)
    turns: AbstractContextManager[object] = nullcontext() if socket else threading.Lock()

    def one() -> None:
        with turns:  # 64 connections would starve at SQLite's one lock: its writers take turns instead
            log.append(item())

    contestants: dict[str, Callable[[], object]] = {
        "group": lambda: appender.submit(item()).result(),
        "one": one,
    }
    with _rival(socket) as save:
        if save:
            contestants["eventsourcing"] = save
        found: dict[str, list[float]] = {name: [] for name in contestants}
        for _ in range(ROUNDS):
            for name, act in contestants.items():
                found[name].append(_rate(act))
    appender.close()
    with engine.connect() as connection:
        stored, last = connection.execute(sa.text("SELECT count(*), max(position) FROM events")).one()
    assert stored == last, "the log has a hole"
    engine.dispose()
    return {name: statistics.median(rates) for name, rates in found.items()}


def _rate(act: Callable[[], object]) -> float:
    """How often a second 64 threads together did it."""
    done = [0] * WRITERS
    over = threading.Event()
    ready = threading.Barrier(WRITERS + 1)

    def write(writer: int) -> None:
        try:
            act()
            ready.wait()
            while not over.is_set():
                act()
                done[writer] += 1
        finally:
            ready.abort()  # one that fails must not leave the others waiting

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    ready.wait()
    started = time.perf_counter()
    over.wait(SECONDS)
    over.set()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - started)


def item() -> Append:
    """A comment with an idempotency key of its own."""
    number = next(_numbers)
    event = RepresentationReceived(
        kind="comment",
        received_at=datetime.now(UTC),
        received_on=datetime.now(UTC).date(),
        channel="web_form",
        service_area="older_people",
        codes="sha256:" + "0" * 64,
    )
    key = Key(f"key-{number}", f"{number:064x}")
    return Append("COV", Series("comment", "COV-2026"), NO_STREAM, (event,), "bench", key)


@contextmanager
def _rival(socket: Path | None) -> Iterator[Callable[[], object] | None]:
    """`eventsourcing` in its default form, which locks its table so that readers miss nothing."""
    if socket is None:
        yield None
        return

    class Comment(Aggregate):
        def __init__(self, channel: str, service_area: str, codes: str) -> None:
            self.channel, self.service_area, self.codes = channel, service_area, codes

    settings = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": "rival",
        "POSTGRES_HOST": str(socket),
        "POSTGRES_PORT": "5432",
        "POSTGRES_USER": "postgres",
        "POSTGRES_PASSWORD": "",
        "POSTGRES_POOL_SIZE": "16",
        "POSTGRES_MAX_OVERFLOW": "64",
    }
    os.environ.pop("POSTGRES_ENABLE_DB_FUNCTIONS", None)
    application: Application = Application(settings)
    try:
        yield lambda: application.save(Comment("web_form", "older_people", "sha256:" + "0" * 64))
    finally:
        application.close()
