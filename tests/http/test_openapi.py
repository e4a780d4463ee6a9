"""What the applications say of themselves: one description, its parts, pages that need nothing from elsewhere."""

import re
from typing import Any

import pytest

from services import together
from tests.http.conftest import Api
from tests.http.described import PUBLIC, example, needed, routes

PAGES = {
    "/docs": "/openapi.json",
    "/docs/cases": "/openapi/cases.json",
    "/docs/ombudsman": "/openapi/ombudsman.json",
    "/docs/reporting": "/openapi/reporting.json",
}


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(method, path): o for path, found in document["paths"].items() for method, o in found.items()}


def test_the_description_is_openapi_3_1(api: Api) -> None:
    document = api.get("/openapi.json")
    assert document["openapi"].startswith("3.1.")
    assert not [name for name in document["components"]["schemas"] if "__" in name]  # no module's path in a name
    schemes = document["components"]["securitySchemes"]
    assert {name: (s["type"], s["scheme"], s.get("bearerFormat")) for name, s in schemes.items()} == {
        "ApiKey": ("http", "bearer", None),
        "Token": ("http", "bearer", "JWT"),
    }


def test_every_operation_tells_the_scopes_that_it_asks_of_a_key_or_a_token(api: Api) -> None:
    found = operations(api.get("/openapi.json"))
    for route in routes(api):
        told = found[route.method.lower(), route.path]["security"]
        scopes = [set(*requirement.values()) for requirement in told]
        ways = [["ApiKey"], ["Token"], *([[]] if route.path == PUBLIC else [])]  # or without a credential
        assert (str(route), [*map(list, told)], scopes) == (str(route), ways, [needed(route)] * len(ways))


def test_every_operation_has_its_own_name_and_a_sentence(api: Api) -> None:
    found = operations(api.get("/openapi.json"))
    names = [operation["operationId"] for operation in found.values()]
    assert len(names) == len(set(names))
    assert "cases_extend_deadline" in names
    for route, operation in found.items():
        assert (route, bool(operation["description"].strip())) == (route, True)


def test_every_body_has_an_example_that_the_route_takes(api: Api) -> None:
    """Taken, or refused for the state of a case that is not there: never for its shape."""
    document = api.get("/openapi.json")
    for (method, path), operation in operations(document).items():
        assert (path, "requestBody" in operation) == (path, method != "get")
        if method != "get":
            assert (path, bool(example(document, operation))) == (path, True)
    for route in routes(api):
        if route.method != "GET":
            answer = api.ask(**route.about("COV-2026-000001"))
            shape = answer.status_code == 422 and answer.json()["type"] == "urn:redress:problem:invalid"
            assert (str(route), shape) == (str(route), False), answer.text


def test_every_operation_declares_its_problems(api: Api) -> None:
    document = api.get("/openapi.json")
    for route, operation in operations(document).items():
        for status in ("400", "401", "403", "404", "409", "412", "413", "422", "429", "503"):
            kinds = operation["responses"][status]["content"]
            assert (route, list(kinds)) == (route, ["application/problem+json"])
        assert {s for s, answer in operation["responses"].items() if "Retry-After" in answer.get("headers", ())} == {
            "429",
            "503",
        }
    assert document["components"]["schemas"]["Problem"]["required"] == ["type", "title", "status"]
    assert "HTTPValidationError" not in str(document)


def test_what_records_something_says_that_it_can_be_sent_again(api: Api) -> None:
    for (method, path), operation in operations(api.get("/openapi.json")).items():
        headers = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "header"}
        records = method == "put" or "201" in operation["responses"]
        assert (path, headers) == (path, {"Idempotency-Key", "If-Match"} if records else set())


def test_every_reference_within_the_description_leads_somewhere(api: Api) -> None:
    for url in PAGES.values():
        document = api.get(url)
        for name in re.findall(r"'#/components/schemas/([^']+)'", str(document)):
            assert name in document["components"]["schemas"]


def test_the_whole_is_the_union_of_its_parts(api: Api) -> None:
    whole = operations(api.get("/openapi.json"))
    parts = [operations(api.get(f"/openapi/{name}.json")) for name in together.SERVICES]
    assert sum(len(part) for part in parts) == len(whole)
    assert {route: operation for part in parts for route, operation in part.items()} == whole


@pytest.mark.parametrize("name", list(together.SERVICES))
def test_a_service_alone_describes_the_same_as_its_part_of_the_whole(api: Api, name: str) -> None:
    alone = together.app([name]).openapi()
    assert alone["paths"] == api.get(f"/openapi/{name}.json")["paths"]
    assert alone["info"]["title"] == f"Redress: {name}"


@pytest.mark.parametrize(("page", "document"), PAGES.items())
def test_a_documentation_page_is_open_and_needs_no_other_host(api: Api, page: str, document: str) -> None:
    answer = api.ask("GET", page, headers={"Authorization": ""})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert f"url: '{document}'" in answer.text
    assert "//" not in answer.text
    assert '"validatorUrl": null' in answer.text  # Swagger's own validator is a host elsewhere
    needed = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assert len(needed) == 3
    for path in (*needed, document):
        assert path.startswith("/")
        assert api.ask("GET", path, headers={"Authorization": ""}).status_code == 200
