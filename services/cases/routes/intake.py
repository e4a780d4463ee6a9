"""What comes in: complaints, compliments, comments."""

from services.cases import commands, schemas
from services.cases.routes.desk import CaseDesk, Intake, located
from shared.web import api_router

router = api_router("cases")


@router.post("/complaints", status_code=201)
async def receive_complaint(body: commands.ReceiveComplaint, desk: Intake) -> schemas.CaseOut:
    """Take in a complaint: its case opens, its clocks start, and each of its deadlines explains itself."""
    return await desk.answer(await desk.receive(body))


@router.post("/compliments", status_code=201)
async def receive_compliment(body: commands.ReceiveCompliment, desk: Intake) -> schemas.RepresentationOut:
    """Take in a compliment."""
    return await _represented(desk, body)


@router.post("/comments", status_code=201)
async def receive_comment(body: commands.ReceiveComment, desk: Intake) -> schemas.RepresentationOut:
    """Take in a comment."""
    return await _represented(desk, body)


async def _represented(
    desk: CaseDesk, body: commands.ReceiveCompliment | commands.ReceiveComment
) -> schemas.RepresentationOut:
    recorded = await desk.receive(body)
    desk.mark(recorded.appended, located(recorded))
    return schemas.representation_out(recorded.appended.reference, recorded.state)
