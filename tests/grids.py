"""Tables of people who never were, for tests of what may be public."""

from collections.abc import Mapping, Sequence

from services.reporting.figures import Cell, Shares, Table, breakdown, counted, sum_of
from services.reporting.scope import RECEIVED


def people(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    """A row and a reference for each person."""
    return [(row, f"{row}-{number}") for row, times in counts.items() for number in range(times)]


def rows(name: str, counts: Mapping[str, int], column: str = "people") -> Table:
    """So many in each row, and their total."""
    return breakdown(name, people(counts), tuple(counts), column, RECEIVED)


def grid(name: str, counts: Sequence[Sequence[int]]) -> Table:
    """So many in each row and column, with the totals of both."""

    def shares(chosen: Sequence[tuple[int, int]]) -> Shares:
        return counted(f"{row}.{column}.{number}" for row, column in chosen for number in range(counts[row][column]))

    def cell(row: str, column: str, chosen: Sequence[tuple[int, int]]) -> Cell:
        return Cell(row=row, column=column, basis=RECEIVED, shares=shares(chosen))

    down, across = range(len(counts)), range(len(counts[0]))
    lines = [
        [
            *(cell(f"r{row}", f"c{column}", [(row, column)]) for column in across),
            cell(f"r{row}", "all", [(row, column) for column in across]),
        ]
        for row in down
    ]
    lines.append(
        [
            *(cell("all", f"c{column}", [(row, column) for row in down]) for column in across),
            cell("all", "all", [(row, column) for row in down for column in across]),
        ]
    )
    return Table(
        name=name,
        cells=tuple(one for line in lines for one in line),
        sums=(
            *(sum_of(line[-1], line[:-1]) for line in lines),
            *(sum_of(column[-1], column[:-1]) for column in zip(*lines, strict=True)),
        ),
    )
