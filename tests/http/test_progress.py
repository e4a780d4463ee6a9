"""The progress list and the quarterly report over HTTP."""

import csv
from typing import Any

import pytest

from tests.http.conftest import Api
from tests.http.test_restrictions import Someone, restrict
from tests.ods import Book

TODAY = "2026-11-20"
PROGRESS, QUARTER = "/v1/reports/progress", "/v1/reports/quarterly/2026-27/3"


def figures(report: Any, table: str) -> dict[tuple[str, str], Any]:
    (found,) = (one for one in report["tables"] if one["name"] == table)
    assert found["balanced"]
    return {(row["row"], row["column"]): row["value"] for row in found["rows"]}


def begun(api: Api, day: str, pathway: str, **different: Any) -> str:
    return api.complaint(received_at=f"{day}T12:00:00Z", pathway=pathway, **different)


@pytest.fixture
def cases(api: Api) -> dict[str, str]:
    """Open cases in every colour, one that stands still, and some that are open no more."""
    found = {
        "acknowledge today": begun(api, "2026-11-17", "corporate"),
        "acknowledged late": begun(api, "2026-11-02", "children"),
        "near": begun(api, "2026-10-26", "adult_social_care"),
        "far": begun(api, "2026-11-18", "adult_social_care"),
        "still": begun(api, "2026-11-03", "children"),
        "answered": begun(api, "2026-10-26", "corporate"),
        "withdrawn": begun(api, "2026-11-10", "corporate"),
        "extended": begun(api, "2026-10-28", "corporate", service_area="mental_health"),
        "fallen due": begun(api, "2026-10-15", "adult_social_care"),
    }
    for name in ("near", "far", "still", "answered", "extended", "acknowledged late", "fallen due"):
        days = {"acknowledged late": "2026-11-16", "far": "2026-11-19"}
        on = days.get(name, "2026-11-04")
        done = {"acknowledged_on": on, "method": "email", "discussion_offered": True}
        api.post(f"/v1/cases/{found[name]}/acknowledgement", **done)
    api.post(f"/v1/cases/{found['still']}/pause", paused_on="2026-11-06", reason="advocate_awaited")
    decision = {"decided_on": "2026-11-09", "outcome": "upheld", "decided_by": "staff-1"}
    api.post(f"/v1/cases/{found['answered']}/decision", **decision, findings=[{"concern": 1, "outcome": "upheld"}])
    sent = {"sent_on": "2026-11-09", "signed_by": "staff-2", "ombudsman_right_given": True}
    api.post(f"/v1/cases/{found['answered']}/response", **sent)
    api.post(f"/v1/cases/{found['withdrawn']}/withdrawal", withdrawn_on="2026-11-11")
    extension = {"new_due_on": "2026-11-27", "extended_on": "2026-11-16", "reason": "complexity"}
    api.post(f"/v1/cases/{found['extended']}/extension", **extension, agreed_with_complainant=True)
    assigned = {"officer": "staff-7", "assigned_on": "2026-11-05", "role": "investigating_officer"}
    api.post(f"/v1/cases/{found['near']}/assignment", **assigned)
    return found


def test_the_list_says_of_every_open_case_what_the_case_list_says(api: Api, cases: dict[str, str]) -> None:
    listed = {row["reference"]: row for row in api.get(PROGRESS)["cases"]}
    open_cases = {row["reference"]: row for row in api.get("/v1/cases", status="open", limit=100)["items"]}
    same = ("stage", "pathway", "service_area", "officer", "received_on", "next_deadline", "next_due_on", "rag")
    assert {ref: [row[name] for name in same] for ref, row in listed.items()} == {
        ref: [row[name] for name in same] for ref, row in open_cases.items()
    }
    assert listed.keys() == {cases[name] for name in cases} - {cases["answered"], cases["withdrawn"]}
    assert {row["rag"] for row in listed.values()} == {"red", "amber", "green", None}


