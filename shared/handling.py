"""The one transaction of a command, the same in every service: load, fold, decide, append; and its answer again.

A state is a fold of a stream, so the answer to a retried command is the fold up to the version that it had made.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from shared import log as logged
from shared import restrictions
from shared.database import upsert
from shared.errors import NotFound, StaleVersion, Unavailable
from shared.events import Breach, Event
from shared.log import NO_STREAM, Append, Appended, Expectation, Key, Removal, Series, VersionConflict, Write
from shared.register import Register
from shared.streams import Held, Wanted

State = TypeVar("State")
_ATTEMPTS = 8


class Asker(Protocol):
    """Whoever asks: a `Principal`, or the `Request` that one makes."""

    @property
    def authority(self) -> str:
        """The authority that they belong to."""

    @property
    def actor(self) -> str:
        """Who they are."""

    @property
    def internal(self) -> bool:
        """Whether it is the register itself, which no restriction of a case keeps out."""


@dataclass(frozen=True, slots=True)
class Request:
    """What of an HTTP request (or a line of an import) a command's recording needs."""

    authority: str
    actor: str
    key: Key | None = None
    if_match: int | None = None
    correlation: str | None = None
    causation: str | None = None
    scopes: frozenset[str] = frozenset()
    internal: bool = False


@dataclass(frozen=True, slots=True)
class Kind(Generic[State]):
    """A kind of stream: its category, what is true after one more event, the rows kept with it, and what it takes away.

    `removes` is given the stream's reference and its new events. Of a `restrictable` kind, a stream that is kept from
    whoever asks is to them as if it were not there.
    """

    category: str
    evolve: Callable[[State | None, Event], State]
    rows: Callable[[State], tuple[Write, ...]]
    removes: Callable[[str, Sequence[Event]], tuple[Removal, ...]] = lambda _reference, _events: ()
    restrictable: bool = False

    def stream(self, reference: str) -> str:
        """The stream of a reference."""
        return f"{self.category}:{reference}"

    def fold(self, events: Sequence[Event], state: State | None = None) -> State | None:
        """The state after events, or None without any; `state` is that before them."""
        for event in events:
            state = self.evolve(state, event)
        return state


@dataclass(frozen=True, slots=True)
class Draft(Generic[State]):
    """An append that is yet to be recorded, and the state that it will make."""

    item: Append
    state: State


@dataclass(frozen=True, slots=True)
class Recorded(Generic[State]):
    """A command's outcome: the state that it made, the events, and where they went."""

    state: State
    events: tuple[Event, ...]
    appended: Appended

    @property
    def breaches(self) -> tuple[Breach, ...]:
        """The rules that the command's events say were not kept."""
        return tuple(breach for event in self.events for breach in getattr(event, "breaches", ()))


async def cite(register: Register, code: str) -> None:
    """See that what an authority's events will cite is kept before they cite it."""
    if not register.citations.kept(code):
        await asyncio.to_thread(register.citations.keep, code)


def history(register: Register, kind: Kind[State], asker: Asker, reference: str) -> list[logged.Recorded]:
    """The events of a stream, for whoever asks. It and `held` are the ways to a stream: both heed who may see it.

    Raises:
        NotFound: this authority has no such stream, or it is kept from them; which of the two is not to be told.
    """
    stream = kind.stream(reference)
    if kind.restrictable and not asker.internal:
        told = restrictions.one_open(asker.actor, reference)
        events = register.log.stream(asker.authority, stream, only=restrictions.ONE_OPEN, told=told)
    else:
        events = register.log.stream(asker.authority, stream)
    if not events:
        raise NotFound(f"{kind.category} {reference}")
    return events


async def held(register: Register, kind: Kind[State], asker: Asker, reference: str) -> Held[State]:
    """The state of a stream as it is held here: only what was recorded since it was last asked for is folded.

    Whether it may be seen is asked each time. What is not found is asked for twice, held or not: how long that takes
    tells nobody whether there is a case that is kept from them. Raises what `history` raises.
    """
    at = (asker.authority, kind.stream(reference))
    actor = asker.actor if kind.restrictable and not asker.internal else None
    before: Held[State] | None = register.streams.held.get(at)
    since = before.version if before else 1
    stored = await register.streams.ask(Wanted(*at, since, reference, actor))
    if not stored or (before and stored[0].hash != before.hash):  # as after a restoration of an older log
        before, since = None, 1
        stored = await register.streams.ask(Wanted(*at, since, reference, actor))
    if not stored:
        raise NotFound(f"{kind.category} {reference}")
    if before and len(stored) == 1:
        return before
    new = [each.event for each in (stored[1:] if before else stored)]
    state = _folded(kind, new, before.state if before else None)
    made = Held(state, since + len(stored) - 1, stored[-1].hash)
    register.streams.held.put(at, made)
    return made


