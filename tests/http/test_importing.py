"""What an import refuses, line by line. The whole file is refused, and nothing of it stays."""

import json
from typing import Any

import pytest

from services.importing import Imported, ImportFailed, import_history
from tests.http.conftest import COMPLAINT, Api

HEADER = {"history": 1, "authority": "COV", "source": "the system before"}


def received(number: int, at: str, **different: Any) -> dict[str, Any]:
    body = {**COMPLAINT, "complainant": {"name": "Zebedee Quux"}, "received_at": at}
    line = {"recorded_at": at, "route": "/v1/complaints", "reference": f"COV-2022-{number:06}", "body": body}
    return {**line, **different}


def done(at: str, command: str, **body: Any) -> dict[str, Any]:
    route = f"/v1/cases/{{reference}}/{command}"
    return {"recorded_at": at, "route": route, "reference": "COV-2022-000001", "body": body}


FIFTH, SIXTH, SEVENTH = (f"2022-04-0{day}T10:00:00Z" for day in (5, 6, 7))
FIRST, SECOND = received(1, FIFTH), received(2, SIXTH)
ACKNOWLEDGED = done(SEVENTH, "acknowledgement", acknowledged_on="2022-04-07", method="letter")
LETTER = {"ombudsman_reference": "22 000 001", "received_on": "2022-04-05"}
ENQUIRY = {"recorded_at": FIFTH, "route": "/v1/ombudsman/enquiries", "body": LETTER}
COMPLETION = "remedies/{number}/completion"
DECISION = "/v1/ombudsman/enquiries/{reference}/decision"


def imported(api: Api, *lines: Any, header: Any = HEADER) -> Imported | None:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in (header, *lines)]
    return import_history(api.register, "\n".join(texts).encode())


REFUSED: dict[str, tuple[list[Any], str]] = {
    "not JSON": ([FIRST, "{"], "line 3: "),
    "after empty lines": ([FIRST, "", "  ", "{"], "line 5: "),
    "an unknown field": ([{**FIRST, "colour": "red"}], "line 2: colour: "),
    "another shape": ([FIRST, received(2, SIXTH, body={**FIRST["body"], "channel": 7})], "line 3: channel: "),
    "an unknown code": ([received(2, FIFTH, body={**FIRST["body"], "channel": "owl"})], "line 2: unknown_code: "),
    "seconds since 1970": ([{**FIRST, "recorded_at": 1649152800}], "line 2: recorded_at: "),
    "a number as text": ([{**FIRST, "number": "1"}], "line 2: number: "),
    "1 for true": ([received(1, FIFTH, body={**FIRST["body"], "made_orally": 1})], "line 2: made_orally: "),
    "no offset": ([{**FIRST, "recorded_at": "2022-04-05T10:00:00"}], "line 2: recorded_at has no offset"),
    "the future": ([FIRST, {**SECOND, "recorded_at": "2026-11-20T11:00:00Z"}], "line 3: recorded_at is later than now"),
    "out of order": ([SECOND, FIRST], "line 3: recorded earlier than what comes before it, which was recorded at 2022"),
    "recorded before receipt": ([{**FIRST, "recorded_at": "2022-04-05T09:59:59Z"}], "line 2: in_the_future: "),
    "twice": ([FIRST, received(1, SIXTH)], "line 3: COV-2022-000001 has been received already"),
    "no reference": ([{**FIRST, "reference": None}], "line 2: "),
    "a command without one": ([FIRST, {**ACKNOWLEDGED, "reference": None}], "line 3: a command has the reference"),
    "a reference that cannot be": ([{**FIRST, "reference": "no/such"}], "line 2: reference: "),
    "an unknown case": ([ACKNOWLEDGED], "line 2: COV-2022-000001 has not been received"),
    "an unknown route": ([FIRST, done(SIXTH, "forgetting")], "line 3: no command has the route"),
    "another unknown route": ([{**FIRST, "route": "/v1/letters"}], "line 2: no command has the route /v1/letters"),
    "an impossible command": ([FIRST, ACKNOWLEDGED, ACKNOWLEDGED], "line 4: already_acknowledged: "),
    "a day before receipt": ([FIRST, done(SIXTH, "withdrawal", withdrawn_on="2022-04-04")], "line 3: before_receipt: "),
    "a day to come": ([FIRST, done(SIXTH, "withdrawal", withdrawn_on="2022-04-07")], "line 3: in_the_future: "),
    "no number": ([FIRST, done(SIXTH, COMPLETION, completed_on="2022-04-06")], "line 3: number: "),
    "an enquiry twice": ([ENQUIRY, ENQUIRY], "line 3: 22 000 001 has been received already"),
    "an enquiry's decision": ([ENQUIRY, {**ENQUIRY, "route": DECISION, "reference": "22 000 001"}], "line 3: "),
    "nothing": ([], "the file holds no records"),
}  # fmt: skip


@pytest.mark.parametrize("what", list(REFUSED))
def test_a_file_with_one_fault_is_refused_whole(api: Api, what: str) -> None:
    lines, said = REFUSED[what]
    with pytest.raises(ImportFailed) as failed:
        imported(api, *lines)
    assert str(failed.value).startswith(said)
    assert "Zebedee" not in str(failed.value)
    assert api.head() == 0
    assert api.get("/v1/cases")["items"] == []
    found = imported(api, FIRST)
    assert found is not None
    assert (found.records, found.position) == (1, 3)


@pytest.mark.parametrize("header", ["", "{", "[]", "7", {**HEADER, "history": 2}, {"history": 1}])
def test_a_file_needs_its_header(api: Api, header: Any) -> None:
    with pytest.raises(ImportFailed, match="line 1: "):
        imported(api, FIRST, header=header)
    with pytest.raises(ImportFailed, match="line 1: "):
        import_history(api.register, b"")


def test_every_kind_of_line_is_taken_in_and_answers_like_what_was_posted(api: Api) -> None:
    figure = {"name": "population", "subject": "C", "year": "2021-22", "value": 1, "unit": "people", "source": "S"}
    lines = [
        FIRST,
        ENQUIRY,
        received(3, FIFTH, route="/v1/compliments", body={"channel": "email", "service_area": "older_people"}),
        {"recorded_at": FIFTH, "route": "/v1/reference-figures", "body": figure},
        done(SIXTH, "remedies", type="apology", agreed_on="2022-04-06"),
        {**done(SIXTH, "remedies/{number}/completion", completed_on="2022-04-06"), "number": 1},
        {**ENQUIRY, "recorded_at": SIXTH, "route": DECISION, "reference": "22 000 001"}
        | {"body": {"decided_on": "2022-04-06", "category": "advice_given"}},
    ]
    found = imported(api, *lines)
    assert found is not None
    assert found.records == 7
    case = api.get("/v1/cases/COV-2022-000001")
    assert case["remedies"][0]["completed_on"] == "2022-04-06"
    assert all(deadline["rule"]["source"] for deadline in case["deadlines"])
    assert api.get("/v1/ombudsman/enquiries/22 000 001")["category"] == "advice_given"
    assert [item["reference"] for item in api.get("/v1/compliments")["items"]] == ["COV-2022-000003"]
    assert api.get("/v1/reference-figures")["items"] == [figure]
    assert api.complaint(received_at="2022-06-01T09:00:00Z") == "COV-2022-000004"