def test_a_line_says_how_many_working_days_are_left_or_over(api: Api, cases: dict[str, str]) -> None:
    lines = {row["reference"]: row for row in api.get(PROGRESS)["cases"]}
    due = {name: lines[cases[name]] for name in cases if cases[name] in lines}
    assert (due["acknowledge today"]["next_due_on"], due["acknowledge today"]["working_days_left"]) == (TODAY, 0)
    assert (due["acknowledged late"]["next_due_on"], due["acknowledged late"]["working_days_left"]) == (
        "2026-11-16",
        -4,
    )
    assert (due["near"]["next_due_on"], due["near"]["working_days_left"]) == ("2026-11-23", 1)
    assert (due["still"]["next_due_on"], due["still"]["working_days_left"]) == (None, None)
    assert (due["extended"]["delay_reason"], due["near"]["officer"]) == ("complexity", "staff-7")


def test_what_fell_due_since_last_week_is_listed_met_or_not(api: Api, cases: dict[str, str]) -> None:
    found = {(row["reference"], row["deadline"]): row for row in api.get(PROGRESS)["fell_due"]}
    assert found.keys() == {
        (cases["acknowledged late"], "stage_1"),
        (cases["answered"], "stage_1"),
        (cases["answered"], "stage_1_backstop"),
    }
    late = found[cases["acknowledged late"], "stage_1"]
    assert (late["due_on"], late["met_on"], late["standing"]) == ("2026-11-16", None, "running, overdue")
    met = found[cases["answered"], "stage_1_backstop"]
    assert (met["due_on"], met["met_on"], met["standing"]) == ("2026-11-16", "2026-11-09", "within time")


def test_counts_are_those_of_the_lines(api: Api, cases: dict[str, str]) -> None:
    report = api.get(PROGRESS)
    colours = figures(report, "open complaints by colour")
    for colour in ("red", "amber", "green"):
        assert colours[colour, "complaints"] == sum(row["rag"] == colour for row in report["cases"])
    assert colours["total", "complaints"] == len(report["cases"])
    assert figures(report, "fell due since last week")["total", "deadlines"] == len(report["fell_due"])
    assert figures(report, "delay reasons")["complexity of the complaint", "times given"] == 1


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"officer": "staff-7"}, {"near"}),
        ({"pathway": "children"}, {"acknowledged late", "still"}),
        ({"service_area": "mental_health"}, {"extended"}),
        ({"officer": "nobody"}, set()),
    ],
)
def test_the_list_is_narrowed(api: Api, cases: dict[str, str], query: dict[str, str], names: set[str]) -> None:
    report = api.get(PROGRESS, **query)
    assert {row["reference"] for row in report["cases"]} == {cases[name] for name in names}
    assert figures(report, "open complaints by colour")["total", "complaints"] == len(names)
    delays = figures(report, "delay reasons")["total", "times given"]
    assert delays == int("extended" in names)


def test_a_case_kept_from_the_reader_is_counted_and_not_listed(api: Api, cases: dict[str, str]) -> None:
    named, other = (Someone(api, api.key("reports:read", "cases:read", "cases:write")) for _ in range(2))
    hidden = cases["acknowledged late"]
    restrict(named, hidden, named.actor)
    assert hidden in {row["reference"] for row in named.gets(PROGRESS)["cases"]}
    told = other.gets(PROGRESS)
    assert hidden not in str(told)
    assert figures(told, "open complaints by colour") == figures(named.gets(PROGRESS), "open complaints by colour")
    assert hidden not in other.ask("GET", f"{PROGRESS}?format=csv").text


def test_the_csv_holds_the_lists_after_the_counts(api: Api, cases: dict[str, str]) -> None:
    answer = api.ask("GET", PROGRESS, headers={"Accept": "text/csv"})
    assert 'filename="progress-2026-11-20.csv"' in answer.headers["content-disposition"]
    lines = list(csv.reader(answer.text.splitlines()))
    begins = lines.index(["open complaints"])
    assert lines[begins - 1] == []
    assert lines[begins + 1][:3] == ["reference", "stage", "pathway"]
    assert {line[0] for line in lines[begins + 2 : lines.index(["fell due since last week"]) - 1]} == {
        row["reference"] for row in api.get(PROGRESS)["cases"]
    }


