"""Remedies and lessons: they may outlive the case."""

from datetime import date

from services.cases import commands as do
from services.cases.case import Case
from services.cases.checks import Rules, not_before, numbered, when
from shared import events
from shared.errors import Rejected
from shared.events import CaseEvent
from shared.payments import check_amount


def agree_remedy(case: Case, command: do.AgreeRemedy, rules: Rules, today: date) -> list[CaseEvent]:
    """A remedy outlives the case's closing; money has an amount, and nothing else has."""
    agreed_on = when(command.agreed_on, case, today, "agreed_on")
    rules.authority.codes.check("remedies", command.type, agreed_on, "type")
    not_before(command.due_on, agreed_on, "due_on", "the remedy was agreed")
    check_amount(command.type, command.amount_pence)
    return [
        events.RemedyAgreed(
            agreed_on=agreed_on,
            remedy=len(case.remedies) + 1,
            type=command.type,
            amount_pence=command.amount_pence,
            due_on=command.due_on,
        )
    ]


def complete_remedy(case: Case, command: do.CompleteRemedy, today: date) -> list[CaseEvent]:
    """A remedy is carried out once, and not before it was agreed."""
    remedy = numbered(case.remedies, command.number, "remedy")
    if remedy.completed_on:
        raise Rejected("already_completed", f"remedy {command.number} was completed on {remedy.completed_on}")
    completed_on = when(command.completed_on, case, today, "completed_on")
    not_before(completed_on, remedy.agreed_on, "completed_on", "the remedy was agreed")
    return [events.RemedyCompleted(completed_on=completed_on, remedy=command.number, evidence=command.evidence)]


def record_learning(case: Case, command: do.RecordLearning, rules: Rules, today: date) -> list[CaseEvent]:
    """Lessons may be recorded at any time after receipt, also when the case is closed."""
    recorded_on = when(command.recorded_on, case, today, "recorded_on")
    rules.authority.codes.check("learning_types", command.type, recorded_on, "type")
    return [
        events.LearningRecorded(
            recorded_on=recorded_on,
            learning=len(case.learning) + 1,
            lesson=command.lesson,
            action=command.action,
            owner=command.owner,
            due_on=command.due_on,
            found=command.found,
            type=command.type,
        )
    ]


def complete_learning(case: Case, command: do.CompleteLearning, today: date) -> list[CaseEvent]:
    """An action is done once."""
    learning = numbered(case.learning, command.number, "learning")
    if learning.completed_on:
        raise Rejected("already_completed", f"learning {command.number} was completed on {learning.completed_on}")
    completed_on = when(command.completed_on, case, today, "completed_on")
    return [events.LearningCompleted(completed_on=completed_on, learning=command.number)]
