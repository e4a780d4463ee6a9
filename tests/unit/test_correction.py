from datetime import date

import pytest

from services.cases import commands as do
from shared.events import CaseCorrected
from tests.scenario import (
    ELSEWHERE,
    acknowledge_on,
    answer_on,
    breached,
    close_on,
    decide_on,
    due,
    extend_to,
    given,
    in_time,
    late,
    received_at,
    received_on,
    recorded,
    rejected,
    route_to,
    status,
    withdraw_on,
)

ASC = "adult_social_care"
OPEN = given(received_on("2026-11-10"), pathway=ASC)


def correct(field: str, value: str, on: str = "2026-12-01", reason: str = "recorded_wrongly") -> do.CorrectCase:
    return do.CorrectCase.model_validate({"field": field, "value": value, "reason": reason, "corrected_on": on})


@pytest.mark.parametrize(
    ("field", "before", "after"),
    [
        ("channel", "email", "letter"),
        ("service_area", "older_people", "mental_health"),
        ("provider", None, "Example Care"),
        ("made_orally", "false", "true"),
    ],
)
def test_a_correction_keeps_what_was_recorded_before(field: str, before: str | None, after: str) -> None:
    story = OPEN.when(correct(field, after)).then(
        recorded(CaseCorrected, field=field, before=before, after=after, reason="recorded_wrongly", deadlines=())
    )
    assert getattr(story.case, field) == (after == "true" if field == "made_orally" else after)
    assert story.case.clocks == OPEN.case.clocks


def test_made_orally_is_put_right_in_either_direction() -> None:
    story = OPEN.when(correct("made_orally", "true"), correct("made_orally", "false"))
    assert story.case.made_orally is False
    OPEN.when(correct("made_orally", "yes")).then(rejected("not_a_boolean", "value"))


def test_the_clocks_move_with_the_day_of_receipt() -> None:
    story = OPEN.when(correct("received_at", "2026-11-03T09:00:00Z")).then(
        due("acknowledgement", "2026-11-06"), due("local_standard", "2026-12-01"), due("statutory_limit", "2027-05-02")
    )
    assert story.case.received_on == date(2026, 11, 3)
    (event,) = story.recorded
    assert isinstance(event, CaseCorrected)
    assert {deadline.anchor_on for deadline in event.deadlines} == {date(2026, 11, 3)}
    assert {clock.set.anchor_on for clock in story.case.clocks.values()} == {date(2026, 11, 3)}


def test_an_extension_stands_when_the_day_of_receipt_is_put_right() -> None:
    corporate = given(received_on("2025-11-11"), extend_to("2025-12-19", "2025-11-21"), pathway="corporate")
    story = corporate.when(correct("received_at", "2025-11-04T09:00:00Z")).then(due("stage_1", "2025-12-19"))
    clock = story.case.clocks["stage_1"]
    assert (clock.set.due_on, clock.deadline.anchor_on) == (date(2025, 11, 18), date(2025, 11, 4))


def test_a_met_clock_is_judged_by_the_day_put_right() -> None:
    acknowledged = OPEN.when(acknowledge_on("2026-11-13")).then(in_time("acknowledgement"))
    standing = acknowledged.when(correct("received_at", "2026-11-09T09:00:00Z")).standing("acknowledgement")
    assert (standing.state, standing.days_late) == ("missed", 1)


def test_a_stage_begins_on_the_day_put_right() -> None:
    """What happened between the true receipt and the one first recorded can be recorded now."""
    OPEN.when(correct("received_at", "2026-11-03T09:00:00Z"), decide_on("2026-11-05")).then(status("decided"))


def test_an_instant_without_an_offset_is_london_time_and_is_kept_in_utc() -> None:
    story = given(received_at("2026-07-10T12:00:00Z"), pathway=ASC).when(correct("received_at", "2026-07-01T00:30:00"))
    story.then(recorded(CaseCorrected, before="2026-07-10T12:00:00+00:00", after="2026-06-30T23:30:00+00:00"))
    assert story.case.received_on == date(2026, 7, 1)
    story.then(due("acknowledgement", "2026-07-06"))


def test_the_same_instant_in_other_words_is_nothing_to_correct() -> None:
    """Noon in a British summer is eleven o'clock in UTC."""
    story = given(received_at("2026-07-10T11:00:00Z"), pathway=ASC)
    story.when(correct("received_at", "2026-07-10T12:00:00+01:00")).then(rejected("nothing_to_correct", "value"))
    story.when(correct("received_at", "2026-07-10T12:00:00")).then(rejected("nothing_to_correct", "value"))


