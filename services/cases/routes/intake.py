"""What comes in: complaints, compliments, comments."""

from fastapi import APIRouter

from services.cases import commands, schemas
from services.cases.case import Case
from services.cases.routes.desk import Intake
from shared import handling

router = APIRouter(prefix="/v1")


@router.post("/complaints", status_code=201)
async def receive_complaint(body: commands.ReceiveComplaint, desk: Intake) -> schemas.CaseOut:
    """Take in a complaint: its case opens, its clocks start, and each of its deadlines explains itself."""
    return await desk.answer(await desk.receive(body))


@router.post("/compliments", status_code=201)
async def receive_compliment(body: commands.ReceiveCompliment, desk: Intake) -> schemas.RepresentationOut:
    """Take in a compliment."""
    return _representation(await desk.receive(body))


@router.post("/comments", status_code=201)
async def receive_comment(body: commands.ReceiveComment, desk: Intake) -> schemas.RepresentationOut:
    """Take in a comment."""
    return _representation(await desk.receive(body))


def _representation(recorded: handling.Recorded[Case]) -> schemas.RepresentationOut:
    state = recorded.state
    return schemas.RepresentationOut(
        reference=recorded.appended.reference,
        kind=state.kind,
        received_on=state.received_on,
        channel=state.channel,
        service_area=state.service_area,
    )
