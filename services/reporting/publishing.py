"""Freezing a report, and what is kept of it: figures in full, figures as printed, documents, and the list of them all.

What is handed out later are these bytes, never a recount.
"""

import asyncio
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import version
from operator import attrgetter
from typing import Any, cast

import orjson
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from services.reporting import (
    archive,
    canonical,
    documents,
    improvements,
    narratives,
    publication,
    rendering,
    reports,
    restatement,
)
from services.reporting.archive import Kept
from services.reporting.commands import PublishReport, ReleasePublication, WithdrawPublication
from services.reporting.disclosure import suppressed
from services.reporting.matters import matters
from services.reporting.paper import PUBLISHED, Paper
from services.reporting.publication import Publication
from services.reporting.reading import ReadModels
from services.reporting.reports import Counted, Report
from services.reporting.restatement import Figures
from shared import codec, handling
from shared.authority import Authority, authority
from shared.codec import canonical as plain_bytes
from shared.errors import Rejected, StaleVersion, bad_value
from shared.events import Event, FrozenDocument, PublicationEvent, PublicationReleased, ReportPublished
from shared.handling import Draft, Kind, Recorded, Request
from shared.log.record import uuid7
from shared.policy import policy_book
from shared.register import Register
from shared.year import Year

CODE = f"redress {version('redress')}"
JSON = "application/json"

LISTS = {
    "matters_of_general_importance": ("matter", "arising_from", "source"),
    "service_improvements": ("lesson", "action"),
}
"""What a publication lists beside its tables: nothing that could be counted, as its tables suppress small figures."""

PUBLICATION: Kind[Publication] = Kind("publication", publication.evolve, lambda _: ())

# --- freezing ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Freezing:
    """A report on its way to be frozen, in full and as it is to be printed."""

    reference: str
    body: Authority
    counted: Counted
    public: Counted

    def figures(self, counted: Counted) -> Kept:
        """The canonical figures of the report, in full or as it is printed."""
        as_at = counted.scope.as_at
        content = canonical.figures(self.body.code, counted.report, as_at, counted.position, counted.years)
        return Kept(JSON, content)

    def paper(self) -> Paper:
        """The report as the public gets it."""
        paper, told = reports.paper(self.public, self.body.name), self._document()
        return replace(paper, document=told, listings=reports.listings(told, LISTS), status=PUBLISHED, public=True)

    def _document(self) -> Mapping[str, Any]:
        scope = self.counted.scope
        return {
            "id": self.reference,
            "authority": self.body.name,
            "report": self.counted.report,
            "year": scope.year.label,
            "as_at": scope.as_at.isoformat(),
            "position": self.counted.position,
            "calendar": scope.calendar.version,
            "code_lists": scope.codes.version,
            "tables": documents.plain_tables_out(self.public.tables),
            "narrative": narratives.of(scope),
            "matters_of_general_importance": [
                {name: matter[name] for name in LISTS["matters_of_general_importance"]} for matter in matters(scope)
            ],
            "service_improvements": self._improvements(),
        }

    def _improvements(self) -> list[Mapping[str, str | None]]:
        """What was learned and what follows from it, each once: where, when and how often would be small figures."""
        found = {(each["lesson"], each["action"]) for each in improvements.listed(self.counted.scope)}
        return [{"lesson": lesson, "action": action} for lesson, action in sorted(found)]

    def manifest(self, head: str, heeded: Sequence[str], kept: Mapping[str, Kept]) -> Kept:
        """Everything that the publication is made of, by hash.

        Its own hash is public, so it holds a salt: nobody shall find suppressed figures by trying which of them fit.
        """
        scope = self.counted.scope
        policies = (edition for pathway in policy_book(self.body.code).every for _, edition in pathway.editions())
        content = {
            "publication": self.reference,
            "authority": self.body.code,
            "report": self.counted.report,
            "year": scope.year.label,
            "years": list(self.counted.years),
            "as_at": scope.as_at.isoformat(),
            "position": self.counted.position,
            "head": head,
            "code": CODE,
            "name": self.body.name,
            "region": self.body.region,
            "calendar": scope.calendar.version,
            "code_lists": scope.codes.version,
            "policies": sorted({edition.version for edition in policies}),
            "heeded": sorted(heeded),
            "kept": {name: {"media_type": each.media_type, "hash": each.hash} for name, each in kept.items()},
            "salt": secrets.token_hex(32),
        }
        return Kept(JSON, plain_bytes(content))


