"""A restricted case is open to the staff named; to everyone else it is as if it were not there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from services.cases.handler import kind_of
from shared import handling, restrictions
from shared.access import SCOPES
from shared.database import writer
from shared.restrictions import case_restrictions
from tests.http.conftest import COMPLAINT, Api
from tests.http.described import Route, routes

DAY = "2026-11-20"
ENQUIRY = "26 004 117"
UNKNOWN = "COV-1999-999999"
EVERYTHING_BUT_ADMIN = tuple(scope for scope in SCOPES if scope != "admin")
PERSON = {"name": "Zoë Quux", "email": "zoe@example.org"}


@dataclass(frozen=True)
class Someone:
    """A member of staff with a key of their own."""

    api: Api
    key: str

    @property
    def actor(self) -> str:
        return f"key:{self.key.split('_')[1]}"

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.api.ask(method, path, key=self.key, **more)

    def gets(self, path: str, **query: Any) -> Any:
        answer = self.ask("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def named(api: Api) -> Someone:
    return Someone(api, api.key(*EVERYTHING_BUT_ADMIN))


@pytest.fixture
def other(api: Api) -> Someone:
    return Someone(api, api.key(*EVERYTHING_BUT_ADMIN))


@pytest.fixture
def admin(api: Api) -> Someone:
    return Someone(api, api.key("admin", "cases:write", "cases:read", "personal:read", "privacy:erase"))


@pytest.fixture
def restricted(api: Api, named: Someone) -> Iterator[str]:
    """A case with another beside it, that only one may see."""
    api.complaint()
    reference = api.complaint(complainant=PERSON)
    restrict(named, reference, named.actor)
    return reference


def restrict(who: Someone, reference: str, *staff: str, status: int = 201) -> Any:
    body = {"staff": list(staff), "reason": "staff_complained_of"}
    answer = who.ask("POST", f"/v1/cases/{reference}/restriction", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def kept(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    """All of an answer but its correlation id."""
    headers = {name: value for name, value in answer.headers.items() if name != "x-correlation-id"}
    return answer.status_code, answer.content, headers


def of_cases(api: Api) -> list[Route]:
    """Every route of a single case."""
    return [route for route in routes(api) if "/cases/{reference}" in route.path]


def test_every_route_of_a_case_answers_byte_for_byte_as_for_one_that_is_not_there(
    api: Api, restricted: str, other: Someone
) -> None:
    asked = of_cases(api)
    assert len(asked) >= 35
    head = api.head()
    for route in asked:
        theirs, nobodys = (other.ask(**route.about(reference)) for reference in (restricted, UNKNOWN))
        assert (str(route), theirs.status_code) == (str(route), 403 if route.path.endswith("/legal-hold") else 404)
        assert kept(theirs) == kept(nobodys)
    assert api.head() == head


def test_every_route_of_a_case_knows_it_for_whoever_is_named(api: Api, restricted: str, named: Someone) -> None:
    theirs = [route for route in of_cases(api) if not route.path.endswith("/legal-hold")]  # which asks for `admin`
    for route in sorted(theirs, key=lambda route: route.path.endswith("/restriction")):
        asked = route.about(restricted)
        answer = named.ask(**asked)
        assert (str(route), answer.status_code in (401, 403, 404, 500)) == (str(route), False), answer.text


def test_the_scope_admin_lets_one_lift_a_restriction_and_nothing_else(
    api: Api, restricted: str, admin: Someone, other: Someone
) -> None:
    for route in of_cases(api):
        if not route.path.endswith("/restriction"):
            assert (str(route), admin.ask(**route.about(restricted)).status_code) == (str(route), 404)
    assert restrict(admin, restricted)["restricted_to"] == []
    assert other.gets(f"/v1/cases/{restricted}")["reference"] == restricted
    assert restricted in [item["reference"] for item in other.gets("/v1/cases")["items"]]


def test_whoever_restricts_a_case_to_others_does_not_see_it_again(api: Api, restricted: str, named: Someone) -> None:
    headers = {"Idempotency-Key": "restrict"}
    path, body = f"/v1/cases/{restricted}/restriction", {"staff": ["person:staff-9"], "reason": "safeguarding"}
    first = named.ask("POST", path, json=body, headers=headers)
    assert (first.status_code, first.json()["restricted_to"]) == (201, ["person:staff-9"])
    assert named.ask("GET", f"/v1/cases/{restricted}").status_code == 404
    assert named.ask("POST", path, json=body, headers=headers).status_code == 404


def test_it_is_in_no_list_no_search_and_behind_no_link(
    api: Api, restricted: str, named: Someone, other: Someone
) -> None:
    beside = "COV-2026-000001"
    linked = {"reference": restricted, "relation": "related"}
    assert named.ask("POST", f"/v1/cases/{beside}/links", json=linked).status_code == 201
    about = {"ombudsman_reference": ENQUIRY, "received_on": DAY, "case": restricted}
    assert named.ask("POST", "/v1/ombudsman/enquiries", json=about).status_code == 201
    search = {"json": {"email": PERSON["email"], "reason": "a test"}}
    enquiry = f"/v1/ombudsman/enquiries/{ENQUIRY}"

    def seen(who: Someone) -> dict[str, Any]:
        return {
            "listed": [item["reference"] for item in who.gets("/v1/cases")["items"]],
            "paged": [item["reference"] for item in who.gets("/v1/cases", limit=1)["items"]],
            "searched": [item["reference"] for item in who.ask("POST", "/v1/people/search", **search).json()["items"]],
            "linked": who.gets(f"/v1/cases/{beside}")["links"],
            "told": [e["data"]["reference"] for e in who.gets(f"/v1/cases/{beside}/events")["items"][2:]],
            "asked": [who.gets(enquiry)["case"], who.gets("/v1/ombudsman/enquiries")["items"][0]["case"]],
        }

    assert seen(named) == {
        "listed": [restricted, beside],
        "paged": [restricted],
        "searched": [restricted],
        "linked": [restricted],
        "told": [restricted],
        "asked": [restricted, restricted],
    }
    assert seen(other) == {
        "listed": [beside],
        "paged": [beside],
        "searched": [],
        "linked": [],
        "told": [None],
        "asked": [None, None],
    }
    for reference in (restricted, UNKNOWN):
        answer = other.ask("POST", f"/v1/cases/{beside}/links", json={**linked, "reference": reference})
        assert answer.status_code == 404
        about |= {"ombudsman_reference": "26 004 118", "case": reference}
        assert other.ask("POST", "/v1/ombudsman/enquiries", json=about).status_code == 422


def test_no_answer_that_is_not_about_one_case_names_it(
    api: Api, restricted: str, named: Someone, other: Someone
) -> None:
    """Whatever the services can be asked, with a case that counts in reports and has something in every list."""
    path, findings = f"/v1/cases/{restricted}", [{"concern": 1, "outcome": "upheld"}]
    done: dict[str, dict[str, Any]] = {
        "decision": {"decided_on": DAY, "decided_by": "staff-1", "outcome": "upheld", "findings": findings},
        "response": {"sent_on": DAY, "signed_by": "staff-2", "ombudsman_right_given": True},
        "remedies": {"type": "apology", "agreed_on": DAY},
        "learning": {"lesson": "Calls were not logged.", "action": "Log each call."},
    }
    for command, body in done.items():
        assert named.ask("POST", f"{path}/{command}", json=body).status_code == 201
    named_in = {True: set[str](), False: set[str]()}
    for route in routes(api):
        if route.method == "GET" and "{reference}" not in route.path:
            asked = route.about("")
            for who in (named, other):
                answer = who.ask(**asked)
                if restricted in answer.text:
                    named_in[who is named].add(str(route))
    assert named_in[False] == set()
    assert named_in[True] >= {"GET /v1/cases", "GET /v1/traces", "GET /v1/reports/annual/{year}/restatement"}


def test_no_idempotency_key_leads_to_it(api: Api, named: Someone, other: Someone) -> None:
    received = other.ask("POST", "/v1/complaints", json=COMPLAINT, headers={"Idempotency-Key": "form"})
    reference = received.json()["reference"]
    path, body = f"/v1/cases/{reference}/assignment", {"officer": "staff-1"}
    assert other.ask("POST", path, json=body, headers={"Idempotency-Key": "mine"}).status_code == 201
    restrict(named, reference, named.actor)
    for who, key in ((other, "mine"), (other, "form"), (other, "new")):
        assert who.ask("POST", path, json=body, headers={"Idempotency-Key": key}).status_code == 404
    again = other.ask("POST", "/v1/complaints", json=COMPLAINT, headers={"Idempotency-Key": "form"})
    assert (again.status_code, reference in again.text) == (404, False)
    assert named.ask("POST", "/v1/complaints", json=COMPLAINT, headers={"Idempotency-Key": "form"}).status_code == 201


def test_names_are_told_apart_by_case_and_as_a_whole(api: Api, restricted: str, named: Someone) -> None:
    """SQLite's LIKE would take one for the other."""
    with api.register.engine.connect() as connection:
        alike = [named.actor.upper(), named.actor[:-1], "%", "", f"{named.actor} "]
        assert all(restrictions.hidden(connection, actor, "COV", [restricted]) for actor in alike)
        assert not restrictions.hidden(connection, named.actor, "COV", [restricted])
        assert not restrictions.hidden(connection, "key:ffffffff", "BIR", [restricted])


