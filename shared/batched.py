"""Questions to the database that come close together, asked together: one thread is woken for all of them.

To hand each to a thread of its own and to ask it by itself costs several times what the database takes to answer it.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from shared.database import reader
from shared.errors import Unavailable

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

PATIENCE = 0.05
"""Seconds that whoever comes later waits for a batch under way, before another thread asks for them beside it."""


@dataclass(slots=True)
class _Waiting(Generic[Asked, Answer]):
    """What waits in one event loop, and how many batches of it are under way; each overtaken one lets another begin."""

    questions: "list[tuple[Asked, asyncio.Future[Answer]]]" = field(default_factory=list)
    turning: bool = False
    under_way: int = 0
    overtaken: int = 0


class Batched(Generic[Asked, Answer]):
    """Answers whoever asks in an event loop; what comes while a batch is under way makes up the next one.

    `answers` is given a connection and at most `batch` questions, and answers each in turn; it only reads. If it fails,
    each question is asked by itself, so that one at fault harms no other. What a lost connection left unanswered is
    asked once more, on a new one.
    """

    def __init__(
        self,
        engine: sa.Engine,
        answers: Callable[[sa.Connection, Sequence[Asked]], Sequence[Answer]],
        batch: int = 256,
        threads: int = 4,
    ) -> None:
        self._engine = reader(engine)
        self._answers = answers
        self._batch = batch
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="batched")
        self._idle: list[sa.Connection] = []
        self._loops: WeakKeyDictionary[asyncio.AbstractEventLoop, _Waiting[Asked, Answer]] = WeakKeyDictionary()

    async def ask(self, question: Asked) -> Answer:
        """The answer to a question. Raises what became of it: DBAPIError, or `Unavailable` once it is closed."""
        loop = asyncio.get_running_loop()
        told: asyncio.Future[Answer] = loop.create_future()
        waiting = self._loops.get(loop)
        if waiting is None:
            waiting = self._loops[loop] = _Waiting()
        waiting.questions.append((question, told))
        if not waiting.turning:
            waiting.turning = True
            loop.call_soon(self._turn, loop, waiting)
        return await told

    def close(self) -> None:
        """Answer what is under way, and let the database go; what waits, and what comes, is `Unavailable`."""
        self._pool.shutdown()
        self._drop_idle()

    def _turn(self, loop: asyncio.AbstractEventLoop, waiting: _Waiting[Asked, Answer]) -> None:
        """Begin a batch of what waits, unless one is under way that may soon be over."""
        waiting.turning = False
        if waiting.under_way > min(waiting.overtaken, self._threads - 1):
            return
        asked = [(question, told) for question, told in waiting.questions if not told.done()]
        batch, waiting.questions = asked[: self._batch], asked[self._batch :]
        if not batch:
            return
        flight = _Flight(loop, waiting, batch)
        try:
            self._pool.submit(self._fly, flight)
        except RuntimeError:  # closed
            waiting.questions.clear()
            for _, told in asked:
                told.set_exception(Unavailable("shutting down", retry_after=5))
            return
        waiting.under_way += 1
        flight.patience = loop.call_later(PATIENCE, self._overtake, flight)

    def _overtake(self, flight: "_Flight[Asked, Answer]") -> None:
        flight.overtaken = True
        flight.waiting.overtaken += 1
        self._turn(flight.loop, flight.waiting)

    def _fly(self, flight: "_Flight[Asked, Answer]") -> None:
        results = self._results([question for question, _ in flight.batch])
        flight.loop.call_soon_threadsafe(self._land, flight, results)  # a closed loop refuses, and nobody there waits

    def _land(self, flight: "_Flight[Asked, Answer]", results: Sequence[Answer | Exception]) -> None:
        waiting = flight.waiting
        waiting.under_way -= 1
        waiting.overtaken -= flight.overtaken
        if flight.patience:
            flight.patience.cancel()
        flight.tell(results)
        self._turn(flight.loop, waiting)

    def _results(self, questions: Sequence[Asked], *, again: bool = True) -> Sequence[Answer | Exception]:
        """An answer to each, or why there is none."""
        try:
            connection = self._connected()
        except Exception as error:
            return [error] * len(questions)
        try:
            found = self._answers(connection, questions)
            connection.rollback()
        except Exception as error:
            lost = _let_go(connection)
            if lost and again:
                self._drop_idle()  # the server that it was lost with had the others too
                return self._results(questions, again=False)
            if lost or len(questions) == 1:
                return [error] * len(questions)
            return [result for question in questions for result in self._results([question])]
        self._idle.append(connection)
        return found

    def _connected(self) -> sa.Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return self._engine.connect()

    def _drop_idle(self) -> None:
        with contextlib.suppress(IndexError):
            while True:
                self._idle.pop().close()


def _let_go(connection: sa.Connection) -> bool:
    """Give back a connection on which something failed; whether it was lost, which not every error says."""
    try:
        connection.rollback()
    except DBAPIError:
        connection.invalidate()
    lost = connection.invalidated
    connection.close()
    return lost


Reading = Callable[[sa.Connection], Any]
Readings = Batched[Reading, Any]


def readings(engine: sa.Engine) -> Readings:
    """Whatever is read of a database by a query of its own: several of them in turn, by one thread."""
    return Batched(engine, lambda connection, asked: [read(connection) for read in asked], batch=16)


@dataclass(slots=True)
class _Flight(Generic[Asked, Answer]):
    """A batch under way, and the loop in which its answers are awaited."""

    loop: asyncio.AbstractEventLoop
    waiting: _Waiting[Asked, Answer]
    batch: "list[tuple[Asked, asyncio.Future[Answer]]]"
    patience: asyncio.TimerHandle | None = None
    overtaken: bool = False

    def tell(self, results: Sequence[Answer | Exception]) -> None:
        """Give everyone who still waits what became of their question."""
        for (_, told), result in zip(self.batch, results, strict=True):
            if told.done():
                continue
            if isinstance(result, Exception):
                told.set_exception(result)
            else:
                told.set_result(result)
