"""Servers that are killed, and requests that break off: what was acknowledged is there once, the rest not by half."""

import itertools
import random
import socket
import threading
from urllib.parse import urlsplit

import httpx
import pytest

from tests.e2e.deployment import Deployment, Server

COMPLAINT = {
    "channel": "web_form",
    "pathway": "adult_social_care",
    "service_area": "older_people",
    "concerns": [{"category": "communication"}],
    "complainant": {"name": "A. Resident"},
}
KILLS = 3
SUPPLIERS = 6


@pytest.fixture(params=["sqlite", "postgres"])
def deployment(request: pytest.FixtureRequest, tmp_path) -> Deployment:
    environment = {}
    if request.param == "postgres":
        environment["REDRESS_DATABASE_URL"] = request.getfixturevalue("postgres_url")
    deployment = Deployment(tmp_path, environment)
    deployment.done("migrate")
    return deployment


def test_whatever_was_acknowledged_is_there_once_after_kills(deployment: Deployment) -> None:
    scopes = [word for scope in ("complaints:write", "cases:read") for word in ("--scope", scope)]
    key = deployment.done("keys", "create", "--authority", "COV", "--name", "forms", *scopes).strip()
    acknowledged: dict[str, str] = {}
    numbers = itertools.count()
    chance = random.Random(7)
    for _ in range(KILLS):
        server = deployment.start()
        server.await_ready()
        enough = threading.Event()
        suppliers = [
            threading.Thread(target=_post_until_cut_off, args=(server, key, numbers, acknowledged, enough))
            for _ in range(SUPPLIERS)
        ]
        for supplier in suppliers:
            supplier.start()
        enough.wait(30)
        threading.Event().wait(chance.uniform(0, 0.2))  # a random moment under load, not a synchronisation
        server.kill()
        for supplier in suppliers:
            supplier.join()

    with deployment.serving() as server, server.client(key) as client:
        for idempotency_key, reference in acknowledged.items():
            again = client.post("/v1/complaints", json=COMPLAINT, headers={"Idempotency-Key": idempotency_key})
            assert (again.status_code, again.json()["reference"]) == (201, reference)
        listed = list(_all_references(client))
    assert len(acknowledged) >= KILLS * 10
    assert len(set(acknowledged.values())) == len(acknowledged)
    assert set(listed) >= set(acknowledged.values())
    assert len(listed) == len(set(listed))
    assert deployment.done("verify").startswith("COV whole")


def _post_until_cut_off(
    server: Server, key: str, numbers: "itertools.count[int]", acknowledged: dict[str, str], enough: threading.Event
) -> None:
    with server.client(key) as client:
        for done in itertools.count(1):
            idempotency_key = f"form-{next(numbers)}"
            try:
                answer = client.post("/v1/complaints", json=COMPLAINT, headers={"Idempotency-Key": idempotency_key})
            except httpx.TransportError:
                return
            assert answer.status_code == 201, answer.text
            acknowledged[idempotency_key] = answer.json()["reference"]
            if done == 10:
                enough.set()


def _all_references(client: httpx.Client) -> "itertools.chain[str]":
    after: str | None = None
    while True:
        page = client.get("/v1/cases", params={"limit": 200, **({"cursor": after} if after else {})}).json()
        yield from (item["reference"] for item in page["items"])
        after = page["next"]
        if after is None:
            return


def test_a_request_that_breaks_off_half_way_leaves_nothing(coventry: Server) -> None:
    before = coventry.deployment.done("head")
    place = urlsplit(coventry.base)
    head = (
        f"POST /v1/complaints HTTP/1.1\r\nHost: {place.netloc}\r\nAuthorization: Bearer {coventry.deployment.key}\r\n"
        "Content-Type: application/json\r\nContent-Length: 400\r\n\r\n"
    )
    for part in ("", '{"channel": "web_form", ', '{"channel": "web_form", "service_area": "older_people"'):
        with socket.create_connection((place.hostname, place.port)) as connection:
            connection.sendall((head + part).encode())
    with coventry.client() as client:
        assert client.get("/v1/pathways").status_code == 200

    assert coventry.deployment.done("head") == before
    assert "Traceback" not in coventry.log.read_text()
