"""Complaints that the council would not consider, by the ground of the refusal.

The Ombudsman's Complaint Handling Code asks for a summary of the types of complaint refused in the annual report (8.1),
of all complaints: so there is a column for each pathway.
"""

from collections.abc import Callable
from functools import partial
from operator import eq

from services.reporting.figures import Table, breakdown, grid
from services.reporting.scope import PATHWAYS, RECEIVED, UNROUTED, Scope

NOT_STATED = "not stated"


def refusals(scope: Scope) -> Table:
    """Complaints of the pathway's cohort that were refused, by ground."""
    ours = scope.refused.where(map(partial(eq, scope.pathway), scope.refused.column("pathway")))
    return breakdown(
        "refusals", ours.by(_row_of(scope), "refused_ground"), scope.rows("refusal_grounds")[0], "complaints", RECEIVED
    )


def refusals_by_pathway(scope: Scope) -> Table:
    """The same of every pathway, each with its own cohort."""
    others = sorted(set(scope.cases.column("pathway")) - {*PATHWAYS, None})
    columns = {pathway: pathway.replace("_", " ") for pathway in (*PATHWAYS, *others)}
    row_of = _row_of(scope)
    return grid(
        "complaints refused by pathway",
        scope.refused.by(
            lambda code: (row_of(code[0]), columns.get(code[1], UNROUTED)),
            "refused_ground",
            "pathway",
        ),
        scope.rows("refusal_grounds")[0],
        (*columns.values(), UNROUTED),
        RECEIVED,
        "Refused complaints stay in the count of their pathway.",
    )


def _row_of(scope: Scope) -> Callable[[str | None], str]:
    """The printed row of a ground."""
    _, row_of = scope.rows("refusal_grounds")
    return lambda ground: row_of(ground) if ground else NOT_STATED
