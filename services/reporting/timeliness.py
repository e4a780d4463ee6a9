"""Whether the council kept its times: every clock by stage, what was put off and why, and the record of reg 17."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from services.reporting import standing
from services.reporting.facts import ClockFact, DelayFact
from services.reporting.figures import Cell, Place, Table, breakdown, counted, grid, sum_of
from services.reporting.rows import Rows
from services.reporting.scope import DELAYED, DUE, EXTENDED, RECEIVED, Scope

COMPLIANCE = "compliance with times"
KINDS = {"law": "law", "guidance": "guidance", "local_standard": "the council's own standard"}

_JUDGED = (
    "Late: met or ended after the last day, or put off only when that had passed. Not called for: the complaint ended, "
    "or went to the next stage, before the day came. What still runs is judged on the as-at day."
)


def compliance(scope: Scope) -> Table:
    """The council's clocks that fall due in the year, on every pathway, by stage and by whose rule it is."""
    return grid(
        COMPLIANCE,
        _judged(scope, scope.clocks).by(_clock_and_standing, "pathway", "stage", "name", "kind", "standing"),
        (),
        standing.STANDINGS,
        DUE,
        f"Deadlines are counted, not complaints, by the day on which each falls due as it stands. {_JUDGED}",
        total="deadlines",
        share_of="row",
    )


def overall(scope: Scope) -> Table:
    """The same clocks together."""
    return breakdown(
        COMPLIANCE,
        _judged(scope, scope.clocks).by(str, "standing"),
        standing.STANDINGS,
        "deadlines",
        DUE,
        f"Deadlines are counted, not complaints. {_JUDGED}",
    )


def _judged(scope: Scope, clocks: Rows[ClockFact]) -> Rows[ClockFact]:
    """The clocks with the `standing` of each."""
    return clocks.also("standing", standing.standings(clocks, scope.as_at, scope.calendar))


def _clock_and_standing(code: tuple[str | None, str, str, str, str]) -> Place:
    pathway, stage, name, kind, stands = code
    return f"{_stage(pathway, stage)}: {name.replace('_', ' ')} ({KINDS.get(kind, kind)})", stands


def _stage(pathway: str | None, stage: str | None) -> str:
    return ", ".join(name.replace("_", " ") for name in (pathway, stage) if name)


def extensions(scope: Scope) -> Table:
    """Extensions made in the year by stage and reason: agreed with the complainant or not, within the cap or beyond."""
    _, reason_of = scope.rows("delay_reasons")
    rows = [row for row in scope.delays if row.given_with == "extension"]
    return grid(
        "extensions",
        (((f"{_stage(row.pathway, row.stage)}: {reason_of(row.reason)}", _manner(row)), row.reference) for row in rows),
        (),
        ("agreed", "agreed, beyond the cap", "not agreed", "not agreed, beyond the cap"),
        EXTENDED,
        "An extension counts once, whatever number of deadlines it moves. The cap is the most that a rule allows.",
        total="extensions",
        share_of="row",
    )


def _manner(row: DelayFact) -> str:
    return ("agreed" if row.agreed else "not agreed") + (", beyond the cap" if row.beyond_cap else "")


def delay_reasons(scope: Scope) -> Table:
    """The reasons given in the year for delays, with extensions and with notices that an answer is late."""
    rows, reason_of = scope.rows("delay_reasons")
    pairs = ((reason_of(row.reason), row.reference) for row in scope.delays)
    return breakdown("delay reasons", pairs, rows, "times given", DELAYED)


KEPT, AMENDED = "response sent within the period", "response sent within an amended period"
MISSED, WAITING = "missed", "not yet due"
ENDED = "ended otherwise within the period"
_BY_STANDING = {
    standing.LATE: MISSED,
    standing.OVERDUE: MISSED,
    standing.IN_TIME: WAITING,
    standing.EXTENDED: AMENDED,
    standing.WITHIN: KEPT,
    standing.NOT_CALLED_FOR: ENDED,
}
_DECISIVE_FIRST = tuple(_BY_STANDING.values())


def response_periods(scope: Scope) -> Table:
    """The record that SI 2009/309 reg 17(c) asks for: whether responses came in the period told, or in one amended."""
    name, unit = "response periods told", "complaints"
    periods: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for reference, stands, extended in _judged(scope, scope.response_periods).each("reference", "standing", "extended"):
        periods[reference].append((stands, extended))
    pairs = ((_kept(stands for stands, _ in told), reference) for reference, told in periods.items())
    record = breakdown(name, pairs, (KEPT, AMENDED, MISSED, WAITING, ENDED), unit, RECEIVED)
    times = {reference: _amendments([extended for _, extended in told]) for reference, told in periods.items()}
    amended = {reference for reference, often in times.items() if often}
    parts = (
        Cell(row="amended", column=unit, basis=RECEIVED, shares=counted(amended)),
        Cell(row="never amended", column=unit, basis=RECEIVED, shares=counted(periods.keys() - amended)),
    )
    each = (reference for reference, often in times.items() for _ in range(often))
    changes = Cell(row="amendments", column="times", basis=RECEIVED, shares=counted(each))
    *_, whole = record.cells
    return Table(
        name=name,
        cells=(*record.cells, *parts, changes),
        sums=(*record.sums, sum_of(whole, parts)),
        layout="Complaints for which a response period was told (SI 2009/309 reg 17(c)). Of several periods of one "
        "complaint the missed one counts, then the one still running. `amendments` counts each time that a period was "
        "given another day, or was told anew once the complaint was reopened. A period made shorter is kept by its new "
        "day: an answer after that is missed, though the day first told had not passed.",
    )


def _kept(periods: Iterable[str]) -> str:
    return min((_BY_STANDING[stands] for stands in periods), key=_DECISIVE_FIRST.index)


def _amendments(extended: Sequence[int]) -> int:
    """How often the day was changed, with how often each period was; one told after an answer is another."""
    return len(extended) - 1 + sum(extended)
