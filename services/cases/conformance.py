"""Did a case keep the rules of its procedure, as far as the register can see? The list for a self-assessment. Pure.

What is asked of a case is what its policy has: for corporate complaints from 1 April 2026 the Complaint Handling Code.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.cases.case import Case
from shared import deadlines
from shared.calendar import Calendar
from shared.deadlines import Clock
from shared.policy import Policy, Rule

Result = Literal["kept", "not_kept", "not_yet"]
RESULTS: tuple[Result, ...] = ("kept", "not_kept", "not_yet")


@dataclass(frozen=True, slots=True)
class Check:
    """One rule and whether the case kept it; `due_on` and `done_on` where the rule is a clock.

    `not_yet` is a clock that runs and is not late. A rule that had no occasion in the case has no check.
    """

    rule: str
    source: str
    result: Result
    due_on: date | None = None
    done_on: date | None = None


def checks(case: Case, policy: Policy, on: date, calendar: Calendar) -> tuple[Check, ...]:
    """Every rule that the case gave occasion to, as it stands on a day; then what else is recorded as not kept."""
    broken = {breach.rule: breach.source for breach in case.breaches}
    by_rule = {clock.deadline.rule: clock for clock in case.clocks.values() if clock.deadline.binds == "council"}
    found: list[Check] = []
    for rule in policy.rules:
        if clock := by_rule.get(rule.id):
            found += _of_clock(rule, clock, f"{rule.id}.cap" in broken, on, calendar)
    for duty in policy.duties:
        if duty.id in broken or OCCASIONS[duty.id.partition(".")[2]](case):
            found.append(Check(duty.id, duty.source, "not_kept" if duty.id in broken else "kept"))
    told = {check.rule for check in found} | by_rule.keys()  # a clock is judged as it stands, also after a correction
    found += [Check(rule, source, "not_kept") for rule, source in broken.items() if rule not in told]
    return tuple(found)


def _of_clock(rule: Rule, clock: Clock, beyond_cap: bool, on: date, calendar: Calendar) -> Iterable[Check]:  # noqa: FBT001 - a fact
    """The time itself, unless the case ended before it was due; and the cap, if the time was extended."""
    stands = deadlines.judged(clock, on, calendar)
    if stands.state == "missed" or not clock.ended_by:
        yield Check(rule.id, rule.source, _RESULTS[stands.state], stands.due_on, clock.met_on)
    if rule.extension_to is not None and clock.extensions:
        yield Check(f"{rule.id}.cap", rule.source, "not_kept" if beyond_cap else "kept")


_RESULTS: Mapping[str, Result] = {"met": "kept", "missed": "not_kept", "due": "not_yet"}


def _decided(case: Case) -> int:
    return sum(stage.decided_on is not None for stage in case.stages.values())


def _answered(case: Case) -> bool:
    return any(stage.responded_on for stage in case.stages.values())


def _extended(case: Case) -> bool:
    return any(clock.extensions for clock in case.clocks.values())


def _period_set(case: Case) -> bool:
    return any(clock.set.anchor == "response_period_set" for clock in case.clocks.values())


OCCASIONS: Mapping[str, Callable[[Case], bool]] = {
    "offer_to_discuss": lambda case: case.acknowledged_on is not None,
    "response_period_notified": _period_set,
    "ombudsman_right": _answered,
    "refusal_notified": lambda case: case.ending is not None and case.ending.how == "refused",
    "lateness_notified": lambda case: case.lateness_notified_on is not None,
    "extension_agreed_in_time": _extended,
    "ombudsman_details_when_extending": _extended,
    "separate_decider": lambda case: _decided(case) > 1,
    "points_answered": lambda case: _decided(case) > 0,
}
"""What gives a case occasion to keep each duty, by the duty's name; a test holds it against the pathways."""


@dataclass(frozen=True, slots=True)
class Sum:
    """How often a rule was kept, not kept, and is not due yet."""

    rule: str
    source: str
    kept: int
    not_kept: int
    not_yet: int


def summary(cases: Iterable[Sequence[Check]]) -> tuple[Sum, ...]:
    """Each rule that any case gave occasion to, with how often it was kept; the rules in alphabetical order."""
    counts: Counter[tuple[str, str, Result]] = Counter(
        (check.rule, check.source, check.result) for found in cases for check in found
    )
    rules = sorted({(rule, source) for rule, source, _ in counts})
    return tuple(Sum(rule, source, *(counts[rule, source, result] for result in RESULTS)) for rule, source in rules)
