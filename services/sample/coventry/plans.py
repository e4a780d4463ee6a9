"""When the statutory complaints of each year come in, how each ends, and after how many working days."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import cycle

from services.sample.coventry.arranging import CALENDAR, MONTHS, day_in, spread
from services.sample.coventry.labels import OUTCOMES
from services.sample.coventry.published import counts
from shared.clock import LONDON, london_date

LAST_YEAR_END = date(2025, 3, 31)
Place = tuple[str, int]  # a month, and the number of the complaint in it


@dataclass(frozen=True, slots=True)
class Fate:
    """How a complaint ends, and after how many working days; `received` where a figure hangs on that day."""

    outcome: str
    days: int
    received: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A year: complaints by month from April, working days to closing, and certain complaints, settled one by one.

    So is March: what is upheld is decided by 31 March, for well-founded complaints are counted in the year of their
    decision, and the figures leave none to cross a year's end.
    """

    months: tuple[int, ...]
    within: tuple[int, ...]
    over: tuple[int, ...]
    certain: Mapping[Place, Fate]

    @property
    def places(self) -> list[Place]:
        """Every complaint of the year."""
        return [(month, k) for month, n in zip(MONTHS, self.months, strict=True) for k in range(n)]


PLANS = {
    "2022-23": Plan(
        months=(6, 6, 5, 6, 6, 5, 6, 6, 4, 6, 5, 5),
        within=(13, 20, 9, 16, 18, 7, 14, 11, 19, 20, 12, 5, 17),
        over=(24, 30, 21, 36, 27, 40, 22, 34, 29),
        certain={
            ("April", 1): Fate("not_upheld", 135),  # past the six months of SI 2009/309 reg 14(3)
            ("August", 5): Fate("not_upheld", 20, "2022-08-30T10:20"),  # 20 only because of the state funeral
            ("March", 0): Fate("withdrawn", 9),
            ("March", 1): Fate("not_upheld", 20),
            ("March", 2): Fate("not_upheld", 19),
            # The two still open, and within their 20 days, when the older report was made on 14 April 2023:
            ("March", 3): Fate("withdrawn", 24, "2023-03-15T14:05"),
            ("March", 4): Fate("withdrawn", 27, "2023-03-30T11:40"),
        },
    ),
    "2023-24": Plan(
        months=(5, 4, 1, 8, 5, 6, 4, 5, 2, 8, 6, 5),  # as printed, but July one fewer: the print adds up to 60, not 59
        within=(12, 18, 20, 8, 15, 19, 6, 13, 17, 10),
        over=(23, 34, 21, 28, 39, 25, 33, 22, 30),
        certain={
            ("May", 1): Fate("partially_upheld", 68),
            ("March", 0): Fate("not_upheld", 18),
            ("March", 1): Fate("withdrawn", 4),
            ("March", 2): Fate("not_upheld", 16),
            ("March", 3): Fate("withdrawn", 12),
            ("March", 4): Fate("not_upheld", 20),
        },
    ),
    "2024-25": Plan(
        months=(8, 7, 7, 8, 7, 7, 8, 7, 5, 8, 7, 6),
        within=(10, 17, 20, 6, 13, 8, 19, 15, 4, 12, 18),
        over=(21, 28, 35, 24, 39, 22, 31),
        certain={
            ("April", 0): Fate("withdrawn", 14, "2024-04-01T00:30"),  # still 31 March in UTC
            ("June", 3): Fate("partially_upheld", 61),
            ("March", 0): Fate("withdrawn", 6),
            ("March", 1): Fate("not_upheld", 15),
            ("March", 2): Fate("withdrawn", 8),
            ("March", 3): Fate("not_upheld", 9),
            # Four open on 31 March 2025, of which two past their 20 days; they are closed by June:
            ("January", 7): Fate("not_upheld", 78),
            ("February", 6): Fate("not_upheld", 55),
            ("March", 4): Fate("withdrawn", 24),
            ("March", 5): Fate("not_upheld", 38),
        },
    ),
}


def receipt(year: str, place: Place, channel: str) -> datetime:
    """When a complaint came in: in office hours; by e-mail and form now and then at a weekend."""
    plan, (month, k) = PLANS[year], place
    certain = plan.certain.get(place)
    if certain and certain.received:
        return datetime.fromisoformat(certain.received).replace(tzinfo=LONDON)
    index = MONTHS.index(month)
    day = day_in(year, month, 3 + 26 * k // plan.months[index])
    if channel not in ("email", "web_form") or (index + k) % 3:
        day = CALENDAR.subtract(day + timedelta(days=1), 1)
    return datetime.combine(day, time(9 + (3 * index + k) % 7, (17 * index + 23 * k) % 60), LONDON)


def fates(year: str, received: Sequence[datetime]) -> list[Fate]:
    """The fate of each complaint, from what the year prints less what is certain.

    Within 20 working days is what was closed by the 20th, or is open and not past it; February's are all within, so
    that an answer is out by the year's end.
    """
    plan = PLANS[year]
    on = dict(zip(plan.places, map(london_date, received), strict=True))
    sure = [(fate, CALENDAR.add(on[p], 20), CALENDAR.add(on[p], fate.days)) for p, fate in plan.certain.items()]
    printed = counts(year, "statutory outcomes", "complaints")
    left = Counter({outcome: printed[row] for row, outcome in OUTCOMES.items()})
    left.subtract(fate.outcome for fate, _, closed_on in sure if closed_on <= LAST_YEAR_END)
    within = counts(year, "response times", "complaints")["within 20 working days"] - sum(
        fate.days <= 20 or closed_on > LAST_YEAR_END <= due_on for fate, due_on, closed_on in sure
    )
    free = [place for place in plan.places if place not in plan.certain]
    soon = [place for place in free if place[0] == "February"]
    split = {plan.within: within - len(soon), plan.over: len(free) - within}
    pools = dict(zip((place for place in free if place not in soon), spread(split), strict=True))
    days = {pool: cycle(pool) for pool in split}
    drawn = {
        place: Fate(outcome, next(days[pools.get(place, plan.within)]))
        for place, outcome in zip(free, spread(left), strict=True)
    }
    return [plan.certain.get(place) or drawn[place] for place in plan.places]
