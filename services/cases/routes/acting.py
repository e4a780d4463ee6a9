"""What is done about a case: one command a route, whose body is the command."""

from services.cases import commands, schemas
from services.cases.routes.desk import Erasing, Handling, Holding, Number, Reference, case_on
from shared.errors import bad_value
from shared.web import api_router

router = api_router("cases")


@router.post("/cases/{reference}/routing", status_code=201)
async def route_case(reference: Reference, body: commands.RouteCase, desk: Handling) -> schemas.CaseOut:
    """Decide the procedure that the case follows; the received date stays."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/refusal", status_code=201)
async def refuse_case(reference: Reference, body: commands.RefuseCase, desk: Handling) -> schemas.CaseOut:
    """Decline to deal with the complaint, on a stated ground (SI 2009/309 reg 8, reg 12)."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/informal-resolution", status_code=201)
async def resolve_informally(reference: Reference, body: commands.ResolveInformally, desk: Handling) -> schemas.CaseOut:
    """Settle the matter without an investigation, with the test of SI 2009/309 reg 8(1)(c)."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/acknowledgement", status_code=201)
async def acknowledge(reference: Reference, body: commands.AcknowledgeComplaint, desk: Handling) -> schemas.CaseOut:
    """Record that the complaint was acknowledged, and how (SI 2009/309 reg 13(3))."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/response-period", status_code=201)
async def set_response_period(
    reference: Reference, body: commands.SetResponsePeriod, desk: Handling
) -> schemas.CaseOut:
    """Set the response period, agreed or determined (SI 2009/309 reg 13(4)-(5)); again, it is an amendment."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/assignment", status_code=201)
async def assign_case(reference: Reference, body: commands.AssignCase, desk: Handling) -> schemas.CaseOut:
    """Give someone of the staff a role in the case."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/extension", status_code=201)
async def extend_deadline(reference: Reference, body: commands.ExtendDeadline, desk: Handling) -> schemas.CaseOut:
    """Put the response off, as far as the policy lets it move."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/escalation", status_code=201)
async def escalate_case(reference: Reference, body: commands.EscalateCase, desk: Handling) -> schemas.CaseOut:
    """Take the case to its next stage."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/statement", status_code=201)
async def agree_statement(reference: Reference, body: commands.AgreeStatement, desk: Handling) -> schemas.CaseOut:
    """Record that the statement of complaint was agreed: stage 2 is counted from it (SI 2006/1738 reg 17)."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/panel", status_code=201)
async def hold_panel(reference: Reference, body: commands.HoldPanel, desk: Handling) -> schemas.CaseOut:
    """Record that the review panel met (SI 2006/1738 reg 19)."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/panel-report", status_code=201)
async def report_panel(reference: Reference, body: commands.ReportPanel, desk: Handling) -> schemas.CaseOut:
    """Record that the panel's recommendations arrived (SI 2006/1738 reg 20)."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/pause", status_code=201)
async def pause_clock(reference: Reference, body: commands.PauseClock, desk: Handling) -> schemas.CaseOut:
    """Let the clocks stand still, where the policy allows it."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/resumption", status_code=201)
async def resume_clock(reference: Reference, body: commands.ResumeClock, desk: Handling) -> schemas.CaseOut:
    """Let the clocks run again: the due dates move by the working days that they stood still."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/decision", status_code=201)
async def decide_stage(reference: Reference, body: commands.DecideStage, desk: Handling) -> schemas.CaseOut:
    """Decide the stage, with a finding for each concern."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/response", status_code=201)
async def send_response(reference: Reference, body: commands.SendResponse, desk: Handling) -> schemas.CaseOut:
    """Record that the response was sent: this is what meets a deadline (SI 2009/309 reg 14(2))."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/progress", status_code=201)
async def tell_progress(reference: Reference, body: commands.TellProgress, desk: Handling) -> schemas.CaseOut:
    """Record that the complainant was told how it stands (SI 2009/309 reg 14(1)(b))."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/lateness-notice", status_code=201)
async def notify_lateness(reference: Reference, body: commands.NotifyLateness, desk: Handling) -> schemas.CaseOut:
    """Record that the complainant was told that the answer is late, and why (SI 2009/309 reg 14(4))."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/remedies", status_code=201)
async def agree_remedy(reference: Reference, body: commands.AgreeRemedy, desk: Handling) -> schemas.CaseOut:
    """Agree to put something right."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/remedies/{number}/completion", status_code=201)
