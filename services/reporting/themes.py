"""What people raised: the themes of the year's complaints, whatever was found about them."""

from services.reporting.figures import Table, breakdown
from services.reporting.scope import RECEIVED, Scope

NO_ISSUE = "no issue stated"


def issues_raised(scope: Scope) -> Table:
    """Every concern of the cohort by its subcategory; one without any is told apart, so the total is of all."""
    rows, row_of = scope.rows("subcategories")
    issues = scope.concerns.by(lambda code: row_of(code) if code else NO_ISSUE, "subcategory")
    return breakdown(
        "concerns raised by issue",
        issues,
        (*rows, NO_ISSUE),
        "concerns",
        RECEIVED,
        "Concerns are counted, not complaints, and whether or not they were found to be justified.",
    )
