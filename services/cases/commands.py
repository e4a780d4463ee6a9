"""What someone may ask of a case. Each is the body of the POST route that bears its name.

`*_on` left out means today. Codes are checked against the authority's code lists in `decide`.
"""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError, ValidationInfo, field_validator

from shared.commands import Actor, Code, Command, Instant, Line, Pence, Prose, Reference, StaffId, Text, example
from shared.events import Finding, Kind, Outcome, Stage


class Person(Command):
    """A person of a case. Everything here is personal data: encrypted, and never in an event.

    `safe_contact` says how the person may safely be reached, `adjustments` which reasonable adjustments they need.
    """

    name: Line
    address: Line | None = None
    postcode: Line | None = None
    email: Line | None = None
    phone: Line | None = None
    date_of_birth: date | None = None
    safe_contact: Prose | None = None
    adjustments: Prose | None = None


Correctable = Annotated[
    str,
    StringConstraints(
        pattern=r"^(received_at|channel|service_area|provider|made_orally"
        r"|(complainant|person_affected)\.(name|address|postcode|email|phone|date_of_birth|safe_contact|adjustments)"
        r"|narrative\.(narrative|concern_[1-9][0-9]?))$"
    ),
]
"""A field that may be put right: of the case, or of what is personal a party and its field."""


class ConcernIn(Command):
    """One thing complained of; `detail` is prose, kept with the personal data."""

    category: Code
    subcategory: Code | None = None
    detail: Prose | None = None


class _Receive(Command):
    kind: ClassVar[Kind]

    channel: Code
    received_at: Instant | None = None
    service_area: Code
    provider: Line | None = None
    narrative: Prose | None = None


class ReceiveComplaint(_Receive):
    """A complaint comes in; `enquiry` is the Ombudsman's reference, if the Ombudsman sent it back.

    `transferred_from` is the body that sent it on, if another did.
    """

    kind: ClassVar[Kind] = "complaint"
    pathway: Code | None = None
    made_orally: bool = False
    matter_occurred_on: date | None = None
    known_on: date | None = None
    concerns: Annotated[tuple[ConcernIn, ...], Field(min_length=1, max_length=50)]
    complainant: Person
    person_affected: Person | None = None
    enquiry: Reference | None = None
    transferred_from: Line | None = None

    model_config = example(
        channel="web_form",
        pathway="adult_social_care",
        service_area="older_people",
        concerns=[{"category": "communication", "detail": "Nobody rang back."}],
        complainant={"name": "A. Resident", "email": "resident@example.org"},
        narrative="I was told that someone would ring me.",
    )


class ReceiveCompliment(_Receive):
    """A compliment comes in."""

    kind: ClassVar[Kind] = "compliment"
    complainant: Person | None = None

    model_config = example(channel="email", service_area="older_people", narrative="Thank you to the whole team.")


class ReceiveComment(_Receive):
    """A comment comes in."""

    kind: ClassVar[Kind] = "comment"
    complainant: Person | None = None

    model_config = example(channel="email", service_area="older_people", narrative="The form is hard to find.")


class RouteCase(Command):
    """Decide which procedure the case follows."""

    pathway: Code
    routed_on: date | None = None
    reason: Code | None = None

    model_config = example(pathway="adult_social_care", reason="wrongly_routed")


class RefuseCase(Command):
    """Decline to deal with the complaint, on a ground that the law knows."""

    refused_on: date
    ground: Code
    notified_on: date | None = None

    model_config = example(refused_on="2026-11-20", ground="out_of_time", notified_on="2026-11-20")


class ResolveInformally(Command):
    """Settle the matter without an investigation."""

    resolved_on: date
    satisfied: bool

    model_config = example(resolved_on="2026-11-20", satisfied=True)


class AcknowledgeComplaint(Command):
    """Acknowledge the complaint, and offer to discuss how it will be handled."""

    acknowledged_on: date
    method: Code
    discussion_offered: bool = False

    model_config = example(acknowledged_on="2026-11-20", method="letter", discussion_offered=True)


class SetResponsePeriod(Command):
    """Agree the response period with the complainant, or determine and notify it."""

    due_on: date
    agreed: bool
    set_on: date | None = None
    notified_on: date | None = None

    model_config = example(due_on="2026-12-18", agreed=True, set_on="2026-11-20", notified_on="2026-11-20")


class AssignCase(Command):
    """Give someone a role in the case."""

    officer: StaffId
    role: Code = "investigating_officer"
    assigned_on: date | None = None

    model_config = example(officer="staff-17", role="investigating_officer", assigned_on="2026-11-20")


