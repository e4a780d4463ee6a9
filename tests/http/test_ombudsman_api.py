"""The Ombudsman service as its callers see it."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.http.conftest import Api
from tests.http.described import routes

DAY = "2026-11-20"
REFERENCE = "26 004 117"
PATH = f"/v1/ombudsman/enquiries/{quote(REFERENCE)}"
Step = tuple[str, dict[str, Any], str]

INVESTIGATED: list[Step] = [
    ("link", {"case": "COV-2026-000001"}, "received"),
    ("answer", {"answered_on": DAY}, "answered"),
    ("investigation", {"opened_on": DAY}, "under_investigation"),
    ("response", {"submitted_on": DAY, "author": "a", "author_role": "m", "signed_off_by": "d"}, "under_investigation"),
    ("draft-decision", {"received_on": DAY}, "draft_received"),
    ("draft-comments", {"commented_on": DAY, "agreed": False}, "draft_received"),
    ("decision", {"decided_on": DAY, "category": "upheld", "public_report": True}, "decided"),
    ("public-report-notice", {"publicised_on": DAY}, "decided"),
    ("public-report-answer", {"answered_on": DAY, "considered_by": "Cabinet"}, "decided"),
    ("monitoring-officer", {"seen_on": DAY}, "decided"),
    ("remedies", {"type": "financial", "required_on": DAY, "amount_pence": 50000, "due_on": "2026-12-20"}, "decided"),
    ("remedies/1/completion", {"completed_on": DAY}, "decided"),
    ("compliance", {"confirmed_on": DAY}, "decided"),
]
RETURNED: list[Step] = [("premature-return", {"returned_on": DAY}, "decided")]
CLOSED: list[Step] = [("closure", {"closed_on": DAY, "reason": "no_fault"}, "decided")]
LIVES = [INVESTIGATED, RETURNED, CLOSED]


def enquire(api: Api, reference: str = REFERENCE, **more: Any) -> dict[str, Any]:
    body = {"ombudsman_reference": reference, "received_on": DAY, **more}
    answer: dict[str, Any] = api.post("/v1/ombudsman/enquiries", **body)
    return answer


def test_an_enquiry_is_named_by_the_ombudsmans_reference(api: Api) -> None:
    case = api.complaint()
    body = {"ombudsman_reference": REFERENCE, "received_on": DAY, "case": case, "respond_by": "2026-11-24"}
    answer = api.ask("POST", "/v1/ombudsman/enquiries", json=body)
    enquiry = answer.json()
    assert (answer.status_code, answer.headers["location"], answer.headers["etag"]) == (201, PATH, '"1"')
    assert (enquiry["reference"], enquiry["ombudsman_reference"]) == (REFERENCE, REFERENCE)
    assert (enquiry["status"], enquiry["case"], enquiry["respond_by"]) == ("received", case, "2026-11-24")
    shown = api.ask("GET", answer.headers["location"])
    assert (shown.json(), shown.headers["etag"]) == (enquiry, '"1"')


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life[-1][0])
def test_a_life_over_http(api: Api, life: list[Step]) -> None:
    api.complaint()
    version = enquire(api)["version"]
    for command, body, status in life:
        answer = api.ask("POST", f"{PATH}/{command}", json=body, headers={"If-Match": f'"{version}"'})
        enquiry = answer.json()
        version += 1
        assert (command, answer.status_code, enquiry["status"]) == (command, 201, status), answer.text
        assert (answer.headers["etag"], enquiry["version"]) == (f'"{version}"', version)
    assert api.get(PATH) == enquiry


def test_the_lives_above_go_through_every_command(api: Api) -> None:
    prefix = "/v1/ombudsman/enquiries/{reference}/"
    posts = {r.path.removeprefix(prefix) for r in routes(api) if r.method == "POST" and r.path.startswith(prefix)}
    assert posts == {command.replace("/1/", "/{number}/") for life in LIVES for command, _, _ in life}


@pytest.mark.parametrize(
    ("command", "body", "category", "reason"),
    [
        ("premature-return", {"returned_on": DAY}, "referred_back", "premature"),
        ("closure", {"closed_on": DAY}, "closed_after_initial_enquiries", None),
        *(
            ("decision", {"decided_on": DAY, "category": category}, category, None)
            for category in ("referred_back", "incomplete_or_invalid", "advice_given", "not_upheld")
        ),
    ],
)
def test_an_enquiry_ends_once_in_one_of_the_published_categories(
    api: Api, command: str, body: dict[str, Any], category: str, reason: str | None
) -> None:
    enquire(api)
    ended = api.post(f"{PATH}/{command}", **body)
    assert (ended["category"], ended["decided_on"], ended["reason"]) == (category, DAY, reason)
    problem = api.post(f"{PATH}/{command}", 409, **body)
    assert problem["type"] == "urn:redress:problem:already-decided"


def test_a_finding_without_an_investigation_is_recorded_and_is_a_breach(api: Api) -> None:
    enquire(api)
    decided = api.post(f"{PATH}/decision", decided_on=DAY, category="upheld")
    assert [breach["source"][:21] for breach in decided["breaches"]] == ["LGA 1974 s.30(1): uph"]
    api.post(f"{PATH}/remedies", type="apology", required_on=DAY)
    assert api.get(PATH)["breaches"] == decided["breaches"]


def test_a_stale_version_is_refused(api: Api) -> None:
    enquire(api)
    api.post(f"{PATH}/investigation", opened_on=DAY)
    decision = {"decided_on": DAY, "category": "upheld"}
    answer = api.ask("POST", f"{PATH}/decision", json=decision, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["type"]) == (412, "urn:redress:problem:stale-version")


def test_a_second_enquiry_of_the_same_reference_is_a_conflict(api: Api) -> None:
    enquire(api)
    body = {"ombudsman_reference": REFERENCE, "received_on": DAY}
    assert api.post("/v1/ombudsman/enquiries", 409, **body)["type"] == "urn:redress:problem:already-exists"


def test_enquiries_are_listed_newest_first_in_pages_and_by_status(api: Api) -> None:
    for number in range(5):
        enquire(api, f"26 000 00{number}", received_on=f"2026-11-{10 + number // 2}")
    api.post("/v1/ombudsman/enquiries/26 000 001/investigation", opened_on=DAY)
    api.post("/v1/ombudsman/enquiries/26 000 003/decision", decided_on=DAY, category="advice_given")
    found, cursor = [], None
    while True:
        page = api.get("/v1/ombudsman/enquiries", limit=2, **({"cursor": cursor} if cursor else {}))
        found += [item["reference"][-1] for item in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert found == ["4", "3", "2", "1", "0"]
    by_status = {
        status: [item["reference"][-1] for item in api.get("/v1/ombudsman/enquiries", status=status)["items"]]
        for status in ("received", "under_investigation", "decided")
    }
    assert by_status == {"received": ["4", "2", "0"], "under_investigation": ["1"], "decided": ["3"]}


def test_the_return_counts_an_enquiry_at_once(api: Api) -> None:
    case = api.complaint()
    assert api.get("/v1/reports/statutory/2026-27")["referred_to_ombudsman"] == 0
    enquire(api, case=case)
    assert api.get("/v1/reports/statutory/2026-27")["referred_to_ombudsman"] == 1
