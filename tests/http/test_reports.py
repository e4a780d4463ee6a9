"""The reporting routes: statuses, formats, waiting; what the figures mean is tested where they are counted."""

import asyncio
import base64
import csv
import re
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import pytest
import sqlalchemy as sa

from services import together
from services.reporting import reading
from services.reporting.app import follower
from shared.access import SCOPES
from shared.register import Register
from shared.settings import Settings
from tests.ods import Book
from tests.postgres.appends import tamper, unguarded

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
COMPLAINT = {
    "channel": "phone",
    "pathway": "adult_social_care",
    "service_area": "older_people",
    "concerns": [{"category": "communication", "subcategory": "attitude"}],
    "complainant": {"name": "A. Resident"},
}
Story = Callable[[httpx.AsyncClient], Coroutine[Any, Any, None]]


@pytest.fixture
def register(sqlite_url: str, tmp_path: Path) -> Callable[[], Register]:
    """Opens the register of one test."""
    settings = Settings(home=tmp_path)
    assert settings.url == sqlite_url
    return lambda: Register.open(settings, lambda: NOW)


def ask(register: Callable[[], Register], story: Story, *services: str, scopes: tuple[str, ...] = SCOPES) -> None:
    """Tell a story to a running application, with a key of these scopes."""

    async def telling() -> None:
        app = together.app(services, register)
        async with app.router.lifespan_context(app):
            key = app.state.register.access.create("COV", "test", scopes, None)
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(app),
                base_url="http://test",
                headers={"Authorization": f"Bearer {key}"},
            ) as client:
                await story(client)

    asyncio.run(telling())


async def post(client: httpx.AsyncClient, path: str, **body: Any) -> dict[str, Any]:
    answer = await client.post(f"/v1/{path}", json=body)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def get(client: httpx.AsyncClient, path: str, status: int = 200, **query: Any) -> Any:
    answer = await client.get(f"/v1/{path}", params=query)
    assert answer.status_code == status, answer.text
    return answer.json()


def cell(report: dict[str, Any], table: str, row: str, column: str = "complaints") -> dict[str, Any]:
    (found,) = (
        figure
        for tables in report["tables"]
        if tables["name"] == table
        for figure in tables["rows"]
        if (figure["row"], figure["column"]) == (row, column)
    )
    figure: dict[str, Any] = found
    return figure


def test_everybody_sees_what_was_recorded_before_they_asked(register: Callable[[], Register]) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        for count in range(1, 4):
            reference = (await post(client, "complaints", **COMPLAINT))["reference"]
            report = await get(client, "reports/statutory/2026-27")
            assert report["received"] == count
        assert {"year": "2026-27", "as_at": "2026-11-20", "pathway": "adult_social_care"}.items() <= report.items()
        decided = {"decided_on": "2026-11-20", "outcome": "upheld", "decided_by": "staff-1"}
        findings = [{"concern": 1, "outcome": "upheld"}]
        await post(client, f"cases/{reference}/decision", **decided, findings=findings)
        assert (await get(client, "reports/statutory/2026-27"))["well_founded"] == 1

    ask(register, story)


def test_an_answer_says_its_position_and_nothing_is_known_before_the_day(register: Callable[[], Register]) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        await post(client, "complaints", **COMPLAINT)
        assert (await get(client, "reports/annual/2026-27"))["position"] == 2
        earlier = await get(client, "reports/statutory/2026-27", as_at="2026-11-19")
        assert (earlier["position"], earlier["received"]) == (0, 0)

    ask(register, story)


def test_a_figure_links_to_its_trace(register: Callable[[], Register]) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        reference = (await post(client, "complaints", **COMPLAINT))["reference"]
        report = await get(client, "reports/annual/2026-27")
        figure = cell(report, "how people complained", "phone")
        assert (figure["value"], figure["denominator"], figure["basis"]) == (1, 1, "received in the year")
        traced = (await client.get(figure["trace"])).json()
        assert traced["cases"] == [{"reference": reference, "contribution": 1}]
        assert traced["position"] == report["position"]

    ask(register, story)


