from datetime import date

import pytest

from services.cases import commands as do
from services.cases.case import Learning, Remedy
from shared.events import LearningCompleted, LearningRecorded, RemedyAgreed, RemedyCompleted
from tests.scenario import answer_on, close_on, given, received_on, recorded, rejected, withdraw_on

OPEN = given(received_on("2026-11-02"), pathway="adult_social_care")


def remedy_on(day: str, kind: str = "apology", pence: int | None = None, due_on: str | None = None) -> do.AgreeRemedy:
    return do.AgreeRemedy.model_validate({"type": kind, "agreed_on": day, "amount_pence": pence, "due_on": due_on})


def carry_out_on(day: str, number: int = 1) -> do.CompleteRemedy:
    return do.CompleteRemedy.model_validate({"number": number, "completed_on": day})


def lesson_on(day: str | None = "2026-11-10", **more: str) -> do.RecordLearning:
    return do.RecordLearning.model_validate({"lesson": "Calls were not logged.", "recorded_on": day, **more})


def finish_on(day: str, number: int = 1) -> do.CompleteLearning:
    return do.CompleteLearning.model_validate({"number": number, "completed_on": day})


# --- remedies -------------------------------------------------------------------------------------------------------


def test_remedies_are_numbered_as_they_are_agreed_and_each_is_carried_out() -> None:
    story = OPEN.when(remedy_on("2026-11-10"), remedy_on("2026-11-11", "financial", 25000, "2026-12-11"))
    story.then(recorded(RemedyAgreed, remedy=2, type="financial", amount_pence=25000, due_on=date(2026, 12, 11)))
    done = story.when(carry_out_on("2026-12-18", 2)).then(recorded(RemedyCompleted, remedy=2))
    assert done.case.remedies == (
        Remedy(1, "apology", date(2026, 11, 10), None, None),
        Remedy(2, "financial", date(2026, 11, 11), 25000, date(2026, 12, 11), date(2026, 12, 18)),
    )


@pytest.mark.parametrize("kind", ["financial", "charges_refund"])
def test_money_has_an_amount(kind: str) -> None:
    OPEN.when(remedy_on("2026-11-10", kind)).then(rejected("amount_needed", "amount_pence"))
    OPEN.when(remedy_on("2026-11-10", kind, 1_217_069)).then(recorded(RemedyAgreed, amount_pence=1_217_069))


@pytest.mark.parametrize("kind", ["apology", "service_provided", "practice_changed"])
def test_nothing_but_money_has_an_amount(kind: str) -> None:
    OPEN.when(remedy_on("2026-11-10", kind, 100)).then(rejected("no_payment", "amount_pence"))
    OPEN.when(remedy_on("2026-11-10", kind)).then(recorded(RemedyAgreed, type=kind, amount_pence=None))


def test_the_evidence_of_a_remedy_is_kept_with_it_and_with_no_other() -> None:
    agreed = OPEN.when(remedy_on("2026-11-10"), remedy_on("2026-11-10", "service_provided"))
    done = do.CompleteRemedy.model_validate({"number": 2, "completed_on": "2026-11-12", "evidence": "visit_note"})
    story = agreed.when(done).then(recorded(RemedyCompleted, remedy=2, evidence="visit_note"))
    assert [remedy.evidence for remedy in story.case.remedies] == [None, "visit_note"]


def test_remedies_outlive_the_case() -> None:
    closed = OPEN.when(*answer_on("2026-11-10"), close_on("2026-11-11"))
    closed.when(remedy_on("2026-11-12"), carry_out_on("2026-11-13")).then(recorded(RemedyCompleted))
    OPEN.when(withdraw_on("2026-11-10"), remedy_on("2026-11-12")).then(recorded(RemedyAgreed))


def test_remedies_that_cannot_be() -> None:
    OPEN.when(remedy_on("2026-11-10", "flowers")).then(rejected("unknown_code", "type"))
    OPEN.when(remedy_on("2026-11-01")).then(rejected("before_receipt", "agreed_on"))
    OPEN.when(remedy_on("2026-11-11"), today="2026-11-10").then(rejected("in_the_future", "agreed_on"))
    OPEN.when(remedy_on("2026-11-10", due_on="2026-11-09")).then(rejected("too_early", "due_on"))


def test_a_remedy_is_carried_out_once_and_not_before_it_was_agreed() -> None:
    agreed = OPEN.when(remedy_on("2026-11-10"))
    agreed.when(carry_out_on("2026-11-09")).then(rejected("too_early", "completed_on"))
    agreed.when(carry_out_on("2026-11-12"), today="2026-11-11").then(rejected("in_the_future", "completed_on"))
    agreed.when(carry_out_on("2026-11-10"), carry_out_on("2026-11-11")).then(rejected("already_completed"))


@pytest.mark.parametrize("number", [0, 2, -1])
def test_a_remedy_of_another_number_is_unknown(number: int) -> None:
    OPEN.when(remedy_on("2026-11-10"), carry_out_on("2026-11-11", number)).then(rejected("unknown_number", "number"))


# --- learning -------------------------------------------------------------------------------------------------------


def test_a_lesson_has_an_action_an_owner_and_a_date() -> None:
    """SI 2009/309 reg 18: the annual report summarises the action taken, or to be taken, to improve services."""
    story = OPEN.when(lesson_on(action="Log each call.", owner="staff-4", due_on="2026-12-10"))
    story.then(recorded(LearningRecorded, learning=1, lesson="Calls were not logged.", owner="staff-4"))
    done = story.when(finish_on("2026-12-01")).then(recorded(LearningCompleted, learning=1))
    assert done.case.learning == (
        Learning(
            number=1,
            lesson="Calls were not logged.",
            action="Log each call.",
            owner="staff-4",
            due_on=date(2026, 12, 10),
            recorded_on=date(2026, 11, 10),
            completed_on=date(2026, 12, 1),
        ),
    )


def test_a_line_of_the_form_says_what_was_found_and_what_kind_of_change_follows() -> None:
    story = OPEN.when(lesson_on(found="Two calls went unanswered.", type="procedure"))
    story.then(recorded(LearningRecorded, found="Two calls went unanswered.", type="procedure"))
    assert (story.case.learning[0].found, story.case.learning[0].type) == ("Two calls went unanswered.", "procedure")
    OPEN.when(lesson_on(type="magic")).then(rejected("unknown_code", "type"))


def test_a_lesson_is_learnt_from_a_closed_case_too_and_today_unless_a_day_is_given() -> None:
    closed = OPEN.when(*answer_on("2026-11-10"), close_on("2026-11-11"))
    closed.when(lesson_on(None), today="2026-12-01").then(recorded(LearningRecorded, recorded_on=date(2026, 12, 1)))


def test_learning_that_cannot_be() -> None:
    OPEN.when(lesson_on("2026-11-01")).then(rejected("before_receipt", "recorded_on"))
    OPEN.when(lesson_on("2026-11-11"), today="2026-11-10").then(rejected("in_the_future", "recorded_on"))
    OPEN.when(lesson_on(), finish_on("2026-11-11", 2)).then(rejected("unknown_number", "number"))
    OPEN.when(lesson_on(), finish_on("2026-11-12"), today="2026-11-11").then(rejected("in_the_future", "completed_on"))
    OPEN.when(lesson_on(), finish_on("2026-11-11"), finish_on("2026-11-12")).then(rejected("already_completed"))
