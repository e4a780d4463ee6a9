"""A machine that fails: a disk without room, a clock that goes back. `fault.c` is preloaded into real servers."""

import asyncio

from tests.e2e.commands import Deployment
from tests.postgres.server import Server
from tests.torture.counts import Count, Effort
from tests.torture.killing import address, prepared, served
from tests.torture.lab import Machine, OnMachine
from tests.torture.load import Load


async def faults(machine: Machine, fault: str, load: Load, effort: Effort, postgres: Server | None = None) -> int:
    """Let a fault come and go at random moments; how often. A database that gave up is started again."""
    rounds = effort.rounds(least=2)
    for _ in rounds:
        await asyncio.sleep(load.random.uniform(0.05, 0.3))
        with machine.having(fault):
            await asyncio.sleep(load.random.uniform(0.01, 0.2))
        if postgres and not await asyncio.to_thread(postgres.answers, 3):
            await asyncio.to_thread(postgres.crash)
    return rounds.done


def disk_full_on_sqlite(effort: Effort) -> list[Count]:
    """The server's disk fills up and has room again, again and again under load."""
    deployment = OnMachine(effort.folder / "home", machine=effort.lab.servers)
    load = prepared(deployment, effort.random("disk full"))
    with deployment.serving() as server:
        done = asyncio.run(load.during(server.url, lambda: faults(effort.lab.servers, "full", load, effort)))
    return [Count("times without room", done), Count("put off", load.put_off), *load.counts(address(deployment))]


def disk_full_on_postgres(effort: Effort) -> list[Count]:
    """The same for the disk of PostgreSQL, which stops where it cannot write its WAL."""
    deployment = Deployment(effort.folder / "home", effort.lab.url())
    load = prepared(deployment, effort.random("disk full"))
    with served(deployment) as url:
        lab = effort.lab
        done = asyncio.run(load.during(url, lambda: faults(lab.databases, "full", load, effort, lab.postgres)))
    return [Count("times without room", done), Count("put off", load.put_off), *load.counts(address(deployment))]


def clock_back(effort: Effort) -> list[Count]:
    """The server's clock goes back an hour and forth again, under load; the log's must not."""
    deployment = OnMachine(effort.folder / "home", machine=effort.lab.servers)
    load = prepared(deployment, effort.random("clock"))
    load.assigning = 0.0  # around midnight, an officer would be named the day before the complaint came
    with deployment.serving() as server:
        done = asyncio.run(load.during(server.url, lambda: faults(effort.lab.servers, "back", load, effort)))
    return [Count("times that the clock went back", done), *load.counts(address(deployment))]
