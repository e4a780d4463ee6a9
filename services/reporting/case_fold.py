"""A complaint's events into its facts: how it comes into the council's hands, leaves them, and is closed.

No rules of its own: what was decided when an event was recorded (a due date, whether an oral complaint was settled in
time) is taken from the event. Only working days open are counted here, by the calendar that the caller passes.
"""

from datetime import date, datetime
from typing import Any, assert_never

from services.reporting.facts import CaseFact, ConcernFact, Facts, LessonFact, RemedyFact, SpellFact
from shared import events as e
from shared.calendar import Calendar, OutsideCalendar
from shared.clock import LONDON, london_date
from shared.frozen import amended


def received(known: Facts, reference: str, event: e.RepresentationReceived) -> Facts:
    """A complaint comes in; which pathway received it is known once it is routed."""
    case = CaseFact(
        reference=reference,
        received_on=event.received_on,
        channel=event.channel,
        service_area=event.service_area,
        made_orally=event.made_orally,
        represented=event.represented,
    )
    concerns = tuple(
        ConcernFact(
            reference=reference,
            number=number,
            received_on=event.received_on,
            category=concern.category,
            subcategory=concern.subcategory,
        )
        for number, concern in enumerate(event.concerns, 1)
    )
    spell = SpellFact(
        reference=reference,
        number=1,
        pathway=None,
        entered_on=event.received_on,
        entered_by="transferred_in" if event.transferred_from else "received",
    )
    return amended(known, cases=(case,), concerns=concerns, spells=(spell,))


def changed(known: Facts, event: e.CaseEvent) -> Facts:  # noqa: C901 - one arm an event
    """What is true of a complaint after one more event of it."""
    case = known.cases[0]
    match event:
        case e.CaseRouted():
            return _routed(known, case, event)
        case e.CaseRefused():
            on = event.refused_on
            return _closed(_left(known, "refused", on), on, refused_ground=event.ground)
        case e.ResolvedInformally() if event.satisfied:
            on = event.resolved_on
            return _closed(_left(known, "settled_informally", on), on, settled_in_time=on <= event.latest_on)
        case e.DeadlinesReviewed():
            return _with(known, local_standard_due_on=_local_standard(event.deadlines) or case.local_standard_due_on)
        case e.CaseEscalated():
            known = _with(known, stage=event.stage, delay_reason=None)
            return _entered(known, "reopened", event.requested_on)
        case e.ComplaintAcknowledged():
            return _with(known, acknowledged_on=case.acknowledged_on or event.acknowledged_on)
        case e.CaseAssigned():
            return _assigned(known, case, event)
        case e.DeadlineExtended():
            return _with(known, delay_reason=event.reason)
        case e.LatenessNotified():
            return _with(known, delay_reason=event.delay_reason)
        case e.StageDecided():
            return _decided(known, event)
        case e.ResponseSent():
            return _closed(known, event.sent_on, responded_on=case.responded_on or event.sent_on)
        case e.CaseWithdrawn():
            on = event.withdrawn_on
            return _closed(_left(known, "withdrawn", on), on, withdrawn_on=on)
        case e.CaseTransferred():
            return _closed(_left(known, "transferred_out", event.transferred_on), event.transferred_on)
        case e.CaseClosed():
            return _ended(known, case, event)
        case e.CaseReopened():
            known = _with(known, delay_reason=None)
            return _entered(known, "reopened", event.reopened_on)
        case e.CaseCorrected():
            return _corrected(known, case, event)
        case e.CharacteristicsRecorded():
            return _described(known, case, event)
        case e.RemedyAgreed():
            return _remedy(known, case.reference, event)
        case e.LearningRecorded():
            return _lesson(known, case.reference, event)
        case e.LearningCompleted():
            done = (
                amended(lesson, completed_on=event.completed_on) if lesson.number == event.learning else lesson
                for lesson in known.lessons
            )
            return amended(known, lessons=tuple(done))
        case (
            e.RepresentationReceived()
            | e.ResolvedInformally()
            | e.ResponsePeriodSet()
            | e.StatementAgreed()
            | e.PanelHeld()
            | e.PanelReported()
            | e.ClockPaused()
            | e.ClockResumed()
            | e.ProgressTold()
            | e.RemedyCompleted()
            | e.ProviderContacted()
            | e.ProviderResponded()
            | e.CaseLinked()
            | e.WithOmbudsman()
            | e.BackFromOmbudsman()
            | e.CaseRestricted()
            | e.FlagsRecorded()
            | e.LegalHoldPlaced()
            | e.LegalHoldLifted()
            | e.PersonalDataErased()
        ):
            return known
        case _:
            assert_never(event)


