"""Policies, calendars and code lists by the hash of their content, kept for as long as an event may cite them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson
import sqlalchemy as sa

from shared import policy
from shared.authority import CodeLists, authority
from shared.calendar import Calendar
from shared.codec import canonical
from shared.database import insert_missing, metadata, writer
from shared.deadlines import Clock, statutory
from shared.policy import Policy

cited = sa.Table(
    "cited",
    metadata,
    sa.Column("version", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
)


_READ: Mapping[str, Callable[[Any], Policy | Calendar | CodeLists]] = {
    "calendar": Calendar.from_document,
    "codes": CodeLists.from_document,
    "policy": policy.from_document,
}


class Citations:
    """Finds what an event cites: among what is in force now, else among what was kept."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._done: set[str] = set()
        self._kept: dict[str, Policy | Calendar | CodeLists] = {}

    def kept(self, code: str) -> bool:
        """Whether this process has kept an authority's documents."""
        return code in self._done

    def keep(self, code: str) -> None:
        """Keep everything that events of an authority may cite from now on; done once a process."""
        if self.kept(code):
            return
        who, book = authority(code), policy.policy_book(code)
        found: list[tuple[str, str, object]] = [
            *((kept.version, "calendar", kept.to_document()) for kept in {who.calendar, statutory(who.calendar)}),
            (who.codes.version, "codes", who.codes.lists),
        ]
        found += [
            (edition.version, "policy", edition.document())
            for pathway in book.every
            for _, edition in pathway.editions()
        ]
        rows = [{"version": v, "kind": kind, "content": canonical(content).decode()} for v, kind, content in found]
        with writer(self._engine).begin() as connection:
            insert_missing(connection, cited, rows)
        self._done.add(code)

    def at_hand(self, clocks: Iterable[Clock]) -> bool:
        """Whether what these clocks cite is found without asking the database."""
        return all({clock.set.policy, clock.deadline.calendar} <= self._kept.keys() for clock in clocks)

    def policy(self, version: str) -> Policy | None:
        """The policy that an event cites."""
        found = self._find(version)
        return found if isinstance(found, Policy) else None

    def calendar(self, version: str, otherwise: Calendar) -> Calendar:
        """The calendar that an event cites; `otherwise` is the one in force, which it usually is."""
        if otherwise.version == version:
            self._kept[version] = otherwise
        found = self._find(version)
        return found if isinstance(found, Calendar) else otherwise

    def codes(self, version: str) -> CodeLists | None:
        """The code lists that are cited."""
        found = self._find(version)
        return found if isinstance(found, CodeLists) else None

    def _find(self, version: str) -> Policy | Calendar | CodeLists | None:
        if version not in self._kept:
            with self._engine.connect() as connection:
                row = connection.execute(sa.select(cited).filter_by(version=version)).one_or_none()
            if row is None:
                return None
            self._kept[version] = _READ[row.kind](orjson.loads(row.content))
        return self._kept[version]