class ExtendDeadline(Command):
    """Put the response off to a later day."""

    new_due_on: date
    reason: Code
    agreed_with_complainant: bool
    ombudsman_details_given: bool = False
    extended_on: date | None = None

    model_config = example(
        new_due_on="2027-01-15", reason="complexity", agreed_with_complainant=True, ombudsman_details_given=True
    )


class EscalateCase(Command):
    """Take the case to its next stage, as the complainant asked."""

    requested_on: date
    stage: Stage | None = None

    model_config = example(requested_on="2026-11-20")


class AgreeStatement(Command):
    """The complainant agrees the statement that stage 2 investigates."""

    agreed_on: date

    model_config = example(agreed_on="2026-11-20")


class HoldPanel(Command):
    """The review panel meets."""

    held_on: date

    model_config = example(held_on="2026-11-20")


class ReportPanel(Command):
    """The panel's recommendations reach the authority."""

    reported_on: date

    model_config = example(reported_on="2026-11-20")


class PauseClock(Command):
    """Let the clocks stand still, where the policy allows it."""

    reason: Code
    paused_on: date | None = None

    model_config = example(reason="advocate_awaited", paused_on="2026-11-20")


class ResumeClock(Command):
    """Let the clocks run again."""

    resumed_on: date | None = None

    model_config = example(resumed_on="2026-11-20")


class DecideStage(Command):
    """Decide the stage that the case is at: an outcome, and a finding for each concern."""

    decided_on: date
    outcome: Outcome
    decided_by: StaffId
    findings: Annotated[tuple[Finding, ...], Field(min_length=1, max_length=50)]

    model_config = example(
        decided_on="2026-11-20",
        outcome="upheld",
        decided_by="staff-17",
        findings=[{"concern": 1, "outcome": "upheld"}],
    )


class SendResponse(Command):
    """Send the written response."""

    sent_on: date
    signed_by: StaffId
    ombudsman_right_given: bool

    model_config = example(sent_on="2026-11-20", signed_by="staff-2", ombudsman_right_given=True)


class TellProgress(Command):
    """Tell the complainant how the investigation stands, and perhaps the due dates as they stand."""

    told_on: date
    method: Code
    due_dates_told: bool = False

    model_config = example(told_on="2026-11-20", method="phone", due_dates_told=True)


class NotifyLateness(Command):
    """Tell the complainant that the answer is late, and why."""

    notified_on: date
    delay_reason: Code

    model_config = example(notified_on="2026-11-20", delay_reason="complexity")


class AgreeRemedy(Command):
    """Agree to put something right."""

    type: Code
    agreed_on: date
    amount_pence: Pence | None = None
    due_on: date | None = None

    model_config = example(type="financial", agreed_on="2026-11-20", amount_pence=25000, due_on="2026-12-20")


class Completion(Command):
    """When something agreed was done."""

    completed_on: date

    model_config = example(completed_on="2026-11-20")


class EvidencedCompletion(Completion):
    """When a remedy was carried out, and where its evidence is kept."""

    evidence: Code | None = None

    model_config = example(completed_on="2026-11-20", evidence="payment_record")


class CompleteRemedy(EvidencedCompletion):
    """Record that a remedy, by its number in the case, was carried out."""

    number: int


class RecordLearning(Command):
    """A line of the Investigation Outcome form: publishable, so without personal data."""

    found: Line | None = None
    lesson: Line
    action: Line | None = None
    type: Code | None = None
    owner: StaffId | None = None
    due_on: date | None = None
    recorded_on: date | None = None

    model_config = example(
        found="Two calls went unanswered.",
        lesson="Calls were not logged.",
        action="Log each call.",
        type="procedure",
        owner="staff-4",
        due_on="2026-12-20",
    )


class CompleteLearning(Completion):
    """Record that the action of a lesson, by its number in the case, was done."""

    number: int


class IssuePracticeLearningAlert(Command):
    """Issue a practice learning alert to staff: publishable, so without personal data.

    `cases` are the complaints that it comes of; without service areas it is for all of them.
    """

    issued_on: date | None = None
    title: Line
    text: Text
    service_areas: Annotated[tuple[Code, ...], Field(max_length=50)] = ()
    cases: Annotated[tuple[Reference, ...], Field(max_length=50)] = ()

    model_config = example(
        title="Say what care will cost", text="Explain the charges before care begins.", service_areas=["older_people"]
    )


class ContactProvider(Command):
    """Send the complaint to the commissioned provider, or record its answer when `responded_on` is given."""

    provider: Line
    contacted_on: date | None = None
    consent: bool = False
    responded_on: date | None = None

    model_config = example(provider="Example Home Care", contacted_on="2026-11-20", consent=True)


class LinkCase(Command):
    """Say that another case belongs with this one."""

    reference: Reference
    relation: Literal["duplicate", "related", "joint"]
    lead: Line | None = None
    linked_on: date | None = None

    model_config = example(reference="COV-2026-000001", relation="related")


