"""Every table, row and column that disclosure control knows by name is still printed under that name."""

from datetime import date
from random import Random

import pytest

from services.reporting import disclosure, linked
from services.reporting.annual import annual
from services.reporting.scope import Scope
from services.reporting.statutory import statutory
from shared.year import Year
from tests import councils

At = tuple[str, str, str]


@pytest.fixture(scope="module")
def places() -> set[At]:
    """Every place of the annual report and the statutory return, in each layout that they have had."""
    facts = councils.year_of(Random(1), 40).facts()
    return {
        (table.name, *cell.at)
        for layout in ("2022-23", "2023-24", "2024-25")
        for scope in [
            Scope(
                facts,
                councils.YEAR,
                date(2024, 6, 30),
                councils.COVENTRY.codes,
                councils.COVENTRY.calendar,
                printed_as=Year.of(layout),
            )
        ]
        for table in (*annual(scope, None), *statutory(scope))
        for cell in table.cells
    }


def named() -> list[At]:
    return [
        *linked.OF_WHICH,
        *linked.OF_WHICH.values(),
        *linked.TOGETHER,
        *(at for parts in linked.TOGETHER.values() for at in parts),
        *(at for same in linked.SAME for at in same),
        *linked.FOUNDED,
        *linked.COHORT,
        *(at for number in linked.STATUTORY for at in (*number.first, *number.elsewhere)),
    ]


@pytest.mark.parametrize("at", dict.fromkeys(named()))
def test_every_figure_that_is_linked_by_its_name_is_printed(places: set[At], at: At) -> None:
    assert at in places


def test_every_table_and_word_that_is_known_by_name_is_printed(places: set[At]) -> None:
    tables = {table for table, _, _ in places}
    assert tables >= linked.REFUSED | disclosure.AMOUNTS
    assert any(table.startswith(disclosure.SENSITIVE) for table in tables)
    assert any(table.startswith(disclosure.SENSITIVE) and row == disclosure.UNKNOWN for table, row, _ in places)
    assert {word for _, row, column in places for word in (row, column)} >= linked.GENERIC | linked.UNITS
