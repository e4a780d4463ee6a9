"""The annual report on adult social care complaints: every table of it, for any year, as known on any day.

Rows come from the code lists in force in the year, so a zero is printed. Where the published layout changed from one
year to another, the year decides, and the table says so.
"""

from collections.abc import Sequence

from services.reporting import complaints, improvements, ombudsman, performance, remedies, timeliness
from services.reporting.balance import balance
from services.reporting.equality import equality
from services.reporting.figures import Table
from services.reporting.issues import reasons
from services.reporting.scope import Scope


def annual(scope: Scope, region: str | None) -> Sequence[Table]:
    """The tables of a year, from the facts that were known at the end of a day."""
    return (
        complaints.by_type(scope),
        complaints.outcomes(scope),
        complaints.channels(scope),
        complaints.service_areas(scope),
        complaints.timescale(scope),
        complaints.response_times(scope),
        complaints.categories(scope),
        reasons(scope),
        complaints.months(scope),
        complaints.compliments(scope),
        *equality(scope),
        ombudsman.cases(scope),
        *((ombudsman.region(scope, region),) if region else ()),
        performance.performance(scope),
        *(performance.region(scope, region) if region else ()),
        remedies.remedies(scope),
        remedies.financial(scope),
        remedies.ombudsman_financial(scope),
        remedies.ombudsman_symbolic(scope),
        remedies.ombudsman_required(scope),
        ombudsman.long_term_support(scope),
        improvements.improvements(scope),
        timeliness.compliance(scope),
        timeliness.extensions(scope),
        timeliness.response_periods(scope),
        balance(scope),
    )
