"""A bank holiday is proclaimed, or the council closes: running deadlines are counted anew, and say so."""

from dataclasses import replace
from datetime import date

import pytest

from services.cases import commands as do
from services.cases.case import evolve
from services.cases.checks import Rules
from services.cases.course import moving_deadlines, review_deadlines
from shared import deadlines
from shared.calendar import Calendar, load
from shared.errors import Rejected
from shared.events import DeadlinesReviewed
from tests.scenario import (
    COVENTRY,
    Scenario,
    acknowledge_on,
    answer_on,
    extend_to,
    given,
    pause_on,
    received_on,
    resume_on,
    withdraw_on,
)

MOURNING = date(2026, 12, 16)
PROCLAIMED = COVENTRY.calendar.with_proclaimed({MOURNING: "Day of mourning"})
ASC = "adult_social_care"
TODAY = date(2026, 12, 15)


def under(calendar: Calendar) -> Rules:
    return replace(COVENTRY, authority=replace(COVENTRY.authority, calendar=calendar))


def reviewed(story: Scenario, calendar: Calendar = PROCLAIMED) -> Scenario:
    """The story after its deadlines were counted anew, told on under the newer calendar."""
    found = tuple(review_deadlines(story.case, under(calendar), TODAY))
    return replace(story, rules=under(calendar), history=(*story.history, *found), recorded=found)


def moves(story: Scenario, calendar: Calendar = PROCLAIMED) -> dict[str, str]:
    return {deadline.name: str(deadline.due_on) for deadline in moving_deadlines(story.case, under(calendar))}


STORY = given(received_on("2026-12-14"), pathway=ASC)


def test_only_what_is_counted_in_working_days_past_the_holiday_moves() -> None:
    """Three working days after Monday: Thursday became Friday; six months end on a date, whatever lies between."""
    assert moves(STORY) == {"acknowledgement": "2026-12-18", "local_standard": "2027-01-15"}
    assert moves(STORY, COVENTRY.calendar) == {}
    assert moves(given(received_on("2026-12-16"), pathway=ASC)) == {}


def test_one_event_keeps_what_was_told_beside_what_is_due() -> None:
    story = reviewed(STORY)
    [event] = story.recorded
    assert isinstance(event, DeadlinesReviewed)
    assert (event.calendar, event.reviewed_on) == (PROCLAIMED.version, TODAY)
    stands = story.standing("acknowledgement", "2026-12-18")
    assert (str(stands.due_on), str(stands.told_on), stands.state) == ("2026-12-18", "2026-12-17", "due")
    assert story.standing("acknowledgement", "2026-12-19").state == "missed"
    assert moves(story) == {}
    with pytest.raises(Rejected, match="nothing_moves"):
        reviewed(story)


def test_the_explanation_counts_in_the_newer_calendar_and_names_the_day() -> None:
    story = reviewed(STORY)
    policy = COVENTRY.policies.in_force(ASC, date(2026, 12, 14))
    clock = story.case.clocks["local_standard"]
    why = deadlines.explain(clock, policy, PROCLAIMED)
    assert ("2026-12-16", "Day of mourning") in [(str(skip.date), skip.reason) for skip in why.skipped]
    assert why.calendar == PROCLAIMED.version
    assert [(str(review.before), str(review.after)) for review in why.reviews] == [("2027-01-14", "2027-01-15")]
    days = (clock.deadline.due_on - why.anchor_on).days
    assert days - len(why.skipped) == 20


def test_what_was_told_stays_until_people_are_told_anew() -> None:
    told = do.TellProgress(told_on=TODAY, method="phone")
    story = reviewed(STORY).when(told)
    assert str(story.standing("acknowledgement").told_on) == "2026-12-17"
    story = story.when(told.model_copy(update={"due_dates_told": True}))
    assert str(story.standing("acknowledgement").told_on) == "2026-12-18"
    assert str(story.standing("statutory_limit").told_on) == "2027-06-13"


def test_before_the_review_it_stood_as_it_was_set() -> None:
    stands = reviewed(STORY).standing("acknowledgement", "2026-12-14")
    assert (str(stands.due_on), stands.told_on) == ("2026-12-17", None)


