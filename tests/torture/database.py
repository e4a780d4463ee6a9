"""PostgreSQL and the way to it fail under a server: it crashes, sessions are ended, answers are lost."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

from tests.e2e.commands import Deployment
from tests.postgres.server import Server
from tests.torture.counts import Count, Effort
from tests.torture.killing import address, prepared, served
from tests.torture.load import Load
from tests.torture.proxy import proxy

_SESSIONS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'redress' AND state <> 'idle'"


def postgres_killed(effort: Effort) -> list[Count]:
    """The whole of PostgreSQL, or one of its processes, is killed; it recovers, and so does who depends on it."""

    async def killing(postgres: Server, load: Load) -> int:
        rounds = effort.rounds(least=2)
        for number in rounds:
            await asyncio.sleep(load.random.uniform(0.1, 0.6))
            if number % 2:
                await asyncio.to_thread(postgres.crash)
            else:
                await asyncio.to_thread(_kill_a_session, postgres)
        return rounds.done

    return _under_load(effort, "PostgreSQL killed", killing)


def sessions_ended(effort: Effort) -> list[Count]:
    """The sessions that are at work are ended, wherever they are in what they do."""

    async def ending(postgres: Server, load: Load) -> int:
        ended = 0
        for _ in effort.rounds(least=5):
            await asyncio.sleep(load.random.uniform(0.0, 0.1))
            ended += await asyncio.to_thread(_end_sessions, postgres)
        return ended

    return _under_load(effort, "sessions ended", ending)


def _under_load(effort: Effort, what: str, happening: Callable[[Server, Load], Awaitable[int]]) -> list[Count]:
    deployment = Deployment(effort.folder / "home", effort.lab.url())
    load = prepared(deployment, effort.random(what))
    with served(deployment) as url:
        done = asyncio.run(load.during(url, lambda: happening(effort.lab.postgres, load)))
    return [Count(what, done), *load.counts(address(deployment))]


def _kill_a_session(postgres: Server) -> None:
    """After which PostgreSQL ends all others too, and recovers."""
    for (pid,) in postgres.execute(_SESSIONS.replace("<> 'idle'", "IS NOT NULL LIMIT 1")):
        os.kill(pid, signal.SIGKILL)
    assert postgres.answers(within=30)


def _end_sessions(postgres: Server) -> int:
    return sum(ended for (ended,) in postgres.execute(f"SELECT pg_terminate_backend(pid)::int FROM ({_SESSIONS}) AS s"))


def answers_lost(effort: Effort) -> list[Count]:
    """Connections are cut as a COMMIT is sent, and as its answer comes: whoever committed cannot know."""
    name = effort.lab.database()
    with proxy(effort.lab.postgres.socket, effort.random("cuts")) as between:
        deployment = Deployment(effort.folder / "home", f"postgresql://postgres@127.0.0.1:{between.port}/{name}")
        load = prepared(deployment, effort.random("answers lost"))

        async def cutting() -> int:
            between.cutting = True
            for _ in effort.rounds(least=5):
                await asyncio.sleep(0.2)
            between.cutting = False
            return between.after

        with served(deployment) as url:
            done = asyncio.run(load.during(url, cutting))
        cut = [Count("commits cut off", between.before), Count("commits whose answer was lost", done)]
        return [*cut, *load.counts(effort.lab.postgres.url(name))]
