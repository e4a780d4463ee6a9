"""Complaints that the council would not consider, by the ground of the refusal.

The Ombudsman's Complaint Handling Code asks for a summary of the types of complaint refused in the annual report (8.1),
of all complaints: so there is a column for each pathway.
"""

from collections.abc import Iterator

from services.reporting.figures import Table, breakdown, grid
from services.reporting.scope import PATHWAYS, RECEIVED, UNROUTED, Scope

NOT_STATED = "not stated"


def refusals(scope: Scope) -> Table:
    """Complaints of the pathway's cohort that were refused, by ground."""
    pairs = ((ground, reference) for ground, pathway, reference in _refused(scope) if pathway == scope.pathway)
    return breakdown("refusals", pairs, scope.rows("refusal_grounds")[0], "complaints", RECEIVED)


def refusals_by_pathway(scope: Scope) -> Table:
    """The same of every pathway, each with its own cohort."""
    others = sorted(set(scope.cases.column("pathway")) - {*PATHWAYS, None})
    columns = {pathway: pathway.replace("_", " ") for pathway in (*PATHWAYS, *others)}
    return grid(
        "complaints refused by pathway",
        (((ground, columns.get(pathway, UNROUTED)), reference) for ground, pathway, reference in _refused(scope)),
        scope.rows("refusal_grounds")[0],
        (*columns.values(), UNROUTED),
        RECEIVED,
        "Refused complaints stay in the count of their pathway.",
    )


def _refused(scope: Scope) -> Iterator[tuple[str, str | None, str]]:
    """The ground, the pathway and the reference of each."""
    _, row_of = scope.rows("refusal_grounds")
    return (
        (row_of(ground) if ground else NOT_STATED, pathway, reference)
        for ground, pathway, reference in scope.refused.each("refused_ground", "pathway", "reference")
    )
