"""What the Ombudsman's letters ask of the council: each date on its last day and the day after."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from services.ombudsman import commands as do
from services.ombudsman.decide import Rules, decide, exhaust, receive
from services.ombudsman.enquiry import Enquiry, evolve, fold
from shared import deadlines
from shared.authority import authority
from shared.errors import Rejected
from shared.events import Document, EnquiryEvent
from shared.policy import policy_book

COVENTRY = Rules(authority("COV"), policy_book("COV").ombudsman)
TODAY = date(2027, 12, 31)


def began(received_on: str = "2026-11-02", **more: str) -> Enquiry:
    command = do.ReceiveEnquiry.model_validate({"ombudsman_reference": "26 1", "received_on": received_on, **more})
    enquiry = fold(receive(command, COVENTRY, TODAY))
    assert enquiry is not None
    return enquiry


def told(enquiry: Enquiry, *commands: do.EnquiryCommand) -> tuple[Enquiry, Sequence[str]]:
    """The enquiry after these, and the rules that the last of them broke."""
    events: list[EnquiryEvent] = []
    for command in commands:
        events = decide(enquiry, command, COVENTRY, TODAY)
        for event in events:
            enquiry = evolve(enquiry, event)
    return enquiry, [breach.rule for event in events for breach in getattr(event, "breaches", ())]


def refused(enquiry: Enquiry, *commands: do.EnquiryCommand) -> str:
    *before, last = commands
    with pytest.raises(Rejected) as raised:
        decide(told(enquiry, *before)[0], last, COVENTRY, TODAY)
    return raised.value.rule


def due(enquiry: Enquiry) -> dict[str, str]:
    return {name: str(clock.deadline.due_on) for name, clock in enquiry.clocks.items()}


def state(enquiry: Enquiry, name: str, on: str) -> str:
    return deadlines.standing(enquiry.clocks[name], date.fromisoformat(on), COVENTRY.calendar).state


def investigate(day: str = "2026-11-16", **more: str) -> do.OpenInvestigation:
    return do.OpenInvestigation.model_validate({"opened_on": day, **more})


def submit(day: str, **more: object) -> do.SubmitResponse:
    body = {"submitted_on": day, "author": "staff-7", "author_role": "Head of Service", "signed_off_by": "director-1"}
    return do.SubmitResponse.model_validate({**body, **more})


def draft(day: str, **more: str) -> do.ReceiveDraftDecision:
    return do.ReceiveDraftDecision.model_validate({"received_on": day, **more})


def comment(day: str) -> do.CommentOnDraft:
    return do.CommentOnDraft(commented_on=day, agreed=True)


def decided(day: str, **more: object) -> do.DecideEnquiry:
    return do.DecideEnquiry.model_validate({"decided_on": day, "category": "upheld", **more})


def test_an_enquiry_is_answered_within_three_working_days_or_by_the_day_of_the_letter() -> None:
    assert due(began("2026-12-24")) == {"enquiry_answer": "2026-12-31"}
    assert due(began("2026-12-24", respond_by="2026-12-29")) == {"enquiry_answer": "2026-12-29"}
    for day, broken in (("2026-11-05", []), ("2026-11-06", ["ombudsman.enquiry_answer"])):
        enquiry, rules = told(began(), do.AnswerEnquiry(answered_on=day))
        assert (rules, enquiry.status) == (broken, "answered")
    assert refused(began(), do.AnswerEnquiry(answered_on="2026-11-05"), do.AnswerEnquiry(answered_on="2026-11-05")) == (
        "already_answered"
    )


def test_an_investigation_has_a_date_inside_and_a_date_outside() -> None:
    """Eighteen working days for the service, so that the Ombudsman's twenty can be met."""
    enquiry, _ = told(began(), investigate())
    assert due(enquiry) == {
        "enquiry_answer": "2026-11-05",
        "internal_response": "2026-12-10",
        "investigation_response": "2026-12-14",
    }
    assert [state(enquiry, "internal_response", day) for day in ("2026-12-10", "2026-12-11")] == ["due", "missed"]
    assert told(enquiry, submit("2026-12-10"))[1] == []
    assert told(enquiry, submit("2026-12-14"))[1] == ["ombudsman.internal_response"]
    assert told(enquiry, submit("2026-12-15"))[1] == [
        "ombudsman.internal_response",
        "ombudsman.investigation_response",
    ]


def test_the_day_of_the_letter_moves_the_date_inside_with_it() -> None:
    enquiry, _ = told(began(), investigate(respond_by="2026-12-07"))
    assert due(enquiry)["investigation_response"] == "2026-12-07"
    assert due(enquiry)["internal_response"] == "2026-12-03"
    tight, _ = told(began(), investigate(respond_by="2026-11-17"))
    assert due(tight)["internal_response"] == "2026-11-16"


def test_the_response_is_signed_off_and_marks_what_may_not_be_shared() -> None:
    documents = [{"reference": "S-1"}, {"reference": "S-2", "may_be_shared": False}]
    enquiry, rules = told(began(), investigate(), submit("2026-12-01", documents=documents, signed_off_by=None))
    assert rules == ["ombudsman.director_sign_off"]
    assert enquiry.response is not None
    assert enquiry.response.documents == (Document("S-1"), Document("S-2", may_be_shared=False))
    assert refused(enquiry, submit("2026-12-02")) == "already_submitted"
    assert refused(began(), submit("2026-12-02")) == "not_under_investigation"


