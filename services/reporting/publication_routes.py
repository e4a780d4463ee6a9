"""The HTTP routes of publications: freeze, release, withdraw; and what anyone reads once it is released."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import anyio.to_thread
import orjson
from fastapi import Path, Query, Response
from starlette.requests import Request as HttpRequest

from services.reporting import publishing, schemas
from services.reporting.archive import Kept
from services.reporting.canonical import digest
from services.reporting.commands import PublishReport, ReleasePublication, WithdrawPublication
from services.reporting.paper import Format
from services.reporting.publication import Publication, standing
from services.reporting.publishing import PUBLICATION
from services.reporting.rendering import KINDS, WAYS, accepted
from services.reporting.routes import AskedFormat, Reader, Reading, Tracer, reading_models
from shared import handling
from shared.errors import Gone, NotFound, bad_value
from shared.handling import Recorded
from shared.web import Cursor, Desk, EveryRegister, Limit, Visitor, api_router, at_desk, make_cursor, read_cursor

router = api_router("reporting", "/v1/publications")

Id = Annotated[str, Path(description="The publication's id.", examples=["01939e6c-7a00-7000-8000-000000000001"])]
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PUBLIC = "public, max-age=300"
"""Kept by whoever fetched it for as long as a withdrawal may take to be seen."""

_FORMATS: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind: {"schema": {"type": "string"}} for kind in KINDS if kind != "application/json"}},
    410: {"description": "It was public, and was withdrawn: since when, and why."},
}


class PublishingDesk(Desk):
    """One request of someone who may publish."""

    def told(self, recorded: Recorded[Publication]) -> schemas.PublicationOut:
        """How the publication stands after what was recorded."""
        reference = recorded.appended.reference
        self.mark(recorded.appended, f"/v1/publications/{reference}")
        return _out(reference, recorded.state)


Publisher = Annotated[PublishingDesk, at_desk(PublishingDesk, "reports:publish")]


def _out(reference: str, found: Publication) -> schemas.PublicationOut:
    return schemas.PublicationOut.model_validate(standing(reference, found))


@router.post("", status_code=201)
async def publish_report(body: PublishReport, desk: Publisher) -> schemas.PublicationOut:
    """Freeze a report as it was known at the end of a day: its figures, and the documents that the public will get.

    Nobody outside the authority sees it before it is released. What was already released of the same year is heeded,
    so that no two publications together reveal a figure that each suppresses.
    """
    async with desk.request() as request:
        models = reading_models(desk.http, desk.register, desk.who)
        return desk.told(await publishing.publish(desk.register, models, request, body))


@router.post("/{id}/release", status_code=201)
async def release_publication(id: Id, body: ReleasePublication, desk: Publisher) -> schemas.PublicationOut:  # noqa: A002 - the name in the path
    """Make a publication public: from now on it is answered without a credential."""
    async with desk.request() as request:
        reference, register = _known(id), desk.register
        await handling.cite(register, request.authority)
        recorded = await anyio.to_thread.run_sync(publishing.release, register, request, reference, body)
    return desk.told(recorded)


@router.post("/{id}/withdrawal", status_code=201)
async def withdraw_publication(id: Id, body: WithdrawPublication, desk: Publisher) -> schemas.PublicationOut:  # noqa: A002 - the name in the path
    """Hand a released publication out no longer. It is not unsaid: who asks is told when it was public."""
    async with desk.request() as request:
        return desk.told(await publishing.withdraw(desk.register, request, _known(id), body))


@router.get("")
def list_publications(reader: Reader, limit: Limit = 50, cursor: Cursor = None) -> schemas.PublicationPage:
    """The authority's publications, oldest first, with how they stand."""
    [after] = read_cursor(cursor, str) if cursor else [""]
    found = publishing.page(reader.register, reader.who.authority, after, limit + 1)
    shown = list(found.items())[:limit]
    following = make_cursor(shown[-1][0]) if len(found) > limit else None
    return schemas.PublicationPage(items=[_out(*each) for each in shown], next=following)


