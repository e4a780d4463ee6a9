"""The published language: every event that a log can hold, as frozen facts in the past tense.

Events carry codes, dates, staff ids and commitments, never a name, a contact or prose about a person. A field is added
with a default, or a new version is written with an upcaster in `codec`; nothing here is ever renamed or removed.
`OCCURRED` names the field that says when the thing happened in the world: a date in Europe/London, or for receipt an
instant in UTC.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal

Kind = Literal["complaint", "compliment", "comment"]
Outcome = Literal["upheld", "partially_upheld", "not_upheld"]
Stage = Literal["informal", "stage_1", "stage_2", "stage_3", "ombudsman"]
Binds = Literal["council", "complainant"]
SourceKind = Literal["law", "guidance", "local_standard"]
OmbudsmanCategory = Literal[
    "upheld",
    "not_upheld",
    "closed_after_initial_enquiries",
    "referred_back",
    "incomplete_or_invalid",
    "advice_given",
]


Compliance = Literal["complied", "complied_late", "not_complied"]


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing complained of, by code; concerns are numbered from 1 in the order given."""

    category: str
    subcategory: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one concern."""

    concern: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Commitment:
    """What the log keeps of a personal field: "sha256:" and the hash of its ciphertext, never the value."""

    party: str
    field: str
    hash: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """A due date as it was computed when its clock started, with what it was computed from.

    `policy` and `calendar` are content hashes; `rule` is a rule of that policy; `met_by` is the event type that meets
    the deadline, at `stage`; `unit` is `working_days`, `calendar_days` or `months`; `kind` says whether closure days of
    the authority count (`deadlines.counted_in`). `told_on` is the date that people were told, where that is on record.
    Replay never computes a date anew.
    """

    name: str
    due_on: date
    rule: str
    unit: str
    anchor: str
    anchor_on: date
    met_by: str
    stage: Stage
    policy: str
    calendar: str
    provisional: bool = False
    told_on: date | None = None
    binds: Binds = "council"
    kind: SourceKind = "local_standard"


@dataclass(frozen=True, slots=True)
class Document:
    """A document by its reference, and whether the Ombudsman may share it with the complainant."""

    reference: str
    may_be_shared: bool = True


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that was not kept, and the text that sets it; recorded with what happened."""

    rule: str
    source: str


