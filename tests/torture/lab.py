"""Where the sections work: machines that can fail, and a PostgreSQL that is started when it is first asked for.

Its writes are durable, as they are in earnest: what is acknowledged must outlive a crash.
"""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path

from tests.e2e.commands import Deployment
from tests.postgres.server import Server, postgres_server

DURABLE: Mapping[str, str] = {"recovery_init_sync_method": "syncfs"}  # or each crash takes seconds


@dataclass(frozen=True)
class Machine:
    """Where faults are made: each is there while a file of its name is in the folder."""

    folder: Path
    library: Path

    def __post_init__(self) -> None:
        self.folder.mkdir()

    @property
    def environment(self) -> Mapping[str, str]:
        """What a process must be started with to run on this machine."""
        return {"LD_PRELOAD": str(self.library), "FAULTS": str(self.folder)}

    @contextmanager
    def having(self, fault: str) -> Iterator[None]:
        """The fault, for as long as the block takes."""
        (self.folder / fault).touch()
        try:
            yield
        finally:
            (self.folder / fault).unlink()


@dataclass(frozen=True)
class OnMachine(Deployment):
    """A deployment whose commands run on a machine that can fail."""

    machine: Machine | None = None

    @property
    def environment(self) -> Mapping[str, str]:
        assert self.machine
        return {**super().environment, **self.machine.environment}


@dataclass
class Lab:
    """What all sections share: a machine for servers, and one for PostgreSQL."""

    stack: ExitStack
    servers: Machine
    databases: Machine

    def __post_init__(self) -> None:
        self._numbers = count(1)

    @cached_property
    def postgres(self) -> Server:
        """The one PostgreSQL."""
        server = self.stack.enter_context(postgres_server(DURABLE, self.databases.environment))
        self.stack.callback(lambda: server.process.send_signal(signal.SIGQUIT))  # nobody keeps what it holds
        return server

    def database(self) -> str:
        """The name of a new and empty database on it."""
        name = f"torture_{next(self._numbers)}"
        self.postgres.execute(f"CREATE DATABASE {name}")
        return name

    def url(self) -> str:
        """The address of a new and empty database on it."""
        return self.postgres.url(self.database())


@contextmanager
def lab() -> Iterator[Lab]:
    """A lab, in a folder that processes of any user may read."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="redress-lab-")))
        folder.chmod(0o755)
        library, source = folder / "fault.so", Path(__file__).with_name("fault.c")
        compiler = os.environ.get("CC", "cc")
        subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"], check=True)
        yield Lab(stack, *(Machine(folder / name, library) for name in ("servers", "databases")))
