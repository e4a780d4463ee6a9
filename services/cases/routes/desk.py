"""One request to the cases service, and the parameters that its routes share."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import Path, Query

from services.cases import commands, erasing, handler, schemas
from services.cases.case import Case
from services.cases.commands import CaseCommand
from shared import handling, restrictions
from shared.access import Principal
from shared.clock import end_of_day, london_date
from shared.errors import NotFound
from shared.events import Kind
from shared.log import Recorded
from shared.streams import Held
from shared.web import Desk, allowed, at_desk, etag

Reference = Annotated[str, Path(max_length=60, description="Such as COV-2026-000123.", examples=["COV-2026-000123"])]

Number = Annotated[int, Path(ge=1, le=10_000, description="Its number in the case, from 1.")]

On = Annotated[date | None, Query(description="As it stood at the end of that day, in Europe/London.")]

Reader = Annotated[Principal, allowed("cases:read")]


def located(recorded: handling.Recorded[Case]) -> str:
    """Where what was recorded is found: a complaint among the cases, a compliment or comment among its like."""
    where = {"complaint": "cases", "compliment": "compliments", "comment": "comments"}[recorded.state.kind]
    return f"/v1/{where}/{recorded.appended.reference}"


class CaseDesk(Desk):
    """One request to the cases service."""

    async def receive(self, command: commands.Receive) -> handling.Recorded[Case]:
        """Record a representation."""
        async with self.request() as request:
            return await handler.handle_receipt(self.register, request, command)

    async def act(self, reference: str, command: CaseCommand) -> schemas.CaseOut:
        """Record what follows from a command on a case, and answer with the case."""
        async with self.request() as request:
            recorded = await handler.handle(self.register, request, reference, command)
        return await self.answer(recorded)

    async def erase(self, reference: str, command: commands.ErasePersonalData) -> schemas.CaseOut:
        """Erase personal data for good, and answer with the case."""
        async with self.request() as request:
            recorded = await erasing.erase(self.register, request, reference, command)
        return await self.answer(recorded)

    async def answer(self, recorded: handling.Recorded[Case]) -> schemas.CaseOut:
        """The case as the command left it, on the day on which it was recorded, with that command's breaches."""
        appended = recorded.appended
        self.mark(appended, located(recorded))
        out = await self.shown(appended.reference, recorded.state, london_date(appended.recorded_at))
        breaches = [schemas.BreachOut(rule=b.rule, source=b.source) for b in recorded.breaches]
        return out.model_copy(update={"breaches": breaches})

    async def shown(self, reference: str, case: Case, on: date) -> schemas.CaseOut:
        """The case as it stands on a day; of its links, those to cases that whoever asks may see."""
        if case.links:
            kept = await asyncio.to_thread(self._kept, case.links)
            case = replace(case, links=tuple(link for link in case.links if link not in kept))
        if not self.register.citations.at_hand(self.who.authority, case.clocks.values()):
            return await asyncio.to_thread(self._out, reference, case, on)
        return self._out(reference, case, on)

    async def bytes(self, reference: str, held: Held[Case], on: date) -> bytes:
        """The same as it is sent; one without links is the same for all who may see it, and made once a day."""
        if held.answer and held.answer[0] == on:
            return held.answer[1]
        out = (await self.shown(reference, held.state, on)).model_dump_json().encode()
        if not held.state.links:
            held.answer = on, out
        return out

    def _out(self, reference: str, case: Case, on: date) -> schemas.CaseOut:
        return schemas.case_out(self.who.authority, reference, case, on, self.register.citations)

    def _kept(self, references: Iterable[str]) -> set[str]:
        with self.register.engine.connect() as connection:
            return restrictions.hidden(connection, self.who.actor, self.who.authority, references)

    async def represented(self, kind: Kind, reference: str) -> schemas.RepresentationOut:
        """A compliment or a comment. Raises `NotFound`."""
        of_kind = handler.kind_of(self.who.authority, kind)
        found = await handling.held(self.register, of_kind, self.who, reference)
        self.response.headers["ETag"] = etag(found.version)
        return schemas.representation_out(reference, found.state)

    def told(self, events: Sequence[Recorded]) -> list[schemas.EventOut]:
        """Events as the history shows them; a link to a case that is kept from whoever asks says no reference."""
        linked = {event.data["reference"] for event in events if event.type == "case_linked"}
        kept = self._kept(linked) if linked else set()
        return [schemas.event_out(event, kept) for event in events]

    def history(self, reference: str) -> list[Recorded]:
        """The events of a case. Raises `NotFound`."""
        kind = handler.kind_of(self.who.authority, "complaint")
        return handling.history(self.register, kind, self.who, reference)


Intake = Annotated[CaseDesk, at_desk(CaseDesk, "complaints:write")]

Handling = Annotated[CaseDesk, at_desk(CaseDesk, "cases:write")]

Holding = Annotated[CaseDesk, at_desk(CaseDesk, "admin")]

Erasing = Annotated[CaseDesk, at_desk(CaseDesk, "privacy:erase")]

Reading = Annotated[CaseDesk, at_desk(CaseDesk, "cases:read")]

Opening = Annotated[CaseDesk, at_desk(CaseDesk, "personal:read")]

Overseeing = Annotated[CaseDesk, at_desk(CaseDesk, "admin")]


async def case_on(desk: CaseDesk, reference: str, on: date | None) -> Held[Case]:
    """A case and its version, now or as it was known at the end of a day. Raises `NotFound`."""
    kind = handler.kind_of(desk.who.authority, "complaint")
    if on is None or on >= desk.register.today():
        return await handling.held(desk.register, kind, desk.who, reference)
    history = await asyncio.to_thread(desk.history, reference)
    known = [recorded for recorded in history if recorded.known_at < end_of_day(on)]
    case = kind.fold([recorded.event for recorded in known])
    if case is None:
        raise NotFound("case")
    return Held(case, case.version, known[-1].hash)
