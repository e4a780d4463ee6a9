"""Conformance and policy replays as a council asks for them, over HTTP and on the command line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from services import cli
from tests.http.conftest import Api

CORPORATE = {"pathway": "corporate", "service_area": "older_people", "channel": "letter"}


def answered(api: Api, reference: str, sent_on: str, by: str = "staff-1") -> None:
    decided = {"decided_on": sent_on, "outcome": "upheld", "decided_by": by}
    api.post(f"/v1/cases/{reference}/decision", **decided, findings=[{"concern": 1, "outcome": "upheld"}])
    api.post(f"/v1/cases/{reference}/response", sent_on=sent_on, signed_by="staff-2", ombudsman_right_given=True)


@pytest.fixture
def year(api: Api) -> list[str]:
    """Three corporate complaints of 2026-27: in time, late with stage 2 decided by the same person, and running."""
    found = []
    for day in ("2026-09-01", "2026-10-01", "2026-11-10"):
        api.clock.turn(day)
        found.append(api.complaint(**CORPORATE))
        api.post(
            f"/v1/cases/{found[-1]}/acknowledgement", acknowledged_on=day, method="letter", discussion_offered=True
        )
    api.clock.turn("2026-11-20")
    answered(api, found[0], "2026-09-15")
    answered(api, found[1], "2026-10-16")
    api.post(f"/v1/cases/{found[1]}/escalation", requested_on="2026-10-20")
    answered(api, found[1], "2026-11-02")
    return found


def test_each_case_has_its_checks_and_the_year_their_sums(api: Api, year: list[str]) -> None:
    told = api.get("/v1/conformance")
    assert (told["year"], told["pathway"], told["on"], told["cases"]) == ("2026-27", "corporate", "2026-11-20", 3)
    assert [item["reference"] for item in told["items"]] == year[::-1]
    late = {check["rule"]: check for check in told["items"][1]["checks"]}
    assert late["code.stage_1"] == {
        "rule": "code.stage_1",
        "source": late["code.stage_1"]["source"],
        "result": "not_kept",
        "due_on": "2026-10-15",
        "done_on": "2026-10-16",
    }
    assert late["code.separate_decider"]["result"] == "not_kept"
    assert late["code.separate_decider"]["source"] == "Complaint Handling Code 6.13"
    sums = {rule["rule"]: (rule["kept"], rule["not_kept"], rule["not_yet"]) for rule in told["summary"]}
    assert sums["code.stage_1"] == (1, 1, 1)
    assert sums["code.points_answered"] == (2, 0, 0)


def test_the_cases_come_in_pages_and_the_sums_are_of_the_year(api: Api, year: list[str]) -> None:
    first = api.get("/v1/conformance", limit=2)
    second = api.get("/v1/conformance", limit=2, cursor=first["next"])
    assert [item["reference"] for item in first["items"] + second["items"]] == year[::-1]
    assert second["next"] is None
    assert first["summary"] == second["summary"]


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        ({"year": "2026"}, "bad_year"),
        ({"year": "2027-28"}, "year_not_begun"),
        ({"pathway": "parking"}, "unknown_pathway"),
        ({"cursor": "x"}, "cursor"),
    ],
)
def test_what_cannot_be_assessed_is_said(api: Api, query: dict[str, str], rule: str) -> None:
    assert api.get("/v1/conformance", 422, **query)["errors"][0]["rule"] == rule


def test_a_year_is_read_again_under_another_policy_and_nothing_is_recorded(api: Api, year: list[str]) -> None:
    head = api.head()
    told = api.ask("POST", "/v1/policy-replays", json={"year": "2026-27", "policy": "corporate@2025-04-01"}).json()
    assert (told["cases"], told["pathway"]) == (3, "corporate")
    assert told["answers"] == {"sent": 3, "in_time_then": 2, "in_time_under": 2}
    names = {deadline["name"]: deadline for deadline in told["deadlines"]}
    assert names["stage_1_backstop"]["under"] is None
    assert names["stage_1"]["then"] == {"in_time": 1, "late": 1, "running": 1}
    assert told["changes"] == []
    assert api.head() == head


def test_a_proposed_policy_shows_which_cases_would_change_sides(api: Api, year: list[str]) -> None:
    rule = {
        "id": "proposed.stage_1",
        "name": "stage_1",
        "kind": "local_standard",
        "stage": "stage_1",
        "anchor": "representation_received",
        "met_by": "response_sent",
        "value": 9,
        "unit": "working_days",
        "counting": "after_the_day",
        "source": "A proposal to the committee",
        "from": "2027-04-01",
    }
    proposed = {
        "pathway": "corporate",
        "title": "Nine days",
        "stages": ["stage_1"],
        "rag": {"amber_working_days": 3, "source": "The same"},
        "rule": [rule],
    }
    told = api.ask("POST", "/v1/policy-replays", json={"year": "2026-27", "proposed": proposed}).json()
    [change] = told["changes"]
    assert (change["reference"], change["sent_on"]) == (year[0], "2026-09-15")
    assert (change["then"]["result"], change["under"]["result"]) == ("in_time", "late")
    assert change["under"]["due"] == {"stage_1": "2026-09-14"}

    del rule["source"]
    refused = api.post("/v1/policy-replays", 422, year="2026-27", proposed=proposed)
    assert "rule proposed.stage_1: source: Field required" in refused["detail"]


@pytest.mark.parametrize("body", [{}, {"policy": "corporate", "proposed": {}}])
def test_exactly_one_policy_is_replayed(api: Api, body: dict[str, object]) -> None:
    assert api.post("/v1/policy-replays", 422, year="2026-27", **body)["errors"][0]["rule"] == "one_policy"


@pytest.fixture
def typed(api: Api, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    monkeypatch.setenv("REDRESS_HOME", str(api.home))

    def typing(*words: str) -> str:
        monkeypatch.setattr("sys.argv", ["redress", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        told = capsys.readouterr()
        return told.out if ended.value.code == 0 else told.err

    return typing


def test_the_command_line_prints_both_sides(
    api: Api, year: list[str], typed: Callable[..., str], tmp_path: Path
) -> None:
    shipped = Path(__file__).parents[2] / "shared" / "pathways" / "corporate.toml"
    changed = shipped.read_text().replace("value = 10", "value = 9").replace("value = 15", "value = 9")
    (tmp_path / "proposal.toml").write_text(changed)
    said = typed("policy", "replay", "--from", str(tmp_path / "proposal.toml"), "--year", "2026-27")
    assert "3 answers were sent: 2 in time as it was, 1 under this policy" in said
    assert f"{year[0]} stage_1, sent 2026-09-15: in_time became late" in said
    assert '"in_time_under":' in typed(
        "policy", "replay", "--from", "corporate", "--year", "2026-27", "--format", "json"
    )
    (tmp_path / "broken.toml").write_text("title = 'x'")
    assert "broken.toml" in typed("policy", "replay", "--from", str(tmp_path / "broken.toml"), "--year", "2026-27")
