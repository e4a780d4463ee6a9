"""Canonical figures are the log's up to their position: whatever is recorded later, they are the same bytes."""

from collections.abc import Sequence
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting import canonical, reports
from services.reporting.loading import Reader
from services.reporting.reading import facts_at
from shared import events as e
from shared.log import Recorded
from shared.year import Year
from tests.property.test_reporting import COVENTRY, YEARS, database, days, follower, histories, recorded

figures_beside = st.builds(
    lambda on, year, value: (
        "COV",
        e.ReferenceFigureRecorded(
            recorded_on=on,
            name="adults_in_long_term_support",
            subject="Coventry City Council",
            year=year.label,
            value=value,
            unit="people",
            source="return",
        ),
    ),
    days,
    st.sampled_from(YEARS),
    st.integers(1, 5000),
)


def frozen(events: Sequence[Recorded], position: int, year: Year, as_at: date) -> bytes:
    """The annual figures at a position, out of rows that have followed all of these events."""
    before = reports.years_before("annual", year)
    with database() as engine:
        follower(engine, events).catch_up("COV")
        with engine.connect() as connection:
            known = facts_at(Reader(connection, "COV", 1, position), year, beside=before)
    counted = reports.counted(COVENTRY, "annual", known, year, as_at, before)
    return canonical.figures("COV", "annual", as_at, position, counted.years)


@settings(max_examples=15, deadline=None)
@given(histories(), st.lists(figures_beside, max_size=3), st.data(), st.sampled_from(YEARS), days)
def test_nothing_that_is_recorded_later_changes_a_byte_of_what_was_frozen(
    told: list[tuple[str, e.Event]],
    beside: list[tuple[str, e.Event]],
    data: st.DataObject,
    year: Year,
    as_at: date,
) -> None:
    events = recorded([*told, *beside])
    position = data.draw(st.integers(1, len(events)))
    assert frozen(events, position, year, as_at) == frozen(events[:position], position, year, as_at)
