"""Why complaints were upheld: the issues found, by service area, of the cohort received in the year."""

from collections.abc import Mapping, Sequence

from services.reporting.figures import Cell, Shares, Table, Tally, sum_of
from services.reporting.scope import RECEIVED, Scope

UPHELD = ("upheld", "partially_upheld")

TOTAL = "issues upheld or partially upheld, total"


def reasons(scope: Scope) -> Table:
    """A grid: complaints received and upheld, then each issue upheld or partially upheld, in each service area.

    An issue is a concern's subcategory; a concern without one counts in no issue row, nor in their total.
    """
    areas, area_of = scope.rows("service_areas")
    codes = scope.received.column("service_area")
    row_of = {code: area_of(code) for code in set(codes)}
    area = dict(zip(scope.received.references, map(row_of.__getitem__, codes), strict=True))
    columns = (*areas, *sorted(set(area.values()) - set(areas)))
    received = scope.received.by(area_of, "service_area")
    ended = scope.received.by(lambda code: (code[0], area_of(code[1])), "outcome", "service_area")
    issues = _issues(scope, area)
    listed = [f"issue: {row}" for row in scope.rows("subcategories")[0]]
    names = [*listed, *sorted({name for name, _ in issues.counts} - set(listed))]
    lines = [
        _line("complaints received", [received.shares(of) for of in columns], received.everyone(), columns),
        *(
            _line(name, *_across(ended, [outcome], columns), columns)
            for name, outcome in (("upheld", "upheld"), ("partially upheld", "partially_upheld"))
        ),
        *(_line(name, *_across(issues, [name], columns), columns) for name in names),
        _line(TOTAL, *_across(issues, names, columns), columns),
    ]
    of_issues, totals = lines[3:-1], lines[-1]
    return Table(
        name="reasons for upheld complaints",
        cells=tuple(cell for line in lines for cell in line),
        sums=(
            *(sum_of(whole, parts) for *parts, whole in lines),
            *(sum_of(whole, parts) for whole, *parts in zip(totals, *of_issues, strict=True)),
        ),
        layout="Issues are counted, not complaints: one complaint may have several.",
    )


def _issues(scope: Scope, area: Mapping[str, str]) -> Tally[tuple[str, str]]:
    """Each issue upheld, and the area of its complaint."""
    _, issue_of = scope.rows("subcategories")
    upheld = scope.concerns.where(
        bool(subcategory) and finding in UPHELD
        for subcategory, finding in scope.concerns.each("subcategory", "finding")
    )
    placed = upheld.also("area", (area[reference] for reference in upheld.references))
    return placed.by(lambda code: (f"issue: {issue_of(code[0])}", code[1]), "subcategory", "area")


def _across(
    found: Tally[tuple[str, str]], names: Sequence[str], columns: Sequence[str]
) -> tuple[Sequence[Shares], Shares]:
    """What has one of some names, in each column and in all."""
    places = [[(name, column) for name in names] for column in columns]
    return [found.shares(*each) for each in places], found.shares(*(at for each in places for at in each))


def _line(row: str, parts: Sequence[Shares], whole: Shares, columns: Sequence[str]) -> tuple[Cell, ...]:
    """A row of the grid: one cell an area, and the total."""
    cells = (
        Cell(row=row, column=column, basis=RECEIVED, shares=shares, of=whole)
        for column, shares in zip(columns, parts, strict=True)
    )
    return (*cells, Cell(row=row, column="total", basis=RECEIVED, shares=whole))
