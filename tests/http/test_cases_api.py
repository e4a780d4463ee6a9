"""The cases service as its callers see it: every command once, versions, lists, days, history, personal data."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from shared.personal_data import personal_data_reads
from tests.http.conftest import COMPLAINT, Api
from tests.http.described import routes

DAY = "2026-11-20"
Step = tuple[str, dict[str, Any], str]

DECISION = {"decided_by": "staff-1", "findings": [{"concern": 1, "outcome": "upheld"}], "outcome": "upheld"}
RESPONSE = {"signed_by": "staff-2", "ombudsman_right_given": True}

SOCIAL_CARE: list[Step] = [
    ("routing", {"pathway": "corporate", "reason": "wrongly_routed"}, "received"),
    ("routing", {"pathway": "adult_social_care"}, "received"),
    ("assignment", {"officer": "staff-1"}, "received"),
    ("acknowledgement", {"acknowledged_on": DAY, "method": "letter", "discussion_offered": True}, "acknowledged"),
    ("response-period", {"due_on": "2026-12-18", "agreed": True}, "acknowledged"),
    ("provider-contact", {"provider": "Example Home Care", "consent": True}, "acknowledged"),
    ("provider-contact", {"provider": "Example Home Care", "responded_on": DAY}, "acknowledged"),
    ("progress", {"told_on": DAY, "method": "phone"}, "acknowledged"),
    (
        "extension",
        {"new_due_on": "2027-01-15", "reason": "complexity", "agreed_with_complainant": True},
        "acknowledged",
    ),
    ("lateness-notice", {"notified_on": DAY, "delay_reason": "complexity"}, "acknowledged"),
    ("characteristics", {"sex": "female", "age_band": "65_74"}, "acknowledged"),
    ("flags", {"flags": ["safe_contact", "safeguarding"]}, "acknowledged"),
    ("links", {"reference": "COV-2026-000001", "relation": "related"}, "acknowledged"),
    ("decision", {"decided_on": DAY, **DECISION}, "decided"),
    ("response", {"sent_on": DAY, **RESPONSE}, "responded"),
    ("remedies", {"type": "financial", "agreed_on": DAY, "amount_pence": 25000, "due_on": "2026-12-20"}, "responded"),
    ("remedies/1/completion", {"completed_on": DAY}, "responded"),
    ("learning", {"lesson": "Calls were not logged.", "action": "Log each call.", "owner": "staff-4"}, "responded"),
    ("learning/1/completion", {"completed_on": DAY}, "responded"),
    ("correction", {"field": "channel", "value": "phone", "reason": "audit"}, "responded"),
    ("correction", {"field": "complainant.email", "value": "a@example.org", "reason": "audit"}, "responded"),
    ("legal-hold", {"action": "place", "reason": "litigation"}, "responded"),
    ("legal-hold", {"action": "lift"}, "responded"),
    ("closure", {"closed_on": DAY}, "closed"),
    ("erasure", {"ground": "malicious_allegation", "party": "complainant"}, "closed"),
    ("reopening", {"reopened_on": DAY, "reason": "new_evidence"}, "reopened"),
    ("withdrawal", {"withdrawn_on": DAY, "reason": "no_longer_pursued"}, "withdrawn"),
]
TWO_STAGES: list[Step] = [
    ("routing", {"pathway": "corporate"}, "received"),
    ("decision", {"decided_on": DAY, **DECISION}, "decided"),
    ("response", {"sent_on": DAY, **RESPONSE}, "responded"),
    ("escalation", {"requested_on": DAY}, "escalated"),
    ("decision", {"decided_on": DAY, **DECISION}, "decided"),
    ("response", {"sent_on": DAY, **RESPONSE}, "responded"),
]
THREE_STAGES: list[Step] = [
    ("routing", {"pathway": "children"}, "received"),
    ("pause", {"reason": "advocate_awaited", "paused_on": DAY}, "received"),
    ("resumption", {"resumed_on": DAY}, "received"),
    ("decision", {"decided_on": DAY, **DECISION}, "decided"),
    ("response", {"sent_on": DAY, **RESPONSE}, "responded"),
    ("escalation", {"requested_on": DAY}, "escalated"),
    ("statement", {"agreed_on": DAY}, "escalated"),
    ("decision", {"decided_on": DAY, **DECISION}, "decided"),
    ("response", {"sent_on": DAY, **RESPONSE}, "responded"),
    ("escalation", {"requested_on": DAY}, "escalated"),
    ("panel", {"held_on": DAY}, "escalated"),
    ("panel-report", {"reported_on": DAY}, "escalated"),
    ("decision", {"decided_on": DAY, **DECISION}, "decided"),
    ("response", {"sent_on": DAY, **RESPONSE}, "responded"),
]
ENDINGS: list[Step] = [
    ("refusal", {"refused_on": DAY, "ground": "investigated_before", "notified_on": DAY}, "refused"),
    ("informal-resolution", {"resolved_on": DAY, "satisfied": True}, "resolved_informally"),
    ("transfer", {"transferred_on": DAY, "to": "Example NHS Trust"}, "transferred"),
    ("withdrawal", {"withdrawn_on": DAY}, "withdrawn"),
]
LIVES = [SOCIAL_CARE, TWO_STAGES, THREE_STAGES, *([ending] for ending in ENDINGS)]


@pytest.mark.parametrize("life", LIVES, ids=lambda life: f"{life[-1][0]}-{len(life)}")
def test_a_life_over_http(api: Api, life: list[Step]) -> None:
    api.complaint()
    path, version = f"/v1/cases/{api.complaint()}", 2
    for command, body, status in life:
        answer = api.ask("POST", f"{path}/{command}", json=body, headers={"If-Match": f'"{version}"'})
        case = answer.json()
        assert (command, answer.status_code) == (command, 201), answer.text
        assert (command, case["status"], case["version"]) == (command, status, version + 1)
        assert answer.headers["etag"] == f'"{version + 1}"'
        shown = api.ask("GET", path)
        assert (shown.json() | {"breaches": []}) == (case | {"breaches": []})
        assert shown.headers["etag"] == answer.headers["etag"]
        version += 1
    [listed] = [item for item in api.get("/v1/cases")["items"] if path.endswith(item["reference"])]
    assert (listed["status"], listed["version"]) == (status, version)


def test_the_lives_above_go_through_every_command(api: Api) -> None:
    gone = {command.replace("/1/", "/{number}/") for life in LIVES for command, _, _ in life}
    gone.add("restriction")  # after which most is unknown to whoever goes on: it has tests of its own
    prefix = "/v1/cases/{reference}/"
    posts = [r.path for r in routes(api) if r.method == "POST" and r.path.startswith(prefix)]
    assert gone == {path.removeprefix(prefix) for path in posts}


def test_what_a_command_broke_is_told_with_its_source_and_kept(api: Api) -> None:
    reference = api.complaint()
    api.clock.turn("2026-12-07")
    late = {"acknowledged_on": "2026-12-07", "method": "letter", "discussion_offered": True}
    answer = api.post(f"/v1/cases/{reference}/acknowledgement", **late)
    [breach] = answer["breaches"]
    assert breach["source"] == "SI 2009/309 reg 13(3)"
    after = api.post(f"/v1/cases/{reference}/assignment", officer="staff-1")
    assert after["breaches"] == []
    assert api.get(f"/v1/cases/{reference}")["breaches"] == [breach]
    [deadline] = [d for d in after["deadlines"] if d["name"] == "acknowledgement"]
    assert (deadline["state"], deadline["days_late"]) == ("missed", 8)


def test_if_match_lets_one_of_two_through(api: Api) -> None:
    path = f"/v1/cases/{api.complaint()}/assignment"
    requests = [api.asking("POST", path, json={"officer": f"staff-{n}"}, headers={"If-Match": '"2"'}) for n in range(4)]
    assert sorted(answer.status_code for answer in api.together(*requests)) == [201, 412, 412, 412]


def test_without_if_match_all_get_through_one_after_the_other(api: Api) -> None:
    reference = api.complaint()
    path = f"/v1/cases/{reference}/learning"
    answers = api.together(*(api.asking("POST", path, json={"lesson": f"Lesson {n}."}) for n in range(6)))
    assert [answer.status_code for answer in answers] == [201] * 6
    assert sorted(answer.json()["version"] for answer in answers) == [3, 4, 5, 6, 7, 8]
    assert sorted(item["number"] for item in api.get(f"/v1/cases/{reference}")["learning"]) == [1, 2, 3, 4, 5, 6]


# --- lists ------------------------------------------------------------------------------------------------------------


def references(api: Api, **query: Any) -> list[str]:
    return [item["reference"] for item in api.get("/v1/cases", **query)["items"]]


def test_each_filter_narrows_the_list(api: Api) -> None:
    first = api.complaint(received_at="2026-11-02T10:00:00Z", channel="phone")
    second = api.complaint(received_at="2026-11-12T10:00:00Z", service_area="mental_health")
    third = api.complaint(pathway="corporate")
    api.post(f"/v1/cases/{second}/assignment", officer="staff-1")
    api.post(f"/v1/cases/{third}/withdrawal", withdrawn_on=DAY)
    expected: dict[tuple[str, str], list[str]] = {
        ("status", "open"): [second, first],
        ("status", "withdrawn"): [third],
        ("pathway", "corporate"): [third],
        ("pathway", "adult_social_care"): [second, first],
        ("stage", "stage_1"): [third, second, first],
        ("stage", "stage_2"): [],
        ("service_area", "mental_health"): [second],
        ("channel", "phone"): [first],
        ("officer", "staff-1"): [second],
        ("officer", "staff-2"): [],
        ("received_from", "2026-11-12"): [third, second],
        ("received_to", "2026-11-12"): [second, first],
        ("due_before", "2026-11-05"): [],
        ("due_before", "2026-11-06"): [first],
        ("due_before", "2026-11-18"): [second, first],
        ("rag", "red"): [second, first],
        ("rag", "green"): [],
    }
    assert {asked: references(api, **{asked[0]: asked[1]}) for asked in expected} == expected
    assert references(api) == [third, second, first]
    assert references(api, status="open", channel="phone", received_to="2026-11-02") == [first]


def test_pages_hold_each_case_once_also_while_cases_come_in(api: Api) -> None:
    there = {api.complaint(received_at=f"2026-11-{10 + n // 3}T10:00:00Z") for n in range(11)}
    found, cursor = [], None
    while True:
        page = api.get("/v1/cases", limit=3, **({"cursor": cursor} if cursor else {}))
        assert len(page["items"]) <= 3
        found += [item["reference"] for item in page["items"]]
        api.complaint()
        api.complaint(received_at="2026-11-01T10:00:00Z") if len(found) < 6 else None
        if (cursor := page["next"]) is None:
            break
    assert len(found) == len(set(found))
    assert there <= set(found)


def test_a_page_that_holds_all_says_that_none_follows(api: Api) -> None:
    for _ in range(3):
        api.complaint()
    assert api.get("/v1/cases", limit=3)["next"] is None
    assert api.get("/v1/cases", limit=2)["next"] is not None


def test_the_rag_filter_the_list_and_the_case_itself_agree_on_every_day(api: Api) -> None:
    _, told, ended, corporate = (api.complaint(received_at="2026-11-02T10:00:00Z") for _ in range(4))
    api.post(f"/v1/cases/{told}/acknowledgement", acknowledged_on=DAY, method="letter")
    api.post(f"/v1/cases/{ended}/withdrawal", withdrawn_on=DAY)
    api.post(f"/v1/cases/{corporate}/routing", pathway="corporate")
    answered = api.complaint()
    api.post(f"/v1/cases/{answered}/decision", decided_on=DAY, **DECISION)
    api.post(f"/v1/cases/{answered}/response", sent_on=DAY, **RESPONSE)
    seen = set()
    for days in (*range(24), 160, 180):
        api.clock.turn(str(date(2026, 11, 20) + timedelta(days)))
        listed = {item["reference"]: item["rag"] for item in api.get("/v1/cases")["items"]}
        own = {reference: api.get(f"/v1/cases/{reference}")["rag"] for reference in listed}
        filtered = {found: rag for rag in ("red", "amber", "green") for found in references(api, rag=rag)}
        assert listed == own
        assert filtered == {reference: rag for reference, rag in own.items() if rag}
        seen |= set(own.values())
    assert seen == {"red", "amber", "green", None}


# --- a day ------------------------------------------------------------------------------------------------------------


def test_a_case_is_shown_as_it_stood_on_a_day(api: Api) -> None:
    reference = api.complaint()
    api.clock.turn("2026-11-26")
    api.post(f"/v1/cases/{reference}/acknowledgement", acknowledged_on="2026-11-26", method="letter")
    api.clock.turn("2026-12-31")

    def stood(on: str) -> tuple[str, int, str, int]:
        answer = api.ask("GET", f"/v1/cases/{reference}", params={"on": on})
        case = answer.json()
        [told] = [d for d in case["deadlines"] if d["name"] == "acknowledgement"]
        listed = api.get(f"/v1/cases/{reference}/deadlines", on=on)["items"]
        assert listed == case["deadlines"]
        assert answer.headers["etag"] == f'"{case["version"]}"'
        return case["status"], case["version"], told["state"], told["days_late"]

    api.get(f"/v1/cases/{reference}", 404, on="2026-11-19")
    assert stood("2026-11-20") == ("received", 2, "due", 0)
    assert stood("2026-11-25") == ("received", 2, "due", 0)
    assert stood("2026-11-26") == ("acknowledged", 3, "missed", 1)
    assert stood("2027-02-01") == ("acknowledged", 3, "missed", 1)


def test_a_deadline_that_nobody_met_is_late_by_more_each_working_day(api: Api) -> None:
    reference = api.complaint()
    states = {}
    for on in ("2026-11-25", "2026-11-26", "2026-11-27", "2026-11-28", "2026-11-30"):
        items = api.get(f"/v1/cases/{reference}/deadlines", on=on)["items"]
        [states[on]] = [(d["state"], d["days_late"]) for d in items if d["name"] == "acknowledgement"]
    assert list(states.values()) == [("due", 0), ("missed", 1), ("missed", 2), ("missed", 2), ("missed", 3)]


def test_an_extension_and_an_agreed_period_explain_themselves(api: Api) -> None:
    path = f"/v1/cases/{api.complaint()}"
    api.post(f"{path}/response-period", due_on="2026-12-18", agreed=True)
    moved = {"new_due_on": "2027-01-15", "reason": "complexity", "agreed_with_complainant": True}
    api.post(f"{path}/extension", **moved)
    deadlines = {d["name"]: d for d in api.get(f"{path}/deadlines")["items"]}
    period = deadlines["response_period"]
    assert (period["due_on"], period["anchor"]["event"]) == ("2027-01-15", "response_period_set")
    [extension] = period["extensions"]
    assert extension == {
        "extended_on": DAY,
        "before": "2026-12-18",
        "after": "2027-01-15",
        "reason": "complexity",
        "agreed_with_complainant": True,
    }
    assert period["rule"]["value"] is None
    assert period["rule"]["source"].startswith("SI 2009/309")


# --- history and personal data ----------------------------------------------------------------------------------------


def test_the_history_comes_in_pages_oldest_first_and_without_personal_data(api: Api) -> None:
    path = f"/v1/cases/{api.complaint(narrative='Words of a resident.')}"
    for number in range(5):
        api.post(f"{path}/learning", lesson=f"Lesson {number}.")
    found, cursor = [], None
    while True:
        page = api.get(f"{path}/events", limit=2, **({"cursor": cursor} if cursor else {}))
        found += page["items"]
        if (cursor := page["next"]) is None:
            break
    assert [event["version"] for event in found] == [1, 2, 3, 4, 5, 6, 7]
    assert [event["position"] for event in found] == [1, 2, 3, 4, 5, 6, 7]
    assert [event["type"] for event in found[:3]] == ["representation_received", "case_routed", "learning_recorded"]
    assert found[0]["actor"].startswith("key:")
    assert "Resident" not in str(found)
    assert "Words" not in str(found)


def test_personal_data_needs_its_scope_and_a_reason_and_the_reading_is_recorded(api: Api) -> None:
    reference = api.complaint(narrative="Nobody rang.", person_affected={"name": "B. Resident"})
    path = f"/v1/cases/{reference}/personal-data"
    assert api.ask("GET", path, params={"reason": "to reply"}, key=api.key("cases:read")).status_code == 403
    api.get(path, 422)
    api.get("/v1/cases/COV-2026-000009/personal-data", 404, reason="to reply")
    assert reads(api) == []
    told = api.get(path, reason="to reply")
    assert told == {
        "complainant": {"name": "A. Resident"},
        "person_affected": {"name": "B. Resident"},
        "narrative": {"narrative": "Nobody rang."},
    }
    assert reads(api) == [(reference, f"key:{api.of().split('_')[1]}", "to reply")]


def reads(api: Api) -> list[tuple[str, ...]]:
    table = personal_data_reads.c
    with api.register.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.select(table.reference, table.actor, table.reason))]


# --- reference data ---------------------------------------------------------------------------------------------------


def test_working_days_are_added_with_every_day_between_that_does_not_count(api: Api) -> None:
    answer = api.get("/v1/working-days/add", start="2026-12-24", days=3)
    version = answer.pop("calendar_version")
    assert answer == {
        "start": "2026-12-24",
        "days": 3,
        "date": "2026-12-31",
        "skipped": [
            {"date": "2026-12-25", "reason": "Christmas Day"},
            {"date": "2026-12-26", "reason": "Saturday"},
            {"date": "2026-12-27", "reason": "Sunday"},
            {"date": "2026-12-28", "reason": "Boxing Day (substitute day)"},
        ],
        "division": "england-and-wales",
        "provisional": False,
    }
    assert version.startswith("sha256:")


@pytest.mark.parametrize("start", ["2026-12-24", "2026-12-26", "2026-12-28"])
def test_no_days_after_a_day_is_that_day_itself(api: Api, start: str) -> None:
    answer = api.get("/v1/working-days/add", start=start, days=0)
    assert (answer["date"], answer["skipped"]) == (start, [])


def test_days_are_counted_by_the_division_that_is_asked_for(api: Api) -> None:
    ends = {
        division: api.get("/v1/working-days/add", start="2026-12-31", days=1, division=division)["date"]
        for division in ("england-and-wales", "scotland", "northern-ireland")
    }
    assert ends == {"england-and-wales": "2027-01-04", "scotland": "2027-01-05", "northern-ireland": "2027-01-04"}


def test_what_lies_beyond_the_published_holidays_is_provisional_and_beyond_the_calendar_refused(api: Api) -> None:
    assert api.get("/v1/working-days/add", start="2035-01-01", days=1)["provisional"] is True
    for query in ({"start": "1999-12-31", "days": 1}, {"start": "2040-12-01", "days": 100}):
        problem = api.get("/v1/working-days/add", 422, **query)
        assert (problem["type"], problem["errors"][0]["rule"]) == (
            "urn:redress:problem:outside-calendar",
            "outside_calendar",
        )
    api.get("/v1/working-days/add", 422, start="2026-12-24", days=-1)
    api.get("/v1/working-days/add", 422, start="2026-12-24", days=5001)


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [("2026-12-24", "2026-12-31", 3), ("2026-12-24", "2026-12-24", 0), ("2026-12-25", "2026-12-28", 0)],
)
def test_working_days_between_count_the_last_day_and_not_the_first(api: Api, start: str, end: str, days: int) -> None:
    answer = api.get("/v1/working-days/between", start=start, end=end)
    assert answer == {"start": start, "end": end, "working_days": days}


def test_pathways_show_every_rule_with_its_source(api: Api) -> None:
    pathways = {item["pathway"]: item for item in api.get("/v1/pathways")["items"]}
    assert {"adult_social_care", "corporate"} <= set(pathways)
    for pathway in pathways.values():
        for edition in pathway["editions"]:
            assert all(rule["source"] and rule["kind"] for rule in edition["rules"])
    care = {rule["deadline"]: rule for rule in pathways["adult_social_care"]["editions"][-1]["rules"]}
    assert (care["acknowledgement"]["value"], care["acknowledgement"]["unit"]) == (3, "working_days")
    assert (care["local_standard"]["value"], care["local_standard"]["kind"]) == (20, "local_standard")


def test_codes_show_each_edition_and_what_moved(api: Api) -> None:
    lists = api.get("/v1/codes")["lists"]
    channels = {value["code"] for value in lists["channels"][-1]["values"]}
    assert channels == {
        "email",
        "web_form",
        "phone",
        "letter",
        "in_person",
        "contact_centre",
        "social_media",
        "councillor",
        "ombudsman",
    }
    older, newer = lists["service_areas"]
    assert (len(older["values"]), newer["in_force_from"]) == (12, "2024-04-01")
    moved = {value["code"]: value.get("row_before") for value in newer["values"]}
    assert moved["adult_safeguarding"] == "Adult Safeguarding"
    assert moved["mental_health"] is None


def test_a_complaint_may_use_any_code_that_the_lists_show(api: Api) -> None:
    lists = api.get("/v1/codes")["lists"]
    for name, field in {"channels": "channel", "service_areas": "service_area"}.items():
        for value in lists[name][-1]["values"]:
            api.post("/v1/complaints", **{**COMPLAINT, field: value["code"]})


def test_pathways_say_what_changes_when(api: Api) -> None:
    """On 1 April 2026 the Code takes the place of the older corporate rules."""
    [corporate] = [item for item in api.get("/v1/pathways")["items"] if item["pathway"] == "corporate"]
    older, newer = corporate["editions"]
    assert (older["in_force_from"], newer["in_force_from"]) == ("2009-04-01", "2026-04-01")
    assert newer["ended"] == ["corporate.acknowledgement", "corporate.stage_1", "corporate.stage_2"]
    assert "code.stage_1" in newer["changed"]
    [stage_1] = [rule for rule in newer["rules"] if rule["id"] == "code.stage_1"]
    assert (stage_1["value"], stage_1["extension_to"], stage_1["binds"]) == (10, 20, "council")
