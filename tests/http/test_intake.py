"""Representations come in: what their answer says, how they are numbered, and that a retry does nothing twice."""

from contextlib import ExitStack
from typing import Any

import pytest

from tests.http.conftest import COMPLAINT, Api

FULL: dict[str, Any] = {
    **COMPLAINT,
    "received_at": "2026-11-19T16:45:00+00:00",
    "made_orally": True,
    "provider": "Example Home Care",
    "matter_occurred_on": "2026-10-01",
    "known_on": "2026-10-02",
    "concerns": [
        {"category": "communication", "subcategory": "delays_in_communication", "detail": "Nobody rang back."},
        {"category": "financial", "subcategory": "financial_assessment"},
        {"category": "protection"},
    ],
    "complainant": {"name": "A. Resident", "address": "1 High Street", "postcode": "CV1 1AA", "phone": "024 7600 0000"},
    "person_affected": {"name": "B. Resident", "email": "b@example.org", "date_of_birth": "1938-05-06"},
    "narrative": "I was told that someone would ring me.\nNobody did.",
}
ACKNOWLEDGED = {"acknowledged_on": "2026-11-20", "method": "letter", "discussion_offered": True}


def test_the_least_that_a_complaint_needs_opens_a_case_with_its_deadlines(api: Api) -> None:
    answer = api.ask("POST", "/v1/complaints", json=COMPLAINT)
    case = answer.json()
    assert answer.status_code == 201
    assert (case["reference"], case["status"]) == ("COV-2026-000001", "received")
    assert (case["pathway"], case["stage"], case["received_on"]) == ("adult_social_care", "stage_1", "2026-11-20")
    assert answer.headers["location"] == "/v1/cases/COV-2026-000001"
    assert answer.headers["etag"] == f'"{case["version"]}"'
    assert {d["name"] for d in case["deadlines"]} == {"acknowledgement", "local_standard", "statutory_limit"}
    assert api.get(answer.headers["location"]) == case


def test_each_deadline_of_the_answer_says_how_it_came_about(api: Api) -> None:
    deadlines = {d["name"]: d for d in api.post("/v1/complaints", **COMPLAINT)["deadlines"]}
    assert deadlines["acknowledgement"] == {
        "name": "acknowledgement",
        "due_on": "2026-11-25",
        "told_on": None,
        "state": "due",
        "days_late": 0,
        "provisional": False,
        "anchor": {"event": "representation_received", "on": "2026-11-20"},
        "rule": {**deadlines["acknowledgement"]["rule"], "value": 3, "unit": "working_days", "kind": "law"},
        "skipped": [{"date": "2026-11-21", "reason": "Saturday"}, {"date": "2026-11-22", "reason": "Sunday"}],
        "extensions": [],
        "pauses": [],
        "reviews": [],
        "ended_by": None,
        "rag": {**deadlines["acknowledgement"]["rag"], "colour": "amber", "amber_working_days": 5},
        "calendar_version": deadlines["statutory_limit"]["calendar_version"],
    }
    assert deadlines["acknowledgement"]["rule"]["source"] == "SI 2009/309 reg 13(3)"
    limit = deadlines["statutory_limit"]
    assert (limit["rule"]["value"], limit["rule"]["unit"], limit["due_on"]) == (6, "months", "2027-05-19")
    standard = deadlines["local_standard"]
    assert (standard["rule"]["value"], standard["rule"]["kind"]) == (20, "local_standard")


def test_everything_that_a_complaint_may_say_is_kept_and_people_apart(api: Api) -> None:
    case = api.post("/v1/complaints", **FULL)
    kept = ("channel", "service_area", "made_orally", "provider", "matter_occurred_on", "known_on")
    assert {name: case[name] for name in kept} == {name: FULL[name] for name in kept}
    assert case["received_at"] == "2026-11-19T16:45:00Z"
    assert [(c["number"], c["category"], c["subcategory"]) for c in case["concerns"]] == [
        (1, "communication", "delays_in_communication"),
        (2, "financial", "financial_assessment"),
        (3, "protection", None),
    ]
    told = api.get(f"/v1/cases/{case['reference']}/personal-data", reason="a test")
    assert told["complainant"] == FULL["complainant"]
    assert told["person_affected"] == FULL["person_affected"]
    assert told["narrative"] == {"narrative": FULL["narrative"], "concern_1": "Nobody rang back."}


