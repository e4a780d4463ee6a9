"""The three services apart, each with a database user of its own, behind the proxy's rules; in this process."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import sqlalchemy as sa
from fastapi import FastAPI

from services import together
from shared.register import Register
from shared.settings import Settings
from tests.compose import OURS, upstream
from tests.http.conftest import Api, Clock


def as_user(url: str, user: str) -> str:
    """The address of the same database for another user."""
    return sa.make_url(url).set(username=user).render_as_string(hide_password=False)


class _Proxy:
    """Hands each request to the application that the proxy would ask."""

    def __init__(self, apps: Mapping[str, FastAPI], state: Any) -> None:
        self._apps, self.state = apps, state

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        service = upstream(scope["path"])
        assert service, f"the proxy knows no {scope['path']}"
        await self._apps[service](scope, receive, send)


@contextmanager
def apart(url: str, home: Path, runner: asyncio.Runner) -> Iterator[Api]:
    """All services on one database, to be asked as one; keys are made by its owner."""
    clock = Clock(datetime(2026, 11, 20, 10, tzinfo=UTC))

    def opening(user: str | None) -> Register:
        return Register.open(Settings(home=home, database_url=as_user(url, user) if user else url), clock)

    apps = {
        name: together.app([name], lambda name=name: opening(f"redress_{name}"))  # type: ignore[misc]
        for name in OURS
    }
    owner = opening(None)
    owner.keyring.check()  # as `redress migrate` does: the services may not make the deployment's key
    proxy = _Proxy(apps, SimpleNamespace(register=owner))
    lives = [app.router.lifespan_context(app) for app in apps.values()]
    client = httpx.AsyncClient(transport=httpx.ASGITransport(proxy), base_url="http://test")
    for life in lives:
        runner.run(life.__aenter__())
    try:
        yield Api(proxy, runner, client, clock, home)  # type: ignore[arg-type]
    finally:
        runner.run(client.aclose())
        for life in lives:
            runner.run(life.__aexit__(None, None, None))
        owner.close()
