"""What was learned: the year's lessons by service area, with the actions that came of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.reporting.facts import LessonFact
from services.reporting.figures import Table, breakdown, sum_of
from services.reporting.scope import RECORDED, Scope

NAME = "service improvements by service area"


def improvements(scope: Scope) -> Table:
    """Lessons recorded in the year by service area: those whose action is completed, is open, or that ask for none."""
    area = _areas(scope)
    listed, _ = scope.rows("service_areas")
    rows = (*listed, *sorted({area[row.reference] for row in scope.lessons} - set(listed)))

    def counted_in(column: str, lessons: Iterable[LessonFact]) -> Table:
        pairs = ((area[row.reference], row.reference) for row in lessons)
        return breakdown(NAME, pairs, rows, column, RECORDED)

    recorded = counted_in("lessons", scope.lessons)
    parts = [
        counted_in(column, (row for row in scope.lessons if _standing(row) == column))
        for column in ("actions completed", "actions open", "no action")
    ]
    lines = list(zip(recorded.cells, *(table.cells for table in parts), strict=True))
    return Table(
        name=NAME,
        cells=tuple(cell for line in lines for cell in line),
        sums=(
            *(one for table in (recorded, *parts) for one in table.sums),
            *(sum_of(lessons, split) for lessons, *split in lines),
        ),
        layout="Lessons are counted, not complaints: one complaint may have several.",
    )


def _standing(lesson: LessonFact) -> str:
    if lesson.completed_on:
        return "actions completed"
    return "actions open" if lesson.action else "no action"


def listed(scope: Scope) -> list[Mapping[str, Any]]:
    """Action taken, or to be taken, to improve services as a consequence (reg 18(1)(d)(iii))."""
    area = _areas(scope)
    return [
        {
            "service_area": area[row.reference],
            "lesson": row.lesson,
            "action": row.action,
            "due_on": row.due_on and row.due_on.isoformat(),
            "completed_on": row.completed_on and row.completed_on.isoformat(),
        }
        for row in scope.lessons
        if row.action
    ]


def _areas(scope: Scope) -> Mapping[str, str]:
    """The printed row of the service area that each case with a lesson is about."""
    _, row_of = scope.rows("service_areas")
    wanted = {row.reference for row in scope.lessons}
    each = scope.cases.each("reference", "service_area")
    return {reference: row_of(area) for reference, area in each if reference in wanted}