def test_references_count_by_the_year_of_receipt_for_all_representations_together(api: Api) -> None:
    def posted(kind: str, received_at: str) -> str:
        body = COMPLAINT if kind == "complaints" else {"channel": "email", "service_area": "older_people"}
        reference: str = api.post(f"/v1/{kind}", **body, received_at=received_at)["reference"]
        return reference

    assert [
        posted("complaints", "2025-12-31T23:59:59Z"),
        posted("compliments", "2026-01-01T00:00:00Z"),
        posted("comments", "2026-07-01T12:00:00Z"),
        posted("complaints", "2025-06-30T12:00:00Z"),
        posted("complaints", "2026-03-01T12:00:00Z"),
    ] == ["COV-2025-000001", "COV-2026-000001", "COV-2026-000002", "COV-2025-000002", "COV-2026-000003"]


@pytest.mark.parametrize(
    ("received_at", "instant", "day"),
    [
        ("2026-07-01T00:30:00+01:00", "2026-06-30T23:30:00Z", "2026-07-01"),
        ("2026-06-30T23:30:00Z", "2026-06-30T23:30:00Z", "2026-07-01"),
        ("2026-07-01T00:30:00", "2026-06-30T23:30:00Z", "2026-07-01"),
        ("2026-01-01T00:30:00", "2026-01-01T00:30:00Z", "2026-01-01"),
        ("2026-11-19T23:59:59.999999", "2026-11-19T23:59:59.999999Z", "2026-11-19"),
    ],
)
def test_a_receipt_belongs_to_its_day_in_london(api: Api, received_at: str, instant: str, day: str) -> None:
    case = api.post("/v1/complaints", **COMPLAINT, received_at=received_at)
    assert (case["received_at"], case["received_on"]) == (instant, day)


def test_the_service_area_gives_the_pathway_where_none_is_said(api: Api) -> None:
    said = {name: value for name, value in COMPLAINT.items() if name != "pathway"}
    case = api.post("/v1/complaints", **said)
    assert case["pathway"] == "adult_social_care"
    routed = api.get(f"/v1/cases/{case['reference']}/events")["items"][1]
    assert (routed["type"], routed["data"]["reason"]) == ("case_routed", "service_area")


def test_a_complaint_without_a_pathway_waits_for_its_route(api: Api) -> None:
    """An authority without a file of its own has service areas that say no pathway."""
    key = api.of("BIR")
    said = {name: value for name, value in COMPLAINT.items() if name != "pathway"}
    areas = api.ask("GET", "/v1/codes", key=key).json()["lists"]["service_areas"][-1]["values"]
    area = next(value["code"] for value in areas if "pathway" not in value)
    case = api.ask("POST", "/v1/complaints", key=key, json={**said, "service_area": area}).json()
    assert (case["reference"], case["pathway"], case["deadlines"]) == ("BIR-2026-000001", None, [])
    routing = f"/v1/cases/{case['reference']}/routing"
    routed = api.ask("POST", routing, key=key, json={"pathway": "corporate"}).json()
    assert (routed["pathway"], bool(routed["deadlines"])) == ("corporate", True)


@pytest.mark.parametrize("kind", ["compliment", "comment"])
def test_compliments_and_comments_are_taken_in_and_listed(api: Api, kind: str) -> None:
    least = {"channel": "email", "service_area": "older_people"}
    full = {**least, "narrative": "Thank you.", "complainant": {"name": "A. Resident"}, "provider": "Example Home Care"}
    references = [api.post(f"/v1/{kind}s", **body)["reference"] for body in (least, full)]
    listed = api.get(f"/v1/{kind}s")
    assert listed["next"] is None
    assert [item["reference"] for item in listed["items"]] == references[::-1]
    received = {"kind": kind, "received_on": "2026-11-20", "channel": "email", "service_area": "older_people"}
    assert listed["items"][0] == {"reference": references[1], **received}
    assert api.get("/v1/cases")["items"] == []
    api.get(f"/v1/cases/{references[0]}", 404)


