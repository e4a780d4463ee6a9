"""From a command to its recorded events: personal data sealed, the case folded, decided and appended."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import cast

from services.cases import case_list, commands, learning_list, remedy_list
from services.cases.case import Case, fold
from services.cases.checks import Rules
from services.cases.commands import CaseCommand, Receive, ReceiveComplaint
from services.cases.decide import decide, receive
from shared import handling
from shared.authority import authority
from shared.clock import london_date
from shared.events import CaseEvent, Event, Kind
from shared.handling import Recorded, Request
from shared.log import Append, Series, Write
from shared.personal_data import Fields, Parties, Vault
from shared.policy import policy_book
from shared.register import Register

CATEGORIES: Mapping[Kind, str] = {"complaint": "case", "compliment": "compliment", "comment": "comment"}
"""The category of the stream that each kind of representation has."""


def rules(code: str) -> Rules:
    """What the decisions of an authority go by."""
    return Rules(authority(code), policy_book(code))


def kind_of(code: str, kind: Kind) -> handling.Kind[Case]:
    """How the streams of a kind of representation fold, and the rows of the lists that go with them."""
    return handling.Kind(CATEGORIES[kind], _fold, lambda case: _rows(code, case))


def _rows(code: str, case: Case) -> tuple[Write, ...]:
    return (*case_list.rows(code, case), *remedy_list.rows(case), *learning_list.rows(case))


def _fold(events: Sequence[Event]) -> Case | None:
    return fold(cast("Sequence[CaseEvent]", events))


def receipt(vault: Vault, request: Request, command: Receive, now: datetime, reference: str | None = None) -> Append:
    """The append that a representation's arrival amounts to: it takes the next number of its year.

    `reference` is given for one that an earlier system numbered.

    Raises:
        Rejected: it cannot have arrived like this.
    """
    sealed = vault.seal(parties(command))
    events = receive(command, sealed.commitments, rules(request.authority), now)
    category = CATEGORIES[command.kind]
    series = Series(category, f"{request.authority}-{london_date(command.received_at or now).year}")
    stream = f"{category}:{reference}" if reference else series
    return handling.founding(kind_of(request.authority, command.kind), request, stream, events, sealed.writes)


async def handle_receipt(register: Register, request: Request, command: Receive) -> Recorded[Case]:
    """Record a representation. Raises `Rejected`, `KeyReused`, `Unavailable`."""
    await cite(register, request.authority)
    item = receipt(register.vault, request, command, register.clock())
    return await handling.found(register, kind_of(request.authority, command.kind), request, item)


async def cite(register: Register, code: str) -> None:
    """See that what the events will cite is kept before they cite it."""
    if not register.citations.kept(code):
        await asyncio.to_thread(register.citations.keep, code)


def deciding(code: str, command: CaseCommand, today: date) -> Callable[[Case], Sequence[CaseEvent]]:
    """What a command on a case decides, given the case."""
    return lambda case: decide(case, command, rules(code), today)


async def handle(register: Register, request: Request, reference: str, command: CaseCommand) -> Recorded[Case]:
    """Record what follows from a command on a case. Raises what `handling.change` raises."""
    await cite(register, request.authority)
    kind = kind_of(request.authority, "complaint")
    decide_now = deciding(request.authority, command, register.today())
    return await handling.change(register, kind, request, reference, decide_now)


COMMANDS: Mapping[str, type[CaseCommand]] = {
    "routing": commands.RouteCase,
    "refusal": commands.RefuseCase,
    "informal-resolution": commands.ResolveInformally,
    "acknowledgement": commands.AcknowledgeComplaint,
    "response-period": commands.SetResponsePeriod,
    "assignment": commands.AssignCase,
    "extension": commands.ExtendDeadline,
    "escalation": commands.EscalateCase,
    "statement": commands.AgreeStatement,
    "panel": commands.HoldPanel,
    "panel-report": commands.ReportPanel,
    "pause": commands.PauseClock,
    "resumption": commands.ResumeClock,
    "decision": commands.DecideStage,
    "response": commands.SendResponse,
    "progress": commands.TellProgress,
    "lateness-notice": commands.NotifyLateness,
    "remedies": commands.AgreeRemedy,
    "remedies/{number}/completion": commands.CompleteRemedy,
    "learning": commands.RecordLearning,
    "learning/{number}/completion": commands.CompleteLearning,
    "provider-contact": commands.ContactProvider,
    "links": commands.LinkCase,
    "characteristics": commands.RecordCharacteristics,
    "withdrawal": commands.WithdrawCase,
    "transfer": commands.TransferCase,
    "closure": commands.CloseCase,
    "reopening": commands.ReopenCase,
    "correction": commands.CorrectCase,
}
"""The command of each route under `/v1/cases/{reference}/`, for imports; a test holds it against the routes."""


def parties(command: Receive) -> Parties:
    """What of a representation is personal: its people, and everything that is prose."""
    people = {"complainant": command.complainant}
    told: dict[str, str] = {"narrative": command.narrative} if command.narrative else {}
    if isinstance(command, ReceiveComplaint):
        people["person_affected"] = command.person_affected
        told |= {f"concern_{n}": c.detail for n, c in enumerate(command.concerns, 1) if c.detail}
    found: dict[str, Fields] = {
        party: {name: str(value) for name, value in person.model_dump(exclude_none=True).items()}
        for party, person in people.items()
        if person
    }
    return {**found, "narrative": told} if told else found