def test_it_counts_in_reports_as_before(api: Api, restricted: str, other: Someone) -> None:
    assert other.gets("/v1/reports/statutory/2026-27")["received"] == 2


def test_a_rebuilt_list_keeps_it_from_the_same(api: Api, restricted: str, named: Someone, other: Someone) -> None:
    with writer(api.register.engine).begin() as connection:
        connection.execute(case_restrictions.delete())
    assert handling.relist(api.register, kind_of("COV", "complaint"), "COV", lambda _: None) == 2
    assert named.ask("GET", f"/v1/cases/{restricted}").status_code == 200
    assert other.ask("GET", f"/v1/cases/{restricted}").status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"staff": ["key:1"], "reason": "because"}, 422, "reason"),
        ({"staff": ["staff-1"], "reason": "safeguarding"}, 422, "staff.0"),
        ({"staff": ["key:a\nkey:b"], "reason": "safeguarding"}, 422, "staff.0"),
        ({"staff": [], "reason": "no_longer_needed"}, 409, "staff"),
    ],
)
def test_restrictions_that_cannot_be(api: Api, body: dict[str, Any], status: int, field: str) -> None:
    answer = api.post(f"/v1/cases/{api.complaint()}/restriction", status, **body)
    assert [fault["field"] for fault in answer["errors"]] == [field]
