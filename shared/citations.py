"""Policies, calendars and code lists by the hash of their content, kept for as long as an event may cite them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
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


Document = Policy | Calendar | CodeLists

_READ: Mapping[str, Callable[[Any], Document]] = {
    "calendar": Calendar.from_document,
    "codes": CodeLists.from_document,
    "policy": policy.from_document,
}


class Citations:
    """Finds what an authority's event cites: among what is in force now, else among what was kept."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._done: set[str] = set()
        self._in_force: dict[str, Mapping[str, Document]] = {}
        self._kept: dict[str, Document] = {}

    def kept(self, code: str) -> bool:
        """Whether this process has kept an authority's documents."""
        return code in self._done

    def keep(self, code: str) -> None:
        """Keep everything that events of an authority may cite from now on; done once a process."""
        if self.kept(code):
            return
        rows = [{"version": version, **_as_row(found)} for version, found in self._now(code).items()]
        with writer(self._engine).begin() as connection:
            insert_missing(connection, cited, rows)
        self._done.add(code)

    def at_hand(self, code: str, clocks: Iterable[Clock]) -> bool:
        """Whether what these clocks cite is found without asking the database."""
        now, kept = self._now(code), self._kept
        cited = (version for clock in clocks for version in (clock.set.policy, clock.deadline.calendar))
        return all(version in now or version in kept for version in cited)

    def policy(self, code: str, version: str) -> Policy | None:
        """The policy that an event cites."""
        found = self._find(code, version)
        return found if isinstance(found, Policy) else None

    def calendar(self, code: str, version: str) -> Calendar:
        """The calendar that an event cites; the one in force if that was never kept."""
        found = self._find(code, version)
        return found if isinstance(found, Calendar) else authority(code).calendar

    def codes(self, code: str, version: str) -> CodeLists | None:
        """The code lists that are cited."""
        found = self._find(code, version)
        return found if isinstance(found, CodeLists) else None

    def _find(self, code: str, version: str) -> Document | None:
        if found := self._now(code).get(version) or self._kept.get(version):
            return found
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(cited).filter_by(version=version)).one_or_none()
        if row is None:
            return None
        return self._kept.setdefault(version, _READ[row.kind](orjson.loads(row.content)))

    def _now(self, code: str) -> Mapping[str, Document]:
        """What is in force for an authority, every edition of its policies with it."""
        if code not in self._in_force:
            self._in_force[code] = {found.version: found for found in _in_force(code)}
        return self._in_force[code]


def _in_force(code: str) -> Iterator[Document]:
    who = authority(code)
    yield who.calendar
    yield statutory(who.calendar)
    yield who.codes
    for pathway in policy.policy_book(code).every:
        for _, edition in pathway.editions():
            yield edition


def _as_row(found: Document) -> dict[str, str]:
    match found:
        case Calendar():
            kind, content = "calendar", canonical(found.to_document())
        case CodeLists():
            kind, content = "codes", canonical(found.lists)
        case Policy():
            kind, content = "policy", canonical(found.document())
    return {"kind": kind, "content": content.decode()}
