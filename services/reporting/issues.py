"""Why complaints were upheld: the issues found, by service area, of the cohort received in the year."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from services.reporting.figures import Cell, Table, breakdown, counted, sum_of
from services.reporting.scope import RECEIVED, Scope

UPHELD = ("upheld", "partially_upheld")


def reasons(scope: Scope) -> Table:
    """A grid: complaints received and upheld, then each issue upheld or partially upheld, in each service area.

    An issue is a concern's subcategory; a concern without one counts in no issue row, nor in their total.
    """
    areas, area_of = scope.rows("service_areas")
    issues, issue_of = scope.rows("subcategories")
    area = {reference: area_of(code) for reference, code in scope.received.each("reference", "service_area")}
    found = [
        (f"issue: {issue_of(subcategory)}", reference)
        for reference, subcategory, finding in scope.concerns.each("reference", "subcategory", "finding")
        if subcategory and finding in UPHELD
    ]
    names = [*(f"issue: {issue}" for issue in issues)]
    names += sorted({name for name, _ in found} - set(names))
    outcome = dict(scope.received.each("reference", "outcome"))
    lines = {
        "complaints received": list(area),
        "upheld": [reference for reference in area if outcome[reference] == "upheld"],
        "partially upheld": [reference for reference in area if outcome[reference] == "partially_upheld"],
        **{name: [reference for issue, reference in found if issue == name] for name in names},
        "issues upheld or partially upheld, total": [reference for _, reference in found],
    }
    columns = (*areas, *sorted(set(area.values()) - set(areas)))
    grid = {row: _line(row, references, area, columns) for row, references in lines.items()}
    *_, totals = grid.values()
    return Table(
        name="reasons for upheld complaints",
        cells=tuple(cell for line in grid.values() for cell in line),
        sums=(
            *(sum_of(whole, parts) for *parts, whole in grid.values()),
            *(
                sum_of(whole, (line[column] for name, line in grid.items() if name in names))
                for column, whole in enumerate(totals)
            ),
        ),
        layout="Issues are counted, not complaints: one complaint may have several.",
    )


def _line(row: str, references: Iterable[str], area: dict[str, str], columns: Sequence[str]) -> tuple[Cell, ...]:
    """A row of the grid: one cell an area, and the total."""
    found = list(references)
    table = breakdown(row, ((area[reference], reference) for reference in found), columns, "", RECEIVED)
    *cells, _ = table.cells
    whole = Cell(row=row, column="total", basis=RECEIVED, shares=counted(found))
    return (*(replace(cell, row=row, column=cell.row) for cell in cells), whole)