def test_a_report_that_was_just_counted_is_counted_anew_only_for_another_log(register: Callable[[], Register]) -> None:
    """A figure's cases, or another format, are asked for next; a restored backup has the same positions."""
    opened: list[Register] = []
    read: list[str] = []

    def watched() -> Register:
        opened.append(register())
        sa.event.listen(opened[0].engine, "before_cursor_execute", lambda *told: read.append(told[2]))
        return opened[0]

    async def cases(client: httpx.AsyncClient, path: str, **query: Any) -> tuple[int, bool]:
        """How many complaints are told of, and whether their facts were read."""
        read.clear()
        told = await get(client, path, **query)
        count = told["value"] if path == "traces" else cell(told, "how people complained", "phone")["value"]
        return count, any("FROM case_facts" in statement for statement in read)

    async def story(client: httpx.AsyncClient) -> None:
        annual, phoned = "reports/annual/2026-27", {"table": "how people complained", "row": "phone"}
        phoned |= {"column": "complaints", "year": "2026-27"}
        await post(client, "complaints", **COMPLAINT)
        assert await cases(client, annual) == (1, True)
        assert await cases(client, annual) == (1, False)
        assert await cases(client, "traces", **phoned) == (1, False)
        assert await cases(client, annual, as_at="2026-11-19") == (0, True)
        assert await cases(client, "traces", **phoned, pathway="corporate") == (0, True)
        await post(client, "complaints", **COMPLAINT)
        assert await cases(client, annual) == (2, True)
        tamper(unguarded(opened[0].engine), "UPDATE events SET hash = 'of another log' WHERE position = 4")
        assert await cases(client, annual) == (2, True)
        assert await cases(client, annual) == (2, False)

    ask(watched, story)


def test_a_report_that_was_just_counted_is_counted_anew_once_its_rows_are_rebuilt(
    register: Callable[[], Register],
) -> None:
    """What was counted from rows that were wrong is as wrong as they were."""
    opened: list[Register] = []

    def kept() -> Register:
        opened.append(register())
        return opened[0]

    async def story(client: httpx.AsyncClient) -> None:
        [own] = opened
        await post(client, "complaints", **COMPLAINT)
        await get(client, "reports/statutory/2026-27")  # once the rows are there
        tamper(own.engine, "UPDATE case_facts SET channel = 'email'")
        wrong = await get(client, "reports/annual/2026-27")
        follower(own).rebuild("COV")
        mended = await get(client, "reports/annual/2026-27")
        counts = [cell(report, "how people complained", "phone")["value"] for report in (wrong, mended)]
        assert counts == [0, 1]

    ask(kept, story)


def test_three_years_stand_side_by_side_and_their_changes_are_traced(register: Callable[[], Register]) -> None:
    """Of 2024-25 nothing is known, so it is not a zero; a change takes off last year's cases."""

    async def story(client: httpx.AsyncClient) -> None:
        late = (await post(client, "complaints", **COMPLAINT, received_at="2025-11-03T10:00:00Z"))["reference"]
        new = [(await post(client, "complaints", **COMPLAINT))["reference"] for _ in range(2)]
        report = await get(client, "reports/annual/2026-27")
        types = "complaints by type, three years"
        told = {column: cell(report, types, "statutory", column) for column in ("2024-25", "2025-26", "2026-27")}
        assert {year: figure["value"] for year, figure in told.items()} == {"2024-25": None, "2025-26": 1, "2026-27": 2}
        assert told["2024-25"]["basis"] == "nothing is known of 2024-25"
        assert cell(report, types, "statutory", "change, per cent")["value"] == 100
        change = cell(report, types, "statutory", "change in number")
        traced = (await client.get(change["trace"])).json()
        assert (traced["value"], traced["position"]) == (1, report["position"])
        assert traced["cases"] == [
            {"reference": reference, "contribution": amount}
            for reference, amount in sorted([(late, -1), *((reference, 1) for reference in new)])
        ]
        points = cell(report, "how people complained, three years", "phone", "change, percentage points")
        traced = (await client.get(points["trace"])).json()
        assert (points["value"], traced["measure"]) == (0, "percentage_points")
        assert report["matters_of_general_importance"] == []
        restated = await get(client, "reports/annual/2026-27/restatement", **{"from": "2026-11-19"})
        changes = {(c["table"], c["row"], c["column"]): c for c in restated["changes"]}
        known = changes[types, "statutory", "2025-26"]
        assert (known["before"], known["after"]) == (None, 1)
        assert [case["reference"] for case in known["cases"]] == [late]
        assert all(c["cases"] for c in changes.values() if c["before"] is not None)

    ask(register, story)


