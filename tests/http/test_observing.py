"""What an operator sees of a running register: readiness, metrics, log lines and spans; and nobody's name in any."""

import asyncio
import io
import json
import logging
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import migrations
from shared import logs
from shared.database import writer
from shared.web import tracing
from tests.http.conftest import Api
from tests.http.test_hostile_text import ADDRESSES
from tests.http.test_personal_data import FULL, SECRETS, a_life, told
from tests.postgres.appends import eventually

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
UNKNOWN = [("GET", f"/v1/nothing/{number}") for number in range(40)] + [("ZEBEDEE", "/v1/cases")]


def scraped(api: Api) -> str:
    return api.ask("GET", "/metrics", headers={"Authorization": ""}).text


def sample(text: str, name: str, **labels: str) -> float | None:
    """A sample of a scrape, by its name and all its labels."""
    wanted = "{" + ",".join(f'{key}="{value}"' for key, value in sorted(labels.items())) + "}" if labels else ""
    found = [line.rpartition(" ") for line in text.splitlines() if line.startswith(f"{name}{wanted} ")]
    assert len(found) < 2, found
    return float(found[0][2]) if found else None


def lag(api: Api) -> Any:
    return api.ask("GET", "/health/ready").json()["events_behind"]


# --- readiness --------------------------------------------------------------------------------------------------------


def test_readiness_tells_how_far_each_follower_is_behind_the_log(api: Api) -> None:
    api.complaint()
    eventually(lambda: lag(api)["reporting"] == {"COV": 0})
    assert lag(api) == {"cases": {"COV": 2}, "ombudsman": {"COV": 2}, "reporting": {"COV": 0}}
    api.follow()
    assert lag(api) == {"cases": {"COV": 0}, "ombudsman": {"COV": 0}, "reporting": {"COV": 0}}


@pytest.mark.parametrize(
    ("revision", "said"),
    [("0001", "run `redress migrate`"), ("9999", "install the version that migrated it")],
)
def test_a_database_that_was_migrated_under_a_running_service_makes_it_unready(
    api: Api, revision: str, said: str
) -> None:
    eventually(lambda: api.ask("GET", "/health/ready").status_code == 200)
    with writer(api.register.engine).begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :it"), {"it": revision})
    answer = api.ask("GET", "/health/ready")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    at = f"the database is at revision {revision}, this code at {migrations.head()}"
    assert answer.json()["detail"] == f"{at}: {said}"


# --- metrics ----------------------------------------------------------------------------------------------------------


def test_requests_are_counted_and_timed_by_route_method_and_status(api: Api) -> None:
    before = scraped(api)
    api.complaint()
    api.complaint()
    api.ask("POST", "/v1/complaints", json={})
    after = scraped(api)
    for status, more in {"201": 2, "422": 1}.items():
        its = {"method": "POST", "route": "/v1/complaints", "status": status}
        for name in ("redress_requests_total", "redress_request_seconds_count"):
            assert (sample(after, name, **its) or 0) - (sample(before, name, **its) or 0) == more
        spent = "redress_request_seconds_sum"
        assert 0 < (sample(after, spent, **its) or 0) - (sample(before, spent, **its) or 0) < 30


def test_appends_their_batches_and_their_events_are_counted(api: Api) -> None:
    assert sample(scraped(api), "redress_appended_events_total") == 0
    path = f"/v1/cases/{api.complaint()}/assignment"
    once = {"headers": {"Idempotency-Key": "once"}, "json": {"officer": "staff-1"}}
    api.together(*(api.asking("POST", path, **once) for _ in range(2)))
    api.ask("POST", path, **once)
    text = scraped(api)
    assert sample(text, "redress_appended_events_total") == api.head() == 3
    assert (
        sample(text, "redress_append_batch_size_count") == api.register.appender.batches == 3
    )  # the last answers again
    assert sample(text, "redress_append_batch_size_sum") == 3
    assert sample(text, "redress_append_batch_size_bucket", le="1.0") == 3
    assert sample(text, "redress_appends_waiting") == 0


