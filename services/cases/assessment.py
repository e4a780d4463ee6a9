"""How a year's cases kept their rules, and how they would have kept others: what is read, folded and answered."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel

from services.cases import cohort, conformance, replay
from services.cases.case import Case, fold
from services.cases.case_list import Filters
from services.cases.conformance import Check, Result, Sum
from services.cases.replay import Answer, Tally
from shared import restrictions
from shared.authority import authority
from shared.handling import Asker
from shared.policy import Policy, policy_book
from shared.register import Register
from shared.year import Year

Kept = Literal["in_time", "late"]


class CheckOut(BaseModel):
    """A rule and whether the case kept it."""

    rule: str
    source: str
    result: Result
    due_on: date | None
    done_on: date | None


class CaseChecksOut(BaseModel):
    """What the register can see of a case's keeping to its procedure."""

    reference: str
    received_on: date
    policy_version: str
    checks: list[CheckOut]


class RuleSumOut(BaseModel):
    """How often a rule was kept, was not, and is not due yet."""

    rule: str
    source: str
    kept: int
    not_kept: int
    not_yet: int


class ConformanceOut(BaseModel):
    """The checks of the cases received in a year: the sums over all of them, and a page of the cases."""

    year: str
    pathway: str
    on: date
    cases: int
    summary: list[RuleSumOut]
    items: list[CaseChecksOut]
    next: str | None


class TallyOut(BaseModel):
    """How many clocks of a name were met in time, were late, and still run in time."""

    in_time: int
    late: int
    running: int


class DeadlineReplayOut(BaseModel):
    """The clocks of a name, as they were kept and as they would have been; null where a policy has none."""

    name: str
    then: TallyOut | None
    under: TallyOut | None


class AnswersOut(BaseModel):
    """How many answers were sent, and how many of them were in time by every clock of their stage."""

    sent: int
    in_time_then: int
    in_time_under: int


class SideOut(BaseModel):
    """An answer by one policy: in time or late, with the due dates that say so."""

    result: Kept
    due: dict[str, date]


class AnswerChangeOut(BaseModel):
    """An answer that is in time by one policy and late by the other."""

    reference: str
    stage: str
    sent_on: date
    then: SideOut
    under: SideOut


class ReplayOut(BaseModel):
    """A year's cases read again under another policy, side by side with how they were handled."""

    year: str
    pathway: str
    policy_version: str
    on: date
    cases: int
    answers: AnswersOut
    deadlines: list[DeadlineReplayOut]
    changes: list[AnswerChangeOut]


def _received_in(year: Year, pathway: str) -> Filters:
    return Filters("complaint", pathway=pathway, received_from=year.first, received_to=year.last)


def conformance_out(register: Register, asker: Asker, year: Year, pathway: str, on: date) -> ConformanceOut:
    """The checks of every case received in a year on a pathway, newest first, as they stand on a day.

    A case that is kept from whoever asks is counted in the sums, and not among the cases.
    """
    code = asker.authority
    calendar, book = authority(code).calendar, policy_book(code)
    items: list[CaseChecksOut] = []
    found: list[tuple[Check, ...]] = []
    for reference, case in cohort.cases(register, code, _received_in(year, pathway)):
        policy = book.in_force(pathway, case.received_on)
        checks = conformance.checks(case, policy, on, calendar)
        found.append(checks)
        items.append(
            CaseChecksOut(
                reference=reference,
                received_on=case.received_on,
                policy_version=policy.version,
                checks=[CheckOut(**_plain(check)) for check in checks],
            )
        )
    kept = _kept(register, asker, [item.reference for item in items])
    return ConformanceOut(
        year=year.label,
        pathway=pathway,
        on=on,
        cases=len(items),
        summary=[RuleSumOut(**_plain(rule)) for rule in conformance.summary(found)],
        items=[item for item in items if item.reference not in kept],
        next=None,
    )


def _kept(register: Register, asker: Asker, references: Sequence[str]) -> set[str]:
    if asker.internal:
        return set()
    with register.engine.connect() as connection:
        return restrictions.hidden(connection, asker.actor, asker.authority, references)


def replay_out(register: Register, asker: Asker, year: Year, policy: Policy, on: date) -> ReplayOut:
    """The cases received in a year on the policy's pathway, as they were handled and as they would have been under it.

    "In time" is by every response clock of the stage; reading changes nothing in the log. A case that is kept from
    whoever asks is counted, and not named among the changes.
    """
    code = asker.authority
    calendar = authority(code).calendar
    then: list[Case] = []
    under: list[Case] = []
    changes: list[AnswerChangeOut] = []
    sent = in_time_then = in_time_under = 0
    for reference, history in cohort.histories(register, code, _received_in(year, policy.pathway)):
        was, would_be = fold(history), replay.read_again(history, policy, calendar)
        if was is None or would_be is None:
            continue
        then.append(was)
        under.append(would_be)
        other = replay.answers(would_be, calendar)
        for stage, answer in replay.answers(was, calendar).items():
            sent += 1
            in_time_then += answer.in_time
            in_time_under += other[stage].in_time
            if answer.in_time != other[stage].in_time:
                changes.append(_change(reference, answer, other[stage]))
    kept = _kept(register, asker, [change.reference for change in changes])
    return ReplayOut(
        year=year.label,
        pathway=policy.pathway,
        policy_version=policy.version,
        on=on,
        cases=len(then),
        answers=AnswersOut(sent=sent, in_time_then=in_time_then, in_time_under=in_time_under),
        deadlines=_side_by_side(replay.tallies(then, on, calendar), replay.tallies(under, on, calendar)),
        changes=[change for change in changes if change.reference not in kept],
    )


def _change(reference: str, answer: Answer, other: Answer) -> AnswerChangeOut:
    return AnswerChangeOut(
        reference=reference, stage=answer.stage, sent_on=answer.sent_on, then=_side(answer), under=_side(other)
    )


def _side(answer: Answer) -> SideOut:
    due: dict[str, date] = {stands.name: stands.due_on for stands in answer.clocks}
    return SideOut(result="in_time" if answer.in_time else "late", due=due)


def _side_by_side(then: Mapping[str, Tally], under: Mapping[str, Tally]) -> list[DeadlineReplayOut]:
    return [
        DeadlineReplayOut(name=name, then=_tally(then.get(name)), under=_tally(under.get(name)))
        for name in sorted(then.keys() | under.keys())
    ]


def _tally(tally: Tally | None) -> TallyOut | None:
    return TallyOut(**_plain(tally)) if tally else None


def _plain(found: Check | Sum | Tally) -> dict[str, Any]:
    return asdict(found)
