from datetime import date

import pytest

from services.ombudsman import commands as do
from services.ombudsman.decide import Rules, decide, receive
from services.ombudsman.enquiry import Enquiry, evolve, fold
from shared.authority import authority
from shared.errors import Rejected
from shared.events import (
    Breach,
    ClosedAfterEnquiries,
    EnquiryEvent,
    EnquiryLinked,
    InvestigationOpened,
    OmbudsmanCategory,
    OmbudsmanDecided,
    RemedyRequired,
    ReturnedAsPremature,
)
from shared.events import RemedyCompleted as RemedyCarriedOut
from shared.policy import policy_book

COVENTRY = Rules(authority("COV"), policy_book("COV").ombudsman)
TODAY = date(2026, 12, 31)


def receive_on(day: str, **more: str) -> do.ReceiveEnquiry:
    return do.ReceiveEnquiry.model_validate({"ombudsman_reference": "26 004 117", "received_on": day, **more})


RECEIVED = fold(receive(receive_on("2026-11-02"), COVENTRY, TODAY))
assert RECEIVED is not None


def record(
    *commands: do.EnquiryCommand, enquiry: Enquiry = RECEIVED, today: date = TODAY
) -> tuple[Enquiry, EnquiryEvent]:
    """The enquiry after each of these, and the last event."""
    for command in commands:
        (event,) = decide(enquiry, command, COVENTRY, today)
        enquiry = evolve(enquiry, event)
    return enquiry, event


def refused(*commands: do.EnquiryCommand, today: date = TODAY) -> tuple[str, str | None]:
    before = record(*commands[:-1], today=today)[0] if len(commands) > 1 else RECEIVED
    with pytest.raises(Rejected) as raised:
        decide(before, commands[-1], COVENTRY, today)
    return raised.value.rule, raised.value.field


def return_on(day: str) -> do.ReturnAsPremature:
    return do.ReturnAsPremature(returned_on=day)


def close_on(day: str, reason: str | None = "out_of_time") -> do.CloseAfterEnquiries:
    return do.CloseAfterEnquiries(closed_on=day, reason=reason)


def investigate_on(day: str) -> do.OpenInvestigation:
    return do.OpenInvestigation(opened_on=day)


def decide_on(day: str, category: OmbudsmanCategory = "upheld", **more: str | bool) -> do.DecideEnquiry:
    return do.DecideEnquiry.model_validate({"decided_on": day, "category": category, **more})


def require_on(day: str, kind: str = "apology", **more: int | str) -> do.RequireRemedy:
    return do.RequireRemedy.model_validate({"type": kind, "required_on": day, **more})


def carry_out_on(day: str, number: int = 1) -> do.CompleteRemedy:
    return do.CompleteRemedy(number=number, completed_on=day, evidence="receipt_17")


# --- receipt --------------------------------------------------------------------------------------------------------


def test_the_letter_sets_the_date_of_the_answer() -> None:
    enquiry = fold(receive(receive_on("2026-11-02", respond_by="2026-11-04", case="COV-2026-000001"), COVENTRY, TODAY))
    assert enquiry is not None
    assert (enquiry.case, enquiry.respond_by, enquiry.version) == ("COV-2026-000001", date(2026, 11, 4), 1)
    assert enquiry.status == "received"


def test_a_letter_is_not_of_the_future_and_asks_for_no_answer_before_it_came() -> None:
    with pytest.raises(Rejected, match="in_the_future"):
        receive(receive_on("2027-01-01"), COVENTRY, TODAY)
    with pytest.raises(Rejected, match="too_early"):
        receive(receive_on("2026-11-02", respond_by="2026-11-01"), COVENTRY, TODAY)
    assert fold(receive(receive_on("2026-11-02", respond_by="2026-11-02"), COVENTRY, date(2026, 11, 2)))
    assert fold([]) is None


# --- the case it is about -------------------------------------------------------------------------------------------


