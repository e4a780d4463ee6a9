"""The reporting service: its routes, and the worker that follows the log while the process lives."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import sqlalchemy as sa

from services.reporting import checkpoints
from services.reporting.checkpoints import PROJECTION
from services.reporting.follower import Follower
from services.reporting.publication_routes import router as publications
from services.reporting.routes import router as reports
from services.reporting.worker import Worker
from shared.authority import authority
from shared.register import Register
from shared.web import Service, Standing


@asynccontextmanager
async def run(register: Register) -> AsyncIterator[Standing]:
    """Follow the log; what it yields says whether reports are ready. On a standby they come with the log."""
    if register.standby:
        yield Replicated()
        return
    worker = Worker(follower(register), register.authorities)
    worker.start()
    try:
        yield worker
    finally:
        await asyncio.to_thread(worker.stop)


class Replicated:
    """Read models that a worker writes where they are replicated from."""

    follower = PROJECTION

    def __call__(self) -> str | None:
        """Nothing here can fall out of step with the log: both are replayed as they were written."""
        return None

    def reached(self, connection: sa.Connection) -> Mapping[str, int]:
        """How far the read models that are served have come, of every authority."""
        return checkpoints.positions(connection)


def follower(register: Register) -> Follower:
    """The follower of a register's log, which counts by each authority's calendar."""
    return Follower(register.engine, register.log, lambda code: authority(code).calendar)


SERVICE = Service("reporting", "Redress: reporting", (reports, publications), run)
