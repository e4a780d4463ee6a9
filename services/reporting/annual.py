"""The annual report on adult social care complaints: every table of it, for any year, as known on any day.

Rows come from the code lists in force in the year, so a zero is printed. Where the published layout changed from one
year to another, the year decides, and the table says so.
"""

from collections.abc import Callable, Sequence

from services.reporting import complaints, improvements, ombudsman, performance, remedies, support, themes, timeliness
from services.reporting.areas import compliments_by_area, outcomes_by_area
from services.reporting.balance import balance
from services.reporting.equality import equality
from services.reporting.figures import Table
from services.reporting.issues import reasons
from services.reporting.refusals import refusals_by_pathway
from services.reporting.scope import Scope

_COMPARED: Sequence[Callable[[Scope], Table]] = (
    complaints.by_type,
    complaints.outcomes,
    complaints.channels,
    complaints.service_areas,
    complaints.timescale,
    complaints.response_times,
    complaints.categories,
    themes.issues_raised,
    complaints.months,
    complaints.compliments,
    ombudsman.cases,
    performance.performance,
    remedies.remedies,
    remedies.financial,
    support.long_term_support,
)


def annual(scope: Scope, region: str | None) -> Sequence[Table]:
    """The tables of a year, from the facts that were known at the end of a day."""
    return (
        complaints.by_type(scope),
        complaints.outcomes(scope),
        complaints.channels(scope),
        complaints.service_areas(scope),
        outcomes_by_area(scope),
        complaints.timescale(scope),
        complaints.response_times(scope),
        complaints.categories(scope),
        themes.issues_raised(scope),
        reasons(scope),
        refusals_by_pathway(scope),
        complaints.months(scope),
        complaints.compliments(scope),
        compliments_by_area(scope),
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
        support.long_term_support(scope),
        improvements.improvements(scope),
        timeliness.compliance(scope),
        timeliness.extensions(scope),
        timeliness.response_periods(scope),
        balance(scope),
    )


def compared(scope: Scope) -> Sequence[Table]:
    """Those that stand beside the tables of a later year (see `side_by_side`)."""
    return tuple(table(scope) for table in _COMPARED)
