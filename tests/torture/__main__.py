"""Faults and hostile input, with their numbers: `make torture`. Exits 1 if any number is not what it must be."""

import argparse
import logging
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from random import SystemRandom

from tests.torture import api, database, killing, machine, record, starting, wire
from tests.torture.counts import Count, Effort, Section
from tests.torture.lab import Lab, lab

SECTIONS: Mapping[str, tuple[Section, float]] = {
    "servers killed, on SQLite": (killing.servers_killed_on_sqlite, 6),
    "servers killed, on PostgreSQL": (killing.servers_killed_on_postgres, 6),
    "writers killed, on SQLite": (killing.writers_killed_on_sqlite, 2),
    "writers killed, on PostgreSQL": (killing.writers_killed_on_postgres, 2),
    "PostgreSQL killed under a server": (database.postgres_killed, 3),
    "sessions ended at work": (database.sessions_ended, 1.5),
    "connections cut around COMMIT": (database.answers_lost, 1.5),
    "disk full, on SQLite": (machine.disk_full_on_sqlite, 1.5),
    "disk full, on PostgreSQL": (machine.disk_full_on_postgres, 2),
    "clock going back an hour": (machine.clock_back, 1),
    "migrations at once": (starting.migrations_at_once, 1),
    "two servers on one file": (starting.second_servers, 0.5),
    "a log tampered with, on SQLite": (record.tampered_on_sqlite, 3),
    "a log tampered with, on PostgreSQL": (record.tampered_on_postgres, 3),
    "routes and credentials": (record.credentials, 1),
    "hostile requests": (api.hostile_requests, 8),
    "hostile bytes": (wire.hostile_bytes, 1.5),
}
"""What is done, in what share of the time. A section is a function from an `Effort` to its counts: add yours here."""

AROUND_SECONDS = 6.0
"""What a section needs beside its share: a database, a server, and a last look at everything."""


def torture(seed: int, seconds: float, chosen: str) -> bool:
    """Run the sections whose name holds `chosen`, print the table, and say whether every number is right."""
    print(f"seed {seed}, about {seconds:.0f} s")
    started = time.monotonic()
    counts: list[Count] = []
    with lab() as shared:
        waiting = [(name, section, weight) for name, (section, weight) in SECTIONS.items() if chosen in name]
        while waiting:
            left = started + seconds - time.monotonic() - AROUND_SECONDS * len(waiting)
            weights = sum(weight for *_, weight in waiting)
            name, section, weight = waiting.pop(0)
            counts += _run(name, section, seed, max(0.0, left * weight / weights), shared)
    wrong = sum(not count.right for count in counts)
    print(f"{len(counts)} counts, {wrong} wrong, in {time.monotonic() - started:.0f} s; seed {seed}")
    return not wrong


def _run(name: str, section: Section, seed: int, seconds: float, shared: Lab) -> list[Count]:
    with tempfile.TemporaryDirectory(prefix="redress-torture-") as folder:
        counts = section(Effort(seed, seconds, shared, Path(folder)))
    print(name)
    for count in counts:
        print(f"  {count.value:>9,}  {count.what}{'' if count.right else '   WRONG'}", flush=True)
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--seconds", type=float, default=480, help="how long it takes, about (480)")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(10**6), help="to do the same again")
    parser.add_argument("--only", default="", help="only the sections whose name holds this")
    given = parser.parse_args()
    logging.disable(logging.ERROR)  # a database that goes away is logged by the register, and is the point here
    raise SystemExit(0 if torture(given.seed, given.seconds, given.only) else 1)


if __name__ == "__main__":
    main()