def _routed(known: Facts, case: CaseFact, event: e.CaseRouted) -> Facts:
    """The first route says where the case was received; a later one takes it out of one pathway and into another."""
    if case.pathway is None:
        known = amended(known, spells=tuple(amended(spell, pathway=event.pathway) for spell in known.spells))
    elif case.pathway != event.pathway and case.outcome is None:
        known = _left(known, "routed_out", event.routed_on)
        known = _entered(known, "routed_in", event.routed_on, event.pathway)
    due_on = _local_standard(event.deadlines)
    return _with(known, pathway=event.pathway, stage="stage_1", local_standard_due_on=due_on)


def _assigned(known: Facts, case: CaseFact, event: e.CaseAssigned) -> Facts:
    """Whoever investigates; until someone does, whoever has the role that was given out first."""
    if event.role == "investigating_officer" or case.officer_role in (None, event.role):
        return _with(known, officer=event.officer, officer_role=event.role)
    return known


def _local_standard(deadlines: tuple[e.Deadline, ...]) -> date | None:
    return next((deadline.due_on for deadline in deadlines if deadline.name == "local_standard"), None)


def _decided(known: Facts, event: e.StageDecided) -> Facts:
    """Each decision counts once: one about a case that had left already takes it up again first."""
    known = _left(_entered(known, "reopened", event.decided_on), event.outcome, event.decided_on)
    found = {finding.concern: finding.outcome for finding in event.findings}
    concerns = (amended(concern, finding=found.get(concern.number, concern.finding)) for concern in known.concerns)
    return _with(amended(known, concerns=tuple(concerns)), decided_on=event.decided_on)


def _ended(known: Facts, case: CaseFact, event: e.CaseClosed) -> Facts:
    """Closing the file of a decided complaint is no answer to it: only a response is (SI 2009/309 reg 14(2))."""
    if case.outcome is not None:
        return known
    return _closed(_left(known, "closed", event.closed_on), event.closed_on)


def _corrected(known: Facts, case: CaseFact, event: e.CaseCorrected) -> Facts:
    due_on = _local_standard(event.deadlines) or case.local_standard_due_on
    known = _with(known, local_standard_due_on=due_on)
    match event.field, event.after:
        case "received_at", str(after):
            return _received_anew(known, _london_date(after) or case.received_on)
        case ("channel" | "service_area") as field, str(after):
            return _with(known, **{field: after})
        case "made_orally", str(after):
            return _with(known, made_orally=after.lower() == "true")
        case _:
            return known


def _london_date(text: str) -> date | None:
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return None
    return london_date(value if value.tzinfo else value.replace(tzinfo=LONDON))


def _received_anew(known: Facts, received_on: date) -> Facts:
    first, *later = known.spells
    left_on = first.left_on and max(first.left_on, received_on)
    first = amended(first, entered_on=received_on, left_on=left_on)
    concerns = tuple(amended(concern, received_on=received_on) for concern in known.concerns)
    return _with(amended(known, spells=(first, *later), concerns=concerns), received_on=received_on)


