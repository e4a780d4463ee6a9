"""Working days against dates fixed by law and published by GOV.UK, and against counting them one by one."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import orjson
import pytest
from govuk_bank_holidays.bank_holidays import BankHolidays

from shared.calendar import (
    DIVISIONS,
    FIRST,
    LAST,
    LAST_PUBLISHED_YEAR,
    Calendar,
    Division,
    OutsideCalendar,
    Skipped,
    canonical,
    load,
    readable,
    shipped,
    snapshot,
)

ENGLAND = load("england-and-wales")
ONE_DAY = timedelta(days=1)
SPANS = (1, 3, 5, 10, 20, 25, 65)

# Day 0 is the day of receipt; then the 1st, 3rd, 5th, 10th, 20th, 25th and 65th working day after it.
VECTORS = {
    "VE day moved the early May holiday": (
        "2020-05-07 2020-05-11 2020-05-13 2020-05-15 2020-05-22 2020-06-08 2020-06-15 2020-08-10"
    ),
    "the platinum jubilee": "2022-06-01 2022-06-06 2022-06-08 2022-06-10 2022-06-17 2022-07-01 2022-07-08 2022-09-05",
    "the state funeral": "2022-09-16 2022-09-20 2022-09-22 2022-09-26 2022-10-03 2022-10-17 2022-10-24 2022-12-19",
    "the coronation": "2023-05-05 2023-05-09 2023-05-11 2023-05-15 2023-05-22 2023-06-06 2023-06-13 2023-08-08",
    "Easter": "2025-04-17 2025-04-22 2025-04-24 2025-04-28 2025-05-06 2025-05-20 2025-05-28 2025-07-23",
    "the Scots' holiday of 15 June counts in England": (
        "2026-06-12 2026-06-15 2026-06-17 2026-06-19 2026-06-26 2026-07-10 2026-07-17 2026-09-14"
    ),
    "received on a Saturday": "2026-08-29 2026-09-01 2026-09-03 2026-09-07 2026-09-14 2026-09-28 2026-10-05 2026-11-30",
    "Boxing Day on a Saturday": (
        "2026-12-24 2026-12-29 2026-12-31 2027-01-05 2027-01-12 2027-01-26 2027-02-02 2027-04-01"
    ),
    "Christmas Day and Boxing Day both at a weekend": (
        "2027-12-24 2027-12-29 2027-12-31 2028-01-05 2028-01-12 2028-01-26 2028-02-02 2028-03-29"
    ),
}


def on(text: str) -> date:
    return date.fromisoformat(text)


def days_from(first: date, last: date) -> list[date]:
    return [first + ONE_DAY * n for n in range((last - first).days + 1)]


# --- the days that law and custom fix


@pytest.mark.parametrize("dates", VECTORS.values(), ids=VECTORS.keys())
def test_the_nth_working_day_after_receipt_is_the_published_one(dates: str) -> None:
    received, *expected = map(on, dates.split())
    assert [ENGLAND.add(received, span) for span in SPANS] == expected
    assert [ENGLAND.between(received, day) for day in expected] == list(SPANS)


def test_the_ombudsmans_code_over_christmas_runs_from_the_acknowledgement() -> None:
    """Complaint Handling Code: acknowledge within 5 working days, answer within 10 of that, extend by 10 at most."""
    acknowledged_on = ENGLAND.add(on("2026-12-24"), 5)
    assert acknowledged_on == on("2027-01-05")
    assert ENGLAND.add(acknowledged_on, 10) == on("2027-01-19")
    assert ENGLAND.add(acknowledged_on, 20) == on("2027-02-02")


@pytest.mark.parametrize("received", ["2026-12-25", "2026-12-26", "2026-12-27", "2026-12-28"])
def test_receipt_on_any_day_of_a_holiday_gives_the_same_first_working_day(received: str) -> None:
    assert not ENGLAND.is_working_day(on(received))
    assert ENGLAND.next(on(received)) == ENGLAND.add(on(received), 1) == on("2026-12-29")


def test_no_days_after_a_day_is_that_day_even_a_sunday() -> None:
    assert ENGLAND.add(on("2026-08-30"), 0) == ENGLAND.subtract(on("2026-08-30"), 0) == on("2026-08-30")


def test_a_day_before_is_counted_from_any_day_too() -> None:
    assert ENGLAND.subtract(on("2026-12-29"), 1) == on("2026-12-24")
    assert ENGLAND.subtract(on("2026-12-28"), 1) == on("2026-12-24")
    assert ENGLAND.subtract(on("2027-01-26"), 20) == on("2026-12-24")


def test_a_negative_number_of_days_is_refused() -> None:
    with pytest.raises(ValueError, match="0 or more, not -1"):
        ENGLAND.add(on("2026-12-24"), -1)
    with pytest.raises(ValueError, match="0 or more, not -1"):
        ENGLAND.subtract(on("2026-12-24"), -1)


def test_the_days_between_are_those_after_the_start_up_to_the_end() -> None:
    assert ENGLAND.between(on("2026-12-24"), on("2026-12-24")) == 0
    assert ENGLAND.between(on("2026-12-24"), on("2026-12-28")) == 0
    assert ENGLAND.between(on("2026-12-24"), on("2026-12-29")) == 1
    assert ENGLAND.between(on("2026-12-29"), on("2026-12-24")) == -1


def test_each_skipped_day_says_why() -> None:
    assert ENGLAND.skipped(on("2026-12-24"), on("2026-12-29")) == (
        Skipped(on("2026-12-25"), "Christmas Day"),
        Skipped(on("2026-12-26"), "Saturday"),
        Skipped(on("2026-12-27"), "Sunday"),
        Skipped(on("2026-12-28"), "Boxing Day (substitute day)"),
    )


def test_the_start_is_never_skipped_the_end_may_be_and_backwards_nothing_is() -> None:
    good_friday, easter_monday = on("2025-04-18"), on("2025-04-21")
    assert [day.reason for day in ENGLAND.skipped(good_friday, easter_monday)] == [
        "Saturday",
        "Sunday",
        "Easter Monday",
    ]
    assert ENGLAND.skipped(good_friday, good_friday) == ()
    assert ENGLAND.skipped(easter_monday, good_friday) == ()


def test_the_fifteenth_of_june_2026_is_a_holiday_in_scotland_only() -> None:
    working = {division: load(division).is_working_day(on("2026-06-15")) for division in DIVISIONS}
    assert working == {"england-and-wales": True, "scotland": False, "northern-ireland": True}


def test_each_division_keeps_its_own_holidays() -> None:
    holidays = {"2026-08-31": "england-and-wales northern-ireland", "2026-08-03": "scotland"}
    holidays |= {"2026-03-17": "northern-ireland", "2026-04-06": "england-and-wales northern-ireland"}
    for day, where in holidays.items():
        assert [division for division in DIVISIONS if on(day) in load(division).holidays] == where.split()


# --- the ends


@pytest.mark.parametrize("day", [FIRST - ONE_DAY, LAST + ONE_DAY])
def test_a_day_that_is_not_covered_is_refused_whatever_is_asked(day: date) -> None:
    inside = on("2026-08-28")
    asked = [
        lambda: ENGLAND.add(day, 1),
        lambda: ENGLAND.add(day, 0),
        lambda: ENGLAND.subtract(day, 1),
        lambda: ENGLAND.subtract(day, 0),
        lambda: ENGLAND.next(day),
        lambda: ENGLAND.is_working_day(day),
        lambda: ENGLAND.between(day, inside),
        lambda: ENGLAND.between(inside, day),
        lambda: ENGLAND.skipped(day, inside),
        lambda: ENGLAND.skipped(inside, day),
    ]
    for ask in asked:
        with pytest.raises(OutsideCalendar, match=f"^{day} is outside .* 2000-01-01 to 2040-12-31$"):
            ask()


def test_a_result_that_is_not_covered_is_refused() -> None:
    assert ENGLAND.add(on("2040-12-28"), 1) == LAST
    with pytest.raises(OutsideCalendar, match=r"^2 working days after 2040-12-28 is outside .* to 2040-12-31$"):
        ENGLAND.add(on("2040-12-28"), 2)
    with pytest.raises(OutsideCalendar):
        ENGLAND.add(LAST, 10**30)
    assert ENGLAND.subtract(on("2000-01-05"), 1) == on("2000-01-04")
    with pytest.raises(OutsideCalendar, match=r"^2 working days before 2000-01-05 is outside"):
        ENGLAND.subtract(on("2000-01-05"), 2)


def test_the_first_days_covered_are_the_millenniums_holidays() -> None:
    assert ENGLAND.next(FIRST) == on("2000-01-04")
    assert [day.reason for day in ENGLAND.skipped(FIRST, on("2000-01-04"))] == [
        "Sunday",
        "New Year's Day (substitute day)",
    ]


def test_the_horizon_is_certain_and_the_day_after_it_provisional() -> None:
    assert ENGLAND.horizon == date(LAST_PUBLISHED_YEAR, 12, 31) == on("2028-12-31")
    assert not ENGLAND.provisional(ENGLAND.horizon)
    assert ENGLAND.provisional(ENGLAND.horizon + ONE_DAY)
    assert ENGLAND.add(on("2028-12-29"), 1) == on("2029-01-02"), "New Year's Day is projected by the rules"


def test_an_instant_is_refused_for_a_date() -> None:
    """00:30 in British Summer Time is the day before in UTC: whoever has an instant must choose its day first."""
    with pytest.raises(TypeError, match="is an instant"):
        ENGLAND.add(datetime(2026, 6, 12, 23, 30, tzinfo=UTC), 1)


# --- closures and versions


def test_a_closure_is_skipped_with_its_name_and_changes_the_version() -> None:
    closed = ENGLAND.with_closures({on("2026-12-29"): "Christmas shutdown"})
    assert closed.add(on("2026-12-24"), 1) == on("2026-12-30")
    assert closed.skipped(on("2026-12-28"), on("2026-12-30")) == (
        Skipped(on("2026-12-29"), "Closed: Christmas shutdown"),
    )
    assert closed.version != ENGLAND.version
    assert closed != ENGLAND
    assert ENGLAND.add(on("2026-12-24"), 1) == on("2026-12-29"), "the calendar it was made from stays as it was"


def test_a_closure_on_a_day_that_does_not_count_anyway_moves_nothing() -> None:
    closed = ENGLAND.with_closures({on("2026-12-25"): "shut", on("2026-12-26"): "shut"})
    received, answered = on("2026-12-24"), on("2026-12-29")
    assert closed.skipped(received, answered) == ENGLAND.skipped(received, answered)


def test_closures_replace_those_that_were_there() -> None:
    closed = ENGLAND.with_closures({on("2026-12-29"): "shut"})
    assert closed.with_closures({}) == ENGLAND
    assert closed.with_closures({on("2026-12-30"): "shut"}).closures == {on("2026-12-30"): "shut"}


def test_a_closure_that_is_not_covered_is_refused() -> None:
    with pytest.raises(OutsideCalendar):
        ENGLAND.with_closures({on("2041-01-02"): "shut"})


def test_a_version_depends_on_the_days_their_names_the_division_and_the_horizon_and_on_nothing_else() -> None:
    document = ENGLAND.to_document()
    others = [
        document | {"division": "scotland"},
        document | {"horizon": "2027-12-31", **split_at("2027-12-31")},
        document | {"last": "2041-12-31"},
        document | {"holidays": document["holidays"] | {"2026-09-14": "Proclaimed"}},
        document | {"holidays": document["holidays"] | {"2026-12-25": "Noel"}},
        document | {"projected": document["projected"] | {"2030-09-16": "Expected"}},
        document | {"closures": {"2026-12-29": "shut"}},
        document | {"closures": {"2026-12-29": "closed"}},
    ]
    versions = {Calendar.from_document(other).version for other in [document, *others]}
    assert len(versions) == len(others) + 1
    backwards = {key: document[key] for key in sorted(document, reverse=True)}
    backwards["holidays"] = dict(sorted(document["holidays"].items(), reverse=True))
    assert Calendar.from_document(backwards).version == ENGLAND.version


def split_at(horizon: str) -> dict[str, dict[str, str]]:
    days = {str(day): name for day, name in ENGLAND.holidays.items()}
    return {
        "holidays": {day: name for day, name in days.items() if day <= horizon},
        "projected": {day: name for day, name in days.items() if day > horizon},
    }


@pytest.mark.parametrize(
    ("division", "version"),
    [
        ("england-and-wales", "sha256:331e043b362d96da25d838f81a72cdce09e9f4908c93cc0d8b9d60aef11a9296"),
        ("scotland", "sha256:a723726c792c5687587ccce49f370f9b0c66935eca8a5d13001fa20331858c99"),
        ("northern-ireland", "sha256:cd35a0da4535bb107c9c0c681fc81e9f61dd4f79e26b6a62cf5c185c6841a1bd"),
    ],
)
def test_a_shipped_version_is_what_events_cite_and_survives_every_road(division: Division, version: str) -> None:
    """A change here is a new calendar: say in the changelog which days moved, and review the deadlines they move."""
    calendar = load(division)
    again = Calendar.from_document(orjson.loads(canonical(calendar.to_document())))
    elsewhere = Calendar.from_document(json.loads(shipped(division).read_text(encoding="utf-8")))
    assert calendar.version == again.version == elsewhere.version == version
    assert calendar == again
    assert load(division) is calendar


def test_closures_survive_the_round_trip() -> None:
    closed = ENGLAND.with_closures({on("2026-12-30"): "Christmas shutdown", on("2026-12-29"): "Christmas shutdown"})
    again = Calendar.from_document(orjson.loads(canonical(closed.to_document())))
    assert again == closed
    assert again.closures == closed.closures
    assert again.add(on("2026-12-24"), 1) == on("2026-12-31")


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1},
        {"closures": None},
        {"closures": ["2026-12-29"]},
        {"horizon": "20281231"},
        {"horizon": "2041-12-31"},
        {"horizon": 2028},
        {"division": "wales"},
        {"holidays": {"2029-01-01": "after the horizon"}},
        {"holidays": {"1999-12-31": "before the first day"}},
        {"holidays": {"Christmas": "2026-12-25"}},
    ],
    ids=str,
)
def test_a_document_that_is_no_calendar_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"not a calendar|outside the calendar|isoformat|is not one of"):
        Calendar.from_document(ENGLAND.to_document() | change)
    with pytest.raises(ValueError, match="not a calendar"):
        Calendar.from_document({"division": "scotland"})


def test_a_calendar_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        ENGLAND.horizon = LAST  # type: ignore[misc]
    with pytest.raises(TypeError):
        ENGLAND.holidays[on("2026-09-14")] = "Proclaimed"  # type: ignore[index]
    with pytest.raises(TypeError):
        ENGLAND.closures[on("2026-09-14")] = "shut"  # type: ignore[index]


@pytest.mark.parametrize("name", ["wales", "../pathways/england-and-wales", ""])
def test_an_unknown_division_is_refused_by_name(name: Division) -> None:
    with pytest.raises(ValueError, match="is not one of england-and-wales, scotland, northern-ireland"):
        load(name)


# --- the snapshots and where they come from


@pytest.mark.parametrize("division", DIVISIONS)
def test_the_shipped_snapshot_is_what_todays_package_gives(division: Division) -> None:
    assert shipped(division).read_bytes() == readable(snapshot(division))


def test_england_and_wales_are_one_division() -> None:
    import holidays

    years = range(FIRST.year, LAST.year + 1)
    england, wales = (holidays.country_holidays("GB", subdiv=part, years=years) for part in ("ENG", "WLS"))
    assert dict(england) == dict(wales)


def test_loading_a_calendar_does_not_import_holidays() -> None:
    code = "import sys; from shared.calendar import load; load('scotland'); assert 'holidays' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def published() -> dict[str, set[date]]:
    """GOV.UK's days from 2012 on, as its client library carries them; nothing is fetched.

    That copy was taken before the proclamation of Scotland's holiday on 15 June 2026, which GOV.UK lists since.
    """
    source = BankHolidays(use_cached_holidays=True)
    days = {division: {holiday["date"] for holiday in source.get_holidays(division)} for division in DIVISIONS}
    days["scotland"].add(on("2026-06-15"))
    return days


PUBLISHED = published()


@pytest.mark.parametrize("division", DIVISIONS)
def test_the_holidays_are_gov_uks_from_2012_to_the_horizon(division: Division) -> None:
    calendar = load(division)
    known = {day for day in calendar.holidays if on("2012-01-01") <= day <= calendar.horizon}
    assert known == PUBLISHED[division]
    assert max(known).year == calendar.horizon.year


@pytest.mark.parametrize("division", DIVISIONS)
def test_every_start_from_2012_to_the_horizon_agrees_with_counting_day_by_day(division: Division) -> None:
    calendar, holidays = load(division), PUBLISHED[division]
    everyday = days_from(on("2012-01-01"), calendar.horizon)
    counts = [day.weekday() < 5 and day not in holidays for day in everyday]
    for index, start in enumerate(everyday):
        assert calendar.is_working_day(start) == counts[index]
        passed, position = 0, index
        for span in SPANS:
            while passed < span and position + 1 < len(everyday):
                position += 1
                passed += counts[position]
            if passed == span:
                assert calendar.add(start, span) == everyday[position], (start, span)
                assert calendar.between(start, everyday[position]) == span
            else:
                assert calendar.provisional(calendar.add(start, span)), (start, span)


def test_where_gov_uk_does_not_reach_the_holidays_of_england_follow_the_rules() -> None:
    """Banking and Financial Dealings Act 1971 Sch 1, and the proclamations as they are made; with the one-offs."""
    moved = {2002: {on("2002-05-27")}}
    proclaimed = {2002: {on("2002-06-03"), on("2002-06-04")}, 2011: {on("2011-04-29")}}
    for year in [*range(2000, 2012), *range(2029, 2041)]:
        expected = by_rule(year) - moved.get(year, set()) | proclaimed.get(year, set())
        assert {day for day in ENGLAND.holidays if day.year == year} == expected


def by_rule(year: int) -> set[date]:
    may, august = (
        [day for day in days_from(date(year, month, 1), date(year, month, 31)) if day.weekday() == 0]
        for month in (5, 8)
    )
    days = {easter(year) - 2 * ONE_DAY, easter(year) + ONE_DAY, may[0], may[-1], august[-1]}
    for day in (date(year, 1, 1), date(year, 12, 26), date(year, 12, 25)):
        while day.weekday() > 4 or day in days:  # the next day that is free takes its place
            day += ONE_DAY
        days.add(day)
    return days


def easter(year: int) -> date:
    """Easter Sunday by Gauss's reckoning as corrected for the Gregorian calendar, good for 1900 to 2099."""
    moon = (19 * (year % 19) + 24) % 30
    sunday = (2 * (year % 4) + 4 * (year % 7) + 6 * moon + 5) % 7
    if moon + sunday == 35 or (moon == 28 and sunday == 6 and year % 19 > 10):
        sunday -= 7
    return date(year, 3, 22) + (moon + sunday) * ONE_DAY
