"""Runs `redress` as its users do: as processes, in a folder and on a port of their own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

REDRESS = Path(sys.executable).parent / "redress"
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Deployment:
    """A home folder, and the database that goes with it: the folder's own file, unless there is an address."""

    home: Path
    database_url: str | None = None
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> Mapping[str, str]:
        ours = {"REDRESS_HOME": str(self.home), **self.more}
        if self.database_url:
            ours["REDRESS_DATABASE_URL"] = self.database_url
        return {**{name: value for name, value in os.environ.items() if not name.startswith("REDRESS_")}, **ours}

    def run(self, *arguments: str | Path, status: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, which must be with this exit status and never with a traceback."""
        command = [REDRESS, *map(str, arguments)]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
        )
        assert (done.returncode, "Traceback" in done.stderr) == (status, False), done.stdout + done.stderr
        return done

    def key(self, *scopes: str, authority: str = "COV") -> str:
        """A new key, as `keys create` prints it."""
        wanted = [argument for scope in scopes for argument in ("--scope", scope)]
        return self.run("keys", "create", "--authority", authority, "--name", "test", *wanted).stdout.strip()

    def begin(self, *services: str) -> "Server":
        """Start a server."""
        port = free_port()
        log = self.home / f"serve-{port}.log"
        with log.open("ab") as output:
            command = [REDRESS, "serve", *services, "--port", str(port)]
            process = subprocess.Popen(command, env=self.environment, stdout=output, stderr=subprocess.STDOUT)
        return Server(process, port, log)

    @contextmanager
    def serving(self, *services: str) -> Iterator["Server"]:
        """A server that is ready, and gone afterwards."""
        server = self.begin(*services)
        try:
            server.wait_until_ready()
            yield server
        finally:
            server.end()

    def copied(self, to: Path) -> "Deployment":
        """The same folder again, for a test of its own."""
        shutil.copytree(self.home, to)
        return Deployment(to)


@dataclass(frozen=True)
class Server:
    """A `redress serve` that runs."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        return self.log.read_text("utf-8")

    def client(self, key: str) -> httpx.Client:
        """Asks this server with a key."""
        headers = {"Authorization": f"Bearer {key}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=PATIENCE_SECONDS, trust_env=False)

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        with httpx.Client(trust_env=False) as client:
            while not self._ready(client):
                assert self.process.poll() is None, self.said
                assert time.monotonic() < deadline, self.said
                time.sleep(0.02)

    def _ready(self, client: httpx.Client) -> bool:
        try:
            return client.get(f"{self.url}/health/ready").status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """End it as a power cut would: at once, and without a word to it."""
        self.process.kill()
        self.process.wait(PATIENCE_SECONDS)

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end, if it has not; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(PATIENCE_SECONDS)


@dataclass(frozen=True)
class Sample:
    """The sample's deployment, its server, and its development key."""

    deployment: Deployment
    server: Server
    key: str


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port


def created(answer: httpx.Response) -> Any:
    """The JSON of a 201."""
    assert answer.status_code == 201, answer.text
    return answer.json()


def found(answer: httpx.Response) -> Any:
    """The JSON of a 200."""
    assert answer.status_code == 200, answer.text
    return answer.json()
