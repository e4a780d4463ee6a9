"""Who may ask what: every route refuses whoever has no key, not the scope, or another authority's."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from shared.access import Access, api_keys
from tests.http import matrix
from tests.http.conftest import COMPLAINT, Api, Application
from tests.http.described import needed, routes
from tests.http.issuer import Issuer, issuing
from tests.http.matrix import ENQUIRY, kept, reference, unknown, with_something_in
from tests.http.statements import statements


@pytest.fixture
def issuer(application: Application) -> Iterator[Issuer]:
    with issuing(application.clock) as found:
        yield found


@pytest.fixture
def settings(issuer: Issuer) -> Mapping[str, Any]:
    return matrix.settings(issuer)


def test_there_are_routes_to_ask(api: Api) -> None:
    assert len(routes(api)) >= 50


def test_no_route_opens_to_a_credential_that_does_not_hold(api: Api, issuer: Issuer) -> None:
    found = matrix.matrix(api, issuer)
    assert (found.routes, found.leaks) == (len(routes(api)), [])
    assert found.credentials >= 26
    assert found.asked > found.routes * (found.credentials - 2)


def test_every_route_opens_to_its_scopes_and_asks_for_no_more(api: Api, issuer: Issuer) -> None:
    with_something_in(api)
    shutting = "/v1/cases/{reference}/restriction"  # it shuts out whoever comes after
    for route in sorted(routes(api), key=lambda route: route.path == shutting):
        credentials = (api.key(*needed(route)), issuer.token(scope=list(needed(route))))
        for credential in credentials[: 1 if route.path == shutting else 2]:
            answer = api.ask(**route.about(reference(route)), key=credential)
            assert (str(route), answer.status_code in (401, 403, 404, 500)) == (str(route), False)


def test_what_is_anothers_is_answered_and_looked_for_exactly_like_what_is_not(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Byte for byte, and statement for statement: so it takes as long, too."""
    with_something_in(api)
    monkeypatch.setattr(api.register.access, "_fresh", float("inf"))
    birmingham = api.of("BIR")
    body = {**COMPLAINT, "service_area": birmingham_area(api)}
    own = api.ask("POST", "/v1/complaints", key=birmingham, json=body)
    assert own.status_code == 201, own.text
    own = own.json()["reference"]
    heads = api.head(), api.head("BIR")
    found = [route for route in routes(api) if "{reference}" in route.path or ("{id}" in route.path and needed(route))]
    assert len(found) >= 35
    for route in found:
        asked = route
        if route.path.endswith(("/links", "/link")):
            asked = replace(route, body={**route.body, ("case" if "case" in route.body else "reference"): own})
        for headers in ({}, {"If-Match": '"1"'}, {"Idempotency-Key": "k"}):
            api.ask(**asked.about(unknown(route)), key=birmingham, headers=headers)
            with statements(api.register.engine) as of_theirs:
                theirs = api.ask(**asked.about(reference(route)), key=birmingham, headers=headers)
            with statements(api.register.engine) as of_nobodys:
                nobodys = api.ask(**asked.about(unknown(route)), key=birmingham, headers=headers)
            assert (str(route), theirs.status_code) == (str(route), 404)
            assert kept(theirs) == kept(nobodys)
            assert (str(route), of_theirs) == (str(route), of_nobodys)
            assert of_theirs
    assert (api.head(), api.head("BIR")) == heads


def test_lists_filters_cursors_reports_and_traces_show_an_authority_what_they_show_one_without_a_case(
    api: Api,
) -> None:
    with_something_in(api)
    api.post("/v1/cases/COV-2026-000001/assignment", officer="staff-17")
    api.post("/v1/ombudsman/enquiries", ombudsman_reference="26 004 118", received_on="2026-11-20")
    filters = {
        "/v1/cases": {"officer": "staff-17", "status": "open", "pathway": "adult_social_care", "channel": "web_form"},
        "/v1/ombudsman/enquiries": {"status": "received"},
    }
    others = ("/v1/reports/regional/{year}", "/v1/narratives/{year}")  # which are of several, or not there
    own = [route for route in routes(api) if route.path not in others and "{id}" not in route.path]
    lists = [route for route in own if route.method == "GET" and "{reference}" not in route.path]
    asked = [(route.about("")["path"], dict(route.query)) for route in lists]
    for path, query in filters.items():
        asked += [(path, {name: value}) for name, value in query.items()]
        following = api.get(path, limit=1)["next"]
        assert following
        asked.append((path, {"cursor": following}))
    asked += [(path, {**query, "format": "csv"}) for path, query in asked if path.endswith("/2026-27")]
    assert len(asked) >= 20
    for path, query in asked:
        ours, theirs, empty = (api.ask("GET", path, params=query, key=api.of(who)) for who in ("COV", "BIR", "LDS"))
        assert ours.status_code == theirs.status_code == 200, (path, theirs.text)
        assert kept(theirs) == kept(empty)
        assert (path, "COV-" in theirs.text) == (path, False)


def test_a_key_of_one_authority_in_flight_does_not_hold_up_anothers(api: Api) -> None:
    keyed = {"Idempotency-Key": "the same"}
    thanks = {"channel": "email", "service_area": "older_people"}
    answers = api.together(
        *(api.asking("POST", "/v1/comments", key=api.of(who), json=thanks, headers=keyed) for who in ("COV", "BIR"))
    )
    assert [answer.status_code for answer in answers] == [201, 201]
    assert [answer.headers.get("idempotent-replayed") for answer in answers] == [None, None]
    assert [answer.json()["reference"][:3] for answer in answers] == ["COV", "BIR"]


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
