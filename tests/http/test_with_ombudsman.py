"""Cases and enquiries find each other through the log: each service does its part when it comes to it, once."""

from typing import Any

import pytest

from services.cases import following, handler
from shared.events import Kind
from tests.http.conftest import COMPLAINT, Api

ENQUIRY = "26 004 117"


def enquire(api: Api, reference: str = ENQUIRY, **more: object) -> None:
    api.post("/v1/ombudsman/enquiries", ombudsman_reference=reference, received_on="2026-11-20", **more)


def step(api: Api, name: str, reference: str = ENQUIRY, **body: object) -> dict[str, object]:
    told: dict[str, object] = api.post(f"/v1/ombudsman/enquiries/{reference}/{name}", **body)
    return told


def answered(api: Api, case: str) -> None:
    decided = {"decided_on": "2026-11-20", "outcome": "upheld", "decided_by": "staff-1"}
    api.post(f"/v1/cases/{case}/decision", **decided, findings=[{"concern": 1, "outcome": "upheld"}])
    api.post(f"/v1/cases/{case}/response", sent_on="2026-11-20", signed_by="staff-2", ombudsman_right_given=True)


def test_a_case_shows_the_enquiry_about_it_while_the_ombudsman_has_it(api: Api) -> None:
    case = api.complaint()
    enquire(api, case=case)
    assert api.get(f"/v1/cases/{case}")["with_ombudsman"] is False
    api.follow()
    shown = api.get(f"/v1/cases/{case}")
    assert shown["with_ombudsman"] is True
    assert shown["enquiries"] == [{"enquiry": ENQUIRY, "since": "2026-11-20", "back_on": None, "category": None}]
    step(api, "investigation", opened_on="2026-11-20")
    step(api, "decision", decided_on="2026-11-20", category="upheld")
    api.follow()
    shown = api.get(f"/v1/cases/{case}")
    assert shown["with_ombudsman"] is False
    assert shown["enquiries"][0]["category"] == "upheld"


def test_what_follows_is_recorded_once_however_often_it_is_followed(api: Api) -> None:
    case = api.complaint()
    enquire(api, case=case)
    api.follow()
    head = api.head()
    with api.register.engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql("DELETE FROM followers")
    api.follow()
    assert api.head() == head
    [noted] = [item for item in api.get(f"/v1/cases/{case}/events")["items"] if item["type"] == "with_ombudsman"]
    assert noted["actor"] == "cases"


def test_an_enquiry_about_nobody_known_stands_alone_and_is_linked_later(api: Api) -> None:
    enquire(api)
    api.follow()
    assert [item["reference"] for item in api.get("/v1/ombudsman/enquiries", linked=False)["items"]] == [ENQUIRY]
    case = api.complaint()
    step(api, "closure", closed_on="2026-11-20")
    step(api, "link", case=case)
    api.follow()
    assert api.get("/v1/ombudsman/enquiries", linked=False)["items"] == []
    [shown] = api.get(f"/v1/cases/{case}")["enquiries"]
    assert (shown["back_on"], shown["category"]) == ("2026-11-20", "closed_after_initial_enquiries")


def test_an_enquiry_that_was_linked_to_the_wrong_case_leaves_it(api: Api) -> None:
    wrong, right = api.complaint(), api.complaint()
    enquire(api, case=wrong)
    api.follow()
    step(api, "link", case=right)
    api.follow()
    assert api.get(f"/v1/cases/{wrong}")["with_ombudsman"] is False
    assert api.get(f"/v1/cases/{wrong}")["enquiries"][0]["category"] is None
    assert api.get(f"/v1/cases/{right}")["with_ombudsman"] is True


def test_a_premature_complaint_opens_the_councils_procedure_and_may_come_back_when_it_is_over(api: Api) -> None:
    """The complaint comes in with the Ombudsman's reference, and the two are linked whichever is recorded first."""
    enquire(api)
    step(api, "premature-return", returned_on="2026-11-20")
    case = api.complaint(channel="ombudsman", enquiry=ENQUIRY)
    api.follow()
    told = api.get(f"/v1/ombudsman/enquiries/{ENQUIRY}")
    assert (told["case"], told["category"], told["exhausted_on"]) == (case, "referred_back", None)
    answered(api, case)
    api.follow()
    assert api.get(f"/v1/ombudsman/enquiries/{ENQUIRY}")["exhausted_on"] == "2026-11-20"
    enquire(api, "26 009 900", case=case)
    api.follow()
    assert [item["enquiry"] for item in api.get(f"/v1/cases/{case}")["enquiries"]] == [ENQUIRY, "26 009 900"]
    linked = api.get("/v1/ombudsman/enquiries", case=case)["items"]
    assert {item["reference"] for item in linked} == {ENQUIRY, "26 009 900"}