# --- representations and cases -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RepresentationReceived:
    """A comment, compliment or complaint came in (SI 2009/309 reg 13; the "3Cs").

    `enquiry` is the Ombudsman's reference of the enquiry that the complaint came back from, if it did. A complaint
    `transferred_from` another body is deemed made to this one, on the day on which it came (SI 2009/309 reg 6(5)).
    """

    OCCURRED: ClassVar[str] = "received_at"
    kind: Kind
    received_at: datetime
    received_on: date
    channel: str
    service_area: str
    codes: str
    provider: str | None = None
    made_orally: bool = False
    matter_occurred_on: date | None = None
    known_on: date | None = None
    concerns: tuple[Concern, ...] = ()
    represented: bool = False
    commitments: tuple[Commitment, ...] = ()
    enquiry: str | None = None
    breaches: tuple[Breach, ...] = ()
    transferred_from: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRouted:
    """The procedure that the case follows was decided; the received date stays."""

    OCCURRED: ClassVar[str] = "routed_on"
    routed_on: date
    pathway: str
    reason: str | None
    policy: str
    calendar: str
    deadlines: tuple[Deadline, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRefused:
    """The complaint need not be dealt with, on a stated ground (SI 2009/309 reg 8, reg 12; the Code 2.1-2.5)."""

    OCCURRED: ClassVar[str] = "refused_on"
    refused_on: date
    ground: str
    notified_on: date | None
    breaches: tuple[Breach, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedInformally:
    """Settled without an investigation; `outside_statutory_count` is the test of SI 2009/309 reg 8(1)(c).

    It holds only for a complaint made orally and settled to the complainant's satisfaction by the end of the next
    working day after the day it was made.
    """

    OCCURRED: ClassVar[str] = "resolved_on"
    resolved_on: date
    made_orally: bool
    satisfied: bool
    latest_on: date
    outside_statutory_count: bool
    calendar: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintAcknowledged:
    """The complaint was acknowledged (SI 2009/309 reg 13(3)), and a discussion offered or not (reg 13(4))."""

    OCCURRED: ClassVar[str] = "acknowledged_on"
    acknowledged_on: date
    method: str
    discussion_offered: bool
    stage: Stage = "stage_1"
    deadlines: tuple[Deadline, ...] = ()
    breaches: tuple[Breach, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponsePeriodSet:
    """The response period was agreed with the complainant, or determined and notified (SI 2009/309 reg 13(4)-(5))."""

    OCCURRED: ClassVar[str] = "set_on"
    set_on: date
    agreed: bool
    notified_on: date | None
    deadlines: tuple[Deadline, ...]
    breaches: tuple[Breach, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAssigned:
    """A person (a staff id) took up a role in the case."""

    OCCURRED: ClassVar[str] = "assigned_on"
    assigned_on: date
    officer: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineExtended:
    """A response was put off; `deadlines` are the clocks as they stand after it."""

    OCCURRED: ClassVar[str] = "extended_on"
    extended_on: date
    reason: str
    agreed_with_complainant: bool
    ombudsman_details_given: bool
    deadlines: tuple[Deadline, ...]
    breaches: tuple[Breach, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEscalated:
    """The complainant asked for the next stage."""

    OCCURRED: ClassVar[str] = "requested_on"
    requested_on: date
    stage: Stage
    deadlines: tuple[Deadline, ...] = ()
    breaches: tuple[Breach, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementAgreed:
    """The complainant agreed the statement of complaint that stage 2 investigates (SI 2006/1738 reg 17)."""

    OCCURRED: ClassVar[str] = "agreed_on"
    agreed_on: date
    deadlines: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelHeld:
    """The review panel met (SI 2006/1738 reg 19)."""

    OCCURRED: ClassVar[str] = "held_on"
    held_on: date
    deadlines: tuple[Deadline, ...] = ()
    breaches: tuple[Breach, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelReported:
    """The panel's recommendations reached the authority (SI 2006/1738 reg 20)."""

    OCCURRED: ClassVar[str] = "reported_on"
    reported_on: date
    deadlines: tuple[Deadline, ...] = ()
    breaches: tuple[Breach, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockPaused:
    """The clocks that the policy lets pause stand still; `clocks` are their names."""

    OCCURRED: ClassVar[str] = "paused_on"
    paused_on: date
    reason: str
    clocks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockResumed:
    """The clocks run again; `deadlines` are later by the working days that they stood still."""

    OCCURRED: ClassVar[str] = "resumed_on"
    resumed_on: date
    deadlines: tuple[Deadline, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinesReviewed:
    """Running clocks were counted anew in a newer calendar, whose hash is `calendar`; `deadlines` are those that moved.

    What people were told stays in `told_on` until they are told anew.
    """

    OCCURRED: ClassVar[str] = "reviewed_on"
    reviewed_on: date
    calendar: str
    deadlines: tuple[Deadline, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageDecided:
    """The outcome of a stage, with a finding for each concern."""

    OCCURRED: ClassVar[str] = "decided_on"
    decided_on: date
    stage: Stage
    outcome: Outcome
    decided_by: str
    findings: tuple[Finding, ...]
    breaches: tuple[Breach, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseSent:
    """The written response went out (SI 2009/309 reg 14(2)): this, not the decision, meets a deadline."""

    OCCURRED: ClassVar[str] = "sent_on"
    sent_on: date
    stage: Stage
    signed_by: str
    ombudsman_right_given: bool
    deadlines: tuple[Deadline, ...] = ()
    breaches: tuple[Breach, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressTold:
    """The complainant was told how the investigation stands (SI 2009/309 reg 14(1)(b)), and perhaps its dates.

    `due_dates_told` is whether the due dates were told as they stand.
    """

    OCCURRED: ClassVar[str] = "told_on"
    told_on: date
    method: str
    due_dates_told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LatenessNotified:
    """The complainant was told that the answer is late, and why (SI 2009/309 reg 14(4))."""

    OCCURRED: ClassVar[str] = "notified_on"
    notified_on: date
    delay_reason: str
    breaches: tuple[Breach, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyAgreed:
    """The council agreed to put something right; money in pence."""

    OCCURRED: ClassVar[str] = "agreed_on"
    agreed_on: date
    remedy: int
    type: str
    amount_pence: int | None
    due_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyCompleted:
    """A remedy was carried out."""

    OCCURRED: ClassVar[str] = "completed_on"
    completed_on: date
    remedy: int
    evidence: str | None = None
    breaches: tuple[Breach, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningRecorded:
    """A line of the Investigation Outcome form: publishable text without personal data.

    `found` is what was found, `type` the kind of change that the action makes.
    """

    OCCURRED: ClassVar[str] = "recorded_on"
    recorded_on: date
    learning: int
    lesson: str
    action: str | None
    owner: str | None
    due_on: date | None
    found: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningCompleted:
    """The action of a lesson was done."""

    OCCURRED: ClassVar[str] = "completed_on"
    completed_on: date
    learning: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderContacted:
    """A commissioned provider was sent the complaint, with the complainant's consent (SI 2009/309 reg 11)."""

    OCCURRED: ClassVar[str] = "contacted_on"
    contacted_on: date
    provider: str
    consent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderResponded:
    """The provider answered."""

    OCCURRED: ClassVar[str] = "responded_on"
    responded_on: date
    provider: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLinked:
    """Another case belongs with this one."""

    OCCURRED: ClassVar[str] = "linked_on"
    linked_on: date
    reference: str
    relation: Literal["duplicate", "related", "joint"]
    lead: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacteristicsRecorded:
    """Coded characteristics, pseudonymous; None is "not known", `not_stated` that the person preferred not to say."""

    OCCURRED: ClassVar[str] = "recorded_on"
    recorded_on: date
    whose: Literal["person_affected", "complainant", "representative"]
    sex: str | None = None
    ethnic_group: str | None = None
    disability: str | None = None
    age_band: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRestricted:
    """From now on only these actors may see the case or act on it, for a coded reason; everyone again for none."""

    OCCURRED: ClassVar[str] = "restricted_on"
    restricted_on: date
    staff: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagsRecorded:
    """What whoever deals with the case must heed, by code; the newest record stands. How is personal data."""

    OCCURRED: ClassVar[str] = "recorded_on"
    recorded_on: date
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseWithdrawn:
    """The complainant withdrew the complaint."""

    OCCURRED: ClassVar[str] = "withdrawn_on"
    withdrawn_on: date
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTransferred:
    """The complaint belongs to another body and was sent there (SI 2009/309 reg 6(5))."""

    OCCURRED: ClassVar[str] = "transferred_on"
    transferred_on: date
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed:
    """Nothing more is to be done on the case."""

    OCCURRED: ClassVar[str] = "closed_on"
    closed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReopened:
    """An ended case was taken up again at its last stage; it may be decided and answered anew."""

    OCCURRED: ClassVar[str] = "reopened_on"
    reopened_on: date
    reason: str
    deadlines: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WithOmbudsman:
    """The Ombudsman has the complaint: an enquiry, by the Ombudsman's reference, is about this case."""

    OCCURRED: ClassVar[str] = "since"
    since: date
    enquiry: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BackFromOmbudsman:
    """The Ombudsman's enquiry is over; `category` is None where it turned out to be about another case."""

    OCCURRED: ClassVar[str] = "back_on"
    back_on: date
    enquiry: str
    category: OmbudsmanCategory | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCorrected:
    """A field was wrong from the start; for a personal field, `before` and `after` are commitments.

    `deadlines` holds the clocks anchored on the corrected fact, set anew; `resumed` those of them that had stood still,
    later by as much.
    """

    OCCURRED: ClassVar[str] = "corrected_on"
    corrected_on: date
    field: str
    before: str | None
    after: str | None
    reason: str
    deadlines: tuple[Deadline, ...] = ()
    resumed: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalHoldPlaced:
    """Everything of the case is kept until the hold is lifted, whatever the schedule or a request says."""

    OCCURRED: ClassVar[str] = "placed_on"
    placed_on: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalHoldLifted:
    """The legal hold is over."""

    OCCURRED: ClassVar[str] = "lifted_on"
    lifted_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalDataErased:
    """A party's personal data and its key were deleted, on a ground of the schedule (UK GDPR Art 5(1)(e), Art 17)."""

    OCCURRED: ClassVar[str] = "erased_on"
    erased_on: date
    ground: str
    party: str


# --- the Ombudsman --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class EnquiryReceived:
    """The Local Government and Social Care Ombudsman wrote to the council about a complaint."""

    OCCURRED: ClassVar[str] = "received_on"
    received_on: date
    case: str | None = None
    respond_by: date | None = None
    deadlines: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EnquiryAnswered:
    """The council answered the enquiry."""

    OCCURRED: ClassVar[str] = "answered_on"
    answered_on: date
    breaches: tuple[Breach, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EnquiryLinked:
    """The enquiry was found to be about a case of the register."""

    OCCURRED: ClassVar[str] = "linked_on"
    linked_on: date
    case: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedAsPremature:
    """The Ombudsman sent the complaint back for the council's own procedure (LGA 1974 s.26(5))."""

    OCCURRED: ClassVar[str] = "returned_on"
    returned_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedAfterEnquiries:
    """The Ombudsman closed the complaint after initial enquiries."""

    OCCURRED: ClassVar[str] = "closed_on"
    closed_on: date
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvestigationOpened:
    """The Ombudsman opened a detailed investigation."""

    OCCURRED: ClassVar[str] = "opened_on"
    opened_on: date
    respond_by: date | None = None
    deadlines: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseSubmitted:
    """The council's statement went to the Ombudsman; `documents` are references, with what may not be shared marked."""

    OCCURRED: ClassVar[str] = "submitted_on"
    submitted_on: date
    author: str
    author_role: str
    signed_off_by: str | None
    documents: tuple[Document, ...] = ()
    breaches: tuple[Breach, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftDecisionReceived:
    """The Ombudsman sent a draft decision for comment; `category` is what it proposes."""

    OCCURRED: ClassVar[str] = "received_on"
    received_on: date
    category: OmbudsmanCategory | None = None
    respond_by: date | None = None
    deadlines: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftCommented:
    """The council commented on the draft, and agreed with it or not."""

    OCCURRED: ClassVar[str] = "commented_on"
    commented_on: date
    agreed: bool
    breaches: tuple[Breach, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OmbudsmanDecided:
    """The final decision, in a category of the Ombudsman's published data; a public report is under LGA 1974 s.30."""

    OCCURRED: ClassVar[str] = "decided_on"
    decided_on: date
    category: OmbudsmanCategory
    reason: str | None = None
    public_report: bool = False
    deadlines: tuple[Deadline, ...] = ()
    breaches: tuple[Breach, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicReportPublicised:
    """Public notice was given of a report, and copies are open to inspection (LGA 1974 s.30(4)-(5))."""

    OCCURRED: ClassVar[str] = "publicised_on"
    publicised_on: date
    breaches: tuple[Breach, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicReportAnswered:
    """The authority considered the report and told the Ombudsman what it will do (LGA 1974 s.31(2))."""

    OCCURRED: ClassVar[str] = "answered_on"
    answered_on: date
    considered_by: str
    breaches: tuple[Breach, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringOfficerInformed:
    """The monitoring officer has seen an upheld decision or a public report (LGHA 1989 s.5)."""

    OCCURRED: ClassVar[str] = "seen_on"
    seen_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplianceConfirmed:
    """The Ombudsman is satisfied, or not, with what was done about the remedies."""

    OCCURRED: ClassVar[str] = "confirmed_on"
    confirmed_on: date
    compliance: Compliance


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureExhausted:
    """The council's own procedure is over for a complaint that had been returned as premature: it may come back."""

    OCCURRED: ClassVar[str] = "exhausted_on"
    exhausted_on: date
    case: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyRequired:
    """The Ombudsman's decision asks for a remedy; money in pence."""

    OCCURRED: ClassVar[str] = "required_on"
    required_on: date
    remedy: int
    type: str
    amount_pence: int | None
    due_on: date | None


# --- the authority --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryImported:
    """A file of an earlier system's history begins here; `file` is the hash of its bytes."""

    OCCURRED: ClassVar[str] = "imported_on"
    imported_on: date
    source: str
    file: str
    records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WentLive:
    """The register took over from the earlier system: no more history comes in."""

    OCCURRED: ClassVar[str] = "live_on"
    live_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceFigureRecorded:
    """A published number that no case holds, with its source; the newest of a name, subject and year is in force."""

    OCCURRED: ClassVar[str] = "recorded_on"
    recorded_on: date
    name: str
    subject: str
    year: str
    value: int
    unit: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NarrativeRecorded:
    """The council's own words on a year, as published: paragraphs of plain text, without personal data.

    The newest of a year is in force, as a whole. The parts are those of SI 2009/309 reg 18(1)(d) and, for the
    self-assessment and the governing body's response, of the Ombudsman's Code 8.1 and 8.2.
    """

    OCCURRED: ClassVar[str] = "recorded_on"
    recorded_on: date
    year: str
    introduction: str | None = None
    subject_matter: str | None = None
    matters_of_general_importance: str | None = None
    action_taken: str | None = None
    self_assessment: str | None = None
    governance_response: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeLearningAlertIssued:
    """A practice learning alert went out to staff: publishable text without personal data.

    `cases` are the complaints that it comes of; without service areas it is for all of them.
    """

    OCCURRED: ClassVar[str] = "issued_on"
    issued_on: date
    title: str
    text: str
    service_areas: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()


# --- publications ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FrozenDocument:
    """A document of a publication: its format, and "sha256:" and the hash of its bytes."""

    format: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPublished:
    """A report was frozen as it was known at a position of the log; nobody outside sees it before it is released.

    `figures` is the hash of its canonical figures in full, `printed` of those that are printed, `documents` are the
    documents that the public gets, and `manifest` is the hash of the list of all of these. `code` is the version that
    counted them.
    """

    OCCURRED: ClassVar[str] = "published_on"
    published_on: date
    report: str
    year: str
    as_at: date
    position: int
    code: str
    figures: str
    printed: str
    documents: tuple[FrozenDocument, ...]
    manifest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationReleased:
    """A publication became public; with the governing body that approved it, and its response (the Code 8.2)."""

    OCCURRED: ClassVar[str] = "released_on"
    released_on: date
    approved_by: str | None = None
    approved_on: date | None = None
    response: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationWithdrawn:
    """A released publication is no longer handed out, for a reason that can be told to everyone."""

    OCCURRED: ClassVar[str] = "withdrawn_on"
    withdrawn_on: date
    reason: str


CaseEvent = (
    RepresentationReceived
    | CaseRouted
    | CaseRefused
    | ResolvedInformally
    | ComplaintAcknowledged
    | ResponsePeriodSet
    | CaseAssigned
    | DeadlineExtended
    | CaseEscalated
    | StatementAgreed
    | PanelHeld
    | PanelReported
    | ClockPaused
    | ClockResumed
    | DeadlinesReviewed
    | StageDecided
    | ResponseSent
    | ProgressTold
    | LatenessNotified
    | RemedyAgreed
    | RemedyCompleted
    | LearningRecorded
    | LearningCompleted
    | ProviderContacted
    | ProviderResponded
    | CaseLinked
    | CharacteristicsRecorded
    | CaseRestricted
    | FlagsRecorded
    | CaseWithdrawn
    | CaseTransferred
    | CaseClosed
    | CaseReopened
    | CaseCorrected
    | WithOmbudsman
    | BackFromOmbudsman
    | LegalHoldPlaced
    | LegalHoldLifted
    | PersonalDataErased
)
EnquiryEvent = (
    EnquiryReceived
    | EnquiryLinked
    | EnquiryAnswered
    | ReturnedAsPremature
    | ProcedureExhausted
    | ClosedAfterEnquiries
    | InvestigationOpened
    | ResponseSubmitted
    | DraftDecisionReceived
    | DraftCommented
    | OmbudsmanDecided
    | PublicReportPublicised
    | PublicReportAnswered
    | MonitoringOfficerInformed
    | RemedyRequired
    | RemedyCompleted
    | ComplianceConfirmed
)
AuthorityEvent = HistoryImported | WentLive | ReferenceFigureRecorded | NarrativeRecorded | PracticeLearningAlertIssued
PublicationEvent = ReportPublished | PublicationReleased | PublicationWithdrawn
Event = CaseEvent | EnquiryEvent | AuthorityEvent | PublicationEvent