async def complete_remedy(
    reference: Reference, number: Number, body: commands.EvidencedCompletion, desk: Handling
) -> schemas.CaseOut:
    """Record that a remedy was carried out, and where its evidence is kept."""
    return await desk.act(reference, commands.CompleteRemedy(number=number, **body.model_dump()))


@router.post("/cases/{reference}/learning", status_code=201)
async def record_learning(reference: Reference, body: commands.RecordLearning, desk: Handling) -> schemas.CaseOut:
    """Record a line of the Investigation Outcome form: publishable text, without personal data."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/learning/{number}/completion", status_code=201)
async def complete_learning(
    reference: Reference, number: Number, body: commands.Completion, desk: Handling
) -> schemas.CaseOut:
    """Record that the action of a lesson was done."""
    return await desk.act(reference, commands.CompleteLearning(number=number, completed_on=body.completed_on))


@router.post("/cases/{reference}/provider-contact", status_code=201)
async def contact_provider(reference: Reference, body: commands.ContactProvider, desk: Handling) -> schemas.CaseOut:
    """Record that a provider was sent the complaint, or answered (SI 2009/309 reg 11)."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/links", status_code=201)
async def link_case(reference: Reference, body: commands.LinkCase, desk: Handling) -> schemas.CaseOut:
    """Link another case of this authority."""
    await case_on(desk, body.reference, None)
    if body.reference == reference:
        raise bad_value("links_itself", "reference", "a case is not linked to itself")
    return await desk.act(reference, body)


@router.post("/cases/{reference}/characteristics", status_code=201)
async def record_characteristics(
    reference: Reference, body: commands.RecordCharacteristics, desk: Handling
) -> schemas.CaseOut:
    """Record coded characteristics of a person of the case."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/restriction", status_code=201)
async def restrict_case(reference: Reference, body: commands.RestrictCase, desk: Handling) -> schemas.CaseOut:
    """Let only the staff named see the case and act on it: for everyone else it is not there. None lifts that.

    Who asks with the scope `admin` may change or lift it without being named.
    """
    return await desk.act(reference, body)


@router.post("/cases/{reference}/flags", status_code=201)
async def record_flags(reference: Reference, body: commands.RecordFlags, desk: Handling) -> schemas.CaseOut:
    """Say what whoever deals with the case must heed; this set replaces the earlier one."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/withdrawal", status_code=201)
async def withdraw_case(reference: Reference, body: commands.WithdrawCase, desk: Handling) -> schemas.CaseOut:
    """Record that the complainant withdrew."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/transfer", status_code=201)
async def transfer_case(reference: Reference, body: commands.TransferCase, desk: Handling) -> schemas.CaseOut:
    """Send the complaint to the body that it belongs to (SI 2009/309 reg 6(5))."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/closure", status_code=201)
async def close_case(reference: Reference, body: commands.CloseCase, desk: Handling) -> schemas.CaseOut:
    """Close the case."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/reopening", status_code=201)
async def reopen_case(reference: Reference, body: commands.ReopenCase, desk: Handling) -> schemas.CaseOut:
    """Take an ended case up again, to be decided anew."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/correction", status_code=201)
async def correct_case(reference: Reference, body: commands.CorrectCase, desk: Handling) -> schemas.CaseOut:
    """Put right what was recorded wrongly; the history keeps both."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/legal-hold", status_code=201)
async def set_legal_hold(reference: Reference, body: commands.SetLegalHold, desk: Holding) -> schemas.CaseOut:
    """Keep everything of a case whatever its schedule or a request says, or no longer. Who erases cannot lift it."""
    return await desk.act(reference, body)


@router.post("/cases/{reference}/erasure", status_code=201)
async def erase_personal_data(reference: Reference, body: commands.ErasePersonalData, desk: Erasing) -> schemas.CaseOut:
    """Erase the personal data of a party, or of all; refused while the law keeps it (UK GDPR Art 17(3)).

    The history and every figure stay as they are. Compliments and comments are erased here too.
    """
    return await desk.erase(reference, body)
