"""The record itself: every byte of a log flipped, every event deleted, swapped, inserted and cut off, and looked for.

Positions are taken in a chance order until the time is up, each with every change that there is of it.
"""

import sqlalchemy as sa

import migrations
from shared.database import connect
from tests.http.matrix import matrix, on_its_own
from tests.postgres.tampering import Walk, a_log, every_change
from tests.torture.counts import Count, Effort

EVENTS, EVENTS_OF_A_SLICE = 300, 6


def tampered_on_sqlite(effort: Effort) -> list[Count]:
    """As whoever owns the file can."""
    return _tampered(connect(f"sqlite:///{effort.folder / 'redress.db'}"), effort)


def tampered_on_postgres(effort: Effort) -> list[Count]:
    """As whoever owns the database can."""
    return _tampered(connect(effort.lab.url()), effort)


def _tampered(engine: sa.Engine, effort: Effort) -> list[Count]:
    migrations.upgrade(engine)
    size = EVENTS if effort.seconds > 5 else EVENTS_OF_A_SLICE
    a_log(engine, size)
    order = effort.random("positions").sample(range(1, size + 1), size)
    walks: dict[str, list[Walk]] = {}
    for number in effort.rounds():
        if number == size:
            break
        for name, walk in every_change(engine, positions=[order[number]]).items():
            walks.setdefault(name, []).append(walk)
    engine.dispose()
    every = [walk for found in walks.values() for walk in found]
    return [
        Count(f"events of {size}, each with every change of it", len(walks["bytes"])),
        Count("bytes flipped", sum(walk.tried for walk in walks["bytes"])),
        *(Count(name, sum(walk.tried for walk in walks[name])) for name in ("deletions", "insertions")),
        Count("undetected", sum(len(walk.undetected) for walk in every), 0),
        Count("found in another place", sum(len(walk.misplaced) for walk in every), 0),
    ]


def credentials(_: Effort) -> list[Count]:
    """Every route with every credential that must not open it; as long as that takes."""
    with on_its_own() as (api, issuer):
        found = matrix(api, issuer)
    return [
        Count("routes", found.routes),
        Count("kinds of credential that must not open one", found.credentials),
        Count("requests", found.asked),
        Count("leaks", len(found.leaks), 0),
    ]