def test_an_intake_key_can_post_and_nothing_else(api: Api) -> None:
    form = api.key("complaints:write")
    assert api.ask("POST", "/v1/complaints", key=form, json=COMPLAINT).status_code == 201
    assert api.ask("GET", "/v1/cases", key=form).status_code == 403


# --- retries ----------------------------------------------------------------------------------------------------------


def keyed(api: Api, key: str, path: str = "/v1/complaints", body: Any = COMPLAINT, method: str = "POST") -> Any:
    return api.asking(method, path, json=body, headers={"Idempotency-Key": key})


def test_a_retried_complaint_gets_the_first_answer_also_after_the_case_moved_on(api: Api) -> None:
    [first] = api.together(keyed(api, "form-1"))
    case = first.json()
    api.post(f"/v1/cases/{case['reference']}/acknowledgement", **ACKNOWLEDGED)
    head = api.head()
    api.clock.turn("2026-12-18")
    [again] = api.together(keyed(api, "form-1"))
    assert (again.status_code, again.json()) == (201, case)
    assert again.headers["idempotent-replayed"] == "true"
    assert (again.headers["etag"], again.headers["location"]) == (first.headers["etag"], first.headers["location"])
    assert "idempotent-replayed" not in first.headers
    assert api.head() == head


def test_a_retried_command_gets_the_first_answer_though_it_could_not_be_done_again(api: Api) -> None:
    path = f"/v1/cases/{api.complaint()}"
    late = {"acknowledged_on": "2026-12-18", "method": "letter"}
    api.clock.turn("2026-12-18")
    [first] = api.together(keyed(api, "ack", f"{path}/acknowledgement", late))
    api.post(f"{path}/withdrawal", withdrawn_on="2026-12-18")
    head = api.head()
    [again] = api.together(keyed(api, "ack", f"{path}/acknowledgement", late))
    assert first.json()["breaches"]
    assert (again.status_code, again.json(), api.head()) == (201, first.json(), head)
    [stale] = api.together(
        api.asking(
            "POST",
            f"{path}/acknowledgement",
            json=late,
            headers={"Idempotency-Key": "ack", "If-Match": '"2"'},
        )
    )
    assert (stale.status_code, stale.json()) == (201, first.json())


def test_a_retried_command_gets_its_own_breaches_though_a_clock_set_back_recorded_two_at_one_instant(api: Api) -> None:
    reference = api.complaint()
    path = f"/v1/cases/{reference}"
    api.clock.turn("2026-12-18")
    api.post("/v1/comments", channel="email", service_area="older_people")
    api.clock.turn("2026-12-17")
    late = {"acknowledged_on": "2026-12-17", "method": "letter"}
    assert api.post(f"{path}/acknowledgement", **late)["breaches"]
    [first] = api.together(keyed(api, "staff", f"{path}/assignment", {"officer": "staff-1"}))
    assert (first.status_code, first.json()["breaches"]) == (201, [])
    stream = api.register.log.stream("COV", f"case:{reference}")
    assert stream[-1].recorded_at == stream[-2].recorded_at
    [again] = api.together(keyed(api, "staff", f"{path}/assignment", {"officer": "staff-1"}))
    assert (again.headers["idempotent-replayed"], again.json()) == ("true", first.json())


def test_a_retried_compliment_and_a_retried_enquiry_are_there_once(api: Api) -> None:
    bodies = {
        "/v1/compliments": {"channel": "email", "service_area": "older_people"},
        "/v1/ombudsman/enquiries": {"ombudsman_reference": "26 004 117", "received_on": "2026-11-20"},
    }
    for path, body in bodies.items():
        first, again = (api.together(keyed(api, path, path, body))[0] for _ in range(2))
        assert (again.status_code, again.json()) == (201, first.json())
        assert len(api.get(path)["items"]) == 1