def test_a_complaint_may_name_an_enquiry_that_is_recorded_after_it(api: Api) -> None:
    case = api.complaint(channel="ombudsman", enquiry=ENQUIRY)
    api.follow()
    enquire(api)
    api.follow()
    assert api.get(f"/v1/ombudsman/enquiries/{ENQUIRY}")["case"] == case
    assert api.get(f"/v1/cases/{case}")["with_ombudsman"] is True


def test_a_premature_complaint_takes_up_again_a_case_that_had_ended(api: Api) -> None:
    case = api.complaint()
    api.post(f"/v1/cases/{case}/withdrawal", withdrawn_on="2026-11-20")
    enquire(api, case=case)
    step(api, "premature-return", returned_on="2026-11-20")
    api.follow()
    shown = api.get(f"/v1/cases/{case}")
    assert (shown["status"], shown["with_ombudsman"]) == ("reopened", False)
    answered(api, case)
    api.follow()
    assert api.get(f"/v1/ombudsman/enquiries/{ENQUIRY}")["exhausted_on"] == "2026-11-20"


def test_an_enquiry_about_a_case_that_is_not_there_is_refused_and_harms_no_other(api: Api) -> None:
    api.post(
        "/v1/ombudsman/enquiries", 422, ombudsman_reference=ENQUIRY, received_on="2026-11-20", case="COV-2026-000009"
    )
    other = api.ask("POST", "/v1/complaints", json={**COMPLAINT, "service_area": "other"}, key=api.of("TST"))
    api.follow()
    assert other.status_code == 201


def test_the_whole_way_through_an_investigation_by_http_alone(api: Api) -> None:
    case = api.complaint()
    enquire(api, case=case, respond_by="2026-11-24")
    api.clock.turn("2026-11-24")
    step(api, "answer", answered_on="2026-11-24")
    step(api, "investigation", opened_on="2026-11-24", respond_by="2026-12-22")
    told = step(
        api,
        "response",
        submitted_on="2026-11-24",
        author="staff-7",
        author_role="Head of Service",
        signed_off_by="director-1",
        documents=[{"reference": "S-1"}, {"reference": "S-2", "may_be_shared": False}],
    )
    assert told["breaches"] == []
    step(api, "draft-decision", received_on="2026-11-24", category="upheld", respond_by="2026-11-27")
    assert api.get("/v1/ombudsman/enquiries", due_before="2026-11-28")["items"][0]["next_deadline"] == "draft_comments"
    step(api, "draft-comments", commented_on="2026-11-24", agreed=True)
    step(api, "decision", decided_on="2026-11-24", category="upheld", reason="fault_and_injustice", public_report=True)
    assert [item["reference"] for item in api.get("/v1/ombudsman/monitoring-officer")["items"]] == [ENQUIRY]
    step(api, "monitoring-officer", seen_on="2026-11-24")
    assert api.get("/v1/ombudsman/monitoring-officer")["items"] == []
    step(api, "public-report-notice", publicised_on="2026-11-24")
    step(api, "public-report-answer", answered_on="2026-11-24", considered_by="Cabinet")
    step(api, "remedies", type="financial", required_on="2026-11-24", amount_pence=50000, due_on="2026-11-24")
    api.clock.turn("2026-11-26")
    late = step(api, "remedies/1/completion", completed_on="2026-11-26", evidence="receipt_filed")
    assert [breach["rule"] for breach in late["breaches"]] == ["ombudsman.remedy_in_time"]
    assert late["remedies"][0]["days_late"] == 2
    told = step(api, "compliance", confirmed_on="2026-11-26", compliance="complied_late")
    assert (told["status"], told["compliance"]) == ("decided", "complied_late")
    assert {item["name"]: item["state"] for item in told["deadlines"]} == {
        "enquiry_answer": "met",
        "internal_response": "met",
        "investigation_response": "met",
        "draft_comments": "met",
        "public_report_notice": "met",
        "public_report_answer": "met",
    }


@pytest.mark.parametrize("decided_first", [False, True])
def test_an_enquiry_that_was_linked_anew_is_told_to_its_case_to_its_end(api: Api, decided_first: bool) -> None:  # noqa: FBT001
    wrong, right = api.complaint(), api.complaint()
    enquire(api, case=wrong)
    api.follow()
    steps = [("link", {"case": right}), ("decision", {"decided_on": "2026-11-20", "category": "not_upheld"})]
    for name, body in reversed(steps) if decided_first else steps:
        step(api, name, **body)
        api.follow()
    [shown] = api.get(f"/v1/cases/{right}")["enquiries"]
    assert (shown["back_on"], shown["category"]) == ("2026-11-20", "not_upheld")
    assert api.get(f"/v1/cases/{wrong}")["with_ombudsman"] is False


