"""The read models' tables: one for each kind of fact, and the checkpoints.

Every key leads with the authority and the generation. A version of a fact was true from position `known_from` of the
log up to `known_to` (NULL: it still is); `known_at` and `because` say when its change was known and which event type
made it. There is no number that a database hands out, so a rebuild gives the same rows, bit for bit.
"""

from datetime import date
from typing import Any, get_type_hints

import sqlalchemy as sa

from services.reporting.facts import (
    RESPONSE_PERIOD,
    BreachFact,
    CaseFact,
    ClockFact,
    ConcernFact,
    DelayFact,
    EnquiryFact,
    Fact,
    FigureFact,
    LessonFact,
    NarrativeFact,
    RemedyFact,
    RepresentationFact,
    SpellFact,
)
from shared.database import metadata

CHECKPOINTS = sa.Table(
    "checkpoints",
    metadata,
    sa.Column("projection", sa.Text, primary_key=True),
    sa.Column("authority", sa.Text, primary_key=True),
    sa.Column("generation", sa.Integer, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("serving", sa.Boolean, nullable=False),
)

_TYPES: dict[Any, type[sa.types.TypeEngine[Any]]] = {str: sa.Text, int: sa.BigInteger, date: sa.Date, bool: sa.Boolean}


def _table(name: str, kind: type[Fact], *by_day: str, open_by: str | None = None, **few: tuple[str, str]) -> sa.Table:
    """The table of a kind of fact, with an index for each day that reports filter by.

    `open_by` is a day that what is open has not: with it, what is open is found among what is known, however much was
    open once. `few` are the columns by which the few rows are found of which something holds.
    """
    types = get_type_hints(kind)
    fields = [field for field in kind.__slots__ if field not in kind.KEY]
    return sa.Table(
        name,
        metadata,
        sa.Column("authority", sa.Text, primary_key=True),
        sa.Column("generation", sa.Integer, primary_key=True, autoincrement=False),
        *(_column(field, types[field], primary_key=True) for field in kind.KEY),
        sa.Column("known_from", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("known_to", sa.BigInteger),
        sa.Column("known_at", sa.Text, nullable=False),
        sa.Column("because", sa.Text, nullable=False),
        *(_column(field, types[field]) for field in fields),
        *(sa.Index(f"ix_{name}_{day}", "authority", "generation", day) for day in by_day),
        *((sa.Index(f"ix_{name}_open", "authority", "generation", open_by, "known_to"),) if open_by else ()),
        *(_partial(f"ix_{name}_{which}", *few[which]) for which in few),
    )


def _partial(name: str, column: str, where: str) -> sa.Index:
    which = sa.text(where)
    return sa.Index(name, "authority", "generation", column, postgresql_where=which, sqlite_where=which)


def _column(name: str, hint: Any, *, primary_key: bool = False) -> sa.Column[Any]:
    options = [part for part in getattr(hint, "__args__", (hint,)) if part is not type(None)]
    kind, nullable = _TYPES[options[0]], len(getattr(hint, "__args__", ())) > 1
    return sa.Column(name, kind, primary_key=primary_key, nullable=nullable, autoincrement=False)


TABLES: dict[type[Fact], sa.Table] = {
    CaseFact: _table("case_facts", CaseFact, "received_on", open_by="closed_on"),
    ConcernFact: _table("concern_facts", ConcernFact, "received_on"),
    SpellFact: _table("spell_facts", SpellFact, "entered_on", open_by="left_on"),
    ClockFact: _table(
        "clock_facts",
        ClockFact,
        "due_on",
        paused=("known_to", "paused_on IS NOT NULL"),
        told=("reference", f"name = '{RESPONSE_PERIOD}'"),
    ),
    DelayFact: _table("delay_facts", DelayFact, "given_on"),
    RemedyFact: _table("remedy_facts", RemedyFact, "agreed_on"),
    LessonFact: _table("lesson_facts", LessonFact, "recorded_on"),
    BreachFact: _table("breach_facts", BreachFact, "happened_on"),
    EnquiryFact: _table("enquiry_facts", EnquiryFact, "informed_on", "decided_on"),
    RepresentationFact: _table("representation_facts", RepresentationFact, "received_on"),
    FigureFact: _table("figure_facts", FigureFact, "year"),
    NarrativeFact: _table("narrative_facts", NarrativeFact, "year"),
}
