"""What the reporting service records of its own on the authority's stream: reference figures and narratives."""

from datetime import date

from services.reporting.commands import RecordNarrative, RecordReferenceFigure
from shared import handling
from shared.errors import bad_value
from shared.events import Event, NarrativeRecorded, ReferenceFigureRecorded
from shared.handling import Request
from shared.log import ANY, Append
from shared.register import Register
from shared.year import Year


def recording(request: Request, command: RecordReferenceFigure, today: date) -> Append:
    """The append that a reference figure amounts to."""
    return _on_the_authority(request, ReferenceFigureRecorded(recorded_on=today, **command.model_dump()))


def _on_the_authority(request: Request, event: Event) -> Append:
    return Append(
        authority=request.authority,
        stream=f"authority:{request.authority}",
        expected=ANY,
        events=(event,),
        actor=request.actor,
        key=request.key,
        correlation=request.correlation,
    )


async def record_reference_figure(register: Register, request: Request, command: RecordReferenceFigure) -> int:
    """Record a figure, and answer its position in the log. Raises `KeyReused`, `Unavailable`."""
    return (await handling.record(register, recording(request, command, register.today()))).position


async def record_narrative(register: Register, request: Request, year: str, command: RecordNarrative) -> None:
    """Record the words on a year that has begun. Raises `Rejected`, `KeyReused`, `Unavailable`."""
    today = register.today()
    label = Year.begun(year, today).label
    said = command.model_dump()
    if not any(said.values()):
        raise bad_value("nothing_said", "introduction", "a narrative has at least one part")
    await handling.record(
        register, _on_the_authority(request, NarrativeRecorded(recorded_on=today, year=label, **said))
    )