def test_a_report_comes_as_csv_if_asked(register: Callable[[], Register]) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        await post(client, "complaints", **COMPLAINT)
        by_query = await client.get("/v1/reports/annual/2026-27?format=csv")
        by_header = await client.get("/v1/reports/annual/2026-27", headers={"Accept": "text/csv"})
        assert by_query.content == by_header.content
        assert by_query.headers["content-type"] == "text/csv; charset=utf-8"
        lines = list(csv.DictReader(by_query.text.splitlines()))
        assert list(lines[0]) == ["table", "row", "column", "value", "basis", "numerator", "denominator"]
        assert {"table": "complaints by type", "row": "statutory", "value": "1"}.items() <= lines[0].items()
        returned = (await client.get("/v1/reports/statutory/2026-27?format=csv")).text.splitlines()
        assert returned[1] == "statutory return,received,complaints,1,received in the year,1,"

    ask(register, story)


@pytest.mark.parametrize(
    ("report", "title"),
    [
        ("annual", "Annual report on complaints and compliments"),
        ("statutory", "Statutory return on complaints: adult social care"),
    ],
)
def test_a_report_comes_as_a_page_that_runs_nothing(register: Callable[[], Register], report: str, title: str) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        await post(client, "complaints", **COMPLAINT)
        answer = await client.get(f"/v1/reports/{report}/2026-27?format=html")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
        [style] = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
        digest = base64.b64encode(sha256(style.encode()).digest()).decode()
        assert answer.headers["content-security-policy"] == (
            f"default-src 'none'; style-src 'sha256-{digest}'; "
            "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
        )
        assert answer.headers.get_list("content-security-policy") == [answer.headers["content-security-policy"]]
        assert f"<h1>{title} <span>2026-27</span></h1>" in answer.text
        assert "content-disposition" not in answer.headers
        assert not re.search(r"<script|\sstyle=|\son\w+=|https?://", answer.text)

    ask(register, story)


@pytest.mark.parametrize("report", ["annual", "statutory"])
def test_a_report_comes_as_a_spreadsheet_that_is_saved(register: Callable[[], Register], report: str) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        await post(client, "complaints", **COMPLAINT)
        answer = await client.get(f"/v1/reports/{report}/2026-27?format=ods")
        assert answer.headers["content-disposition"] == f'attachment; filename="{report}-2026-27.ods"'
        again = await client.get(f"/v1/reports/{report}/2026-27?format=ods")
        assert answer.content == again.content
        lines = (await client.get(f"/v1/reports/{report}/2026-27?format=csv")).text.splitlines()
        told = {(row["table"], row["row"], row["column"]): row["value"] for row in csv.DictReader(lines)}
        values = {place: Decimal(value) for place, value in told.items() if value}
        assert len(values) > 10
        assert Book(answer.content).values() == values

    ask(register, story)


def test_accept_chooses_the_format(register: Callable[[], Register]) -> None:
    kinds = {
        "*/*": "application/json",
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8": "text/html; charset=utf-8",
        "application/vnd.oasis.opendocument.spreadsheet": "application/vnd.oasis.opendocument.spreadsheet",
        "application/pdf, image/png": "application/json",
        "application/json;q=0.5, text/csv": "text/csv; charset=utf-8",
        "text/csv;q=0.1, application/json": "application/json",
        "text/csv;q=nonsense, application/json": "application/json",
    }

    async def story(client: httpx.AsyncClient) -> None:
        for accept, kind in kinds.items():
            answer = await client.get("/v1/reports/annual/2026-27", headers={"Accept": accept})
            assert (accept, answer.headers["content-type"]) == (accept, kind)

    ask(register, story, "reporting")


def test_what_cannot_be_asked_is_a_problem_that_names_the_field(register: Callable[[], Register]) -> None:
    fields = {
        "reports/annual/2026": "year",
        "reports/statutory/2026-28": "year",
        "reports/annual/2027-28": "year",
        "reports/annual/2026-27?as_at=yesterday": "as_at",
        "reports/annual/2026-27?as_at=2026-11-21": "as_at",
        "reports/progress?as_at=1999-12-31": "as_at",
        "reports/progress?as_at=0001-01-01": "as_at",
        "reports/annual/2026-27?format=pdf": "format",
        "reports/annual/2026-27?at_least=-1": "at_least",
        "reports/statutory/2026-27?pathway=housing": "pathway",
        "reports/annual/2026-27/restatement": "from",
        "reports/annual/2026-27/restatement?from=2026-11-02&to=2026-11-01": "from",
        "traces?year=2026-27&table=x&row=x&column=x&report=weekly": "report",
    }

    async def story(client: httpx.AsyncClient) -> None:
        for path, field in fields.items():
            answer = await client.get(f"/v1/{path}")
            assert (path, answer.status_code, answer.headers["content-type"]) == (path, 422, "application/problem+json")
            assert [error["field"] for error in answer.json()["errors"]] == [field]

    ask(register, story, "reporting")


