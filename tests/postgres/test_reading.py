"""Facts read out of either engine, by the statements made for it, are those that the events fold to."""

from itertools import product
from random import Random

import sqlalchemy as sa

from services.reporting.annual import annual, compared
from services.reporting.follower import Follower
from services.reporting.loading import Reader
from services.reporting.rows import Known
from services.reporting.scope import Scope
from shared.events import CaseRouted
from shared.year import Year
from tests import councils
from tests.councils import COVENTRY
from tests.histories import folded

EDGES = ("2024-01-05", "2024-03-31", "2024-04-01", "2025-03-31", "2025-04-01", None)


class Told:
    """A log in a list."""

    def __init__(self, history: councils.History) -> None:
        self.events = history.recorded()

    def read(self, authority: str, after: int = 0, upto: int | None = None, limit: int = 5000) -> list[object]:
        return self.events[after : after + limit]


def scope(known: Known, year: Year) -> Scope:
    return Scope(known, year, year.last, COVENTRY.codes, COVENTRY.calendar, name=COVENTRY.name)


def test_what_was_in_hand_is_read_to_its_first_and_last_day(engine: sa.Engine) -> None:
    """Left on the day before the year and on its first, entered on both; in hand through it, and long over."""
    history = councils.History()
    for entered, left in product(("2023-12-01", "2024-03-31", "2024-04-01", "2025-03-31"), EDGES):
        if left is None or entered <= left:
            history.complaint(f"COV-{entered}-{left}", entered)
    for reference, left in [(told, told[-10:]) for told, _, event in history.told if isinstance(event, CaseRouted)]:
        if left[:2] == "20":
            history.withdraw(reference, left)
    Follower(engine, Told(history), lambda _: COVENTRY.calendar).catch_up("COV")
    year = Year(2024)
    for position in (len(history.told) - 12, len(history.told)):
        pure = folded([(reference, event) for reference, _, event in history.told[:position]])
        with engine.connect() as connection:
            read = Reader(connection, "COV", 1, position).facts(year)
        assert annual(scope(read, year), None) == annual(scope(pure, year), None)


def test_what_is_read_at_a_position_is_what_the_events_up_to_it_fold_to(engine: sa.Engine) -> None:
    history = councils.year_of(Random(5), 60)
    Follower(engine, Told(history), lambda _: COVENTRY.calendar).catch_up("COV")
    told = [(reference, event) for reference, _, event in history.told]
    for position in (0, len(told) // 2, len(told)):
        pure = folded(told[:position])
        with engine.connect() as connection:
            for _ in range(7):  # the driver prepares a statement, and PostgreSQL its plan, after several times
                reader = Reader(connection, "COV", 1, position)
                for year in (councils.YEAR, Year(councils.YEAR.starts + 1)):
                    assert annual(scope(reader.facts(year), year), None) == annual(scope(pure, year), None)
                    assert compared(scope(reader.compared(year), year)) == compared(scope(pure, year))
