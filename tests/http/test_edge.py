"""What every answer says to browsers and proxies, and what it does not say of its server."""

import base64
import logging
import re
import shutil
import socket
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from services import together
from services.cli.running import server_of
from shared.register import Register
from shared.settings import Settings
from tests.http.conftest import Api
from tests.postgres.appends import eventually

RESIDENT = "Zebedee Quux"
SHUT = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
}
ANSWERS = [
    ("GET", "/v1/cases", 200),
    ("GET", "/v1/reports/annual/2026-27?format=csv", 200),
    ("GET", "/v1/nothing", 404),
    ("DELETE", "/v1/cases", 405),
    ("GET", "/v1/cases?limit=0", 422),
    ("GET", "/v1/cases?x=%00", 422),
    ("GET", "/health/ready", 200),
    ("GET", "/metrics", 200),
    ("GET", "/openapi.json", 200),
]


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
def test_every_answer_tells_browsers_to_guess_run_frame_and_keep_nothing(
    api: Api, method: str, path: str, status: int
) -> None:
    if path == "/health/ready":
        eventually(lambda: api.ask("GET", path).status_code == 200)
    answer = api.ask(method, path)
    assert answer.status_code == status
    marked = {**EVERYWHERE, "content-security-policy": SHUT, "cache-control": "no-store"}
    assert {name: answer.headers.get_list(name) for name in marked} == {name: [v] for name, v in marked.items()}
    assert answer.headers["x-correlation-id"]
    assert not {"server", "x-powered-by", "strict-transport-security"} & set(answer.headers)


def test_refusals_are_marked_alike(api: Api) -> None:
    for headers in ({"Authorization": ""}, {"Authorization": "Bearer nonsense"}):
        answer = api.ask("GET", "/v1/cases", headers=headers)
        assert (answer.status_code, EVERYWHERE.items() <= answer.headers.items()) == (401, True)
    large = api.ask("POST", "/v1/complaints", content=b"x" * 1_000_001)
    assert (large.status_code, EVERYWHERE.items() <= large.headers.items()) == (413, True)


@pytest.mark.parametrize("page", ["/docs", "/docs/cases", "/docs/ombudsman", "/docs/reporting"])
def test_a_documentation_page_runs_its_own_script_and_nothing_else(api: Api, page: str) -> None:
    answer = api.ask("GET", page)
    [script] = re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    digest = base64.b64encode(sha256(script.encode()).digest()).decode()
    assert policy["script-src"] == f"'self' 'sha256-{digest}'"
    assert (policy["default-src"], policy["connect-src"], policy["frame-ancestors"]) == ("'none'", "'self'", "'none'")
    assert EVERYWHERE.items() <= answer.headers.items()
    assert not re.search(r"\son\w+=", answer.text)  # a handler written into the page would not run


def test_what_the_pages_are_made_of_may_be_kept_a_day(api: Api) -> None:
    answer = api.ask("GET", "/static/swagger-ui.css")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, max-age=86400")
    assert EVERYWHERE.items() <= answer.headers.items()


def test_what_nobody_expected_is_marked_like_any_answer_and_says_nothing_of_what_it_was(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError(RESIDENT)

    monkeypatch.setattr(api.register.streams, "ask", fails)
    with caplog.at_level(logging.DEBUG):
        answer = api.ask("GET", "/v1/cases/COV-2026-000001", headers={"X-Correlation-Id": "ticket-1"})
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    problem = answer.json()
    assert (problem["type"], answer.headers["x-correlation-id"]) == ("urn:redress:problem:internal", "ticket-1")
    assert EVERYWHERE.items() <= answer.headers.items()
    logged = "\n".join(f"{record.getMessage()} {record.exc_text}" for record in caplog.records)
    assert problem["instance"] in logged
    assert "in fails" in logged
    assert "Zebedee" not in logged + answer.text
    assert 'status="500"' in api.ask("GET", "/metrics").text


@pytest.fixture
def served(sqlite_template: Path, tmp_path: Path) -> Iterator[int]:
    """The port of the server that `redress serve` runs."""
    shutil.copy(sqlite_template, tmp_path / "redress.db")
    app = together.app((), lambda: Register.open(Settings(home=tmp_path)))
    server = server_of(app, "127.0.0.1", 0)
    running = Thread(target=server.run)
    running.start()
    eventually(lambda: server.started)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    running.join()


def test_the_server_does_not_say_what_it_is(served: int) -> None:
    told = [
        httpx.get(f"http://127.0.0.1:{served}{path}") for path in ("/health/live", "/v1/nothing", "/v1/cases", "/docs")
    ]
    assert [answer.status_code for answer in told] == [200, 404, 401, 200]
    heads = [f"{answer.headers}" for answer in told]
    with socket.create_connection(("127.0.0.1", served)) as connection:
        connection.sendall(b"NONSENSE\r\n\r\n")
        heads.append(connection.recv(65_536).decode())
    assert "400" in heads[-1]
    for head in heads:
        assert not re.search(r"\bserver:|'server'|uvicorn|starlette|fastapi|python|h11|httptools", head, re.IGNORECASE)