def test_how_far_followers_are_behind_and_how_many_cases_are_overdue_is_told_for_each_authority(api: Api) -> None:
    api.clock.turn("2026-09-01")
    late, other = api.complaint(), api.complaint()
    api.clock.turn("2026-11-20")
    api.complaint()
    eventually(lambda: lag(api)["reporting"] == {"COV": 0})
    text = scraped(api)
    assert sample(text, "redress_overdue_cases", authority="COV") == 2
    assert sample(text, "redress_follower_behind_events", follower="cases", authority="COV") == 6
    assert sample(text, "redress_follower_behind_events", follower="reporting", authority="COV") == 0
    findings = [{"concern": 1, "outcome": "upheld"}]
    decided = {"decided_on": "2026-11-20", "decided_by": "staff-1", "outcome": "upheld", "findings": findings}
    api.post(f"/v1/cases/{late}/acknowledgement", acknowledged_on="2026-11-20", method="letter")
    api.post(f"/v1/cases/{late}/decision", **decided)
    api.post(f"/v1/cases/{late}/response", sent_on="2026-11-20", signed_by="staff-2", ombudsman_right_given=True)
    listed = [item["reference"] for item in api.get("/v1/cases", rag="red")["items"]]
    assert (listed, sample(scraped(api), "redress_overdue_cases", authority="COV")) == ([other], 1)


def test_a_scrape_answers_while_the_database_is_away(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sample(scraped(api), "redress_database_up", cluster="main") == 1

    def away(*_: Any) -> None:
        raise sa.exc.OperationalError("", {}, Exception())

    monkeypatch.setattr(api.register.log, "ends", away)
    text = scraped(api)
    assert sample(text, "redress_database_up", cluster="main") == 0
    assert sample(text, "redress_appended_events_total") == 0
    assert "redress_overdue_cases{" not in text


def test_labels_are_bounded_and_hold_nothing_that_anybody_sent(api: Api) -> None:
    a_life(api)
    for method, path in [*UNKNOWN, *(("GET", path) for path in ADDRESSES)]:
        api.ask(method, path)
    text = scraped(api)
    assert not told(text)
    assert "COV-2026" not in text
    labels = {pair for line in text.splitlines() for pair in re.findall(r'(\w+)="([^"]*)"', line)}
    assert {"other", "GET", "POST"} <= {value for name, value in labels if name == "method"}
    routes = {value for name, value in labels if name == "route"}
    assert "(none)" in routes
    assert not [route for route in routes if "nothing" in route]
    assert {name for name, _ in labels} == {"method", "route", "status", "le", "follower", "authority", "cluster"}


# --- logs -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What the process logs, as `redress serve` lets it."""
    root, stream = logging.getLogger(), io.StringIO()
    level, handlers = root.level, root.handlers[:]
    logs.to_stderr("cases", "json")
    [handler] = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_each_request_is_one_line_that_says_what_it_was_and_nothing_that_it_said(api: Api, logged: io.StringIO) -> None:
    answers = [
        api.ask("POST", "/v1/complaints", json=FULL, headers={"X-Correlation-Id": "ticket-1"}),
        api.ask("GET", f"/v1/cases/COV-2026-000001?on={FULL['complainant']['date_of_birth']}"),
        api.ask("GET", "/v1/cases/Zebedee%20Quux"),
        api.ask("GET", "/v1/Zebedee?email=zq@example.org"),
        api.ask("ZEBEDEE", "/v1/cases"),
        api.ask("GET", "/v1/cases", key="redress_Zebedee_Quux"),
    ]
    entries = [entry for entry in lines(logged) if entry["logger"] == "redress.requests"]
    assert len(entries) == len(answers)
    for entry, answer in zip(entries, answers, strict=True):
        assert (entry["status"], entry["correlation"]) == (answer.status_code, answer.headers["x-correlation-id"])
        assert entry["ms"] >= 0
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", entry["time"])
        assert (entry["level"], entry["service"]) == ("info", "cases")
    seen = [(entry["method"], entry["route"], entry.get("reference"), entry.get("authority")) for entry in entries]
    assert seen == [
        ("POST", "/v1/complaints", "COV-2026-000001", "COV"),
        ("GET", "/v1/cases/{reference}", "COV-2026-000001", "COV"),
        ("GET", "/v1/cases/{reference}", None, "COV"),
        ("GET", "(none)", None, None),
        ("other", "/v1/cases", None, None),
        ("GET", "/v1/cases", None, None),
    ]
    assert not told(logged.getvalue())
    assert answers[0].request.headers["authorization"].rpartition("_")[2] not in logged.getvalue()


def test_a_whole_life_with_everything_personal_leaves_no_trace_in_the_log(api: Api, logged: io.StringIO) -> None:
    a_life(api)
    for path in ADDRESSES:
        api.ask("GET", path)
    assert len([entry for entry in lines(logged) if entry["logger"] == "redress.requests"]) >= len(ADDRESSES) + 6
    assert not told(logged.getvalue())


def test_a_loop_that_ends_in_the_midst_of_a_turn_keeps_no_other_from_writing(logged: io.StringIO) -> None:
    def tell(what: str) -> None:
        logging.getLogger("redress.tests").info(what)

    ended = asyncio.new_event_loop()
    ended.call_soon(tell, "the last of a loop")
    ended.call_soon(ended.stop)
    ended.run_forever()
    ended.close()
    assert lines(logged) == []

    async def another() -> None:
        tell("the first of another")
        await asyncio.sleep(0)

    asyncio.run(another())
    assert [entry["message"] for entry in lines(logged)] == ["the last of a loop", "the first of another"]


@pytest.mark.parametrize("form", [logs.JsonLines("cases"), logs.TextLines("cases")], ids=["json", "text"])
def test_an_error_is_told_by_its_kind_and_place_and_not_by_what_it_said(form: logging.Formatter) -> None:
    record = logging.LogRecord("shared.log", logging.ERROR, "", 0, "an append failed", (), None)
    try:
        try:
            raise ValueError(*SECRETS)
        except ValueError as inner:
            raise RuntimeError(*SECRETS) from inner
    except RuntimeError:
        record.exc_info = sys.exc_info()
    line = form.format(record)
    assert "RuntimeError from ValueError" in line
    assert "test_observing.py" in line
    assert "an append failed" in line
    assert not told(line.replace("SECRETS", ""))


def test_what_happens_within_a_request_is_logged_with_its_correlation(
    api: Api, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise RuntimeError(*SECRETS)

    monkeypatch.setattr(api.register.streams, "ask", fails)
    answer = api.ask("GET", "/v1/cases/COV-2026-000001", headers={"X-Correlation-Id": "ticket-1"})
    surprise, request = lines(logged)
    assert (surprise["level"], surprise["correlation"]) == ("error", "ticket-1")
    assert answer.json()["instance"] in surprise["message"]
    assert (request["status"], request["correlation"]) == (500, "ticket-1")
    logging.getLogger("shared.log").warning("afterwards")
    assert "correlation" not in lines(logged)[-1]
    assert not told(logged.getvalue())


def test_on_a_terminal_an_entry_reads_as_a_line(api: Api, logged: io.StringIO) -> None:
    logging.getLogger().handlers[0].setFormatter(logs.TextLines("cases"))
    api.ask("GET", "/v1/cases/COV-2026-000001", headers={"X-Correlation-Id": "ticket-1"})
    [line] = logged.getvalue().splitlines()
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d info     GET /v1/cases/\{reference\}  "
        r"correlation=ticket-1 status=404 ms=[\d.]+ authority=COV reference=COV-2026-000001",
        line,
    )


# --- traces -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """What is exported, by a provider such as `export_to` makes."""
    exported, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exported))
    monkeypatch.setattr(tracing, "_tracer", provider.get_tracer("redress"))
    return exported


