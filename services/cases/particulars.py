"""Who works on a case, what it belongs with, whom it concerns, and what was recorded wrongly about it."""

from dataclasses import replace
from datetime import UTC, date, datetime

from services.cases import commands as do
from services.cases.case import Case
from services.cases.checks import Rules, covered_instant, happened, not_after, not_before, policy_of, still_open, when
from shared import deadlines, events
from shared.calendar import Calendar
from shared.clock import LONDON
from shared.errors import Rejected, bad_value
from shared.events import CaseEvent, Deadline


def assign(case: Case, command: do.AssignCase, rules: Rules, today: date) -> list[CaseEvent]:
    """Each role has one holder at a time; the history keeps the earlier ones."""
    still_open(case)
    assigned_on = when(command.assigned_on, case, today, "assigned_on")
    rules.authority.codes.check("roles", command.role, assigned_on, "role")
    return [events.CaseAssigned(assigned_on=assigned_on, officer=command.officer, role=command.role)]


def contact_provider(case: Case, command: do.ContactProvider, today: date) -> list[CaseEvent]:
    """Details go to a provider with the complainant's consent (SI 2009/309 reg 11); its answer is recorded alike."""
    still_open(case)
    if command.responded_on:
        responded_on = when(command.responded_on, case, today, "responded_on")
        return [events.ProviderResponded(responded_on=responded_on, provider=command.provider)]
    contacted_on = when(command.contacted_on, case, today, "contacted_on")
    return [events.ProviderContacted(contacted_on=contacted_on, provider=command.provider, consent=command.consent)]


def link(case: Case, command: do.LinkCase, today: date) -> list[CaseEvent]:
    """Each case is linked once."""
    if command.reference in case.links:
        raise Rejected("already_linked", f"the case is linked to {command.reference} already", "reference")
    linked_on = when(command.linked_on, case, today, "linked_on")
    return [
        events.CaseLinked(
            linked_on=linked_on, reference=command.reference, relation=command.relation, lead=command.lead
        )
    ]


def record_characteristics(case: Case, command: do.RecordCharacteristics, rules: Rules, today: date) -> list[CaseEvent]:
    """Recorded whenever they are known; the newest record of a person stands."""
    recorded_on = when(command.recorded_on, case, today, "recorded_on")
    codes = rules.authority.codes
    codes.check("sexes", command.sex, recorded_on, "sex")
    codes.check("ethnic_groups", command.ethnic_group, recorded_on, "ethnic_group")
    codes.check("disabilities", command.disability, recorded_on, "disability")
    codes.check("age_bands", command.age_band, recorded_on, "age_band")
    return [
        events.CharacteristicsRecorded(
            recorded_on=recorded_on,
            whose=command.whose,
            sex=command.sex,
            ethnic_group=command.ethnic_group,
            disability=command.disability,
            age_band=command.age_band,
        )
    ]


def restrict(case: Case, command: do.RestrictCase, rules: Rules, today: date) -> list[CaseEvent]:
    """Also of a case that has ended; whoever may not see it learns of none (`shared.restrictions`)."""
    restricted_on = when(command.restricted_on, case, today, "restricted_on")
    rules.authority.codes.check("restriction_reasons", command.reason, restricted_on, "reason")
    staff = tuple(dict.fromkeys(command.staff))
    if set(staff) == set(case.restricted_to or ()):
        raise Rejected("nothing_to_restrict", "the case may be seen by these already", "staff")
    return [events.CaseRestricted(restricted_on=restricted_on, staff=staff, reason=command.reason)]


def record_flags(case: Case, command: do.RecordFlags, rules: Rules, today: date) -> list[CaseEvent]:
    """Heeded as long as the case is kept, so also after it has ended."""
    recorded_on = when(command.recorded_on, case, today, "recorded_on")
    for index, flag in enumerate(command.flags):
        rules.authority.codes.check("flags", flag, recorded_on, f"flags.{index}")
    return [events.FlagsRecorded(recorded_on=recorded_on, flags=tuple(sorted(set(command.flags))))]


