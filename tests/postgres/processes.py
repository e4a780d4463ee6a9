"""Starts writers, lets them go at one moment, and follows what they write."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from random import Random

from shared.log import Log, verify
from shared.log.chain import Anchor
from tests.postgres.appends import AUTHORITY, an_append, eventually, positions
from tests.postgres.writers import run

# A server that has imported everything once and forks each writer: processes of their own, without the wait.
FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload(["tests.postgres.writers", "tests.torture.forked"])


@dataclass
class Writer:
    """A process and the file that it speaks to, which outlives it."""

    process: ForkServerProcess
    spoken: Path

    def said(self, word: str) -> list[list[str]]:
        """The whole lines so far that begin with a word, without it."""
        whole = self.spoken.read_text().rpartition("\n")[0]
        return [line.split()[1:] for line in whole.splitlines() if line.split()[0] == word]

    @property
    def over(self) -> bool:
        return not self.process.is_alive()


@contextmanager
def running(folder: Path, kind: str, url: str, processes: int, count: int, seed: int = 0) -> Iterator[list[Writer]]:
    """Writers that have all started and all begin at once. None outlives the block."""
    go = FORKING.Event()
    writers: list[Writer] = []
    try:
        for number in range(seed, seed + processes):
            spoken = folder / f"{kind}-{number}"
            spoken.touch()
            process = FORKING.Process(target=run, args=(kind, url, number, count, str(spoken), go))
            process.start()
            writers.append(Writer(process, spoken))
        eventually(lambda: all(writer.said("ready") or writer.over for writer in writers))
        go.set()
        yield writers
    finally:
        for writer in writers:
            writer.process.kill()
            writer.process.join()


def complete(writers: list[Writer]) -> None:
    """Wait until all are done; fails with what a writer said if one failed."""
    for writer in writers:
        writer.process.join()
        assert writer.process.exitcode == 0, writer.spoken.read_text()[-3000:]


def tail(read: Callable[[int, int], list[int]], writers: list[Writer], random: Random) -> list[int]:
    """Follow a table by position in pages of any size until its writers are done; every position seen, in order."""
    seen: list[int] = []
    deadline = time.monotonic() + 120
    while True:
        over = all(writer.over for writer in writers)
        page = read(seen[-1] if seen else 0, random.randint(1, 40))
        seen += page
        if over and not page:
            return seen
        assert time.monotonic() < deadline, "the writers did not end"
        if not page:
            time.sleep(0.001)


def reconcile(log: Log, writers: list[Writer]) -> None:
    """What a client does who was cut off: ask again with the same key. Then everything is there, and once."""
    tried = [key for writer in writers for [key] in writer.said("try")]
    acknowledged = {key: int(position) for writer in writers for key, position in writer.said("ack")}
    first = {key: log.append(an_append(f"case:{key}", key=key)) for key in tried}
    assert {key: first[key].position for key in acknowledged} == acknowledged
    assert all(first[key].replayed for key in acknowledged)
    again = {key: log.append(an_append(f"case:{key}", key=key)) for key in tried}
    assert {key: (a.position, a.recorded_at) for key, a in again.items()} == {
        key: (a.position, a.recorded_at) for key, a in first.items()
    }
    assert sorted(a.position for a in first.values()) == positions(log.engine) == list(range(1, len(tried) + 1))
    assert isinstance(verify(log.engine, AUTHORITY), Anchor)
