"""Sums, days and quarters of the ledgers: what needs no database."""

from datetime import date

import pytest

from services.cases.learning_list import rows
from services.cases.quality import ConcernSum, Quarter, before_visit, concerns
from services.cases.remedy_list import Sum, days_late, summed
from shared.errors import Rejected
from shared.year import Year
from tests.scenario import COVENTRY, Scenario, answer_on, decide_on, escalate_on, given, received_on, reopen_on
from tests.unit.test_remedies_and_learning import finish_on, lesson_on

DUE = date(2026, 12, 11)


def test_a_remedy_is_in_time_through_its_due_date_and_a_day_late_on_the_next() -> None:
    assert [days_late(DUE, None, date(2026, 12, day)) for day in (10, 11, 12, 14)] == [0, 0, 1, 3]
    assert [days_late(DUE, date(2026, 12, day), date(2027, 1, 31)) for day in (10, 11, 12)] == [0, 0, 1]


def test_a_completion_after_the_day_asked_for_is_not_known_on_it() -> None:
    assert days_late(DUE, date(2026, 12, 20), date(2026, 12, 14)) == 3
    assert days_late(None, date(2026, 12, 20), date(2027, 12, 14)) == 0


def test_sums_are_by_the_year_agreed_and_the_type() -> None:
    assert summed(
        [
            (date(2026, 3, 31), "financial", "done", 1, 25_000),
            (date(2026, 4, 1), "financial", "overdue", 2, 50_000),
            (date(2026, 4, 1), "financial", "due", 1, 100),
            (date(2027, 3, 31), "financial", "done", 1, 5),
            (date(2026, 4, 1), "apology", "agreed", 3, 0),
        ]
    ) == [
        Sum("2025-26", "financial", 1, 1, 0, 25_000),
        Sum("2026-27", "apology", 3, 0, 0, 0),
        Sum("2026-27", "financial", 4, 1, 2, 50_105),
    ]


@pytest.mark.parametrize(
    ("number", "first", "last"),
    [
        (1, date(2023, 4, 1), date(2023, 6, 30)),
        (2, date(2023, 7, 1), date(2023, 9, 30)),
        (3, date(2023, 10, 1), date(2023, 12, 31)),
        (4, date(2024, 1, 1), date(2024, 3, 31)),
    ],
)
def test_the_quarters_of_a_year_follow_on_one_another(number: int, first: date, last: date) -> None:
    assert Year.of("2023-24").quarter(number) == (first, last)


def test_a_quarter_is_judged_today_while_it_runs_and_on_its_last_day_ever_after() -> None:
    assert Quarter.begun("2026-27", 3, date(2026, 11, 20)).on == date(2026, 11, 20)
    assert Quarter.begun("2026-27", 3, date(2026, 12, 31)).on == date(2026, 12, 31)
    assert Quarter.begun("2026-27", 3, date(2027, 1, 1)).on == date(2026, 12, 31)
    assert Quarter.begun("2026-27", 4, date(2027, 1, 1)).begins_on == date(2027, 1, 1)


def test_a_quarter_that_has_not_begun_has_no_list() -> None:
    with pytest.raises(Rejected, match="quarter_not_begun"):
        Quarter.begun("2026-27", 4, date(2026, 12, 31))


@pytest.mark.parametrize(
    ("on", "first"),
    [
        (date(2026, 11, 20), date(2026, 5, 21)),
        (date(2026, 8, 31), date(2026, 3, 1)),
        (date(2028, 8, 31), date(2028, 3, 1)),
        (date(2027, 2, 28), date(2026, 8, 29)),
    ],
)
def test_six_months_end_with_the_day_of_the_visit(on: date, first: date) -> None:
    assert before_visit(on) == first


def test_concerns_are_summed_by_category_with_what_was_found() -> None:
    decided = given(received_on("2026-11-02", "communication", "financial"), pathway="adult_social_care").when(
        decide_on("2026-11-10", "upheld", "not_upheld", outcome="partially_upheld")
    )
    awaited = given(received_on("2026-11-02", "communication"), pathway="adult_social_care")
    assert concerns([decided.case, awaited.case], COVENTRY.authority.codes, date(2026, 11, 20)) == [
        ConcernSum("communication", "Communication", 2, 1, 0, 0, 1),
        ConcernSum("financial", "Financial issues", 1, 0, 0, 1, 0),
    ]


# --- the form of a decided complaint ----------------------------------------------------------------------------------

OPEN = given(received_on("2026-11-02"), pathway="corporate")


def lines(story: Scenario) -> list[tuple[int, str | None, date, str | None]]:
    return [
        (row["number"], row["lesson"], row["listed_on"], row["outcome"])
        for write in rows(story.case)
        for row in write.rows
    ]


def test_a_complaint_that_is_not_decided_is_owed_no_form() -> None:
    assert lines(OPEN) == []


@pytest.mark.parametrize("outcome", ["upheld", "not_upheld"])
def test_a_decided_complaint_has_a_form_or_is_missing_it_whatever_its_outcome(outcome: str) -> None:
    decided = OPEN.when(decide_on("2026-11-10", outcome))  # type: ignore[arg-type]
    assert lines(decided) == [(1, None, date(2026, 11, 10), outcome)]
    recorded = decided.when(lesson_on("2026-11-12"), lesson_on("2026-11-13"))
    assert [line[:3] for line in lines(recorded)] == [
        (1, "Calls were not logged.", date(2026, 11, 12)),
        (2, "Calls were not logged.", date(2026, 11, 13)),
    ]


def test_a_lesson_before_the_decision_is_the_forms_first_line() -> None:
    story = OPEN.when(lesson_on("2026-11-05"), decide_on("2026-11-10"), finish_on("2026-11-11"))
    assert lines(story) == [(1, "Calls were not logged.", date(2026, 11, 5), "upheld")]


def test_the_form_stays_owed_when_the_complaint_goes_on_and_by_its_last_decision() -> None:
    answered = OPEN.when(*answer_on("2026-11-10"))
    assert lines(answered.when(reopen_on("2026-11-12"))) == [(1, None, date(2026, 11, 10), None)]
    second = answered.when(escalate_on("2026-11-12"))
    assert lines(second) == [(1, None, date(2026, 11, 10), "upheld")]
    assert lines(second.when(decide_on("2026-12-01", "not_upheld"))) == [(1, None, date(2026, 12, 1), "not_upheld")]
