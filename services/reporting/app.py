"""The reporting service: its routes, and the worker that follows the log while the process lives."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter

from services.reporting.follower import Follower
from services.reporting.publication_routes import router as publications
from services.reporting.routes import router as reports
from services.reporting.worker import Worker
from shared.authority import authority
from shared.register import Register
from shared.web import Service


@asynccontextmanager
async def run(register: Register) -> AsyncIterator[Worker]:
    """Follow the log; what it yields says whether reports are ready."""
    worker = Worker(follower(register), register.log.authorities)
    worker.start()
    try:
        yield worker
    finally:
        await asyncio.to_thread(worker.stop)


def follower(register: Register) -> Follower:
    """The follower of a register's log, which counts by each authority's calendar."""
    return Follower(register.engine, register.log, lambda code: authority(code).calendar)


router = APIRouter()
router.include_router(reports)
router.include_router(publications)
SERVICE = Service("reporting", "Redress: reporting", router, run)
