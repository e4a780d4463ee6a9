"""History from an earlier system: a file comes in whole or not at all, and what is wrong is named by its line."""

import json
from pathlib import Path
from typing import Any

from tests.e2e.commands import Deployment, Sample, found

HEADER = {"history": 1, "authority": "COV", "source": "the system before"}


def complaint(number: int, at: str) -> dict[str, Any]:
    body = {
        "channel": "email",
        "received_at": at,
        "pathway": "adult_social_care",
        "service_area": "older_people",
        "concerns": [{"category": "communication", "detail": "Nobody rang back."}],
        "complainant": {"name": "Zebedee Quux"},
    }
    return {"recorded_at": at, "route": "/v1/complaints", "reference": f"COV-2022-{number:06}", "body": body}


def command(number: int, at: str, name: str, **body: Any) -> dict[str, Any]:
    route = f"/v1/cases/{{reference}}/{name}"
    return {"recorded_at": at, "route": route, "reference": f"COV-2022-{number:06}", "body": body}


FIRST = complaint(1, "2022-04-05T10:00:00Z")
SECOND = complaint(2, "2022-04-06T10:00:00Z")
ACKNOWLEDGED = command(
    1, "2022-04-07T10:00:00Z", "acknowledgement", acknowledged_on="2022-04-07", method="letter", discussion_offered=True
)
LATER = complaint(7, "2022-05-05T10:00:00Z")


def written(deployment: Deployment, *lines: Any, header: Any = HEADER) -> Path:
    path = deployment.home / f"history-{len(list(deployment.home.iterdir()))}.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in (header, *lines)]
    path.write_text("\n".join(texts) + "\n", "utf-8")
    return path


FAULTY = {
    "line 4: ": [FIRST, SECOND, '{"recorded_at": '],
    "line 3: recorded earlier than what comes before it": [SECOND, FIRST],
    "line 4: already_acknowledged: ": [FIRST, ACKNOWLEDGED, ACKNOWLEDGED],
}


def test_a_file_with_one_fault_leaves_nothing_and_the_message_names_its_line(empty: Deployment) -> None:
    for said, lines in FAULTY.items():
        refused = empty.run("import", written(empty, *lines), status=1)
        assert refused.stderr.startswith(f"redress: {said}")
        assert "Zebedee" not in refused.stderr
    assert empty.run("head").stdout == ""


def test_two_files_in_order_and_the_same_one_twice(empty: Deployment) -> None:
    first, second = written(empty, FIRST, SECOND, ACKNOWLEDGED), written(empty, LATER)
    assert empty.run("import", first).stdout == "3 records imported.\n"
    assert empty.run("import", first).stdout == "This file has been imported before.\n"
    assert empty.run("import", second).stdout == "1 records imported.\n"
    earlier = written(empty, complaint(8, "2022-05-01T10:00:00Z"))
    assert "recorded earlier" in empty.run("import", earlier, status=1).stderr
    assert "COV whole to 9" in empty.run("verify").stdout


def test_what_was_imported_explains_itself_and_new_cases_are_numbered_after_it(empty: Deployment) -> None:
    empty.run("import", written(empty, FIRST, SECOND, ACKNOWLEDGED, LATER))
    key = empty.key("cases:read", "complaints:write", "reports:read")
    with empty.serving() as server, server.client(key) as client:
        case = found(client.get("/v1/cases/COV-2022-000001"))
        assert (case["status"], case["acknowledged_on"]) == ("acknowledged", "2022-04-07")
        [deadline] = [d for d in case["deadlines"] if d["name"] == "acknowledgement"]
        assert (deadline["due_on"], deadline["state"], deadline["rule"]["value"]) == ("2022-04-08", "met", 3)
        events = found(client.get("/v1/cases/COV-2022-000001/events"))["items"]
        assert [event["known_at_source"] for event in events] == [
            "2022-04-05T10:00:00Z",
            "2022-04-05T10:00:00Z",
            "2022-04-07T10:00:00Z",
        ]
        assert found(client.get("/v1/cases/COV-2022-000001?on=2022-04-06"))["status"] == "received"
        assert found(client.get("/v1/reports/statutory/2022-23?as_at=2022-04-05"))["received"] == 1
        assert found(client.get("/v1/reports/statutory/2022-23?as_at=2022-04-06"))["received"] == 2
        late = {**LATER["body"], "received_at": "2022-06-01T09:00:00Z"}
        assert client.post("/v1/complaints", json=late).json()["reference"] == "COV-2022-000008"


def test_a_register_that_is_live_takes_no_more_history(sample: Sample) -> None:
    head = sample.deployment.run("head").stdout
    refused = sample.deployment.run("import", written(sample.deployment, LATER), status=1)
    assert refused.stderr == "redress: COV is live: its history is complete, and no more comes in\n"
    assert sample.deployment.run("head").stdout == head
