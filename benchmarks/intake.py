"""Intake in full, and a command on a case of twenty events, against FastAPI alone and with a commit a request.

PostgreSQL is durable, and measured three times: as the disk is, and with every fsync a millisecond or five later.
Server, PostgreSQL and generator share the machine's cores, for every contestant alike.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from benchmarks import bulk
from benchmarks.load import VALUE, Contestant, Generator, Speed, yardsticks
from tests.e2e.commands import Deployment
from tests.postgres.server import Server, postgres_server

DURABLE: dict[str, str] = {"shared_buffers": "256MB"}
DELAYS = (0, 1_000, 5_000)
CONNECTIONS = (32, 64)
COMPLAINT: dict[str, Any] = {
    "channel": "web_form",
    "service_area": "older_people",
    "provider": "Example Home Care",
    "matter_occurred_on": "2025-11-03",
    "concerns": [
        {"category": "communication", "detail": "Nobody rang back after three calls in a fortnight."},
        {"category": "communication", "detail": "The letter about the new charges came after they were taken."},
    ],
    "complainant": {
        "name": "Mrs A. Resident",
        "address": "1 Example Street, Coventry",
        "postcode": "CV1 1AA",
        "email": "resident@example.org",
        "phone": "024 7600 0000",
    },
    "person_affected": {"name": "Mr B. Resident", "date_of_birth": "1941-05-06"},
    "narrative": "My father has had home care since the spring. The carers are kind, but they come when they can and "
    "not when it was agreed, and on two days nobody came at all. I was told that someone would ring, and nobody did.",
}
PROGRESS = {"told_on": "2025-12-31", "method": "phone"}
SIZE = bulk.Size(cases=10_000, events=20, open=100)


def measure() -> list[dict[str, Any]]:
    """One entry for each ratio that is promised, delay by delay."""
    with tempfile.TemporaryDirectory(prefix="redress-bench-") as folder:
        Path(folder).chmod(0o755)
        generator = Generator(Path(folder))
        return [entry for delay in DELAYS for entry in _with_delay(generator, delay)]


def _with_delay(generator: Generator, delay: int) -> list[dict[str, Any]]:
    entries = []
    with postgres_server(DURABLE, generator.slow(delay)) as server, _contestants(generator, server) as contestants:
        for connections in CONNECTIONS:
            speeds = generator.speeds(contestants, connections)
            at = f"{connections} connections" + (f", fsync {delay // 1000} ms later" if delay else "")
            for name, speed in speeds.items():
                print(f"  {at}: {name:30} {speed}", flush=True)
            entries += _entries(at, speeds)
    return entries


def _entries(at: str, speeds: dict[str, Speed]) -> list[dict[str, Any]]:
    intake, progress = speeds["intake"], speeds["progress"]
    return [
        entry(f"intake against FastAPI's echo, {at}", intake.rate / speeds["echo"].rate, 0.4),
        entry(f"intake against one commit a request, {at}", intake.rate / speeds["one commit"].rate, 2),
        entry(f"intake, the slowest of a hundred against the median, {at}", intake.p99 / intake.p50, 6, "lower"),
        entry(f"a command on a case of 20 events against intake, {at}", progress.rate / intake.rate, 0.7),
    ]


def entry(name: str, ratio: float, target: float, better: str = "higher") -> dict[str, Any]:
    """One ratio beside its target."""
    met = ratio >= target if better == "higher" else ratio <= target
    return {"name": name, "ratio": round(ratio, 2), "target": target, "better": better, "met": met}


@contextmanager
def _contestants(generator: Generator, server: Server) -> Iterator[dict[str, Contestant]]:
    server.execute("CREATE DATABASE register")
    server.execute("CREATE DATABASE yardstick")
    home = generator.folder / server.socket.parent.name
    home.mkdir()
    deployment = Deployment(home, server.url("register"))
    deployment.run("migrate")
    bulk.fill(server.url("register"), SIZE)
    key = deployment.run(
        *("keys", "create", "--authority", bulk.AUTHORITY, "--name", "bench", "--unlimited"),
        *("--scope", "complaints:write", "--scope", "cases:write"),
    ).stdout.strip()
    body, progress = orjson.dumps(COMPLAINT), orjson.dumps(PROGRESS)
    with deployment.serving("cases") as ours, yardsticks({"YARDSTICK_DATABASE": server.url("yardstick")}) as port:
        yield {
            "echo": Contestant(port, "/echo", body=body),
            "one commit": Contestant(port, "/commit", body=body),
            "intake": Contestant(ours.port, "/v1/complaints", key, body),
            "progress": Contestant(ours.port, f"/v1/cases/{VALUE}/progress", key, progress, list(SIZE.references)),
        }
