"""Kept times: each table on the last day in time and on the day after."""

from collections.abc import Mapping
from datetime import date

import pytest

from services.cases import commands as do
from services.reporting import timeliness
from services.reporting.figures import Table
from services.reporting.scope import Scope
from services.reporting.standing import STANDINGS
from shared.deadlines import judged
from shared.events import ResponsePeriodSet
from shared.year import Period, Quarter, Year
from tests.histories import folded
from tests.scenario import (
    COVENTRY,
    Scenario,
    acknowledge_on,
    agree_period,
    answer_on,
    escalate_on,
    extend_to,
    given,
    pause_on,
    received_on,
    reopen_on,
    resume_on,
    settle_on,
    withdraw_on,
)

ASC, CHILDREN, CORPORATE = "adult_social_care", "children", "corporate"
YEAR = Year.of("2025-26")
STAGE_1 = "corporate, stage 1: stage 1 (guidance)"


def scope(as_at: str, *stories: Scenario, period: Period = YEAR) -> Scope:
    """What is known of cases A, B, ... on a day; the stories tell of nothing later."""
    told = [
        (reference, event) for reference, story in zip("ABCDEFGH", stories, strict=False) for event in story.history
    ]
    own = COVENTRY.authority
    return Scope(folded(told), period, date.fromisoformat(as_at), own.codes, own.calendar)


def line(table: Table, row: str) -> Mapping[str, object]:
    assert table.balanced
    return {cell.column: cell.value for cell in table.cells if cell.row == row and cell.value}


def rows(table: Table) -> Mapping[str, object]:
    assert table.balanced
    return {cell.row: cell.value for cell in table.cells if cell.value}


def stands(story: Scenario, as_at: str, row: str = STAGE_1) -> str:
    """The one column that the clock is counted in."""
    table = timeliness.compliance(scope(as_at, story))
    (how,) = line(table, row).keys() - {"deadlines"}
    assert line(table, row)["deadlines"] == 1
    return str(how)


OPEN = given(received_on("2025-11-11"), pathway=CORPORATE)
"""Ten working days: its last day is 25 November 2025."""


@pytest.mark.parametrize(
    ("story", "as_at", "expected"),
    [
        (OPEN, "2025-11-25", "running, in time"),
        (OPEN, "2025-11-26", "running, overdue"),
        (OPEN.when(*answer_on("2025-11-25")), "2026-01-05", "within time"),
        (OPEN.when(*answer_on("2025-11-26")), "2026-01-05", "late"),
        (OPEN.when(extend_to("2025-12-09", "2025-11-20"), *answer_on("2025-11-25")), "2026-01-05", "within time"),
        (
            OPEN.when(extend_to("2025-12-09", "2025-11-20"), *answer_on("2025-11-26")),
            "2026-01-05",
            "within extended time",
        ),
        (
            OPEN.when(extend_to("2025-12-09", "2025-11-20"), *answer_on("2025-12-09")),
            "2026-01-05",
            "within extended time",
        ),
        (OPEN.when(extend_to("2025-12-09", "2025-11-20"), *answer_on("2025-12-10")), "2026-01-05", "late"),
        (OPEN.when(extend_to("2025-12-09", "2025-11-20")), "2025-12-09", "running, in time"),
        (OPEN.when(extend_to("2025-12-09", "2025-11-20")), "2025-12-10", "running, overdue"),
        (
            OPEN.when(extend_to("2025-12-09", "2025-11-25"), *answer_on("2025-12-01")),
            "2026-01-05",
            "within extended time",
        ),
        (OPEN.when(extend_to("2025-12-09", "2025-11-26"), *answer_on("2025-12-01")), "2026-01-05", "late"),
        (OPEN.when(withdraw_on("2025-11-25")), "2026-01-05", "not called for"),
        (OPEN.when(withdraw_on("2025-11-26")), "2026-01-05", "late"),
        (OPEN.when(escalate_on("2025-11-26")), "2026-01-05", "late"),
    ],
)
def test_a_deadline_is_counted_by_how_it_stands(story: Scenario, as_at: str, expected: str) -> None:
    assert stands(story, as_at) == expected


def test_a_clock_that_stands_still_is_not_overdue_and_is_later_by_that_time() -> None:
    row = "children, stage 1: stage 1 (law)"
    paused = given(received_on("2025-11-11"), pause_on("2025-11-24"), pathway=CHILDREN)
    assert stands(paused, "2025-12-31", row) == "running, in time"
    again = paused.when(resume_on("2025-12-01"))
    assert stands(again, "2025-12-02", row) == "running, in time"
    assert stands(again, "2025-12-03", row) == "running, overdue"


