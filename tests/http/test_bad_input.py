"""What cannot be is refused: as a problem of a stable type that names field and rule, repeats nothing that may be
personal, and leaves nothing behind.
"""

import json
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from tests.http.conftest import COMPLAINT, Api
from tests.http.described import routes

ZEBEDEE = "Zebedee Quux"
PERSONAL: dict[str, Any] = {
    **COMPLAINT,
    "concerns": [{"category": "communication", "detail": f"{ZEBEDEE} rang"}],
    "complainant": {
        "name": ZEBEDEE,
        "address": f"{ZEBEDEE}'s house",
        "postcode": "QUUX 1",
        "email": "zebedee.quux@example.org",
        "phone": "zebedee",
        "date_of_birth": "1938-05-06",
    },
    "person_affected": {"name": ZEBEDEE},
    "narrative": f"My name is {ZEBEDEE}.",
}
ABSENT = object()


@pytest.fixture
def api(api: Api, caplog: pytest.LogCaptureFixture) -> Iterator[Api]:
    """The application, which logs nothing of anybody however it is asked."""
    caplog.set_level(logging.DEBUG)
    yield api
    assert not personal("\n".join(f"{record.getMessage()} {record.exc_text}" for record in caplog.records))


def personal(text: str) -> bool:
    return "zebedee" in text.lower() or "quux" in text.lower()