def test_a_key_stands_for_one_method_path_and_body(api: Api) -> None:
    reference = api.complaint()
    [first] = api.together(keyed(api, "k"))
    assert first.status_code == 201
    thanks = {"channel": "email", "service_area": "older_people"}
    [other] = api.together(keyed(api, "thanks", "/v1/compliments", thanks))
    assert other.status_code == 201
    head = api.head()
    figure = {"name": "population", "subject": "C", "year": "2026-27", "value": 1, "unit": "people", "source": "S"}
    others = [
        keyed(api, "k", body={**COMPLAINT, "channel": "phone"}),
        keyed(api, "k", "/v1/comments", thanks),
        keyed(api, "thanks", "/v1/comments", thanks),
        keyed(api, "k", f"/v1/cases/{reference}/acknowledgement", ACKNOWLEDGED),
        keyed(api, "k", "/v1/reference-figures", figure, "PUT"),
        keyed(api, "k", "/v1/ombudsman/enquiries", {"ombudsman_reference": "1", "received_on": "2026-11-20"}),
    ]
    for answer in [api.together(other)[0] for other in others]:
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:redress:problem:idempotency-key-reused")
        assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
    assert api.head() == head


def test_a_key_of_one_authority_is_nothing_to_another(api: Api) -> None:
    [ours] = api.together(keyed(api, "same"))
    theirs = api.ask("POST", "/v1/complaints", key=api.of("BIR"), json=COMPLAINT, headers={"Idempotency-Key": "same"})
    assert (ours.json()["reference"], theirs.json()["reference"]) == ("COV-2026-000001", "BIR-2026-000001")


def test_a_refused_request_does_not_use_up_its_key(api: Api) -> None:
    [refused] = api.together(keyed(api, "k", body={**COMPLAINT, "channel": "pigeon"}))
    [taken] = api.together(keyed(api, "k"))
    assert (refused.status_code, taken.status_code) == (422, 201)


def test_a_key_has_1_to_255_characters_whatever_they_are(api: Api) -> None:
    long = {"x" * 255: 201, "x" * 256: 422, "": 422, "é" * 255: 201, "é" * 256: 422, "a key, spaced": 201}
    for key, status in long.items():
        headers = {"Idempotency-Key": key.encode()}
        sent = {"Authorization": f"Bearer {api.of()}", **headers}
        answer = api.runner.run(api.client.post("/v1/complaints", json=COMPLAINT, headers=sent))
        assert (len(key), answer.status_code) == (len(key), status)
        if status == 422:
            assert answer.json()["type"] == "urn:redress:problem:idempotency-key-length"


def test_a_key_that_is_being_handled_is_a_conflict_and_its_request_is_done_once(api: Api) -> None:
    """Nobody can write until one of the two is answered, so that is the one that was turned away."""
    api.complaint()
    writing = ExitStack()
    writing.enter_context(api.register.log.locked("COV"))

    async def answered(request: Any) -> Any:
        answer = await request
        writing.close()
        return answer

    answers = api.together(answered(keyed(api, "k")), answered(keyed(api, "k")))
    taken, other = sorted(answers, key=lambda answer: answer.status_code)
    assert (taken.status_code, other.status_code) == (201, 409)
    assert (other.json()["type"], other.headers["retry-after"]) == ("urn:redress:problem:request-in-flight", "1")
    [again] = api.together(keyed(api, "k"))
    assert (again.status_code, again.json()) == (201, taken.json())
    assert len(api.get("/v1/cases")["items"]) == 2


def test_many_at_once_with_the_same_key_make_one_case(api: Api) -> None:
    answers = api.together(*(keyed(api, "k") for _ in range(12)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["reference"] for answer in answers if answer.status_code == 201}) == 1
    assert len(api.get("/v1/cases")["items"]) == 1
