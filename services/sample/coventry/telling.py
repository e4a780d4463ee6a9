"""Complaints as the import lines that tell them, from receipt to the last thing done about them."""

from datetime import date, timedelta

from services.sample.coventry.arranging import CALENDAR
from services.sample.coventry.complaint import Complaint
from services.sample.coventry.labels import ORAL
from services.sample.coventry.lines import Body, Register, Thread
from services.sample.coventry.words import LESSONS, PROVIDER, person


def receive(register: Register, complaint: Complaint, pathway: str, entered_on: date = date.min) -> Thread:
    """A complaint comes in. Every third is made for somebody else, every fourth says when the matter occurred."""
    thread = register.thread("/v1/cases/{reference}", complaint.received_on)
    thread.entered_on, complaint.thread = entered_on, thread
    n = thread.serial
    body: Body = {
        "channel": complaint.channel,
        "pathway": pathway,
        "made_orally": complaint.channel in ORAL,
        "received_at": complaint.received,
        "service_area": complaint.service_area,
        "concerns": [
            {"category": category, "subcategory": code} if code else {"category": category}
            for category, code in complaint.concerns
        ],
        "complainant": person(n, complaint.channel),
        "narrative": f"An invented complaint about {complaint.concerns[0][0].replace('_', ' ')}.",
    }
    if n % 3 == 0:
        body["person_affected"] = person(n + 5)
    if n % 4 == 0:
        body["matter_occurred_on"] = complaint.received_on - timedelta(days=20 + n % 90)
    if complaint.service_area == "adult_commissioning":
        body["provider"] = PROVIDER
    thread.record(complaint.received_on, "/v1/complaints", body, after=complaint.received)
    return thread


