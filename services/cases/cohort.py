"""Many cases at once, as the case list names them: each with its history, a page in memory at a time.

Restricted cases are among them: whoever tells somebody of single cases leaves out those that are kept from them.
"""

from collections.abc import Iterator

from services.cases import case_list
from services.cases.case import Case, fold
from services.cases.case_list import Filters
from shared.events import CaseEvent
from shared.handling import Request
from shared.register import Register

_PAGE = 200


def histories(register: Register, code: str, filters: Filters) -> Iterator[tuple[str, list[CaseEvent]]]:
    """The reference and the events of each case that the filters let through, newest first."""
    everyone = Request(authority=code, actor="cases", internal=True)
    place: tuple[str, str] | None = None
    while True:
        with register.engine.connect() as connection:
            rows = case_list.page(connection, everyone, filters, register.today(), _PAGE, place)
        found = register.log.histories(code, [f"case:{row['reference']}" for row in rows])
        for row in rows:
            history = found[f"case:{row['reference']}"]
            yield row["reference"], [recorded.event for recorded in history]  # type: ignore[misc] # a case's stream
        if len(rows) < _PAGE:
            return
        place = rows[-1]["received_on"], rows[-1]["reference"]


def cases(register: Register, code: str, filters: Filters) -> Iterator[tuple[str, Case]]:
    """The reference and the state of each case that the filters let through, newest first."""
    for reference, history in histories(register, code, filters):
        case = fold(history)
        if case:
            yield reference, case
