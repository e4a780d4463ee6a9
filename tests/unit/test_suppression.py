"""What is hidden of a public report, and what with it. That nobody can work it out is for the property tests."""

from collections.abc import Sequence
from random import Random

from services.reporting.disclosure import RULE, suppressed
from services.reporting.figures import Cell, Share, Table, counted, net, sum_of
from services.reporting.scope import RECEIVED
from tests import councils
from tests.attacker import attack, attack_both, small_alone
from tests.grids import grid, rows

At = tuple[str, str, str]


def shown(tables: Sequence[Table]) -> dict[str, int | float | None]:
    return {cell.row: cell.value for table in tables for cell in table.cells}


def printed(tables: Sequence[Table]) -> dict[At, int | float | None]:
    return {(table.name, *cell.at): cell.value for table in tables for cell in table.cells}


def test_the_rule_says_what_is_small_and_where_it_comes_from() -> None:
    assert RULE.largest_small == 4
    assert "Policy choice" in RULE.source


def test_one_to_four_are_hidden_five_and_nought_are_shown() -> None:
    counts = {"nought": 0, "one": 1, "four": 4, "five": 5, "nine": 9}
    assert shown(suppressed([rows("t", counts)])) == {
        "nought": 0, "one": None, "four": None, "five": 5, "nine": 9, "total": 19,
    }  # fmt: skip


def test_one_hidden_figure_takes_the_smallest_other_that_leaves_a_doubt_with_it() -> None:
    assert shown(suppressed([rows("t", {"two": 2, "nine": 9, "six": 6})])) == {
        "two": None, "nine": 9, "six": None, "total": 17,
    }  # fmt: skip


def test_two_hidden_figures_that_are_small_together_take_a_third() -> None:
    assert shown(suppressed([rows("t", {"one": 1, "two": 2, "nine": 9})]))["nine"] is None


def test_two_fours_are_told_by_their_sum_and_take_more_with_them() -> None:
    assert shown(suppressed([rows("t", {"a": 4, "b": 4, "c": 30, "d": 20})]))["d"] is None


def test_four_parts_of_a_hidden_four_take_noughts_with_them() -> None:
    """Beside noughts that are shown, each of them would be one."""
    tables = [grid("t", [[1, 9, 7], [1, 8, 9], [1, 7, 8], [1, 9, 9], [0, 8, 7], [0, 7, 9]])]
    public = suppressed(tables)
    hidden = {cell.at for cell in public[0].cells if cell.suppressed}
    assert {("all", "c0"), ("r4", "c0")} <= hidden or {("all", "c0"), ("r5", "c0")} <= hidden
    assert attack(tables, public).exposed() == {}


def test_what_is_hidden_beside_one_is_no_more_than_leaves_a_doubt() -> None:
    """Partners that close a ring, not the smallest one after the other until one is closed."""
    tables = [grid("t", [[30, 1, 12, 30], [5, 20, 12, 5], [20, 5, 5, 30], [9, 9, 6, 30]])]
    assert sum(cell.suppressed for cell in suppressed(tables)[0].cells) <= 8


def test_a_difference_counts_nobody_and_hides_nothing_with_it() -> None:
    thanks, complaints = counted(str(number) for number in range(20)), counted(f"C{n}" for n in range(17))
    cells = (
        Cell(row="all", column="thanks", basis=RECEIVED, shares=thanks),
        Cell(row="all", column="complaints", basis=RECEIVED, shares=complaints),
        Cell(
            row="all",
            column="excess",
            basis=RECEIVED,
            shares=net([(thanks, 1), (complaints, -1)]),
            of=complaints,
            measure="per_cent",
        ),
    )
    whole, *parts = cells
    table = Table(name="t", cells=cells, sums=(sum_of(whole, parts),))
    assert not any(cell.suppressed for cell in suppressed([table])[0].cells)


def test_a_share_of_a_hidden_whole_is_printed_without_the_whole_and_its_per_cent() -> None:
    parts = {"a": 12, "b": 9, "c": 30}
    cells = suppressed([rows("t", parts)], [{("t", "total", "people"): None}])[0].cells
    assert {cell.row for cell in cells if cell.suppressed} == {"a", "b", "total"}
    assert [(c.value, c.denominator, c.per_cent) for c in cells if not c.suppressed] == [(30, None, None)]


def test_a_rate_goes_with_every_figure_that_it_may_be_taken_of() -> None:
    """Two figures of the same cases: it is hidden with either of them."""
    same = counted(str(number) for number in range(8))
    whole = counted(str(number) for number in range(20))
    cells = (
        Cell(row="one", column="people", basis=RECEIVED, shares=same),
        Cell(row="other", column="people", basis=RECEIVED, shares=same),
        Cell(row="all", column="people", basis=RECEIVED, shares=whole),
        Cell(row="rate", column="per cent", basis=RECEIVED, shares=same, of=whole, measure="per_cent"),
    )
    for hidden in ("one", "other"):
        assert shown(suppressed([Table(name="t", cells=cells)], [{("t", hidden, "people"): None}]))["rate"] is None


