"""How a case ends without an answer, is closed, and is taken up again."""

from datetime import date

from services.cases import commands as do
from services.cases.case import Case
from services.cases.checks import Rules, not_after, not_before, not_decided, policy_of, still_open, when
from shared import deadlines, events
from shared.errors import Rejected
from shared.events import CaseEvent


def refuse(case: Case, command: do.RefuseCase, rules: Rules, today: date) -> list[CaseEvent]:
    """The complainant must be told the decision and its reason in writing (SI 2009/309 reg 8(2))."""
    still_open(case)
    not_decided(case)
    refused_on = when(command.refused_on, case, today, "refused_on")
    rules.authority.codes.check("refusal_grounds", command.ground, refused_on, "ground")
    not_after(command.notified_on, today, "notified_on", "today")
    not_before(command.notified_on, refused_on, "notified_on", "the refusal")
    breaches = () if command.notified_on or not case.pathway else policy_of(case, rules).duty("refusal_notified")
    return [
        events.CaseRefused(
            refused_on=refused_on, ground=command.ground, notified_on=command.notified_on, breaches=breaches
        )
    ]


def resolve_informally(case: Case, command: do.ResolveInformally, rules: Rules, today: date) -> list[CaseEvent]:
    """Made orally, to the complainant's satisfaction, by the end of the next working day: all three take it out of the
    statutory count, and nothing less does (SI 2009/309 reg 8(1)(c)).
    """  # noqa: D205 - one sentence
    still_open(case)
    not_decided(case)
    resolved_on = when(command.resolved_on, case, today, "resolved_on")
    calendar = deadlines.statutory(rules.calendar)
    latest_on = calendar.next(case.received_on)
    return [
        events.ResolvedInformally(
            resolved_on=resolved_on,
            made_orally=case.made_orally,
            satisfied=command.satisfied,
            latest_on=latest_on,
            outside_statutory_count=case.made_orally and command.satisfied and resolved_on <= latest_on,
            calendar=calendar.version,
        )
    ]


def withdraw(case: Case, command: do.WithdrawCase, rules: Rules, today: date) -> list[CaseEvent]:
    """A complaint can be withdrawn until it is answered."""
    still_open(case)
    if case.current and case.current.responded_on:
        raise Rejected("already_answered", f"{case.stage} was answered on {case.current.responded_on}")
    withdrawn_on = when(command.withdrawn_on, case, today, "withdrawn_on")
    rules.authority.codes.check("withdrawal_reasons", command.reason, withdrawn_on, "reason")
    return [events.CaseWithdrawn(withdrawn_on=withdrawn_on, reason=command.reason)]


def transfer(case: Case, command: do.TransferCase, today: date) -> list[CaseEvent]:
    """A complaint sent to another body is deemed made to it (SI 2009/309 reg 6(5))."""
    still_open(case)
    not_decided(case)
    return [
        events.CaseTransferred(
            transferred_on=when(command.transferred_on, case, today, "transferred_on"), to=command.to
        )
    ]


def close(case: Case, command: do.CloseCase, today: date) -> list[CaseEvent]:
    """A case is closed once it is answered or has ended otherwise; its remedies may still be open."""
    if case.closed_on:
        raise Rejected("already_closed", f"the case was closed on {case.closed_on}")
    answered = case.current.responded_on if case.current else None
    if not case.ending and not answered:
        raise Rejected("not_answered", "the case has not been answered, withdrawn, refused, resolved or transferred")
    closed_on = when(command.closed_on, case, today, "closed_on")
    not_before(closed_on, answered or (case.ending.on if case.ending else None), "closed_on", "the case's end")
    return [events.CaseClosed(closed_on=closed_on)]


def reopen(case: Case, command: do.ReopenCase, rules: Rules, today: date) -> list[CaseEvent]:
    """An answered or ended case is taken up again at its last stage, to be decided anew."""
    answered = case.current.responded_on if case.current else None
    ended_on = case.closed_on or (case.ending.on if case.ending else answered)
    if ended_on is None:
        raise Rejected("still_open", f"the case is {case.status}")
    reopened_on = when(command.reopened_on, case, today, "reopened_on")
    not_before(reopened_on, ended_on, "reopened_on", "the case's end")
    rules.authority.codes.check("reopening_reasons", command.reason, reopened_on, "reason")
    return [events.CaseReopened(reopened_on=reopened_on, reason=command.reason)]