def test_a_clock_put_off_while_it_stands_still_is_not_late_for_that() -> None:
    """Ten working days after 3 November end on the 17th, and the pause began before that."""
    story = given(
        received_on("2025-11-03"),
        acknowledge_on("2025-11-03"),
        pause_on("2025-11-06"),
        extend_to("2025-12-01", "2025-11-24"),
        pathway=CHILDREN,
    )
    again = story.when(resume_on("2025-11-25"), *answer_on("2025-11-26"))
    assert stands(again, "2025-12-10", "children, stage 1: stage 1 (law)") == "within time"
    assert judged(again.case.clocks["stage_1"], date(2025, 12, 10), COVENTRY.calendar).state == "met"
    same_day = story.when(extend_to("2025-12-02", "2025-11-25"), resume_on("2025-11-25"), *answer_on("2025-11-26"))
    assert judged(same_day.case.clocks["stage_1"], date(2025, 12, 10), COVENTRY.calendar).state == "met"


@pytest.mark.parametrize(
    ("answered", "expected"), [("2025-11-24", "within time"), ("2025-11-25", "within extended time")]
)
@pytest.mark.parametrize("first", ["runs again", "is answered"])
def test_a_pause_after_an_extension_is_left_apart_from_it(first: str, answered: str, expected: str) -> None:
    """Of 17 November; it stands still for five working days, or until it is answered."""
    story = given(
        received_on("2025-11-03"),
        acknowledge_on("2025-11-03"),
        extend_to("2025-12-01", "2025-11-05"),
        pause_on("2025-11-06"),
        pathway=CHILDREN,
    )
    row = "children, stage 1: stage 1 (law)"
    if first == "runs again":
        again = story.when(resume_on("2025-11-13"), *answer_on(answered))
        assert stands(again, "2025-12-10", row) == expected
    else:
        assert stands(story.when(*answer_on(answered)), "2025-12-31", row) == "within time"


def test_a_corrected_day_of_receipt_moves_the_first_last_day_of_an_extended_clock() -> None:
    """Ten working days after 10 November end on the 24th, after the 3rd on the 17th."""
    story = given(received_on("2025-11-10"), extend_to("2025-12-09", "2025-11-12"), pathway=CORPORATE)
    anew = do.CorrectCase.model_validate(
        {
            "field": "received_at",
            "value": "2025-11-03T09:00:00Z",
            "reason": "recorded_wrongly",
            "corrected_on": "2025-11-13",
        }
    )
    assert stands(story.when(*answer_on("2025-11-18")), "2025-12-10") == "within time"
    assert stands(story.when(anew, *answer_on("2025-11-17")), "2025-12-10") == "within time"
    assert stands(story.when(anew, *answer_on("2025-11-18")), "2025-12-10") == "within extended time"


def test_deadlines_are_of_the_year_in_which_they_fall_due() -> None:
    """The tenth working day after 17 March 2026 is the year's last; after 18 March it is the next year's first."""
    last, after = (given(received_on(day), pathway=CORPORATE) for day in ("2026-03-17", "2026-03-18"))
    assert line(timeliness.compliance(scope("2026-04-01", last)), STAGE_1) == {"running, overdue": 1, "deadlines": 1}
    assert line(timeliness.compliance(scope("2026-04-01", after)), STAGE_1) == {}
    coming = timeliness.compliance(scope("2026-04-01", after, period=Year.of("2026-27")))
    assert line(coming, STAGE_1) == {"running, in time": 1, "deadlines": 1}


def test_a_clock_that_stands_still_is_of_the_year_that_its_last_day_has_come_to() -> None:
    """From 9 March 2026 it stands still, a week before its last day, and in April it still does, or is answered."""
    row = "children, stage 1: stage 1 (law)"
    still = given(received_on("2026-03-02"), pause_on("2026-03-09"), pathway=CHILDREN)
    for story, how in ((still, "running, in time"), (still.when(*answer_on("2026-04-15")), "within time")):
        assert line(timeliness.compliance(scope("2026-04-20", story)), row) == {}
        table = timeliness.compliance(scope("2026-04-20", story, period=Year.of("2026-27")))
        assert line(table, row) == {how: 1, "deadlines": 1}


def test_whose_rule_it_is_stands_in_the_row_and_the_complainants_own_limits_do_not() -> None:
    answered = given(
        received_on("2025-11-11"), acknowledge_on("2025-11-14"), *answer_on("2025-11-20"), pathway=CHILDREN
    )
    table = timeliness.compliance(scope("2026-03-31", answered))
    assert {cell.row for cell in table.cells} == {
        "children, stage 1: acknowledgement (guidance)",
        "children, stage 1: stage 1 (law)",
        "total",
    }
    assert line(table, "total") == {"within time": 2, "deadlines": 2}


def test_what_was_settled_orally_in_time_is_outside() -> None:
    story = given(received_on("2025-11-11", made_orally=True), pathway=ASC)
    assert timeliness.compliance(scope("2026-03-31", story.when(settle_on("2025-11-13")))).cells[-1].value
    assert not timeliness.compliance(scope("2026-03-31", story.when(settle_on("2025-11-12")))).cells[-1].value


def test_every_standing_has_a_column_also_where_nothing_fell_due() -> None:
    table = timeliness.compliance(scope("2025-04-01"))
    assert [cell.column for cell in table.cells] == [*STANDINGS, "deadlines"]
    assert {cell.value for cell in table.cells} == {0}


# --- extensions -----------------------------------------------------------------------------------------------------


