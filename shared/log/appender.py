"""Group commit: one thread a process takes whatever waits, without delay, and commits it as one batch an authority."""

import contextlib
import logging
import queue
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field

import sqlalchemy as sa

from shared.errors import Unavailable
from shared.log.store import Append, Appended, Log, explained

logger = logging.getLogger(__name__)

_Ticket = tuple[Append, "Future[Appended]"]


@dataclass
class Appender:
    """The one writer of a process. `submit` never blocks; its future ends when the commit has.

    A future that is cancelled while it waits is never written. `close` takes no more and finishes what waits.
    """

    log: Log
    batch: int = 256
    capacity: int = 10_000
    batches: int = 0
    appended: int = 0
    events: int = 0
    sizes: list[int] = field(default_factory=lambda: [0] * 16)
    """How many batches had up to 1, 2, 4, 8 … appends."""
    _queue: "queue.Queue[_Ticket | None]" = field(init=False)
    _thread: threading.Thread = field(init=False)
    _closed: bool = field(default=False, init=False)
    _gate: threading.Lock = field(default_factory=threading.Lock, init=False)

    def __post_init__(self) -> None:
        self._queue = queue.Queue(self.capacity)
        self._thread = threading.Thread(target=self._run, name="appender", daemon=True)
        self._thread.start()

    def submit(self, item: Append) -> "Future[Appended]":
        """Queue one item.

        Raises:
            Unavailable: the queue is full, or the appender is closing.
        """
        future: Future[Appended] = Future()
        with self._gate:
            if self._closed:
                raise Unavailable("shutting down", retry_after=5)
            try:
                self._queue.put_nowait((item.ready(), future))
            except queue.Full:
                raise Unavailable("too many requests are waiting to be recorded") from None
        return future

    @property
    def waiting(self) -> int:
        """How many appends wait to be taken into a batch."""
        return self._queue.qsize()

    def close(self) -> None:
        """Take no more, finish what waits, and end the thread."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        with contextlib.closing(_Lazily(self.log)) as connection:
            self._serve(connection)

    def _serve(self, connection: "_Lazily") -> None:
        open_ = True
        while open_:
            waiting = [self._queue.get()]
            while len(waiting) < self.batch and not self._queue.empty():
                waiting.append(self._queue.get_nowait())
            open_ = None not in waiting
            for tickets in _by_authority([ticket for ticket in waiting if ticket]).values():
                self._commit(tickets, connection)

    def _commit(self, tickets: list[_Ticket], connection: "_Lazily") -> None:
        live = [ticket for ticket in tickets if ticket[1].set_running_or_notify_cancel()]
        if not live:
            return
        try:
            results = self.log.append_batch([item for item, _ in live], connection.get())
        except Exception as error:
            connection.close()
            logger.exception("an append failed")
            for item, future in live:
                future.set_exception(explained(error, item))
            return
        self.batches += 1
        self.appended += len(live)
        self.sizes[(len(live) - 1).bit_length()] += 1
        for (_, future), result in zip(live, results, strict=True):
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                self.events += 0 if result.replayed else result.version - result.first + 1
                future.set_result(result)


class _Lazily:
    """The appender's own connection: made when it is first needed, and made anew after a surprise.

    A lost one is never used again: SQLAlchemy would reconnect it without the isolation level that the log insists on.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._connection: sa.Connection | None = None

    def get(self) -> sa.Connection:
        if self._connection is not None and self._connection.invalidated:
            self.close()
        if self._connection is None:
            self._connection = self._log.connect()
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _by_authority(tickets: list[_Ticket]) -> dict[str, list[_Ticket]]:
    grouped: dict[str, list[_Ticket]] = {}
    for ticket in tickets:
        grouped.setdefault(ticket[0].authority, []).append(ticket)
    return grouped
