"""What a publication's events make of it, and figures as bytes."""

from datetime import date
from itertools import accumulate

import orjson
import pytest

from services.reporting import canonical
from services.reporting.commands import ReleasePublication, WithdrawPublication
from services.reporting.figures import Cell, Share, Table
from services.reporting.publication import Publication, evolve, release, standing, withdraw
from services.reporting.restatement import restatement
from shared.errors import Rejected
from shared.events import CaseClosed, FrozenDocument, PublicationReleased, PublicationWithdrawn, ReportPublished

DAY = date(2025, 6, 2)
FROZEN = ReportPublished(
    published_on=DAY,
    report="annual",
    year="2024-25",
    as_at=date(2025, 3, 31),
    position=7,
    code="redress 0",
    figures="sha256:f",
    printed="sha256:p",
    documents=(FrozenDocument("csv", "sha256:c"),),
    manifest="sha256:m",
)
RELEASED = PublicationReleased(released_on=DAY)
WITHDRAWN = PublicationWithdrawn(withdrawn_on=DAY, reason="counted twice")


def test_each_event_takes_it_a_step_further_and_others_change_nothing() -> None:
    events = (FROZEN, RELEASED, WITHDRAWN)
    states = list(accumulate(events[1:], evolve, initial=evolve(None, FROZEN)))
    assert [state and state.status for state in states] == ["frozen", "released", "withdrawn"]
    assert evolve(Publication(FROZEN), CaseClosed(closed_on=DAY)) == Publication(FROZEN)
    with pytest.raises(ValueError, match="begins no publication"):
        evolve(None, RELEASED)


def test_what_may_become_of_it_depends_on_what_became_of_it() -> None:
    frozen, released = Publication(FROZEN), Publication(FROZEN, RELEASED)
    withdrawn = Publication(FROZEN, RELEASED, WITHDRAWN)
    giving_out, taking_back = ReleasePublication(), WithdrawPublication(reason="counted twice")
    assert release(frozen, giving_out, DAY) == (RELEASED,)
    assert withdraw(released, taking_back, DAY) == (WITHDRAWN,)
    for state, rule in ((released, "already_released"), (withdrawn, "already_withdrawn")):
        with pytest.raises(Rejected, match=rule):
            release(state, giving_out, DAY)
    assert withdraw(frozen, taking_back, DAY) == (WITHDRAWN,)
    with pytest.raises(Rejected, match="already_withdrawn"):
        withdraw(withdrawn, taking_back, DAY)


def test_the_hash_of_the_full_figures_is_not_among_what_everybody_is_told() -> None:
    told = str(standing("x", Publication(FROZEN, RELEASED)))
    assert "sha256:m" in told
    assert "sha256:f" not in told


# --- figures ----------------------------------------------------------------------------------------------------------


def table(name: str, **values: int) -> Table:
    cells = (
        Cell(row=row, column="complaints", basis="received", shares=(Share("A", value),))
        for row, value in values.items()
    )
    return Table(name=name, cells=tuple(cells))


def figures(*tables: Table, year: str = "2024-25") -> bytes:
    return canonical.figures("COV", "annual", date(2025, 3, 31), 7, {year: tables})


def test_the_same_figures_are_the_same_bytes_whatever_is_said_around_them() -> None:
    plain = table("t", a=1)
    explained = Table(name="t", cells=plain.cells, layout="Counted by day of receipt.")
    assert figures(plain) == figures(explained)
    assert figures(plain) != figures(table("t", a=2))


def test_a_difference_names_year_table_row_and_column() -> None:
    [told] = canonical.differences(figures(table("t", a=1, b=2)), figures(table("t", a=1, b=3)))
    assert told.startswith("2024-25, t, b, complaints: 2 (count of 2 by None) was frozen, 3 ")
    [gone] = canonical.differences(figures(table("t", a=1)), figures())
    assert gone.endswith("nothing is counted")


def test_a_table_that_came_later_is_no_part_of_what_was_frozen() -> None:
    frozen = figures(table("t", a=1))
    names = canonical.frozen_tables(frozen)["2024-25"]
    assert figures(*canonical.only([table("new", z=9), table("t", a=1)], names)) == frozen


def test_a_suppressed_figure_is_none_among_the_values() -> None:
    hidden = Cell(row="a", column="complaints", basis="received", shares=(), suppressed=True)
    content = figures(Table(name="t", cells=(hidden,)), table("u", b=7))
    assert canonical.values(content) == {"2024-25": {("t", "a", "complaints"): None, ("u", "b", "complaints"): 7}}
    assert orjson.loads(content)["position"] == 7


def test_what_was_published_is_held_against_the_later_figure_and_not_what_is_counted_of_it_today() -> None:
    """The register counts 2 of that day today, although 1 was published: the code has changed since."""
    frozen = {("t", "a", "complaints"): 1}
    [change] = restatement([table("t", a=2)], [table("t", a=2)], {}, frozen)
    assert (change.before, change.after, change.cases) == (1, 2, ())
    assert restatement([table("t", a=2)], [table("t", a=2)], {}) == ()
