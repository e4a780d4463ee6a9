"""How the council fares with the Ombudsman, as the Ombudsman's annual letter counts it; and other councils beside it.

The uphold rate is upheld by upheld and not upheld, never by all that was decided (Local Government and Social Care
Ombudsman, Interpreting our complaints data: "the detailed investigations we complete"). Compliance is counted by the
day on which the Ombudsman said what it found. A rate of nothing has no value, and its basis says so.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.reporting.facts import OUTSTANDING, EnquiryFact
from services.reporting.figures import Cell, Share, Shares, Table, breakdown, counted, net, sum_of, weighed
from services.reporting.ombudsman import CATEGORIES
from services.reporting.scope import DECIDED, INFORMED, OPEN, Scope
from shared.calendar import Calendar, OutsideCalendar

NAME = "ombudsman performance"
CONFIRMED = "compliance confirmed in the year"
ANSWERED = "answered in the year"

COMPLIANCE = {"complied": "complied", "complied_late": "complied late", "not_complied": "not complied"}


def performance(scope: Scope) -> Table:
    """Received, decided, upheld, remedied before, complied with; and the council's own pace."""
    decided = _decided(scope)
    pairs = ((CATEGORIES.get(row.category or "", row.category or "not stated"), row.reference) for row in decided)
    kinds = breakdown(NAME, pairs, tuple(CATEGORIES.values()), "cases", DECIDED)
    kept = _compliance(scope)
    *of_kinds, whole = kinds.cells
    total = replace(whole, row="decided")
    return Table(
        name=NAME,
        cells=(
            _cases("received", INFORMED, (row for row in scope.enquiries if row.informed_on in scope.year)),
            total,
            *of_kinds,
            *_findings(decided),
            *kept.cells[:-1],
            _compliance_rate(kept),
            _cases("compliance outstanding", OPEN, _outstanding(scope)),
            *_pace("enquiries", _enquiries(scope), scope),
            *_pace("investigations", _investigations(scope), scope),
        ),
        sums=(sum_of(total, of_kinds),),
        layout="Only what was upheld or not upheld was investigated in detail: the uphold rate is a share of that. "
        "Compliance counts on the day on which the Ombudsman said what it found, late compliance as compliance.",
    )


def region(scope: Scope, name: str) -> tuple[Table, ...]:
    """The uphold rates of the region's councils as the Ombudsman published them, beside the register's own.

    They are reference figures named `ombudsman_uphold_rate`, in `per cent`, a council a subject. Without any there is
    no table.
    """
    wanted = ("ombudsman_uphold_rate", scope.year.label, "per cent")
    found = [row for row in scope.facts.figures if (row.name, row.year, row.unit) == wanted]
    if not found:
        return ()
    published = (
        Cell(
            row=row.subject,
            column=row.unit,
            basis=row.source,
            shares=(Share(row.subject, row.value),),
            measure="figure",
        )
        for row in sorted(found, key=lambda row: row.subject)
    )
    own = replace(_uphold_rate(_decided(scope)), row="this register")
    layout = "The register's own rate is that of adult social care; the published ones are of all of a council's work."
    return (Table(name=f"ombudsman uphold rate, {name}", cells=(own, *published), layout=layout),)


def _decided(scope: Scope) -> list[EnquiryFact]:
    return [row for row in scope.enquiries if row.decided_on in scope.year]


def _findings(decided: Sequence[EnquiryFact]) -> tuple[Cell, ...]:
    """What the investigations in detail came to; of what was upheld, what the council had put right itself."""
    upheld = [row for row in decided if row.category == "upheld"]
    remedied = _shares(row for row in upheld if row.reason == "already_remedied")
    before = "satisfactory remedy provided before the ombudsman"
    return (
        _cases("investigated in detail", DECIDED, _investigated(decided)),
        _uphold_rate(decided),
        Cell(row=before, column="cases", basis=DECIDED, shares=remedied, of=_shares(upheld)),
        _rate(before, DECIDED, remedied, _shares(upheld), "nothing was upheld"),
        _cases("public reports", DECIDED, (row for row in decided if row.public_report)),
    )


def _uphold_rate(decided: Sequence[EnquiryFact]) -> Cell:
    upheld = _shares(row for row in decided if row.category == "upheld")
    return _rate("uphold rate", DECIDED, upheld, _shares(_investigated(decided)), "nothing was investigated in detail")


