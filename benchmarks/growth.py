"""What the length of a log changes: the same few measures of registers of ten thousand to a million cases.

`python -m benchmarks.growth [CASES …]` fills one register after another, follows its log for real, and prints as it
goes; the last lines are a table for `docs/performance.md`. It writes `benchmarks/growth.json` and draws
`docs/growth.svg`. A register has the same number of cases since April 2022, whatever lies behind them, so that a report
of a year counts the same.
"""

import json
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks import appends, bulk, reads, reports
from benchmarks.chart import drawn
from benchmarks.intake import entry
from benchmarks.load import Contestant, Generator
from benchmarks.rebuild import FAST, Followed, timed
from services.reporting.reading import ReadModels
from shared.database import connect
from shared.log import Appender, Log, verify
from shared.year import Year
from tests.postgres.server import Server, postgres_server

SIZES = (10_000, 100_000, 1_000_000)
EVENTS = 4
RECENT = 9_000
SECONDS = 5.0
ROUNDS = 5
YEAR, AS_AT = Year(2024), date(2025, 6, 30)

Measured = dict[str, float]
"""Milliseconds, microseconds or so many a second, by what was measured."""

UNITS: dict[str, str] = {
    "an append, half of them": "us",
    "an append, 99 of a hundred": "us",
    "appends by one appender": "a second",
    "a case": "us",
    "a page of the list": "us",
    "the annual report": "ms",
    "verifying an event": "us",
    "rebuilding an event": "us",
    "catching up an event": "us",
}
LESS_IS_WORSE = "appends by one appender"


def measure(*sizes: int) -> list[dict[str, Any]]:
    """An entry for each measure of each larger register beside the smallest."""
    found: dict[int, Measured] = {}
    for cases in sizes:
        began = time.monotonic()
        found[cases] = _of(bulk.Size(cases, EVENTS, open=10, recent=RECENT))
        print(f"  {cases:,} cases took {time.monotonic() - began:.0f} s", flush=True)
        Path(__file__).with_name("growth.json").write_text(json.dumps(found, indent=2) + "\n")
        (Path(__file__).parents[1] / "docs/growth.svg").write_text(drawn(relative(found)))
    print(table(found))
    (first, _), *others = found.items()
    return [
        entry(f"{name} of {cases:,} cases against {first:,}", relative(found)[name][cases], 1.2, "lower")
        for cases, _ in others
        for name in UNITS
    ]


def relative(found: dict[int, Measured]) -> dict[str, dict[int, float]]:
    """Of each measure, how much more it takes at each size than at the first."""
    first = next(iter(found.values()))
    return {
        name: {
            cases: first[name] / each[name] if name == LESS_IS_WORSE else each[name] / first[name]
            for cases, each in found.items()
        }
        for name in UNITS
    }


def table(found: dict[int, Measured]) -> str:
    """The measures as Markdown, a column a size."""
    head = [f"| | {' | '.join(f'{cases:,} cases' for cases in found)} |", f"|---|{'---:|' * len(found)}"]
    rows = (
        f"| {name} | {' | '.join(f'{each[name]:,.1f} {UNITS[name]}' for each in found.values())} |" for name in UNITS
    )
    return "\n".join([*head, *rows])


def _of(size: bulk.Size) -> Measured:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="redress-bench-")))
        folder.chmod(0o755)
        server = stack.enter_context(postgres_server(FAST))
        found = _read(folder, server, size)
        engine = connect(server.url(f"register_{size.cases}"))
        stack.callback(engine.dispose)
        for measured in (_appended(engine), _followed(engine, size, folder), _reported(engine), _verified(engine)):
            found |= measured
            _say(size, measured)
    return found


def _say(size: bulk.Size, measured: Measured) -> None:
    for name, value in measured.items():
        print(f"  {size.cases:,} cases: {name}: {value:,.1f} {UNITS[name]}", flush=True)


def _read(folder: Path, server: Server, size: bulk.Size) -> Measured:
    """The median of one reader's requests, one after another."""
    with ExitStack() as stack:
        port, key, asked = reads.serve(stack, folder, server, size)
        print(f"  {size.cases:,} cases: filled and served", flush=True)
        contestants = {name: Contestant(port, path, key, values=asked) for name, path in reads.PATHS.items()}
        speeds = Generator(folder).speeds(contestants, connections=1)
        found = {name: speed.p50 for name, speed in speeds.items()}
    _say(size, found)
    return found


def _appended(engine: sa.Engine) -> Measured:
    """One who appends again and again, each time when the last is committed."""
    appender = Appender(Log(engine))
    took: list[float] = []
    began = time.perf_counter()
    while time.perf_counter() < began + SECONDS:
        took.append(timed(lambda: appender.submit(appends.item()).result()))
    rate = len(took) / (time.perf_counter() - began)
    appender.close()
    half, most = statistics.median(took), statistics.quantiles(took, n=100)[98]
    return dict(zip(UNITS, (half * 1e6, most * 1e6, rate), strict=False))


def _followed(engine: sa.Engine, size: bulk.Size, home: Path) -> Measured:
    followed = Followed(engine, size, home)
    rounds = [followed.catch_up()["reports"] for _ in range(ROUNDS)]
    followed.close()
    events = size.cases * size.events
    return {"rebuilding an event": followed.rebuilt / events * 1e6, "catching up an event": statistics.median(rounds)}


def _reported(engine: sa.Engine) -> Measured:
    models = ReadModels(engine, Log(engine), None, bulk.AUTHORITY)
    rounds = [timed(lambda: reports.count(models, YEAR, AS_AT)) for _ in range(ROUNDS)]
    return {"the annual report": statistics.median(rounds) * 1e3}


def _verified(engine: sa.Engine) -> Measured:
    seconds = timed(lambda: verify(engine, bulk.AUTHORITY))
    with engine.connect() as connection:
        events = Log(engine).head(connection, bulk.AUTHORITY).position
    return {"verifying an event": seconds / events * 1e6}


if __name__ == "__main__":
    measure(*(tuple(map(int, sys.argv[1:])) or SIZES))
