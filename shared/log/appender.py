"""Group commit: one thread a process takes whatever waits, without delay, and commits it as one batch an authority."""

import asyncio
import contextlib
import logging
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

import sqlalchemy as sa

from shared.errors import Unavailable
from shared.log.items import Append, Appended, Result
from shared.log.store import Log, explained

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Ticket:
    """An item that waits, and who waits for it: a thread, or a task of an event loop."""

    item: Append
    waiting: "Future[Appended] | asyncio.Future[Appended]"
    result: Result | None = None

    def begun(self) -> bool:
        """Whether it is to be written: nobody has given up waiting for it."""
        if isinstance(self.waiting, asyncio.Future):
            return not self.waiting.cancelled()
        return self.waiting.set_running_or_notify_cancel()

    def tell(self) -> None:
        """Say how it went; called where whoever waits can be told."""
        if self.waiting.cancelled():
            return
        if isinstance(self.result, Appended):
            self.waiting.set_result(self.result)
        else:
            assert self.result is not None  # noqa: S101 - told after it was written
            self.waiting.set_exception(self.result)


@dataclass
class Appender:
    """The one writer of a process. `submit` never blocks; its future ends when the commit has.

    What is cancelled while it waits is never written. `close` takes no more and finishes what waits.
    """

    log: Log
    batch: int = 256
    capacity: int = 10_000
    batches: int = 0
    appended: int = 0
    events: int = 0
    sizes: list[int] = field(default_factory=lambda: [0] * 16)
    """How many batches had up to 1, 2, 4, 8 … appends."""
    _queue: "queue.SimpleQueue[list[_Ticket] | None]" = field(init=False)
    _waiting: int = field(default=0, init=False)
    _turns: dict[asyncio.AbstractEventLoop, list[_Ticket]] = field(default_factory=dict, init=False)
    """What each loop brings in the turn that it is in: one that is closed before its end holds up no other."""
    _thread: threading.Thread = field(init=False)
    _closed: bool = field(default=False, init=False)
    _gate: threading.Lock = field(default_factory=threading.Lock, init=False)

    def __post_init__(self) -> None:
        self._queue = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="appender", daemon=True)
        self._thread.start()

    def submit(self, item: Append) -> "Future[Appended]":
        """Queue one item.

        Raises:
            Unavailable: the queue is full, or the appender is closing.
        """
        ticket: Future[Appended] = Future()
        item = item.ready()
        with self._gate:
            self._admit()
            self._queue.put([_Ticket(item, ticket)])
        return ticket

    async def append(self, item: Append) -> Appended:
        """Queue one item together with what the same event loop brings in the same turn, and wait for its commit.

        One thread is woken for all of them, and one loop by it for all of their answers.

        Raises:
            Unavailable: the queue is full, or the appender is closing. Else what became of the item.
        """
        loop = asyncio.get_running_loop()
        item = item.ready()
        with self._gate:
            self._admit()
            waiting: asyncio.Future[Appended] = loop.create_future()
            turn = self._turns.get(loop)
            if turn is None:
                turn = self._turns[loop] = []
                loop.call_soon(self._hand_over, loop)
            turn.append(_Ticket(item, waiting))
        return await waiting

    def _admit(self) -> None:
        if self._closed:
            raise Unavailable("shutting down", retry_after=5)
        if self._waiting >= self.capacity:
            raise Unavailable("too many requests are waiting to be recorded")
        self._waiting += 1

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._gate:
            self._queue.put(self._turns.pop(loop, []))

    @property
    def waiting(self) -> int:
        """How many appends wait to be taken into a batch."""
        return self._waiting

    def close(self) -> None:
        """Take no more, finish what waits, and end the thread."""
        with self._gate:
            if not self._closed:
                self._closed = True
                for turn in self._turns.values():
                    self._queue.put(turn)
                self._turns.clear()
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        with contextlib.closing(_Lazily(self.log)) as connection:
            self._serve(connection)

    def _serve(self, connection: "_Lazily") -> None:
        open_ = True
        waiting: list[_Ticket] = []
        while open_ or waiting:
            while len(waiting) < self.batch and (not waiting or not self._queue.empty()):
                more = self._queue.get()
                if more is None:
                    open_ = False
                    break
                waiting += more
            batch, waiting = waiting[: self.batch], waiting[self.batch :]
            with self._gate:
                self._waiting -= len(batch)
            for tickets in _by_authority(batch).values():
                self._commit([ticket for ticket in tickets if ticket.begun()], connection)

    def _commit(self, tickets: list[_Ticket], connection: "_Lazily") -> None:
        if not tickets:
            return
        try:
            results = self.log.append_batch([ticket.item for ticket in tickets], connection.get())
            self._count(results)
        except Exception as error:
            connection.close()
            logger.exception("an append failed")
            results = [explained(error, ticket.item) for ticket in tickets]
        _tell(tickets, results)

    def _count(self, results: Sequence[Result]) -> None:
        self.batches += 1
        self.appended += len(results)
        self.sizes[(len(results) - 1).bit_length()] += 1
        self.events += sum(
            one.version - one.first + 1 for one in results if isinstance(one, Appended) and not one.replayed
        )


def _tell(tickets: Sequence[_Ticket], results: Sequence[Result]) -> None:
    loops: dict[asyncio.AbstractEventLoop, list[_Ticket]] = {}
    for ticket, result in zip(tickets, results, strict=True):
        ticket.result = result
        if isinstance(ticket.waiting, asyncio.Future):
            loops.setdefault(ticket.waiting.get_loop(), []).append(ticket)
        else:
            ticket.tell()
    for loop, told in loops.items():
        with contextlib.suppress(RuntimeError):  # it is closed, and nobody there waits any more
            loop.call_soon_threadsafe(_tell_each, told)


def _tell_each(tickets: Sequence[_Ticket]) -> None:
    for ticket in tickets:
        ticket.tell()


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
        grouped.setdefault(ticket.item.authority, []).append(ticket)
    return grouped