def correct(case: Case, command: do.CorrectCase, rules: Rules, today: date) -> list[CaseEvent]:
    """What was recorded wrongly is put right by a fact of its own; clocks move only with the fact they hang on."""
    corrected_on = when(command.corrected_on, case, today, "corrected_on")
    rules.authority.codes.check("correction_reasons", command.reason, corrected_on, "reason")
    if "." in command.field:
        raise bad_value("personal_field", "field", "personal data is corrected where it is kept, not in a history")
    after: str = command.value
    clocks: tuple[Deadline, ...] = ()
    later: tuple[Deadline, ...] = ()
    lists = {"channel": "channels", "service_area": "service_areas"}
    if command.field in lists:
        rules.authority.codes.check(lists[command.field], command.value, case.received_on, "value")
    if command.field == "made_orally" and command.value not in ("true", "false"):
        raise bad_value("not_a_boolean", "value", "made_orally is true or false")
    if command.field == "received_at":
        after, clocks = _corrected_receipt(case, command.value, rules, today)
        later = past_pauses(case, clocks, rules.calendar)
    before = _plain(getattr(case, command.field))
    if after == before:
        raise Rejected("nothing_to_correct", f"{command.field} is so already", "value")
    return [
        events.CaseCorrected(
            corrected_on=corrected_on,
            field=command.field,
            before=before,
            after=after,
            reason=command.reason,
            deadlines=clocks,
            resumed=later,
        )
    ]


def correct_personal_data(case: Case, command: do.CorrectPersonalData, rules: Rules, today: date) -> list[CaseEvent]:
    """The event holds what the log may know of either value: their commitments."""
    corrected_on = when(command.corrected_on, case, today, "corrected_on")
    rules.authority.codes.check("correction_reasons", command.reason, corrected_on, "reason")
    if command.commitment is None:
        raise Rejected("nothing_held", f"nothing is held of {command.party}", "field")
    held = {(held.party, held.field): held.hash for held in case.commitments}
    return [
        events.CaseCorrected(
            corrected_on=corrected_on,
            field=f"{command.party}.{command.field}",
            before=held.get((command.party, command.field)),
            after=command.commitment,
            reason=command.reason,
        )
    ]


def _plain(value: object) -> str | None:
    """A field as a correction writes it: instants in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def _corrected_receipt(case: Case, value: str, rules: Rules, today: date) -> tuple[str, tuple[Deadline, ...]]:
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        raise bad_value("not_an_instant", "value", "received_at is an ISO 8601 instant") from None
    instant = instant if instant.tzinfo else instant.replace(tzinfo=LONDON)
    received_at, received_on = covered_instant(instant, rules, "value")
    not_after(received_on, today, "value", "today")
    not_after(received_on, min(happened(case), default=None), "value", "what was done on the case")
    for known in (case.matter_occurred_on, case.known_on):
        not_before(received_on, known, "value", "the matter complained of")
    if case.pathway is None or case.stage is None:
        return received_at.isoformat(), ()
    policy = rules.policies.in_force(case.pathway, received_on)
    first = policy.stages[0]
    clocks = deadlines.start(policy, "representation_received", first, received_on, rules.calendar)
    if case.acknowledged_on and policy != policy_of(case, rules):
        clocks += deadlines.start(policy, "complaint_acknowledged", first, case.acknowledged_on, rules.calendar)
    return received_at.isoformat(), clocks


def past_pauses(case: Case, anew: tuple[Deadline, ...], own: Calendar) -> tuple[Deadline, ...]:
    """The clocks set anew that stood still for a time, with that time added."""
    found = []
    for deadline in anew:
        if (clock := case.clocks.get(deadline.name)) and clock.pauses and not clock.extensions:
            calendar = deadlines.counted_in(deadline, own)
            due_on = deadlines.past_pauses(deadline.due_on, clock, calendar)
            found.append(replace(deadline, due_on=due_on, provisional=calendar.provisional(due_on)))
    return tuple(found)
