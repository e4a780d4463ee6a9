"""How many adults the council supports, and how many of the year's complaints there are to a thousand of them."""

from services.reporting.facts import FigureFact
from services.reporting.figures import Cell, Table, counted, weighed
from services.reporting.scope import RECEIVED, Scope
from shared.authority import authority

NAME = "adults in long-term support at year end"
NO_FIGURE = "no figure was recorded"


def long_term_support(scope: Scope) -> Table:
    """Adults in long-term support at year end: a reference figure, which no case holds; and the rate of complaints."""
    wanted = ("adults_in_long_term_support", scope.year.label)
    found = [row for row in scope.facts.figures if (row.name, row.year) == wanted and _of_itself(row, scope)]
    people = Cell(
        row="people",
        column="people",
        basis=found[0].source if found else NO_FIGURE,
        shares=weighed((row.subject, row.value) for row in found),
        measure="figure",
    )
    rate = Cell(
        row="statutory complaints per 1,000 adults supported",
        column="rate",
        basis=f"{RECEIVED}; {people.basis}" + ("" if people.numerator else ", so there is no rate"),
        shares=counted(scope.received.references),
        of=people.shares,
        measure="per_thousand",
    )
    return Table(name=NAME, cells=(people, rate))


def _of_itself(figure: FigureFact, scope: Scope) -> bool:
    """Whether the authority recorded it of itself, by its code or its name, and not of a council beside it."""
    return figure.subject in (figure.reference, scope.name or authority(figure.reference).name)
