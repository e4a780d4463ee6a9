"""What a report is about: facts as at a day, a year or quarter, a pathway, the codes and calendar that it prints by."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from services.reporting import standing
from services.reporting.facts import (
    RESPONSE_PERIOD,
    BreachFact,
    CaseFact,
    ClockFact,
    DelayFact,
    EnquiryFact,
    Facts,
    LessonFact,
    RemedyFact,
    RepresentationFact,
    SpellFact,
)
from shared.authority import CodeLists
from shared.calendar import Calendar
from shared.year import Period

ADULT_SOCIAL_CARE = "adult_social_care"
PATHWAYS = (ADULT_SOCIAL_CARE, "children", "corporate", "public_health")
UNROUTED = "not yet routed"

LESS_SETTLED_ORALLY = frozenset({ADULT_SOCIAL_CARE, "public_health"})
"""The pathways whose law takes out what was made orally and settled by the end of the next working day:
SI 2009/309 reg 8(1)(c) for adult social care, SI 2012/3094 reg 25(1)(c) for public health."""

DECISIONS = frozenset({"upheld", "partially_upheld", "not_upheld"})

RECEIVED = "received in the year"
DECIDED = "decided in the year"
INFORMED = "informed in the year"
AGREED = "agreed in the year"
RECORDED = "recorded in the year"
DUE = "due in the year"
EXTENDED = "extended in the year"
DELAYED = "given in the year"
OPEN = "open at the as-at day"


@dataclass(frozen=True)
class Scope:
    """One report's view of the facts. Every list of cases is drawn from here, so each basis has one definition.

    `year` is the period that it reports on, which may be a quarter. `printed_as` is the year whose code lists and
    layout are printed, if not the year's own: to set two years side by side, row by row. A `pathway` of None is that of
    cases not yet routed. `name` is the authority's own, by which it may record figures of itself.
    """

    facts: Facts
    year: Period
    as_at: date
    codes: CodeLists
    calendar: Calendar
    pathway: str | None = ADULT_SOCIAL_CARE
    printed_as: Period | None = None
    name: str | None = None

    @property
    def layout(self) -> Period:
        """The year that decides how the tables are laid out."""
        return self.printed_as or self.year

    @cached_property
    def received(self) -> tuple[CaseFact, ...]:
        """The cohort: received in the year on the pathway, less what was settled orally in time (reg 8(1)(c)).

        Complaints refused on other grounds stay in it.
        """
        return tuple(case for case in self._on_pathway if not taken_out(case))

    @cached_property
    def settled_orally(self) -> tuple[CaseFact, ...]:
        """Received in the year on the pathway, and outside the statutory count (reg 8(1)(c))."""
        return tuple(case for case in self._on_pathway if taken_out(case))

    @cached_property
    def _on_pathway(self) -> tuple[CaseFact, ...]:
        return tuple(
            case for case in self.facts.cases if case.pathway == self.pathway and case.received_on in self.year
        )

    @cached_property
    def enquiries(self) -> tuple[EnquiryFact, ...]:
        """The Ombudsman's enquiries about cases of the pathway; adult social care has those about no known case too."""
        return tuple(row for row in self.facts.enquiries if self._pathway_of(row) == self.pathway)

    @cached_property
    def remedies(self) -> tuple[RemedyFact, ...]:
        """Agreed by the council, or required by the Ombudsman, in the year, about the pathway's complaints."""
        enquiries = {row.reference for row in self.enquiries}
        cases = {case.reference for case in self.facts.cases if case.pathway == self.pathway and not taken_out(case)}
        return tuple(
            row
            for row in self.facts.remedies
            if row.agreed_on in self.year and row.reference in (cases if row.by == "council" else enquiries)
        )

    @cached_property
    def compliments(self) -> tuple[RepresentationFact, ...]:
        """Compliments received in the year."""
        return tuple(
            row for row in self.facts.representations if row.kind == "compliment" and row.received_on in self.year
        )

    @cached_property
    def decided(self) -> tuple[SpellFact, ...]:
        """Decisions made in the year on the pathway, each once: a complaint decided anew counts in each decision."""
        return tuple(
            spell
            for spell in self.facts.spells
            if spell.pathway == self.pathway
            and spell.left_by in DECISIONS
            and spell.left_on in self.year
            and not (spell.outside and self.pathway in LESS_SETTLED_ORALLY)
        )

    @cached_property
    def lessons(self) -> tuple[LessonFact, ...]:
        """Lessons recorded in the year about the pathway's cases."""
        return tuple(
            row
            for row in self.facts.lessons
            if row.recorded_on in self.year and self._pathways.get(row.reference) == self.pathway
        )

    @cached_property
    def breaches(self) -> tuple[BreachFact, ...]:
        """Rules not kept in the year in handling the pathway's cases."""
        return tuple(
            row
            for row in self.facts.breaches
            if row.happened_on in self.year and self._pathways.get(row.reference) == self.pathway
        )

    @cached_property
    def clocks(self) -> tuple[ClockFact, ...]:
        """The council's clocks that fall due in the year, on every pathway, less those of what the law takes out."""
        return tuple(
            row
            for row in self.facts.clocks
            if standing.due_on(row, self.as_at, self.calendar) in self.year
            and row.binds == "council"
            and not (row.outside and row.pathway in LESS_SETTLED_ORALLY)
        )

    @cached_property
    def response_periods(self) -> tuple[ClockFact, ...]:
        """The response periods that the complainants of the cohort were told."""
        cohort = {case.reference for case in self.received}
        return tuple(row for row in self.facts.clocks if row.name == RESPONSE_PERIOD and row.reference in cohort)

    @cached_property
    def delays(self) -> tuple[DelayFact, ...]:
        """The reasons given in the year for delays, on every pathway."""
        return tuple(row for row in self.facts.delays if row.given_on in self.year)

    def _pathway_of(self, enquiry: EnquiryFact) -> str:
        return self._pathways.get(enquiry.case_reference or "") or ADULT_SOCIAL_CARE

    @cached_property
    def _pathways(self) -> dict[str, str | None]:
        return {case.reference: case.pathway for case in self.facts.cases}

    def rows(self, code_list: str) -> tuple[tuple[str, ...], Callable[[str], str]]:
        """The printed rows of a code list in the edition of the layout's last day, and the row that a code counts in.

        A code that the edition no longer has is a row of its own, under its name in the year that is counted, so that
        nothing drops out of a total.
        """
        rows = self.codes.edition(code_list, self.layout.last).rows()
        own = self.codes.edition(code_list, self.year.last).rows()
        row_of = {code: row for edition in (own, rows) for row, codes in edition.items() for code in codes}
        return tuple(rows), lambda code: row_of.get(code, code)


def taken_out(case: CaseFact) -> bool:
    """Whether the law takes the case out of the statutory count."""
    return case.outside_statutory_count and case.pathway in LESS_SETTLED_ORALLY