def test_a_date_that_was_stated_stays_and_the_first_date_is_kept_beside_it() -> None:
    story = given(received_on("2026-12-09"), acknowledge_on("2026-12-09"), pathway="corporate")
    assert moves(story) == {"stage_1": "2026-12-24", "stage_1_backstop": "2027-01-05"}
    extended = story.when(extend_to("2027-01-08", "2026-12-15"))
    assert moves(extended) == {}
    assert str(extended.case.clocks["stage_1"].set.due_on) == "2026-12-23"


def test_a_pause_that_is_over_is_counted_anew_too() -> None:
    """Ten working days, and three in which the clock stood still; one of the three is a holiday now."""
    story = given(received_on("2026-12-07"), pause_on("2026-12-14"), resume_on("2026-12-17"), pathway="children")
    assert str(story.case.clocks["stage_1"].deadline.due_on) == "2026-12-24"
    assert moves(story).get("stage_1") is None  # a day more for the stage, a day less for the pause
    later = given(received_on("2026-12-07"), pause_on("2026-12-09"), resume_on("2026-12-10"), pathway="children")
    assert moves(later)["stage_1"] == "2026-12-23"
    assert str(reviewed(later).when(pause_on("2026-12-21"), resume_on("2026-12-22")).standing("stage_1").due_on) == (
        "2026-12-24"
    )


def test_a_limit_set_by_law_does_not_move_for_the_days_on_which_the_council_closes() -> None:
    shut = COVENTRY.calendar.with_closures({MOURNING: "Moving house"})
    assert moves(STORY, shut) == {"local_standard": "2027-01-15"}


def test_a_day_that_moved_moves_deadlines_both_ways() -> None:
    """In 2020 the early May bank holiday was moved from Monday 4 to Friday 8 May."""
    moved = load("england-and-wales").with_proclaimed({date(2026, 12, 29): "Moved"}, [date(2026, 12, 28)])
    story = given(received_on("2026-12-23"), pathway=ASC)
    assert str(story.case.clocks["acknowledgement"].deadline.due_on) == "2026-12-30"
    assert moves(story, moved) == {}
    assert moves(given(received_on("2026-12-24"), pathway=ASC), moved) == {}
    assert moves(given(received_on("2026-12-21"), pathway=ASC), moved) == {}
    short = given(received_on("2026-12-22"), pathway=ASC)
    assert moves(short, moved)["acknowledgement"] == "2026-12-28"


@pytest.mark.parametrize("end", [withdraw_on("2026-12-15"), *answer_on("2026-12-15")[1:]])
def test_what_has_ended_is_not_reviewed(end: do.CaseCommand) -> None:
    story = STORY.when(acknowledge_on("2026-12-14"), answer_on("2026-12-15")[0], end)
    assert moves(story) == {}


def test_a_deadline_past_the_published_holidays_is_firm_once_they_are_published() -> None:
    year = date(2028, 12, 31)
    projected = replace(load("england-and-wales"), horizon=year)
    published = replace(projected, horizon=date(2029, 12, 31))
    rules = under(projected)
    story = given(received_on("2028-12-28"), pathway=ASC, rules=rules)
    assert story.case.clocks["acknowledgement"].deadline.provisional
    [anew, *_] = moving_deadlines(story.case, under(published))
    assert (anew.name, anew.provisional, anew.told_on) == ("acknowledgement", False, None)


def test_a_correction_counts_in_the_newer_calendar_and_forgets_the_review() -> None:
    story = reviewed(STORY).when(
        do.CorrectCase(field="received_at", value="2026-12-15T12:00:00Z", reason="recorded_wrongly", corrected_on=TODAY)
    )
    clock = story.case.clocks["acknowledgement"]
    assert (str(clock.deadline.due_on), clock.moves) == ("2026-12-21", ())


def test_the_fold_takes_a_review_of_a_clock_that_is_gone() -> None:
    story = reviewed(STORY)
    case = evolve(replace(STORY.case, clocks={}), story.recorded[0])
    assert case.clocks == {}


def test_the_world_cup_holiday_of_scotland_moves_no_english_date() -> None:
    """Monday 15 June 2026 is a bank holiday in Scotland only."""
    ends = {
        division: str(load(division).add(date(2026, 6, 12), 1))
        for division in ("england-and-wales", "scotland", "northern-ireland")
    }
    assert ends == {"england-and-wales": "2026-06-15", "scotland": "2026-06-16", "northern-ireland": "2026-06-15"}