def test_a_draft_is_commented_on_within_ten_working_days_or_by_the_day_of_the_letter() -> None:
    opened, _ = told(began(), investigate(), draft("2027-01-11"))
    assert (due(opened)["draft_comments"], opened.status) == ("2027-01-25", "draft_received")
    assert told(opened, comment("2027-01-25"))[1] == []
    assert told(opened, comment("2027-01-26"))[1] == ["ombudsman.draft_comments"]
    lettered, _ = told(began(), investigate(), draft("2027-01-11", respond_by="2027-01-18"))
    assert due(lettered)["draft_comments"] == "2027-01-18"


def test_a_second_draft_follows_the_comments_on_the_first() -> None:
    opened, _ = told(began(), investigate(), draft("2027-01-11"))
    assert refused(opened, draft("2027-01-12")) == "draft_awaits_comments"
    assert refused(opened, comment("2027-01-12"), comment("2027-01-12")) == "no_draft"
    again, _ = told(opened, comment("2027-01-18"), draft("2027-02-01"))
    assert due(again)["draft_comments"] == "2027-02-15"
    assert len(again.drafts) == 2
    assert refused(began(), draft("2027-01-12")) == "not_under_investigation"


def test_a_decision_ends_what_was_awaited_until_then() -> None:
    enquiry, _ = told(began(), investigate(), decided("2026-11-20"))
    assert all(clock.stopped_on for clock in enquiry.clocks.values())
    assert enquiry.clocks["investigation_response"].ended_by == "upheld"


def test_a_public_report_has_its_duties_and_dates() -> None:
    """LGA 1974 s.31(2): three months beginning with the day on which the report was received."""
    report, _ = told(began(), investigate(), decided("2027-01-15", public_report=True))
    assert due(report)["public_report_answer"] == "2027-04-14"
    assert due(report)["public_report_notice"] == "2027-01-29"
    answer = [do.AnswerPublicReport(answered_on=day, considered_by="Cabinet") for day in ("2027-04-14", "2027-04-15")]
    assert [told(report, command)[1] for command in answer] == [[], ["ombudsman.public_report_answer"]]
    notice = [do.PublicisePublicReport(publicised_on=day) for day in ("2027-01-29", "2027-01-30")]
    assert [told(report, command)[1] for command in notice] == [[], ["ombudsman.public_report_notice"]]
    assert refused(report, notice[0], notice[0]) == "done_already"
    plain, _ = told(began(), investigate(), decided("2027-01-15"))
    assert "public_report_answer" not in due(plain)
    assert refused(plain, notice[0]) == "no_public_report"


@pytest.mark.parametrize(
    ("decision", "listed"),
    [
        ({"category": "upheld"}, True),
        ({"category": "not_upheld"}, False),
        ({"category": "not_upheld", "public_report": True}, True),
    ],
)
def test_the_monitoring_officer_sees_upheld_decisions_and_public_reports(
    decision: dict[str, object],
    listed: bool,  # noqa: FBT001
) -> None:
    enquiry, _ = told(began(), investigate(), decided("2027-01-15", **decision))
    assert enquiry.for_monitoring_officer is listed
    seen = do.InformMonitoringOfficer(seen_on="2027-01-18")
    if listed:
        assert not told(enquiry, seen)[0].for_monitoring_officer
        enquiry, _ = told(enquiry, seen)
    assert refused(enquiry, seen) == "not_for_monitoring_officer"


def test_a_remedy_is_carried_out_after_the_decision_and_by_its_day() -> None:
    remedy = do.RequireRemedy(type="apology", required_on="2027-01-15", due_on="2027-02-12")
    enquiry, _ = told(began(), investigate(), decided("2027-01-15"), remedy)
    done = {
        day: told(enquiry, do.CompleteRemedy(number=1, completed_on=day, evidence="letter_sent"))
        for day in ("2027-02-12", "2027-02-13")
    }
    assert [rules for _, rules in done.values()] == [[], ["ombudsman.remedy_in_time"]]
    assert done["2027-02-12"][0].remedies[0].evidence == "letter_sent"
    early, _ = told(began(), investigate("2026-11-16"), do.RequireRemedy(type="apology", required_on="2026-11-20"))
    assert told(early, do.CompleteRemedy(number=1, completed_on="2026-11-25"))[1] == ["ombudsman.remedy_after_decision"]


def test_compliance_is_confirmed_once_everything_was_carried_out() -> None:
    remedy = do.RequireRemedy(type="apology", required_on="2027-01-15")
    enquiry, _ = told(began(), investigate(), decided("2027-01-15"), remedy)
    confirm = do.ConfirmCompliance(confirmed_on="2027-03-01")
    not_yet = confirm.model_copy(update={"compliance": "not_complied"})
    assert refused(enquiry, confirm) == "remedies_outstanding"
    enquiry, _ = told(enquiry, not_yet, do.CompleteRemedy(number=1, completed_on="2027-02-12"))
    enquiry, _ = told(enquiry, confirm)
    assert (enquiry.compliance, str(enquiry.compliance_confirmed_on)) == ("complied", "2027-03-01")
    assert refused(enquiry, confirm) == "already_confirmed"
    assert refused(began(), confirm) == "no_remedies"


def test_a_premature_complaint_may_come_back_once_the_councils_procedure_is_over() -> None:
    enquiry, _ = told(began(case="COV-2026-000001"), do.ReturnAsPremature(returned_on="2026-11-05"))
    [event] = exhaust(enquiry, "COV-2026-000001", date(2026, 12, 10))
    assert evolve(enquiry, event).exhausted_on == date(2026, 12, 10)
    for other, case in (
        (evolve(enquiry, event), "COV-2026-000001"),
        (enquiry, "COV-2026-000002"),
        (replace(enquiry, category="upheld"), "COV-2026-000001"),
    ):
        with pytest.raises(Rejected, match="not_awaited"):
            exhaust(other, case, date(2026, 12, 11))
