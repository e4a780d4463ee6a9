"""From a command to its recorded events: personal data sealed, the case folded, decided and appended."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import cast

from services.cases import case_list, commands, enquiries, learning_list, remedy_list
from services.cases.case import Case, evolve
from services.cases.checks import Rules
from services.cases.commands import CaseCommand, Receive, ReceiveComplaint
from services.cases.decide import decide, receive
from shared import handling, restrictions
from shared.authority import authority
from shared.clock import london_date
from shared.errors import StaleVersion
from shared.events import CaseEvent, Event, Kind, PersonalDataErased
from shared.handling import Draft, Recorded, Request
from shared.log import Log, Removal, Series, Write
from shared.personal_data import Fields, Parties, Vault, erased
from shared.policy import policy_book
from shared.register import Register
from shared.restrictions import case_restrictions

CATEGORIES: Mapping[Kind, str] = {"complaint": "case", "compliment": "compliment", "comment": "comment"}
"""The category of the stream that each kind of representation has."""


def rules(code: str) -> Rules:
    """What the decisions of an authority go by."""
    return Rules(authority(code), policy_book(code))


def kind_of(code: str, kind: Kind) -> handling.Kind[Case]:
    """How the streams of a kind of representation fold, and the rows that go with them; only cases are restricted."""
    return handling.Kind(
        CATEGORIES[kind],
        _evolve,
        lambda case: _rows(code, case),
        partial(_removes, code),
        restrictable=kind == "complaint",
    )


def _rows(code: str, case: Case) -> tuple[Write, ...]:
    listed = (*case_list.rows(code, case), *remedy_list.rows(case), *learning_list.rows(case))
    if case.restricted_to is None:
        return listed
    return (*listed, Write(case_restrictions, (restrictions.row(case.restricted_to),)))


def _removes(code: str, reference: str, recorded: Sequence[Event]) -> tuple[Removal, ...]:
    parties = [event.party for event in recorded if isinstance(event, PersonalDataErased)]
    return tuple(removal for party in parties for removal in erased(code, reference, party))


def _evolve(case: Case | None, event: Event) -> Case:
    return evolve(case, cast("CaseEvent", event))


def receipt(
    vault: Vault, request: Request, command: Receive, now: datetime, reference: str | None = None
) -> Draft[Case]:
    """The append that a representation's arrival amounts to: it takes the next number of its year.

    `reference` is given for one that an earlier system numbered.

    Raises:
        Rejected: it cannot have arrived like this.
    """
    sealed = vault.seal(request.authority, parties(command))
    events = receive(command, sealed.commitments, rules(request.authority), now)
    category = CATEGORIES[command.kind]
    series = Series(category, f"{request.authority}-{london_date(command.received_at or now).year}")
    stream = f"{category}:{reference}" if reference else series
    return handling.founding(kind_of(request.authority, command.kind), request, stream, events, sealed.writes)


async def handle_receipt(register: Register, request: Request, command: Receive) -> Recorded[Case]:
    """Record a representation. Raises `Rejected`, `KeyReused`, `Unavailable`."""
    await handling.cite(register, request.authority)
    draft = receipt(register.vault, request, command, register.clock())
    return await handling.found(register, kind_of(request.authority, command.kind), request, draft)


def deciding(
    code: str, command: CaseCommand, today: date, enquiries_over: tuple[date | None, ...] = ()
) -> Callable[[Case], Sequence[CaseEvent]]:
    """What a command on a case decides, given the case."""
    return lambda case: decide(case, command, replace(rules(code), enquiries_over=enquiries_over), today)


async def handle(register: Register, request: Request, reference: str, command: CaseCommand) -> Recorded[Case]:
    """Record what follows from a command on a case. Raises what `handling.change` raises."""
    await handling.cite(register, request.authority)
    if isinstance(command, commands.CorrectCase) and "." in command.field:
        return await _correct_personal_data(register, request, reference, command)
    kind = kind_of(request.authority, "complaint")
    over: tuple[date | None, ...] = ()
    if isinstance(command, commands.SetLegalHold | commands.ErasePersonalData):
        kind = await asyncio.to_thread(holding, register.log, request.authority, reference)
    if isinstance(command, commands.RestrictCase) and "admin" in request.scopes:
        kind = replace(kind, restrictable=False)
    if isinstance(command, commands.ErasePersonalData):
        about = await asyncio.to_thread(enquiries.about_cases, register.log, request.authority)
        over = enquiries.over(about.get(reference, ()))
    decide_now = deciding(request.authority, command, register.today(), over)
    return await handling.change(register, kind, request, reference, decide_now)


async def _correct_personal_data(
    register: Register, request: Request, reference: str, command: commands.CorrectCase
) -> Recorded[Case]:
    """Encrypt the new value beside what is held, and again if that changed meanwhile: the index goes by both."""
    kind = kind_of(request.authority, "complaint")
    party, _, field = command.field.partition(".")

    while True:
        version = (await handling.held(register, kind, request, reference)).version
        new = await asyncio.to_thread(register.vault.reseal, request.authority, reference, party, field, command.value)
        correction = commands.CorrectPersonalData(
            party=party,
            field=field,
            commitment=new.commitments[0].hash if new else None,
            reason=command.reason,
            corrected_on=command.corrected_on,
        )
        on_version = request if request.if_match is not None else replace(request, if_match=version)
        decide_now = deciding(request.authority, correction, register.today())
        try:
            return await handling.change(register, kind, on_version, reference, decide_now, new.writes if new else ())
        except StaleVersion:
            if request.if_match is not None:
                raise


def holding(log: Log, code: str, reference: str) -> handling.Kind[Case]:
    """The kind of representation that has a reference; a complaint if none has."""
    streams = {f"{category}:{reference}": kind for kind, category in CATEGORIES.items()}
    found = log.histories(code, tuple(streams))  # in one query, whichever it is, or none
    return kind_of(code, next((streams[stream] for stream in found), "complaint"))


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
    "restriction": commands.RestrictCase,
    "flags": commands.RecordFlags,
    "withdrawal": commands.WithdrawCase,
    "transfer": commands.TransferCase,
    "closure": commands.CloseCase,
    "reopening": commands.ReopenCase,
    "correction": commands.CorrectCase,
    "legal-hold": commands.SetLegalHold,
    "erasure": commands.ErasePersonalData,
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
