"""A network that fails at the worst moment: the connection is cut when a COMMIT is sent, or when its answer comes."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random


@dataclass
class Proxy:
    """Stands between the register and PostgreSQL, and counts the commits whose connection it cut."""

    database: Path
    random: Random
    port: int = 0
    cutting: bool = False
    before: int = 0
    after: int = 0

    def carry(self, client: socket.socket) -> None:
        """One connection, until either side ends it or it is cut."""
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(str(self.database / ".s.PGSQL.5432"))
            lost = threading.Event()
            answers = threading.Thread(target=self._answers, args=(server, client, lost), daemon=True)
            answers.start()
            with contextlib.suppress(OSError):
                while sent := client.recv(65536):
                    commit = self.cutting and b"COMMIT" in sent
                    if commit and self.random.random() < 0.1:
                        self.before += 1
                        break
                    if commit and self.random.random() < 0.1:
                        lost.set()
                    server.sendall(sent)
            _cut(server)
            answers.join()

    def _answers(self, server: socket.socket, client: socket.socket, lost: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while told := server.recv(65536):
                if lost.is_set():
                    self.after += 1
                    break
                client.sendall(told)
        _cut(client)


def _cut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxy(database: Path, random: Random) -> Iterator[Proxy]:
    """A proxy to the PostgreSQL whose socket is in this folder; `port` says where it listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        between = Proxy(database, random, port=listening.getsockname()[1])

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    client, _ = listening.accept()
                    threading.Thread(target=between.carry, args=(client,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield between
        _cut(listening)
