"""Who is affected: the characteristics of the person affected by each complaint of the cohort, where they are known."""

from services.reporting.figures import Table, breakdown
from services.reporting.scope import RECEIVED, Scope

NOT_AVAILABLE = "not available"

AGES = {
    "0_15": "under 16",
    "16_17": "16-24",
    "18_24": "16-24",
    "25_34": "25-34",
    "35_49": "35-49",
    "50_64": "50-64",
    "65_74": "65+",
    "75_84": "65+",
    "85_over": "65+",
}
"""The bands that are printed; those that are recorded nest in them, and in the national ones."""


def equality(scope: Scope) -> tuple[Table, ...]:
    """One table a characteristic; "not stated" and "not known" are both printed as not available."""
    return (
        _coded(scope, "sex", "sexes", "sex"),
        _ages(scope),
        _coded(scope, "ethnicity", "ethnic_groups", "ethnic_group"),
        _coded(scope, "disability", "disabilities", "disability"),
    )


def _coded(scope: Scope, name: str, code_list: str, field: str) -> Table:
    listed, row_of = scope.rows(code_list)
    rows = (*(row for row in listed if row != NOT_AVAILABLE), NOT_AVAILABLE)
    cases = scope.received.by(lambda code: row_of(code) if code else NOT_AVAILABLE, field)
    return breakdown(f"equality: {name}", cases, rows, "complaints", RECEIVED)


def _ages(scope: Scope) -> Table:
    rows = (*dict.fromkeys(AGES.values()), NOT_AVAILABLE)
    cases = scope.received.by(lambda band: AGES.get(band, NOT_AVAILABLE), "age_band")
    return breakdown("equality: age", cases, rows, "complaints", RECEIVED)
