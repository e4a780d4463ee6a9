"""One request to the cases service, and the parameters that its routes share."""

import asyncio
from datetime import date
from typing import Annotated

from fastapi import Path, Query

from services.cases import commands, handler, schemas
from services.cases.case import Case
from services.cases.commands import CaseCommand
from shared import handling
from shared.access import Principal
from shared.clock import end_of_day, london_date
from shared.commands import Day
from shared.errors import NotFound
from shared.web import Desk, allowed, at_desk

Reference = Annotated[str, Path(max_length=60, description="Such as COV-2026-000123.", examples=["COV-2026-000123"])]

Number = Annotated[int, Path(ge=1, le=10_000, description="Its number in the case, from 1.")]

On = Annotated[Day | None, Query(description="As it stood at the end of that day, in Europe/London.")]

Reader = Annotated[Principal, allowed("cases:read")]


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

    async def answer(self, recorded: handling.Recorded[Case]) -> schemas.CaseOut:
        """The case as the command left it, on the day on which it was recorded, with that command's breaches."""
        appended = recorded.appended
        self.mark(appended, f"/v1/cases/{appended.reference}")
        out = await self.shown(appended.reference, recorded.state, london_date(appended.recorded_at))
        breaches = [schemas.BreachOut(rule=b.rule, source=b.source) for b in recorded.breaches]
        return out.model_copy(update={"breaches": breaches})

    async def shown(self, reference: str, case: Case, on: date) -> schemas.CaseOut:
        """The case as it stands on a day."""
        return await asyncio.to_thread(
            schemas.case_out, self.who.authority, reference, case, on, self.register.citations
        )


Intake = Annotated[CaseDesk, at_desk(CaseDesk, "complaints:write")]

Handling = Annotated[CaseDesk, at_desk(CaseDesk, "cases:write")]

Reading = Annotated[CaseDesk, at_desk(CaseDesk, "cases:read")]


async def case_on(desk: CaseDesk, reference: str, on: date | None) -> tuple[Case, int]:
    """A case and its version, now or as it was known at the end of a day. Raises `NotFound`."""
    history = await asyncio.to_thread(desk.register.log.stream, desk.who.authority, f"case:{reference}")
    if on and on < desk.register.today():
        history = [recorded for recorded in history if recorded.known_at < end_of_day(on)]
    case = handler.kind_of(desk.who.authority, "complaint").fold([recorded.event for recorded in history])
    if case is None:
        raise NotFound("case")
    return case, case.version
