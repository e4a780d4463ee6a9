"""The figures that Coventry published, through the public API of a running server: each as at its report's day."""

import csv
import itertools
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from services.sample.coventry import Published, published
from tests.e2e.commands import Sample, found
from tests.ods import Book

REPORTS = sorted({(figure.year, str(figure.as_at)) for figure in published()})
Place = tuple[str, str, str]

CONTRADICTED: dict[tuple[str, Place], tuple[str, str]] = {
    ("2022-23", ("stage 1 timescale", "still open", "complaints")): ("0", "2"),
    **{
        ("2023-24", ("complaints and compliments by month", month, "complaints")): (printed, counted)
        for month, printed, counted in [
            ("April", "5", "5"),
            ("May", "4", "4"),
            ("June", "1", "1"),
            ("July", "9", "8"),
            ("August", "5", "5"),
            ("September", "6", "6"),
            ("October", "4", "4"),
            ("November", "5", "5"),
            ("December", "2", "2"),
            ("January", "8", "8"),
            ("February", "6", "6"),
            ("March", "5", "5"),
        ]
    },
    ("2023-24", ("equality: disability", "disabled", "complaints")): ("16", "16"),
    ("2023-24", ("equality: disability", "not disabled", "complaints")): ("28", "28"),
    ("2023-24", ("equality: disability", "not available", "complaints")): ("12", "15"),
    ("2022-23", ("ombudsman cases", "new", "cases")): ("8", "7"),
    ("2022-23", ("ombudsman cases", "decided", "cases")): ("9", "5"),
    ("2022-23", ("ombudsman cases", "upheld", "cases")): ("4", "3"),
    ("2022-23", ("ombudsman cases", "not upheld", "cases")): ("1", "0"),
    ("2022-23", ("ombudsman cases", "closed after initial enquiries", "cases")): ("2", "1"),
    ("2022-23", ("ombudsman cases", "advice given", "cases")): ("1", "0"),
    ("2022-23", ("ombudsman cases", "premature, referred back for local resolution", "cases")): ("1", "1"),
}
"""What was printed that the same report contradicts elsewhere, and what the register says."""


@pytest.fixture(scope="module")
def coventry(sample: Sample) -> Iterator[httpx.Client]:
    """Asks a server that holds the sample."""
    with sample.server.client(sample.key) as client:
        yield client


@pytest.fixture(scope="module")
def report(coventry: httpx.Client) -> Any:
    """The annual report of a year as at a day, asked for once."""
    return cache(lambda year, as_at: found(coventry.get(f"/v1/reports/annual/{year}?as_at={as_at}")))


def cells(report: dict[str, Any]) -> dict[Place, Decimal]:
    figures = [(table["name"], figure) for table in report["tables"] for figure in table["rows"]]
    places = {(name, figure["row"], figure["column"]): figure["value"] for name, figure in figures}
    assert len(places) == len(figures)
    return {place: Decimal(str(value)) for place, value in places.items() if value is not None}


def place(figure: Published) -> Place:
    return figure.table, figure.row, figure.column


def test_the_file_of_what_was_published_is_whole() -> None:
    assert (len(published()), sum(figure.holds for figure in published())) == (355, 332)


@pytest.mark.parametrize(("year", "as_at"), REPORTS)
def test_every_figure_that_holds_comes_out_as_it_was_printed(report: Any, year: str, as_at: str) -> None:
    told = report(year, as_at)
    assert (told["year"], told["as_at"]) == (year, as_at)
    printed = {place(f): f.value for f in published() if (f.year, str(f.as_at)) == (year, as_at) and f.holds}
    assert printed
    counted = cells(told)
    assert {where: counted.get(where) for where in printed} == printed