def test_extensions_by_stage_and_reason_agreed_and_beyond_the_cap() -> None:
    """Stage 1 of the children's procedure may take twenty working days: to 9 December."""
    cap, beyond = (
        given(received_on("2025-11-11"), extend_to(day, "2025-11-20", agreed_with_complainant=agreed), pathway=CHILDREN)
        for day, agreed in (("2025-12-09", True), ("2025-12-10", False))
    )
    table = timeliness.extensions(scope("2026-03-31", cap, beyond))
    row = "children, stage 1: complexity of the complaint"
    assert line(table, row) == {"agreed": 1, "not agreed, beyond the cap": 1, "extensions": 2}
    assert line(table, "total") == line(table, row)


def test_an_extension_is_of_the_year_in_which_it_was_made() -> None:
    story = given(received_on("2026-03-25"), extend_to("2026-04-21", "2026-03-31"), pathway=CORPORATE)
    later = given(received_on("2026-03-25"), extend_to("2026-04-21", "2026-04-01"), pathway=CORPORATE)
    table = timeliness.extensions(scope("2026-05-01", story, later))
    assert [share.reference for share in table.cells[-1].shares] == ["A"]


# --- the record of reg 17 -------------------------------------------------------------------------------------------

TOLD = given(received_on("2025-11-11"), agree_period("2025-12-01", "2025-11-12"), pathway=ASC)
AMENDED = TOLD.when(agree_period("2025-12-15", "2025-11-28"))


@pytest.mark.parametrize(
    ("story", "as_at", "expected"),
    [
        (TOLD, "2025-12-01", "not yet due"),
        (TOLD, "2025-12-02", "missed"),
        (TOLD.when(*answer_on("2025-12-01")), "2026-01-05", "response sent within the period"),
        (TOLD.when(*answer_on("2025-12-02")), "2026-01-05", "missed"),
        (AMENDED, "2025-12-15", "not yet due"),
        (AMENDED, "2025-12-16", "missed"),
        (AMENDED.when(*answer_on("2025-12-01")), "2026-01-05", "response sent within the period"),
        (AMENDED.when(*answer_on("2025-12-15")), "2026-01-05", "response sent within an amended period"),
        (AMENDED.when(*answer_on("2025-12-16")), "2026-01-05", "missed"),
        (TOLD.when(agree_period("2025-12-15", "2025-12-02"), *answer_on("2025-12-10")), "2026-01-05", "missed"),
        (TOLD.when(withdraw_on("2025-12-01")), "2026-01-05", "ended otherwise within the period"),
        (
            TOLD.when(*answer_on("2025-12-02"), reopen_on("2026-01-05"), agree_period("2026-02-02", "2026-01-05")),
            "2026-01-06",
            "missed",
        ),
        (
            TOLD.when(*answer_on("2025-12-01"), reopen_on("2026-01-05"), agree_period("2026-02-02", "2026-01-05")),
            "2026-01-06",
            "not yet due",
        ),
    ],
)
def test_a_complaint_is_recorded_by_what_became_of_the_period_told(story: Scenario, as_at: str, expected: str) -> None:
    table = timeliness.response_periods(scope(as_at, story))
    found = rows(table)
    assert {expected: 1, "total": 1}.items() <= found.items()
    times = sum(isinstance(event, ResponsePeriodSet) for event in story.history) - 1
    assert (found.get("amended", 0), found.get("amendments", 0)) == (int(times > 0), times)


def test_a_period_set_again_to_the_same_day_is_not_amended() -> None:
    found = rows(timeliness.response_periods(scope("2025-11-28", TOLD.when(agree_period("2025-12-01", "2025-11-28")))))
    assert found == {"not yet due": 1, "total": 1, "never amended": 1}


def test_a_period_made_shorter_and_not_kept_is_missed() -> None:
    shorter = TOLD.when(agree_period("2025-11-24", "2025-11-14"), *answer_on("2025-11-25"))
    found = rows(timeliness.response_periods(scope("2025-12-10", shorter)))
    assert found == {"missed": 1, "total": 1, "amended": 1, "amendments": 1}


def test_each_change_of_a_period_is_counted_and_who_was_told_none_is_not() -> None:
    twice = AMENDED.when(extend_to("2026-01-15", "2025-12-10"))
    none = given(received_on("2025-11-11"), pathway=ASC)
    found = rows(timeliness.response_periods(scope("2025-12-12", TOLD, twice, none)))
    assert found == {"missed": 1, "not yet due": 1, "total": 2, "amended": 1, "never amended": 1, "amendments": 2}


def test_delay_reasons_are_those_of_extensions_and_of_notices() -> None:
    notice = do.NotifyLateness(notified_on=date(2025, 12, 31), delay_reason="staff_absence")
    story = OPEN.when(extend_to("2025-12-09", "2025-11-20"), notice)
    table = timeliness.delay_reasons(scope("2025-12-31", story, period=Quarter(YEAR, 3)))
    assert rows(table) == {"complexity of the complaint": 1, "staff absence": 1, "total": 2}
    assert len(table.cells) == 8 + 1
