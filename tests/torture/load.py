"""Clients that send requests with a key each, remember what was answered, and hold the register to it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx
import sqlalchemy as sa

from services.cases.case_list import case_list
from shared.database import connect
from shared.log import Anchor, verify
from shared.log.tables import events, idempotency_keys
from shared.personal_data import personal_data
from tests.torture.counts import Count

CLIENTS = 6
AGAIN = 300
COMPLAINT = {
    "channel": "web_form",
    "pathway": "adult_social_care",
    "service_area": "older_people",
    "concerns": [{"category": "communication"}],
    "complainant": {"name": "A. Resident"},
}
OFFICER = {"officer": "staff-1"}


@dataclass
class Load:
    """Every request that was sent, by its key, the first answer to it, and how often a later one differed."""

    key: str
    random: Random
    assigning: float = 0.7
    requests: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    differing: int = 0
    told: int = 0
    put_off: int = 0
    refused: list[str] = field(default_factory=list)

    def client(self, url: str) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.AsyncClient(base_url=url, headers=headers, timeout=60, verify=False, trust_env=False)

    def new(self, path: str, body: dict[str, Any]) -> str:
        key = f"request-{len(self.requests)}"
        self.requests[key] = path, body
        return key

    async def send(self, client: httpx.AsyncClient, key: str) -> dict[str, Any] | None:
        """Send a request, perhaps again; its answer, None if it could not be had now."""
        path, body = self.requests[key]
        answer = await client.post(path, json=body, headers={"Idempotency-Key": key})
        if answer.status_code == 503 or "request-in-flight" in answer.text:
            self.put_off += 1
            return None
        if answer.status_code != 201:
            self.refused.append(answer.text)
            return None
        self.told += 1
        told: dict[str, Any] = answer.json()
        self.differing += self.answers.setdefault(key, told) != told
        return told

    async def during(self, url: str, happening: Callable[[], Awaitable[int]]) -> int:
        """Keep many clients sending while something happens, then have everything answered; what happened, counted."""
        done = await self.under(url, happening)
        await self.settle(url)
        return done

    async def under(self, url: str, happening: Callable[[], Awaitable[int]]) -> int:
        """Keep many clients sending while something happens."""
        over = asyncio.Event()
        async with self.client(url) as client:
            sending = [asyncio.create_task(self._keep_sending(client, over)) for _ in range(CLIENTS)]
            try:
                return await happening()
            finally:
                over.set()
                await asyncio.gather(*sending)

    async def until_answered(self) -> None:
        """Wait for an answer that was not there yet."""
        before = self.told
        while self.told == before:
            await asyncio.sleep(0.005)

    async def _keep_sending(self, client: httpx.AsyncClient, over: asyncio.Event) -> None:
        while not over.is_set():
            try:
                await self._one_or_two(client)
            except httpx.TransportError:
                await asyncio.sleep(0.01)  # what a client does whose server is gone: it tries again

    async def _one_or_two(self, client: httpx.AsyncClient) -> None:
        """A complaint that is then given to an officer; or a request from before, again."""
        if self.requests and self.random.random() < 0.2:
            await self.send(client, self.random.choice(list(self.requests)))
            await self._look(client)
            return
        case = await self.send(client, self.new("/v1/complaints", COMPLAINT))
        if case is None:
            await asyncio.sleep(0.01)
        elif self.random.random() < self.assigning:
            await self.send(client, self.new(f"/v1/cases/{case['reference']}/assignment", OFFICER))

    async def _look(self, client: httpx.AsyncClient) -> None:
        """Ask for what takes no key; not now is an answer, an error is not."""
        for path in ("/v1/cases?limit=1", "/health/ready"):
            answer = await client.get(path)
            if answer.status_code not in (200, 503):
                self.refused.append(answer.text)

    async def settle(self, url: str) -> None:
        """What a client does in the end: send again whatever was not answered; and here also some of what was."""
        answered = self.random.sample(sorted(self.answers), min(AGAIN, len(self.answers)))
        waiting = [*(key for key in self.requests if key not in self.answers), *answered]

        async def worker(client: httpx.AsyncClient) -> None:
            while waiting:
                key = waiting.pop(0)
                while await self.send(client, key) is None and not self.refused:
                    await asyncio.sleep(0.01)

        async with self.client(url) as client:
            await asyncio.gather(*(worker(client) for _ in range(CLIENTS)))

    def counts(self, url: str) -> list[Count]:
        """What is wrong with the register behind this address, whose every request was answered."""
        found = Found.of(url)
        return [
            Count("requests acknowledged", len(self.answers)),
            Count("lost", len(self.lost(found)), 0),
            Count("duplicated", found.cases - sum(path == "/v1/complaints" for path, _ in self.requests.values()), 0),
            Count("half there", found.half, 0),
            Count("answered otherwise when retried", self.differing, 0),
            Count("answered by an error", len(self.refused), 0),
            Count("chain broken", int(not found.whole), 0),
        ]

    def lost(self, found: "Found") -> list[str]:
        """The requests that were answered and have left no trace, or another than the answer told of."""
        return [
            key
            for key, answer in self.answers.items()
            if found.keys.get(key) != (f"case:{answer['reference']}", answer["version"])
        ]


@dataclass(frozen=True)
class Found:
    """What a database holds of the requests."""

    keys: dict[str, tuple[str, int]]
    cases: int
    half: int
    whole: bool

    @classmethod
    def of(cls, url: str) -> "Found":
        """Look behind the API: keys with the stream and version that they stand for, and whether all fits together."""
        engine = connect(url)
        with engine.connect() as connection:
            keys = {row.key: (row.stream, row.version) for row in connection.execute(sa.select(idempotency_keys))}
            listed = {f"case:{row.reference}": row.version for row in connection.execute(sa.select(case_list))}
            named = set(connection.execute(sa.select(personal_data.c.reference)).scalars())
            recorded = Counter(connection.execute(sa.select(events.c.stream)).scalars())
        whole = isinstance(verify(engine, "COV"), Anchor)
        engine.dispose()
        streams: dict[str, set[int]] = {}
        for stream, version in keys.values():
            streams.setdefault(stream, set()).add(version)
        # A complaint is two events under one key, whatever follows it is one.
        fitting = [
            stream
            for stream, versions in streams.items()
            if recorded[stream] == listed.get(stream) == len(versions) + 1
            and versions == set(range(2, recorded[stream] + 1))
            and stream.removeprefix("case:") in named
        ]
        half = len({*recorded, *listed, *streams, *(f"case:{name}" for name in named)}) - len(fitting)
        return cls(keys, len(recorded), half, whole)