@pytest.mark.parametrize(("year", "as_at"), REPORTS)
def test_json_csv_and_the_spreadsheet_say_the_same(report: Any, coventry: httpx.Client, year: str, as_at: str) -> None:
    told = report(year, as_at)
    made = {form: coventry.get(f"/v1/reports/annual/{year}?as_at={as_at}&format={form}") for form in ("csv", "ods")}
    lines = csv.DictReader(made["csv"].text.splitlines())
    rows = [((row["table"], row["row"], row["column"]), row["value"]) for row in lines]
    assert len(rows) == sum(len(table["rows"]) for table in told["tables"])
    counted = cells(told)
    assert {where: Decimal(value) for where, value in rows if value} == counted
    assert Book(made["ods"].content).values() == counted
    published_there = {place(f) for f in published() if (f.year, str(f.as_at)) == (year, as_at) and f.holds}
    assert published_there <= counted.keys()


def test_what_contradicts_itself_in_print_stands_beside_what_the_register_says(report: Any) -> None:
    beside = {
        (figure.year, place(figure)): (
            str(figure.value),
            str(cells(report(figure.year, str(figure.as_at)))[place(figure)]),
        )
        for figure in published()
        if not figure.holds
    }
    assert len(beside) == 23
    assert beside == CONTRADICTED


@pytest.mark.parametrize(("year", "as_at"), REPORTS)
def test_every_table_of_every_report_balances(report: Any, year: str, as_at: str) -> None:
    tables = report(year, as_at)["tables"]
    assert len(tables) > 20
    assert [table["name"] for table in tables if not table["balanced"]] == []


def test_the_statutory_return_and_the_annual_report_agree(coventry: httpx.Client, report: Any) -> None:
    for year, as_at in REPORTS:
        returned = found(coventry.get(f"/v1/reports/statutory/{year}?as_at={as_at}"))
        counted = cells(report(year, as_at))
        well_founded = sum(
            counted[("statutory outcomes", outcome, "complaints")] for outcome in ("upheld", "partially upheld")
        )
        assert returned["received"] == counted[("complaints by type", "statutory", "complaints")]
        assert returned["well_founded"] == well_founded
        assert returned["position"] == report(year, as_at)["position"]


def beside(figure: dict[str, Any]) -> str | None:
    """The table of three years that a figure is in."""
    (table,) = parse_qs(urlsplit(figure["trace"]).query)["table"]
    return table if table.endswith(", three years") else None


def test_the_trace_of_a_figure_adds_up_to_it(coventry: httpx.Client, report: Any) -> None:
    """Of every figure of the year itself, and where years stand side by side of one in each column of a table."""
    figures = [figure for table in report("2023-24", "2024-11-12")["tables"] for figure in table["rows"]]
    told = [figure for figure in figures if figure["numerator"]]
    own = [figure for figure in told if not beside(figure)]
    compared = {(beside(figure), figure["column"]): figure for figure in told if beside(figure)}
    assert (len(own) > 150, len(compared) > 50) == (True, True)
    for figure in (*own, *compared.values()):
        trace = found(coventry.get(figure["trace"]))
        assert (trace["value"], trace["numerator"]) == (figure["value"], figure["numerator"])
        assert sum(case["contribution"] for case in trace["cases"]) == figure["numerator"]
        if figure["denominator"] is not None:
            assert sum(case["contribution"] for case in trace["denominator_cases"]) == figure["denominator"]


def restated(coventry: httpx.Client, year: str, since: str, until: str) -> tuple[list[Any], list[str], list[str]]:
    """The changes, the cases that they name, and the enquiries."""
    changes = found(coventry.get(f"/v1/reports/annual/{year}/restatement?from={since}&to={until}"))["changes"]
    named = sorted({case["reference"] for change in changes for case in change["cases"]})
    assert all(change["cases"] and change["before"] != change["after"] for change in changes)
    return changes, *([r for r in named if r.startswith("COV-") is ours] for ours in (True, False))


