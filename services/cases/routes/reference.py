"""What an authority goes by: pathways, code lists, working days."""

from datetime import date
from typing import Annotated, Any

from fastapi import Query

from services.cases.reference_data import code_lists_out, pathways_out, retention_out
from services.cases.routes.desk import Reader
from shared import calendar
from shared.access import Principal
from shared.authority import authority
from shared.calendar import Division
from shared.errors import bad_value
from shared.web import api_router

router = api_router("cases")


@router.get("/pathways")
def list_pathways(who: Reader) -> dict[str, Any]:
    """Every pathway with its rules, and what changes when."""
    return pathways_out(who.authority)


@router.get("/codes")
def list_codes(who: Reader) -> dict[str, Any]:
    """The code lists of the authority, edition by edition, with the printed row that each code counts in."""
    return code_lists_out(who.authority)


@router.get("/retention")
def show_retention(who: Reader) -> dict[str, Any]:
    """How long personal data is kept, on which grounds it is erased, and why it may be held back, with the sources."""
    return retention_out(who.authority)


def _days(division: Division | None, who: Principal) -> calendar.Calendar:
    return calendar.load(division) if division else authority(who.authority).calendar


@router.get("/working-days/add")
def add_working_days(
    who: Reader,
    start: date,
    days: Annotated[int, Query(ge=0, le=5000)],
    division: Division | None = None,
) -> dict[str, Any]:
    """The days-th working day after a date, with every day between that does not count."""
    found = _days(division, who)
    end = found.add(start, days)
    return {
        "start": start,
        "days": days,
        "date": end,
        "skipped": [{"date": skip.date, "reason": skip.reason} for skip in found.skipped(start, end)],
        "division": found.division,
        "calendar_version": found.version,
        "provisional": found.provisional(end),
    }


@router.get("/working-days/between")
def count_working_days(who: Reader, start: date, end: date, division: Division | None = None) -> dict[str, Any]:
    """How many working days lie after a date, up to and including another, which is not before it."""
    if end < start:
        raise bad_value("too_early", "end", f"end is {end}, before start ({start})")
    return {"start": start, "end": end, "working_days": _days(division, who).between(start, end)}