async def publish(
    register: Register, models: ReadModels, request: Request, command: PublishReport
) -> Recorded[Publication]:
    """Freeze a report: its documents and the event that cites them are committed together, or not at all.

    Raises:
        Rejected: a year or a day that cannot be. KeyReused, Unavailable.
    """
    await handling.cite(register, request.authority)
    draft = await asyncio.to_thread(_frozen, register, models, request, command)
    return await handling.found(register, PUBLICATION, request, draft)


def _frozen(register: Register, models: ReadModels, request: Request, command: PublishReport) -> Draft[Publication]:
    today = register.today()
    counted = _counted(models, command, today)
    released = _released(register, request.authority)
    printed = _printed(register.engine, request.authority, released.values())
    public = {year: suppressed(tables, printed.get(year, ())) for year, tables in counted.years.items()}
    freezing = _Freezing(uuid7(), authority(request.authority), counted, counted.printing(public))
    paper = freezing.paper()
    rendered = {str(format_): rendering.render(paper, format_) for format_ in rendering.WAYS}
    kept: dict[str, Kept] = {
        "figures": freezing.figures(freezing.counted),
        "printed": freezing.figures(freezing.public),
        **{format_: Kept(each.media_type, each.content, each.policy) for format_, each in rendered.items()},
    }
    [last] = register.log.read(request.authority, counted.position - 1, counted.position)
    manifest = freezing.manifest(last.hash, list(released), kept)
    event = ReportPublished(
        published_on=today,
        report=counted.report,
        year=counted.scope.year.label,
        as_at=counted.scope.as_at,
        position=counted.position,
        code=CODE,
        figures=kept["figures"].hash,
        printed=kept["printed"].hash,
        documents=tuple(FrozenDocument(format_, kept[format_].hash) for format_ in rendered),
        manifest=manifest.hash,
    )
    stream = PUBLICATION.stream(freezing.reference)
    return handling.founding(PUBLICATION, request, stream, [event], (archive.keeping([manifest, *kept.values()]),))


def _counted(models: ReadModels, command: PublishReport, today: date) -> Counted:
    """The report as it is to be frozen. Raises `Rejected` where there would be nothing in it."""
    year, day = Year.begun(command.year, today), command.as_at or today
    if day > today:
        raise bad_value("in_the_future", "as_at", f"nothing is known as at {day}: today is {today}")
    if day < year.first:
        raise bad_value("before_the_year", "as_at", f"the year {year.label} began on {year.first}, after {day}")
    counted = reports.count(models, command.report, year, day)
    if counted.position == 0:
        raise bad_value("before_the_log", "as_at", f"nothing had been recorded by the end of {day}")
    if not models.knows_of(year, counted.position):
        raise bad_value("nothing_known", "year", f"nothing is known of {year.label}: noughts that nobody counted")
    return counted


def _released(register: Register, code: str) -> Mapping[str, Publication]:
    """Every publication of an authority that was public once, in order of release: what was withdrawn was read too."""
    released = codec.type_name(PublicationReleased)
    events = [recorded for recorded in register.log.category(code, PUBLICATION.category) if recorded.type == released]
    found = every(register, code)
    return {recorded.reference: found[recorded.reference] for recorded in sorted(events, key=attrgetter("position"))}


def _printed(engine: sa.Engine, code: str, earlier: Iterable[Publication]) -> Mapping[str, Sequence[Figures]]:
    """What some publications printed of each year, in their order."""
    hashes = list(dict.fromkeys(found.frozen.printed for found in earlier))
    kept = archive.kept(engine, code, hashes)
    by_year: dict[str, list[Figures]] = {}
    for hash_ in hashes:
        for year, values in canonical.values(kept[hash_].content).items():
            by_year.setdefault(year, []).append(values)
    return by_year


# --- what becomes of it -----------------------------------------------------------------------------------------------


def release(register: Register, request: Request, reference: str, command: ReleasePublication) -> Recorded[Publication]:
    """Make a publication public.

    Done while nobody else appends to the log: what was released since it was frozen might, beside it, reveal what each
    of the two suppresses, so that it must be frozen anew.

    Raises:
        NotFound, Rejected, StaleVersion, KeyReused, Unavailable.
    """
    with register.log.locked(request.authority) as connection:
        before: list[Event] = [r.event for r in handling.history(register, PUBLICATION, request, reference)]
        answered = register.log.answered(request.authority, request.key) if request.key else None
        if answered is None and request.if_match is not None and request.if_match != len(before):
            raise StaleVersion(request.if_match, len(before))

        def decide(found: Publication) -> Sequence[PublicationEvent]:
            events = publication.release(found, command, register.today())
            _check_heeded(register, request.authority, found)
            return events

        if answered is None:
            item = handling.prepare(PUBLICATION, request, reference, before, decide).item
            [result] = register.log.append_within(connection, [item.ready()])
            if isinstance(result, Exception):
                raise result
            before, answered = [*before, *item.events], result
    state = PUBLICATION.fold(before[: answered.version])
    assert state  # noqa: S101 - a stream that is there has a first event
    return Recorded(state, tuple(before[answered.first - 1 : answered.version]), answered)