def test_a_hidden_cell_keeps_no_case() -> None:
    for cell in suppressed([rows("t", {"one": 1, "nine": 9})])[0].cells:
        assert not cell.suppressed or (cell.shares, cell.of, cell.value) == ((), None, None)


def test_what_is_hidden_in_one_table_is_hidden_wherever_it_is_printed() -> None:
    tables = [rows("first", {"a": 2, "b": 9, "c": 30}), rows("second", {"a": 2, "b": 9, "c": 30})]
    first, second = suppressed(tables)
    assert [cell.suppressed for cell in first.cells] == [cell.suppressed for cell in second.cells]


def test_a_share_of_which_the_rest_is_small_is_hidden() -> None:
    """57 of 59 tells of two."""
    whole = counted(str(number) for number in range(59))
    cells = (
        Cell(row="all", column="people", basis=RECEIVED, shares=whole),
        Cell(row="in time", column="people", basis=RECEIVED, shares=whole[2:], of=whole),
        Cell(row="rate", column="per cent", basis=RECEIVED, shares=whole[2:], of=whole, measure="per_cent"),
    )
    assert shown(suppressed([Table(name="t", cells=cells)])) == {"all": 59, "in time": None, "rate": None}


def test_an_average_is_printed_without_its_cases_and_not_at_all_of_four() -> None:
    def average(cases: int) -> Cell:
        of = counted(str(number) for number in range(cases))
        days = tuple(Share(share.reference, 7) for share in of)
        return Cell(row=f"of {cases}", column="days", basis=RECEIVED, shares=days, of=of, measure="average")

    four, five = suppressed([Table(name="t", cells=(average(4), average(5)))])[0].cells
    assert four.suppressed
    assert (five.value, five.denominator, five.shares) == (7, None, (Share("", 7),))


def test_where_everyone_is_alike_no_row_of_an_equality_table_is_shown() -> None:
    counts = {"disabled": 12, "not disabled": 0, "not available": 8}
    assert shown(suppressed([rows("equality: disability", counts)])) == dict.fromkeys(counts) | {"total": 20}
    assert shown(suppressed([rows("channels", counts)])) == counts | {"total": 20}


def test_the_numbers_that_the_law_asks_for_are_shown_however_small() -> None:
    for complaints in (1, 2, 3, 7):
        tables = councils.report(councils.year_of(Random(complaints), complaints))
        true, public = printed(tables), printed(suppressed(tables))
        for row in ("received", "well-founded", "referred to the ombudsman"):
            place = ("statutory return", row, "complaints")
            assert public[place] == true[place] is not None
        for place in (("complaints by type", "statutory", "complaints"), ("equality: sex", "total", "complaints")):
            assert public[place] == true[place] is not None


def test_a_careless_publisher_is_found_out() -> None:
    tables = [rows("t", {"one": 1, "nine": 9, "six": 6})]
    assert attack(tables, small_alone(tables)).exposed() == {("t", "one", "people"): 1}
    assert attack(tables, suppressed(tables)).exposed() == {}


# --- a later publication of the same year -----------------------------------------------------------------------------


def test_what_was_hidden_stays_hidden() -> None:
    first = suppressed([rows("t", {"a": 3, "b": 6, "c": 30})])
    later = suppressed([rows("t", {"a": 9, "b": 16, "c": 30})], [printed(first)])
    assert (shown(later)["a"], shown(later)["b"]) == (None, None)


def test_a_figure_that_is_a_few_more_than_it_was_is_hidden_with_one_that_was_shown() -> None:
    first = [rows("t", {"a": 10, "b": 20, "c": 30})]
    later = shown(suppressed([rows("t", {"a": 14, "b": 20, "c": 30})], [printed(first)]))
    assert later["a"] is None
    assert sum(value is None for value in later.values()) > 1
    assert shown(suppressed([rows("t", {"a": 15, "b": 20, "c": 30})], [printed(first)]))["a"] == 15


def test_the_same_figures_again_hide_the_same() -> None:
    tables = [rows("t", {"a": 3, "b": 6, "c": 30})]
    first = suppressed(tables)
    assert suppressed(tables, [printed(first)]) == first


def test_whoever_takes_what_was_hidden_for_unchanged_learns_nothing_either() -> None:
    """Of a, c and the total, b would follow; so d, which was shown, is hidden with it."""
    first = [rows("t", {"a": 5, "b": 30, "c": 3, "d": 5})]
    second = [rows("t", {"a": 5, "b": 31, "c": 3, "d": 10})]
    before = suppressed(first)
    after = suppressed(second, [printed(before)])
    assert shown(after) == {"a": None, "b": None, "c": None, "d": None, "total": 49}
    assert attack_both((first, before), (second, after), unchanged=True).exposed() == {}
