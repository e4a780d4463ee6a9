"""An authority's code lists: editions in force from a day, and codes refused by name."""

from datetime import date
from pathlib import Path

import pytest

from shared.authority import Authority, CodeLists, authority
from shared.calendar import load
from shared.errors import Rejected

COVENTRY = authority("COV")
ELSEWHERE = authority("XYZ")


@pytest.fixture
def deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a deployment's own."""
    monkeypatch.setenv("REDRESS_AUTHORITIES", str(tmp_path))
    return tmp_path


def fresh(code: str) -> Authority:
    return authority.__wrapped__(code)


def row_of(codes: CodeLists, name: str, code: str, on: date) -> str:
    value = codes.edition(name, on).get(code)
    assert value is not None
    return value.row


def test_a_list_has_editions_each_in_force_from_a_day() -> None:
    """Coventry printed twelve service areas to 2023-24 and eight groups from 2024-25; a case keeps its code."""
    rows = [COVENTRY.codes.edition("service_areas", on).rows() for on in (date(2024, 3, 31), date(2024, 4, 1))]
    assert [len(found) for found in rows] == [12, 8]
    assert rows[1]["All others"] == ("adult_safeguarding", "finance", "hospital_team", "telecare", "internal_provider")
    assert row_of(COVENTRY.codes, "service_areas", "telecare", date(2024, 3, 31)) == "Telecare Service"
    assert row_of(COVENTRY.codes, "service_areas", "telecare", date(2024, 4, 1)) == "All others"


def test_the_first_edition_stands_for_earlier_days() -> None:
    first = COVENTRY.codes.edition("service_areas", date(2009, 4, 1))
    assert COVENTRY.codes.edition("service_areas", date(1999, 1, 1)) == first


def test_codes_of_one_row_are_counted_together_in_the_order_of_the_list() -> None:
    rows = COVENTRY.codes.edition("channels", date(2026, 4, 1)).rows()
    assert rows["contact centre or form"] == ("contact_centre", "web_form")
    assert list(rows)[:4] == ["email", "contact centre or form", "letter", "phone"]


def test_an_unknown_code_is_refused_with_the_codes_that_there_are() -> None:
    with pytest.raises(Rejected) as raised:
        COVENTRY.codes.check("methods", "pigeon", date(2026, 4, 1), "method")
    refusal = raised.value
    assert (refusal.rule, refusal.field, refusal.kind) == ("unknown_code", "method", "value")
    assert refusal.detail == (
        "not a code of methods on 2026-04-01; the codes are: "
        "letter, email, phone, in_person, text_message, web_form, video_call"
    )


def test_a_known_code_passes_and_so_does_none() -> None:
    COVENTRY.codes.check("methods", "letter", date(2026, 4, 1), "method")
    COVENTRY.codes.check("methods", None, date(2026, 4, 1), "method")


def test_a_code_may_come_and_go_with_an_edition(deployed: Path) -> None:
    (deployed / "NEW.toml").write_text(
        """
        [[lists.methods]]
        from = 2026-04-01
        values = [{ code = "video", label = "video call" }]

        [[lists.methods]]
        from = 2020-04-01
        values = [{ code = "fax", label = "fax" }]
        """
    )
    codes = fresh("NEW").codes
    codes.check("methods", "fax", date(2026, 3, 31), "method")
    codes.check("methods", "video", date(2026, 4, 1), "method")
    with pytest.raises(Rejected, match="the codes are: video"):
        codes.check("methods", "fax", date(2026, 4, 1), "method")
    assert codes.lists["channels"] == ELSEWHERE.codes.lists["channels"]
    assert codes.version != ELSEWHERE.codes.version


def test_an_authority_without_a_file_has_the_default_lists_and_englands_calendar() -> None:
    assert (ELSEWHERE.name, ELSEWHERE.region, ELSEWHERE.rules) == ("XYZ", None, ())
    assert ELSEWHERE.calendar is load("england-and-wales")
    assert ELSEWHERE.codes.edition("service_areas", date(2026, 4, 1)).get("other") is not None


