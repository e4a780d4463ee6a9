"""What the cases service reads from the log about the Ombudsman's side: which enquiries are about a case, and over."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby

from shared import events as e
from shared.log import Log, Recorded

Enquiry = tuple[Recorded, ...]
"""The events of one enquiry, in order."""


def about_cases(log: Log, authority: str) -> Mapping[str, Sequence[Enquiry]]:
    """The enquiries about each case that has any; one that was linked anew is about the case it was last linked to."""
    found: dict[str, list[Enquiry]] = {}
    for _, told in groupby(log.category(authority, "enquiry"), key=lambda recorded: recorded.stream):
        enquiry = tuple(told)
        if case := _case(enquiry):
            found.setdefault(case, []).append(enquiry)
    return found


def _case(enquiry: Enquiry) -> str | None:
    case = None
    for recorded in enquiry:
        match recorded.event:
            case e.EnquiryReceived(case=about) | e.EnquiryLinked(case=about):
                case = about or case
    return case


def over(enquiries: Iterable[Enquiry]) -> tuple[date | None, ...]:
    """For each enquiry the day on which it was over: ended, and all that it asked for done; None while it is not."""
    return tuple(_over([recorded.event for recorded in enquiry]) for enquiry in enquiries)


def _over(told: Sequence[e.Event]) -> date | None:
    ended: date | None = None
    awaited: set[int] = set()
    last = date.min
    for event in told:
        match event:
            case e.ReturnedAsPremature(returned_on=on) | e.ClosedAfterEnquiries(closed_on=on):
                ended = on
            case e.OmbudsmanDecided(decided_on=on):
                ended = on
            case e.RemedyRequired():
                awaited.add(event.remedy)
            case e.RemedyCompleted():
                awaited.discard(event.remedy)
                last = max(last, event.completed_on)
    return max(ended, last) if ended and not awaited else None