def _investigated(decided: Sequence[EnquiryFact]) -> Iterator[EnquiryFact]:
    return (row for row in decided if row.category in ("upheld", "not_upheld"))


def _compliance(scope: Scope) -> Table:
    pairs = (
        (COMPLIANCE[row.compliance], row.reference)
        for row in scope.enquiries
        if row.compliance in COMPLIANCE and row.compliance_confirmed_on in scope.year
    )
    return breakdown(NAME, pairs, tuple(COMPLIANCE.values()), "cases", CONFIRMED)


def _compliance_rate(kept: Table) -> Cell:
    complied, late, _, confirmed = kept.cells
    shares = net([(complied.shares, 1), (late.shares, 1)])
    return _rate("compliance rate", CONFIRMED, shares, confirmed.shares, "no compliance was confirmed")


def _outstanding(scope: Scope) -> Iterator[EnquiryFact]:
    """Decided by the year's end with a remedy, and the Ombudsman has not said that it was carried out."""
    return (
        row
        for row in scope.enquiries
        if row.compliance == OUTSTANDING and row.decided_on and row.decided_on <= scope.year.last
    )


# --- the council's pace -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Step:
    """What the Ombudsman asked of the council on a day, by when, and when it was done; `over` if no longer awaited."""

    reference: str
    asked_on: date
    due_on: date | None
    done_on: date | None
    over: bool

    @property
    def late(self) -> bool:
        """Whether it was done after its date."""
        return self.due_on is not None and self.done_on is not None and self.done_on > self.due_on

    def days(self, calendar: Calendar) -> int | None:
        """Working days from the asking to the answer; None where the calendar cannot count them."""
        try:
            return max(0, calendar.between(self.asked_on, self.done_on)) if self.done_on else None
        except OutsideCalendar:
            return None


def _enquiries(scope: Scope) -> list[_Step]:
    return [
        _Step(row.reference, row.informed_on, row.answer_due_on, row.answered_on, row.decided_on is not None)
        for row in scope.enquiries
    ]


def _investigations(scope: Scope) -> list[_Step]:
    return [
        _Step(row.reference, row.investigated_on, row.response_due_on, row.responded_on, row.decided_on is not None)
        for row in scope.enquiries
        if row.investigated_on
    ]


def _pace(what: str, steps: Sequence[_Step], scope: Scope) -> tuple[Cell, ...]:
    """Working days to an answer, by the day of the answer; and whether it kept the date that the Ombudsman set."""
    done = [step for step in steps if step.done_on in scope.year]
    spans = [(step.reference, days) for step in done if (days := step.days(scope.calendar)) is not None]
    dated = counted(step.reference for step in done if step.due_on)
    late = counted(step.reference for step in done if step.late)
    in_time = counted(step.reference for step in done if step.due_on and not step.late)
    past = counted(
        step.reference
        for step in steps
        if step.done_on is None and not step.over and step.asked_on <= scope.year.last
        if step.due_on and step.due_on < scope.as_at
    )
    return (
        Cell(
            row=f"average days to answer {what}",
            column="working days",
            basis=ANSWERED if spans else f"{ANSWERED}; none was, so there is no average",
            shares=weighed(spans),
            of=counted(reference for reference, _ in spans),
            measure="average",
        ),
        Cell(row=f"{what} answered by their date", column="cases", basis=ANSWERED, shares=in_time, of=dated),
        Cell(row=f"{what} answered after their date", column="cases", basis=ANSWERED, shares=late, of=dated),
        Cell(row=f"{what} past their date", column="cases", basis=OPEN, shares=past),
    )


# --- cells ------------------------------------------------------------------------------------------------------------


def _shares(rows: Iterable[EnquiryFact]) -> Shares:
    return counted(row.reference for row in rows)


def _cases(row: str, basis: str, found: Iterable[EnquiryFact]) -> Cell:
    return Cell(row=row, column="cases", basis=basis, shares=_shares(found))


def _rate(row: str, basis: str, shares: Shares, of: Shares, nothing: str) -> Cell:
    basis = basis if of else f"{basis}; {nothing}, so there is no percentage"
    return Cell(row=row, column="per cent", basis=basis, shares=shares, of=of, measure="per_cent")
