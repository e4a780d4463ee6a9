"""What a report is about: facts as at a day, a year or quarter, a pathway, the codes and calendar that it prints by."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from operator import eq, not_
from typing import Any

from services.reporting import standing
from services.reporting.facts import (
    RESPONSE_PERIOD,
    BreachFact,
    CaseFact,
    ClockFact,
    ConcernFact,
    DelayFact,
    EnquiryFact,
    LessonFact,
    RemedyFact,
    RepresentationFact,
    SpellFact,
    identity,
)
from services.reporting.rows import Known, Rows
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

    facts: Known
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
    def cases(self) -> Rows[CaseFact]:
        """Every case that is known of, of whatever year."""
        return Rows.of(CaseFact, self.facts.cases)

    @cached_property
    def received(self) -> Rows[CaseFact]:
        """The cohort: received in the year on the pathway, less what was settled orally in time (reg 8(1)(c)).

        Complaints refused on other grounds stay in it.
        """
        return self._on_pathway.where(_in_the_count(self._on_pathway, "outside_statutory_count"))

    @cached_property
    def settled_orally(self) -> Rows[CaseFact]:
        """Received in the year on the pathway, and outside the statutory count (reg 8(1)(c))."""
        return self._on_pathway.where(map(not_, _in_the_count(self._on_pathway, "outside_statutory_count")))

    @cached_property
    def _on_pathway(self) -> Rows[CaseFact]:
        return self.received_on(self.pathway)

    def received_on(self, *pathways: str | None) -> Rows[CaseFact]:
        """Received in the year on some pathways, whatever the law takes out."""
        return self.cases.where(self._in_year, map(pathways.__contains__, self.cases.column("pathway")))

    @cached_property
    def _in_year(self) -> Sequence[bool]:
        return _within(self.year, self.cases.column("received_on"))

    @cached_property
    def refused(self) -> Rows[CaseFact]:
        """Those of the cohort of every pathway that were refused."""
        refused = map(partial(eq, "refused"), self.cases.column("outcome"))
        return self.cases.where(self._in_year, refused, _in_the_count(self.cases, "outside_statutory_count"))

    @cached_property
    def concerns(self) -> Rows[ConcernFact]:
        """What the complaints of the cohort are about."""
        cohort, concerns = set(self.received.references), Rows.of(ConcernFact, self.facts.concerns)
        return concerns.where(map(cohort.__contains__, concerns.references))

    @cached_property
    def enquiries(self) -> tuple[EnquiryFact, ...]:
        """The Ombudsman's enquiries about cases of the pathway; adult social care has those about no known case too."""
        return tuple(row for row in self.facts.enquiries if self._pathway_of(row) == self.pathway)

    @cached_property
    def remedies(self) -> tuple[RemedyFact, ...]:
        """Agreed by the council, or required by the Ombudsman, in the year, about the pathway's complaints."""
        enquiries = {row.reference for row in self.enquiries}
        about = self.cases.where(
            map((self.pathway,).__contains__, self.cases.column("pathway")),
            _in_the_count(self.cases, "outside_statutory_count"),
        )
        cases, found = set(about.references), Rows.of(RemedyFact, self.facts.remedies)
        ours = [
            reference in (cases if by == "council" else enquiries) for reference, by in found.each("reference", "by")
        ]
        return tuple(sorted(found.where(_within(self.year, found.column("agreed_on")), ours), key=identity))

    @cached_property
    def compliments(self) -> Rows[RepresentationFact]:
        """Compliments received in the year."""
        found = Rows.of(RepresentationFact, self.facts.representations)
        praise = map(partial(eq, "compliment"), found.column("kind"))
        return found.where(_within(self.year, found.column("received_on")), praise)

    @cached_property
    def spells(self) -> Rows[SpellFact]:
        """The stays of cases in pathways, less those of what the law takes out."""
        found = Rows.of(SpellFact, self.facts.spells)
        return found.where(_in_the_count(found, "outside"))

    @cached_property
    def decided(self) -> Rows[SpellFact]:
        """Decisions made in the year on the pathway, each once: a complaint decided anew counts in each decision."""
        return self.spells.where(
            pathway == self.pathway and by in DECISIONS and on in self.year
            for pathway, by, on in self.spells.each("pathway", "left_by", "left_on")
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
    def clocks(self) -> Rows[ClockFact]:
        """The council's clocks that fall due in the year, on every pathway, less those of what the law takes out."""
        due = standing.due_days(self._clocks, self.as_at, self.calendar)
        binding = map(partial(eq, "council"), self._clocks.column("binds"))
        return self._clocks.where(_within(self.year, due), binding, _in_the_count(self._clocks, "outside"))

    @cached_property
    def response_periods(self) -> Rows[ClockFact]:
        """The response periods that the complainants of the cohort were told."""
        cohort = set(self.received.references)
        return self._clocks.where(
            name == RESPONSE_PERIOD and reference in cohort
            for name, reference in self._clocks.each("name", "reference")
        )

    @cached_property
    def _clocks(self) -> Rows[ClockFact]:
        return Rows.of(ClockFact, self.facts.clocks)

    @cached_property
    def delays(self) -> tuple[DelayFact, ...]:
        """The reasons given in the year for delays, on every pathway."""
        return tuple(row for row in self.facts.delays if row.given_on in self.year)

    def _pathway_of(self, enquiry: EnquiryFact) -> str:
        return self._pathways.get(enquiry.case_reference or "") or ADULT_SOCIAL_CARE

    @cached_property
    def _pathways(self) -> dict[str, str | None]:
        return dict(self.cases.each("reference", "pathway"))

    def rows(self, code_list: str) -> tuple[tuple[str, ...], Callable[[str], str]]:
        """The printed rows of a code list in the edition of the layout's last day, and the row that a code counts in.

        A code that the edition no longer has is a row of its own, under its name in the year that is counted, so that
        nothing drops out of a total.
        """
        rows = self.codes.edition(code_list, self.layout.last).rows()
        own = self.codes.edition(code_list, self.year.last).rows()
        row_of = {code: row for edition in (own, rows) for row, codes in edition.items() for code in codes}
        return tuple(rows), lambda code: row_of.get(code, code)


def _within(period: Period, days: Iterable[date]) -> Sequence[bool]:
    """Of each day, whether it falls in a period: for the thousands of which each look at the period itself counts."""
    first, last = period.first, period.last
    return [first <= day <= last for day in days]


def _in_the_count(rows: Rows[Any], outside: str) -> Sequence[bool]:
    """Of each case or part of one, whether the law leaves it in the statutory count."""
    each = rows.each(outside, "pathway")
    return [not (out and pathway in LESS_SETTLED_ORALLY) for out, pathway in each]
