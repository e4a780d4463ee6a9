"""What `/metrics` tells: of the process, and of the register as the database knows it when it is asked.

Labels are routes, methods, statuses, followers and authorities: never a reference, an address or anything of anybody.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Protocol

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from shared.log import Appender
from shared.register import Register

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """Of the requests that this process answered."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        requests = Counter("redress_requests", "Requests answered.", labels, registry=self.registry)
        seconds = Histogram("redress_request_seconds", "Time to answer.", labels, registry=self.registry)
        # kept, because finding a label's sample takes longer than to count one
        self._samples = cache(lambda *its: (requests.labels(*its), seconds.labels(*its)))

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered; `method` is a known one."""
        count, time = self._samples(method, route, status)
        count.inc()
        time.observe(seconds)


def known_method(method: str) -> str:
    """The method, or `other`: a client may write whatever it likes there."""
    return method if method in _METHODS else "other"


class Standing(Protocol):
    """Something that runs beside the routes: called, it says why its service is not ready, or None."""

    def __call__(self) -> str | None:
        """Why the service is not ready, or None."""

    @property
    def follower(self) -> str:
        """What follows the log."""

    def reached(self, connection: sa.Connection) -> Mapping[str, int]:
        """How far it has come in the log of each authority."""


@dataclass(frozen=True)
class Measure:
    """A number for each authority that a service can count at any time."""

    name: str
    what: str
    count: Callable[[Register, sa.Connection], Mapping[str, int]]


def behind(register: Register, connection: sa.Connection, standing: Standing) -> dict[str, int]:
    """How many events of each authority are in the log that a follower has not come to."""
    reached = standing.reached(connection)  # read first: a follower is never ahead of what is read later
    return {code: end - reached.get(code, 0) for code, end in register.ends(connection).items()}


def told(
    metrics: Metrics, register: Register, standings: Sequence[tuple[Register, Standing]], measures: Sequence[Measure]
) -> bytes:
    """The text that a scrape gets."""
    now = CollectorRegistry()
    now.register(_Now(register, standings, measures))
    return generate_latest(metrics.registry) + generate_latest(now)


@dataclass(frozen=True, eq=False)
class _Now(Collector):
    """Counted as it is asked for: short queries by index, however long the logs are."""

    opened: Register
    standings: Sequence[tuple[Register, Standing]]
    measures: Sequence[Measure]

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("redress_database_up", "Whether a database answered this scrape.", labels=("cluster",))
        lag = GaugeMetricFamily(
            "redress_follower_behind_events",
            "Events in the log that a follower has not come to.",
            labels=("follower", "authority"),
        )
        counts = {m.name: GaugeMetricFamily(m.name, m.what, labels=("authority",)) for m in self.measures}
        for own in self.opened.each():
            try:
                self._count(own, lag, counts)
            except SQLAlchemyError:
                up.add_metric((own.cluster,), 0)
            else:
                up.add_metric((own.cluster,), 1)
        yield from (up, lag, *counts.values(), *_appends([own.appender for own in self.opened.each()]))

    def _count(self, own: Register, lag: GaugeMetricFamily, counts: Mapping[str, GaugeMetricFamily]) -> None:
        with own.engine.connect() as connection:
            for at, standing in self.standings:
                if at is own:
                    for code, events in behind(own, connection, standing).items():
                        lag.add_metric((standing.follower, code), events)
            for measure in self.measures:
                for code, number in measure.count(own, connection).items():
                    counts[measure.name].add_metric((code,), number)


def _appends(appenders: Sequence[Appender]) -> Iterator[Metric]:
    waiting = GaugeMetricFamily("redress_appends_waiting", "Appends that wait for a commit.")
    waiting.add_metric([], sum(appender.waiting for appender in appenders))
    events = CounterMetricFamily("redress_appended_events", "Events that this process appended.")
    events.add_metric([], sum(appender.events for appender in appenders))
    batches = [sum(sizes) for sizes in zip(*(appender.sizes for appender in appenders), strict=True)]
    buckets = [(f"{2.0**power}", float(so_far)) for power, so_far in enumerate(accumulate(batches))]
    sizes = HistogramMetricFamily("redress_append_batch_size", "Appends that went into one commit.")
    total = sum(appender.appended for appender in appenders)
    sizes.add_metric([], [*buckets, ("+Inf", float(sum(batches)))], total)
    yield from (waiting, events, sizes)
