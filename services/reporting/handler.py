"""What the reporting service records of its own: reference figures, on the authority's stream."""

from datetime import date

from services.reporting.commands import RecordReferenceFigure
from shared import handling
from shared.events import ReferenceFigureRecorded
from shared.handling import Request
from shared.log import ANY, Append
from shared.register import Register


def recording(request: Request, command: RecordReferenceFigure, today: date) -> Append:
    """The append that a reference figure amounts to."""
    figure = ReferenceFigureRecorded(recorded_on=today, **command.model_dump())
    return Append(
        authority=request.authority,
        stream=f"authority:{request.authority}",
        expected=ANY,
        events=(figure,),
        actor=request.actor,
        key=request.key,
        correlation=request.correlation,
    )


async def record_reference_figure(register: Register, request: Request, command: RecordReferenceFigure) -> int:
    """Record a figure, and answer its position in the log. Raises `KeyReused`, `Unavailable`."""
    return (await handling.record(register, recording(request, command, register.today()))).position
