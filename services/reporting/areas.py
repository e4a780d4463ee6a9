"""Each service area's complaints by what came of them, and the compliments that it received."""

from services.reporting.complaints import OUTCOMES, outcome_of
from services.reporting.figures import Table, breakdown, grid
from services.reporting.scope import RECEIVED, Scope


def outcomes_by_area(scope: Scope) -> Table:
    """A grid of the year's cohort: outcomes as rows, service areas as columns, each a share of its area's."""
    areas, area_of = scope.rows("service_areas")
    return grid(
        "statutory outcomes by service area",
        scope.received.by(lambda code: (outcome_of(code[0]), area_of(code[1])), "outcome", "service_area"),
        (*OUTCOMES.values(), "open"),
        areas,
        RECEIVED,
        "Open complaints are in the totals, which are those of the complaints received.",
    )


def compliments_by_area(scope: Scope) -> Table:
    """Compliments by the service area that they thank."""
    areas, area_of = scope.rows("service_areas")
    thanks = scope.compliments.by(area_of, "service_area")
    return breakdown("compliments by service area", thanks, areas, "compliments", RECEIVED)
