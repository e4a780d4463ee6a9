"""From a command of the link officer to its recorded events."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import cast

from services.ombudsman import commands, enquiry_list
from services.ombudsman.commands import EnquiryCommand, ReceiveEnquiry
from services.ombudsman.decide import Rules, decide, receive
from services.ombudsman.enquiry import Enquiry, evolve
from shared import handling, remedies
from shared.authority import authority
from shared.events import EnquiryEvent, Event
from shared.handling import Draft, Recorded, Request
from shared.log import Write
from shared.policy import policy_book
from shared.register import Register


def _evolve(enquiry: Enquiry | None, event: Event) -> Enquiry:
    return evolve(enquiry, cast("EnquiryEvent", event))


def _rows(enquiry: Enquiry) -> tuple[Write, ...]:
    return (*enquiry_list.rows(enquiry), *ledger(enquiry))


def ledger(enquiry: Enquiry) -> tuple[Write, ...]:
    """The enquiry's remedies in the ledger: the Ombudsman's, agreed on the day that they were required."""
    return remedies.rows(
        remedies.Entry(
            by="ombudsman",
            number=remedy.number,
            case_reference=enquiry.case,
            type=remedy.type,
            amount_pence=remedy.amount_pence,
            agreed_on=remedy.required_on,
            due_on=remedy.due_on,
            completed_on=remedy.completed_on,
            evidence=remedy.evidence,
        )
        for remedy in enquiry.remedies
    )


ENQUIRY = handling.Kind("enquiry", _evolve, _rows)


def rules(code: str) -> Rules:
    """What the decisions of an authority go by."""
    return Rules(authority(code), policy_book(code).ombudsman)


def receipt(request: Request, command: ReceiveEnquiry, today: date) -> Draft[Enquiry]:
    """The append that an enquiry's arrival amounts to; the Ombudsman's reference names it. Raises `Rejected`."""
    events = receive(command, rules(request.authority), today)
    return handling.founding(ENQUIRY, request, ENQUIRY.stream(command.ombudsman_reference), events)


async def handle_receipt(register: Register, request: Request, command: ReceiveEnquiry) -> Recorded[Enquiry]:
    """Record an enquiry. Raises `Rejected`, `VersionConflict` if there is one of that reference, `KeyReused`."""
    await handling.cite(register, request.authority)
    return await handling.found(register, ENQUIRY, request, receipt(request, command, register.today()))


def deciding(code: str, command: EnquiryCommand, today: date) -> Callable[[Enquiry], Sequence[EnquiryEvent]]:
    """What a command on an enquiry decides, given the enquiry."""
    return lambda enquiry: decide(enquiry, command, rules(code), today)


async def handle(register: Register, request: Request, reference: str, command: EnquiryCommand) -> Recorded[Enquiry]:
    """Record what follows from a command on an enquiry. Raises what `handling.change` raises."""
    await handling.cite(register, request.authority)
    decide_now = deciding(request.authority, command, register.today())
    return await handling.change(register, ENQUIRY, request, reference, decide_now)


COMMANDS: Mapping[str, type[EnquiryCommand]] = {
    "link": commands.LinkEnquiry,
    "answer": commands.AnswerEnquiry,
    "premature-return": commands.ReturnAsPremature,
    "closure": commands.CloseAfterEnquiries,
    "investigation": commands.OpenInvestigation,
    "response": commands.SubmitResponse,
    "draft-decision": commands.ReceiveDraftDecision,
    "draft-comments": commands.CommentOnDraft,
    "decision": commands.DecideEnquiry,
    "public-report-notice": commands.PublicisePublicReport,
    "public-report-answer": commands.AnswerPublicReport,
    "monitoring-officer": commands.InformMonitoringOfficer,
    "remedies": commands.RequireRemedy,
    "remedies/{number}/completion": commands.CompleteRemedy,
    "compliance": commands.ConfirmCompliance,
}
"""The command of each route under `/v1/ombudsman/enquiries/{reference}/`, for imports."""
