"""What people raised: the themes of the year's complaints, whatever was found about them."""

from services.reporting.figures import Table, breakdown
from services.reporting.scope import RECEIVED, Scope

NO_ISSUE = "no issue stated"


def issues_raised(scope: Scope) -> Table:
    """Every concern of the cohort by its subcategory; one without any is told apart, so the total is of all."""
    rows, row_of = scope.rows("subcategories")
    cohort = {case.reference for case in scope.received}
    pairs = (
        (row_of(concern.subcategory) if concern.subcategory else NO_ISSUE, concern.reference)
        for concern in scope.facts.concerns
        if concern.reference in cohort
    )
    return breakdown(
        "concerns raised by issue",
        pairs,
        (*rows, NO_ISSUE),
        "concerns",
        RECEIVED,
        "Concerns are counted, not complaints, and whether or not they were found to be justified.",
    )
