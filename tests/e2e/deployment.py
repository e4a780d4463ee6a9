"""A deployment as an operator runs it: the real commands, in processes of their own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

REDRESS = Path(sys.executable).with_name("redress")
_PATIENCE_SECONDS = 60


@dataclass
class Deployment:
    """A folder, its environment, and the servers that run on it."""

    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one `redress` command to its end."""
        return subprocess.run(
            [REDRESS, *arguments], env=self._environment(), capture_output=True, text=True, timeout=120, check=False
        )

    def done(self, *arguments: str) -> str:
        """Run one command that must succeed; what it printed."""
        finished = self.command(*arguments)
        assert finished.returncode == 0, finished.stderr
        return finished.stdout

    @property
    def key(self) -> str:
        """The development key."""
        return (self.home / "dev-key").read_text().strip()

    @contextmanager
    def serving(self, *services: str) -> Iterator["Server"]:
        """A server that is ready; it is killed at the end if it still runs."""
        server = self.start(*services)
        try:
            server.await_ready()
            yield server
        finally:
            server.kill()

    def start(self, *services: str) -> "Server":
        """Start a server on a free port, without waiting for it."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        log = self.home / f"server-{port}.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                [REDRESS, "serve", *services, "--port", str(port)],
                env=self._environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        return Server(process, f"http://127.0.0.1:{port}", log, self)

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "REDRESS_HOME": str(self.home), **self.environment}


@dataclass
class Server:
    """A running `redress serve`."""

    process: subprocess.Popen[bytes]
    base: str
    log: Path
    deployment: Deployment

    def await_ready(self) -> None:
        """Wait until it says that it is ready."""
        give_up = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < give_up:
            assert self.process.poll() is None, self.log.read_text()
            try:
                if httpx.get(f"{self.base}/health/ready", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"not ready in time:\n{self.log.read_text()}")

    def client(self, key: str | None = None) -> httpx.Client:
        """A client with a key, by default the development key."""
        headers = {"Authorization": f"Bearer {key or self.deployment.key}"}
        return httpx.Client(base_url=self.base, headers=headers, timeout=30)

    def stop(self) -> int:
        """Ask it to end, as a supervisor would; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)

    def kill(self) -> None:
        """End it without asking."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
