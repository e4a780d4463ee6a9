"""The answers of the reporting routes, as their documentation shows them."""

from datetime import date
from typing import Literal

from pydantic import BaseModel


class FigureOut(BaseModel):
    """One figure: how it was counted, and where its cases are listed. Money's numerator is in pence."""

    row: str
    column: str
    value: int | float | None
    basis: str
    numerator: int
    denominator: int | None
    trace: str


class TableOut(BaseModel):
    """A table; `balanced` says that its rows sum to its totals, case by case."""

    name: str
    rows: list[FigureOut]
    balanced: bool
    layout: str


class ImprovementOut(BaseModel):
    """Action taken, or to be taken, to improve services."""

    service_area: str
    lesson: str
    action: str
    due_on: date | None
    completed_on: date | None


class NarrativeOut(BaseModel):
    """The council's own words on a year; null for a part of which nothing is said."""

    introduction: str | None
    subject_matter: str | None
    matters_of_general_importance: str | None
    action_taken: str | None
    self_assessment: str | None
    governance_response: str | None


class MatterOut(BaseModel):
    """A matter of general importance: a lesson, or a rule that was not kept in handling."""

    matter: str
    arising_from: Literal["complaints", "handling"]
    source: str | None
    count: int


class AnnualOut(BaseModel):
    """The annual report, as known at the end of a day."""

    year: str
    as_at: date
    position: int
    calendar: str
    code_lists: str
    tables: list[TableOut]
    matters_of_general_importance: list[MatterOut]
    service_improvements: list[ImprovementOut]
    narrative: NarrativeOut | None


class QuarterlyOut(BaseModel):
    """A quarter beside the four before it, as known at the end of a day; a column of a trend is a quarter."""

    year: str
    quarter: int
    as_at: date
    position: int
    calendar: str
    code_lists: str
    tables: list[TableOut]


class OpenCaseOut(BaseModel):
    """An open complaint; `working_days_left` to its next deadline are below 0 once that has passed.

    The deadline is the nearest of the council's own that runs. `rag` is that of `GET /v1/cases`.
    """

    reference: str
    stage: str | None
    pathway: str | None
    service_area: str
    officer: str | None
    received_on: date
    next_deadline: str | None
    next_due_on: date | None
    rag: Literal["green", "amber", "red"] | None
    working_days_left: int | None
    delay_reason: str | None


class FellDueOut(BaseModel):
    """A deadline that fell due in the seven days before, met or not."""

    reference: str
    stage: str
    pathway: str | None
    service_area: str
    officer: str | None
    deadline: str
    due_on: date
    met_on: date | None
    standing: str


class PlainFigureOut(BaseModel):
    """A figure, with what it is counted from."""

    row: str
    column: str
    value: int | float | None
    basis: str
    numerator: int
    denominator: int | None


class PlainTableOut(BaseModel):
    """A table of figures; `balanced` says that its rows sum to its totals."""

    name: str
    rows: list[PlainFigureOut]
    balanced: bool
    layout: str


class ProgressOut(BaseModel):
    """Where every open complaint stands at the end of a day; cases kept from whoever asks are counted, not listed."""

    as_at: date
    position: int
    tables: list[PlainTableOut]
    cases: list[OpenCaseOut]
    fell_due: list[FellDueOut]


class RegionalFigureOut(BaseModel):
    """A figure of a council, with what it is counted from."""

    row: str
    column: str
    value: int | float | None
    basis: str
    numerator: int
    denominator: int | None


class RegionalTableOut(BaseModel):
    """A table of the councils of a region."""

    name: str
    rows: list[RegionalFigureOut]
    balanced: bool
    layout: str


class CouncilOut(BaseModel):
    """A council of the region, and the position of its log that its figures are known at."""

    authority: str
    name: str
    position: int


class RegionalOut(BaseModel):
    """The councils of a region side by side, as known at the end of a day."""

    year: str
    as_at: date
    region: str
    authorities: list[CouncilOut]
    tables: list[RegionalTableOut]


