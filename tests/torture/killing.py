"""Processes killed at random moments under load: whole servers, and writers with many requests in flight."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import httpx

import migrations
from shared.access import Access
from shared.database import connect
from shared.log import Log
from tests.e2e.commands import Deployment
from tests.postgres.appends import eventually, positions
from tests.postgres.processes import Writer, reconcile, running
from tests.torture import forked
from tests.torture.counts import Count, Effort
from tests.torture.load import Found, Load


def address(deployment: Deployment) -> str:
    """Of the deployment's database."""
    return deployment.database_url or f"sqlite:///{deployment.home}/redress.db"


@contextmanager
def served(deployment: Deployment) -> Iterator[str]:
    """The address of a server that is ready, and told to end afterwards."""
    server, url = forked.serve(deployment)
    try:
        eventually(lambda: ready(url))
        yield url
    finally:
        server.process.terminate()
        assert server.end() == 0, server.output.read_text()


def ready(url: str) -> bool:
    """Whether a server answers that it is."""
    try:
        return httpx.get(f"{url}/health/ready", verify=False, trust_env=False, timeout=60).status_code == 200
    except httpx.TransportError:
        return False


def prepared(deployment: Deployment, random: Random) -> Load:
    """Migrate the deployment's database, and make a key for its clients."""
    deployment.home.mkdir(parents=True, exist_ok=True)
    engine = connect(address(deployment))
    migrations.upgrade(engine)
    key = Access(engine).create(
        "COV", "clients", ("complaints:write", "cases:write", "cases:read"), None, unlimited=True
    )
    engine.dispose()
    return Load(key, random)


def servers_killed_on_sqlite(effort: Effort) -> list[Count]:
    """`redress serve` on its own file, killed while it starts or while it serves."""
    return servers_killed(Deployment(effort.folder / "home"), effort)


def servers_killed_on_postgres(effort: Effort) -> list[Count]:
    """The same on PostgreSQL."""
    return servers_killed(Deployment(effort.folder / "home", effort.lab.url()), effort)


def servers_killed(deployment: Deployment, effort: Effort) -> list[Count]:
    """Kill server after server under load; then see that the last one serves everything, once."""
    load = prepared(deployment, effort.random("servers killed"))
    rounds = effort.rounds(least=2)
    for _ in rounds:
        asyncio.run(_killed(deployment, load))
    lost = len(load.lost(Found.of(address(deployment))))
    with served(deployment) as url:
        asyncio.run(load.settle(url))
    return [
        Count("servers killed", rounds.done),
        Count("lost before any retry", lost, 0),
        *load.counts(address(deployment)),
    ]


async def _killed(deployment: Deployment, load: Load) -> None:
    """A server that is killed: now and then while it starts, else at a moment after its first answers."""
    server, url = forked.serve(deployment)

    async def killing() -> int:
        if load.random.random() < 0.25:
            await asyncio.sleep(load.random.uniform(0.0, 0.5))
        else:
            await load.until_answered()
            await asyncio.sleep(load.random.uniform(0.0, 0.3))
        server.kill()
        return 1

    await load.under(url, killing)


def writers_killed_on_sqlite(effort: Effort) -> list[Count]:
    """Writers on one file, each killed after a few of its appends were acknowledged."""
    return writers_killed(f"sqlite:///{effort.folder}/redress.db", effort)


def writers_killed_on_postgres(effort: Effort) -> list[Count]:
    """The same on PostgreSQL."""
    return writers_killed(effort.lab.url(), effort)


def writers_killed(url: str, effort: Effort) -> list[Count]:
    """Kill writers, two at a time beside one another, and ask what became of everything that they tried."""
    engine, random = connect(url), effort.random("writers killed")
    migrations.upgrade(engine)
    killed: list[Writer] = []
    for number in effort.rounds():
        with running(effort.folder, "keyed", url, processes=2, count=100_000, seed=2 * number) as writers:
            for writer in writers:
                _kill(writer, random.randint(1, 25))
        killed += writers
    reconcile(Log(engine), killed)
    acknowledged = sum(len(writer.said("ack")) for writer in killed)
    found = len(positions(engine))
    tried = sum(len(writer.said("try")) for writer in killed)
    engine.dispose()
    return [
        Count("writers killed", len(killed)),
        Count("appends acknowledged", acknowledged),
        Count("lost or duplicated", tried - found, 0),
    ]


def _kill(writer: Writer, acknowledged: int) -> None:
    eventually(lambda: len(writer.said("ack")) >= acknowledged or writer.over)
    assert not writer.over, Path(writer.spoken).read_text()[-2000:]
    writer.process.kill()
    writer.process.join()
