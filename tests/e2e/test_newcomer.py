"""The first ten minutes of someone new: every command as the README has it."""

import json
import re
import shlex
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.e2e.commands import Deployment, Server, created, found

COMPLAINT = {
    "channel": "web_form",
    "pathway": "adult_social_care",
    "service_area": "older_people",
    "concerns": [{"category": "communication"}],
    "complainant": {"name": "A. Resident"},
}


def printed_curl(server: Server) -> str:
    """The line that the server prints to be pasted."""
    return server.said[server.said.index("curl") :].strip()


def pasted(line: str) -> str:
    """What comes of pasting a curl line into a shell; asked in its stead where there is no curl."""
    if shutil.which("curl"):
        return subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=30, check=True).stdout
    words = [word for word in shlex.split(line.replace("\\\n", " ")) if word not in ("curl", "-s", "-H", "-d")]
    url, *headers, body = words
    sent = dict(header.split(": ", 1) for header in headers)
    return httpx.post(url, headers=sent, content=body, trust_env=False).text


def test_what_the_server_prints_works_and_the_published_return_comes_out(coventry: Deployment) -> None:
    with coventry.serving() as server:
        case = json.loads(pasted(printed_curl(server)))
        assert re.fullmatch(r"COV-20\d\d-\d{6}", case["reference"])
        key = (coventry.home / "dev-key").read_text().strip()
        with server.client(key) as client:
            deadlines = found(client.get(f"/v1/cases/{case['reference']}/deadlines"))["items"]
            assert all(deadline["rule"]["source"] for deadline in deadlines)
            assert {d["name"] for d in deadlines} == {"acknowledgement", "local_standard", "statutory_limit"}
            returned = found(client.get("/v1/reports/statutory/2023-24?as_at=2024-11-12"))
            told = returned["received"], returned["well_founded"], returned["referred_to_ombudsman"]
            assert told == (59, 29, 10)
        for page in re.findall(r"http://[^\s,]+/docs[^\s,]*", server.said):
            assert httpx.get(page, trust_env=False).status_code == 200
    assert stat.S_IMODE((coventry.home / "dev-key").stat().st_mode) == 0o600
    assert stat.S_IMODE((coventry.home / "master-key").stat().st_mode) == 0o600


def test_each_curl_line_of_the_readme_works_as_pasted(coventry: Deployment) -> None:
    readme = Path("README.md").read_text("utf-8")
    lines = re.findall(r"^    (curl .*(?:\n     .+)*)", readme, re.MULTILINE)
    assert len(lines) >= 4
    with coventry.serving() as server:
        key = (coventry.home / "dev-key").read_text().strip()
        for line in lines:
            answer = json.loads(pasted(line.replace("$KEY", key).replace("http://127.0.0.1:8000", server.url)))
            assert "title" not in answer, answer


def test_beside_a_running_server_a_second_one_refuses_and_every_other_command_works(coventry: Deployment) -> None:
    history = coventry.home / "history.jsonl"
    body = {**COMPLAINT, "received_at": "2024-05-01T09:00:00Z", "service_area": "other"}
    line = {"recorded_at": "2024-05-01T10:00:00Z", "route": "/v1/complaints", "reference": "BIR-2024-000007"}
    header = {"history": 1, "authority": "BIR", "source": "a test"}
    with coventry.serving() as server:
        refused = coventry.run("serve", "--port", "1", status=1)
        assert "is served by another process" in refused.stderr
        assert len(refused.stderr.splitlines()) == 1
        key = coventry.key("complaints:write", "cases:read", authority="BIR")
        with server.client(key) as client:
            areas = found(client.get("/v1/codes"))["lists"]["service_areas"][-1]["values"]
            body["service_area"] = areas[0]["code"]
            history.write_text(json.dumps(header) + "\n" + json.dumps({**line, "body": body}) + "\n")
            assert coventry.run("import", history).stdout == "1 records imported.\n"
            listed = found(client.get("/v1/cases"))["items"]
            assert [item["reference"] for item in listed] == ["BIR-2024-000007"]
            posted = {**COMPLAINT, "service_area": body["service_area"]}
            assert created(client.post("/v1/complaints", json=posted))["reference"].endswith("-000001")
            again = coventry.run("sample", "coventry")
            assert again.stdout == "The sample is there already.\n"
            coventry.run("keys", "revoke", key.split("_")[1])
            _until(lambda: client.get("/v1/cases").status_code == 401)
        assert "BIR whole to 5" in coventry.run("verify").stdout
        assert coventry.run("head").stdout.count("\n") == 2


def _until(true: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_server_ends_cleanly_and_quickly_and_the_next_one_starts(empty: Deployment, how: signal.Signals) -> None:
    key = empty.key("complaints:write", "cases:read")
    server = empty.start()
    with server.client(key) as client:  # an idle connection must not hold it up
        created(client.post("/v1/complaints", json=COMPLAINT))
        started = time.monotonic()
        assert server.end(how) == 0
        assert time.monotonic() - started < 5
    assert "Traceback" not in server.said
    with empty.serving() as other, other.client(key) as client:
        assert len(found(client.get("/v1/cases"))["items"]) == 1


def test_a_server_without_a_database_says_what_to_do(tmp_path: Path) -> None:
    assert "run `redress migrate`" in Deployment(tmp_path / "nothing").run("serve", status=1).stderr
    nowhere = Deployment(tmp_path / "home", "postgresql://nobody@127.0.0.1:1/none")
    assert "the database is not to be had" in nowhere.run("serve", status=1).stderr


def test_working_days_and_reports_come_from_the_command_line_too(coventry: Deployment) -> None:
    assert coventry.run("working-days", "add", "2026-12-24", "20").stdout == (
        "Tuesday 26 January 2027 (2027-01-26)\n"
        "  2026-12-25  Christmas Day\n"
        "  2026-12-28  Boxing Day (substitute day)\n"
        "  2027-01-01  New Year's Day\n"
    )
    told = coventry.run("report", "statutory", "2023-24", "--as-at", "2024-11-12", "--format", "csv").stdout
    assert "statutory return,received,complaints,59," in told
    returned = json.loads(coventry.run("report", "statutory", "2023-24", "--as-at", "2024-11-12").stdout)
    assert returned["received"] == 59
