"""A published report through the real commands: frozen, released, read by anyone, verified, restated by one case."""

import json
import sqlite3
from typing import Any

import httpx
import pytest

from tests.e2e.commands import Deployment, created, found
from tests.e2e.test_import import HEADER

DAY, AS_AT, YEAR = "2025-03-20", "2025-03-31", "2024-25"
COMPLAINT = {
    "channel": "email",
    "received_at": f"{DAY}T10:00:00Z",
    "pathway": "adult_social_care",
    "service_area": "older_people",
    "concerns": [{"category": "communication"}],
    "complainant": {"name": "A. Resident"},
}


def history() -> str:
    """Seven complaints of March 2025, each over on its day: nothing changes about them as days pass."""
    lines: list[dict[str, Any]] = [HEADER]
    for number in range(1, 8):
        reference = f"COV-2025-{number:06}"
        known = {"recorded_at": f"{DAY}T10:00:00Z", "reference": reference}
        lines.append({**known, "route": "/v1/complaints", "body": COMPLAINT})
        lines.append({**known, "route": "/v1/cases/{reference}/withdrawal", "body": {"withdrawn_on": DAY}})
    return "\n".join(map(json.dumps, lines)) + "\n"


@pytest.fixture
def imported(empty: Deployment) -> Deployment:
    file = empty.home / "history.jsonl"
    file.write_text(history(), "utf-8")
    empty.run("import", file)
    return empty


def test_a_report_is_published_and_restated_by_exactly_the_case_that_came_late(imported: Deployment) -> None:
    published = imported.run("publish", "annual", YEAR, "--as-at", AS_AT).stdout.strip()
    key = imported.key("reports:read", "reports:publish", "cases:read", "cases:write", "complaints:write")
    address = f"/v1/publications/{published}"
    with (
        imported.serving() as server,
        server.client(key) as publisher,
        httpx.Client(base_url=server.url, trust_env=False) as anyone,
    ):
        assert anyone.get(address).status_code == 404
        created(publisher.post(f"{address}/release", json={"approved_by": "Cabinet"}))
        public = found(anyone.get(address))
        assert (public["status"], public["as_at"]) == ("released", AS_AT)
        assert {anyone.get(p).status_code for p in (f"{address}/figures", f"/v1/reports/annual/{YEAR}")} == {401}
        figures = publisher.get(f"{address}/figures").content

        late = created(publisher.post("/v1/complaints", json=COMPLAINT))["reference"]
        created(publisher.post(f"/v1/cases/{late}/withdrawal", json={"withdrawn_on": DAY}))
        changes = found(publisher.get(f"{address}/restatement"))["changes"]
        assert {case["reference"] for change in changes for case in change["cases"]} == {late}
        [received] = [c for c in changes if (c["table"], c["row"]) == ("complaints by type", "statutory")]
        assert (received["before"], received["after"]) == (7, 8)
        assert found(anyone.get(address)) == public
        assert publisher.get(f"{address}/figures").content == figures
        assert imported.run("publications", "verify", published).stdout == f"{published} as it was frozen\n"


def test_what_is_no_longer_what_was_frozen_is_told_with_exit_1(imported: Deployment) -> None:
    published = imported.run("publish", "statutory", YEAR, "--as-at", AS_AT).stdout.strip()
    assert imported.run("publications", "list").stdout.split("\t")[:5] == [
        published,
        "statutory",
        YEAR,
        AS_AT,
        "frozen",
    ]
    assert imported.run("publications", "verify").stdout == f"{published} as it was frozen\n"
    with sqlite3.connect(imported.home / "redress.db") as database:
        database.execute("DROP TRIGGER documents_no_update")
        database.execute("UPDATE documents SET content = replace(content, '7', '8') WHERE media_type LIKE 'text/csv%'")
    assert f"{published} BROKEN: what is kept under sha256:" in imported.run("publications", "verify", status=1).stdout
    assert "there is no publication" in imported.run("publications", "verify", "nonsense", status=1).stderr