def test_the_page_and_the_spreadsheet_say_in_words_what_json_says_in_codes(api: Api, cases: dict[str, str]) -> None:
    page = api.ask("GET", f"{PROGRESS}?format=html").text
    for said in ("Week to 20 November 2026", "Stage 1", "4 over", "1 left", "due today", "Complexity of the complaint"):
        assert said in page
    words = Book(api.ask("GET", f"{PROGRESS}?format=ods").content)
    headings, *rows = words.table("List_1")
    assert headings[:4] == ["Reference", "RAG", "Working days", "Next deadline"]
    found = {row[0]: row[1:4] for row in rows}
    assert found[cases["acknowledged late"]] == ["Red", "4 over", "Stage 1 answer"]
    assert found[cases["acknowledge today"]] == ["Amber", "due today", "Local acknowledgement"]
    assert "stage_1" in {row["stage"] for row in api.get(PROGRESS)["cases"]}
    assert "stage_1" not in page


def test_before_the_log_there_is_nothing_and_of_tomorrow_nothing_is_known(api: Api, cases: dict[str, str]) -> None:
    report = api.get(PROGRESS, as_at="2026-11-19")
    assert (report["position"], report["cases"], report["fell_due"]) == (0, [], [])
    assert set(figures(report, "open complaints by colour").values()) == {0}
    assert api.get(PROGRESS, 422, as_at="2026-11-21")["errors"][0]["field"] == "as_at"
    assert api.get(PROGRESS, 422, pathway="elsewhere")["errors"][0]["field"] == "pathway"


# --- the quarter ----------------------------------------------------------------------------------------------------


def test_a_quarter_stands_beside_the_four_before_it(api: Api, cases: dict[str, str]) -> None:
    report = api.get(QUARTER)
    assert (report["year"], report["quarter"], report["as_at"]) == ("2026-27", 3, TODAY)
    received = figures(report, "complaints by type")
    labels = ["2025-26 Q3", "2025-26 Q4", "2026-27 Q1", "2026-27 Q2", "2026-27 Q3"]
    assert [received["statutory", label] for label in labels] == [None, None, None, None, 3]
    assert all(table["balanced"] for table in report["tables"])


def test_a_figure_of_a_quarter_links_to_its_trace(api: Api, cases: dict[str, str]) -> None:
    (table,) = (one for one in api.get(QUARTER)["tables"] if one["name"] == "complaints by type")
    (figure,) = (r for r in table["rows"] if (r["row"], r["column"]) == ("statutory", "2026-27 Q3"))
    traced = api.ask("GET", figure["trace"]).json()
    assert (traced["report"], traced["year"], traced["quarter"]) == ("quarterly", "2026-27", 3)
    assert {case["reference"] for case in traced["cases"]} == {cases["near"], cases["far"], cases["fallen due"]}
    assert traced["basis"] == "received in the quarter"


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/v1/reports/quarterly/2026-27/5", "quarter"),
        ("/v1/reports/quarterly/2026-27/0", "quarter"),
        ("/v1/reports/quarterly/2026-27/4", "quarter"),
        ("/v1/reports/quarterly/2026-28/1", "year"),
        ("/v1/reports/quarterly/2026-27/3?as_at=2026-11-21", "as_at"),
        ("/v1/traces?report=quarterly&year=2026-27&table=t&row=r&column=c", "quarter"),
        ("/v1/traces?report=annual&year=2026-27&quarter=1&table=t&row=r&column=c", "quarter"),
    ],
)
def test_a_quarter_that_is_none_or_has_not_begun_is_refused_by_name(api: Api, path: str, field: str) -> None:
    answer = api.ask("GET", path)
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [field])


def test_an_authority_without_cases_has_zeros(api: Api) -> None:
    for path in (QUARTER, PROGRESS):
        report = api.ask("GET", path, key=api.of("XYZ")).json()
        values = {row["value"] for table in report["tables"] for row in table["rows"]}
        assert values <= {0, None}
