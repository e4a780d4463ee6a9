"""A new master key: every wrapped key of the database goes over to it in one transaction, or none does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from shared.database import upsert, writer
from shared.keyring import Keyring, deployment_keys
from shared.personal_data import personal_keys
from shared.settings import Settings

_PAGE = 1000
_KEY = (personal_keys.c.authority, personal_keys.c.reference, personal_keys.c.party)


@dataclass(frozen=True, slots=True)
class Rotated:
    """The number of the master key in force now, and how many party keys were wrapped anew."""

    number: int
    keys: int


def rotate(engine: sa.Engine, settings: Settings, progress: Callable[[int], None] = lambda _: None) -> Rotated:
    """Put the next master key in force, and in the place of the present one where that is a file.

    One that was cut short after its commit is finished.

    Raises:
        WrongMasterKey: neither the present key nor the next one is in force.
        ValueError: there is no next one, or it is malformed.
    """
    present, master = Keyring(engine, settings.master()), settings.next_master()
    keys = rewrap(engine, present, master, progress) if present.standing() is None else 0
    following = Keyring(engine, master)
    following.check()
    settings.succeed(following.number - 1)
    return Rotated(following.number, keys)


def rewrap(engine: sa.Engine, present: Keyring, master: bytes, progress: Callable[[int], None]) -> int:
    """Wrap every key of the database by another master key; how many party keys there were.

    Raises:
        WrongMasterKey: the present one is not in force. Nothing was changed, as after any other error.
    """
    done = 0
    with writer(engine).begin() as connection:
        following, before = present.handed_on(connection, master)
        page = _page(connection, ("", "", ""))
        while page:
            upsert(
                connection,
                personal_keys,
                [
                    {
                        "authority": row.authority,
                        "reference": row.reference,
                        "party": row.party,
                        "master": following.number,
                        "wrapped": following.wrap(present.unwrap(row.wrapped, row.party), row.party),
                    }
                    for row in page
                ],
            )
            done += len(page)
            progress(len(page))
            last = page[-1]
            page = _page(connection, (last.authority, last.reference, last.party))
        connection.execute(deployment_keys.delete().where(deployment_keys.c.master == before))
    return done


def _page(connection: sa.Connection, after: tuple[str, str, str]) -> Sequence[sa.Row[Any]]:
    wanted = sa.select(personal_keys).where(sa.tuple_(*_KEY) > sa.tuple_(*after)).order_by(*_KEY).limit(_PAGE)
    return connection.execute(wanted.with_for_update()).all()  # an erasure meanwhile must not be undone