def test_the_restatement_of_2022_23_names_two_cases(coventry: httpx.Client) -> None:
    changes, cases, enquiries = restated(coventry, "2022-23", "2023-04-14", "2025-03-31")
    assert cases == ["COV-2023-000073", "COV-2023-000084"]
    assert enquiries == ["22 003 418", "22 013 327", "22 014 906"]  # the first: its refund was paid in between
    by_case = [change for change in changes if any(case["reference"] in cases for case in change["cases"])]
    assert {change["table"] for change in by_case} >= {"statutory outcomes", "stage 1 timescale"}


def test_the_restatement_of_2023_24_names_thirteen_cases(coventry: httpx.Client) -> None:
    _, cases, enquiries = restated(coventry, "2023-24", "2024-11-12", "2025-03-31")
    added = [*range(264, 275)]
    assert cases == [*(f"COV-2023-000{n}" for n in added), "COV-2024-000318", "COV-2024-000319"]
    assert len(cases) == 13
    assert enquiries == ["23 013 905"]


def test_a_restatement_between_two_days_is_the_difference_of_their_reports(coventry: httpx.Client, report: Any) -> None:
    for (year, since), (other, until) in itertools.pairwise(REPORTS):
        if year == other:
            before, after = cells(report(year, since)), cells(report(year, until))
            differing = {where for where in before.keys() | after.keys() if before.get(where) != after.get(where)}
            changes, _, _ = restated(coventry, year, since, until)
            assert {(change["table"], change["row"], change["column"]) for change in changes} == differing
            assert restated(coventry, year, since, since)[0] == []


def test_the_sample_checks_itself(sample: Sample) -> None:
    told = sample.deployment.run("sample", "coventry", "--check").stdout
    assert told.splitlines()[-1].startswith("332 of 332 figures that hold come out of the register; the other 23")


@pytest.mark.parametrize(
    ("year", "as_at", "figures"),
    [
        (
            "2023-24",
            "2024-11-12",
            {
                ("ombudsman performance", "received", "cases"): (10, 10, None),
                ("ombudsman performance", "decided", "cases"): (9, 9, None),
                ("ombudsman performance", "upheld", "cases"): (2, 2, 9),
                ("ombudsman performance", "incomplete or invalid", "cases"): (1, 1, 9),
                ("ombudsman performance", "closed after initial enquiries", "cases"): (3, 3, 9),
                ("ombudsman performance", "premature, referred back for local resolution", "cases"): (3, 3, 9),
                ("ombudsman performance", "uphold rate", "per cent"): (100, 2, 2),
                ("ombudsman cases", "new", "cases"): (10, 10, None),
                ("ombudsman cases", "decided", "cases"): (9, 9, None),
            },
        ),
        (
            "2024-25",
            "2025-03-31",
            {
                ("ombudsman performance", "received", "cases"): (10, 10, None),
                ("ombudsman performance", "upheld", "cases"): (4, 4, 11),
                ("ombudsman performance", "uphold rate", "per cent"): (67, 4, 6),
                ("ombudsman cases", "escalated", "cases"): (10, 10, None),
                ("ombudsman cases", "under investigation at period end", "cases"): (2, 2, None),
                ("ombudsman remedies", "total", "required"): (3, 3, None),
                ("ombudsman remedies", "total", "done"): (3, 3, None),
                ("ombudsman remedies", "financial remedies", "pounds"): (1250, 125_000, None),
                ("ombudsman financial remedies", "paid", "pounds"): (1250, 125_000, None),
            },
        ),
    ],
)
def test_the_ombudsmans_enquiries_come_out_with_what_they_are_divided_by(
    report: Any, year: str, as_at: str, figures: dict[Place, tuple[int, int, int | None]]
) -> None:
    counted = {
        (table["name"], figure["row"], figure["column"]): (
            figure["value"],
            figure["numerator"],
            figure["denominator"],
        )
        for table in report(year, as_at)["tables"]
        for figure in table["rows"]
    }
    assert {place: counted[place] for place in figures} == figures
