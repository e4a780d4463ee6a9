"""The Ombudsman's list and letter, sent in to be compared: answered, refused whole, and never recorded."""

from typing import Any

import pytest

from services.ombudsman import cohort
from tests.http.conftest import Api

PATH = "/v1/ombudsman/reconciliations"
DAY = "2026-11-20"
ITEM = {"reference": "26 000 001", "category": "Upheld", "decided_on": "20/11/2026"}


@pytest.fixture
def decided(api: Api) -> Api:
    """Two enquiries, decided today: one upheld with an apology, one returned."""
    for number in (1, 2):
        reference = f"26 000 00{number}"
        api.post("/v1/ombudsman/enquiries", ombudsman_reference=reference, received_on=DAY)
    first, second = (f"/v1/ombudsman/enquiries/26 000 00{number}" for number in (1, 2))
    api.post(f"{first}/decision", decided_on=DAY, category="upheld", reason="fault_and_injustice")
    api.post(f"{first}/remedies", type="apology", required_on=DAY)
    api.post(f"{first}/remedies/1/completion", completed_on=DAY)
    api.post(f"{first}/compliance", confirmed_on=DAY)
    api.post(f"{second}/premature-return", returned_on=DAY)
    return api


def test_a_list_and_a_letter_are_compared_and_nothing_is_changed(decided: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cohort, "_PAGE", 1)
    with decided.register.engine.connect() as connection:
        before = decided.register.log.head(connection, "COV")
    items = [
        {**ITEM, "reason": "no fault", "remedy": "Apology"},
        {"reference": "26 000 009", "category": "Advice given", "decided_on": DAY},
    ]
    found = decided.post(PATH, 200, year="2026-27", items=items, letter={"received": 3, "compliance_rate": 100})
    assert found == {
        "year": "2026-27",
        "listed": 2,
        "matches": [],
        "differences": [
            {"reference": "26 000 001", "field": "reason", "ours": "fault_and_injustice", "theirs": "no_fault"}
        ],
        "alone_here": [{"reference": "26 000 002", "category": "referred_back", "decided_on": DAY}],
        "alone_there": [{"reference": "26 000 009", "category": "advice_given", "decided_on": DAY}],
        "letter": [
            {
                "count": "received",
                "ours": 2,
                "theirs": 3,
                "same": False,
                "references": ["26 000 001", "26 000 002"],
                "of": None,
            },
            {
                "count": "compliance_rate",
                "ours": 100,
                "theirs": 100,
                "same": True,
                "references": ["26 000 001"],
                "of": ["26 000 001"],
            },
        ],
    }
    with decided.register.engine.connect() as connection:
        assert decided.register.log.head(connection, "COV") == before


def test_another_authoritys_enquiries_are_not_compared(decided: Api) -> None:
    key, theirs = decided.of("BIR"), "26 000 007"
    for path, body in (
        ("enquiries", {"ombudsman_reference": theirs, "received_on": DAY}),
        (f"enquiries/{theirs}/decision", {"decided_on": DAY, "category": "upheld"}),
    ):
        assert decided.ask("POST", f"/v1/ombudsman/{path}", key=key, json=body).status_code == 201
    items = [ITEM, {**ITEM, "reference": theirs}]
    found = decided.ask("POST", PATH, key=key, json={"year": "2026-27", "items": items}).json()
    assert (found["matches"], found["alone_here"]) == ([theirs], [])
    assert [lone["reference"] for lone in found["alone_there"]] == [ITEM["reference"]]


def test_whoever_may_read_may_compare(decided: Api) -> None:
    body = {"year": "2026-27", "items": [ITEM]}
    answer = decided.ask("POST", PATH, key=decided.key("ombudsman:read"), json=body)
    assert (answer.status_code, answer.json()["matches"]) == (200, ["26 000 001"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"items": [ITEM, {**ITEM, "category": "Zebedee"}]}, "items.1.category"),
        ({"items": [{**ITEM, "decided_on": "Zebedee"}]}, "items.0.decided_on"),
        ({"items": [{**ITEM, "reference": ""}]}, "items.0.reference"),
        ({"items": [{**ITEM, "zebedee": "Zebedee"}]}, "items.0.zebedee"),
        ({"items": [ITEM, {**ITEM, "reference": "26000001"}]}, "items.1.reference"),
        ({"items": [ITEM], "letter": {"upheld": -1}}, "letter.upheld"),
        ({"items": [ITEM], "letter": {"uphold_rate": 101}}, "letter.uphold_rate"),
        ({"items": [ITEM], "letter": {"zebedee": 1}}, "letter.zebedee"),
        ({"items": None}, "items"),
        ({"items": [ITEM], "year": "2026/27"}, "year"),
        ({"items": [ITEM], "year": "2027-28"}, "year"),
    ],
)
def test_what_cannot_be_read_is_refused_whole_and_named(decided: Api, body: dict[str, Any], field: str) -> None:
    answer = decided.ask("POST", PATH, json={"year": "2026-27", **body})
    assert answer.status_code == 422, answer.text
    assert [fault["field"] for fault in answer.json()["errors"]] == [field]
    assert "Zebedee" not in answer.text
