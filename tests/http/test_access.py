"""Who may ask what: every route refuses whoever has no key, not the scope, or another authority's."""

import time
from dataclasses import replace

import httpx
import pytest
import sqlalchemy as sa

from shared.access import SCOPES, Access, api_keys
from tests.http.conftest import COMPLAINT, Api
from tests.http.described import Route, routes

INTAKE = ("/v1/complaints", "/v1/compliments", "/v1/comments")
ENQUIRY = "26 004 117"


def needed(route: Route) -> set[str]:
    """The scopes that a route asks for."""
    reads = route.method == "GET" or route.path in ("/v1/policy-replays", "/v1/ombudsman/reconciliations")
    if route.path in INTAKE and not reads:
        return {"complaints:write"}
    if route.path.endswith("/personal-data"):
        return {"personal:read"}
    if route.path.startswith("/v1/ombudsman"):
        return {"ombudsman:read" if reads else "ombudsman:write"}
    if route.path in ("/v1/traces", "/v1/reports/annual/{year}/restatement"):
        return {"reports:read", "cases:read"}
    if route.path.startswith(("/v1/reports", "/v1/reference-figures")):
        return {"reports:read" if reads else "reports:write"}
    return {"cases:read" if reads else "cases:write"}


def reference(api: Api, route: Route) -> str:
    """Something of Coventry's that the route could be about."""
    if not route.path.startswith("/v1/ombudsman"):
        return "COV-2026-000001"
    return ENQUIRY


def with_something_in(api: Api) -> None:
    api.complaint()
    api.complaint()
    api.post("/v1/ombudsman/enquiries", ombudsman_reference=ENQUIRY, received_on="2026-11-20")


def kept(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    """All of an answer but its correlation id."""
    headers = {name: value for name, value in answer.headers.items() if name != "x-correlation-id"}
    return answer.status_code, answer.content, headers


def test_there_are_routes_to_ask(api: Api) -> None:
    assert len(routes(api)) >= 50


def test_every_route_asks_for_a_key_that_is_known_and_holds(api: Api) -> None:
    with_something_in(api)
    revoked, expired = api.key(), api.key(days=-1)
    api.register.access.revoke(revoked.split("_")[1])
    sent = {
        "no header": "",
        "no key": "Bearer ",
        "malformed": "Bearer nonsense",
        "another scheme": f"Basic {api.of()}",
        "unknown": f"Bearer redress_00000000_{'x' * 43}",
        "another secret": f"Bearer {api.of()[:-1]}",
        "another kind": f"Bearer {api.of().replace('redress', 'address')}",
        "revoked": f"Bearer {revoked}",
        "expired": f"Bearer {expired}",
    }
    head, told = api.head(), set()
    for route in routes(api):
        for what, authorization in sent.items():
            asked = route.about(reference(api, route))
            answer = api.ask(**asked, headers={"Authorization": authorization})
            assert (str(route), what, answer.status_code) == (str(route), what, 401)
            assert answer.headers["www-authenticate"].startswith("Bearer")
            told.add(answer.content)
    assert len(told) == 1  # which of them it was is nobody's business
    assert api.head() == head


def test_every_route_asks_for_its_scopes_and_for_no_more(api: Api) -> None:
    with_something_in(api)
    head = api.head()
    for route in routes(api):
        asked = route.about(reference(api, route))
        for scope in needed(route):
            without = api.ask(**asked, key=api.key(*(set(SCOPES) - {scope})))
            assert (str(route), without.status_code, without.json().get("scope")) == (str(route), 403, scope)
        assert api.head() == head
    for route in routes(api):
        answer = api.ask(**route.about(reference(api, route)), key=api.key(*needed(route)))
        assert (str(route), answer.status_code in (401, 403, 404, 500)) == (str(route), False)


def test_what_is_anothers_is_answered_byte_for_byte_like_what_is_not(api: Api) -> None:
    with_something_in(api)
    birmingham = api.of("BIR")
    body = {**COMPLAINT, "service_area": birmingham_area(api)}
    own = api.ask("POST", "/v1/complaints", key=birmingham, json=body)
    assert own.status_code == 201, own.text
    own = own.json()["reference"]
    heads = api.head(), api.head("BIR")
    found = [route for route in routes(api) if "{reference}" in route.path]
    assert len(found) >= 35
    for route in found:
        asked = route
        if route.path.endswith(("/links", "/link")):
            asked = replace(route, body={**route.body, ("case" if "case" in route.body else "reference"): own})
        theirs = api.ask(**asked.about(reference(api, route)), key=birmingham)
        nobodys = api.ask(**asked.about("COV-1999-999999"), key=birmingham)
        assert (str(route), theirs.status_code) == (str(route), 404)
        assert kept(theirs) == kept(nobodys)
    assert (api.head(), api.head("BIR")) == heads


def birmingham_area(api: Api) -> str:
    codes = api.ask("GET", "/v1/codes", key=api.of("BIR")).json()
    area: str = codes["lists"]["service_areas"][-1]["values"][0]["code"]
    return area


def test_a_key_of_another_authority_works_on_its_own_log(api: Api) -> None:
    with_something_in(api)
    key = api.of("BIR")
    posted = api.ask("POST", "/v1/complaints", key=key, json={**COMPLAINT, "service_area": birmingham_area(api)})
    assert (posted.status_code, posted.json()["reference"]) == (201, "BIR-2026-000001")
    listed = api.ask("GET", "/v1/cases", key=key).json()["items"]
    assert [item["reference"] for item in listed] == ["BIR-2026-000001"]
    assert api.ask("GET", "/v1/ombudsman/enquiries", key=key).json()["items"] == []
    returned = api.ask("GET", "/v1/reports/statutory/2026-27", key=key).json()
    assert (returned["received"], returned["referred_to_ombudsman"]) == (1, 0)
    same = {"ombudsman_reference": ENQUIRY, "received_on": "2026-11-20"}
    assert api.ask("POST", "/v1/ombudsman/enquiries", key=key, json=same).status_code == 201
    assert api.get("/v1/reports/statutory/2026-27")["received"] == 2


def test_keys_are_kept_as_hashes_and_nowhere_else(api: Api) -> None:
    key = api.key()
    assert api.ask("GET", "/v1/cases", key=key).status_code == 200
    _, key_id, secret = key.split("_", 2)
    with api.register.engine.connect() as connection:
        row = connection.execute(sa.select(api_keys).filter_by(key_id=key_id)).one()
    assert len(row.hash) == 64
    assert secret not in str(row)
    files = [path.read_bytes() for path in api.home.iterdir()]
    assert key_id.encode() in b"".join(files)
    assert secret.encode() not in b"".join(files)


def test_a_revocation_elsewhere_holds_here_within_seconds(api: Api) -> None:
    key = api.key()
    assert api.ask("GET", "/v1/cases", key=key).status_code == 200
    Access(api.register.engine).revoke(key.split("_")[1])
    deadline = time.monotonic() + 5
    while api.ask("GET", "/v1/cases", key=key).status_code == 200:
        assert time.monotonic() < deadline
    assert api.ask("GET", "/v1/cases", key=key).status_code == 401


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics", "/docs", "/openapi.json"])
def test_health_metrics_and_documentation_need_no_key(api: Api, path: str) -> None:
    assert api.ask("GET", path, headers={"Authorization": ""}).status_code == 200
