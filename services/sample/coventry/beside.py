"""What stands beside the statutory complaints: informal and corporate ones, praise, and figures that no case holds."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time

from services.sample.coventry.arranging import CALENDAR, MONTHS, day_in, evenly, picked
from services.sample.coventry.complaint import Complaint
from services.sample.coventry.labels import AREAS, ISSUES, ORAL
from services.sample.coventry.lines import Body, Line, Register
from services.sample.coventry.published import counts, published
from services.sample.coventry.telling import acknowledge, decide, receive, respond
from services.sample.coventry.words import COMMENT, THANKS
from shared.clock import LONDON


def simple(year: str, total: int, channels: Sequence[str]) -> Iterator[Complaint]:
    """Complaints of one concern each, for the tables that count no more than receipt."""
    issues = list(ISSUES.values())
    for k, moment in enumerate(evenly(year, total)):
        area, issue = AREAS[5 * k % len(AREAS)], issues[3 * k % len(issues)]
        yield Complaint(moment, "", 0, channels[k % len(channels)], area, [issue])


def tell_informal(register: Register, year: str) -> None:
    """Informal complaints stand outside the statutory count only by SI 2009/309 reg 8(1)(c): here that is invented.

    Each was made orally and settled to the complainant's satisfaction by the end of the next working day. Thirteen of
    2023-24 were entered only in January 2025: the older report knew of 8, the newer of 21.
    """
    total = counts(year, "complaints by type", "complaints")["informal"]
    known = next(f for f in published() if (f.year, f.table, f.row) == (year, "complaints by type", "informal"))
    late = picked(total - int(known.value), total)
    for k, complaint in enumerate(simple(year, total, ORAL)):
        entered_on = CALENDAR.add(date(2025, 1, 10), 1 + late.index(k) // 2) if k in late else date.min
        thread = receive(register, complaint, "adult_social_care", entered_on)
        resolved_on = complaint.received_on if k % 3 == 0 else CALENDAR.next(complaint.received_on)
        thread.record(resolved_on, "informal-resolution", {"resolved_on": resolved_on, "satisfied": True})


def tell_corporate(register: Register, year: str) -> None:
    """Complaints under the corporate procedure; one is reopened, and one goes to stage 2."""
    total = counts(year, "complaints by type", "complaints")["corporate"]
    for k, complaint in enumerate(simple(year, total, ("web_form", "email", "phone"))):
        complaint.outcome, complaint.days = ("not_upheld", "upheld", "not_upheld")[k % 3], (8, 10, 6, 9, 14)[k % 5]
        complaint.findings = [complaint.outcome]
        thread = receive(register, complaint, "corporate")
        acknowledge(thread, complaint, CALENDAR.add(complaint.received_on, 1 + k % 3), corporate=True)
        decide(thread, complaint, complaint.closed_on)
        respond(thread, complaint.closed_on)
        if year == "2023-24" and k == 3:
            reopened_on = CALENDAR.add(complaint.closed_on, 12)
            thread.record(reopened_on, "reopening", {"reopened_on": reopened_on, "reason": "new_evidence"})
            decide(thread, complaint, CALENDAR.add(reopened_on, 8))
            respond(thread, CALENDAR.add(reopened_on, 9))
        if year == "2024-25" and k == 6:
            requested_on = CALENDAR.add(complaint.closed_on, 6)
            thread.record(requested_on, "escalation", {"requested_on": requested_on})
            decide(thread, complaint, CALENDAR.add(requested_on, 18), by="staff-3")
            respond(thread, CALENDAR.add(requested_on, 19))


def tell_praise(register: Register, year: str) -> None:
    """Compliments by month where they are printed so, else evenly; and three comments, which no table counts."""
    total = counts(year, "compliments", "compliments")["received"]
    by_month = counts(year, "complaints and compliments by month", "compliments")
    for index, month in enumerate(MONTHS):
        n = by_month.get(month, (index + 1) * total // 12 - index * total // 12)
        said = [(1 + 27 * k // n, "/v1/compliments", THANKS) for k in range(n)]
        if month in ("June", "October", "February"):
            said.append((said[-1][0], "/v1/comments", COMMENT))
        for k, (number, route, narrative) in enumerate(said):
            day = day_in(year, month, number)
            received = datetime.combine(day, time(9 + k % 7, 19 * k % 60), LONDON)
            body = {
                "channel": ("email", "letter", "web_form")[k % 3],
                "received_at": received,
                "service_area": AREAS[(index + 3 * k) % len(AREAS)],
                "narrative": narrative,
            }
            register.thread("", day).record(day, route, body, after=received)


OF_THE_REGION = "escalated to the ombudsman, West Midlands"
OF_LONG_TERM_SUPPORT = "adults in long-term support at year end"


def reference_figures() -> Iterator[Line]:
    """The Ombudsman's table of the region and the adults in long-term support, each with where it was taken from."""
    for figure in published():
        if figure.table == OF_THE_REGION and figure.row != "Totals":  # a report adds that up itself
            name, subject, known = "ombudsman_complaints", figure.row, date(2024, 9, 3)
            source = "Local Government and Social Care Ombudsman, complaints by authority 2023-24"
        elif figure.table == OF_LONG_TERM_SUPPORT:
            name, subject = "adults_in_long_term_support", "Coventry City Council"
            known = CALENDAR.next(date(2000 + int(figure.year[-2:]), 3, 30))
            source = f"Adult social care activity, people supported at the end of {figure.year}"
        else:
            continue
        body: Body = {"name": name, "subject": subject, "year": figure.year, "value": int(figure.value)}
        body |= {"unit": figure.column, "source": source}
        yield Line(datetime.combine(known, time(14), LONDON).astimezone(UTC), "/v1/reference-figures", body)
