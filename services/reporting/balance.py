"""The books of every pathway: what was in hand and came in is what left and is still in hand.

Counted from spells, each of which is left no earlier than it was entered; so the two sides agree for every history.
What the law takes out of the count (SI 2009/309 reg 8(1)(c)) is in neither.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from services.reporting.figures import Cell, Shares, Sum, Table, counted, net, sum_of
from services.reporting.scope import DECIDED, PATHWAYS, RECEIVED, UNROUTED, Scope

BEFORE, AFTER = "brought_forward", "carried_forward"

IN = {
    "received": f"{RECEIVED}, from no other body",
    "reopened": "reopened, or escalated to the next stage, in the year",
    "transferred_in": "received in the year from another body",
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

    `received` and `transferred in` are by the pathway that the case had first; the statutory count, in which they are
    one, goes by the one that it has.
    """
    found = _sorted_out(scope)
    others = {pathway for pathway, _ in found} - {*PATHWAYS, UNROUTED}
    columns = [_column(pathway, found) for pathway in (*PATHWAYS, UNROUTED, *sorted(others))]
    return Table(
        name="balance",
        cells=tuple(cell for line in zip(*columns, strict=True) for cell in line),
        sums=tuple(one for column in columns for one in _sums(column)),
        layout="What was brought forward and came in equals what left and is carried forward; `total` is either. A "
        "complaint leaves when it is decided; whether it was answered is for other tables.",
    )


def _sorted_out(scope: Scope) -> Mapping[tuple[str, str], list[str]]:
    """The references of each pathway's rows: every spell is looked at once, however many rows there are."""
    first, last = scope.year.first, scope.year.last
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    each = scope.spells.each("reference", "pathway", "entered_on", "entered_by", "left_on", "left_by")
    for reference, routed_to, entered_on, entered_by, left_on, left_by in each:
        pathway = routed_to or UNROUTED
        if first <= entered_on <= last:
            found[pathway, entered_by].append(reference)
        elif entered_on < first and (left_on is None or left_on >= first):
            found[pathway, BEFORE].append(reference)
        if left_on and first <= left_on <= last:
            found[pathway, left_by or ""].append(reference)
        elif entered_on <= last and (left_on is None or left_on > last):
            found[pathway, AFTER].append(reference)
    return found


def _column(pathway: str, found: Mapping[tuple[str, str], list[str]]) -> tuple[Cell, ...]:
    def cell(how: str, basis: str) -> Cell:
        shares = counted(found.get((pathway, how), ()))
        return Cell(row=how.replace("_", " "), column=pathway.replace("_", " "), basis=basis, shares=shares)

    came = (cell(BEFORE, "open when the year began"), *(cell(how, basis) for how, basis in IN.items()))
    return (
        *came,
        replace(came[0], row="total", basis="brought forward and came in", shares=_all(came)),
        *(cell(how, basis) for how, basis in OUT.items()),
        cell(AFTER, "open at year end, or at the as-at day if that was earlier"),
    )


def _sums(column: tuple[Cell, ...]) -> tuple[Sum, Sum]:
    total = 1 + len(IN)
    return sum_of(column[total], column[:total]), sum_of(column[total], column[total + 1 :])


def _all(cells: tuple[Cell, ...]) -> Shares:
    return net((cell.shares, 1) for cell in cells)
