"""One complaint from a web form to the line of the return, by HTTP alone: in one process, and as three."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
import pytest

from shared.clock import today
from tests.e2e.commands import Deployment, Server, created, found

SERVICE_OF: Mapping[str, str] = {
    "/v1/ombudsman": "ombudsman",
    "/v1/reports": "reporting",
    "/v1/traces": "reporting",
    "/v1/reference-figures": "reporting",
    "/v1/narratives": "reporting",
    "/v1/publications": "reporting",
}
FORM = {
    "channel": "web_form",
    "service_area": "older_people",
    "concerns": [
        {"category": "communication", "subcategory": "delays_in_communication", "detail": "Nobody rang back."},
        {"category": "financial", "subcategory": "financial_assessment"},
    ],
    "complainant": {"name": "A. Resident", "email": "resident@example.org"},
    "person_affected": {"name": "B. Resident"},
    "narrative": "My mother was promised a call.",
}


@dataclass(frozen=True)
class Proxy:
    """Sends each request to the service that has its path, as the proxy of a deployment does."""

    servers: Mapping[str, Server]
    key: str

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        service = next((name for start, name in SERVICE_OF.items() if path.startswith(start)), "cases")
        with self.servers[service].client(self.key) as client:
            return client.request(method, path, **more)

    def get(self, path: str, **query: Any) -> Any:
        return found(self.ask("GET", path, params=query))

    def post(self, path: str, key: str | None = None, /, **body: Any) -> Any:
        return created(self.ask("POST", path, json=body, headers={"Idempotency-Key": key} if key else {}))


Deployed = Callable[..., Proxy]


@pytest.fixture(params=["in one process", "three processes on PostgreSQL"])
def deployed(request: pytest.FixtureRequest) -> Iterator[Deployed]:
    """The services, running; called, it gives a key of some scopes."""
    with ExitStack() as stack:
        if request.param == "in one process":
            deployment: Deployment = request.getfixturevalue("empty")
            server = stack.enter_context(deployment.serving())
            servers = dict.fromkeys(("cases", "ombudsman", "reporting"), server)
        else:
            deployment = request.getfixturevalue("on_postgres")
            servers = {name: deployment.begin(name) for name in ("cases", "ombudsman", "reporting")}
            for server in servers.values():
                stack.callback(server.end)
            for server in servers.values():
                server.wait_until_ready()
        yield lambda *scopes: Proxy(servers, deployment.key(*scopes))
    assert {server.process.returncode for server in servers.values()} == {0}
    assert not [server.said for server in servers.values() if "Traceback" in server.said]


def year_of(day: date) -> str:
    first = day.year if day.month >= 4 else day.year - 1
    return f"{first}-{(first + 1) % 100:02}"


def cell(report: dict[str, Any], table: str, row: str, column: str) -> Any:
    [value] = [
        figure["value"]
        for found_table in report["tables"]
        if found_table["name"] == table
        for figure in found_table["rows"]
        if (figure["row"], figure["column"]) == (row, column)
    ]
    return value


def test_from_a_web_form_to_the_line_of_the_return(deployed: Deployed) -> None:
    day, year = str(today()), year_of(today())
    form = deployed("complaints:write")
    officer = deployed(
        "cases:read", "cases:write", "personal:read", "ombudsman:read", "ombudsman:write", "reports:read"
    )

    posted = form.post("/v1/complaints", "form-4711", **FORM)
    reference = posted["reference"]
    assert form.post("/v1/complaints", "form-4711", **FORM) == posted
    assert posted["pathway"] == "adult_social_care"
    case = f"/v1/cases/{reference}"
    assert officer.get(f"/v1/reports/statutory/{year}")["received"] == 1

    told = officer.get(f"{case}/personal-data", reason="to acknowledge")
    assert told["person_affected"]["name"] == "B. Resident"
    acknowledged = {"acknowledged_on": day, "method": "email", "discussion_offered": True}
    assert officer.post(f"{case}/acknowledgement", "ack", **acknowledged)["status"] == "acknowledged"
    officer.post(f"{case}/characteristics", sex="female", age_band="75_84")
    findings = [{"concern": 1, "outcome": "upheld"}, {"concern": 2, "outcome": "not_upheld"}]
    decision = {"decided_on": day, "outcome": "partially_upheld", "decided_by": "staff-1", "findings": findings}
    officer.post(f"{case}/decision", **decision)
    officer.post(f"{case}/learning", lesson="Calls were not logged.", action="Log each call.")
    sent = {"sent_on": day, "signed_by": "staff-2", "ombudsman_right_given": True}
    responded = officer.post(f"{case}/response", **sent)
    assert (responded["status"], responded["breaches"]) == ("responded", [])
    assert {d["name"]: d["state"] for d in responded["deadlines"]} == {
        "acknowledgement": "met",
        "local_standard": "met",
        "statutory_limit": "met",
    }

    enquiry = "/v1/ombudsman/enquiries/26%20004%20117"
    body = {"ombudsman_reference": "26 004 117", "received_on": day, "case": reference}
    assert officer.post("/v1/ombudsman/enquiries", "letter-1", **body)["case"] == reference
    officer.post(f"{enquiry}/investigation", opened_on=day)
    officer.post(f"{enquiry}/decision", decided_on=day, category="upheld", reason="fault_and_injustice")
    officer.post(f"{enquiry}/remedies", type="financial", required_on=day, amount_pence=30000)
    remedied = officer.post(f"{enquiry}/remedies/1/completion", completed_on=day)
    assert (remedied["breaches"], remedied["remedies"][0]["completed_on"]) == ([], day)
    officer.post(f"{case}/remedies", type="apology", agreed_on=day)
    assert officer.post(f"{case}/closure", closed_on=day)["status"] == "closed"

    returned = officer.get(f"/v1/reports/statutory/{year}")
    line = {"received": 1, "well_founded": 1, "upheld": 0, "partially_upheld": 1, "referred_to_ombudsman": 1}
    assert line.items() <= returned.items()
    assert [(i["lesson"], i["action"]) for i in returned["service_improvements"]] == [
        ("Calls were not logged.", "Log each call.")
    ]
    report = officer.get(f"/v1/reports/annual/{year}")
    assert all(table["balanced"] for table in report["tables"])
    assert cell(report, "ombudsman cases", "upheld", "cases") == 1
    assert cell(report, "how people complained", "contact centre or form", "complaints") == 1
    place = {"table": "statutory outcomes", "row": "partially upheld", "column": "complaints"}
    trace = officer.get("/v1/traces", report="annual", year=year, **place)
    assert trace["cases"] == [{"reference": reference, "contribution": 1}]
    assert officer.get("/v1/cases", status="closed")["items"][0]["reference"] == reference

    for name, server in officer.servers.items():
        with httpx.Client(base_url=server.url, trust_env=False) as anyone:
            assert found(anyone.get("/health/live")) == {"status": "live"}
            assert anyone.get(f"/docs/{name}").status_code == 200
            assert "redress_requests_total" in anyone.get("/metrics").text
            own = set(found(anyone.get(f"/openapi/{name}.json"))["paths"])
            whole = set(found(anyone.get("/openapi.json"))["paths"])
            assert own < whole if len(set(officer.servers.values())) == 1 else own == whole
