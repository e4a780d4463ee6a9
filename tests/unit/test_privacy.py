"""Who may see a case, what its handlers must heed, and how people are looked up: the pure part."""

from datetime import date

import pytest

from services.cases import commands as do
from shared.events import CaseCorrected, CaseRestricted, FlagsRecorded
from shared.look_ups import WAYS, email, forms, phone, surname_postcode, token
from tests.scenario import answer_on, close_on, given, received_on, recorded, rejected, withdraw_on

OPEN = given(received_on("2026-11-02"), pathway="adult_social_care")
CLOSED = OPEN.when(*answer_on("2026-11-10"), close_on("2026-11-11"))
ENDED = OPEN.when(withdraw_on("2026-11-05"))


def restrict(*staff: str, reason: str = "staff_complained_of", on: str | None = None) -> do.RestrictCase:
    return do.RestrictCase.model_validate({"staff": staff, "reason": reason, "restricted_on": on})


def test_a_case_is_restricted_whenever_that_is_needed_and_each_is_named_once() -> None:
    for story in (OPEN, CLOSED, ENDED):
        after = story.when(restrict("key:1", "person:b", "key:1"), today="2026-11-20")
        after.then(recorded(CaseRestricted, staff=("key:1", "person:b"), restricted_on=date(2026, 11, 20)))
        assert (story.case.restricted_to, after.case.restricted_to) == (None, ("key:1", "person:b"))
        assert after.when(restrict()).case.restricted_to == ()


def test_a_restriction_that_changes_nothing_is_none() -> None:
    OPEN.when(restrict()).then(rejected("nothing_to_restrict", "staff"))
    OPEN.when(restrict("key:1", "key:2"), restrict("key:2", "key:1")).then(rejected("nothing_to_restrict", "staff"))


def test_restrictions_that_cannot_be() -> None:
    OPEN.when(restrict("key:1", reason="because")).then(rejected("unknown_code", "reason"))
    OPEN.when(restrict("key:1", on="2026-11-01")).then(rejected("before_receipt", "restricted_on"))
    OPEN.when(restrict("key:1", on="2026-11-04"), today="2026-11-03").then(rejected("in_the_future", "restricted_on"))


def test_the_newest_flags_stand() -> None:
    story = CLOSED.when(do.RecordFlags(flags=("safeguarding", "safe_contact"), recorded_on="2026-11-20"))
    story.then(recorded(FlagsRecorded, flags=("safe_contact", "safeguarding")))
    assert story.when(do.RecordFlags(flags=())).case.flags == ()
    OPEN.when(do.RecordFlags(flags=("safe_contact", "red"))).then(rejected("unknown_code", "flags.1"))
    OPEN.when(do.RecordFlags(flags=(), recorded_on="2026-11-01")).then(rejected("before_receipt", "recorded_on"))


def test_a_personal_value_never_reaches_an_event() -> None:
    """An import decides on the command as it came, with its value."""
    plain = do.CorrectCase(field="complainant.name", value="Zebedee", reason="audit")
    OPEN.when(plain).then(rejected("personal_field", "field"))
    sealed = do.CorrectPersonalData(party="complainant", field="name", commitment="sha256:2", reason="audit")
    story = OPEN.when(sealed).then(
        recorded(CaseCorrected, field="complainant.name", before=None, after="sha256:2", deadlines=())
    )
    again = sealed.model_copy(update={"commitment": "sha256:3"})
    story.when(again).then(recorded(CaseCorrected, before="sha256:2", after="sha256:3"))
    OPEN.when(sealed.model_copy(update={"commitment": None})).then(rejected("nothing_held", "field"))
    OPEN.when(sealed.model_copy(update={"reason": "whim"})).then(rejected("unknown_code", "reason"))


@pytest.mark.parametrize("written", ["07700 900123", "+447700900123", "+44 (0)7700 900-123", "0044 7700900123"])
def test_a_number_is_one_however_it_is_written(written: str) -> None:
    assert phone(written) == "07700900123"


@pytest.mark.parametrize(
    ("written", "form"), [("+33 1 70 18 99 00", "+33170189900"), ("0033170189900", "+33170189900"), ("none", "")]
)
def test_a_number_of_elsewhere_and_none(written: str, form: str) -> None:
    assert phone(written) == form


@pytest.mark.parametrize("name", ["Zoe O'Brien", "ZOË O\u2019BRIEN", "O'Brien, Zoe", "Mrs Z. O\u2032Brien ", "obrien"])
def test_a_surname_is_the_last_word_or_what_stands_before_the_comma(name: str) -> None:
    assert surname_postcode(name, " cv1  1aa") == "obrien CV11AA"


def test_what_is_missing_gives_no_form() -> None:
    assert surname_postcode("Zoe", "") == surname_postcode("...", "CV1 1AA") == email("  ") == ""
    assert forms({"name": "Zoe", "address": "1 High Street"}) == {}
    assert set(forms({"name": "Zoe", "postcode": "CV1", "email": "a@b", "phone": "1"})) == set(WAYS)


def test_a_token_depends_on_the_key_the_authority_and_the_way() -> None:
    key, other = b"k" * 32, b"o" * 32
    told = {
        token(key, "COV", "email", "1"),
        token(other, "COV", "email", "1"),
        token(key, "BIR", "email", "1"),
        token(key, "COV", "phone", "1"),
        token(key, "COV", "email", "2"),
    }
    assert len(told) == 5
    assert token(key, "COV", "email", "1") in told
