"""Cases told as stories for tests of the rules: what was given, what someone does, and what is then so. Pure.

A story is read long after it happened: `today` is `LATER` unless a step says otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from services.cases import commands as do
from services.cases.case import Case, fold
from services.cases.checks import Rules
from services.cases.decide import decide, receive
from shared import deadlines
from shared.authority import authority
from shared.clock import noon
from shared.deadlines import Standing
from shared.errors import Rejected
from shared.events import CaseEvent, Outcome
from shared.policy import policy_book

LATER = date(2032, 12, 31)
COVENTRY = Rules(authority("COV"), policy_book("COV"))
ELSEWHERE = Rules(authority("XYZ"), policy_book("XYZ"))  # the default lists; its "other" area has no pathway


@dataclass(frozen=True)
class Scenario:
    """A case's history so far, with what the last command recorded, or why it was refused."""

    rules: Rules
    history: tuple[CaseEvent, ...]
    recorded: tuple[CaseEvent, ...] = field(default=())
    refusal: Rejected | None = None

    @property
    def case(self) -> Case:
        """The case as it stands; a refusal that no test expects is raised here."""
        if self.refusal:
            raise self.refusal
        case = fold(self.history)
        assert case is not None
        return case

    def when(self, *commands: do.CaseCommand, today: date | str = LATER) -> "Scenario":
        """The story goes on; every command but the last must be possible."""
        story = self
        for command in commands:
            case = story.case
            try:
                found = tuple(decide(case, command, self.rules, _day(today)))
            except Rejected as refusal:
                story = replace(story, recorded=(), refusal=refusal)
            else:
                story = replace(story, history=(*story.history, *found), recorded=found)
        return story

    def then(self, *expected: "Expectation") -> "Scenario":
        """Each of these is so."""
        for expectation in expected:
            expectation(self)
        return self

    def standing(self, name: str, on: date | str = LATER) -> Standing:
        """How a deadline stands on a day."""
        return deadlines.standing(self.case.clocks[name], _day(on), self.rules.calendar)


Expectation = Callable[[Scenario], None]


def given(
    receipt: do.Receive, *before: do.CaseCommand, pathway: str | None = None, rules: Rules = COVENTRY
) -> Scenario:
    """A representation came in, and this happened since."""
    came = receipt.model_copy(update={"pathway": pathway}) if pathway else receipt
    assert came.received_at
    events = tuple(receive(came, (), rules, came.received_at))
    return Scenario(rules, events, events).when(*before)


def _day(day: date | str) -> date:
    return date.fromisoformat(day) if isinstance(day, str) else day


# --- what happens ---------------------------------------------------------------------------------------------------


def received_on(day: date | str, *categories: str, **more: Any) -> do.ReceiveComplaint:
    """A complaint came in at noon, with a concern of each category."""
    return received_at(noon(_day(day)), *categories, **more)


def received_at(instant: datetime | str, *categories: str, **more: Any) -> do.ReceiveComplaint:
    concerns = [{"category": category} for category in categories or ("communication",)]
    body = {"channel": "email", "service_area": "older_people", "complainant": {"name": "A"}, "concerns": concerns}
    return do.ReceiveComplaint.model_validate({**body, "received_at": instant, **more})


def acknowledge_on(day: str, **more: Any) -> do.AcknowledgeComplaint:
    return do.AcknowledgeComplaint(**{"acknowledged_on": day, "method": "letter", "discussion_offered": True, **more})


def decide_on(day: str, *findings: Outcome, by: str = "staff-1", outcome: Outcome | None = None) -> do.DecideStage:
    """An outcome of one finding, or of as many as the outcome is named for."""
    numbered = [{"concern": number, "outcome": found} for number, found in enumerate(findings or ("upheld",), 1)]
    outcome = outcome or (findings[0] if findings else "upheld")
    return do.DecideStage.model_validate(
        {"decided_on": day, "outcome": outcome, "decided_by": by, "findings": numbered}
    )


def respond_on(day: str, *, right: bool = True) -> do.SendResponse:
    return do.SendResponse(sent_on=day, signed_by="staff-2", ombudsman_right_given=right)


def answer_on(day: str, *, by: str = "staff-1") -> tuple[do.DecideStage, do.SendResponse]:
    """Decided and sent on one day."""
    return decide_on(day, by=by), respond_on(day)


