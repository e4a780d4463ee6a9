"""A case while the Ombudsman has it, and when it comes back."""

from collections.abc import Sequence
from datetime import date

from services.cases.case import Case
from shared import events
from shared.errors import Rejected
from shared.events import CaseEvent, OmbudsmanCategory, Stage


def note_enquiry(
    case: Case,
    enquiry: str,
    since: date,
    over_on: date | None,
    category: OmbudsmanCategory | None,
    stages: Sequence[Stage] = (),
) -> list[CaseEvent]:
    """What the case has still to be told of an enquiry about it.

    One that was returned as premature goes on with the council's own procedure: a case that had ended by then is
    reopened, unless its next stage may be asked for. `stages` are those of its pathway.

    Raises:
        Rejected: `known_already`: the case shows it as it is.
    """
    known = case.enquiries.get(enquiry)
    found: list[CaseEvent] = []
    if known is None or (over_on is None and known.back_on):
        found.append(events.WithOmbudsman(since=since, enquiry=enquiry))
    if over_on and (known is None or known.back_on is None):
        found.append(events.BackFromOmbudsman(back_on=over_on, enquiry=enquiry, category=category))
        if category == "referred_back" and _goes_on(case, over_on, stages):
            found.append(events.CaseReopened(reopened_on=over_on, reason="ombudsman"))
    if not found:
        raise Rejected("known_already", "the case shows the enquiry as it is")
    return found


def _goes_on(case: Case, over_on: date, stages: Sequence[Stage]) -> bool:
    """Whether a return finds the case ended, with nothing left to ask for."""
    ended_on = case.closed_on or (case.ending.on if case.ending else None)
    if ended_on is None or over_on < max(ended_on, case.received_on):
        return False
    answered = case.current is not None and case.current.responded_on is not None
    further = case.stage in stages and case.stage != stages[-1]
    return not (answered and further and case.ending is None)
