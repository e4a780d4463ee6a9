"""The list of erasures that is kept beside the database, so that a restored backup is brought to forget them again.

A line an erasure, its parts parted by tabs: authority, reference, party, when, ground. Nothing in it is personal.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from shared.clock import end_of_day, instant, london_date, stamp
from shared.events import PersonalDataErased
from shared.log import Log, Recorded


@dataclass(frozen=True, slots=True)
class Kept:
    """One erasure. `erased_at` is when it was recorded first."""

    authority: str
    reference: str
    party: str
    erased_at: datetime
    ground: str

    @property
    def erased_on(self) -> date:
        """The day of it, in Europe/London, as its event has it."""
        return london_date(self.erased_at)

    @property
    def line(self) -> str:
        """As it stands in the list."""
        return "\t".join((self.authority, self.reference, self.party, stamp(self.erased_at), self.ground))

    @property
    def same(self) -> tuple[str, str, str, date, str]:
        """What an erasure and its repetition after a restore have in common."""
        return self.authority, self.reference, self.party, self.erased_on, self.ground


def of_log(log: Log, authority: str) -> Iterator[Kept]:
    """The erasures that a log holds, in order."""
    for recorded in log.erasures(authority):
        yield of_event(recorded)


def of_event(recorded: Recorded) -> Kept:
    """An erasure as the list has it.

    One that was repeated after a restore was recorded later than it happened: then its day ends when it was erased.
    """
    event = recorded.event
    assert isinstance(event, PersonalDataErased), recorded.type  # noqa: S101 - the log was asked for these alone
    day = event.erased_on
    at = recorded.recorded_at if london_date(recorded.recorded_at) == day else end_of_day(day) - timedelta(seconds=1)
    return Kept(recorded.authority, recorded.reference, event.party, at, event.ground)


def read(path: Path) -> list[Kept]:
    """The erasures of a list, each once; none if there is no such file.

    Raises:
        ValueError: a line that is none of the list's, with its number.
    """
    if not path.exists():
        return []
    found: dict[tuple[str, str, str, date, str], Kept] = {}
    whole = path.read_text("utf-8").rpartition("\n")[0]  # a line without its end was cut short as it was written
    for number, line in enumerate(whole.splitlines(), 1):
        try:
            authority, reference, party, erased_at, ground = line.split("\t")
            kept = Kept(authority, reference, party, instant(erased_at), ground)
        except ValueError:
            raise ValueError(f"line {number} of {path} is not one that `redress erasures` wrote") from None
        found.setdefault(kept.same, kept)
    return list(found.values())


def keep(path: Path, erasures: Iterable[Kept]) -> None:
    """Add to the list what is not in it, in one write that has reached the disk when this returns."""
    known = {kept.same for kept in read(path)}
    new = {kept.same: kept for kept in erasures if kept.same not in known}
    if not new:
        return
    lines = "".join(f"{kept.line}\n" for kept in new.values())
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        file.truncate(file.read().rfind(b"\n") + 1)
        file.seek(0, os.SEEK_END)
        file.write(lines.encode())
        file.flush()
        os.fsync(file.fileno())
