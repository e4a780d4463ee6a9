"""Power cuts: a server killed at random moments under load loses nothing that it had answered, and doubles nothing."""

import asyncio
import json
import random
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.e2e.commands import Deployment, Server, created, found

CUTS, CLIENTS = 3, 12
COMPLAINT = {
    "channel": "web_form",
    "pathway": "adult_social_care",
    "service_area": "older_people",
    "concerns": [{"category": "communication"}],
    "complainant": {"name": "A. Resident"},
}


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def deployment(request: pytest.FixtureRequest) -> Deployment:
    found_one: Deployment = request.getfixturevalue("empty" if request.param == "SQLite" else "on_postgres")
    return found_one


@dataclass
class Sent:
    """Every request that was sent, by its idempotency key, and the first answer to it, if there was one."""

    requests: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    server: Server | None = None
    enough: int = 0

    async def send(self, client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
        key = f"request-{len(self.requests)}"
        self.requests[key] = path, body
        answer = await client.post(path, json=body, headers={"Idempotency-Key": key})
        assert answer.status_code == 201, answer.text
        self.answers[key] = answer.json()
        if len(self.answers) == self.enough:
            assert self.server is not None
            self.server.kill()
        return self.answers[key]

    async def client(self, client: httpx.AsyncClient) -> None:
        """Complaints, each then given to an officer, until the server is gone."""
        while True:
            try:
                case = await self.send(client, "/v1/complaints", COMPLAINT)
                await self.send(client, f"/v1/cases/{case['reference']}/assignment", {"officer": "staff-1"})
            except httpx.TransportError:
                return

    async def until_cut_off(self, server: Server, key: str, after: int) -> None:
        """Send from many clients at once; the server is killed after so many more answers."""
        self.server, self.enough = server, len(self.answers) + after
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=30, trust_env=False) as client:
            await asyncio.gather(*(self.client(client) for _ in range(CLIENTS)))
        assert len(self.answers) >= self.enough, server.said


def every(client: httpx.Client, path: str) -> Iterator[dict[str, Any]]:
    cursor: dict[str, str] = {}
    while True:
        page = found(client.get(path, params={"limit": 200, **cursor}))
        yield from page["items"]
        if page["next"] is None:
            return
        cursor = {"cursor": page["next"]}


def test_what_was_answered_is_there_once_after_every_power_cut(deployment: Deployment) -> None:
    key = deployment.key("complaints:write", "cases:write", "cases:read", "reports:read")
    sent, chance = Sent(), random.Random(2009)
    for _ in range(CUTS):
        with deployment.serving() as server:
            asyncio.run(sent.until_cut_off(server, key, after=chance.randint(1, 40)))
    assert len(sent.answers) < len(sent.requests)  # some were cut off

    with deployment.serving() as server, server.client(key) as client:
        for name, (path, body) in sent.requests.items():
            again = created(client.post(path, json=body, headers={"Idempotency-Key": name}))
            assert again == sent.answers.setdefault(name, again)
        complaints = [answer for name, answer in sent.answers.items() if sent.requests[name][0] == "/v1/complaints"]
        references = [answer["reference"] for answer in complaints]
        assert len(references) == len(set(references))
        listed = {item["reference"]: item for item in every(client, "/v1/cases")}
        assert set(listed) == set(references)
        assigned = {path.split("/")[3] for path, _ in sent.requests.values() if path.endswith("/assignment")}
        assert {reference for reference, item in listed.items() if item["version"] == 3} == assigned
        assert {item["version"] for item in listed.values()} <= {2, 3}
        numbers = sorted(int(reference.rpartition("-")[2]) for reference in references)
        assert numbers == list(range(1, len(numbers) + 1))
    assert f"COV whole to {2 * len(references) + len(assigned)}" in deployment.run("verify").stdout


def cut_off(server: Server, sent: bytes) -> None:
    """Send part of a request and hang up."""
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(sent)


def test_a_request_cut_off_half_way_leaves_nothing(empty: Deployment) -> None:
    key = empty.key("complaints:write", "cases:read")
    body = json.dumps(COMPLAINT).encode()
    head = f"POST /v1/complaints HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nIdempotency-Key: cut\r\n"
    plain = f"{head}Content-Type: application/json\r\n"
    announced = f"{plain}Content-Length: {len(body)}\r\n\r\n".encode()
    longer = f"{plain}Content-Length: {len(body) + 1}\r\n\r\n".encode()
    chunked = f"{plain}Transfer-Encoding: chunked\r\n\r\n".encode()
    with empty.serving() as server, server.client(key) as client:
        for part in (
            announced[:40],
            announced[:-2],
            announced,
            announced + body[:1],
            announced + body[:-1],
            longer + body,
            chunked + f"{len(body):x}\r\n".encode() + body[:-5],
            chunked + f"{len(body):x}\r\n".encode() + body + b"\r\n",
        ):
            cut_off(server, part)
        assert found(client.get("/v1/cases"))["items"] == []
        whole = created(client.post("/v1/complaints", json=COMPLAINT, headers={"Idempotency-Key": "cut"}))
        assert whole["reference"].endswith("-000001")
        assert len(found(client.get("/v1/cases"))["items"]) == 1
    assert "Traceback" not in server.said
    assert "COV whole to 2" in empty.run("verify").stdout
