"""What the link officer records of the Ombudsman's side. Each is the body of the POST route that bears its name."""

from datetime import date
from typing import Annotated

from pydantic import Field

from shared.commands import Code, Command, Pence, Reference, StaffId, example
from shared.events import Compliance, Document, OmbudsmanCategory


class ReceiveEnquiry(Command):
    """The Ombudsman writes about a complaint; the Ombudsman's own reference names the enquiry from then on."""

    ombudsman_reference: Reference
    received_on: date
    case: Reference | None = None
    respond_by: date | None = None

    model_config = example(
        ombudsman_reference="26 004 117", received_on="2026-11-20", case="COV-2026-000001", respond_by="2026-11-24"
    )


class LinkEnquiry(Command):
    """The enquiry is about this case of the register."""

    case: Reference
    linked_on: date | None = None

    model_config = example(case="COV-2026-000001")


class AnswerEnquiry(Command):
    """The council answers the enquiry, with its own responses and whether its procedure is complete."""

    answered_on: date

    model_config = example(answered_on="2026-11-20")


class ReturnAsPremature(Command):
    """The Ombudsman sends the complaint back: the council's own procedure comes first."""

    returned_on: date

    model_config = example(returned_on="2026-11-20")


class CloseAfterEnquiries(Command):
    """The Ombudsman closes the complaint after initial enquiries."""

    closed_on: date
    reason: Code | None = None

    model_config = example(closed_on="2026-11-20", reason="not_warranted_by_alleged_injustice")


class OpenInvestigation(Command):
    """The Ombudsman investigates in detail; the letter may set the date of the response."""

    opened_on: date
    respond_by: date | None = None

    model_config = example(opened_on="2026-11-20", respond_by="2026-12-18")


class SubmitResponse(Command):
    """Send the council's statement to the Ombudsman.

    `documents` are references of what went with it; those that may not be shared with the complainant are marked.
    """

    submitted_on: date
    author: StaffId
    author_role: StaffId
    signed_off_by: StaffId | None = None
    documents: Annotated[tuple[Document, ...], Field(max_length=200)] = ()

    model_config = example(
        submitted_on="2026-11-20",
        author="staff-7",
        author_role="Head of Service",
        signed_off_by="director-1",
        documents=[{"reference": "S-1"}, {"reference": "S-2", "may_be_shared": False}],
    )


class ReceiveDraftDecision(Command):
    """The Ombudsman sends a draft decision for comment."""

    received_on: date
    category: OmbudsmanCategory | None = None
    respond_by: date | None = None

    model_config = example(received_on="2026-11-20", category="upheld", respond_by="2026-11-27")


class CommentOnDraft(Command):
    """The council comments on the draft decision."""

    commented_on: date
    agreed: bool

    model_config = example(commented_on="2026-11-20", agreed=True)


class DecideEnquiry(Command):
    """The Ombudsman's final decision; `public_report` for a report under LGA 1974 s.30."""

    decided_on: date
    category: OmbudsmanCategory
    reason: Code | None = None
    public_report: bool = False

    model_config = example(decided_on="2026-11-20", category="upheld", reason="fault_and_injustice")


class PublicisePublicReport(Command):
    """Give public notice of a report, and open copies to inspection (LGA 1974 s.30(4)-(5))."""

    publicised_on: date

    model_config = example(publicised_on="2026-11-20")


class AnswerPublicReport(Command):
    """Tell the Ombudsman what will be done about a report that the authority has considered (LGA 1974 s.31(2))."""

    answered_on: date
    considered_by: StaffId

    model_config = example(answered_on="2026-11-20", considered_by="Cabinet")


class InformMonitoringOfficer(Command):
    """The monitoring officer has seen the decision."""

    seen_on: date

    model_config = example(seen_on="2026-11-20")


class RequireRemedy(Command):
    """The decision asks the council for a remedy."""

    type: Code
    required_on: date
    amount_pence: Pence | None = None
    due_on: date | None = None

    model_config = example(type="financial", required_on="2026-11-20", amount_pence=50000, due_on="2026-12-20")


class RemedyCompletion(Command):
    """When a remedy was carried out, and where its evidence is kept."""

    completed_on: date
    evidence: Code | None = None

    model_config = example(completed_on="2026-11-20")


class CompleteRemedy(RemedyCompletion):
    """Record that a remedy, by its number in the enquiry, was carried out."""

    number: int


class ConfirmCompliance(Command):
    """The Ombudsman says whether the remedies were carried out, and in time."""

    confirmed_on: date
    compliance: Compliance = "complied"

    model_config = example(confirmed_on="2026-11-20", compliance="complied")


EnquiryCommand = (
    LinkEnquiry
    | AnswerEnquiry
    | ReturnAsPremature
    | CloseAfterEnquiries
    | OpenInvestigation
    | SubmitResponse
    | ReceiveDraftDecision
    | CommentOnDraft
    | DecideEnquiry
    | PublicisePublicReport
    | AnswerPublicReport
    | InformMonitoringOfficer
    | RequireRemedy
    | CompleteRemedy
    | ConfirmCompliance
)
