"""How long a case's personal data is kept: the legal hold, the retention period, and what stands against an erasure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.cases import commands as do
from services.cases.case import Case
from services.cases.checks import Rules, not_before, when
from shared import events
from shared.errors import Rejected, bad_value
from shared.events import CaseEvent
from shared.retention import UNROUTED, Obstacle, RetentionRule

PUBLIC_TASK = "UK GDPR Art 17(3)(b)"
KEPT: Mapping[Obstacle, str] = {
    "legal_hold": "kept_by_legal_hold",
    "open": "kept_while_open",
    "ombudsman": "kept_for_the_ombudsman",
    "retention": "kept_by_retention",
}
"""The rule under which an obstacle refuses an erasure."""


@dataclass(frozen=True, slots=True)
class Against:
    """Something that stands against an erasure, and the text that says so."""

    obstacle: Obstacle
    detail: str
    source: str


@dataclass(frozen=True, slots=True)
class Retention:
    """The rule for a case as of a day; `kept_until` is None while its period has not begun."""

    rule: RetentionRule | None
    kept_until: date | None

    def over(self, today: date) -> bool:
        """Whether the period has run out: the day after its last."""
        return self.kept_until is not None and self.kept_until < today


def set_legal_hold(case: Case, command: do.SetLegalHold, rules: Rules, today: date) -> list[CaseEvent]:
    """One hold at a time; the history keeps the earlier ones."""
    set_on = when(command.set_on, case, today, "set_on")
    if command.action == "lift":
        if case.legal_hold is None:
            raise Rejected("not_on_hold", "there is no legal hold to lift")
        not_before(set_on, case.legal_hold.placed_on, "set_on", "the hold was placed")
        return [events.LegalHoldLifted(lifted_on=set_on)]
    if case.legal_hold:
        raise Rejected("already_on_hold", f"there is a legal hold since {case.legal_hold.placed_on}")
    if command.reason is None:
        raise bad_value("reason_needed", "reason", "a legal hold is placed for a reason")
    return [events.LegalHoldPlaced(placed_on=set_on, reason=rules.schedule.hold_reason(command.reason).code)]


def erase_personal_data(case: Case, command: do.ErasePersonalData, rules: Rules, today: date) -> list[CaseEvent]:
    """A fact for each party erased, unless something stands against it that the ground does not outweigh."""
    ground = rules.schedule.ground(command.ground)
    parties = tuple(party for party in case.parties if command.party in (None, party))
    if not parties and command.party and not any(erasure.party == command.party for erasure in case.erasures):
        raise bad_value("unknown_party", "party", f"the parties are: {', '.join(case.parties) or 'none'}")
    if not parties:
        raise Rejected("nothing_to_erase", "no personal data is held")
    for against in stands_against(case, rules, today):
        if against.obstacle not in ground.overrides:
            raise Rejected(KEPT[against.obstacle], against.detail, "ground", against.source)
    erased_on = when(None, case, today, "erased_on")
    return [events.PersonalDataErased(erased_on=erased_on, ground=ground.code, party=party) for party in parties]


def stands_against(case: Case, rules: Rules, today: date) -> tuple[Against, ...]:
    """What keeps a case's personal data on a day, the weightiest first; nothing for one that is due to be erased."""
    found = []
    if hold := case.legal_hold:
        source = rules.schedule.hold_reason(hold.reason).source
        found.append(Against("legal_hold", f"legal hold since {hold.placed_on}: {hold.reason}", source))
    if case.kind == "complaint" and case.closed_on is None:
        found.append(Against("open", f"the case is not closed: it is {case.status}", PUBLIC_TASK))
    if None in rules.enquiries_over or case.with_ombudsman:
        source = f"{PUBLIC_TASK}; LGA 1974 s.29"
        found.append(Against("ombudsman", "an enquiry of the Ombudsman is not over", source))
    kept = retention(case, rules, today)
    if not kept.over(today):
        source = f"{PUBLIC_TASK}; {kept.rule.source}" if kept.rule else PUBLIC_TASK
        found.append(Against("retention", _kept(kept), source))
    return tuple(found)


def _kept(kept: Retention) -> str:
    if kept.rule is None:
        return "no rule says how long it is kept"
    if kept.kept_until is None:
        return f"kept for {kept.rule.years} years from {kept.rule.runs_from}, which has not come"
    return f"kept until {kept.kept_until}: {kept.rule.years} years from {kept.rule.runs_from}"


def retention(case: Case, rules: Rules, today: date) -> Retention:
    """The rule in force today, and until when it keeps the case.

    The years run from closure, or from the end of the Ombudsman's enquiries if that is later: a file is not closed
    until all later processes have ceased (Records Management Code). A reopened case has none until it is closed again.
    """
    of = case.pathway or UNROUTED if case.kind == "complaint" else case.kind
    rule = rules.schedule.rule(of, today)
    if rule is None:
        return Retention(None, None)
    start = case.received_on if rule.runs_from == "receipt" else _closure(case, rules)
    return Retention(rule, rule.kept_until(start) if start else None)


def _closure(case: Case, rules: Rules) -> date | None:
    if case.closed_on is None:
        return None
    return max(case.closed_on, *(over for over in rules.enquiries_over if over), date.min)
