"""Nobody works out what is hidden: a solver is given all that is public, and must be left in doubt."""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
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
    assumed = attack_both((earlier, before), (later, after), unchanged=True).exposed()
    assert {at: value for at, value in assumed.items() if value != printed(before)[at]} == {}


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


YEARS = pytest.mark.parametrize(
    ("year", "early", "late"),
    [
        ("2022-23", "2023-04-14", "2023-06-30"),
        ("2023-24", "2024-04-10", "2024-06-30"),
        ("2024-25", "2025-04-10", "2025-06-30"),
    ],
)


def count(models: ReadModels, report: reports.Report, year: str, day: str) -> reports.Counted:
    return reports.count(models, report, Year.of(year), date.fromisoformat(day))


@YEARS
def test_nothing_that_coventry_hides_can_be_worked_out_but_for_hiding_the_small_alone_it_can(
    models: ReadModels, year: str, early: str, late: str
) -> None:
    tables = [*count(models, "annual", year, late).own, *count(models, "statutory", year, late).own]
    public = suppressed(tables)
    nothing_small_is_shown(tables, public)
    assert attack(tables, public).exposed() == {}
    assert len(attack(tables, small_alone(tables)).exposed()) > 20


@YEARS
def test_more_than_half_of_what_coventry_reports_is_public(
    models: ReadModels, year: str, early: str, late: str
) -> None:
    cells = [cell for table in suppressed(count(models, "annual", year, late).own) for cell in table.cells]
    assert sum(cell.suppressed for cell in cells) < len(cells) / 2


@YEARS
def test_two_editions_of_coventrys_year_and_its_return_give_nothing_away(
    models: ReadModels, year: str, early: str, late: str
) -> None:
    """But that a figure is nought, or what it was when it was printed, to whoever takes the hidden for unchanged."""
    first, second = (count(models, "annual", year, day).own for day in (early, late))
    before = suppressed(first)
    after = suppressed(second, [printed(before)])
    assert attack_both((first, before), (second, after), unchanged=False).exposed() == {}
    assumed = attack_both((first, before), (second, after), unchanged=True).exposed()
    was = printed(before)
    assert {at: value for at, value in assumed.items() if value not in (0, was.get(at))} == {}

    statutory = count(models, "statutory", year, late).own
    beside = suppressed(statutory, [was, printed(after)])
    assert attack([*second, *statutory], [*after, *beside]).exposed() == {}


@pytest.mark.parametrize(("year", "early"), [("2022-23", "2023-04-14"), ("2023-24", "2024-06-30")])
def test_an_earlier_year_beside_a_later_one_gives_nothing_away_of_what_was_public_of_it(
    models: ReadModels, year: str, early: str
) -> None:
    """To a reader who takes what has other rows in the later report for the same complaints."""
    earlier = count(models, "annual", year, early).own
    before = suppressed(earlier)
    beside = count(models, "annual", "2024-25", "2025-06-30").years[year]
    after = suppressed(beside, [printed(before)])

    def renamed(tables: Sequence[Table]) -> list[Table]:
        return [replace(table, name=f"{table.name}, beside") for table in tables]

    assert attack([*earlier, *renamed(beside)], [*before, *renamed(after)]).exposed() == {}


# --- hardly anyone ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("complaints", [0, 1, 2, 3, 5])
def test_of_a_tiny_council_nothing_is_known_but_what_follows_from_the_return(complaints: int) -> None:
    """Of one or two, in how many some fault was found is as many as the law has printed as well-founded."""
    tables = councils.report(councils.year_of(Random(0), complaints))
    public = suppressed(tables)
    nothing_small_is_shown(tables, public)
    exposed = {at: value for at, value in attack(tables, public).exposed().items() if value}
    follows = {("statutory outcomes", "upheld or partially upheld", "complaints")} if complaints < 3 else set()
    assert (
        not exposed.keys() - follows
        or exposed.keys() - follows <= attack(tables, statutory_alone(tables)).exposed().keys()
    )
