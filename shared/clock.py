"""The only place that reads the clock, and the only one that turns an instant into a London date."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def now() -> datetime:
    """The current instant, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Today's date in Europe/London."""
    return london_date(now())


def london_date(instant: datetime) -> date:
    """The Europe/London date of an aware instant: 23:30 UTC in July is the next day there."""
    return instant.astimezone(LONDON).date()


def end_of_day(day: date) -> datetime:
    """The first instant after a Europe/London day, in UTC: "as at D" knows what was recorded before it."""
    return datetime.combine(day + timedelta(days=1), time(), LONDON).astimezone(UTC)


def noon(day: date) -> datetime:
    """Midday in Europe/London, in UTC: the instant used where only a date is known."""
    return datetime.combine(day, time(12), LONDON).astimezone(UTC)


def stamp(instant: datetime) -> str:
    """An instant as stored and hashed: UTC, always microseconds, sortable as text.

    >>> stamp(datetime(2026, 7, 1, 23, 30, tzinfo=UTC))
    '2026-07-01T23:30:00.000000Z'
    """
    return instant.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def instant(text: str) -> datetime:
    """The instant that `stamp` wrote. Raises `ValueError` for anything else."""
    if len(text) != 27 or text[10] != "T" or text[-1] != "Z":
        raise ValueError("not an instant as the log stamps it")
    return datetime.fromisoformat(text)
