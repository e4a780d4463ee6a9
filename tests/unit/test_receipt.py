from datetime import UTC, date, datetime

import pytest

from services.cases import commands as do
from services.cases.decide import receive
from shared.errors import Rejected
from shared.events import CaseRouted, Commitment, Concern, Kind, RepresentationReceived
from tests.scenario import COVENTRY, ELSEWHERE, acknowledge_on, given, received_at, received_on, rejected, status

NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)


def refused(command: do.Receive, now: datetime = NOON) -> tuple[str, str | None]:
    with pytest.raises(Rejected) as raised:
        receive(command, (), COVENTRY, now)
    assert raised.value.kind == "value"
    return raised.value.rule, raised.value.field


def test_a_complaint_is_received_on_its_london_day() -> None:
    """23:30 UTC is 00:30 in a British summer, the next day; in winter it is not."""
    assert given(received_at("2026-06-30T23:30:00Z")).case.received_on == date(2026, 7, 1)
    assert given(received_at("2026-12-30T23:30:00Z")).case.received_on == date(2026, 12, 30)


def test_an_instant_without_an_offset_is_london_time() -> None:
    case = given(received_at("2026-07-01T00:30:00")).case
    assert case.received_on == date(2026, 7, 1)
    assert case.received_at == datetime(2026, 6, 30, 23, 30, tzinfo=UTC)


def test_receipt_is_recorded_in_utc() -> None:
    assert given(received_at("2026-07-01T00:30:00+01:00")).case.received_at.isoformat() == "2026-06-30T23:30:00+00:00"


def test_receipt_holds_codes_and_commitments() -> None:
    command = received_on("2026-06-30", "communication", "financial", provider="Example Care", made_orally=True)
    kept = (Commitment("complainant", "name", "sha256:00"),)
    received, routed = receive(command, kept, COVENTRY, NOON)
    assert isinstance(received, RepresentationReceived)
    assert isinstance(routed, CaseRouted)
    assert received.concerns == (Concern("communication"), Concern("financial"))
    assert received.commitments == kept
    assert received.codes == COVENTRY.authority.codes.version
    assert (received.provider, received.made_orally, received.represented) == ("Example Care", True, False)


def test_a_complaint_that_another_body_sent_on_says_so_and_its_clocks_start_on_the_day_on_which_it_came() -> None:
    """SI 2009/309 reg 6(5): it is deemed made to the body that it was sent to."""
    told = [
        receive(received_on("2026-06-30", transferred_from=body), (), COVENTRY, NOON)
        for body in ("Example NHS Trust", None)
    ]
    assert [getattr(received, "transferred_from", "") for received, _ in told] == ["Example NHS Trust", None]
    assert told[0][1] == told[1][1]


def test_whoever_is_affected_and_does_not_complain_is_represented() -> None:
    """SI 2009/309 reg 5(2): a complaint may be made by a representative."""
    assert given(received_on("2026-06-30", person_affected={"name": "B"})).case.represented


def test_without_a_time_it_is_received_now() -> None:
    received, _ = receive(received_on("2026-06-01").model_copy(update={"received_at": None}), (), COVENTRY, NOON)
    assert isinstance(received, RepresentationReceived)
    assert received.received_at == NOON


def test_it_cannot_be_received_later_than_now() -> None:
    assert refused(received_at("2026-06-30T12:00:01Z")) == ("in_the_future", "received_at")


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00+14:00", "1999-12-31T23:59:59Z", "9999-12-31T23:59:00-12:00"])
def test_a_year_that_no_calendar_knows_is_refused(instant: str) -> None:
    assert refused(received_at(instant)) == ("outside_calendar", "received_at")


def test_before_the_regulations_there_is_no_policy() -> None:
    """SI 2009/309 reg 1: in force from 1 April 2009."""
    assert refused(received_on("2009-03-31")) == ("no_policy", "pathway")
    assert given(received_on("2009-04-01")).case.pathway == "adult_social_care"


@pytest.mark.parametrize(
    ("field", "value", "at_fault"),
    [
        ("channel", "pigeon", "channel"),
        ("service_area", "roads", "service_area"),
        ("concerns", [{"category": "communication"}, {"category": "weather"}], "concerns.1.category"),
        ("concerns", [{"category": "communication", "subcategory": "rain"}], "concerns.0.subcategory"),
    ],
)
def test_a_code_that_its_list_does_not_hold_is_refused(field: str, value: object, at_fault: str) -> None:
    assert refused(received_on("2026-06-29", **{field: value})) == ("unknown_code", at_fault)


def test_an_unknown_pathway_is_refused() -> None:
    assert refused(received_on("2026-06-29", pathway="planning")) == ("unknown_pathway", "pathway")


@pytest.mark.parametrize("field", ["matter_occurred_on", "known_on"])
def test_the_matter_comes_before_the_complaint_about_it(field: str) -> None:
    assert refused(received_on("2026-06-29", **{field: "2026-06-30"})) == ("too_late", field)
    assert getattr(given(received_on("2026-06-29", **{field: "2026-06-29"})).case, field) == date(2026, 6, 29)


def test_the_service_area_routes_a_complaint() -> None:
    story = given(received_on("2026-06-29"))
    assert isinstance(story.recorded[1], CaseRouted)
    assert story.recorded[1].reason == "service_area"
    assert (story.case.pathway, story.case.stage, story.case.status) == ("adult_social_care", "stage_1", "received")


def test_the_intake_may_say_the_pathway() -> None:
    story = given(received_on("2025-06-30"), pathway="corporate")
    assert isinstance(story.recorded[1], CaseRouted)
    assert story.recorded[1].reason == "as_received"
    assert set(story.case.clocks) == {"acknowledgement", "stage_1"}


def test_a_complaint_of_no_pathway_waits_for_triage() -> None:
    story = given(received_on("2026-06-29", service_area="other"), rules=ELSEWHERE)
    story.then(status("received"))
    assert (story.case.pathway, story.case.clocks) == (None, {})
    story.when(acknowledge_on("2026-06-30")).then(rejected("not_routed"))


@pytest.mark.parametrize(("kind", "command"), [("compliment", do.ReceiveCompliment), ("comment", do.ReceiveComment)])
def test_a_compliment_or_comment_is_received_and_that_is_all(
    kind: Kind, command: type[do.ReceiveCompliment | do.ReceiveComment]
) -> None:
    story = given(command(channel="email", service_area="older_people", received_at=NOON))
    assert (len(story.recorded), story.case.kind, story.case.pathway) == (1, kind, None)
    story.when(acknowledge_on("2026-07-01")).then(rejected("not_a_complaint"))
