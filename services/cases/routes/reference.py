"""What an authority goes by: pathways, code lists, working days."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.cases.reference_data import code_lists_out, pathways_out
from services.cases.routes.desk import Reader
from shared import calendar
from shared.access import Principal
from shared.authority import authority
from shared.calendar import Division
from shared.commands import Day

router = APIRouter(prefix="/v1")


@router.get("/pathways")
def list_pathways(who: Reader) -> dict[str, Any]:
    """Every pathway with its rules, and what changes when."""
    return pathways_out(who.authority)


@router.get("/codes")
def list_codes(who: Reader) -> dict[str, Any]:
    """The code lists of the authority, edition by edition, with the printed row that each code counts in."""
    return code_lists_out(who.authority)


def _days(division: Division | None, who: Principal) -> calendar.Calendar:
    return calendar.load(division) if division else authority(who.authority).calendar


@router.get("/working-days/add")
def add_working_days(
    who: Reader,
    start: Day,
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
def count_working_days(who: Reader, start: Day, end: Day, division: Division | None = None) -> dict[str, Any]:
    """How many working days lie after a date, up to and including another."""
    return {"start": start, "end": end, "working_days": _days(division, who).between(start, end)}
