"""`redress` commands in processes forked from one that has imported everything: the same programs, without the wait.

Hundreds of servers can so be started and killed in a few minutes.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import uvicorn.lifespan.on
import uvicorn.loops.auto
import uvicorn.protocols.http.auto
import uvicorn.protocols.websockets.auto  # noqa: F401 - all that a server would import when it starts

import migrations
import services.together  # noqa: F401
from services import cli
from tests.e2e.commands import Deployment, free_port
from tests.postgres.processes import FORKING

migrations.head()


def become(environment: Mapping[str, str], output: str, arguments: list[str]) -> None:
    """What a forked process does: it is the command, and says into a file what the command says."""
    said = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(said, 1)
    os.dup2(said, 2)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["redress", *arguments]
    cli.main()


@dataclass(frozen=True)
class Command:
    """A command that was started, and the file that it speaks to."""

    process: ForkServerProcess
    output: Path

    def end(self) -> int:
        """Wait for its end; its exit status."""
        self.process.join(60)
        assert self.process.exitcode is not None, self.output.read_text()
        return self.process.exitcode

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.join()


def begin(deployment: Deployment, *arguments: str, output: str) -> Command:
    """Start a command in a deployment; what it says goes to a file of the deployment's home."""
    file = deployment.home / output
    process = FORKING.Process(target=become, args=(dict(deployment.environment), str(file), list(arguments)))
    process.start()
    return Command(process, file)


def serve(deployment: Deployment) -> tuple[Command, str]:
    """Start `redress serve`; the command and the server's address."""
    port = free_port()
    return begin(deployment, "serve", "--port", str(port), output="serve.log"), f"http://127.0.0.1:{port}"
