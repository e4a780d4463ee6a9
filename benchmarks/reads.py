"""A case by its reference and a filtered page of the list, against FastAPI answering the same bytes without any work.

`make bench-large` asks registers of a thousand and of a million cases in turn, `make bench` the small one only.
"""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

from benchmarks import bulk
from benchmarks.intake import DURABLE, entry
from benchmarks.load import VALUE, Contestant, Generator, yardsticks
from tests.e2e.commands import Deployment
from tests.postgres.server import Server, postgres_server

SMALL, LARGE = 1_000, 1_000_000
CONNECTIONS = 32
ASKED = 1_000  # cases in turn
PATHS = {
    "a case": f"/v1/cases/{VALUE}",
    "a page of the list": "/v1/cases?status=open&service_area=older_people&limit=20",
}


def measure(*sizes: int) -> list[dict[str, Any]]:
    """One entry for each kind of read against the same bytes, and for each larger register against the first."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="redress-bench-")))
        folder.chmod(0o755)
        generator, server = Generator(folder), stack.enter_context(postgres_server(DURABLE))
        registers = [serve(stack, folder, server, bulk.Size(size, events=4, open=10)) for size in sizes]
        return [
            result
            for what in PATHS
            for result in _compare(stack, generator, what, dict(zip(sizes, registers, strict=True)))
        ]


def serve(stack: ExitStack, folder: Path, server: Server, size: bulk.Size) -> tuple[int, str, list[str]]:
    """A register of a size, served: its port, a key, and references to ask for."""
    cases = size.cases
    server.execute(f"CREATE DATABASE register_{cases}")
    home = folder / str(cases)
    home.mkdir()
    deployment = Deployment(home, server.url(f"register_{cases}"))
    deployment.run("migrate")
    bulk.fill(server.url(f"register_{cases}"), size)
    named = ("--authority", bulk.AUTHORITY, "--name", "bench", "--unlimited", "--scope", "cases:read")
    key = deployment.run("keys", "create", *named).stdout.strip()
    return (
        stack.enter_context(deployment.serving("cases")).port,
        key,
        list(size.references)[cases // ASKED - 1 :: cases // ASKED],
    )


def _compare(
    stack: ExitStack, generator: Generator, what: str, registers: dict[int, tuple[int, str, list[str]]]
) -> list[dict[str, Any]]:
    ours = {
        f"{cases:,} cases": Contestant(port, PATHS[what], key, values=asked)
        for cases, (port, key, asked) in registers.items()
    }
    first, *others = ours
    answer = generator.folder / "answer"
    answer.write_bytes(_answer(ours[first]))
    port = stack.enter_context(yardsticks({"YARDSTICK_ANSWER": str(answer)}))
    speeds = generator.speeds({"the same bytes": Contestant(port, "/bytes"), **ours}, CONNECTIONS)
    for name, speed in speeds.items():
        print(f"  {what}: {name:30} {speed}", flush=True)
    rate = speeds[first].rate
    same = entry(f"{what} against a route that answers the same bytes", rate / speeds["the same bytes"].rate, 0.5)
    larger = (entry(f"{what} of {first} against {o}", rate / speeds[o].rate, 1.2, "lower") for o in others)
    return [same, *larger]


def _answer(contestant: Contestant) -> bytes:
    path = contestant.path.replace(VALUE, contestant.values[0])
    headers = {"Authorization": f"Bearer {contestant.key}"}
    return httpx.get(f"http://127.0.0.1:{contestant.port}{path}", headers=headers, trust_env=False).content
