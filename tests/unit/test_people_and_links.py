"""Who deals with a case, whom it is about, whom it is sent to and what it belongs with."""

from datetime import date

import pytest

from services.cases import commands as do
from shared.events import CaseAssigned, CaseLinked, CharacteristicsRecorded, ProviderContacted, ProviderResponded
from tests.scenario import answer_on, close_on, given, received_on, recorded, rejected, withdraw_on

OPEN = given(received_on("2026-11-02"), pathway="adult_social_care")
CLOSED = OPEN.when(*answer_on("2026-11-10"), close_on("2026-11-11"))


def assign_on(day: str, officer: str = "staff-17", role: str = "investigating_officer") -> do.AssignCase:
    return do.AssignCase.model_validate({"officer": officer, "role": role, "assigned_on": day})


def test_each_role_has_one_holder_at_a_time() -> None:
    story = OPEN.when(assign_on("2026-11-03", "staff-9", "advocate"))
    assert story.case.officer == "staff-9"
    story = story.when(assign_on("2026-11-03"), assign_on("2026-11-04", "staff-18"))
    story.then(recorded(CaseAssigned, officer="staff-18", role="investigating_officer"))
    assert story.case.roles == {"advocate": "staff-9", "investigating_officer": "staff-18"}
    assert story.case.officer == "staff-18"


def test_assignments_that_cannot_be() -> None:
    OPEN.when(assign_on("2026-11-03", role="wizard")).then(rejected("unknown_code", "role"))
    OPEN.when(assign_on("2026-11-01")).then(rejected("before_receipt", "assigned_on"))
    OPEN.when(assign_on("2026-11-04"), today="2026-11-03").then(rejected("in_the_future", "assigned_on"))


def test_a_provider_is_sent_the_complaint_and_answers() -> None:
    """SI 2009/309 reg 11: the details go to the provider if the complainant consents."""
    story = OPEN.when(do.ContactProvider(provider="Example Care", contacted_on="2026-11-03", consent=True))
    story.then(recorded(ProviderContacted, contacted_on=date(2026, 11, 3), provider="Example Care", consent=True))
    story.when(do.ContactProvider(provider="Example Care", responded_on="2026-11-20")).then(
        recorded(ProviderResponded, responded_on=date(2026, 11, 20), provider="Example Care")
    )


@pytest.mark.parametrize("field", ["contacted_on", "responded_on"])
def test_a_provider_is_contacted_and_answers_between_receipt_and_today(field: str) -> None:
    before, after = (do.ContactProvider(provider="A", **{field: day}) for day in ("2026-11-01", "2026-11-05"))
    OPEN.when(before).then(rejected("before_receipt", field))
    OPEN.when(after, today="2026-11-04").then(rejected("in_the_future", field))


def test_a_case_is_linked_to_another_once_even_when_closed() -> None:
    linked = do.LinkCase(reference="COV-2026-000002", relation="joint", lead="NHS Trust", linked_on="2026-11-12")
    story = CLOSED.when(linked).then(recorded(CaseLinked, relation="joint", lead="NHS Trust"))
    assert story.case.links == ("COV-2026-000002",)
    story.when(linked).then(rejected("already_linked", "reference"))
    CLOSED.when(linked, today="2026-11-11").then(rejected("in_the_future", "linked_on"))


def test_characteristics_are_recorded_whenever_they_are_known() -> None:
    known = do.RecordCharacteristics(
        whose="complainant", sex="female", ethnic_group="white_british", disability="not_stated", age_band="65_74"
    )
    for story in (OPEN, CLOSED, OPEN.when(withdraw_on("2026-11-05"))):
        story.when(known, today="2026-12-01").then(
            recorded(CharacteristicsRecorded, whose="complainant", sex="female", recorded_on=date(2026, 12, 1))
        )


@pytest.mark.parametrize("field", ["sex", "ethnic_group", "disability", "age_band"])
def test_characteristics_are_codes_or_not_known(field: str) -> None:
    OPEN.when(do.RecordCharacteristics(**{field: "other_worldly"})).then(rejected("unknown_code", field))
    OPEN.when(do.RecordCharacteristics(**{field: "not_stated"})).then(
        recorded(CharacteristicsRecorded, **{field: "not_stated"})
    )
    OPEN.when(do.RecordCharacteristics()).then(recorded(CharacteristicsRecorded, **{field: None}))


def test_characteristics_are_not_recorded_before_receipt() -> None:
    OPEN.when(do.RecordCharacteristics(recorded_on="2026-11-01")).then(rejected("before_receipt", "recorded_on"))
