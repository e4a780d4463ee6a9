"""What the quality meetings and visits read: alerts, the quarter, a provider's complaints, a month's compliments."""

from typing import Any

from tests.http.conftest import Api
from tests.http.test_importing import FIRST, SIXTH, imported
from tests.http.test_ledgers import learnt

ALERT = {"title": "Say what care will cost", "text": "Explain the charges before care begins.\n\nIn writing."}


def test_an_alert_is_issued_numbered_and_listed_the_newest_first(api: Api) -> None:
    reference = api.complaint()
    first = api.post("/v1/practice-learning-alerts", **ALERT)
    second = api.post(
        "/v1/practice-learning-alerts",
        **{**ALERT, "issued_on": "2026-11-02", "service_areas": ["finance"], "cases": [reference]},
    )
    assert first == {"number": 1, "issued_on": "2026-11-20", **ALERT, "service_areas": [], "cases": []}
    assert (second["number"], second["service_areas"], second["cases"]) == (2, ["finance"], [reference])
    assert api.get("/v1/practice-learning-alerts") == {"items": [second, first], "next": None}
    assert api.get("/v1/practice-learning-alerts", service_area="finance")["items"] == [second, first]
    assert api.get("/v1/practice-learning-alerts", service_area="telecare")["items"] == [first]
    page = api.get("/v1/practice-learning-alerts", limit=1)
    assert page["items"] == [second]
    assert api.get("/v1/practice-learning-alerts", limit=1, cursor=page["next"]) == {"items": [first], "next": None}
    assert api.ask("GET", "/v1/practice-learning-alerts", key=api.of("BIR")).json()["items"] == []


def test_an_alert_sent_again_under_its_key_is_issued_once(api: Api) -> None:
    path, key = "/v1/practice-learning-alerts", {"Idempotency-Key": "alert-1"}
    answers = [api.ask("POST", path, json=ALERT, headers=key) for _ in range(2)]
    api.post(path, **ALERT)
    answers.append(api.ask("POST", path, json=ALERT, headers=key))
    assert [(answer.status_code, answer.json()["number"]) for answer in answers] == [(201, 1)] * 3
    assert len(api.get(path)["items"]) == 2
    assert api.ask("POST", path, json={**ALERT, "title": "Another"}, headers=key).status_code == 422


def test_an_alert_that_cannot_be(api: Api) -> None:
    def refused(**different: Any) -> tuple[str, str]:
        [fault] = api.post("/v1/practice-learning-alerts", 422, **{**ALERT, **different})["errors"]
        return fault["field"], fault["rule"]

    reference = api.complaint()
    assert refused(issued_on="2026-11-21") == ("issued_on", "in_the_future")
    assert refused(service_areas=["finance", "circus"]) == ("service_areas.1", "unknown_code")
    assert refused(cases=[reference, "COV-2026-000009"]) == ("cases.1", "unknown_case")
    assert refused(text="") == ("text", "string_too_short")
    assert refused(colour="red") == ("colour", "extra_forbidden")
    assert api.get("/v1/practice-learning-alerts")["items"] == []


def test_an_alert_of_an_earlier_system_comes_in_with_its_history(api: Api) -> None:
    body = {**ALERT, "cases": ["COV-2022-000001"]}
    line = {"recorded_at": SIXTH, "route": "/v1/practice-learning-alerts", "body": body}
    found = imported(api, FIRST, line)
    assert found is not None
    [alert] = api.get("/v1/practice-learning-alerts")["items"]
    assert (alert["issued_on"], alert["cases"]) == ("2022-04-06", ["COV-2022-000001"])


def test_the_quarter_brings_together_what_its_meeting_looks_at(api: Api) -> None:
    first, second, _ = learnt(api)
    api.post(f"/v1/cases/{first}/learning/2/completion", completed_on="2026-07-02")
    api.post("/v1/compliments", channel="email", service_area="finance", received_at="2026-05-01T10:00:00Z")
    api.post("/v1/compliments", channel="email", service_area="finance", received_at="2026-07-01T10:00:00Z")
    api.complaint(service_area="finance", received_at="2026-06-30T22:59:59Z")
    api.complaint(service_area="finance", received_at="2026-06-30T23:00:00Z")  # 1 July in London
    for on in ("2026-06-30", "2026-07-01"):
        api.post("/v1/practice-learning-alerts", **ALERT, issued_on=on)

    def told(quarter: int) -> dict[str, Any]:
        answer: dict[str, Any] = api.get(f"/v1/learning/quarters/2026-27/{quarter}")
        lists = ("recorded", "completed", "open", "overdue", "missing")
        return answer | {name: [(line["reference"], line["number"]) for line in answer[name]] for name in lists}

    spring, summer, autumn = (told(quarter) for quarter in (1, 2, 3))
    assert [spring[name] for name in ("year", "quarter", "begins_on", "ends_on", "on")] == [
        *("2026-27", 1, "2026-04-01", "2026-06-30", "2026-06-30")
    ]
    assert (spring["recorded"], spring["missing"]) == ([(first, 2), (first, 1)], [(second, 1)])
    assert (spring["completed"], spring["open"], spring["overdue"]) == ([], [(first, 2)], [])
    assert [alert["issued_on"] for alert in spring["alerts"]] == ["2026-06-30"]
    came = {row["service_area"]: (row["complaints"], row["compliments"]) for row in spring["received"]}
    assert {area: counts for area, counts in came.items() if any(counts)} == {"finance": (1, 1)}
    assert (summer["recorded"], summer["completed"]) == ([(first, 4), (first, 3)], [(first, 4), (first, 2)])
    assert (summer["open"], summer["missing"]) == ([(first, 3)], [])
    assert [alert["issued_on"] for alert in summer["alerts"]] == ["2026-07-01"]
    assert {row["service_area"]: row["label"] for row in summer["received"]}["finance"] == "Finance"
    assert (autumn["on"], autumn["overdue"]) == ("2026-11-20", [])
    api.clock.turn("2026-11-21")
    assert told(3)["overdue"] == [(first, 3)]