@router.get(
    "/{id}",
    response_model=schemas.PublishedOut,
    responses=_FORMATS,
    openapi_extra={"security": [{}]},
)
def publication(
    id: Id,  # noqa: A002 - the name in the path
    http: HttpRequest,
    registers: EveryRegister,
    who: Visitor,
    format_: AskedFormat = None,
) -> Response:
    """A publication as it was frozen, for anyone once it is released; before that for its authority's readers alone.

    Its documents never change. In JSON, what became of it stands beside what was frozen. One that was withdrawn is 410,
    but to its authority's readers.
    """
    register, code, found = publishing.anyones(registers, _known(id)) or _nothing(id)
    reads = bool(who and who.authority == code and {"reports:read", "reports:publish"} & who.scopes)
    if not reads:
        _check_public(id, found)
    wanted = format_ or accepted(http.headers.get("accept", ""))
    document = found.document(wanted)
    if document is None:
        raise bad_value("not_in_this_format", "format", "it was published before there was this format")
    kept = publishing.bytes_of(register.engine, code, document.hash)
    if wanted == "json":
        kept = kept._replace(content=orjson.dumps({**orjson.loads(kept.content), **standing(id, found)}))
    return _handed_out(http, kept, {"Vary": "Accept, Authorization", **_named(id, wanted)}, public=not reads)


def _known(reference: str) -> str:
    """An id as ids are written. Raises `NotFound`."""
    return reference if _ID.fullmatch(reference) else _nothing(reference)


def _nothing(reference: str) -> Any:
    raise NotFound(f"publication {reference}")


def _check_public(reference: str, found: Publication) -> None:
    """Raises `NotFound` for what was never released, `Gone` for what was withdrawn."""
    if not found.released:
        raise NotFound(f"publication {reference}")
    if found.withdrawn:
        raise Gone(found.released.released_on, found.withdrawn.withdrawn_on, found.withdrawn.reason)


def _named(reference: str, format_: Format) -> Mapping[str, str]:
    saved = WAYS[format_].saved
    return {"Content-Disposition": f'attachment; filename="publication-{reference}.{format_}"'} if saved else {}


def _handed_out(http: HttpRequest, kept: Kept, headers: Mapping[str, str], *, public: bool) -> Response:
    """Bytes under their hash; nothing but the hash for whoever has them already."""
    tag = f'"{digest(kept.content)}"'
    headers = {**headers, "ETag": tag, "Cache-Control": _PUBLIC if public else "private, no-cache"}
    if tag in http.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if kept.policy:
        headers["Content-Security-Policy"] = kept.policy
    return Response(kept.content, media_type=kept.media_type, headers=headers)


# --- for the authority's readers --------------------------------------------------------------------------------------


def _own(reader: Reading, reference: str) -> Publication:
    """A publication of the reader's authority. Raises `NotFound`."""
    known = handling.history(reader.register, PUBLICATION, reader.who, _known(reference))
    return PUBLICATION.fold([recorded.event for recorded in known]) or _nothing(reference)


def _kept(reader: Reading, hash_: str) -> Response:
    return _handed_out(
        reader.http, publishing.bytes_of(reader.register.engine, reader.who.authority, hash_), {}, public=False
    )


@router.get("/{id}/figures")
def publication_figures(id: Id, reader: Reader) -> Response:  # noqa: A002 - the name in the path
    """The canonical figures in full, of which nothing is suppressed: the bytes that the log gives again at any time."""
    return _kept(reader, _own(reader, id).frozen.figures)


@router.get("/{id}/manifest")
def publication_manifest(id: Id, reader: Reader) -> Response:  # noqa: A002 - the name in the path
    """What the publication is made of, by hash: position of the log, code, calendar, code lists, figures, documents."""
    return _kept(reader, _own(reader, id).frozen.manifest)


@router.get("/{id}/restatement")
def publication_restatement(
    id: Id,  # noqa: A002 - the name in the path
    reader: Tracer,
    until: Annotated[
        date | None,
        Query(alias="to", description="The day up to which the later report knows the facts; today otherwise."),
    ] = None,
) -> schemas.RestatementOut:
    """What the same report says now of which figures, each with the cases that made the difference."""
    found, day = _own(reader, id), reader.day(until, "to")
    if day < found.frozen.as_at:
        raise bad_value("too_early", "to", f"the publication knows the facts up to {found.frozen.as_at}")
    told = publishing.restated(reader.register, reader.models, found, day)
    out = schemas.RestatementOut.model_validate(told)
    reader.unnamed(case for change in out.changes for case in change.cases)
    return out