def test_a_figure_that_is_not_there_is_not_found(register: Callable[[], Register]) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        await get(client, "traces", 404, year="2026-27", table="complaints by type", row="no", column="complaints")

    ask(register, story, "reporting")


def test_reports_need_their_scope_and_traces_that_of_cases_too(register: Callable[[], Register]) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        await get(client, "reports/annual/2026-27")
        await get(client, "reports/annual/2026-27/restatement", 403, **{"from": "2026-11-19"})
        await get(client, "traces", 403, year="2026-27", table="x", row="x", column="x")
        answer = await client.put("/v1/reference-figures", json={})
        assert answer.status_code == 403
        assert (await client.get("/v1/reports/annual/2026-27", headers={"Authorization": ""})).status_code == 401

    ask(register, story, "reporting", scopes=("reports:read",))


def test_a_position_that_is_never_reached_is_not_now(register: Callable[[], Register]) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        with patch.object(reading, "WAIT_SECONDS", 0.1):
            answer = await client.get("/v1/reports/annual/2026-27?at_least=1000")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")

    ask(register, story, "reporting")


def test_reference_figures_are_recorded_with_their_source_and_the_newest_counts(
    register: Callable[[], Register],
) -> None:
    figure = {
        "name": "adults_in_long_term_support",
        "subject": "Coventry City Council",
        "year": "2026-27",
        "unit": "people",
        "source": "Adult social care activity 2026-27",
    }

    async def story(client: httpx.AsyncClient) -> None:
        for value in (3650, 3709):
            answer = await client.put("/v1/reference-figures", json={**figure, "value": value})
            assert (answer.status_code, answer.json()["value"]) == (200, value)
        listed = await get(client, "reference-figures", year="2026-27")
        assert listed == {"items": [{**figure, "value": 3709}], "next": None}
        report = await get(client, "reports/annual/2026-27")
        found = cell(report, "adults in long-term support at year end", "people", "people")
        assert (found["value"], found["basis"]) == (3709, "Adult social care activity 2026-27")
        bad = await client.put("/v1/reference-figures", json={**figure, "year": "2026-28", "value": 1})
        assert bad.status_code == 422

    ask(register, story)


def test_a_restatement_names_the_case_that_was_recorded_in_between(register: Callable[[], Register]) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        reference = (await post(client, "complaints", **COMPLAINT))["reference"]
        told = await get(client, "reports/annual/2026-27/restatement", **{"from": "2026-11-19"})
        (change,) = (c for c in told["changes"] if (c["table"], c["row"]) == ("complaints by type", "statutory"))
        assert (change["before"], change["after"]) == (0, 1)
        assert change["cases"] == [
            {
                "reference": reference,
                "recorded_at": "2026-11-20T10:00:00.000000Z",
                "what": "representation_received, case_routed",
            }
        ]

    ask(register, story)


def test_every_path_is_described(register: Callable[[], Register]) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        described = (await client.get("/openapi.json")).json()["paths"]
        assert set(described) == {
            "/v1/reports/statutory/{year}",
            "/v1/reports/annual/{year}",
            "/v1/reports/annual/{year}/restatement",
            "/v1/reports/quarterly/{year}/{quarter}",
            "/v1/reports/progress",
            "/v1/reports/regional/{year}",
            "/v1/traces",
            "/v1/reference-figures",
            "/v1/narratives/{year}",
            "/v1/publications",
            "/v1/publications/{id}",
            "/v1/publications/{id}/figures",
            "/v1/publications/{id}/manifest",
            "/v1/publications/{id}/release",
            "/v1/publications/{id}/restatement",
            "/v1/publications/{id}/withdrawal",
        }
        answers = described["/v1/reports/annual/{year}"]["get"]["responses"]["200"]["content"]
        spreadsheet = "application/vnd.oasis.opendocument.spreadsheet"
        assert set(answers) == {"application/json", "text/csv", "text/html", spreadsheet}

    ask(register, story, "reporting")
