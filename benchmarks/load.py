"""Servers to ask and the generator that asks them, which is a small C program so that it takes little of two cores."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.e2e.commands import free_port

NUMBER = "#" * 16
"""What in a request becomes a number of its own."""

VALUE = "@" * 15
"""What in a request becomes the next of the contestant's values, as long as this."""

WARM_SECONDS = 0.5


@dataclass(frozen=True)
class Contestant:
    """A request that is asked over and over: of which port, its path, and the body if it is a POST."""

    port: int
    path: str
    key: str = ""
    body: bytes = b""
    values: Sequence[str] = ()

    @property
    def request(self) -> bytes:
        """The request as it goes over the wire."""
        head = [f"{'POST' if self.body else 'GET'} {self.path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        if self.key:
            head.append(f"Authorization: Bearer {self.key}")
        if self.body:
            head += [f"Idempotency-Key: {NUMBER}", "Content-Type: application/json"]
            head.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join((*head, "", "")).encode() + self.body


@dataclass(frozen=True)
class Speed:
    """Answers a second, and how long one took: the median and the slowest of a hundred, in microseconds."""

    rate: float
    p50: float
    p99: float

    def __str__(self) -> str:
        return f"{self.rate:7,.0f}/s, p50 {self.p50 / 1000:6.2f} ms, p99 {self.p99 / 1000:6.2f} ms"


@dataclass(frozen=True)
class Generator:
    """The compiled programs, in a folder of their own."""

    folder: Path

    def __post_init__(self) -> None:
        compiler, here = os.environ.get("CC", "cc"), Path(__file__).parent
        subprocess.run([compiler, "-O2", "-o", self.folder / "load", here / "load.c"], check=True)
        shared = ["-shared", "-fPIC", "-O2", "-o", self.folder / "slow.so"]
        subprocess.run([compiler, *shared, here / "slow.c", "-ldl"], check=True)

    def slow(self, microseconds: int) -> Mapping[str, str]:
        """The environment of a PostgreSQL whose every fsync takes so much longer."""
        return {"LD_PRELOAD": str(self.folder / "slow.so"), "FSYNC_US": str(microseconds)} if microseconds else {}

    def speeds(
        self, contestants: Mapping[str, Contestant], connections: int, rounds: int = 3, seconds: float = 2
    ) -> dict[str, Speed]:
        """The median of each contestant's rounds; they take turns, so that all meet the same machine."""
        found: dict[str, list[Speed]] = {name: [] for name in contestants}
        for _ in range(rounds):
            for name, contestant in contestants.items():
                found[name].append(self.speed(contestant, connections, seconds))
        return {
            name: Speed(*(statistics.median(getattr(s, what) for s in speeds) for what in ("rate", "p50", "p99")))
            for name, speeds in found.items()
        }

    def speed(self, contestant: Contestant, connections: int, seconds: float) -> Speed:
        """One round. Every answer must be 2xx."""
        request, values = self.folder / "request", self.folder / "values"
        request.write_bytes(contestant.request)
        values.write_text("".join(f"{value}\n" for value in contestant.values))
        arguments = [
            contestant.port,
            connections,
            WARM_SECONDS,
            seconds,
            request,
            *([values] if contestant.values else []),
        ]
        said = subprocess.run([self.folder / "load", *map(str, arguments)], check=True, stdout=subprocess.PIPE).stdout
        told = json.loads(said)
        assert not told["bad"], f"{told['bad']} answers of {contestant.path} were no 2xx"
        return Speed(told["rate"], told["p50"], told["p99"])


@contextmanager
def yardsticks(environment: Mapping[str, str]) -> Iterator[int]:
    """The port of `yardsticks.app` on one worker."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "benchmarks.yardsticks:app", "--loop", "uvloop", "--http", "httptools"]
    process = subprocess.Popen(
        [*command, "--port", str(port), "--no-access-log", "--log-level", "warning"],
        env={**os.environ, **environment},
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            while not _answers(client):
                assert process.poll() is None, "the yardsticks did not start"
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/bytes").is_success
    except httpx.TransportError:
        return False
