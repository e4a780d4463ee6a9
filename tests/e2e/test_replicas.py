"""Two replicas of each service behind one address: one order, one answer to a key, one reaction; either may go."""

import asyncio
import contextlib
import itertools
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.e2e.commands import PATIENCE_SECONDS, Deployment, Server, created, found
from tests.http.conftest import COMPLAINT
from tests.postgres.appends import eventually

ENQUIRY = "26 004 117"
SERVICES = ("cases", "ombudsman", "reporting")
TOGETHER = 20


def service_of(path: str) -> str:
    """Where the proxy leads a path."""
    if path.startswith("/v1/ombudsman/"):
        return "ombudsman"
    return "reporting" if path.startswith("/v1/reports/") else "cases"


@dataclass
class Replicas:
    """Two servers of each service, asked in turn."""

    servers: dict[str, list[Server]]
    key: str
    _turn: dict[str, Iterator[int]] = field(default_factory=lambda: {name: itertools.count() for name in SERVICES})

    def url(self, path: str) -> str:
        """The address of a path at the replica whose turn it is; of those that are up."""
        up = self.servers[service_of(path)]
        return up[next(self._turn[service_of(path)]) % len(up)].url + path

    async def asked(self, *requests: tuple[str, str, dict[str, Any]]) -> list[httpx.Response]:
        """Send requests all at once, each to the next replica."""
        headers = {"Authorization": f"Bearer {self.key}"}
        async with httpx.AsyncClient(headers=headers, timeout=PATIENCE_SECONDS, trust_env=False) as client:
            return await asyncio.gather(*(client.request(m, self.url(p), **more) for m, p, more in requests))

    def at_once(self, *requests: tuple[str, str, dict[str, Any]]) -> list[httpx.Response]:
        return asyncio.run(self.asked(*requests))

    def get(self, path: str) -> Any:
        return found(self.at_once(("GET", path, {}))[0])

    def post(self, path: str, **body: Any) -> Any:
        return created(self.at_once(("POST", path, {"json": body}))[0])

    def kill_one(self, name: str) -> None:
        self.servers[name].pop().kill()


@pytest.fixture
def replicas(on_postgres: Deployment) -> Iterator[Replicas]:
    key = on_postgres.key("complaints:write", "cases:write", "cases:read", "ombudsman:write", "ombudsman:read")
    with contextlib.ExitStack() as stack:
        servers = {name: [on_postgres.begin(name), on_postgres.begin(name)] for name in SERVICES}
        begun = [server for pair in servers.values() for server in pair]
        for server in begun:
            stack.callback(server.kill)
        for server in begun:
            server.wait_until_ready()
        yield Replicas(servers, key)
    assert not [server.said for server in begun if "Traceback" in server.said]


def test_replicas_of_each_service_are_as_one(replicas: Replicas, on_postgres: Deployment) -> None:
    case = _one_case_for_a_key_sent_to_both(replicas)
    _one_of_those_who_build_on_a_version_is_taken(replicas, case)
    _both_follow_and_act_once(replicas, case)
    for name in SERVICES:
        replicas.kill_one(name)
    number = len(replicas.get("/v1/cases")["items"])
    created_after = replicas.at_once(*[("POST", "/v1/complaints", {"json": COMPLAINT})] * TOGETHER)
    references = {created(answer)["reference"] for answer in created_after}
    assert len(references) == TOGETHER
    assert len(replicas.get("/v1/cases?limit=200")["items"]) == number + TOGETHER
    _the_reaction_of_the_one_that_is_left(replicas, case)
    assert "COV whole to" in on_postgres.run("verify").stdout


def _one_case_for_a_key_sent_to_both(replicas: Replicas) -> str:
    for number in range(5):
        once = ("POST", "/v1/complaints", {"json": COMPLAINT, "headers": {"Idempotency-Key": f"once-{number}"}})
        answers = replicas.at_once(*[once] * 6)
        statuses = Counter(answer.status_code for answer in answers)
        assert set(statuses) <= {201, 409}, statuses  # in flight at the same replica
        said = {answer.json()["reference"] for answer in answers if answer.status_code == 201}
        assert len(said) == 1
    listed = [item["reference"] for item in replicas.get("/v1/cases")["items"]]
    assert sorted(int(reference[-6:]) for reference in listed) == [1, 2, 3, 4, 5]
    return str(min(listed))


