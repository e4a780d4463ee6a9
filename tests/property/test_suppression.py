"""Nobody works out what is hidden: a solver is given all that is public, and must be left in doubt."""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting import reports
from services.reporting.app import follower
from services.reporting.disclosure import suppressed
from services.reporting.figures import Table, total
from services.reporting.reading import ReadModels
from services.sample import load
from shared.database import metadata
from shared.register import Register
from shared.settings import Settings
from shared.year import Year
from tests import councils
from tests.attacker import At, attack, attack_both, small_alone, statutory_alone
from tests.grids import grid, rows

numbers = st.integers(0, 8) | st.sampled_from([0, 0, 1, 1, 2, 20])
grids = st.integers(1, 5).flatmap(
    lambda across: st.lists(st.lists(numbers, min_size=across, max_size=across), min_size=1, max_size=5)
)
lists = st.dictionaries(st.sampled_from("abcdefgh"), numbers, min_size=1)


def printed(tables: Sequence[Table]) -> dict[At, int | float | None]:
    return {(table.name, *cell.at): cell.value for table in tables for cell in table.cells}


def nothing_small_is_shown(truth: Sequence[Table], public: Sequence[Table]) -> None:
    required = printed(statutory_alone(truth))
    for table in public:
        for cell in table.cells:
            small = cell.measure == "count" and 0 < total(cell.shares) < 5
            assert not small or required[table.name, *cell.at] == cell.value, (table.name, cell)


@settings(max_examples=60, deadline=None)
@given(grids, lists)
def test_no_cell_of_a_grid_can_be_worked_out(counts: list[list[int]], others: dict[str, int]) -> None:
    tables = (grid("grid", counts), rows("list", others))
    public = suppressed(tables)
    assert attack(tables, public).exposed() == {}
    nothing_small_is_shown(tables, public)
    assert suppressed(public) == public
    assert suppressed(tables) == public
    assert all(table.balanced for table in public)
    assert [(t.name, t.sums, [c.at for c in t.cells]) for t in public] == [
        (t.name, t.sums, [c.at for c in t.cells]) for t in tables
    ]


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 10**6), st.integers(12, 60))
def test_no_figure_of_a_report_can_be_worked_out(seed: int, complaints: int) -> None:
    tables = councils.report(councils.year_of(Random(seed), complaints))
    public = suppressed(tables)
    nothing_small_is_shown(tables, public)
    assert suppressed(public) == public
    assert all(table.balanced for table in public)
    exposed = attack(tables, public).exposed()
    assert not exposed or exposed.keys() <= attack(tables, statutory_alone(tables)).exposed().keys()


@settings(max_examples=30, deadline=None)
@given(lists, st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 6), max_size=3))
def test_two_editions_together_give_nothing_away(counts: dict[str, int], more: dict[str, int]) -> None:
    earlier = (rows("list", counts),)
    later = (rows("list", {row: times + more.get(row, 0) for row, times in counts.items()}),)
    before = suppressed(earlier)
    after = suppressed(later, [printed(before)])
    hidden = {at for at, value in printed(before).items() if value is None}
    assert hidden <= {at for at, value in printed(after).items() if value is None}
    for at, value in printed(after).items():
        was = printed(before)[at]
        assert value is None or was is None or not 0 < abs(value - was) < 5
    assert attack(later, after).exposed() == {}
    assert attack_both((earlier, before), (later, after), unchanged=False).exposed() == {}
    assert attack_both((earlier, before), (later, after), unchanged=True).exposed() == {}


# --- Coventry ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReadModels]:
    """The sample in a database of its own."""
    settings = Settings(home=Path(tmp_path_factory.mktemp("coventry")))
    register = Register.open(settings)
    metadata.create_all(register.engine)
    load.found(register, settings, lambda _: nullcontext(lambda _: None))
    follower(register).catch_up("COV")
    yield ReadModels(register.engine, register.log, None, "COV")
    register.close()


@pytest.mark.parametrize(
    ("year", "day"), [("2022-23", "2023-04-14"), ("2023-24", "2024-06-30"), ("2024-25", "2025-06-30")]
)
def test_nothing_that_coventry_hides_can_be_worked_out_but_for_hiding_the_small_alone_it_can(
    models: ReadModels, year: str, day: str
) -> None:
    tables = [
        table
        for report in ("annual", "statutory")
        for table in reports.count(models, report, Year.of(year), date.fromisoformat(day)).own  # type: ignore[arg-type]
    ]
    public = suppressed(tables)
    nothing_small_is_shown(tables, public)
    assert attack(tables, public).exposed() == {}
    assert len(attack(tables, small_alone(tables)).exposed()) > 20
