"""A publication: frozen, then released, then perhaps withdrawn; and what may become of it next."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from services.reporting.commands import ReleasePublication, WithdrawPublication
from shared.errors import Rejected, bad_value
from shared.events import (
    Event,
    FrozenDocument,
    PublicationEvent,
    PublicationReleased,
    PublicationWithdrawn,
    ReportPublished,
)

Status = Literal["frozen", "released", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Publication:
    """What is true of one; `frozen` says what it is made of, the others what became of it."""

    frozen: ReportPublished
    released: PublicationReleased | None = None
    withdrawn: PublicationWithdrawn | None = None

    @property
    def status(self) -> Status:
        """Where it stands."""
        if self.withdrawn:
            return "withdrawn"
        return "released" if self.released else "frozen"

    @property
    def kept(self) -> tuple[str, ...]:
        """The hashes of everything that is kept of it."""
        frozen = self.frozen
        return (frozen.manifest, frozen.figures, frozen.printed, *(document.hash for document in frozen.documents))

    def document(self, format_: str) -> FrozenDocument | None:
        """Its document in a format, if it was made in that."""
        return next((document for document in self.frozen.documents if document.format == format_), None)


def evolve(state: Publication | None, event: Event) -> Publication:
    """What one more event of its stream makes of it. Raises `ValueError` for one that no publication begins with."""
    match event:
        case ReportPublished():
            return Publication(event)
        case PublicationReleased() if state:
            return replace(state, released=event)
        case PublicationWithdrawn() if state:
            return replace(state, withdrawn=event)
        case _ if state:
            return state
        case _:
            raise ValueError(f"{type(event).__name__} begins no publication")


def release(publication: Publication, command: ReleasePublication, today: date) -> tuple[PublicationEvent, ...]:
    """Make it public. Raises `Rejected`."""
    if publication.withdrawn:
        raise Rejected("already_withdrawn", "it was withdrawn; freeze the report anew")
    if publication.released:
        raise Rejected("already_released", f"it was released on {publication.released.released_on}")
    if command.approved_on and command.approved_on > today:
        raise bad_value("in_the_future", "approved_on", f"today is {today}")
    return (PublicationReleased(released_on=today, **command.model_dump()),)


def withdraw(publication: Publication, command: WithdrawPublication, today: date) -> tuple[PublicationEvent, ...]:
    """Hand it out no longer; one that was never released can never be. Raises `Rejected`."""
    if publication.withdrawn:
        raise Rejected("already_withdrawn", f"it was withdrawn on {publication.withdrawn.withdrawn_on}")
    return (PublicationWithdrawn(withdrawn_on=today, reason=command.reason),)


def standing(reference: str, publication: Publication) -> Mapping[str, Any]:
    """What is told of it everywhere: which report, how it stands, and the hashes that the public may hold it to."""
    frozen, released, withdrawn = publication.frozen, publication.released, publication.withdrawn
    return {
        "id": reference,
        "report": frozen.report,
        "year": frozen.year,
        "as_at": frozen.as_at.isoformat(),
        "position": frozen.position,
        "status": publication.status,
        "published_on": frozen.published_on.isoformat(),
        "released_on": released and released.released_on.isoformat(),
        "withdrawn_on": withdrawn and withdrawn.withdrawn_on.isoformat(),
        "withdrawal_reason": withdrawn and withdrawn.reason,
        "governance": released and _governance(released),
        "manifest": frozen.manifest,
        "documents": {document.format: document.hash for document in frozen.documents},
    }


def _governance(released: PublicationReleased) -> Mapping[str, str | None] | None:
    """Who approved it, and what they said; nothing where nobody is named."""
    told: dict[str, str | None] = {
        "approved_by": released.approved_by,
        "approved_on": released.approved_on.isoformat() if released.approved_on else None,
        "response": released.response,
    }
    return told if any(told.values()) else None
