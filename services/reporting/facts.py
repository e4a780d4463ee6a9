"""The rows that every report is counted from: what is true of one case, enquiry, compliment or reference figure.

Pure data, one class a table. `fold` makes them from events, `tables` keeps each with the positions of the log from and
to which it was true, and the reports only ever see those that were true at one position. Dimensions are flat columns,
so that a figure is a filter and a count.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any, ClassVar, Self


@dataclass(slots=True, unsafe_hash=True)
class CaseFact:
    """One complaint.

    `outcome` is how it last left the council's hands, None while it is in them. `closed_on` is the day of the response
    or of what ended the case without one; None while it is open, or open again. `first_closed_on` and `days_open`
    (working days after receipt, by the calendar) stay with the first closing: a reopening makes no first answer late.
    Characteristics are those of the person affected. `officer` investigates, or has the role of `officer_role` that was
    given out first; `delay_reason` is the latest given at the stage that the case is at.
    """

    KEY: ClassVar = ("reference",)

    reference: str
    received_on: date
    channel: str
    service_area: str
    made_orally: bool
    represented: bool
    pathway: str | None = None
    local_standard_due_on: date | None = None
    settled_in_time: bool = False
    outside_statutory_count: bool = False
    refused_ground: str | None = None
    outcome: str | None = None
    decided_on: date | None = None
    responded_on: date | None = None
    withdrawn_on: date | None = None
    first_closed_on: date | None = None
    closed_on: date | None = None
    days_open: int | None = None
    sex: str | None = None
    ethnic_group: str | None = None
    disability: str | None = None
    age_band: str | None = None
    stage: str | None = None
    acknowledged_on: date | None = None
    officer: str | None = None
    officer_role: str | None = None
    delay_reason: str | None = None


@dataclass(slots=True, unsafe_hash=True)
class ConcernFact:
    """One thing complained of, and the latest finding about it. `received_on` repeats the case's."""

    KEY: ClassVar = ("reference", "number")

    reference: str
    number: int
    received_on: date
    category: str
    subcategory: str | None = None
    finding: str | None = None


@dataclass(slots=True, unsafe_hash=True)
class SpellFact:
    """One stay of a case in a pathway, from a day to a day: what the books balance by.

    Never left before it was entered, so whatever is brought forward or comes in either leaves or is carried forward.
    `outside` repeats the case's `outside_statutory_count`.
    """

    KEY: ClassVar = ("reference", "number")

    reference: str
    number: int
    pathway: str | None
    entered_on: date
    entered_by: str
    left_on: date | None = None
    left_by: str | None = None
    outside: bool = False


RESPONSE_PERIOD = "response_period"
"""The clock of the period in which a complainant was told to expect the response (SI 2009/309 reg 13(5))."""


@dataclass(slots=True, unsafe_hash=True)
class ClockFact:
    """One deadline of a case: as it was set, as it stands, and the day on which it was met or ended otherwise.

    A deadline that is set again once it had stopped is a clock of its own; of one name the last number is in force.
    `due_on` is moved by extensions (`extended` counts those to another day, `beyond_cap` those that went too far), by
    reviews in a newer calendar (`reviewed`) and by pauses that are over; `paused_on` is since when it stands still.
    `unextended_due_on` is the day that the first extension moved, with what pauses, reviews and a corrected day of
    receipt have moved it by since; `extended_late` is whether one was made only when the last day, as it then stood,
    had passed. `kind` says by
    which calendar it counts (`shared.deadlines.counted_in`). `outside` repeats the case's `outside_statutory_count`.
    """

    KEY: ClassVar = ("reference", "number")

    reference: str
    number: int
    name: str
    pathway: str | None
    stage: str
    rule: str
    kind: str
    binds: str
    met_by: str
    anchor: str
    started_on: date
    first_due_on: date
    due_on: date
    unextended_due_on: date | None = None
    extended: int = 0
    beyond_cap: int = 0
    extended_late: bool = False
    reviewed: int = 0
    paused_on: date | None = None
    met_on: date | None = None
    ended_on: date | None = None
    ended_by: str | None = None
    outside: bool = False

    @property
    def stopped_on(self) -> date | None:
        """The day on which the clock stopped, for whatever reason."""
        return self.met_on or self.ended_on


@dataclass(slots=True, unsafe_hash=True)
class DelayFact:
    """A reason given for a delay at a stage: with an extension, or with a notice that the answer is late.

    `agreed` and `beyond_cap` are of an extension: whether the complainant agreed, whether it went beyond a rule's cap.
    """

    KEY: ClassVar = ("reference", "number")

    reference: str
    number: int
    given_on: date
    given_with: str
    reason: str
    pathway: str | None
    stage: str | None
    agreed: bool = False
    beyond_cap: bool = False


@dataclass(slots=True, unsafe_hash=True)
class RemedyFact:
    """Something to put right, agreed by the council or required by the Ombudsman; money in pence.

    `reference` is the case's or the enquiry's. `due_on` is None where no day was set, `completed_on` until it is done.
    """

    KEY: ClassVar = ("reference", "by", "number")

    reference: str
    number: int
    by: str
    type: str
    agreed_on: date
    amount_pence: int | None
    due_on: date | None = None
    completed_on: date | None = None


