"""One complaint from the web form to a line of the return, over HTTP alone; the services together, and apart."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from shared.access import SCOPES
from shared.clock import today
from tests.e2e.deployment import Deployment

Clients = dict[str, httpx.Client]


@pytest.fixture(params=["together on SQLite", "apart on PostgreSQL"])
def services(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Clients]:
    apart = request.param == "apart on PostgreSQL"
    environment = {"REDRESS_DATABASE_URL": request.getfixturevalue("postgres_url")} if apart else {}
    deployment = Deployment(tmp_path, environment)
    deployment.done("migrate")
    scopes = [word for scope in SCOPES for word in ("--scope", scope)]
    key = deployment.done("keys", "create", "--authority", "COV", "--name", "story", *scopes).strip()
    names = ("cases", "ombudsman", "reporting")
    with ExitStack() as stack:
        if apart:
            servers = {name: stack.enter_context(deployment.serving(name)) for name in names}
        else:
            servers = dict.fromkeys(names, stack.enter_context(deployment.serving()))
        yield {name: stack.enter_context(server.client(key)) for name, server in servers.items()}


def test_a_complaint_travels_from_the_web_form_to_the_return(services: Clients) -> None:
    day = today().isoformat()
    year = f"{today().year - (today().month < 4)}-{(today().year + (today().month >= 4)) % 100:02d}"

    def post(service: str, path: str, body: dict[str, object]) -> dict[str, object]:
        answer = services[service].post(path, json=body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    complaint = {
        "channel": "web_form",
        "pathway": "adult_social_care",
        "service_area": "older_people",
        "received_at": datetime.now(UTC).isoformat(),
        "concerns": [{"category": "communication"}, {"category": "standard_of_service"}],
        "complainant": {"name": "A. Resident"},
        "person_affected": {"name": "B. Resident"},
    }
    reference = post("cases", "/v1/complaints", complaint)["reference"]
    case = f"/v1/cases/{reference}"
    post("cases", f"{case}/acknowledgement", {"acknowledged_on": day, "method": "email", "discussion_offered": True})
    findings = [{"concern": 1, "outcome": "upheld"}, {"concern": 2, "outcome": "not_upheld"}]
    decision = {"decided_on": day, "outcome": "partially_upheld", "decided_by": "staff-1", "findings": findings}
    post("cases", f"{case}/decision", decision)
    response = {"sent_on": day, "signed_by": "staff-2", "ombudsman_right_given": True}
    answered = post("cases", f"{case}/response", response)
    enquiry = {"ombudsman_reference": "26 009 001", "received_on": day, "case": reference}
    post("ombudsman", "/v1/ombudsman/enquiries", enquiry)
    decided = {"decided_on": day, "category": "upheld", "reason": "fault_and_injustice"}
    post("ombudsman", "/v1/ombudsman/enquiries/26 009 001/investigation", {"opened_on": day})
    post("ombudsman", "/v1/ombudsman/enquiries/26 009 001/decision", decided)
    remedy = {"type": "financial", "required_on": day, "amount_pence": 25000}
    post("ombudsman", "/v1/ombudsman/enquiries/26 009 001/remedies", remedy)

    body = services["reporting"].get(f"/v1/reports/statutory/{year}").raise_for_status().json()
    tables = services["reporting"].get(f"/v1/reports/annual/{year}").raise_for_status().json()["tables"]
    money = {row["row"]: row["value"] for t in tables if t["name"] == "financial remedies" for row in t["rows"]}

    assert {d["name"]: d["state"] for d in answered["deadlines"]}["local_standard"] == "met"  # type: ignore[attr-defined]
    assert (body["received"], body["well_founded"], body["referred_to_ombudsman"]) == (1, 1, 1)
    assert money["ombudsman"] == 250
    assert all(table["balanced"] for table in tables)
