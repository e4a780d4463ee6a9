"""The memory and the time of `redress verify` over long logs: `python -m benchmarks.verifying [SIZE …]`.

Peak resident memory is the kernel's own account of each process. A log is made in bulk, hashed as the log hashes.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

import migrations
from shared.clock import stamp
from shared.database import connect
from shared.log.record import chain_hash, genesis
from shared.log.tables import events
from tests.postgres.appends import unguarded
from tests.postgres.server import postgres_server

SIZES = (10_000, 100_000, 1_000_000)
AUTHORITY = "COV"
_PAYLOAD = '{"acknowledged_on":"2026-01-02","breaches":[],"discussion_offered":true,"method":"letter"}'
_COLUMNS = ", ".join(column.name for column in events.c)


def rows(first: int, last: int, previous: str) -> Iterator[tuple[Any, ...]]:
    """Events of a chained log, from one position to another."""
    began = datetime(2026, 1, 1, tzinfo=UTC)
    for position in range(first, last + 1):
        stream, version = f"case:COV-2026-{position // 10:06d}", position % 10 + 1
        at = stamp(began + timedelta(seconds=position))
        row = (
            AUTHORITY,
            position,
            f"{position:036x}",
            stream,
            version,
            "complaint_acknowledged",
            1,
            "2026-01-02",
            at,
            at,
        )
        row += ("officer:7", f"{position:036x}", None, _PAYLOAD, previous)  # type: ignore[assignment]
        previous = chain_hash(row)
        yield (*row, previous)


def grow(engine: sa.Engine, size: int) -> None:
    """Lengthen the log of an unguarded database to a size, in bulk."""
    with engine.begin() as connection:
        end = connection.execute(
            sa.select(events.c.position, events.c.hash).order_by(events.c.position.desc()).limit(1)
        ).one_or_none()
        first, previous = (end.position + 1, end.hash) if end else (1, genesis(AUTHORITY))
        driver: Any = connection.connection.driver_connection
        if isinstance(driver, psycopg.Connection):
            with driver.cursor() as cursor, cursor.copy(f"COPY events ({_COLUMNS}) FROM STDIN".encode()) as copy:
                for row in rows(first, size, previous):
                    copy.write_row(row)
        else:
            marks = ", ".join("?" for _ in events.c)
            driver.executemany(f"INSERT INTO events ({_COLUMNS}) VALUES ({marks})", rows(first, size, previous))


def verified(url: str, home: Path) -> tuple[float, float, str]:
    """Run `redress verify`: its seconds, its peak memory in MiB, and what it said."""
    environment = {**os.environ, "REDRESS_HOME": str(home), "REDRESS_DATABASE_URL": url}
    began = time.monotonic()
    process = subprocess.Popen(
        [Path(sys.executable).with_name("redress"), "verify"], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, said
    return time.monotonic() - began, used.ru_maxrss / 1024, said.partition(",")[0]


def main() -> None:
    """Print a line for each database and size."""
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    with tempfile.TemporaryDirectory() as folder, postgres_server() as postgres:
        for url in (f"sqlite:///{folder}/redress.db", postgres.url()):
            engine = connect(url)
            migrations.upgrade(engine)
            unguarded(engine)
            for size in sizes:
                grow(engine, size)
                seconds, memory, said = verified(url, Path(folder))
                print(f"{engine.dialect.name:10}  {size:>9,} events  {memory:6.1f} MiB  {seconds:6.1f} s  {said}")
            engine.dispose()


if __name__ == "__main__":
    main()