def test_a_span_tells_route_method_status_and_authority_and_no_more(api: Api, spans: InMemorySpanExporter) -> None:
    api.of()
    traced = {
        "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01",
        "tracestate": "redress=Zebedee",
        "baggage": "name=Zebedee",
        "Host": "zebedee",
        "User-Agent": "Zebedee",
    }
    api.ask("POST", "/v1/complaints", json=FULL, headers=traced)
    api.ask("GET", "/v1/cases/COV-2026-000001?Zebedee=Quux", headers=traced)
    api.ask("GET", "/v1/Zebedee", headers=traced)
    found = spans.get_finished_spans()
    assert [(span.name, dict(span.attributes or {})) for span in found] == [
        (f"{method} {route}", {"http.request.method": method, "http.route": route, **more})
        for method, route, more in (
            ("POST", "/v1/complaints", {"http.response.status_code": 201, "redress.authority": "COV"}),
            ("GET", "/v1/cases/{reference}", {"http.response.status_code": 422, "redress.authority": "COV"}),
            ("GET", "(none)", {"http.response.status_code": 404}),
        )
    ]
    for span in found:
        assert format(span.context.trace_id, "032x") == TRACE
        assert not told(span.to_json())
        assert "zebedee" not in span.to_json().lower()


def test_a_surprise_is_a_span_with_its_status_and_not_with_what_it_said(
    api: Api, spans: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise RuntimeError(*SECRETS)

    monkeypatch.setattr(api.register.streams, "ask", fails)
    api.ask("GET", "/v1/cases/COV-2026-000001")
    [span] = spans.get_finished_spans()
    assert (span.attributes or {})["http.response.status_code"] == 500
    assert (span.events, told(span.to_json())) == ((), [])


def test_without_what_exports_them_spans_are_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(ValueError, match=r"requirements/telemetry.txt"):
        tracing.export_to("http://127.0.0.1:1/v1/traces", "cases")
