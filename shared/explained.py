"""Deadlines as they are answered over HTTP and on the command line: how each stands, and how it came about."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel

from shared import deadlines
from shared.authority import authority
from shared.calendar import Calendar
from shared.citations import Citations
from shared.deadlines import Clock, RagColour
from shared.policy import Policy


class DeadlineOut(BaseModel):
    """How a deadline stands; `days_late` in working days for a rule in working days, else in calendar days."""

    name: str
    due_on: date
    told_on: date | None
    state: Literal["due", "met", "missed"]
    days_late: int
    provisional: bool


class AnchorOut(BaseModel):
    """The fact that started the clock."""

    event: str
    on: date


class RuleOut(BaseModel):
    """The rule that set the date; `value` and `unit` are null where the date is stated for each case."""

    id: str
    value: int | None
    unit: str | None
    source: str | None
    kind: str | None
    policy_version: str


class SkippedOut(BaseModel):
    """A day that does not count, and why."""

    date: date
    reason: str


class ExtensionOut(BaseModel):
    """One moving of the date."""

    extended_on: date
    before: date
    after: date
    reason: str
    agreed_with_complainant: bool


class PauseOut(BaseModel):
    """A time during which the clock stood still."""

    paused_on: date
    resumed_on: date | None
    reason: str


class ReviewOut(BaseModel):
    """One counting anew in a newer calendar."""

    reviewed_on: date
    before: date
    after: date
    calendar: str


class RagOut(BaseModel):
    """The colour of a deadline that the council still has to keep, and the rule that gives it."""

    colour: RagColour
    amber_working_days: int
    source: str


class ExplainedDeadlineOut(DeadlineOut):
    """A deadline with how it came about.

    The days after its anchor, less those skipped, lead to the date as set, or as last reviewed; extensions and pauses
    move it from there. `calendar_version` is the calendar that it was counted in.
    """

    anchor: AnchorOut
    rule: RuleOut
    skipped: list[SkippedOut]
    extensions: list[ExtensionOut]
    pauses: list[PauseOut]
    reviews: list[ReviewOut]
    ended_by: str | None
    rag: RagOut | None
    calendar_version: str


def explained_deadlines(
    authority_code: str, clocks: Mapping[str, Clock], on: date, citations: Citations
) -> list[ExplainedDeadlineOut]:
    """Every deadline as it stands on a day, with how it came about."""
    in_force = authority(authority_code).calendar
    return [
        _explained(
            clock,
            on,
            citations.policy(authority_code, clock.set.policy),
            citations.calendar(authority_code, clock.deadline.calendar),
            in_force,
        )
        for clock in clocks.values()
    ]


@lru_cache(4096)  # the cases of a day and a pathway have the same clocks, and an explanation is most of an answer
def _explained(
    clock: Clock, on: date, policy: Policy | None, calendar: Calendar, in_force: Calendar
) -> ExplainedDeadlineOut:
    standing = deadlines.standing(clock, on, calendar)
    why = deadlines.explain(clock, policy, calendar)
    return ExplainedDeadlineOut(
        **_fields(standing, DeadlineOut),
        anchor=AnchorOut(event=why.anchor, on=why.anchor_on),
        rule=RuleOut(
            id=why.rule_id,
            value=why.rule.value if why.rule else None,
            unit=why.rule.unit if why.rule and why.rule.value is not None else None,
            source=why.rule.source if why.rule else None,
            kind=why.rule.kind if why.rule else None,
            policy_version=why.policy,
        ),
        skipped=[SkippedOut(date=skip.date, reason=skip.reason) for skip in why.skipped],
        extensions=[ExtensionOut(**_fields(extension, ExtensionOut)) for extension in why.extensions],
        pauses=[PauseOut(**_fields(pause, PauseOut)) for pause in why.pauses],
        reviews=[ReviewOut(**_fields(review, ReviewOut)) for review in why.reviews],
        ended_by=why.ended_by,
        rag=_rag_out(clock, on, policy, in_force),
        calendar_version=why.calendar,
    )


def _rag_out(clock: Clock, on: date, policy: Policy | None, calendar: Calendar) -> RagOut | None:
    colour = deadlines.rag((clock,), on, policy, calendar) if policy else None
    if policy is None or colour is None:
        return None
    return RagOut(colour=colour, amber_working_days=policy.rag.amber_working_days, source=policy.rag.source)


def _fields(source: object, target: type[BaseModel]) -> dict[str, Any]:
    names: Sequence[str] = [name for name in target.model_fields if hasattr(source, name)]
    return {name: getattr(source, name) for name in names}