def agree_period(due_on: str, on: str, **more: Any) -> do.SetResponsePeriod:
    return do.SetResponsePeriod(**{"due_on": due_on, "set_on": on, "agreed": True, **more})


def extend_to(due_on: str, on: str, **more: Any) -> do.ExtendDeadline:
    body = {"new_due_on": due_on, "extended_on": on, "reason": "complexity", "agreed_with_complainant": True}
    return do.ExtendDeadline(**{**body, **more})


def escalate_on(day: str, **more: Any) -> do.EscalateCase:
    return do.EscalateCase(requested_on=day, **more)


def agree_statement_on(day: str) -> do.AgreeStatement:
    return do.AgreeStatement(agreed_on=day)


def hold_panel_on(day: str) -> do.HoldPanel:
    return do.HoldPanel(held_on=day)


def report_panel_on(day: str) -> do.ReportPanel:
    return do.ReportPanel(reported_on=day)


def pause_on(day: str, reason: str = "advocate_awaited") -> do.PauseClock:
    return do.PauseClock(paused_on=day, reason=reason)


def resume_on(day: str) -> do.ResumeClock:
    return do.ResumeClock(resumed_on=day)


def withdraw_on(day: str, **more: Any) -> do.WithdrawCase:
    return do.WithdrawCase(withdrawn_on=day, **more)


def close_on(day: str) -> do.CloseCase:
    return do.CloseCase(closed_on=day)


def reopen_on(day: str, reason: str = "new_evidence") -> do.ReopenCase:
    return do.ReopenCase(reopened_on=day, reason=reason)


def settle_on(day: str, *, satisfied: bool = True) -> do.ResolveInformally:
    return do.ResolveInformally(resolved_on=day, satisfied=satisfied)


def route_to(pathway: str, on: str, reason: str = "wrongly_routed") -> do.RouteCase:
    return do.RouteCase(pathway=pathway, routed_on=on, reason=reason)


# --- what is then so ------------------------------------------------------------------------------------------------


def due(name: str, on: str) -> Expectation:
    """The deadline is on that day."""

    def holds(story: Scenario) -> None:
        found = story.standing(name).due_on
        assert found == _day(on), found

    return holds


def in_time(name: str) -> Expectation:
    """The clock was met, and its rule is not breached."""

    def holds(story: Scenario) -> None:
        clock, standing = story.case.clocks[name], story.standing(name)
        assert clock.met_on, clock
        assert (standing.state, standing.days_late) == ("met", 0), standing
        assert clock.deadline.rule not in [breach.rule for breach in story.case.breaches], story.case.breaches

    return holds


def late(name: str, days: int) -> Expectation:
    """The clock was met that late, and the command recorded the breach of its rule."""

    def holds(story: Scenario) -> None:
        clock, standing = story.case.clocks[name], story.standing(name)
        assert clock.met_on, clock
        assert (standing.state, standing.days_late) == ("missed", days), standing
        assert clock.deadline.rule in _breaches(story), _breaches(story)

    return holds


def breached(*rules: str) -> Expectation:
    """The last command broke these rules and no others."""

    def holds(story: Scenario) -> None:
        assert story.refusal is None, story.refusal
        assert _breaches(story) == sorted(rules), _breaches(story)

    return holds


def recorded(kind: type[CaseEvent], **fields: object) -> Expectation:
    """The last command recorded one such event, with these fields among its own."""

    def holds(story: Scenario) -> None:
        assert story.refusal is None, story.refusal
        (event,) = story.recorded
        assert type(event) is kind, event
        assert {name: getattr(event, name) for name in fields} == fields, event

    return holds


def status(expected: str) -> Expectation:
    def holds(story: Scenario) -> None:
        assert story.case.status == expected, story.case.status

    return holds


def rejected(rule: str, field: str | None = None) -> Expectation:
    """The last command was impossible, for this reason, and recorded nothing."""

    def holds(story: Scenario) -> None:
        assert story.refusal is not None, f"it was recorded: {story.recorded}"
        assert (story.refusal.rule, story.refusal.field) == (rule, field), story.refusal

    return holds


def _breaches(story: Scenario) -> list[str]:
    return sorted(breach.rule for event in story.recorded for breach in getattr(event, "breaches", ()))
