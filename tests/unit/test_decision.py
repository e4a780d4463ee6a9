from datetime import date
from itertools import combinations_with_replacement

import pytest

from services.cases.course import outcome_of
from shared.events import Finding, Outcome, StageDecided
from tests.scenario import (
    ELSEWHERE,
    answer_on,
    breached,
    decide_on,
    escalate_on,
    given,
    received_on,
    recorded,
    rejected,
    reopen_on,
    status,
    withdraw_on,
)

ASC = "adult_social_care"
THREE = given(received_on("2026-11-02", "communication", "financial", "protection"), pathway=ASC)


@pytest.mark.parametrize(
    ("findings", "outcome"),
    [
        (("upheld", "upheld", "upheld"), "upheld"),
        (("not_upheld", "not_upheld", "not_upheld"), "not_upheld"),
        (("upheld", "upheld", "not_upheld"), "partially_upheld"),
        (("not_upheld", "not_upheld", "partially_upheld"), "partially_upheld"),
        (("upheld", "partially_upheld", "upheld"), "partially_upheld"),
        (("partially_upheld", "partially_upheld", "partially_upheld"), "partially_upheld"),
    ],
)
def test_an_outcome_is_what_the_findings_add_up_to(findings: tuple[Outcome, ...], outcome: Outcome) -> None:
    """SI 2009/309 reg 17(b): a record of each complaint's subject matter and outcome."""
    THREE.when(decide_on("2026-11-10", *findings, outcome=outcome)).then(
        recorded(StageDecided, outcome=outcome, stage="stage_1", decided_by="staff-1"), status("decided"), breached()
    )
    for other in {"upheld", "partially_upheld", "not_upheld"} - {outcome}:
        THREE.when(decide_on("2026-11-10", *findings, outcome=other)).then(
            rejected("outcome_contradicts_findings", "outcome")
        )


def test_every_mixture_of_findings_is_partially_upheld() -> None:
    outcomes: tuple[Outcome, ...] = ("upheld", "partially_upheld", "not_upheld")
    for mixture in combinations_with_replacement(outcomes, 4):
        expected = mixture[0] if len(set(mixture)) == 1 else "partially_upheld"
        assert outcome_of([Finding(1, found) for found in mixture]) == expected


@pytest.mark.parametrize("concerns", [(1, 2), (1, 2, 3, 4), (1, 2, 2), (1, 2, 4), (0, 1, 2), (2, 3, 4)])
def test_each_concern_has_one_finding(concerns: tuple[int, ...]) -> None:
    command = decide_on("2026-11-10").model_copy(update={"findings": tuple(Finding(n, "upheld") for n in concerns)})
    THREE.when(command).then(rejected("a_finding_for_each_concern", "findings"))


def test_findings_may_come_in_any_order() -> None:
    command = decide_on("2026-11-10").model_copy(update={"findings": tuple(Finding(n, "upheld") for n in (3, 1, 2))})
    THREE.when(command).then(status("decided"))


def test_nothing_but_receipt_and_a_route_need_precede_a_decision() -> None:
    story = given(received_on("2026-11-02"), pathway=ASC).when(decide_on("2026-11-02"))
    story.then(status("decided"), recorded(StageDecided, decided_on=date(2026, 11, 2)))
    assert story.case.outcome == "upheld"
    given(received_on("2026-11-02", service_area="other"), rules=ELSEWHERE).when(decide_on("2026-11-03")).then(
        rejected("not_routed")
    )


def test_a_decision_is_neither_before_receipt_nor_after_today() -> None:
    story = given(received_on("2026-11-02"), pathway=ASC)
    story.when(decide_on("2026-11-01")).then(rejected("before_receipt", "decided_on"))
    story.when(decide_on("2026-11-11"), today="2026-11-10").then(rejected("in_the_future", "decided_on"))


def test_a_stage_is_decided_once() -> None:
    story = given(received_on("2026-11-02"), pathway=ASC)
    story.when(decide_on("2026-11-10"), decide_on("2026-11-11")).then(rejected("stage_already_decided"))
    story.when(*answer_on("2026-11-10"), decide_on("2026-11-11")).then(rejected("already_answered"))


def test_a_stage_is_decided_anew_after_reopening() -> None:
    story = given(received_on("2026-11-02"), *answer_on("2026-11-10"), reopen_on("2026-12-01"), pathway=ASC)
    assert story.case.outcome is None
    story.when(decide_on("2026-11-30")).then(rejected("too_early", "decided_on"))
    decided = story.when(decide_on("2026-12-01", "not_upheld")).then(status("decided"))
    assert decided.case.outcome == "not_upheld"


def test_a_second_stage_is_not_decided_before_it_began() -> None:
    story = given(received_on("2026-11-02"), *answer_on("2026-11-10"), escalate_on("2026-11-20"), pathway="corporate")
    story.when(decide_on("2026-11-19", by="staff-9")).then(rejected("too_early", "decided_on"))
    second = story.when(decide_on("2026-11-20", "not_upheld", by="staff-9"))
    assert {name: state.outcome for name, state in second.case.stages.items()} == {
        "stage_1": "upheld",
        "stage_2": "not_upheld",
    }
    assert second.case.outcome == "not_upheld"


def test_an_ended_case_is_not_decided() -> None:
    given(received_on("2026-11-02"), withdraw_on("2026-11-05"), pathway=ASC).when(decide_on("2026-11-10")).then(
        rejected("case_ended")
    )
