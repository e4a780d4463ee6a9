"""Cases that only named staff may see: to everyone else such a case does not exist.

One table, written with the case's events, and one condition on it, for every service that tells of cases.
"""

from collections.abc import Iterable

import sqlalchemy as sa

from shared.database import any_of, metadata

case_restrictions = sa.Table(
    "case_restrictions",
    metadata,
    sa.Column("authority", sa.Text, nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("staff", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("authority", "reference", name="case_restrictions_reference"),
)


def row(staff: Iterable[str]) -> dict[str, str]:
    """The row of a case that these actors may see; of one that all may, without any."""
    return {"staff": "".join(f"\n{actor}\n" for actor in staff)}


def open_to(actor: str, authority: sa.ColumnElement[str], reference: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """The condition that a case, by its authority and reference, is not kept from an actor."""
    return _open(sa.literal(named(actor)), authority, reference)


def each_open(authority: sa.ColumnElement[str], reference: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """The same in a statement that is made once: it is told `named` of whoever asks, under that name."""
    return _open(sa.bindparam("named", type_=sa.Text), authority, reference)


def named(actor: str) -> str:
    """An actor as `case_restrictions` lists one."""
    return f"\n{actor}\n"


def _open(
    named: sa.ColumnElement[str], authority: sa.ColumnElement[str], reference: sa.ColumnElement[str]
) -> sa.ColumnElement[bool]:
    c = case_restrictions.alias().c
    return ~sa.exists().where(c.authority == authority, c.reference == reference, _keeps_out(named, c.staff))


def one_open(actor: str, reference: str) -> dict[str, str]:
    """What `ONE_OPEN` is to be told beside the authority."""
    return {"reference": reference, "named": named(actor)}


def hidden(connection: sa.Connection, actor: str, authority: str, references: Iterable[str]) -> set[str]:
    """Which of an authority's cases are kept from an actor."""
    c = case_restrictions.c
    wanted = sa.select(c.reference).where(
        c.authority == authority,
        any_of(connection, c.reference, references),
        _keeps_out(sa.literal(named(actor)), c.staff),
    )
    return set(connection.execute(wanted).scalars())


def _keeps_out(named: sa.ColumnElement[str], staff: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    return sa.and_(staff != "", sa.func.replace(staff, named, "") == staff)  # unlike LIKE, it heeds case everywhere


ONE_OPEN = each_open(*(sa.bindparam(name, type_=sa.Text) for name in ("authority", "reference")))
"""The same of one case, as whoever reads its stream asks for it: made once, and not for each request."""
