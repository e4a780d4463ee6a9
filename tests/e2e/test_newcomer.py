"""What someone does who has just cloned the project: start it, paste the printed line, stop it."""

import re
import shlex
import sqlite3

import httpx
import pytest

from tests.e2e.deployment import Deployment, Server


def test_the_printed_curl_line_creates_a_complaint_whose_deadlines_explain_themselves(coventry: Server) -> None:
    printed = coventry.log.read_text()
    arguments = shlex.split(printed[printed.index("curl -s") :].replace("\\\n", " "))
    headers = dict(arguments[i + 1].split(": ", 1) for i, word in enumerate(arguments) if word == "-H")
    body = arguments[arguments.index("-d") + 1]
    url = next(word for word in arguments if word.startswith("http"))

    answer = httpx.post(url, headers=headers, content=body)

    assert answer.status_code == 201
    assert re.fullmatch(r"COV-20\d\d-\d{6}", answer.json()["reference"])
    deadlines = {deadline["name"]: deadline for deadline in answer.json()["deadlines"]}
    assert set(deadlines) >= {"acknowledgement", "local_standard", "statutory_limit"}
    assert deadlines["acknowledgement"]["rule"]["source"] == "SI 2009/309 reg 13(3)"
    assert deadlines["acknowledgement"]["anchor"]["event"] == "representation_received"


def test_the_sample_is_founded_once(coventry: Server) -> None:
    assert "there already" in coventry.deployment.done("sample", "coventry")


def test_the_documentation_of_each_service_opens(coventry: Server) -> None:
    for path in ("/docs", "/docs/cases", "/docs/ombudsman", "/docs/reporting"):
        page = httpx.get(coventry.base + path)

        assert page.status_code == 200
        assert not re.search(r'(?:src|href)="(?:https?:)?//', page.text)


def test_a_second_server_on_the_embedded_database_refuses_with_a_sentence(coventry: Server) -> None:
    second = coventry.deployment.command("serve", "--port", "0")

    assert second.returncode == 1
    assert second.stderr.startswith("redress: ")
    assert "served by another process" in second.stderr


def test_the_command_line_writes_beside_the_running_server(coventry: Server) -> None:
    arguments = ("--authority", "BIR", "--name", "form", "--scope", "complaints:write", "--scope", "cases:read")
    key = coventry.deployment.done("keys", "create", *arguments).strip()

    with coventry.client(key) as client:
        assert client.get("/v1/cases").json() == {"items": [], "next": None}


def test_sigterm_ends_the_server_cleanly(deployment: Deployment) -> None:
    deployment.done("migrate")
    with deployment.serving() as server:
        assert server.stop() == 0
    assert "Traceback" not in server.log.read_text()


def test_a_database_that_was_not_migrated_is_refused_with_what_to_do(deployment: Deployment) -> None:
    refused = deployment.command("verify")

    assert refused.returncode == 1
    assert "run `redress migrate`" in refused.stderr


def test_verify_finds_a_changed_event_and_says_where(deployment: Deployment) -> None:
    deployment.done("migrate")
    deployment.done("sample", "coventry")
    head = deployment.done("head")
    assert deployment.command("verify").returncode == 0

    database = sqlite3.connect(deployment.home / "redress.db")
    with pytest.raises(sqlite3.IntegrityError, match="events never change"):
        database.execute("UPDATE events SET actor = 'nobody' WHERE position = 100")
    database.execute("DROP TRIGGER events_no_update")
    database.execute("UPDATE events SET actor = 'nobody' WHERE position = 100")
    database.commit()
    database.close()
    broken = deployment.command("verify")

    assert broken.returncode == 1
    assert "BROKEN at 100" in broken.stdout
    assert head.startswith("COV ")


def test_a_report_comes_out_of_the_command_line(coventry: Server) -> None:
    text = coventry.deployment.done("report", "annual", "2023-24", "--as-at", "2024-11-12", "--format", "csv")

    assert "statutory outcomes,total,complaints,59" in text
