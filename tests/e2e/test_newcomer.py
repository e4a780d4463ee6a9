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

from tests.e2e.commands import Deployment, Sample, created, found

COMPLAINT = {
    "channel": "web_form",
    "pathway": "adult_social_care",
    "service_area": "older_people",
    "concerns": [{"category": "communication"}],
    "complainant": {"name": "A. Resident"},
}


def pasted(line: str) -> str:
    """What comes of pasting a curl line into a shell; asked in its stead where there is no curl."""
    if shutil.which("curl"):
        return subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=30, check=True).stdout
    words = [word for word in shlex.split(line.replace("\\\n", " ")) if word not in ("curl", "-s", "-H", "-d")]
    url, *rest = words
    sent = dict(word.split(": ", 1) for word in rest if not word.startswith("{"))
    body = next((word for word in rest if word.startswith("{")), None)
    return httpx.request("POST" if body else "GET", url, headers=sent, content=body, trust_env=False).text


def until(true: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_what_the_server_prints_works_and_the_published_return_comes_out(sample: Sample) -> None:
    said = sample.server.said
    lines = said[said.index("curl") :].splitlines()
    last = next(number for number, line in enumerate(lines) if not line.endswith("\\"))
    case = json.loads(pasted("\n".join(lines[: last + 1])))
    assert re.fullmatch(r"COV-20\d\d-\d{6}", case["reference"])
    with sample.server.client(sample.key) as client:
        deadlines = found(client.get(f"/v1/cases/{case['reference']}/deadlines"))["items"]
        assert all(deadline["rule"]["source"] for deadline in deadlines)
        assert {d["name"] for d in deadlines} == {"acknowledgement", "local_standard", "statutory_limit"}
        returned = found(client.get("/v1/reports/statutory/2023-24?as_at=2024-11-12"))
        told = returned["received"], returned["well_founded"], returned["referred_to_ombudsman"]
        assert told == (59, 29, 10)
    pages = re.findall(r"http://[^\s,]+/docs[^\s,]*", said)
    assert len(pages) == 4
    assert [httpx.get(page, trust_env=False).status_code for page in pages] == [200] * 4


def test_each_curl_line_of_the_readme_works_as_pasted(sample: Sample) -> None:
    readme = Path("README.md").read_text("utf-8")
    lines = re.findall(r"^    (curl .*(?:\n     .+)*)", readme, re.MULTILINE)
    assert len(lines) >= 4
    for line in lines:
        answer = json.loads(
            pasted(line.replace("$KEY", sample.key).replace("http://127.0.0.1:8000", sample.server.url))
        )
        assert "title" not in answer, answer


def test_the_keys_are_for_their_owner_alone(sample: Sample) -> None:
    for name in ("dev-key", "master-key"):
        assert stat.S_IMODE((sample.deployment.home / name).stat().st_mode) == 0o600


def test_a_second_server_on_the_same_file_refuses_with_a_sentence(sample: Sample) -> None:
    refused = sample.deployment.run("serve", status=1)
    assert "is served by another process" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_a_second_sample_changes_nothing(sample: Sample) -> None:
    head = sample.deployment.run("head").stdout
    assert sample.deployment.run("sample", "coventry").stdout == "The sample is there already.\n"
    assert sample.deployment.run("head").stdout == head
    assert (sample.deployment.home / "dev-key").read_text("utf-8").strip() == sample.key


def test_a_report_comes_from_the_command_line_too(sample: Sample) -> None:
    command = "report statutory 2023-24 --as-at 2024-11-12 --format csv"
    told = sample.deployment.run(*command.split()).stdout
    with sample.server.client(sample.key) as client:
        path = "/v1/reports/statutory/2023-24?as_at=2024-11-12&format=csv"
        assert told.splitlines() == client.get(path).text.splitlines()


def test_commands_write_beside_the_running_server(sample: Sample) -> None:
    """Another authority is set up: its key, its history, and its first complaint over HTTP."""
    key = sample.deployment.key("complaints:write", "cases:read", authority="BIR")
    history = sample.deployment.home / "history.jsonl"
    with sample.server.client(key) as client:
        areas = found(client.get("/v1/codes"))["lists"]["service_areas"][-1]["values"]
        body = {**COMPLAINT, "service_area": areas[0]["code"]}
        line = {"recorded_at": "2024-05-01T10:00:00Z", "route": "/v1/complaints", "reference": "BIR-2024-000007"}
        line |= {"body": {**body, "received_at": "2024-05-01T09:00:00Z"}}
        header = {"history": 1, "authority": "BIR", "source": "a test"}
        history.write_text(json.dumps(header) + "\n" + json.dumps(line) + "\n", "utf-8")
        assert sample.deployment.run("import", history).stdout == "1 records imported.\n"
        listed = found(client.get("/v1/cases"))["items"]
        assert [item["reference"] for item in listed] == ["BIR-2024-000007"]
        received = created(client.post("/v1/complaints", json={**body, "received_at": "2024-06-01T09:00:00Z"}))
        assert received["reference"] == "BIR-2024-000008"
        sample.deployment.run("keys", "revoke", key.split("_")[1])
        until(lambda: client.get("/v1/cases").status_code == 401)
    whole = sample.deployment.run("verify").stdout
    assert re.search(r"^BIR whole to 5,", whole, re.MULTILINE)
    assert re.search(r"^COV whole to \d+,", whole, re.MULTILINE)


def test_a_server_ends_cleanly_and_quickly_and_the_next_one_starts(empty: Deployment) -> None:
    key = empty.key("complaints:write", "cases:read")
    for count, how in enumerate((signal.SIGTERM, signal.SIGINT), 1):
        with empty.serving() as server, server.client(key) as client:  # an idle connection must not hold it up
            created(client.post("/v1/complaints", json=COMPLAINT))
            assert len(found(client.get("/v1/cases"))["items"]) == count
            started = time.monotonic()
            assert server.end(how) == 0
            assert time.monotonic() - started < 5
        assert "Traceback" not in server.said


def test_a_server_without_a_database_says_what_to_do(tmp_path: Path) -> None:
    assert "run `redress migrate`" in Deployment(tmp_path / "nothing").run("serve", status=1).stderr


def test_the_command_line_explains_a_deadline_as_the_api_does(sample: Sample) -> None:
    with sample.server.client(sample.key) as client:
        [case] = found(client.get("/v1/cases", params={"limit": 1}))["items"]
        explained = found(client.get(f"/v1/cases/{case['reference']}/deadlines"))["items"]
    told = sample.deployment.run("deadlines", case["reference"]).stdout
    for deadline in explained:
        assert f"{deadline['name']}: {deadline['due_on']}, {deadline['state']}" in told
        assert f"{deadline['rule']['source']} ({deadline['rule']['id']})" in told
        assert deadline["calendar_version"] in told
