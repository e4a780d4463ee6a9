"""What the link officer records of the Ombudsman's side. Each is the body of the POST route that bears its name."""

from datetime import date

from shared.commands import Code, Command, Pence, Reference, example
from shared.events import OmbudsmanCategory


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
    """The Ombudsman investigates in detail."""

    opened_on: date

    model_config = example(opened_on="2026-11-20")


class DecideEnquiry(Command):
    """The Ombudsman's final decision."""

    decided_on: date
    category: OmbudsmanCategory
    reason: Code | None = None
    public_report: bool = False

    model_config = example(decided_on="2026-11-20", category="upheld", reason="fault_and_injustice")


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


EnquiryCommand = (
    LinkEnquiry
    | ReturnAsPremature
    | CloseAfterEnquiries
    | OpenInvestigation
    | DecideEnquiry
    | RequireRemedy
    | CompleteRemedy
)