def tell_statutory(register: Register, complaint: Complaint) -> None:
    """A complaint under SI 2009/309, from receipt to its closing: the response, or the withdrawal."""
    thread = receive(register, complaint, "adult_social_care")
    n, start, end = thread.serial, complaint.received_on, complaint.closed_on
    withdrawn = complaint.outcome == "withdrawn"
    decided_after = complaint.days - (0 if withdrawn else n % 3)
    if complaint.characteristics:
        asked_on = CALENDAR.next(start)
        thread.record(asked_on, "characteristics", complaint.characteristics | {"recorded_on": asked_on})
    acknowledged_after = (1, 2, 1, 3, 2, 1, 2, 3, 1, 5)[n % 10]  # one in ten is late (reg 13(3))
    acknowledged = acknowledged_after < decided_after
    if acknowledged:
        acknowledge(thread, complaint, CALENDAR.add(start, acknowledged_after))
    keep_waiting(thread, complaint)
    if withdrawn:
        thread.record(end, "withdrawal", {"withdrawn_on": end} | ({"reason": "resolved_otherwise"} if n % 2 else {}))
    else:
        conclude(thread, complaint, CALENDAR.add(start, decided_after))
    if acknowledged:
        work_on(register, thread, complaint, CALENDAR.add(start, (acknowledged_after + decided_after) // 2))


def conclude(thread: Thread, complaint: Complaint, decided_on: date) -> None:
    """The decision with its remedies and lesson, the response, and the closing once what was promised is done."""
    n, end = thread.serial, complaint.closed_on
    decide(thread, complaint, decided_on)
    for kind, pence in complaint.remedies:
        thread.record(decided_on, "remedies", remedy(kind, "agreed_on", decided_on, pence))
    taught = complaint.founded and (n % 2 == 0 or ("practice_changed", None) in complaint.remedies)
    if taught:
        record_learning(thread, complaint, decided_on)
    respond(thread, end)
    last = end
    for number, (kind, _) in enumerate(complaint.remedies, 1):
        last = end if kind == "apology" else CALENDAR.add(end, 4 + 3 * number)
        thread.record(last, "remedies/{number}/completion", {"completed_on": last}, number=number)
    if taught and n % 5:
        last = max(last, CALENDAR.add(end, 24))
        thread.record(last, "learning/{number}/completion", {"completed_on": last}, number=1)
    closed_on = CALENDAR.add(last, 2)
    thread.record(closed_on, "closure", {"closed_on": closed_on})


def keep_waiting(thread: Thread, complaint: Complaint) -> None:
    """Whoever waits longer than 20 working days is told: mostly by an extension, else by word of progress."""
    n, start = thread.serial, complaint.received_on
    if complaint.days > 20 and n % 5:
        on = CALENDAR.add(start, 17 + n % 3)
        due_on = CALENDAR.add(start, max(21, complaint.days + (-1 if n % 7 == 0 else n % 4)))
        body = {"new_due_on": due_on, "reason": "complexity", "agreed_with_complainant": n % 4 > 0}
        thread.record(on, "extension", body | {"ombudsman_details_given": n % 2 == 0, "extended_on": on})
    elif complaint.days > 20:
        on = CALENDAR.add(start, 20)
        thread.record(on, "progress", {"told_on": on, "method": "phone"})
    if complaint.days > 126:  # the answer will take more than six months (reg 14(4))
        on = CALENDAR.add(start, 120)
        thread.record(on, "lateness-notice", {"notified_on": on, "delay_reason": "complexity"})


def acknowledge(thread: Thread, complaint: Complaint, on: date, *, corporate: bool = False) -> None:
    """The acknowledgement, the investigating officer, and for every third statutory complaint a response period."""
    n = thread.serial
    method = "letter" if complaint.channel == "letter" else "email"
    thread.record(on, "acknowledgement", {"acknowledged_on": on, "method": method, "discussion_offered": n % 4 > 0})
    assignment = {"officer": officer(thread), "role": "investigating_officer", "assigned_on": on}
    thread.record(on, "assignment", assignment)
    if n % 3 == 0 and not corporate:
        due_on = CALENDAR.add(complaint.received_on, 20)
        thread.record(on, "response-period", {"due_on": due_on, "agreed": n % 2 == 0, "set_on": on, "notified_on": on})
    if complaint.service_area == "adult_commissioning":
        provider: Body = {"provider": PROVIDER, "contacted_on": on, "consent": True}
        thread.record(on, "provider-contact", provider)


def work_on(register: Register, thread: Thread, complaint: Complaint, on: date) -> None:
    """Halfway to the decision, steps that no figure counts: a provider answers, an officer joins, a case is linked."""
    if complaint.service_area == "adult_commissioning":
        thread.record_late(on, "provider-contact", {"provider": PROVIDER, "responded_on": on})
    if complaint.service_area == "adult_commissioning" and thread.serial % 3 == 0:
        corrected = {"field": "provider", "value": f"{PROVIDER} (North)", "reason": "audit"}
        thread.record_late(on, "correction", corrected | {"corrected_on": on})
    if complaint.days > 30:
        senior = {"officer": "staff-4", "role": "senior_investigating_officer"}
        thread.record_late(on, "assignment", senior | {"assigned_on": on})
    if thread.serial % 20 == 19:
        related = {"reference": register.threads[thread.serial - 10], "relation": "related"}
        thread.record_late(on, "links", related | {"linked_on": on})


def officer(thread: Thread) -> str:
    """The staff id of the investigating officer."""
    return f"staff-{10 + thread.serial % 14}"


def decide(thread: Thread, complaint: Complaint, on: date, by: str = "") -> None:
    """The decision, by the investigating officer unless another is named, with a finding for each concern."""
    body: Body = {"decided_on": on, "outcome": complaint.outcome, "decided_by": by or officer(thread)}
    body["findings"] = [{"concern": i, "outcome": outcome} for i, outcome in enumerate(complaint.findings, 1)]
    thread.record(on, "decision", body)


def respond(thread: Thread, on: date) -> None:
    """The response, signed for the responsible person."""
    thread.record(
        on, "response", {"sent_on": on, "signed_by": "staff-2", "ombudsman_right_given": thread.serial % 16 > 0}
    )


def remedy(kind: str, dated: str, on: date, pence: int | None) -> Body:
    """A remedy agreed or required: it counts by this day, never by the day it is carried out or paid."""
    return {"type": kind, dated: on, "due_on": CALENDAR.add(on, 20)} | (
        {} if pence is None else {"amount_pence": pence}
    )


def record_learning(thread: Thread, complaint: Complaint, on: date) -> None:
    """A line of the Investigation Outcome form, by what was complained of first."""
    lesson, action = LESSONS[complaint.concerns[0][1]]
    body = {"lesson": lesson, "action": action, "owner": f"staff-{30 + thread.serial % 6}"}
    thread.record(on, "learning", body | {"due_on": CALENDAR.add(on, 40), "recorded_on": on})