def _one_of_those_who_build_on_a_version_is_taken(replicas: Replicas, case: str) -> None:
    path = f"/v1/cases/{case}/assignment"
    for version in range(2, 7):
        answers = replicas.at_once(
            *(
                ("POST", path, {"json": {"officer": f"staff-{version}-{n}"}, "headers": {"If-Match": f'"{version}"'}})
                for n in range(6)
            )
        )
        assert Counter(answer.status_code for answer in answers) == {201: 1, 412: 5}
        [taken] = [answer for answer in answers if answer.status_code == 201]
        assert taken.headers["etag"] == f'"{version + 1}"'
        assert replicas.get(f"/v1/cases/{case}")["officer"] == taken.json()["officer"]


def _both_follow_and_act_once(replicas: Replicas, case: str) -> None:
    today = replicas.get(f"/v1/cases/{case}")["received_on"]
    replicas.post("/v1/ombudsman/enquiries", ombudsman_reference=ENQUIRY, received_on=today, case=case)
    eventually(lambda: replicas.get(f"/v1/cases/{case}")["with_ombudsman"])
    replicas.post(f"/v1/ombudsman/enquiries/{ENQUIRY}/premature-return", returned_on=today)
    eventually(lambda: not replicas.get(f"/v1/cases/{case}")["with_ombudsman"])
    eventually(lambda: _behind(replicas) == 0)
    assert _kinds(replicas, case) == (1, 1)


def _the_reaction_of_the_one_that_is_left(replicas: Replicas, case: str) -> None:
    today = replicas.get(f"/v1/cases/{case}")["received_on"]
    replicas.post("/v1/ombudsman/enquiries", ombudsman_reference="26 009 900", received_on=today, case=case)
    eventually(lambda: replicas.get(f"/v1/cases/{case}")["with_ombudsman"])
    assert _kinds(replicas, case) == (2, 1)


def _kinds(replicas: Replicas, case: str) -> tuple[int, int]:
    kinds = Counter(event["type"] for event in replicas.get(f"/v1/cases/{case}/events?limit=200")["items"])
    return kinds["with_ombudsman"], kinds["back_from_ombudsman"]


def _behind(replicas: Replicas) -> int:
    """Events that any replica's follower has not come to."""
    total = 0
    for pair in replicas.servers.values():
        for server in pair:
            with server.client("") as client:
                lag = client.get("/health/ready", headers={"Authorization": ""}).json()["events_behind"]
                total += sum(events for by_authority in lag.values() for events in by_authority.values())
    return total


# --- the end of a process ---------------------------------------------------------------------------------------------


@dataclass
class Ending:
    """Requests that go on while a server is told to end; `answers` is what each key was told, if it was."""

    server: Server
    key: str
    answers: dict[str, str] = field(default_factory=dict)
    sent: int = 0
    ended: float = 0.0

    async def post(self, client: httpx.AsyncClient) -> None:
        while True:
            self.sent += 1
            key = f"request-{self.sent}"
            try:
                answer = await client.post("/v1/complaints", json=COMPLAINT, headers={"Idempotency-Key": key})
            except httpx.ConnectError:
                return
            except httpx.TransportError:
                if self.ended:
                    return
                raise
            if answer.status_code == 503:
                return
            self.answers[key] = created(answer)["reference"]
            if len(self.answers) == 3 * TOGETHER:
                self.ended = time.monotonic()
                self.server.process.send_signal(signal.SIGTERM)

    async def run(self) -> None:
        headers = {"Authorization": f"Bearer {self.key}"}
        limits = httpx.Limits(max_connections=TOGETHER)
        async with httpx.AsyncClient(
            base_url=self.server.url, headers=headers, timeout=PATIENCE_SECONDS, limits=limits, trust_env=False
        ) as client:
            await asyncio.gather(*(self.post(client) for _ in range(TOGETHER)))


@pytest.mark.parametrize("on", ["empty", "on_postgres"])
def test_a_server_that_is_told_to_end_answers_what_it_accepted_and_leaves_nothing_half_done(
    on: str, request: pytest.FixtureRequest
) -> None:
    deployment: Deployment = request.getfixturevalue(on)
    key = deployment.key("complaints:write", "cases:read")
    with deployment.serving("cases") as server:
        ending = Ending(server, key)
        asyncio.run(ending.run())
        assert server.process.wait(PATIENCE_SECONDS) == 0
        assert time.monotonic() - ending.ended < 20
        assert "Traceback" not in server.said
    assert len(ending.answers) >= 3 * TOGETHER
    with deployment.serving("cases") as server, server.client(key) as client:
        listed: list[str] = []
        cursor: dict[str, str] = {}
        while not listed or cursor:
            page = found(client.get("/v1/cases", params={"limit": 200, **cursor}))
            listed += [item["reference"] for item in page["items"]]
            cursor = {"cursor": page["next"]} if page["next"] else {}
        assert sorted(listed) == sorted(ending.answers.values())  # none is there that nobody was told of
    assert f"COV whole to {2 * len(listed)}," in deployment.run("verify").stdout
