"""The application to ask: made once for the run, opened for each test on a fresh database with a clock of its own."""

import asyncio
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services import together
from services.cases import following as cases
from services.ombudsman import following as ombudsman
from shared import following
from shared.access import SCOPES, api_keys
from shared.clock import stamp
from shared.database import writer
from shared.register import Register
from shared.settings import Settings

COMPLAINT: Mapping[str, Any] = {
    "channel": "web_form",
    "pathway": "adult_social_care",
    "service_area": "older_people",
    "concerns": [{"category": "communication"}],
    "complainant": {"name": "A. Resident"},
}


@dataclass
class Clock:
    """Goes on by a millisecond whenever it is read, so that no two instants are alike."""

    now: datetime

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def turn(self, day: str) -> None:
        """Go to ten in the morning of a day, whichever way that lies."""
        self.now = datetime.fromisoformat(f"{day}T10:00:00Z")


@dataclass
class Api:
    """The running application. It is asked with a key of every scope for COV, unless a test says otherwise."""

    app: FastAPI
    runner: asyncio.Runner
    client: httpx.AsyncClient
    clock: Clock
    home: Path
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def register(self) -> Register:
        found: Register = self.app.state.register
        return found

    def key(self, *scopes: str, authority: str = "COV", days: int | None = None, unlimited: bool = False) -> str:
        """A new key."""
        return self.register.access.create(authority, "test", scopes or SCOPES, days, unlimited=unlimited)

    def expired(self, *scopes: str, authority: str = "COV") -> str:
        """A key whose days are over."""
        key = self.key(*scopes, authority=authority, days=1)
        with writer(self.register.engine).begin() as connection:
            connection.execute(
                api_keys.update().filter_by(key_id=key.split("_")[1]).values(expires_at=stamp(self.clock()))
            )
        return key

    def of(self, authority: str = "COV") -> str:
        """The key of every scope that an authority is asked with."""
        if authority not in self.keys:
            self.keys[authority] = self.key(authority=authority)
        return self.keys[authority]

    async def asking(
        self, method: str, path: str, *, key: str | None = None, headers: Any = (), **more: Any
    ) -> httpx.Response:
        sent = {"Authorization": f"Bearer {key or self.of()}", **dict(headers)}
        return await self.client.request(method, path, headers={k: v for k, v in sent.items() if v}, **more)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.runner.run(self.asking(method, path, **more))

    def together(self, *requests: Any) -> list[httpx.Response]:
        """Ask `asking` of several requests at the same time."""

        async def gathered() -> list[httpx.Response]:
            return await asyncio.gather(*requests)

        return self.runner.run(gathered())

    def get(self, path: str, status: int = 200, /, **query: Any) -> Any:
        """The JSON of an answer that has this status."""
        answer = self.ask("GET", path, params=query)
        assert answer.status_code == status, answer.text
        return answer.json()

    def post(self, path: str, status: int = 201, /, **body: Any) -> Any:
        """The JSON of an answer that has this status."""
        answer = self.ask("POST", path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def complaint(self, **different: Any) -> str:
        """A complaint comes in; its reference."""
        reference: str = self.post("/v1/complaints", **{**COMPLAINT, **different})["reference"]
        return reference

    def follow(self) -> None:
        """Let each service act on what the others recorded, until nothing more follows."""
        before = -1
        while before != (before := sum(self.head(code) for code in self.register.log.authorities())):
            for reactions in (cases.REACTIONS, ombudsman.REACTIONS):
                self.runner.run(reactions.follow_all(self.register, {}, {}))

    def head(self, authority: str = "COV") -> int:
        """The last position of an authority's log."""
        with self.register.engine.connect() as connection:
            return self.register.log.head(connection, authority).position


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as running:
        yield running


@dataclass
class Application:
    """The application of the whole run, which opens the register of whichever test it is started for."""

    home: Path = field(default_factory=Path)
    clock: Clock = field(default_factory=lambda: Clock(datetime(2026, 11, 20, 10, tzinfo=UTC)))
    settings: Mapping[str, Any] = field(default_factory=dict)
    app: FastAPI = field(init=False)

    def __post_init__(self) -> None:
        self.app = together.app((), lambda: Register.open(Settings(home=self.home, **self.settings), self.clock))


@pytest.fixture(scope="session")
def application() -> Application:
    """Services follow one another when a test says so, and not by the clock."""
    following.POLL_SECONDS = 1e9
    return Application()


@pytest.fixture
def settings() -> Mapping[str, Any]:
    """What the register is opened with; no test but those of the limits asks so seldom."""
    return {"rate_limit": "1000000/minute", "failure_limit": "1000000/minute"}


@contextmanager
def opened(application: Application, runner: asyncio.Runner, home: Path, settings: Mapping[str, Any]) -> Iterator[Api]:
    """All services on the database in a folder. It is Friday 20 November 2026, ten in the morning."""
    application.home, application.clock.now = home, datetime(2026, 11, 20, 10, tzinfo=UTC)
    application.settings = settings
    lifespan = application.app.router.lifespan_context(application.app)
    client = httpx.AsyncClient(transport=httpx.ASGITransport(application.app), base_url="http://test")
    runner.run(lifespan.__aenter__())
    try:
        yield Api(application.app, runner, client, application.clock, home)
    finally:
        runner.run(client.aclose())
        runner.run(lifespan.__aexit__(None, None, None))


@pytest.fixture
def api(
    application: Application,
    runner: asyncio.Runner,
    sqlite_template: Path,
    tmp_path: Path,
    settings: Mapping[str, Any],
) -> Iterator[Api]:
    """All services on an empty database."""
    shutil.copy(sqlite_template, tmp_path / "redress.db")
    with opened(application, runner, tmp_path, settings) as api:
        yield api