def refused(answer: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    """A problem document of that type, and nothing personal in any part of the answer."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    problem: dict[str, Any] = answer.json()
    assert (problem["type"], problem["status"]) == (f"urn:redress:problem:{kind}", status)
    assert problem["title"]
    assert not personal(answer.text + str(answer.headers))
    return problem


def faults(problem: dict[str, Any]) -> list[tuple[str, str]]:
    assert all(fault["message"] for fault in problem["errors"])
    return [(fault["field"], fault["rule"]) for fault in problem["errors"]]


def sending(api: Api, body: Any, path: str = "/v1/complaints", **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return api.ask("POST", path, content=content, headers=sent)


# --- the body as a whole ----------------------------------------------------------------------------------------------

WHOLE = json.dumps(PERSONAL).encode()


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (b"{", 400, "malformed-json"),
        (WHOLE[:-1], 400, "malformed-json"),
        (WHOLE + b"}", 400, "malformed-json"),
        (WHOLE.replace(b'"', b"'"), 400, "malformed-json"),
        (WHOLE.replace(b"Zebedee", b"Zebedee \xff"), 400, "malformed-json"),
        (WHOLE.replace(b'"Zebedee Quux"', b"9" * 5000), 400, "malformed-json"),
        (b"[" * 100_000, 400, "malformed-json"),
        (b'{"Zebedee Quux": ' * 20_000 + b"1" + b"}" * 20_000, 400, "malformed-json"),
        (b"", 422, "invalid"),
        (b"null", 422, "invalid"),
        (b"[]", 422, "invalid"),
        (b'"Zebedee Quux"', 422, "invalid"),
        (b"7", 422, "invalid"),
        (b"x" * 1_000_001, 413, "too-large"),
    ],
)
def test_a_body_that_is_not_one_json_object(api: Api, body: bytes, status: int, kind: str) -> None:
    problem = refused(sending(api, body), status, kind)
    if status == 422:
        assert [field for field, _ in faults(problem)] == ["body"]
    assert api.head() == 0


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_body_of_another_content_type_is_told_which_one_it_takes(api: Api, kind: str) -> None:
    problem = refused(sending(api, PERSONAL, Content_Type=kind), 422, "invalid")
    assert "Content-Type: application/json" in problem["errors"][0]["message"]
    assert api.head() == 0


def test_a_narrative_of_five_megabytes_is_too_large_announced_or_not(api: Api) -> None:
    body = json.dumps({**PERSONAL, "narrative": f"{ZEBEDEE} " * 400_000}).encode()

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]

    refused(sending(api, body), 413, "too-large")
    headers = {"Content-Type": "application/json"}
    refused(api.ask("POST", "/v1/complaints", content=chunks(), headers=headers), 413, "too-large")
    refused(sending(api, {**PERSONAL, "narrative": "x" * 100_001}), 422, "invalid")
    assert api.head() == 0
    assert sending(api, {**PERSONAL, "narrative": "é" * 100_000}).status_code == 201


# --- one field that is wrong ------------------------------------------------------------------------------------------

SHAPES: list[tuple[dict[str, Any], str, str]] = [
    ({"colour": ZEBEDEE}, "colour", "extra_forbidden"),
    ({ZEBEDEE: 1}, "(unnamed)", "extra_forbidden"),
    ({"ZebedeeQuux": 1}, "(unnamed)", "extra_forbidden"),
    ({"zebedee.quux@example.org": 1}, "(unnamed)", "extra_forbidden"),
    ({"complainant": {"name": ZEBEDEE, ZEBEDEE: ZEBEDEE}}, "complainant.(unnamed)", "extra_forbidden"),
    ({"channel": ABSENT}, "channel", "missing"),
    ({"service_area": ABSENT}, "service_area", "missing"),
    ({"complainant": ABSENT}, "complainant", "missing"),
    ({"complainant": {}}, "complainant.name", "missing"),
    ({"complainant": {"name": ""}}, "complainant.name", "string_too_short"),
    ({"complainant": {"name": "   "}}, "complainant.name", "string_too_short"),
    ({"complainant": {"name": ZEBEDEE * 30}}, "complainant.name", "string_too_long"),
    ({"complainant": {"name": None}}, "complainant.name", "string_type"),
    ({"complainant": {"name": 10**400}}, "complainant.name", "string_type"),
    ({"complainant": {"name": [ZEBEDEE]}}, "complainant.name", "string_type"),
    ({"complainant": {"name": f"{ZEBEDEE}\0"}}, "complainant.name", "value_error"),
    ({"complainant": {"name": f"{ZEBEDEE}\x1b[31m"}}, "complainant.name", "value_error"),
    ({"complainant": {"name": f"{ZEBEDEE} \ud800"}}, "complainant.name", "string_unicode"),
    ({"complainant": {"name": ZEBEDEE, "date_of_birth": "Zebedee"}}, "complainant.date_of_birth", "date_"),
    ({"complainant": ZEBEDEE}, "complainant", "model_"),
    ({"complainant": [ZEBEDEE]}, "complainant", "model_"),
    ({"narrative": f"{ZEBEDEE}\x07"}, "narrative", "value_error"),
    ({"narrative": f"{ZEBEDEE}\udfff"}, "narrative", "string_unicode"),
    ({"narrative": {"text": ZEBEDEE}}, "narrative", "string_type"),
    ({"concerns": ABSENT}, "concerns", "missing"),
    ({"concerns": []}, "concerns", "too_short"),
    ({"concerns": {"category": ZEBEDEE}}, "concerns", "tuple_type"),
    ({"concerns": [{"category": "communication"}] * 51}, "concerns", "too_long"),
    ({"concerns": [{"category": "communication"}, ZEBEDEE]}, "concerns.1", "model_"),
    ({"concerns": [{"category": "communication", "detail": 7}]}, "concerns.0.detail", "string_type"),
    ({"channel": ZEBEDEE}, "channel", "string_pattern_mismatch"),
    ({"channel": 7}, "channel", "string_type"),
    ({"channel": None}, "channel", "string_type"),
    ({"pathway": 2**70}, "pathway", "string_type"),
    ({"made_orally": ZEBEDEE}, "made_orally", "bool_type"),
    ({"made_orally": 7}, "made_orally", "bool_type"),
    ({"made_orally": 1}, "made_orally", "bool_type"),
    ({"made_orally": "true"}, "made_orally", "bool_type"),
    ({"made_orally": None}, "made_orally", "bool_type"),
    ({"made_orally": {}}, "made_orally", "bool_type"),
    ({"received_at": ZEBEDEE}, "received_at", "datetime_"),
    ({"received_at": "2026-02-30T10:00:00Z"}, "received_at", "datetime_"),
    ({"received_at": "2026-11-20T25:00:00Z"}, "received_at", "datetime_"),
    ({"received_at": "20.11.2026"}, "received_at", "datetime_"),
    ({"matter_occurred_on": "2026-02-29"}, "matter_occurred_on", "date_"),
    ({"matter_occurred_on": "2026-11-31"}, "matter_occurred_on", "date_"),
    ({"known_on": ZEBEDEE}, "known_on", "date_"),
    ({"known_on": True}, "known_on", "date_type"),
    ({"known_on": 0}, "known_on", "date_type"),  # which pydantic by itself takes for seconds since 1970
    ({"known_on": 1763596800}, "known_on", "date_type"),
    ({"known_on": "1763596800"}, "known_on", "date_parsing"),
    ({"known_on": "2025-11-20T00:00:00"}, "known_on", "date_parsing"),
    ({"complainant": {"name": ZEBEDEE, "date_of_birth": -1e9}}, "complainant.date_of_birth", "date_type"),
    ({"received_at": 1763596800}, "received_at", "datetime_type"),
    ({"received_at": "1763596800"}, "received_at", "datetime_parsing"),
]


def changed(different: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**PERSONAL, **different}.items() if value is not ABSENT}


@pytest.mark.parametrize(("different", "field", "rule"), SHAPES, ids=[f"{n}-{row[1]}" for n, row in enumerate(SHAPES)])
def test_a_complaint_of_another_shape(api: Api, different: dict[str, Any], field: str, rule: str) -> None:
    problem = refused(sending(api, changed(different)), 422, "invalid")
    assert [(named, broken[: len(rule)]) for named, broken in faults(problem)] == [(field, rule)]
    assert api.head() == 0


VALUES: list[tuple[dict[str, Any], str, str]] = [
    ({"channel": "pigeon"}, "channel", "unknown_code"),
    ({"service_area": "zebedee"}, "service_area", "unknown_code"),
    ({"pathway": "zebedee"}, "pathway", "unknown_pathway"),
    ({"concerns": [{"category": "communication"}, {"category": "zebedee"}]}, "concerns.1.category", "unknown_code"),
    (
        {"concerns": [{"category": "communication", "subcategory": "zebedee"}]},
        "concerns.0.subcategory",
        "unknown_code",
    ),
    ({"received_at": "2026-11-21T09:00:00Z"}, "received_at", "in_the_future"),
    ({"received_at": "2026-11-20T10:30:00Z"}, "received_at", "in_the_future"),
    ({"received_at": "9999-12-31T23:59:59-12:00"}, "received_at", "outside_calendar"),
    ({"received_at": "0001-01-01T00:00:00+14:00"}, "received_at", "outside_calendar"),
    ({"received_at": "1926-11-20T10:00:00Z"}, "received_at", "outside_calendar"),
    ({"matter_occurred_on": "2026-11-21"}, "matter_occurred_on", "too_late"),
    ({"known_on": "2027-01-01"}, "known_on", "too_late"),
]


@pytest.mark.parametrize(("different", "field", "rule"), VALUES, ids=[f"{n}-{row[2]}" for n, row in enumerate(VALUES)])
def test_a_complaint_of_values_that_cannot_be(api: Api, different: dict[str, Any], field: str, rule: str) -> None:
    problem = refused(sending(api, changed(different)), 422, rule.replace("_", "-"))
    assert faults(problem) == [(field, rule)]
    assert problem["rule"] == rule
    assert api.head() == 0


# --- commands on a case -----------------------------------------------------------------------------------------------

TODAY, EARLIER, TOMORROW = "2026-11-20", "2026-11-18", "2026-11-21"
FOUND = [{"concern": 1, "outcome": "upheld"}, {"concern": 2, "outcome": "not_upheld"}]
DECIDED = {
    "decided_on": TODAY,
    "outcome": "partially_upheld",
    "decided_by": "staff-1",
    "findings": FOUND,
}
SENT = {"sent_on": TODAY, "signed_by": "staff-2", "ombudsman_right_given": True}
ACKNOWLEDGED = {"acknowledged_on": TODAY, "method": "letter"}
WITHDRAWN = {"withdrawn_on": TODAY}
EXTENDED = {"new_due_on": "2027-01-15", "reason": "complexity", "agreed_with_complainant": True}
REMEDY = {"type": "apology", "agreed_on": TODAY}
DAY_ONE = "0001-01-01"
EACH = "a-finding-for-each-concern"
Steps = list[tuple[str, dict[str, Any]]]

COMMANDS: list[tuple[Steps, str, dict[str, Any], int, str, str | None]] = [
    ([], "acknowledgement", {**ACKNOWLEDGED, "acknowledged_on": EARLIER}, 422, "before-receipt", "acknowledged_on"),
    ([], "acknowledgement", {**ACKNOWLEDGED, "acknowledged_on": TOMORROW}, 422, "in-the-future", "acknowledged_on"),
    ([], "acknowledgement", {**ACKNOWLEDGED, "acknowledged_on": DAY_ONE}, 422, "before-receipt", "acknowledged_on"),
    ([], "acknowledgement", {**ACKNOWLEDGED, "method": "zebedee"}, 422, "unknown-code", "method"),
    ([], "acknowledgement", {**ACKNOWLEDGED, "method": ZEBEDEE}, 422, "invalid", "method"),
    ([], "acknowledgement", {**ACKNOWLEDGED, ZEBEDEE: True}, 422, "invalid", "(unnamed)"),
    ([("acknowledgement", ACKNOWLEDGED)], "acknowledgement", ACKNOWLEDGED, 409, "already-acknowledged", None),
    ([], "decision", {**DECIDED, "decided_on": EARLIER}, 422, "before-receipt", "decided_on"),
    ([], "decision", {**DECIDED, "findings": []}, 422, "invalid", "findings"),
    ([], "decision", {**DECIDED, "findings": FOUND[:1]}, 422, EACH, "findings"),
    ([], "decision", {**DECIDED, "findings": [FOUND[0]] * 2}, 422, EACH, "findings"),
    ([], "decision", {**DECIDED, "outcome": "upheld"}, 422, "outcome-contradicts-findings", "outcome"),
    ([], "decision", {**DECIDED, "outcome": "not_upheld"}, 422, "outcome-contradicts-findings", "outcome"),
    ([], "decision", {**DECIDED, "outcome": "withdrawn"}, 422, "invalid", "outcome"),
    ([], "decision", {**DECIDED, "findings": [{**FOUND[0], "outcome": ZEBEDEE}]}, 422, "invalid", "findings.0.outcome"),
    ([], "decision", {**DECIDED, "findings": [{**FOUND[0], "concern": 2**70}]}, 422, EACH, "findings"),
    ([("decision", DECIDED)], "decision", DECIDED, 409, "stage-already-decided", None),
    ([("withdrawal", WITHDRAWN)], "decision", DECIDED, 409, "case-ended", None),
    ([], "response", SENT, 409, "stage-not-decided", None),
    ([], "response", {**SENT, "ombudsman_right_given": ZEBEDEE}, 422, "invalid", "ombudsman_right_given"),
    ([("decision", DECIDED), ("response", SENT)], "response", SENT, 409, "already-answered", None),
    ([("decision", DECIDED), ("response", SENT)], "withdrawal", WITHDRAWN, 409, "already-answered", None),
    ([], "withdrawal", {**WITHDRAWN, "reason": "zebedee"}, 422, "unknown-code", "reason"),
    ([], "extension", {**EXTENDED, "new_due_on": "2026-11-19"}, 422, "too-early", "new_due_on"),
    ([], "extension", {**EXTENDED, "new_due_on": "9999-12-31"}, 422, "outside-calendar", "new_due_on"),
    ([], "response-period", {"due_on": "9999-12-31", "agreed": True}, 422, "outside-calendar", "due_on"),
    ([], "routing", {"pathway": "zebedee"}, 422, "unknown-pathway", "pathway"),
    ([], "routing", {"pathway": "adult_social_care"}, 409, "already-on-pathway", "pathway"),
    ([], "escalation", {"requested_on": TODAY}, 409, "no-such-stage", None),
    ([], "refusal", {"refused_on": TODAY, "ground": "zebedee"}, 422, "unknown-code", "ground"),
    ([], "closure", {"closed_on": TODAY}, 409, "not-answered", None),
    ([], "reopening", {"reopened_on": TODAY, "reason": "new_evidence"}, 409, "still-open", None),
    ([], "remedies", {**REMEDY, "type": "financial"}, 422, "amount-needed", "amount_pence"),
    ([], "remedies", {**REMEDY, "amount_pence": 100}, 422, "no-payment", "amount_pence"),
    ([], "remedies", {**REMEDY, "type": "financial", "amount_pence": "250.00"}, 422, "invalid", "amount_pence"),
    ([], "remedies", {**REMEDY, "type": "financial", "amount_pence": 250.5}, 422, "invalid", "amount_pence"),
    ([], "remedies", {**REMEDY, "type": "financial", "amount_pence": -1}, 422, "invalid", "amount_pence"),
    ([], "remedies", {**REMEDY, "type": "financial", "amount_pence": 2**63}, 422, "invalid", "amount_pence"),
    ([], "remedies/1/completion", {"completed_on": TODAY}, 422, "unknown-number", "number"),
    ([], "remedies/0/completion", {"completed_on": TODAY}, 422, "invalid", "number"),
    ([], "remedies/zebedee/completion", {"completed_on": TODAY}, 422, "invalid", "number"),
    ([], "learning/1/completion", {"completed_on": TODAY}, 422, "unknown-number", "number"),
    ([], "links", {"reference": "COV-2026-000001", "relation": "related"}, 422, "links-itself", "reference"),
    ([], "links", {"reference": "COV-2026-000009", "relation": "related"}, 404, "not-found", None),
    ([], "links", {"reference": "COV-2026-000001", "relation": ZEBEDEE}, 422, "invalid", "relation"),
    ([], "characteristics", {"sex": "zebedee"}, 422, "unknown-code", "sex"),
    ([], "correction", {"field": "complainant", "value": ZEBEDEE, "reason": "audit"}, 422, "invalid", "field"),
    ([], "correction", {"field": "received_at", "value": ZEBEDEE, "reason": "audit"}, 422, "not-an-instant", "value"),
    ([], "correction", {"field": "channel", "value": ZEBEDEE, "reason": "audit"}, 422, "unknown-code", "value"),
    ([], "correction", {"field": "made_orally", "value": ZEBEDEE, "reason": "audit"}, 422, "not-a-boolean", "value"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "command", "body", "status", "kind", "field"),
    COMMANDS,
    ids=[f"{number}-{row[1]}-{row[4]}" for number, row in enumerate(COMMANDS)],
)
def test_a_command_that_cannot_be(
    api: Api, before: Steps, command: str, body: dict[str, Any], status: int, kind: str, field: str | None
) -> None:
    concerns = [{"category": "communication", "detail": ZEBEDEE}, {"category": "protection"}]
    case = sending(api, {**PERSONAL, "concerns": concerns, "received_at": "2026-11-19T10:00:00Z"}).json()
    for path, done in before:
        assert sending(api, done, f"/v1/cases/{case['reference']}/{path}").status_code == 201
    head = api.head()
    problem = refused(sending(api, body, f"/v1/cases/{case['reference']}/{command}"), status, kind)
    if status != 404:
        assert [named for named, _ in faults(problem)] == [field]
    assert api.head() == head


def test_a_decision_needs_a_route(api: Api) -> None:
    key = api.of("BIR")
    body = {"channel": "email", "concerns": [{"category": "communication"}], "complainant": {"name": ZEBEDEE}}
    areas = api.ask("GET", "/v1/codes", key=key).json()["lists"]["service_areas"][-1]["values"]
    area = next(value["code"] for value in areas if "pathway" not in value)
    case = api.ask("POST", "/v1/complaints", key=key, json={**body, "service_area": area}).json()
    decision = {**DECIDED, "outcome": "upheld", "findings": [{"concern": 1, "outcome": "upheld"}]}
    answer = api.ask("POST", f"/v1/cases/{case['reference']}/decision", key=key, json=decision)
    refused(answer, 409, "not-routed")
    assert api.head("BIR") == 1


@pytest.mark.parametrize(
    ("if_match", "status", "kind"),
    [
        ('"1"', 412, "stale-version"),
        ('W/"1"', 412, "stale-version"),
        ("1", 412, "stale-version"),
        ('"3"', 412, "stale-version"),
        ('"zebedee"', 422, "if-match"),
        ("", 422, "if-match"),
        ('"-2"', 422, "if-match"),
        ('"1", "2"', 422, "if-match"),
    ],
)
def test_a_version_that_does_not_stand(api: Api, if_match: str, status: int, kind: str) -> None:
    reference = api.complaint()
    headers = [("Authorization", f"Bearer {api.of()}"), ("If-Match", if_match)]
    request = api.client.post(f"/v1/cases/{reference}/acknowledgement", json=ACKNOWLEDGED, headers=headers)
    problem = refused(api.runner.run(request), status, kind)
    if status == 422:
        assert faults(problem) == [("If-Match", "if_match")]
    assert api.head() == 2


# --- enquiries, figures -----------------------------------------------------------------------------------------------

LETTER = "enquiries/26 004 117"
ENQUIRY = {"ombudsman_reference": "26 004 117", "received_on": TODAY}
NEXT = {**ENQUIRY, "ombudsman_reference": "26 004 118"}
ENDED = {"decided_on": TODAY, "category": "upheld"}
FIGURE = {"name": "population", "subject": "Coventry", "year": "2024-25", "value": 1, "unit": "people", "source": "ONS"}
OTHERS: list[tuple[str, str, dict[str, Any], int, str, str | None]] = [
    ("POST", "enquiries", ENQUIRY, 409, "already-exists", None),
    ("POST", "enquiries", {**ENQUIRY, "ombudsman_reference": f"{ZEBEDEE}/1"}, 422, "invalid", "ombudsman_reference"),
    ("POST", "enquiries", {**NEXT, "received_on": TOMORROW}, 422, "in-the-future", "received_on"),
    ("POST", "enquiries", {**NEXT, "respond_by": "2026-11-19"}, 422, "too-early", "respond_by"),
    ("POST", "enquiries", {**NEXT, "case": ZEBEDEE}, 422, "unknown-case", "case"),
    ("POST", "enquiries", {**ENQUIRY, ZEBEDEE: 1}, 422, "invalid", "(unnamed)"),
    ("POST", f"{LETTER}/decision", {**ENDED, "category": ZEBEDEE}, 422, "invalid", "category"),
    ("POST", f"{LETTER}/decision", {**ENDED, "decided_on": EARLIER}, 422, "before-receipt", "decided_on"),
    ("POST", f"{LETTER}/decision", {**ENDED, "reason": "zebedee"}, 422, "unknown-code", "reason"),
    ("POST", "enquiries/26 004 118/decision", ENDED, 404, "not-found", None),
    ("POST", f"{LETTER}/link", {"case": "COV-2026-000009"}, 422, "unknown-case", "case"),
    ("POST", f"{LETTER}/remedies", {"type": "zebedee", "required_on": TODAY}, 422, "unknown-code", "type"),
    ("PUT", "/v1/reference-figures", {**FIGURE, "year": "2024-26"}, 422, "bad-year", "year"),
    ("PUT", "/v1/reference-figures", {**FIGURE, "year": ZEBEDEE}, 422, "invalid", "year"),
    ("PUT", "/v1/reference-figures", {**FIGURE, "value": "1"}, 422, "invalid", "value"),
    ("PUT", "/v1/reference-figures", {**FIGURE, "value": 2**63}, 422, "invalid", "value"),
    ("PUT", "/v1/reference-figures", {**FIGURE, "source": ""}, 422, "invalid", "source"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "kind", "field"),
    OTHERS,
    ids=[f"{number}-{row[4]}" for number, row in enumerate(OTHERS)],
)
def test_what_the_other_services_refuse(
    api: Api, method: str, path: str, body: dict[str, Any], status: int, kind: str, field: str | None
) -> None:
    api.post("/v1/ombudsman/enquiries", **ENQUIRY)
    whole = path if path.startswith("/") else f"/v1/ombudsman/{path}"
    problem = refused(api.ask(method, whole, json=body), status, kind)
    assert [named for named, _ in faults(problem)] == [field] if field else "errors" not in problem
    assert api.head() == 1


# --- addresses --------------------------------------------------------------------------------------------------------

ADDRESSES = [
    ("/v1/nothing", 404, "not-found", None),
    ("/v1/cases/", 404, "not-found", None),
    ("/v1/cases/Zebedee%20Quux", 404, "not-found", None),
    ("/v1/cases/%F0%9F%98%80", 404, "not-found", None),
    ("/v1/cases/%ED%A0%80", 404, "not-found", None),
    ("/v1/cases/%00", 400, "malformed-address", None),
    ("/v1/cases?officer=%00", 422, "malformed-query", None),
    ("/v1/cases/" + "x" * 61, 422, "invalid", "reference"),
    ("/v1/cases/COV-2026-000001?on=zebedee", 422, "invalid", "on"),
    ("/v1/cases/COV-2026-000001?on=2026-02-30", 422, "invalid", "on"),
    ("/v1/cases/COV-2026-000001?on=1763596800", 422, "invalid", "on"),
    ("/v1/cases/COV-2026-000001?at=2026-11-20", 422, "invalid", "at"),
    ("/v1/cases?statuss=open", 422, "invalid", "statuss"),
    ("/v1/cases?Status=open", 422, "invalid", "(unnamed)"),
    ("/v1/cases?Zebedee%20Quux=1", 422, "invalid", "(unnamed)"),
    ("/v1/cases?received_from=2026-11-20T00:00:00", 422, "invalid", "received_from"),
    ("/v1/cases/COV-2026-000001?on=2026-11-19", 404, "not-found", None),
    ("/v1/cases/COV-2026-000001?on=9999-12-31", 422, "outside-calendar", None),
    ("/v1/cases/COV-2026-000001/deadlines?on=9999-12-31", 422, "outside-calendar", None),
    ("/v1/cases?limit=0", 422, "invalid", "limit"),
    ("/v1/cases?limit=201", 422, "invalid", "limit"),
    ("/v1/cases?limit=zebedee", 422, "invalid", "limit"),
    ("/v1/cases?status=zebedee", 422, "invalid", "status"),
    ("/v1/cases?rag=zebedee", 422, "invalid", "rag"),
    ("/v1/cases?stage=zebedee", 422, "invalid", "stage"),
    ("/v1/cases?due_before=2026-02-30", 422, "invalid", "due_before"),
    ("/v1/cases?due_before=0", 422, "invalid", "due_before"),
    ("/v1/cases/COV-2026-000001?on=1763596800", 422, "invalid", "on"),
    ("/v1/working-days/between?start=0&end=2026-12-24", 422, "invalid", "start"),
    ("/v1/reports/annual/2026-27?as_at=0", 422, "invalid", "as_at"),
    ("/v1/reports/annual/2026-27/restatement?from=0", 422, "invalid", "from"),
    ("/v1/cases?cursor=zebedee", 422, "cursor", "cursor"),
    ("/v1/cases?cursor=WyJ4IiwieSJd", 422, "cursor", "cursor"),
    ("/v1/cases?cursor=WzFd", 422, "cursor", "cursor"),
    ("/v1/cases?cursor=e30", 422, "cursor", "cursor"),
    ("/v1/cases?cursor=WyIyMDI2LTExLTIwIiwiXHUwMDAwIl0", 422, "cursor", "cursor"),
    ("/v1/cases?cursor=%C3%A9", 422, "cursor", "cursor"),
    ("/v1/cases/COV-2026-000001/events?cursor=WyJ4Il0", 422, "cursor", "cursor"),
    ("/v1/cases/COV-2026-000001/personal-data", 422, "invalid", "reason"),
    ("/v1/cases/COV-2026-000001/personal-data?reason=x", 422, "invalid", "reason"),
    ("/v1/ombudsman/enquiries?status=zebedee", 422, "invalid", "status"),
    ("/v1/ombudsman/enquiries?cursor=WyJ4IiwieSJd", 422, "cursor", "cursor"),
    ("/v1/ombudsman/enquiries/Zebedee%20Quux", 404, "not-found", None),
    ("/v1/working-days/add?start=2026-12-24&days=-1", 422, "invalid", "days"),
    ("/v1/working-days/add?start=1763596800&days=1", 422, "invalid", "start"),
    ("/v1/working-days/between?start=2026-12-24&end=2026-12-23", 422, "too-early", "end"),
    ("/v1/working-days/add?start=2026-12-24&days=1.5", 422, "invalid", "days"),
    ("/v1/working-days/add?start=2026-12-24&days=1&division=zebedee", 422, "invalid", "division"),
    ("/v1/reports/annual/2026-27?as_at=2026-11-21", 422, "in-the-future", "as_at"),
]


@pytest.mark.parametrize(("path", "status", "kind", "field"), ADDRESSES, ids=lambda value: str(value)[-40:])
def test_an_address_that_leads_nowhere(api: Api, path: str, status: int, kind: str, field: str | None) -> None:
    sending(api, PERSONAL)
    problem = refused(api.ask("GET", path), status, kind)
    if field:
        assert [named for named, _ in faults(problem)] == [field]


def test_every_route_refuses_a_parameter_that_it_has_not(api: Api) -> None:
    """A misspelt filter would be answered with what it was meant to leave out."""
    sending(api, PERSONAL)
    head = api.head()
    for route in routes(api):
        asked = route.about("COV-2026-000001")
        answer = api.ask(**{**asked, "params": {**asked["params"], "colour": "red"}})
        assert (str(route), faults(refused(answer, 422, "invalid"))) == (str(route), [("colour", "extra_forbidden")])
    assert api.head() == head


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/v1/cases", "GET"), ("/v1/comments", "GET, POST"), ("/v1/reference-figures", "GET, PUT")],
)
def test_a_method_that_an_address_has_not(api: Api, path: str, allowed: str) -> None:
    answer = api.ask("DELETE", path)
    refused(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == allowed


def test_every_answer_is_marked_and_tells_browsers_to_keep_and_guess_nothing(api: Api) -> None:
    kept = {"x-content-type-options": "nosniff", "cache-control": "no-store", "x-frame-options": "DENY"}
    for path, status in {"/v1/cases": 200, "/v1/nothing": 404, "/v1/cases?limit=0": 422}.items():
        answer = api.ask("GET", path, headers={"X-Correlation-Id": "ticket-1"})
        assert (answer.status_code, kept.items() <= answer.headers.items()) == (status, True)
        assert answer.headers["x-correlation-id"] == "ticket-1"
    unfit = api.ask("GET", "/v1/cases", headers={"X-Correlation-Id": ZEBEDEE})
    assert not personal(unfit.headers["x-correlation-id"])


def test_metrics_count_refusals_by_route_without_references(api: Api) -> None:
    api.ask("GET", "/v1/cases/Zebedee%20Quux")
    told = api.ask("GET", "/metrics", headers={"Authorization": ""}).text
    assert 'redress_requests_total{method="GET",route="/v1/cases/{reference}",status="404"}' in told
    assert not personal(told)
