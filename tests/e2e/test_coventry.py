"""The published figures, asked of a running server as anyone would ask it."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache

import httpx
import pytest

from services.sample.coventry import Published, published
from tests.e2e.deployment import Server

Figures = dict[tuple[str, str, str], Decimal]


@pytest.fixture(scope="module")
def client(coventry: Server) -> Iterator[httpx.Client]:
    with coventry.client() as client:
        yield client


@pytest.fixture(scope="module")
def reports(client: httpx.Client) -> "Reports":
    return Reports(client)


class Reports:
    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.as_json = cache(self._as_json)
        self.as_csv = cache(self._as_csv)

    def _as_json(self, year: str, as_at: date) -> Figures:
        body = self.client.get(f"/v1/reports/annual/{year}", params={"as_at": as_at.isoformat()}).raise_for_status()
        return {
            (table["name"], row["row"], row["column"]): Decimal(str(row["value"]))
            for table in body.json()["tables"]
            for row in table["rows"]
            if row["value"] is not None
        }

    def _as_csv(self, year: str, as_at: date) -> Figures:
        asked = {"as_at": as_at.isoformat(), "format": "csv"}
        text = self.client.get(f"/v1/reports/annual/{year}", params=asked).raise_for_status().text
        rows = csv.DictReader(io.StringIO(text))
        return {(row["table"], row["row"], row["column"]): Decimal(row["value"]) for row in rows if row["value"]}


def test_every_printed_figure_that_holds_comes_out_in_json_and_csv_alike(reports: Reports) -> None:
    def place(figure: Published) -> tuple[str, str, str]:
        return figure.table, figure.row, figure.column

    held = [figure for figure in published() if figure.holds]
    wrong = [
        figure
        for figure in held
        if reports.as_json(figure.year, figure.as_at).get(place(figure)) != figure.value
        or reports.as_csv(figure.year, figure.as_at).get(place(figure)) != figure.value
    ]

    assert len(held) == 332
    assert wrong == []


def test_the_23_that_contradict_themselves_stand_beside_what_the_register_says(coventry: Server) -> None:
    printed = coventry.deployment.done("sample", "coventry", "--check").splitlines()

    assert len([line for line in printed if "does not hold" in line]) == 23
    assert [line for line in printed if "DIFFERS" in line] == []
    assert printed[-1].startswith("332 of 332 figures that hold come out of the register")


def test_the_statutory_return_of_2023_24_is_the_one_that_was_published(client: httpx.Client) -> None:
    """SI 2009/309 reg 18(1)(a)-(c): received, well-founded, referred to the Ombudsman."""
    body = client.get("/v1/reports/statutory/2023-24", params={"as_at": "2024-11-12"}).json()

    assert (body["received"], body["well_founded"], body["referred_to_ombudsman"]) == (59, 29, 10)


def test_the_restatement_of_2022_23_names_the_two_cases_that_made_the_difference(client: httpx.Client) -> None:
    changes = _restated(client, "2022-23", "2023-04-14", "2025-03-31")
    within = changes["response times", "within 20 working days"]

    assert (within["before"], within["after"]) == (43, 41)
    assert len(within["cases"]) == 2
    assert {case["what"] for case in within["cases"]} == {"case_withdrawn"}


def test_the_restatement_of_2023_24_names_the_thirteen_informal_complaints(client: httpx.Client) -> None:
    changes = _restated(client, "2023-24", "2024-11-12", "2025-03-31")
    informal = changes["complaints by type", "informal"]

    assert (informal["before"], informal["after"]) == (8, 21)
    assert len({case["reference"] for case in informal["cases"]}) == 13
    assert all(case["recorded_at"] > "2024-11-13" for case in informal["cases"])


def _restated(client: httpx.Client, year: str, earlier: str, later: str) -> dict[tuple[str, str], dict[str, object]]:
    asked = {"from": earlier, "to": later}
    body = client.get(f"/v1/reports/annual/{year}/restatement", params=asked).raise_for_status().json()
    return {(change["table"], change["row"]): change for change in body["changes"]}


@pytest.mark.parametrize("year", ["2022-23", "2023-24", "2024-25"])
def test_every_table_of_every_year_balances(client: httpx.Client, year: str) -> None:
    tables = client.get(f"/v1/reports/annual/{year}", params={"as_at": "2025-03-31"}).json()["tables"]

    assert [table["name"] for table in tables if not table["balanced"]] == []


def test_the_trace_of_a_figure_lists_cases_that_add_up_to_it(client: httpx.Client) -> None:
    tables = client.get("/v1/reports/annual/2023-24", params={"as_at": "2024-11-12"}).json()["tables"]
    outcomes = next(table for table in tables if table["name"] == "statutory outcomes")
    for row in outcomes["rows"]:
        trace = client.get(row["trace"]).raise_for_status().json()

        assert trace["value"] == row["value"]
        assert sum(case["contribution"] for case in trace["cases"]) == row["value"]
