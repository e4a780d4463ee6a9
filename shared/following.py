"""What one service does about another's events: it follows the log, in order, and acts by commands of its own.

Each event is acted on at least once; what follows from it is a command whose idempotency key is made of that event's
id, and which records nothing where all is so already. So a service may be killed at any moment, or run twice: nothing
is lost and nothing is done twice. History that an earlier system recorded is not acted on.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

import sqlalchemy as sa

from shared.codec import UnknownEvent
from shared.database import metadata, upsert, writer
from shared.errors import NotFound, Rejected
from shared.handling import Request
from shared.log import Key, Recorded
from shared.register import Register

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.2

followers = sa.Table(
    "followers",
    metadata,
    sa.Column("follower", sa.Text, nullable=False),
    sa.Column("authority", sa.Text, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.PrimaryKeyConstraint("follower", "authority", name="followers_place"),
)


@dataclass(frozen=True)
class Following:
    """A follower at work. Called, it says why its service is not ready, or None."""

    follower: str
    stopped: Mapping[str, str]

    def __call__(self) -> str | None:
        """What stopped it, authority by authority, or None."""
        return "; ".join(f"{self.follower} stopped: {why}" for why in self.stopped.values()) or None

    def reached(self, connection: sa.Connection) -> dict[str, int]:
        """How far it has come in the log of each authority."""
        places = sa.select(followers.c.authority, followers.c.position).filter_by(follower=self.follower)
        return {row.authority: row.position for row in connection.execute(places)}


React = Callable[[Register, Request, Recorded], Awaitable[None]]
"""Does what follows from an event. `Rejected` and `NotFound` mean that nothing does; any other error is tried again."""


@dataclass(frozen=True)
class Reactions:
    """What a follower of a name does about events, by their type; the others pass it by."""

    follower: str
    by_type: Mapping[str, React]

    @contextlib.asynccontextmanager
    async def run(self, register: Register) -> AsyncIterator["Following"]:
        """Follow every authority while the process lives; what it yields says how that goes."""
        stopped: dict[str, str] = {}
        ending = asyncio.Event()
        task = asyncio.create_task(self._run(register, stopped, ending), name=self.follower)
        try:
            yield Following(self.follower, stopped)
        finally:
            ending.set()  # not cancelled: a thread of it may hold a connection
            await task

    async def _run(self, register: Register, stopped: dict[str, str], ending: asyncio.Event) -> None:
        reached: dict[str, int] = {}
        while not ending.is_set():
            try:
                await self.follow_all(register, stopped, reached)
            except Exception:
                logger.exception("%s could not act on the log; trying again", self.follower)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ending.wait(), POLL_SECONDS)

    async def follow_all(self, register: Register, stopped: dict[str, str], reached: dict[str, int]) -> None:
        """Act on what is new in every log, once; an authority whose log cannot be read is left with an alarm.

        `stopped` holds the alarms and `reached` the position of each log that there was nothing after.
        """
        for authority in await asyncio.to_thread(_grown, register, reached):
            try:
                if authority not in stopped:
                    reached[authority] = await self.follow(register, authority)
            except UnknownEvent as unknown:
                stopped[authority] = f"{authority}: {unknown}"
                logger.critical("%s stopped at %s: %s", self.follower, authority, unknown)
            except Exception:
                logger.exception("%s could not act on the log of %s; trying again", self.follower, authority)

    async def follow(self, register: Register, authority: str) -> int:
        """Act on the events of an authority that have not been acted on, and note how far that went; that position.

        What is recorded meanwhile is left for the next time: while many record, there would be no end.

        Raises:
            UnknownEvent: an event is not to be read. Unavailable: it could not be acted on now.
        """
        position = await asyncio.to_thread(self._position, register, authority)
        while True:
            page, upto, over = await asyncio.to_thread(register.log.of_types, authority, self.by_type, position)
            for recorded in page:
                if recorded.known_at == recorded.recorded_at:
                    await self._react(register, recorded)
            if upto > position:
                await asyncio.to_thread(self._note, register, authority, upto)
                position = upto
            if over:
                return position

    async def _react(self, register: Register, recorded: Recorded) -> None:
        request = Request(
            authority=recorded.authority,
            actor=self.follower,
            correlation=recorded.correlation,
            causation=recorded.event_id,
            internal=True,
        )
        try:
            await self.by_type[recorded.type](register, request, recorded)
        except (Rejected, NotFound) as nothing:
            logger.info("nothing follows from %s for %s: %s", recorded.event_id, self.follower, type(nothing).__name__)

    def _position(self, register: Register, authority: str) -> int:
        with register.engine.connect() as connection:
            place = sa.select(followers.c.position).filter_by(follower=self.follower, authority=authority)
            return int(connection.execute(place).scalar() or 0)

    def _note(self, register: Register, authority: str, position: int) -> None:
        with writer(register.engine).begin() as connection:
            row = {"follower": self.follower, "authority": authority, "position": position}
            upsert(connection, followers, [row])


def _grown(register: Register, reached: Mapping[str, int]) -> list[str]:
    """The authorities whose logs do not end where they ended last: one short query each, so that waiting is cheap."""
    authorities = register.authorities()
    with register.engine.connect() as connection:
        return [code for code in authorities if register.log.head(connection, code).position != reached.get(code)]


def once(register: Register, request: Request, what: str) -> Request:
    """The request of one thing that follows from an event: done again, it is answered and not repeated.

    The key begins with a line's end, which no header can hold: nobody else can use it first.
    """
    name = f"\n{request.actor}:{request.causation}:{what}"
    return replace(request, key=Key(name, register.fingerprint(name.encode())))
