"""The Ombudsman's enquiries: invented references and dates that yield the printed counts and payments."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from services.sample.coventry.arranging import CALENDAR
from services.sample.coventry.complaint import Complaint
from services.sample.coventry.lines import Body, Register, Thread
from services.sample.coventry.telling import remedy


@dataclass(frozen=True, slots=True)
class Enquiry:
    """An enquiry, new in the year of `received` and decided in that of `ended`; `about` is how its case stood then."""

    reference: str
    received: str
    about: str
    category: str
    ended: str
    remedies: tuple[tuple[str, int], ...] = ()
    linked_later: bool = False

    @property
    def received_on(self) -> date:
        """The day on which the Ombudsman wrote."""
        return date.fromisoformat(self.received)

    @property
    def ended_on(self) -> date:
        """The day of the return, of the closing or of the decision."""
        return date.fromisoformat(self.ended)

    def may_be_about(self, complaint: Complaint) -> bool:
        """Whether the complaint was answered weeks before, or stood open all through, as the enquiry has it."""
        received_on, closed_on = complaint.received_on, complaint.closed_on
        match self.about:
            case "answered":
                return complaint.outcome != "withdrawn" and closed_on < self.received_on - timedelta(days=20)
            case "open":
                return received_on < self.received_on - timedelta(days=4) and closed_on > self.ended_on
            case _:
                return False


ENQUIRIES = (
    # 2022-23: seven new, five of them decided; the refund of the first was paid in the next year, and counts in this
    Enquiry("22 003 418", "2022-07-12", "answered", "upheld", "2023-01-19", (("charges_refund", 1_217_069),)),
    Enquiry("22 005 902", "2022-08-24", "open", "referred_back", "2022-08-31"),
    Enquiry("22 007 263", "2022-10-04", "answered", "closed_after_initial_enquiries", "2022-11-01"),
    Enquiry("22 008 871", "2022-11-15", "answered", "upheld", "2023-03-02"),
    Enquiry("22 010 540", "2022-12-13", "answered", "upheld", "2023-03-23"),
    # ... and two brought forward, both undecided on 14 April 2023
    Enquiry(
        "22 013 327", "2023-02-14", "answered", "upheld", "2023-07-20", (("financial", 50_000), ("financial", 25_000))
    ),
    Enquiry("22 014 906", "2023-03-21", "answered", "closed_after_initial_enquiries", "2023-05-09"),
    # 2023-24: ten new; nine decided, with the two brought forward
    Enquiry("23 000 712", "2023-04-25", "", "referred_back", "2023-05-02"),
    Enquiry("23 002 185", "2023-06-06", "answered", "closed_after_initial_enquiries", "2023-07-04"),
    Enquiry("23 004 117", "2023-07-25", "open", "referred_back", "2023-08-01", linked_later=True),
    Enquiry("23 005 660", "2023-09-05", "answered", "incomplete_or_invalid", "2023-09-19"),
    Enquiry("23 007 039", "2023-10-10", "answered", "upheld", "2024-02-27"),
    Enquiry("23 008 834", "2023-11-14", "answered", "closed_after_initial_enquiries", "2023-12-12"),
    Enquiry("23 010 253", "2024-01-16", "open", "referred_back", "2024-01-23"),
    # ... and the three that the older report says were decided later, one of them after its day, 12 November 2024
    Enquiry("23 011 498", "2024-02-06", "answered", "upheld", "2024-06-18", (("financial", 25_000),)),
    Enquiry("23 012 377", "2024-02-20", "answered", "not_upheld", "2024-08-06"),
    Enquiry("23 013 905", "2024-03-12", "answered", "upheld", "2025-02-04", (("financial", 50_000),)),
    # 2024-25: ten new; four upheld with the two above; two under investigation on 31 March 2025
    Enquiry("24 000 846", "2024-04-23", "answered", "closed_after_initial_enquiries", "2024-05-21"),
    Enquiry("24 001 932", "2024-05-29", "answered", "upheld", "2024-11-26", (("financial", 50_000),)),
    Enquiry("24 003 571", "2024-07-09", "open", "referred_back", "2024-07-16"),
    Enquiry("24 004 408", "2024-08-13", "answered", "closed_after_initial_enquiries", "2024-09-10", linked_later=True),
    Enquiry("24 005 729", "2024-09-17", "answered", "upheld", "2025-01-28"),
    Enquiry("24 006 614", "2024-10-22", "answered", "not_upheld", "2025-03-11"),
    Enquiry("24 007 950", "2024-11-19", "", "referred_back", "2024-11-25"),
    Enquiry("24 009 286", "2025-01-14", "answered", "closed_after_initial_enquiries", "2025-02-11"),
    Enquiry("24 010 177", "2025-01-28", "answered", "not_upheld", "2025-06-10"),
    Enquiry("24 011 063", "2025-02-18", "answered", "upheld", "2025-06-24"),
)


def tell_ombudsman(register: Register, complaints: Iterable[Complaint]) -> None:
    """Each enquiry about the latest complaint that it may be about, no two about the same."""
    left = sorted(complaints, key=lambda complaint: complaint.closed_on, reverse=True)
    for enquiry in ENQUIRIES:
        about = next(filter(enquiry.may_be_about, left), None)
        if about:
            left.remove(about)
        tell_enquiry(register, enquiry, about.thread if about else None)


def tell_enquiry(register: Register, enquiry: Enquiry, about: Thread | None) -> None:
    """The Ombudsman writes, investigates or not, and ends it; a return opens no case, for it names one or none."""
    received_on, ended_on = enquiry.received_on, enquiry.ended_on
    thread = register.thread("/v1/ombudsman/enquiries/{reference}", received_on, enquiry.reference)
    body: Body = {"ombudsman_reference": enquiry.reference, "received_on": received_on}
    body |= {"respond_by": CALENDAR.add(received_on, 5)}
    if about and not enquiry.linked_later:
        body["case"] = about
    thread.record(received_on, "/v1/ombudsman/enquiries", body)
    if enquiry.linked_later:
        linked_on = CALENDAR.add(received_on, 2)
        thread.record(linked_on, "link", {"case": about, "linked_on": linked_on})
    if enquiry.category in ("upheld", "not_upheld"):
        opened_on = CALENDAR.add(received_on, 15)
        thread.record(opened_on, "investigation", {"opened_on": opened_on})
    match enquiry.category:
        case "referred_back":
            thread.record(ended_on, "premature-return", {"returned_on": ended_on})
        case "closed_after_initial_enquiries":
            thread.record(ended_on, "closure", {"closed_on": ended_on})
        case category:
            thread.record(ended_on, "decision", {"decided_on": ended_on, "category": category})
    for kind, pence in enquiry.remedies:
        thread.record(ended_on, "remedies", remedy(kind, "required_on", ended_on, pence))
    for number, (kind, _) in enumerate(enquiry.remedies, 1):
        paid_on = CALENDAR.add(ended_on, 80 if kind == "charges_refund" else 15)
        thread.record(paid_on, "remedies/{number}/completion", {"completed_on": paid_on}, number=number)