def _described(known: Facts, case: CaseFact, event: e.CharacteristicsRecorded) -> Facts:
    """Of the person affected, who is the complainant unless someone is represented; later words replace earlier."""
    if not (event.whose == "person_affected" or (event.whose == "complainant" and not case.represented)):
        return known
    return _with(
        known,
        sex=event.sex or case.sex,
        ethnic_group=event.ethnic_group or case.ethnic_group,
        disability=event.disability or case.disability,
        age_band=event.age_band or case.age_band,
    )


def _remedy(known: Facts, reference: str, event: e.RemedyAgreed) -> Facts:
    remedy = RemedyFact(
        reference=reference,
        number=event.remedy,
        by="council",
        type=event.type,
        agreed_on=event.agreed_on,
        amount_pence=event.amount_pence,
        due_on=event.due_on,
    )
    return amended(known, remedies=(*known.remedies, remedy))


def _lesson(known: Facts, reference: str, event: e.LearningRecorded) -> Facts:
    lesson = LessonFact(
        reference=reference,
        number=event.learning,
        recorded_on=event.recorded_on,
        lesson=event.lesson,
        action=event.action,
        due_on=event.due_on,
    )
    return amended(known, lessons=(*known.lessons, lesson))


def _with(known: Facts, **changes: Any) -> Facts:
    return amended(known, cases=(amended(known.cases[0], **changes),))


def _left(known: Facts, by: str, on: date) -> Facts:
    """The case leaves the council's hands; where it has left already, the first way out stands."""
    *earlier, last = known.spells
    if last.left_on is not None:
        return known
    last = amended(last, left_on=max(on, last.entered_on), left_by=by)
    return amended(known, spells=(*earlier, last), cases=(amended(known.cases[0], outcome=by),))


def _entered(known: Facts, by: str, on: date, pathway: str | None = None) -> Facts:
    """The case comes into the council's hands again, if it had left them."""
    last = known.spells[-1]
    if last.left_on is None:
        return known
    spell = SpellFact(
        reference=last.reference,
        number=last.number + 1,
        pathway=pathway or known.cases[0].pathway,
        entered_on=max(on, last.left_on),
        entered_by=by,
    )
    case = amended(known.cases[0], outcome=None, closed_on=None)
    return amended(known, spells=(*known.spells, spell), cases=(case,))


def _closed(known: Facts, on: date, **changes: Any) -> Facts:
    """Closed: the response was sent, or the case ended without one (withdrawn, refused, transferred, settled)."""
    case = known.cases[0]
    return _with(known, first_closed_on=case.first_closed_on or on, closed_on=case.closed_on or on, **changes)


def counted(known: Facts, calendar: Calendar) -> Facts:
    """What follows from the rest of the row: the days it was open, and whether reg 8(1)(c) takes it out of the count.

    An oral complaint settled in time is outside only while it stays so settled: reopened, it counts.
    """
    if not known.cases:
        return known
    case, spells, clocks = known.cases[0], known.spells, known.clocks
    outside = case.made_orally and case.settled_in_time and case.outcome == "settled_informally"
    days_open = _days_open(case, calendar)
    if any(spell.outside != outside for spell in spells):
        spells = tuple(amended(spell, outside=outside) for spell in spells)
    if any(clock.outside != outside for clock in clocks):
        clocks = tuple(amended(clock, outside=outside) for clock in clocks)
    if (case.outside_statutory_count, case.days_open) != (outside, days_open):
        case = amended(case, outside_statutory_count=outside, days_open=days_open)
    if case is known.cases[0] and spells is known.spells and clocks is known.clocks:
        return known
    return amended(known, cases=(case,), spells=spells, clocks=clocks)


def _days_open(case: CaseFact, calendar: Calendar) -> int | None:
    if case.first_closed_on is None:
        return None
    try:
        return max(0, calendar.between(case.received_on, case.first_closed_on))
    except OutsideCalendar:
        return None
