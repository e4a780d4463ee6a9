"""A region's councils side by side: fourteen logs of one deployment, and a reader who is of none of them."""

import csv
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from shared.authority import authority
from shared.policy import policy_book
from tests.http.conftest import Api
from tests.ods import Book

TABLE = "escalated to the ombudsman, West Midlands"
CODES = ("BIR", "WOL", "COV", "DUD", "HER", "SAN", "SHR", "SOL", "STA", "STO", "TEL", "WAL", "WAR", "WOR")


def published() -> dict[str, int]:
    """The Ombudsman's table of 2023-24, as Coventry printed it."""
    text = files("services.sample").joinpath("coventry", "published.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["row"]: int(row["value"]) for row in rows if row["table"] == TABLE and row["year"] == "2023-24"}


@pytest.fixture
def councils(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Fourteen authorities of the West Midlands, and one of the North: codes by name."""
    monkeypatch.setenv("REDRESS_AUTHORITIES", str(tmp_path))
    names = [name for name in published() if name != "Totals"]
    found = dict(zip(names, CODES, strict=True))
    for name, code in found.items():
        (tmp_path / f"{code}.toml").write_text(f'name = "{name}"\nregion = "West Midlands"\n')
    (tmp_path / "LDS.toml").write_text('name = "Leeds City Council"\nregion = "Yorkshire"\n')
    authority.cache_clear()
    policy_book.cache_clear()
    yield found
    authority.cache_clear()
    policy_book.cache_clear()


@pytest.fixture
def settings() -> dict[str, Any]:
    return {"rate_limit": "1000000/minute"}


def enquire(api: Api, code: str, count: int) -> None:
    for number in range(count):
        body = {"ombudsman_reference": f"23 {number:03}", "received_on": "2023-10-02"}
        answer = api.ask("POST", "/v1/ombudsman/enquiries", json=body, key=api.of(code))
        assert answer.status_code == 201, answer.text


def region_key(api: Api, region: str = "West Midlands") -> str:
    return api.register.access.create("", "regional reader", ("reports:regional",), None, region=region)


def test_the_ombudsmans_table_of_a_region_comes_out_of_fourteen_logs(api: Api, councils: dict[str, str]) -> None:
    for name, code in councils.items():
        enquire(api, code, published()[name])
    enquire(api, "LDS", 3)
    answer = api.ask("GET", "/v1/reports/regional/2023-24", key=region_key(api))
    assert answer.status_code == 200, answer.text
    told = answer.json()
    [table] = [table for table in told["tables"] if table["name"] == TABLE]
    assert {row["row"]: row["value"] for row in table["rows"]} == published()
    assert published()["Totals"] == 223
    assert [council["authority"] for council in told["authorities"]] == sorted(
        CODES, key=lambda code: authority(code).name
    )
    lines = api.ask("GET", "/v1/reports/regional/2023-24?format=csv", key=region_key(api)).text.splitlines()
    assert {r["row"]: int(r["value"]) for r in csv.DictReader(lines) if r["table"] == TABLE} == published()
    book = Book(api.ask("GET", "/v1/reports/regional/2023-24?format=ods", key=region_key(api)).content)
    assert {row: int(value) for (table, row, _), value in book.values().items() if table == TABLE} == published()
    page = api.ask("GET", "/v1/reports/regional/2023-24?format=html", key=region_key(api)).text
    assert '<h3 id="table-2">Complaints to the Ombudsman about each council, West Midlands</h3>' in page
    assert "/v1/traces" not in page


def test_the_uphold_rate_is_of_what_was_investigated_and_complaints_have_their_rates(
    api: Api, councils: dict[str, str]
) -> None:
    key = api.of("BIR")
    for number, category in enumerate(("upheld", "upheld", "not_upheld", "closed_after_initial_enquiries")):
        body = {"ombudsman_reference": f"26 {number}", "received_on": "2026-11-20"}
        api.ask("POST", "/v1/ombudsman/enquiries", json=body, key=key)
        decided = {"decided_on": "2026-11-20", "category": category}
        api.ask("POST", f"/v1/ombudsman/enquiries/26 {number}/decision", json=decided, key=key)
    complaint = {
        "channel": "email",
        "pathway": "adult_social_care",
        "service_area": "other",
        "concerns": [{"category": "communication"}],
        "complainant": {"name": "A"},
    }
    for _ in range(3):
        assert api.ask("POST", "/v1/complaints", json=complaint, key=key).status_code == 201
    figure = {"name": "population", "year": "2026-27", "unit": "people", "source": "ONS mid-year estimate"}
    for subject, value in (("Another Council", 5), ("BIR", 600_000)):
        answer = api.ask("PUT", "/v1/reference-figures", json={**figure, "subject": subject, "value": value}, key=key)
        assert answer.status_code in (200, 201), answer.text
    told = api.ask("GET", "/v1/reports/regional/2026-27", key=region_key(api)).json()
    cells = {(t["name"], r["row"], r["column"]): r for t in told["tables"] for r in t["rows"]}
    name = authority("BIR").name
    upheld = cells["upheld by the ombudsman, West Midlands", name, "upheld"]
    assert (upheld["numerator"], upheld["denominator"]) == (2, 3)
    assert cells["complaints, West Midlands", name, "received"]["value"] == 3
    assert cells["complaints, West Midlands", name, "per 100,000 residents"]["value"] == 0.5
    assert (name, "per 1,000 adults in long-term support") not in {(row, column) for _, row, column in cells}


def test_a_regions_key_reads_its_regions_report_and_nothing_else(api: Api, councils: dict[str, str]) -> None:
    enquire(api, "COV", 1)
    for path in ("/v1/cases", "/v1/reports/annual/2026-27", "/v1/ombudsman/enquiries", "/v1/pathways"):
        assert api.ask("GET", path, key=region_key(api)).status_code == 403
    assert api.ask("POST", "/v1/complaints", json={}, key=region_key(api)).status_code == 403
    elsewhere = api.ask("GET", "/v1/reports/regional/2026-27", key=region_key(api, "Yorkshire")).json()
    assert elsewhere["authorities"] == []
    assert "Coventry" not in str(elsewhere)
    with pytest.raises(ValueError, match="of no authority"):
        api.register.access.create("", "x", ("cases:read",), None, region="West Midlands")
    with pytest.raises(ValueError, match="of no authority"):
        api.register.access.create("COV", "x", ("reports:regional",), None, region="West Midlands")


def test_an_authority_may_read_its_own_regions_report_if_it_has_the_scope(api: Api, councils: dict[str, str]) -> None:
    enquire(api, "COV", 1)
    assert api.get("/v1/reports/regional/2026-27")["region"] == "West Midlands"
    assert api.ask("GET", "/v1/reports/regional/2026-27", key=api.key("reports:read")).status_code == 403
    alone = api.ask("GET", "/v1/reports/regional/2026-27", key=api.of("XYZ"))
    assert (alone.status_code, alone.json()["errors"][0]["rule"]) == (422, "no_region")