def _check_heeded(register: Register, code: str, found: Publication) -> None:
    """Raises `Rejected` if a publication of one of its years was released that it takes no heed of."""
    released = _released(register, code)
    wanted = {found.frozen.manifest, *(one.frozen.manifest for one in released.values())}
    kept = archive.kept(register.engine, code, wanted)
    manifests = {hash_: orjson.loads(document.content) for hash_, document in kept.items()}
    own = manifests[found.frozen.manifest]
    for reference, other in released.items():
        same = set(own["years"]) & set(manifests[other.frozen.manifest]["years"])
        if same and reference not in own["heeded"]:
            raise Rejected(
                "published_meanwhile",
                f"{reference} was released since this was frozen, and prints the same year: freeze the report anew",
            )


async def withdraw(
    register: Register, request: Request, reference: str, command: WithdrawPublication
) -> Recorded[Publication]:
    """Hand a released publication out no longer. Raises what `handling.change` raises."""
    today = register.today()
    return await handling.change(
        register, PUBLICATION, request, reference, lambda found: publication.withdraw(found, command, today)
    )


# --- reading ----------------------------------------------------------------------------------------------------------


def every(register: Register, code: str) -> dict[str, Publication]:
    """The publications of an authority by id, oldest first."""
    streams: dict[str, list[Event]] = {}
    for recorded in register.log.category(code, PUBLICATION.category):
        streams.setdefault(recorded.reference, []).append(recorded.event)
    found = {reference: PUBLICATION.fold(events) for reference, events in streams.items()}
    return {reference: state for reference, state in found.items() if state}


def page(register: Register, code: str, after: str, limit: int) -> dict[str, Publication]:
    """The next publications of an authority after one of them, oldest first."""
    streams = register.log.streams(code, PUBLICATION.category, PUBLICATION.stream(after), limit)
    histories = register.log.histories(code, streams) if streams else {}
    found = {known[0].reference: PUBLICATION.fold([r.event for r in known]) for known in histories.values()}
    return {reference: state for reference, state in found.items() if state}


def anyones(registers: Iterable[Register], reference: str) -> tuple[Register, str, Publication] | None:
    """A publication by its id, whosever it is, with its authority's cluster and code; None if there is none.

    Raises:
        DBAPIError: no cluster that answers has it, and one does not answer.
    """
    away: DBAPIError | None = None
    for register in registers:
        try:
            for code in register.authorities():
                state = PUBLICATION.fold([r.event for r in register.log.stream(code, PUBLICATION.stream(reference))])
                if state:
                    return register, code, state
        except DBAPIError as error:
            away = error
    if away:
        raise away
    return None


def bytes_of(engine: sa.Engine, code: str, hash_: str) -> Kept:
    """What is kept under a hash. Raises `Lost` where it is not: `redress publications verify` says which."""
    found = archive.kept(engine, code, [hash_]).get(hash_)
    if found is None or found.hash != hash_:
        raise Lost(hash_)
    return found


class Lost(Exception):
    """A document that an event cites is not kept, or not as it was."""


# --- what the same report says now ------------------------------------------------------------------------------------


def restated(register: Register, models: ReadModels, found: Publication, until: date) -> Mapping[str, Any]:
    """What a published report says otherwise of its own year as at a later day, and because of which cases.

    The figures that were frozen are what it is held against; tables that reports got since are left out.
    """
    frozen = found.frozen
    content = bytes_of(register.engine, models.authority, frozen.figures).content
    year, report = Year.of(frozen.year), cast("Report", frozen.report)
    names = canonical.frozen_tables(content)[frozen.year]
    before = reports.count_at(models, report, year, frozen.as_at, frozen.position)
    after = reports.count(models, report, year, until, beside=False)
    was, now = (canonical.only(counted.own, names) for counted in (before, after))
    figures = canonical.values(content)[frozen.year]
    learned = models.learned(restatement.affected(was, now, figures), before.position, after.position)
    return restatement.document(restatement.restatement(was, now, learned, figures))
