"""What the ombudsman service answers. Bodies that come in are the commands themselves."""

from datetime import date
from typing import Any

from pydantic import BaseModel

from services.ombudsman.enquiry import Enquiry, Remedy
from shared.citations import Citations
from shared.explained import ExplainedDeadlineOut, explained_deadlines


class RequiredRemedyOut(BaseModel):
    """A remedy that the Ombudsman's decision asks for; `days_late` in calendar days, of one done late or overdue."""

    number: int
    type: str
    required_on: date
    amount_pence: int | None
    due_on: date | None
    completed_on: date | None
    evidence: str | None
    days_late: int


class DocumentOut(BaseModel):
    """A document that went to the Ombudsman, and whether it may be shared with the complainant."""

    reference: str
    may_be_shared: bool


class ResponseOut(BaseModel):
    """The council's statement to the Ombudsman."""

    submitted_on: date
    author: str
    author_role: str
    signed_off_by: str | None
    documents: list[DocumentOut]


class DraftOut(BaseModel):
    """A draft decision, and what the council said to it."""

    received_on: date
    category: str | None
    commented_on: date | None
    agreed: bool | None


class EnquiryBreachOut(BaseModel):
    """A rule that was not kept."""

    rule: str
    source: str


class EnquiryOut(BaseModel):
    """An enquiry of the Ombudsman."""

    reference: str
    ombudsman_reference: str
    version: int
    status: str
    received_on: date
    respond_by: date | None
    case: str | None
    answered_on: date | None
    investigated_on: date | None
    response: ResponseOut | None
    drafts: list[DraftOut]
    category: str | None
    decided_on: date | None
    reason: str | None
    public_report: bool
    publicised_on: date | None
    report_answered_on: date | None
    seen_by_monitoring_officer_on: date | None
    exhausted_on: date | None
    remedies: list[RequiredRemedyOut]
    compliance: str | None
    compliance_confirmed_on: date | None
    deadlines: list[ExplainedDeadlineOut]
    breaches: list[EnquiryBreachOut]


class EnquiryListItem(BaseModel):
    """A line of the list of enquiries."""

    reference: str
    version: int
    status: str
    category: str | None
    case: str | None
    received_on: date
    respond_by: date | None
    decided_on: date | None
    next_deadline: str | None
    next_due_on: date | None


class EnquiryPage(BaseModel):
    """A page of the list of enquiries."""

    items: list[EnquiryListItem]
    next: str | None


_AS_IT_IS = (
    "version",
    "status",
    "received_on",
    "respond_by",
    "case",
    "answered_on",
    "investigated_on",
    "category",
    "decided_on",
    "reason",
    "public_report",
    "publicised_on",
    "report_answered_on",
    "seen_by_monitoring_officer_on",
    "exhausted_on",
    "compliance",
    "compliance_confirmed_on",
)


def enquiry_out(authority: str, reference: str, enquiry: Enquiry, on: date, citations: Citations) -> EnquiryOut:
    """The enquiry as it stands on a day."""
    response = enquiry.response
    return EnquiryOut(
        reference=reference,
        ombudsman_reference=reference,
        **{name: getattr(enquiry, name) for name in _AS_IT_IS},
        response=ResponseOut(
            **_fields(response, ResponseOut, "documents"),
            documents=[DocumentOut(**_fields(document, DocumentOut)) for document in response.documents],
        )
        if response
        else None,
        drafts=[DraftOut(**_fields(draft, DraftOut)) for draft in enquiry.drafts],
        remedies=[_remedy_out(remedy, on) for remedy in enquiry.remedies],
        deadlines=explained_deadlines(authority, enquiry.clocks, on, citations),
        breaches=[EnquiryBreachOut(rule=breach.rule, source=breach.source) for breach in enquiry.breaches],
    )


def _remedy_out(remedy: Remedy, on: date) -> RequiredRemedyOut:
    until = remedy.completed_on or on
    late = max(0, (until - remedy.due_on).days) if remedy.due_on else 0
    return RequiredRemedyOut(**_fields(remedy, RequiredRemedyOut, "days_late"), days_late=late)


def _fields(source: object, target: type[BaseModel], *but: str) -> dict[str, Any]:
    return {name: getattr(source, name) for name in target.model_fields if name not in but}