async def change(
    register: Register,
    kind: Kind[State],
    request: Request,
    reference: str,
    decide: Callable[[State], Sequence[Event]],
    writes: tuple[Write, ...] = (),
) -> Recorded[State]:
    """Decide on a stream as it stands and record what follows; decided anew if another was faster.

    `writes` are rows to commit with it, beside those that are kept with the stream.

    Raises:
        NotFound, StaleVersion, KeyReused, Unavailable, or what `decide` raises: nothing was written.
    """
    for _ in range(_ATTEMPTS):
        before = await held(register, kind, request, reference)
        try:
            if request.if_match is not None and request.if_match != before.version:
                raise StaleVersion(request.if_match, before.version)
            draft = _decided(kind, request, reference, before.state, before.version, decide, writes)
        except Exception:
            # What is refused now may be what this very request has done before.
            answered = await asyncio.to_thread(_answered, register, request)
            if answered:
                return await _again(register, kind, request, answered)
            raise
        try:
            appended = await record(register, draft.item)
        except VersionConflict as conflict:
            if request.if_match is not None:
                raise StaleVersion(request.if_match, conflict.actual) from None
            continue
        if appended.replayed:
            return await _again(register, kind, request, appended)
        return Recorded(draft.state, draft.item.events, appended)
    raise Unavailable("the case is being changed by many at once")


def _answered(register: Register, request: Request) -> Appended | None:
    return register.log.answered(request.authority, request.key) if request.key else None


def prepare(
    kind: Kind[State],
    request: Request,
    reference: str,
    before: Sequence[Event],
    decide: Callable[[State], Sequence[Event]],
    writes: tuple[Write, ...] = (),
) -> Draft[State]:
    """The append that a command on a stream with these events amounts to. Raises what `decide` raises."""
    return _decided(kind, request, reference, _folded(kind, before), len(before), decide, writes)


def _decided(
    kind: Kind[State],
    request: Request,
    reference: str,
    state: State,
    version: int,
    decide: Callable[[State], Sequence[Event]],
    writes: tuple[Write, ...],
) -> Draft[State]:
    events = tuple(decide(state))
    removes = kind.removes(reference, events)
    return _draft(kind, request, kind.stream(reference), version, state, events, writes, removes)


def founding(
    kind: Kind[State], request: Request, stream: str | Series, events: Sequence[Event], writes: tuple[Write, ...] = ()
) -> Draft[State]:
    """The append that opens a stream."""
    return _draft(kind, request, stream, NO_STREAM, None, tuple(events), writes)


def _draft(
    kind: Kind[State],
    request: Request,
    stream: str | Series,
    expected: int | Expectation,
    before: State | None,
    events: tuple[Event, ...],
    writes: tuple[Write, ...],
    removes: tuple[Removal, ...] = (),
) -> Draft[State]:
    state = _folded(kind, events, before)
    item = Append(
        authority=request.authority,
        stream=stream,
        expected=expected,
        events=events,
        actor=request.actor,
        key=request.key,
        correlation=request.correlation,
        causation=request.causation,
        writes=(*kind.rows(state), *writes),
        removes=removes,
    )
    return Draft(item, state)


async def found(register: Register, kind: Kind[State], request: Request, draft: Draft[State]) -> Recorded[State]:
    """Record the opening of a stream.

    Raises:
        VersionConflict: a stream of that name is there already. KeyReused, Unavailable.
    """
    appended = await record(register, draft.item)
    if appended.replayed:
        return await _again(register, kind, request, appended)
    return Recorded(draft.state, draft.item.events, appended)


async def record(register: Register, item: Append) -> Appended:
    """Hand an append to the process's appender, and wait for its commit."""
    return await register.appender.append(item)


def relist(register: Register, kind: Kind[State], authority: str, progress: Callable[[int], None]) -> int:
    """Make the rows that are kept with a kind of stream anew from its events; how many streams there are.

    Each page of streams is done while nobody appends, so a row is never older than its events.
    """
    total, after = 0, ""
    while page := register.log.streams(authority, kind.category, after):
        with register.log.locked(authority) as connection:
            for stream in page:
                held = register.log.stream(authority, stream)
                last = held[-1]
                known = {
                    "authority": authority,
                    "reference": last.reference,
                    "version": last.version,
                    "position": last.position,
                }
                for write in kind.rows(_folded(kind, [recorded.event for recorded in held])):
                    upsert(connection, write.table, write.filled(known))
        total, after = total + len(page), page[-1]
        progress(len(page))
    return total


async def _again(register: Register, kind: Kind[State], request: Request, appended: Appended) -> Recorded[State]:
    known = await asyncio.to_thread(history, register, kind, request, appended.reference)
    events = tuple(recorded.event for recorded in known[: appended.version])
    return Recorded(_folded(kind, events), events[appended.first - 1 :], appended)


def _folded(kind: Kind[State], events: Sequence[Event], before: State | None = None) -> State:
    state = kind.fold(events, before)
    if state is None:
        raise ValueError(f"a {kind.category} without events has no state")
    return state