class RefusalOut(BaseModel):
    """Complaints refused on one ground."""

    ground: str
    count: int


class SubjectOut(BaseModel):
    """A category of concern: how many concerns, raised by how many complaints."""

    category: str
    label: str
    count: int
    complaints: int


class StatutoryOut(BaseModel):
    """The return that SI 2009/309 reg 18 asks for; `well_founded` is upheld and partially upheld together."""

    year: str
    as_at: date
    pathway: str
    position: int
    received: int
    well_founded: int
    upheld: int
    partially_upheld: int
    referred_to_ombudsman: int
    refused: int
    refusals: list[RefusalOut]
    subject_matter: list[SubjectOut]
    matters_of_general_importance: list[MatterOut]
    service_improvements: list[ImprovementOut]
    narrative: NarrativeOut | None


class ContributionOut(BaseModel):
    """What one case contributes; its reference is null if it is kept from whoever asks."""

    reference: str | None
    contribution: int


class TraceOut(BaseModel):
    """A figure's cases: `cases` add up to the numerator, `denominator_cases` to the denominator."""

    report: str
    year: str
    quarter: int | None = None
    as_at: date
    position: int
    table: str
    row: str
    column: str
    value: int | float | None
    basis: str
    measure: str
    numerator: int
    denominator: int | None
    cases: list[ContributionOut]
    denominator_cases: list[ContributionOut]


class CauseOut(BaseModel):
    """A case that made a difference: what was learned of it in between, and when the last of that was.

    Its reference is null if it is kept from whoever asks.
    """

    reference: str | None
    recorded_at: str | None
    what: str


class ChangeOut(BaseModel):
    """A figure that differs."""

    table: str
    row: str
    column: str
    before: int | float | None
    after: int | float | None
    cases: list[CauseOut]


class RestatementOut(BaseModel):
    """Why a report says something else on a later day."""

    changes: list[ChangeOut]


class ReferenceFigureOut(BaseModel):
    """A published number that no case holds."""

    name: str
    subject: str
    year: str
    value: int
    unit: str
    source: str


class ReferenceFigures(BaseModel):
    """Reference figures in force."""

    items: list[ReferenceFigureOut]
    next: str | None = None


class PublishedFigureOut(BaseModel):
    """A figure of a publication; a suppressed one has no value, and says so."""

    row: str
    column: str
    value: int | float | None
    basis: str
    numerator: int | None
    denominator: int | None
    suppressed: bool = False


class PublishedTableOut(BaseModel):
    """A table of a publication."""

    name: str
    rows: list[PublishedFigureOut]
    balanced: bool
    layout: str


class PublishedMatterOut(BaseModel):
    """A matter of general importance; how often it occurred is not public."""

    matter: str
    arising_from: Literal["complaints", "handling"]
    source: str | None


class PublishedImprovementOut(BaseModel):
    """Action taken, or to be taken; where, when and how often is not public."""

    lesson: str
    action: str | None


class GovernanceOut(BaseModel):
    """Who approved a publication, and what they said (the Ombudsman's Code 8.2)."""

    approved_by: str | None
    approved_on: date | None
    response: str | None


class PublicationOut(BaseModel):
    """How a publication stands. `manifest` and `documents` are hashes that anyone may hold it to."""

    id: str
    report: str
    year: str
    as_at: date
    position: int
    status: Literal["frozen", "released", "withdrawn"]
    published_on: date
    released_on: date | None
    withdrawn_on: date | None
    withdrawal_reason: str | None
    governance: GovernanceOut | None
    manifest: str
    documents: dict[str, str]


class PublicationPage(BaseModel):
    """Publications, oldest first."""

    items: list[PublicationOut]
    next: str | None = None


class PublishedOut(PublicationOut):
    """A publication with what it says; every format says the same."""

    authority: str
    calendar: str
    code_lists: str
    tables: list[PublishedTableOut]
    narrative: NarrativeOut | None
    matters_of_general_importance: list[PublishedMatterOut]
    service_improvements: list[PublishedImprovementOut]