def test_a_complaint_that_names_an_enquiry_does_not_take_it_from_its_case(api: Api) -> None:
    """Whoever may post complaints may name any reference."""
    case = api.complaint()
    enquire(api, case=case)
    api.follow()
    api.complaint(channel="ombudsman", enquiry=ENQUIRY)
    api.follow()
    assert api.get(f"/v1/ombudsman/enquiries/{ENQUIRY}")["case"] == case
    assert api.get(f"/v1/cases/{case}")["with_ombudsman"] is True


def test_a_return_that_is_recorded_late_does_not_take_up_what_ended_after_it(api: Api) -> None:
    case = api.complaint()
    enquire(api, case=case)
    step(api, "premature-return", returned_on="2026-11-20")
    api.clock.turn("2026-11-25")
    api.post(f"/v1/cases/{case}/withdrawal", withdrawn_on="2026-11-25")
    api.follow()
    assert api.get(f"/v1/cases/{case}")["status"] == "withdrawn"


def test_a_return_leaves_the_next_stage_to_be_asked_for(api: Api) -> None:
    case = api.complaint(pathway="corporate")
    answered(api, case)
    api.post(f"/v1/cases/{case}/closure", closed_on="2026-11-20")
    enquire(api, case=case)
    step(api, "premature-return", returned_on="2026-11-20")
    api.follow()
    assert api.get(f"/v1/cases/{case}")["status"] == "closed"
    assert api.post(f"/v1/cases/{case}/escalation", requested_on="2026-11-20")["stage"] == "stage_2"


def test_nobody_can_use_a_followers_key_before_it(api: Api) -> None:
    enquire(api)
    case = api.complaint(channel="ombudsman", enquiry=ENQUIRY)
    [received] = [e for e in api.get(f"/v1/cases/{case}/events")["items"] if e["type"] == "representation_received"]
    for key in (f"ombudsman:{received['event_id']}:{ENQUIRY}", f" ombudsman:{received['event_id']}:{ENQUIRY}"):
        answer = api.ask("POST", "/v1/complaints", json=COMPLAINT, headers={"Idempotency-Key": key})
        assert answer.status_code == 201
    api.follow()
    assert api.get(f"/v1/ombudsman/enquiries/{ENQUIRY}")["case"] == case


def test_a_follower_that_is_far_behind_looks_at_one_span_of_the_log_after_another(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.log.reading._SPAN", 1)
    case = api.complaint()
    enquire(api, case=case)
    api.follow()
    assert api.get(f"/v1/cases/{case}")["with_ombudsman"] is True


def test_what_goes_wrong_at_one_authority_does_not_hold_up_another(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    case = api.complaint()
    enquire(api, case=case)
    theirs = {**COMPLAINT, "service_area": "other"}
    other = api.ask("POST", "/v1/complaints", json=theirs, key=api.of("TST")).json()["reference"]
    body = {"ombudsman_reference": ENQUIRY, "received_on": "2026-11-20", "case": other}
    api.ask("POST", "/v1/ombudsman/enquiries", json=body, key=api.of("TST"))
    kind_of = handler.kind_of

    def broken(code: str, kind: Kind) -> Any:
        if code == "COV":
            raise OSError("the authority's file is away")
        return kind_of(code, kind)

    with monkeypatch.context() as patched:
        patched.setattr(handler, "kind_of", broken)
        api.runner.run(following.REACTIONS.follow_all(api.register, {}, {}))
    assert api.ask("GET", f"/v1/cases/{other}", key=api.of("TST")).json()["with_ombudsman"] is True
    api.follow()
    assert api.get(f"/v1/cases/{case}")["with_ombudsman"] is True


def test_an_enquiry_about_a_restricted_case_is_about_none_to_whoever_may_not_see_it(api: Api) -> None:
    case = api.complaint()
    enquire(api, case=case)
    api.post(f"/v1/cases/{case}/restriction", staff=["person:staff-9"], reason="staff_complained_of")
    for linked, found in ((True, []), (False, [ENQUIRY])):
        listed = api.get("/v1/ombudsman/enquiries", linked=linked)["items"]
        assert [(item["reference"], item["case"]) for item in listed] == [(name, None) for name in found]
    assert api.get("/v1/ombudsman/enquiries", case=case)["items"] == []
