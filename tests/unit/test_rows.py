"""Facts by column, and what is sorted out by them: the same as the facts one by one."""

from datetime import date

import pytest

from services.reporting.facts import ConcernFact, RepresentationFact
from services.reporting.figures import Share, breakdown
from services.reporting.rows import Rows

NAMES = ("reference", "kind", "received_on", "channel", "service_area")
FACTS = [
    RepresentationFact("B", "compliment", date(2024, 4, 1), "email", "finance"),
    RepresentationFact("A", "compliment", date(2024, 4, 2), "phone", "telecare"),
    RepresentationFact("C", "comment", date(2024, 4, 2), "phone", "finance"),
]
TUPLES = [tuple(getattr(fact, name) for name in NAMES) for fact in FACTS]


@pytest.mark.parametrize("pages", [[TUPLES], [TUPLES[:1], [], TUPLES[1:]]])
def test_what_is_read_page_by_page_is_the_facts(pages: list[list[tuple[object, ...]]]) -> None:
    assert list(Rows.read(RepresentationFact, NAMES, pages)) == FACTS
    assert list(Rows.of(RepresentationFact, FACTS)) == FACTS


def test_of_nothing_every_column_is_empty() -> None:
    rows = Rows.read(RepresentationFact, NAMES, [])
    assert (len(rows), list(rows), rows.column("kind")) == (0, [], [])


def test_a_column_that_was_not_read_is_no_column_of_nothing() -> None:
    rows = Rows.read(RepresentationFact, NAMES[:2], [[row[:2] for row in TUPLES]])
    with pytest.raises(KeyError):
        rows.column("channel")
    with pytest.raises(KeyError):
        list(rows)


def test_of_several_conditions_all_must_hold() -> None:
    rows = Rows.of(RepresentationFact, FACTS)
    assert list(rows.where([True, True, False], [False, True, True]).references) == ["A"]
    assert rows.where([True] * 3) is rows
    assert len(rows.where([False] * 3)) == 0


def test_what_was_worked_out_is_a_column_beside_the_others() -> None:
    rows = Rows.of(RepresentationFact, FACTS).also("late", [True, False, True])
    assert list(rows.where([False, True, True]).each("reference", "late")) == [("A", False), ("C", True)]


def test_each_label_has_its_own_and_all_labels_have_everyone() -> None:
    tally = Rows.of(RepresentationFact, FACTS).by(lambda code: "said" if code[0] == "email" else code[1], *NAMES[3:])
    assert tally.counts == {"said": 1, "telecare": 1, "finance": 1}
    assert list(tally.shares("finance", "said")) == [Share("B", 1), Share("C", 1)]
    assert list(tally.everyone()) == [Share("A", 1), Share("B", 1), Share("C", 1)]
    assert list(tally.shares("nobody")) == []


def test_rows_that_no_code_list_has_come_in_the_order_of_their_first_references() -> None:
    tally = Rows.of(RepresentationFact, FACTS).by(str, "service_area")
    table = breakdown("areas", tally, ["all-age"], "thanks", "received")
    assert [cell.row for cell in table.cells] == ["all-age", "telecare", "finance", "total"]


def test_rows_that_no_code_list_has_come_in_the_order_of_the_facts_that_one_reference_has() -> None:
    """What is frozen is counted anew in the same bytes, in whatever order a database gives the facts."""
    raised = [("A", 2, "alpha"), ("A", 1, "zeta"), ("B", 1, "beta")]
    facts = [ConcernFact(reference, number, date(2025, 4, 1), category) for reference, number, category in raised]
    tally = Rows.of(ConcernFact, facts).by(str, "category")
    assert [cell.row for cell in breakdown("concerns", tally, [], "concerns", "received").cells] == [
        "zeta",
        "alpha",
        "beta",
        "total",
    ]


def test_a_row_that_is_listed_twice_is_printed_and_added_up_once() -> None:
    """A code list may have a row by the name of one that the table adds itself."""
    tally = Rows.of(RepresentationFact, FACTS).by(str, "service_area")
    table = breakdown("areas", tally, ["finance", "telecare", "finance"], "thanks", "received")
    assert [(cell.row, cell.value) for cell in table.cells] == [("finance", 2), ("telecare", 1), ("total", 3)]
    assert table.balanced