def test_an_enquiry_is_about_one_case_and_may_be_found_to_be_about_another() -> None:
    first, event = record(do.LinkEnquiry(case="COV-2026-000001"))
    assert event == EnquiryLinked(linked_on=TODAY, case="COV-2026-000001")
    again = do.LinkEnquiry(case="COV-2026-000001", linked_on="2026-12-01")
    assert refused(again, again) == ("already_linked", "case")
    assert record(do.LinkEnquiry(case="COV-2026-000002"), enquiry=first)[0].case == "COV-2026-000002"
    assert refused(do.LinkEnquiry(case="COV-2026-000001", linked_on="2026-11-01")) == ("before_receipt", "linked_on")


# --- how it ends ----------------------------------------------------------------------------------------------------


def test_a_premature_complaint_goes_back_to_the_council() -> None:
    """LGA 1974 s.26(5): the authority has had a reasonable opportunity to investigate and reply first."""
    enquiry, event = record(return_on("2026-11-05"))
    assert event == ReturnedAsPremature(returned_on=date(2026, 11, 5))
    assert (enquiry.category, enquiry.decided_on, enquiry.reason) == ("referred_back", date(2026, 11, 5), "premature")
    assert enquiry.status == "decided"


def test_a_complaint_is_closed_after_initial_enquiries() -> None:
    enquiry, event = record(close_on("2026-11-05", "not_warranted_by_alleged_injustice"))
    assert event == ClosedAfterEnquiries(closed_on=date(2026, 11, 5), reason="not_warranted_by_alleged_injustice")
    assert (enquiry.category, enquiry.decided_on) == ("closed_after_initial_enquiries", date(2026, 11, 5))


@pytest.mark.parametrize("category", ["upheld", "not_upheld"])
def test_a_detailed_decision_follows_an_investigation(category: OmbudsmanCategory) -> None:
    """LGSCO: the uphold rate is a percentage of the detailed investigations completed."""
    opened, event = record(investigate_on("2026-11-10"))
    assert isinstance(event, InvestigationOpened)
    assert event.opened_on == date(2026, 11, 10)
    assert opened.status == "under_investigation"
    enquiry, decided = record(decide_on("2026-12-10", category, public_report=True), enquiry=opened)
    assert isinstance(decided, OmbudsmanDecided)
    assert (decided.breaches, enquiry.category, enquiry.public_report) == ((), category, True)


@pytest.mark.parametrize("category", ["upheld", "not_upheld"])
def test_a_detailed_decision_without_an_investigation_on_record_is_a_breach(category: OmbudsmanCategory) -> None:
    """LGA 1974 s.30(1): a report follows an investigation."""
    enquiry, event = record(decide_on("2026-12-10", category))
    assert isinstance(event, OmbudsmanDecided)
    assert [breach.rule for breach in event.breaches] == ["ombudsman.investigation_on_record"]
    assert enquiry.breaches == event.breaches


@pytest.mark.parametrize(
    "category", ["closed_after_initial_enquiries", "referred_back", "incomplete_or_invalid", "advice_given"]
)
def test_other_decisions_need_no_investigation(category: OmbudsmanCategory) -> None:
    enquiry, event = record(decide_on("2026-12-10", category))
    assert isinstance(event, OmbudsmanDecided)
    assert (event.breaches, enquiry.category) == ((), category)


ENDS = [return_on("2026-11-20"), close_on("2026-11-20"), decide_on("2026-11-20")]


@pytest.mark.parametrize("end", ENDS, ids=lambda end: type(end).__name__)
def test_an_enquiry_ends_once(end: do.EnquiryCommand) -> None:
    for other in (*ENDS, investigate_on("2026-11-21")):
        assert refused(end, other) == ("already_decided", None)


@pytest.mark.parametrize(
    ("end", "field"), [*zip(ENDS, ("returned_on", "closed_on", "decided_on"), strict=True)], ids=lambda v: str(v)[:9]
)
def test_an_enquiry_ends_after_receipt_and_investigation_and_not_after_today(
    end: do.EnquiryCommand, field: str
) -> None:
    assert refused(end.model_copy(update={field: date(2026, 11, 1)})) == ("before_receipt", field)
    assert refused(end, today=date(2026, 11, 19)) == ("in_the_future", field)
    assert refused(investigate_on("2026-11-21"), end) == ("too_early", field)
    assert record(investigate_on("2026-11-20"), end)[0].status == "decided"