def test_a_providers_complaints_of_six_months_with_what_was_found(api: Api) -> None:
    known = {"provider": "Example Home Care", "service_area": "adult_commissioning"}
    api.complaint(received_at="2026-05-20T10:00:00Z", **known)
    first = api.complaint(received_at="2026-05-21T10:00:00Z", **known)
    second = api.complaint(**{**known, "provider": "EXAMPLE  home care"}, concerns=[{"category": "financial"}])
    api.complaint(**{**known, "provider": "Example Home Care Ltd"})
    corrected = api.complaint(service_area="adult_commissioning")
    correction = {"field": "provider", "value": "Example Home Care", "reason": "audit"}
    api.post(f"/v1/cases/{corrected}/correction", **correction)
    findings = [{"concern": 1, "outcome": "upheld"}]
    decision = {"decided_on": "2026-06-01", "outcome": "upheld", "decided_by": "staff-1", "findings": findings}
    api.post(f"/v1/cases/{first}/decision", **decision)
    answer = api.get("/v1/providers/example home care/complaints")
    assert (answer["received_from"], answer["received_to"]) == ("2026-05-21", "2026-11-20")
    assert (answer["complaints"], [item["reference"] for item in answer["items"]]) == (3, [corrected, second, first])
    assert answer["items"][2] == {
        "reference": first,
        "received_on": "2026-05-21",
        "service_area": "adult_commissioning",
        "status": "decided",
        "outcome": "upheld",
        "concerns": [{"number": 1, "category": "communication", "subcategory": None, "outcome": "upheld"}],
    }
    counts = ("concerns", "upheld", "partially_upheld", "not_upheld", "awaited")
    assert [(row["category"], row["label"], *(row[name] for name in counts)) for row in answer["categories"]] == [
        ("communication", "Communication", 2, 1, 0, 0, 1),
        ("financial", "Financial issues", 1, 0, 0, 0, 1),
    ]
    earlier = api.get("/v1/providers/Example Home Care/complaints", on="2026-05-21")
    assert [item["received_on"] for item in earlier["items"]] == ["2026-05-21", "2026-05-20"]
    assert api.get("/v1/providers/A%2FB Care/complaints")["provider"] == "A/B Care"
    assert api.get("/v1/providers/nobody/complaints")["items"] == []


def test_the_list_of_cases_finds_a_providers(api: Api) -> None:
    reference = api.complaint(provider="Älterwerden  Care")
    api.complaint(provider="Another")
    api.complaint()
    for asked in ("Älterwerden Care", "älterwerden CARE", " ÄLTERWERDEN  care "):
        assert [item["reference"] for item in api.get("/v1/cases", provider=asked)["items"]] == [reference]
    assert api.get("/v1/cases", provider="Älterwerden")["items"] == []
    assert api.get("/v1/cases", provider="Älterwerden Care", received_to="2026-11-19")["items"] == []


def test_a_months_compliments_of_a_service_area_hold_nothing_personal(api: Api) -> None:
    def compliment(at: str, area: str = "finance") -> str:
        body = {"channel": "email", "service_area": area, "received_at": at, "narrative": "Thank you, Zebedee."}
        reference: str = api.post("/v1/compliments", **body)["reference"]
        return reference

    compliment("2026-09-30T22:59:59Z")
    first, last = compliment("2026-09-30T23:00:00Z"), compliment("2026-10-31T23:59:59Z")
    compliment("2026-11-01T00:00:00Z")
    other = compliment("2026-10-15T10:00:00Z", "telecare")
    month = {"received_from": "2026-10-01", "received_to": "2026-10-31"}
    answer = api.get("/v1/compliments", **month, service_area="finance")
    assert [item["reference"] for item in answer["items"]] == [last, first]
    assert set(answer["items"][0]) == {"reference", "kind", "received_on", "channel", "service_area"}
    assert [item["reference"] for item in api.get("/v1/compliments", **month)["items"]] == [last, other, first]
