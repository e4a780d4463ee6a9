"""Someone who works out hidden figures: everything printed, every sum, and the rule itself, given to a solver.

None of the register's own code for hiding is used here, but to say what is a table. What is hidden in truth is used for
two things only: to know which cells count the same cases, and to grant what a reader might guess, that is which of the
hidden figures are the small ones.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from services.reporting.figures import Cell, Share, Table, total, weighed
from services.reporting.scope import DECIDED, INFORMED, RECEIVED

At = tuple[str, str, str]
Span = tuple[int, int]
ALL = frozenset({"total", "complaints", "statutory", "stage 1 complaints", "received", "complaints received"})
LEAST_PARTNER = 5
PLENTY = 10**8


@dataclass
class Attack:
    """What is unknown, between which bounds, and what adds up to what."""

    unknown: dict[object, Span] = field(default_factory=dict)
    truth: dict[object, int] = field(default_factory=dict)
    sums: list[tuple[dict[object, int], int]] = field(default_factory=list)
    cells: dict[object, At] = field(default_factory=dict)

    def add(self, terms: Sequence[tuple[object, int, int | None]]) -> None:
        """Terms of a variable, its factor, and its value where that is printed: together they make nothing."""
        left: dict[object, int] = defaultdict(int)
        known = 0
        for variable, factor, value in terms:
            if value is None:
                left[variable] += factor
            else:
                known -= factor * value
        self.sums.append(({variable: factor for variable, factor in left.items() if factor}, known))

    def exposed(self) -> dict[At, int]:
        """The hidden cells of which only one number is left, or of money too little doubt; with that number.

        Nothing is exposed where nothing agrees with all that is taken to be so, nor where what is left is wrong.
        """
        order = list(self.unknown)
        solve = self.solver(order)
        wanted = np.array([each in self.cells for each in order], dtype=bool)
        doubt = np.array([self.doubt(each) for each in order])
        least, most = np.full(len(order), PLENTY), np.full(len(order), -PLENTY)
        random = np.random.default_rng(1)

        def open_ones() -> Any:
            return np.flatnonzero(wanted & (most - least < doubt))

        def aims() -> Iterator[Any]:
            """First many at once, whichever way; then each by itself."""
            for _ in range(6):
                aim = np.zeros(len(order))
                aim[open_ones()] = random.choice((-1, 1), len(open_ones()))
                yield from (aim, -aim)
            for number in open_ones():
                for sign in (1, -1):
                    aim = np.zeros(len(order))
                    aim[number] = sign * (most[number] - least[number] < doubt[number])
                    yield aim

        for aim in aims():
            if aim.any():
                world = solve(aim)
                if world is None:
                    return {}
                least, most = np.minimum(least, world), np.maximum(most, world)
        return {
            self.cells[order[number]]: int(least[number])
            for number in open_ones()
            if least[number] <= self.truth[order[number]] <= most[number]
        }

    def solver(self, order: Sequence[object]) -> Callable[[Any], Any]:
        """For an aim, a world that agrees with everything and serves it best."""
        index = {each: number for number, each in enumerate(order)}
        entries = [
            (row, index[each], factor) for row, (terms, _) in enumerate(self.sums) for each, factor in terms.items()
        ]
        rows, columns, factors = zip(*entries, strict=True) if entries else ((), (), ())
        matrix = csr_array((factors, (rows, columns)), shape=(max(1, len(self.sums)), len(order)))
        known = [value for _, value in self.sums] or [0]
        rules = LinearConstraint(matrix, known, known)
        ends = Bounds(*zip(*self.unknown.values(), strict=True)) if order else None

        def solve(aim: Any) -> Any:
            answer = milp(aim, integrality=np.ones(len(order)), bounds=ends, constraints=rules)
            assert answer.status in (0, 2), answer.message
            return None if answer.status == 2 else np.rint(answer.x).astype(int)

        return solve

    def doubt(self, variable: object) -> int:
        """How far the least must be from the most: one more or less; of money a tenth."""
        return max(1, self.truth[variable] // 10) if isinstance(variable, tuple) and variable[0] == "pounds" else 1


def attack(truth: Sequence[Table], public: Sequence[Table]) -> Attack:
    """Everything that can be set up from one public report."""
    made = Attack()
    join(made, truth, public)
    return made


def attack_both(
    earlier: tuple[Sequence[Table], Sequence[Table]],
    later: tuple[Sequence[Table], Sequence[Table]],
    *,
    unchanged: bool,
) -> Attack:
    """Two editions of a year's report, each its truth and what was public, together.

    `unchanged` takes what is hidden in both to be the same in both.
    """
    made = Attack()
    first = join(made, *earlier, edition="earlier")
    second = join(made, *later, edition="later")
    for at in first.keys() & second.keys():
        if unchanged and first[at] in made.unknown and second[at] in made.unknown:
            made.add([(first[at], 1, None), (second[at], -1, None)])
    return made


def join(made: Attack, truth: Sequence[Table], public: Sequence[Table], edition: str = "") -> dict[At, object]:
    true = {(table.name, *cell.at): cell for table in truth for cell in table.cells}
    shown = {(table.name, *cell.at): cell for table in public for cell in table.cells}
    names = dict(named(true, edition))
    closed = {
        names[table.name, *part]
        for table in truth
        for one in table.sums
        if all(shown[table.name, *part].suppressed for part in one.parts)
        for part in one.parts
        if (table.name, *part) in names
    }
    known = readable(true, shown, names)
    for at, variable in names.items():
        if variable not in known:
            made.unknown[variable] = bounds(true[at], closed=variable in closed)
            made.truth[variable] = total(true[at].shares)
            made.cells[variable] = at
    for table in truth:
        for one in table.sums:
            terms = [((table.name, *one.whole), -1), *(((table.name, *part), 1) for part in one.parts)]
            if all(at in names for at, _ in terms):
                made.add([(names[at], factor, known.get(names[at])) for at, factor in terms])
    for terms in understood(true, names):
        made.add([(variable, factor, known.get(variable, value)) for variable, factor, value in terms])
    for rest, at, of in rests(true, shown, names):
        made.unknown[rest] = (0, PLENTY)
        made.truth[rest] = of - total(true[at].shares)
        made.add([(of, -1, of), (names[at], 1, known.get(names[at])), (rest, 1, None)])
    return names


def readable(true: Mapping[At, Cell], shown: Mapping[At, Cell], names: Mapping[At, object]) -> dict[object, int]:
    """What is printed, as a figure or as what one is a share of."""
    known: dict[object, int] = {}
    for at, variable in names.items():
        if not shown[at].suppressed:
            known[variable] = total(true[at].shares)
        if shown[at].of and (of := name_of(true[at].of or (), true, names, at)):
            known[of] = total(true[at].of or ())
    return known


def rests(
    true: Mapping[At, Cell], shown: Mapping[At, Cell], names: Mapping[At, object]
) -> Iterator[tuple[object, At, int]]:
    """What is left of each printed whole beside its part: a variable, the part, and the whole."""
    for at, variable in names.items():
        if shown[at].of and true[at].measure == "count":
            yield ("rest", variable, at), at, total(shown[at].of or ())


def bounds(cell: Cell, *, closed: bool) -> Span:
    """What a reader who knows which are the small ones knows of a hidden cell."""
    value = total(cell.shares)
    if cell.measure == "pounds":
        return 0, PLENTY
    if 0 < value < LEAST_PARTNER:
        return (0 if closed else 1), LEAST_PARTNER - 1
    return (0 if closed or not value else LEAST_PARTNER), PLENTY


def named(true: Mapping[At, Cell], edition: str) -> Iterator[tuple[At, object]]:
    """One variable for all cells that a reader knows to count the same."""
    for at, cell in true.items():
        if cell.measure in ("count", "pounds"):
            labels = frozenset({cell.row, cell.column}) - ALL
            yield at, (cell.measure, edition, cell.basis, labels, cell.shares, at if not cell.shares else ())


def name_of(shares: Sequence[Share], true: Mapping[At, Cell], names: Mapping[At, object], at: At) -> object:
    """The variable of a denominator: of the same cases in the same table, in line with the cell where there is one."""
    found = [other for other, cell in true.items() if other[0] == at[0] and other in names and cell.shares == shares]
    return next((names[other] for other in sorted(found, key=lambda o: o[1] != at[1] and o[2] != at[2])), None)


def understood(true: Mapping[At, Cell], names: Mapping[At, object]) -> Iterator[list[tuple[object, int, int | None]]]:
    """What is not declared, but anyone understands: the return is public, and some figures are others together."""
    founded = [("balance", row, "adult social care") for row in ("upheld", "partially upheld")]
    if all(at in names for at in founded):
        whole = sum(total(true[at].shares) for at in founded)
        yield [("well-founded", -1, whole), *((names[at], 1, None) for at in founded)]
    if ("ombudsman performance", "investigated in detail", "cases") in names:
        whole_at, *parts = (
            ("ombudsman performance", row, "cases") for row in ("investigated in detail", "upheld", "not upheld")
        )
        yield [(names[whole_at], -1, None), *((names[at], 1, None) for at in parts)]
    amounts = [at for at in names if at[0] == "ombudsman symbolic remedies"]
    paid = ("ombudsman financial remedies", "paid", "pounds")
    if amounts and paid in names:
        united = weighed((s.reference, 1) for at in amounts for s in true[at].shares)
        if {s.reference for s in united} == {s.reference for s in true[paid].shares}:
            pence = [round(float(at[1].lstrip("£")) * 100) for at in amounts]
            if sum(p * total(true[at].shares) for p, at in zip(pence, amounts, strict=True)) == total(
                true[paid].shares
            ):
                yield [(names[paid], -1, None), *((names[at], p, None) for at, p in zip(amounts, pence, strict=True))]


STATUTORY = {
    RECEIVED: ("statutory return", "received", "complaints"),
    DECIDED: ("statutory return", "well-founded", "complaints"),
    INFORMED: ("statutory return", "referred to the ombudsman", "complaints"),
}


def is_statutory(at: At, cell: Cell, true: Mapping[At, Cell], wholes: set[At]) -> bool:
    """Whether a cell prints what the law has printed, however small."""
    anchor = true.get(STATUTORY.get(cell.basis, at))
    named = cell.row in {
        "received",
        "statutory",
        "stage 1 complaints",
        "ombudsman",
        "new",
        "escalated",
        "well-founded",
        "referred to the ombudsman",
    }
    whole = at in wholes and at[0] != "refusals"
    return anchor is not None and cell.measure == "count" and anchor.shares == cell.shares and (named or whole)


def statutory_alone(tables: Sequence[Table]) -> tuple[Table, ...]:
    """As little as can be published: the numbers that the law requires."""
    true = {(table.name, *cell.at): cell for table in tables for cell in table.cells}
    wholes = {(table.name, *one.whole) for table in tables for one in table.sums}
    return tuple(
        replace(
            table,
            cells=tuple(
                cell
                if is_statutory((table.name, *cell.at), cell, true, wholes)
                else replace(cell, shares=(), of=None, suppressed=True)
                for cell in table.cells
            ),
        )
        for table in tables
    )


def small_alone(tables: Sequence[Table]) -> tuple[Table, ...]:
    """What a careless publisher does: hides small figures, and nothing with them."""
    return tuple(
        replace(
            table,
            cells=tuple(
                replace(cell, shares=(), of=None, suppressed=True)
                if 0 < (len(cell.shares) if cell.measure == "pounds" else total(cell.shares)) < LEAST_PARTNER
                and cell.measure in ("count", "pounds")
                else cell
                for cell in table.cells
            ),
        )
        for table in tables
    )