@dataclass(slots=True, unsafe_hash=True)
class LessonFact:
    """A line of the Investigation Outcome form: publishable text of the authority."""

    KEY: ClassVar = ("reference", "number")

    reference: str
    number: int
    recorded_on: date
    lesson: str
    action: str | None
    due_on: date | None
    completed_on: date | None = None


@dataclass(slots=True, unsafe_hash=True)
class BreachFact:
    """A rule that was not kept in handling the case."""

    KEY: ClassVar = ("reference", "number")

    reference: str
    number: int
    happened_on: date
    rule: str
    source: str


OUTSTANDING = "outstanding"
"""The compliance of an enquiry whose remedies the Ombudsman has not spoken about."""


@dataclass(slots=True, unsafe_hash=True)
class EnquiryFact:
    """One complaint at the Ombudsman; `informed_on` is the day that the council was told of it (reg 18(1)(c)).

    `answer_due_on` and `response_due_on` are the days by which the Ombudsman asks for an answer to its enquiry and for
    the statement in an investigation. `compliance` is None until a remedy is required, then `outstanding` until the
    Ombudsman says, on `compliance_confirmed_on`, what it found.
    """

    KEY: ClassVar = ("reference",)

    reference: str
    informed_on: date
    case_reference: str | None = None
    answer_due_on: date | None = None
    answered_on: date | None = None
    investigated_on: date | None = None
    response_due_on: date | None = None
    responded_on: date | None = None
    decided_on: date | None = None
    category: str | None = None
    reason: str | None = None
    public_report: bool = False
    compliance: str | None = None
    compliance_confirmed_on: date | None = None


@dataclass(slots=True, unsafe_hash=True)
class RepresentationFact:
    """A compliment or a comment."""

    KEY: ClassVar = ("reference",)

    reference: str
    kind: str
    received_on: date
    channel: str
    service_area: str


@dataclass(slots=True, unsafe_hash=True)
class FigureFact:
    """A published number that no case holds; `reference` is the authority that recorded it."""

    KEY: ClassVar = ("reference", "name", "subject", "year")

    reference: str
    name: str
    subject: str
    year: str
    value: int
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class NarrativeFact:
    """The council's own words on a year; `reference` is the authority."""

    KEY: ClassVar = ("reference", "year")

    reference: str
    year: str
    introduction: str | None
    subject_matter: str | None
    matters_of_general_importance: str | None
    action_taken: str | None
    self_assessment: str | None
    governance_response: str | None


Fact = (
    CaseFact
    | ConcernFact
    | SpellFact
    | ClockFact
    | DelayFact
    | RemedyFact
    | LessonFact
    | BreachFact
    | EnquiryFact
    | RepresentationFact
    | FigureFact
    | NarrativeFact
)


@dataclass(slots=True, unsafe_hash=True)
class Facts:
    """Facts that were true together: of one stream, as `fold` goes along, or of an authority, as a report sees it."""

    cases: tuple[CaseFact, ...] = ()
    concerns: tuple[ConcernFact, ...] = ()
    spells: tuple[SpellFact, ...] = ()
    clocks: tuple[ClockFact, ...] = ()
    delays: tuple[DelayFact, ...] = ()
    remedies: tuple[RemedyFact, ...] = ()
    lessons: tuple[LessonFact, ...] = ()
    breaches: tuple[BreachFact, ...] = ()
    enquiries: tuple[EnquiryFact, ...] = ()
    representations: tuple[RepresentationFact, ...] = ()
    figures: tuple[FigureFact, ...] = ()
    narratives: tuple[NarrativeFact, ...] = ()

    def __iter__(self) -> Iterator[Fact]:
        for name in self.__slots__:
            yield from getattr(self, name)

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> Self:
        """The same facts sorted into their kinds, each kind by its key."""
        kinds: dict[str, list[Fact]] = {}
        for fact in facts:
            kinds.setdefault(FIELDS[type(fact)], []).append(fact)
        return cls(**{name: tuple(sorted(kind, key=identity)) for name, kind in kinds.items()})  # type: ignore[arg-type] # each list holds its own kind


FIELDS: dict[type[Fact], str] = {
    CaseFact: "cases",
    ConcernFact: "concerns",
    SpellFact: "spells",
    ClockFact: "clocks",
    DelayFact: "delays",
    RemedyFact: "remedies",
    LessonFact: "lessons",
    BreachFact: "breaches",
    EnquiryFact: "enquiries",
    RepresentationFact: "representations",
    FigureFact: "figures",
    NarrativeFact: "narratives",
}


identities: dict[type[Fact], Callable[[Fact], Any]] = {kind: attrgetter(*kind.KEY) for kind in FIELDS}
"""Of each kind: what tells a fact from others of it in the authority, and stays the same from version to version."""


def identity(fact: Fact) -> Any:
    """What tells a fact from others of its kind."""
    return identities[type(fact)](fact)
