"""A case while the Ombudsman has it, and when it comes back."""

from datetime import date

from services.cases.case import Case
from shared import events
from shared.errors import Rejected
from shared.events import CaseEvent, OmbudsmanCategory


def note_enquiry(
    case: Case, enquiry: str, since: date, over_on: date | None, category: OmbudsmanCategory | None
) -> list[CaseEvent]:
    """What the case has still to be told of an enquiry about it.

    One that was returned as premature goes on with the council's own procedure: a case that had ended is reopened.

    Raises:
        Rejected: `known_already`: the case shows it as it is.
    """
    known = case.enquiries.get(enquiry)
    found: list[CaseEvent] = []
    if known is None or (over_on is None and known.back_on):
        found.append(events.WithOmbudsman(since=since, enquiry=enquiry))
    if over_on and (known is None or known.back_on is None):
        found.append(events.BackFromOmbudsman(back_on=over_on, enquiry=enquiry, category=category))
        if category == "referred_back" and (case.closed_on or case.ending):
            found.append(events.CaseReopened(reopened_on=over_on, reason="ombudsman"))
    if not found:
        raise Rejected("known_already", "the case shows the enquiry as it is")
    return found
