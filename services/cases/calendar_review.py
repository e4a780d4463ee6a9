"""What a newer calendar does to running deadlines: which of them move, and the record of it."""

from collections.abc import Iterator

from services.cases import cohort, handler
from services.cases.case import Case
from services.cases.case_list import Filters
from services.cases.checks import Rules
from services.cases.course import moving_deadlines, review_deadlines
from shared import handling
from shared.events import CaseEvent, Deadline
from shared.handling import Request
from shared.register import Register


def moving(register: Register, rules: Rules) -> Iterator[tuple[str, Case, tuple[Deadline, ...]]]:
    """Each case with running deadlines that the calendar of `rules` puts on another day, and those as it has them."""
    for reference, case in cohort.cases(register, rules.authority.code, Filters("complaint")):
        if found := moving_deadlines(case, rules):
            yield reference, case, found


async def review(register: Register, code: str, reference: str) -> None:
    """Record the deadlines of a case that move, as one event.

    Raises:
        Rejected: `nothing_moves`, for another has recorded it meanwhile. What `handling.change` raises.
    """
    await handling.cite(register, code)
    rules, today = handler.rules(code), register.today()

    def decide(case: Case) -> list[CaseEvent]:
        return review_deadlines(case, rules, today)

    request = Request(authority=code, actor="calendar review", internal=True)
    await handling.change(register, handler.kind_of(code, "complaint"), request, reference, decide)
