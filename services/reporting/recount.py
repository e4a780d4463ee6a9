"""Whether a publication is still what was frozen: its figures counted anew from the log, its documents by their hashes.

Nothing of the read models is believed: the log is followed again, up to the frozen position, into rows of its own, by
the calendar and the code lists that the publication cites.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import orjson

from services.reporting import archive, canonical, checkpoints, publishing, reports
from services.reporting.archive import Kept
from services.reporting.follower import Broken, Follower
from services.reporting.loading import Reader
from services.reporting.publication import Publication
from services.reporting.reading import facts_at
from services.reporting.reports import Report
from services.reporting.tables import CHECKPOINTS, TABLES
from shared.authority import Authority, authority
from shared.calendar import Calendar
from shared.database import connect, metadata
from shared.errors import NotFound
from shared.log import Log, Recorded, Referred
from shared.register import Register
from shared.year import Year


@dataclass(frozen=True)
class _Upto:
    """The log up to a position, as if it ended there."""

    log: Log
    position: int

    def read(self, authority: str, after: int = 0, upto: int | None = None, limit: int = 5000) -> list[Recorded]:
        """The next events after a position, in order."""
        return self.log.read(authority, after, min(upto or self.position, self.position), limit)

    def end(self, authority: str) -> int:
        """The last position."""
        return min(self.log.end(authority), self.position)

    def by_reference(self, authority: str, upto: int) -> Iterator[Referred]:
        """Every event up to a position, by its reference; of one reference in the order of the log."""
        return self.log.by_reference(authority, upto)


def verify(register: Register, code: str, reference: str | None = None) -> Iterator[tuple[str, list[str]]]:
    """Each publication of an authority, or one, by id, with what is wrong with it.

    Raises:
        NotFound: there is no such publication.
    """
    every = publishing.every(register, code)
    if reference is not None and reference not in every:
        raise NotFound(f"publication {reference} of {code}")
    for each, found in every.items():
        if reference in (None, each):
            yield each, faults(register, code, found)


def faults(register: Register, code: str, found: Publication) -> list[str]:
    """What is wrong with a publication; nothing, if all of it is what was frozen."""
    kept = archive.kept(register.engine, code, found.kept)
    wrong = [f"what is kept under {hash_} is not it" for hash_, each in kept.items() if each.hash != hash_]
    wrong += [f"nothing is kept under {hash_}" for hash_ in found.kept if hash_ not in kept]
    if wrong:
        return wrong
    manifest = orjson.loads(kept[found.frozen.manifest].content)
    return [*_misquoted(found, manifest), *_miscounted(register, code, found, manifest, kept)]


def _misquoted(found: Publication, manifest: Mapping[str, Any]) -> list[str]:
    """Where the manifest and the event contradict one another."""
    frozen = found.frozen
    said = {
        **{name: getattr(frozen, name) for name in ("report", "year", "position", "code")},
        "as_at": frozen.as_at.isoformat(),
        "figures": frozen.figures,
        "printed": frozen.printed,
        **{document.format: document.hash for document in frozen.documents},
    }
    listed = {**manifest, **{name: each["hash"] for name, each in manifest["kept"].items()}}
    return [f"the manifest has another {name} than the log" for name in said if said[name] != listed.get(name)]


def _miscounted(
    register: Register, code: str, found: Publication, manifest: Mapping[str, Any], kept: Mapping[str, Kept]
) -> list[str]:
    """Where the figures counted from the log differ from those that were frozen."""
    frozen = found.frozen
    [last] = register.log.read(code, frozen.position - 1, frozen.position)
    if last.hash != manifest["head"]:
        return [f"the log has another event at position {frozen.position} than when the report was frozen"]
    calendar = register.citations.calendar(code, manifest["calendar"])
    codes = register.citations.codes(code, manifest["code_lists"])
    if calendar.version != manifest["calendar"] or codes is None:
        return ["the calendar or the code lists that it was counted by are not kept"]
    content = kept[frozen.figures].content
    try:
        with _read_anew(register.log, code, frozen.position, calendar) as reader:
            body = replace(
                authority(code), codes=codes, calendar=calendar, name=manifest["name"], region=manifest["region"]
            )
            counted = _counted(reader, body, found, content)
    except Broken as broken:
        return [str(broken)]
    if counted == content:
        return []
    return canonical.differences(content, counted) or ["the figures are the same in other bytes"]


@contextmanager
def _read_anew(log: Log, code: str, position: int, calendar: Calendar) -> Iterator[Reader]:
    """The facts of an authority at a position, from its log and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        engine = connect(f"sqlite:///{Path(folder, 'recount.db')}")
        metadata.create_all(engine, [*TABLES.values(), CHECKPOINTS])
        try:
            Follower(engine, _Upto(log, position), lambda _: calendar).rebuild(code)
            with engine.connect() as connection:
                yield Reader(connection, code, checkpoints.served(connection, code)[0], position)
        finally:
            engine.dispose()


def _counted(reader: Reader, body: Authority, found: Publication, content: bytes) -> bytes:
    """The canonical figures of the frozen tables, counted anew."""
    frozen, report = found.frozen, cast("Report", found.frozen.report)
    year = Year.of(frozen.year)
    tables = canonical.frozen_tables(content)
    before = [Year.of(label) for label in tables if label != year.label]
    known = facts_at(reader, year, beside=before)
    counted = reports.counted(body, report, known, year, frozen.as_at, before).years
    years = {label: canonical.only(counted[label], names) for label, names in tables.items()}
    return canonical.figures(body.code, report, frozen.as_at, frozen.position, years)
