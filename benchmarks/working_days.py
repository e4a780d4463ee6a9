"""Working-day addition, one call at a time, against what one would otherwise reach for.

Same dates, same answers (asserted first), caches warm, and each rival in its quickest form: `holidays` with every year
already computed, numpy with its calendar, dates and offset already made into its own types.
"""

import random
import statistics
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import holidays
import numpy as np

from shared.calendar import load

DAYS = 20
ROUNDS = 25
DATES = 4_000  # a round, for us and for numpy
FEW = 200  # of these for `holidays`, which is slow


def measure() -> list[dict[str, Any]]:
    """One entry a rival: how many of our calls fit in one of its (`ratio`), and whether that is at least `target`."""
    took = nanoseconds()
    return [
        _entry("working-day addition against holidays", took["holidays"] / took["redress"], 100),
        _entry("working-day addition against numpy.busday_offset", took["numpy"] / took["redress"], 10),
    ]


def nanoseconds() -> dict[str, float]:
    """Nanoseconds a call, loop included: the median of interleaved rounds over random days of 2012 to 2028."""
    calendar = load("england-and-wales")
    rival = holidays.country_holidays("GB", subdiv="ENG", years=range(2000, 2041))
    table = np.busdaycalendar(weekmask="1111100", holidays=list(calendar.holidays))
    rng = random.Random(20)
    low, high = date(2012, 1, 1).toordinal(), date(2028, 12, 31).toordinal()
    dates = [date.fromordinal(rng.randint(low, high)) for _ in range(DATES)]
    days64 = [np.datetime64(day, "D") for day in dates]

    runs: dict[str, Callable[[], list[date]]] = {
        "redress": lambda: _each(calendar.add, dates),
        "numpy": lambda: _numpy(np.busday_offset, days64, table),
        "holidays": lambda: _each(rival.get_nth_working_day, dates[:FEW]),
    }
    ours = runs["redress"]()
    assert runs["numpy"]() == ours
    assert runs["holidays"]() == ours[:FEW]

    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name in rng.sample(list(runs), len(runs)):
            runs[name]()  # so that none pays for what its predecessor left in the processor's caches
            started = time.perf_counter_ns()
            answers = runs[name]()
            times[name].append((time.perf_counter_ns() - started) / len(answers))
    return {name: statistics.median(values) for name, values in times.items()}


def _each(add: Callable[[date, int], date], dates: list[date]) -> list[date]:
    return [add(day, DAYS) for day in dates]


def _numpy(offset: Callable[..., Any], days64: list[Any], table: Any) -> list[date]:
    # A day that does not count is rolled back first, so that day 1 is the first working day after it.
    days = np.int64(DAYS)
    return [offset(day, days, roll="backward", busdaycal=table).item() for day in days64]


def _entry(name: str, ratio: float, target: float) -> dict[str, Any]:
    return {"name": name, "ratio": round(ratio, 1), "target": target, "better": "higher", "met": ratio >= target}