@pytest.mark.parametrize(("field", "value"), [("channel", "email"), ("made_orally", "false")])
def test_what_is_so_already_is_nothing_to_correct(field: str, value: str) -> None:
    OPEN.when(correct(field, value)).then(rejected("nothing_to_correct", "value"))


@pytest.mark.parametrize("value", ["yesterday", "2026-13-01", "9 November"])
def test_receipt_is_an_instant(value: str) -> None:
    OPEN.when(correct("received_at", value)).then(rejected("not_an_instant", "value"))


@pytest.mark.parametrize("value", ["0001-01-01T00:00:00+14:00", "1999-12-31", "9999-12-31T23:59:59-12:00"])
def test_receipt_is_in_a_year_that_the_calendar_knows(value: str) -> None:
    OPEN.when(correct("received_at", value)).then(rejected("outside_calendar", "value"))


def test_receipt_is_not_in_the_future_nor_before_there_was_a_policy() -> None:
    OPEN.when(correct("received_at", "2026-12-02T09:00:00Z"), today="2026-12-01").then(
        rejected("in_the_future", "value")
    )
    OPEN.when(correct("received_at", "2009-03-31T09:00:00Z")).then(rejected("no_policy", "pathway"))


@pytest.mark.parametrize(
    "done",
    [
        (acknowledge_on("2026-11-12"),),
        (decide_on("2026-11-12"),),
        answer_on("2026-11-12"),
        (withdraw_on("2026-11-12"),),
        (extend_to("2026-12-18", "2026-11-12"),),
        (do.AgreeRemedy(type="apology", agreed_on="2026-11-12"),),
        (do.NotifyLateness(notified_on="2026-11-12", delay_reason="complexity"),),
    ],
    ids=lambda done: type(done[-1]).__name__,
)
def test_receipt_is_not_after_what_was_done_on_the_case(done: tuple[do.CaseCommand, ...]) -> None:
    story = OPEN.when(*done)
    story.when(correct("received_at", "2026-11-13T09:00:00Z")).then(rejected("too_late", "value"))
    story.when(correct("received_at", "2026-11-12T09:00:00Z")).then(recorded(CaseCorrected))


@pytest.mark.parametrize("field", ["matter_occurred_on", "known_on"])
def test_receipt_is_not_before_the_matter_complained_of(field: str) -> None:
    story = given(received_on("2026-11-10", **{field: "2026-11-04"}), pathway=ASC)
    story.when(correct("received_at", "2026-11-03T09:00:00Z")).then(rejected("too_early", "value"))
    story.when(correct("received_at", "2026-11-04T09:00:00Z")).then(recorded(CaseCorrected))


def test_codes_are_checked() -> None:
    OPEN.when(correct("channel", "pigeon")).then(rejected("unknown_code", "value"))
    OPEN.when(correct("service_area", "roads")).then(rejected("unknown_code", "value"))
    OPEN.when(correct("channel", "letter", reason="whim")).then(rejected("unknown_code", "reason"))


def test_a_correction_is_made_after_receipt_and_not_after_today() -> None:
    OPEN.when(correct("channel", "letter", on="2026-11-09")).then(rejected("before_receipt", "corrected_on"))
    OPEN.when(correct("channel", "letter", on="2026-12-02"), today="2026-12-01").then(
        rejected("in_the_future", "corrected_on")
    )


def test_a_closed_case_is_corrected_too() -> None:
    OPEN.when(*answer_on("2026-11-12"), close_on("2026-11-13"), correct("channel", "letter")).then(
        recorded(CaseCorrected), status("closed")
    )


def test_a_case_without_a_pathway_has_no_clocks_to_move() -> None:
    story = given(received_on("2026-11-10", service_area="other"), rules=ELSEWHERE)
    moved = story.when(correct("received_at", "2026-11-03T09:00:00Z")).then(recorded(CaseCorrected, deadlines=()))
    moved.when(route_to(ASC, "2026-11-12")).then(due("acknowledgement", "2026-11-06"))


def test_a_late_answer_after_a_correction_is_judged_anew() -> None:
    OPEN.when(correct("received_at", "2026-11-03T09:00:00Z"), *answer_on("2026-12-02")).then(
        late("local_standard", 1), breached("cov.local_standard")
    )