class RecordCharacteristics(Command):
    """Coded characteristics of a person of the case; left out is "not known"."""

    whose: Literal["person_affected", "complainant", "representative"] = "person_affected"
    sex: Code | None = None
    ethnic_group: Code | None = None
    disability: Code | None = None
    age_band: Code | None = None
    recorded_on: date | None = None

    model_config = example(sex="female", ethnic_group="white_british", disability="disabled", age_band="65_74")


class RestrictCase(Command):
    """Let only these actors see the case and act on it; none lifts the restriction."""

    staff: Annotated[tuple[Actor, ...], Field(max_length=50)]
    reason: Code
    restricted_on: date | None = None

    model_config = example(staff=["key:1a2b3c4d", "person:staff-17"], reason="staff_complained_of")


class RecordFlags(Command):
    """What whoever deals with the case must heed; this set replaces the earlier one."""

    flags: Annotated[tuple[Code, ...], Field(max_length=20)]
    recorded_on: date | None = None

    model_config = example(flags=["safe_contact", "reasonable_adjustments"])


class WithdrawCase(Command):
    """Record that the complainant withdrew."""

    withdrawn_on: date
    reason: Code | None = None

    model_config = example(withdrawn_on="2026-11-20", reason="resolved_otherwise")


class TransferCase(Command):
    """Send the complaint to the body that it belongs to."""

    transferred_on: date
    to: Line

    model_config = example(transferred_on="2026-11-20", to="Coventry and Warwickshire NHS Trust")


class CloseCase(Command):
    """Close the case: nothing more is to be done."""

    closed_on: date

    model_config = example(closed_on="2026-11-20")


class ReopenCase(Command):
    """Take an ended case up again."""

    reopened_on: date
    reason: Code

    model_config = example(reopened_on="2026-11-20", reason="new_evidence")


class CorrectCase(Command):
    """Put right a field that was recorded wrongly; of a person, such as `complainant.email`, or of what was told."""

    field: Correctable
    value: Prose
    reason: Code
    corrected_on: date | None = None

    @field_validator("value")
    @classmethod
    def _as_the_field_is(cls, value: str, info: ValidationInfo) -> str:
        party, _, name = info.data.get("field", "").partition(".")
        try:
            if party in ("complainant", "person_affected"):
                Person.model_validate({"name": "(none)", name: value})
            elif party != "narrative":
                TypeAdapter(Line).validate_python(value)
        except ValidationError:  # whose own text repeats the value
            raise ValueError("this is not a value of the field") from None
        return value

    model_config = example(field="service_area", value="mental_health", reason="recorded_wrongly")


class CorrectPersonalData(Command):
    """What a correction of a personal field becomes once its value is encrypted: the event holds commitments."""

    party: str
    field: str
    commitment: str | None
    reason: Code
    corrected_on: date | None = None


class SearchPeople(Command):
    """Whom to look for, by one of the three ways, and why."""

    email: Line | None = None
    phone: Line | None = None
    surname: Line | None = None
    postcode: Line | None = None
    reason: Annotated[Line, Field(min_length=3, max_length=200)]

    model_config = example(surname="Resident", postcode="CV1 1AA", reason="an earlier complaint of the caller's")


class SetLegalHold(Command):
    """Place a legal hold, which keeps everything of the case, or lift it. `reason` is needed to place one."""

    action: Literal["place", "lift"]
    reason: Code | None = None
    set_on: date | None = None

    model_config = example(action="place", reason="litigation", set_on="2026-11-20")


class ErasePersonalData(Command):
    """Erase the personal data of one party, or of all. It cannot be undone."""

    ground: Code
    party: Code | None = None

    model_config = example(ground="request", party="complainant")


CaseCommand = (
    RouteCase
    | RefuseCase
    | ResolveInformally
    | AcknowledgeComplaint
    | SetResponsePeriod
    | AssignCase
    | ExtendDeadline
    | EscalateCase
    | AgreeStatement
    | HoldPanel
    | ReportPanel
    | PauseClock
    | ResumeClock
    | DecideStage
    | SendResponse
    | TellProgress
    | NotifyLateness
    | AgreeRemedy
    | CompleteRemedy
    | RecordLearning
    | CompleteLearning
    | ContactProvider
    | LinkCase
    | RecordCharacteristics
    | RestrictCase
    | RecordFlags
    | WithdrawCase
    | TransferCase
    | CloseCase
    | ReopenCase
    | CorrectCase
    | CorrectPersonalData
    | SetLegalHold
    | ErasePersonalData
)

Receive = ReceiveComplaint | ReceiveCompliment | ReceiveComment
