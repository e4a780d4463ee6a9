"""The books of every pathway: what was in hand and came in is what left and is still in hand.

Counted from spells, each of which is left no earlier than it was entered; so the two sides agree for every history.
What the law takes out of the count (SI 2009/309 reg 8(1)(c)) is in neither.
"""

from collections.abc import Callable
from dataclasses import replace

from services.reporting.facts import SpellFact
from services.reporting.figures import Cell, Shares, Sum, Table, counted, sum_of, weighed
from services.reporting.scope import DECIDED, LESS_SETTLED_ORALLY, PATHWAYS, RECEIVED, Scope
from shared.year import Period

UNROUTED = "not yet routed"

IN = {
    "received": RECEIVED,
    "reopened": "reopened, or escalated to the next stage, in the year",
    "transferred_in": "none: what another body sends is received here",
    "routed_in": "routed here from another pathway in the year",
}
OUT = {
    "upheld": DECIDED,
    "partially_upheld": DECIDED,
    "not_upheld": DECIDED,
    "withdrawn": "withdrawn in the year",
    "refused": "refused in the year",
    "transferred_out": "transferred to another body in the year",
    "routed_out": "routed to another pathway in the year",
    "settled_informally": "settled informally in the year, in the statutory count",
    "closed": "closed without a decision in the year",
}


def balance(scope: Scope) -> Table:
    """One column a pathway. A case decided anew after a reopening counts once in each decision.

    `received` is by the pathway that the case had first; the statutory count goes by the one that it has.
    """
    others = {spell.pathway or UNROUTED for spell in scope.facts.spells} - {*PATHWAYS, UNROUTED}
    columns = [_column(scope, pathway) for pathway in (*PATHWAYS, UNROUTED, *sorted(others))]
    return Table(
        name="balance",
        cells=tuple(cell for line in zip(*columns, strict=True) for cell in line),
        sums=tuple(one for column in columns for one in _sums(column)),
        layout="What was brought forward and came in equals what left and is carried forward; `total` is either. A "
        "complaint leaves when it is decided; whether it was answered is for other tables.",
    )


def _column(scope: Scope, pathway: str) -> tuple[Cell, ...]:
    year = scope.year
    spells = [
        spell
        for spell in scope.facts.spells
        if (spell.pathway or UNROUTED) == pathway and not (spell.outside and pathway in LESS_SETTLED_ORALLY)
    ]

    def cell(row: str, basis: str, holds: Callable[[SpellFact], bool]) -> Cell:
        references = counted(spell.reference for spell in spells if holds(spell))
        return Cell(row=row.replace("_", " "), column=pathway.replace("_", " "), basis=basis, shares=references)

    came = (
        cell("brought_forward", "open when the year began", lambda s: _before(s, year)),
        *(
            cell(how, basis, lambda s, how=how: s.entered_by == how and s.entered_on in year)  # type: ignore[misc]
            for how, basis in IN.items()
        ),
    )
    return (
        *came,
        replace(came[0], row="total", basis="brought forward and came in", shares=_all(came)),
        *(
            cell(how, basis, lambda s, how=how: s.left_by == how and s.left_on in year)  # type: ignore[misc]
            for how, basis in OUT.items()
        ),
        cell("carried_forward", "open at year end, or at the as-at day if that was earlier", lambda s: _after(s, year)),
    )


def _before(spell: SpellFact, year: Period) -> bool:
    return spell.entered_on < year.first and (spell.left_on is None or spell.left_on >= year.first)


def _after(spell: SpellFact, year: Period) -> bool:
    return spell.entered_on <= year.last and (spell.left_on is None or spell.left_on > year.last)


def _sums(column: tuple[Cell, ...]) -> tuple[Sum, Sum]:
    total = 1 + len(IN)
    return sum_of(column[total], column[:total]), sum_of(column[total], column[total + 1 :])


def _all(cells: tuple[Cell, ...]) -> Shares:
    return weighed((share.reference, share.amount) for cell in cells for share in cell.shares)
