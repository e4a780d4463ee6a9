"""Following the log: a rebuild against reading the same events, and catching up after a short and after a long log.

`make bench` rebuilds three hundred thousand events, as many as fit its ten minutes; `make bench-large` ten million. To
catch up is to take in the same number of new events, each of another of the newest cases, in turns: reports' read
models, and how far the services that act on others' events have looked, for whom none of these is one to act on.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pydantic import SecretStr

import migrations
from benchmarks import bulk
from benchmarks.intake import DURABLE, entry
from services.cases import following as cases
from services.ombudsman import following as ombudsman
from services.reporting.follower import Follower
from shared.authority import authority
from shared.database import connect, upsert
from shared.following import followers
from shared.log import Log
from shared.register import Register
from shared.settings import Settings
from tests.postgres.server import Server, postgres_server

SMALL, LONG_LOG, LARGE = (bulk.Size(cases, events=10, open=10) for cases in (3_000, 30_000, 1_000_000))
ROUNDS = 5
SHORT, LONG, LONGEST = (bulk.Size(cases, events=4, open=10) for cases in (2_500, 25_000, 250_000))
NEW = 2_500
"""Events to catch up: one a case of the short log, and as many of the others."""

FAST: dict[str, str] = DURABLE | {"max_wal_size": "4GB"}
REACTIONS = (cases.REACTIONS, ombudsman.REACTIONS)


def measure(*sizes: bulk.Size, followed: tuple[bulk.Size, ...] = (SHORT, LONG)) -> list[dict[str, Any]]:
    """A rebuild of each size beside the reading of it, and catching up after each other log beside the first."""
    with postgres_server(FAST) as server:
        rebuilt = [_rebuilt(server, size) for size in sizes]
        return [*rebuilt, *_caught_up(server, followed)]


def timed(act: Callable[[], Any]) -> float:
    """The seconds that it takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def against(rival: Callable[[], Any], ours: Callable[[], Any], rounds: int) -> tuple[float, float]:
    """The median seconds of each, taken in turns."""
    theirs, own = zip(*((timed(rival), timed(ours)) for _ in range(rounds)), strict=True)
    return statistics.median(theirs), statistics.median(own)


def filled(server: Server, name: str, size: bulk.Size) -> sa.Engine:
    """A register of a size in a database of its own."""
    server.execute(f"CREATE DATABASE {name}")
    engine = connect(server.url(name))
    migrations.upgrade(engine)
    bulk.fill(server.url(name), size)
    return engine


def follower(engine: sa.Engine) -> Follower:
    """What keeps the read models of a register."""
    return Follower(engine, Log(engine), lambda code: authority(code).calendar)


def _rebuilt(server: Server, size: bulk.Size) -> dict[str, Any]:
    """Measured in a process of its own, whose memory is that of reading and rebuilding alone."""
    events = size.cases * size.events
    filled(server, f"rebuilt_{events}", size).dispose()
    print(f"  {events:,} events are there", flush=True)
    rounds = ROUNDS if size == SMALL else 1
    command = [sys.executable, "-m", "benchmarks.rebuild", server.url(f"rebuilt_{events}"), str(rounds)]
    theirs, own, memory = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    server.execute(f"DROP DATABASE rebuilt_{events}")
    print(f"  {events:,} events: read in {theirs:.1f} s, rebuilt in {own:.1f} s, within {memory:.0f} MiB", flush=True)
    return entry(f"rebuilding {events:,} events against reading and decoding them", own / theirs, 3, "lower")


def main(url: str, rounds: str) -> None:
    """Print the seconds of reading and of rebuilding what a database holds, and the most memory held, in MiB."""
    engine = connect(url)
    log = Log(engine)

    def read() -> None:
        for recorded in log.walk(bulk.AUTHORITY):
            assert recorded.event

    took = against(read, lambda: follower(engine).rebuild(bulk.AUTHORITY), int(rounds))
    print(json.dumps([*took, _most_held()]))


def _most_held() -> float:
    """The most memory that this process held, in MiB; `getrusage` counts what the one held that began it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


class Followed:
    """A register whose log is followed to its end, by reports and by the services that act on others' events."""

    def __init__(self, engine: sa.Engine, size: bulk.Size, home: Path) -> None:
        self._engine, self._follower = engine, follower(engine)
        self._newest = list(islice(size.references, NEW))
        self.rebuilt = timed(lambda: self._follower.rebuild(bulk.AUTHORITY))
        """The seconds that a rebuild took."""
        bulk.settle(engine)
        url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._register = Register.open(Settings(home=home, database_url=SecretStr(url)))
        with engine.begin() as connection:
            end = Log(engine).head(connection, bulk.AUTHORITY).position
            places = [{"authority": bulk.AUTHORITY, "position": end, "follower": one.follower} for one in REACTIONS]
            upsert(connection, followers, places)

    def catch_up(self) -> dict[str, float]:
        """Record new events; the microseconds that taking in one of them takes of each follower."""
        bulk.reassign(self._engine, self._newest)
        took = {"reports": timed(lambda: self._follower.catch_up(bulk.AUTHORITY))}
        for one in REACTIONS:
            took[one.follower] = timed(lambda one=one: asyncio.run(one.follow(self._register, bulk.AUTHORITY)))  # type: ignore[misc] # a lambda's default
        return {name: seconds / NEW * 1e6 for name, seconds in took.items()}

    def close(self) -> None:
        """Let the register go."""
        self._register.appender.close()
        self._register.engine.dispose()
        self._engine.dispose()


def _caught_up(server: Server, sizes: tuple[bulk.Size, ...]) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="redress-bench-") as home:
        registers = {
            size.cases * size.events: Followed(filled(server, f"followed_{size.cases}", size), size, Path(home))
            for size in sizes
        }
        rounds = [{events: register.catch_up() for events, register in registers.items()} for _ in range(ROUNDS + 1)]
        for register in registers.values():
            register.close()
    first, *others = registers
    entries = []
    for name in rounds[0][first]:
        took = {events: statistics.median(each[events][name] for each in rounds[1:]) for events in registers}
        told = ", ".join(f"{took[events]:.0f} us after {events:,}" for events in took)
        print(f"  {name} caught up: an event in {told}", flush=True)
        entries += [
            entry(
                f"{name}: catching up after {events:,} events against {first:,}",
                took[events] / took[first],
                1.2,
                "lower",
            )
            for events in others
        ]
    return entries


if __name__ == "__main__":
    main(*sys.argv[1:])
