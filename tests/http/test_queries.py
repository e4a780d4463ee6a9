"""The query of a list: what it takes and refuses, and that the description says so."""

from datetime import date
from typing import Annotated, Any

import pytest
from fastapi import FastAPI, Query
from fastapi.routing import APIRoute

from shared.web import Cursor, Limit, ListQuery
from shared.web.queries import described, known, queried
from tests.http.conftest import Api


class Asked(ListQuery):
    """A query with a parameter of each sort that the lists have."""

    colour: str | None = None
    size: Annotated[int, Query(ge=1, description="In metres.", examples=[3])]
    since: Annotated[date | None, Query(alias="from", description="From that day.")] = None
    limit: Limit = 50
    cursor: Cursor = None


def as_fastapi_takes_it(
    size: Annotated[int, Query(ge=1, description="In metres.", examples=[3])],
    colour: str | None = None,
    since: Annotated[date | None, Query(alias="from", description="From that day.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> None:
    """The same, parameter by parameter."""


def as_a_model(query: Annotated[Asked, queried(Asked)]) -> None:
    """The same, as one model."""


def test_a_model_is_known_and_described_as_its_parameters_would_be() -> None:
    app = FastAPI()
    app.get("/one-by-one")(as_fastapi_takes_it)
    app.get("/model")(as_a_model)
    routes = {route.path: route for route in app.routes if isinstance(route, APIRoute)}
    whole, model = routes["/one-by-one"], routes["/model"]
    assert dict(known(model.dependant)) == dict(known(whole.dependant))
    assert dict(known(model.dependant))["from"] == frozenset({date})
    told: list[dict[str, Any]] = app.openapi()["paths"]["/one-by-one"]["get"]["parameters"]
    assert sorted(described(model.dependant), key=lambda parameter: str(parameter["name"])) == sorted(
        told, key=lambda parameter: str(parameter["name"])
    )
    assert not list(described(whole.dependant))


@pytest.mark.parametrize(
    ("query", "faults"),
    [
        ("limit=0&limit=5", []),
        ("limit=5&limit=0", [("limit", "greater_than_equal")]),
        ("limit=&status=", [("status", "literal_error"), ("limit", "int_parsing")]),
        ("limit=1.5&rag=pink", [("rag", "literal_error"), ("limit", "int_parsing")]),
        ("limit=0&colour=red", [("colour", "extra_forbidden")]),
        ("due_before=20261120&limit=0", [("due_before", "date_parsing")]),
        (f"cursor={'x' * 501}&provider={'x' * 301}", [("provider", "string_too_long"), ("cursor", "string_too_long")]),
    ],
)
def test_every_fault_of_a_query_is_named(api: Api, query: str, faults: list[tuple[str, str]]) -> None:
    answer = api.ask("GET", f"/v1/cases?{query}")
    assert answer.status_code == (422 if faults else 200)
    assert [(fault["field"], fault["rule"]) for fault in answer.json().get("errors", ())] == faults


def test_a_parameter_goes_by_the_name_in_the_description(api: Api) -> None:
    """A field may not: `from` is no name in Python."""
    assert api.get("/v1/personal-data-reads", **{"from": "2026-11-01"})["items"] == []
    [fault] = api.get("/v1/personal-data-reads", 422, since="2026-11-01")["errors"]
    assert (fault["field"], fault["rule"]) == ("since", "extra_forbidden")
    [fault] = api.get("/v1/personal-data-reads", 422, **{"from": "2026-02-30"})["errors"]
    assert (fault["field"], fault["rule"]) == ("from", "date_from_datetime_parsing")


def test_what_a_query_says_is_told_to_nobody_who_may_not_ask(api: Api) -> None:
    answer = api.ask("GET", "/v1/cases?limit=0&colour=red", key=api.key("complaints:write"))
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:redress:problem:no-scope")