def test_reasons_are_those_of_the_ombudsmans_published_data() -> None:
    assert refused(close_on("2026-11-05", "whim")) == ("unknown_code", "reason")
    assert refused(decide_on("2026-11-05", reason="whim")) == ("unknown_code", "reason")
    assert record(close_on("2026-11-05", None))[0].reason is None


def test_an_investigation_begins_once_after_receipt() -> None:
    assert refused(investigate_on("2026-11-10"), investigate_on("2026-11-11")) == ("already_under_investigation", None)
    assert refused(investigate_on("2026-11-01")) == ("before_receipt", "opened_on")
    assert refused(investigate_on("2026-11-11"), today=date(2026, 11, 10)) == ("in_the_future", "opened_on")


# --- remedies -------------------------------------------------------------------------------------------------------


def test_a_remedy_carried_out_before_the_final_decision_is_a_breach() -> None:
    """Complaints policy, LGSCO timescales: no remedy before the final decision."""
    required = (investigate_on("2026-11-10"), require_on("2026-11-20"))
    undecided, early = record(*required, carry_out_on("2026-11-25"))
    assert isinstance(early, RemedyCarriedOut)
    assert [breach.rule for breach in early.breaches] == ["ombudsman.remedy_after_decision"]
    assert undecided.remedies[0].completed_on == date(2026, 11, 25)
    decided = (*required, decide_on("2026-12-10"))
    assert [b.rule for b in _breaches(*decided, carry_out_on("2026-12-09"))] == ["ombudsman.remedy_after_decision"]
    assert _breaches(*decided, carry_out_on("2026-12-10")) == ()


def _breaches(*commands: do.EnquiryCommand) -> tuple[Breach, ...]:
    return getattr(record(*commands)[1], "breaches", ())


def test_remedies_are_numbered_and_money_has_an_amount() -> None:
    enquiry, event = record(
        require_on("2026-11-20"), require_on("2026-11-20", "financial", amount_pence=50000, due_on="2026-12-20")
    )
    assert event == RemedyRequired(
        required_on=date(2026, 11, 20), remedy=2, type="financial", amount_pence=50000, due_on=date(2026, 12, 20)
    )
    assert [remedy.number for remedy in enquiry.remedies] == [1, 2]
    assert refused(require_on("2026-11-20", "financial")) == ("amount_needed", "amount_pence")
    assert refused(require_on("2026-11-20", "apology", amount_pence=1)) == ("no_payment", "amount_pence")


def test_evidence_of_a_remedy_is_kept_by_its_code() -> None:
    _, event = record(require_on("2026-11-20"), carry_out_on("2026-12-20"))
    assert isinstance(event, RemedyCarriedOut)
    assert (event.remedy, event.evidence) == (1, "receipt_17")


def test_remedies_that_cannot_be() -> None:
    assert refused(require_on("2026-11-20", "flowers")) == ("unknown_code", "type")
    assert refused(require_on("2026-11-01")) == ("before_receipt", "required_on")
    assert refused(require_on("2026-11-20"), today=date(2026, 11, 19)) == ("in_the_future", "required_on")
    assert refused(require_on("2026-11-20", due_on="2026-11-19")) == ("too_early", "due_on")
    assert refused(require_on("2026-11-20"), carry_out_on("2026-11-21", 2)) == ("unknown_number", "number")
    assert refused(require_on("2026-11-20"), carry_out_on("2026-11-01")) == ("before_receipt", "completed_on")
    done = (require_on("2026-11-20"), carry_out_on("2026-11-21"), carry_out_on("2026-11-22"))
    assert refused(*done) == ("already_completed", None)


def test_what_happens_on_the_day_of_receipt_is_not_too_early() -> None:
    same_day = (investigate_on("2026-11-02"), require_on("2026-11-02", due_on="2026-11-02"), decide_on("2026-11-02"))
    assert record(*same_day, today=date(2026, 11, 2))[0].status == "decided"


def test_the_version_counts_the_events() -> None:
    assert Enquiry(date(2026, 11, 2)).version == 0
    assert record(investigate_on("2026-11-10"), decide_on("2026-12-10"), require_on("2026-12-10"))[0].version == 4