def test_an_authoritys_own_list_replaces_the_default_one_and_the_others_stay() -> None:
    assert COVENTRY.codes.edition("service_areas", date(2026, 4, 1)).get("other") is None
    assert COVENTRY.codes.lists["methods"] == ELSEWHERE.codes.lists["methods"]
    assert (COVENTRY.name, COVENTRY.region) == ("Coventry City Council", "West Midlands")
    assert [rule["id"] for rule in COVENTRY.rules] == ["cov.local_standard", "cov.local_acknowledgement"]


def test_the_version_of_the_lists_is_of_their_content() -> None:
    assert fresh("COV").codes.version == COVENTRY.codes.version != ELSEWHERE.codes.version
    assert COVENTRY.codes.version.startswith("sha256:")


def test_closures_are_days_of_the_authoritys_calendar(deployed: Path) -> None:
    (deployed / "SHUT.toml").write_text(
        """
        [[closures]]
        date = 2026-12-29
        name = "Christmas shutdown"
        """
    )
    shut = fresh("SHUT").calendar
    assert not shut.is_working_day(date(2026, 12, 29))
    assert shut.version != ELSEWHERE.calendar.version


def test_a_deployments_own_file_comes_before_the_one_that_ships(deployed: Path) -> None:
    (deployed / "COV.toml").write_text('name = "Coventry, elsewhere"')
    assert fresh("COV").name == "Coventry, elsewhere"
    assert fresh("XYZ").name == "XYZ"


@pytest.mark.parametrize("who", [COVENTRY, ELSEWHERE], ids=["COV", "the default"])
def test_lists_are_whole(who: Authority) -> None:
    """Codes are unique in an edition, and a subcategory belongs to a category that there is."""
    for editions in who.codes.lists.values():
        for found in editions:
            codes = [value.code for value in found.values]
            assert len(codes) == len(set(codes)) > 0
            assert all(value.label and value.row for value in found.values)
    categories = {value.code for value in who.codes.edition("categories", date(2026, 4, 1)).values}
    assert {value.of for value in who.codes.edition("subcategories", date(2026, 4, 1)).values} <= categories


def test_a_bank_holiday_proclaimed_since_is_written_into_the_authoritys_file(deployed: Path) -> None:
    """The VE Day of 2020 moved the early May bank holiday; the state funeral of 2022 was an extra day."""
    (deployed / "XYZ.toml").write_text(
        "[[bank_holidays]]\n"
        'date = 2027-05-07\nname = "Early May bank holiday, moved"\ninstead_of = 2027-05-03\n'
        '[[bank_holidays]]\ndate = 2027-06-01\nname = "A coronation"\n'
    )
    found, shipped = fresh("XYZ").calendar, load("england-and-wales")
    assert found.holidays.items() - shipped.holidays.items() == {
        (date(2027, 5, 7), "Early May bank holiday, moved"),
        (date(2027, 6, 1), "A coronation"),
    }
    assert shipped.holidays.keys() - found.holidays.keys() == {date(2027, 5, 3)}
    assert found.version != shipped.version


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("date = 2027-05-08", "2027-05-08 is a Saturday: name the day on which work is off instead"),
        ("date = 2027-05-07\ninstead_of = 2027-05-04", "2027-05-04 is no bank holiday of england-and-wales"),
        ("date = 2077-05-07", "2077-05-07 is outside the calendar"),
    ],
)
def test_a_bank_holiday_that_cannot_be_is_refused(deployed: Path, entry: str, said: str) -> None:
    (deployed / "XYZ.toml").write_text(f'[[bank_holidays]]\n{entry}\nname = "A day"\n')
    with pytest.raises(ValueError, match=said):
        fresh("XYZ")


def test_an_authority_in_scotland_has_its_own_bank_holidays(deployed: Path) -> None:
    """Monday 15 June 2026 counts in Coventry and not in Glasgow."""
    (deployed / "GLG.toml").write_text('division = "scotland"\n')
    ends = [own.calendar.add(date(2026, 6, 12), 1) for own in (fresh("GLG"), COVENTRY)]
    assert ends == [date(2026, 6, 16), date(2026, 6, 15)]
