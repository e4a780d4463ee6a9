"""Facts read out of either engine, by the statements made for it, are those that the events fold to."""

from random import Random

import sqlalchemy as sa

from services.reporting.annual import annual, compared
from services.reporting.follower import Follower
from services.reporting.loading import Reader
from services.reporting.rows import Known
from services.reporting.scope import Scope
from shared.year import Year
from tests import councils
from tests.councils import COVENTRY
from tests.histories import folded


class Told:
    """A log in a list."""

    def __init__(self, history: councils.History) -> None:
        self.events = history.recorded()

    def read(self, authority: str, after: int = 0, upto: int | None = None, limit: int = 5000) -> list[object]:
        return self.events[after : after + limit]


def scope(known: Known, year: Year) -> Scope:
    return Scope(known, year, year.last, COVENTRY.codes, COVENTRY.calendar, name=COVENTRY.name)


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
