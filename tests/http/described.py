"""The routes of an application as its OpenAPI document describes them, each as a request that it would take."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tests.http.conftest import Api

QUERY: Mapping[str, str] = {
    "start": "2026-12-24",
    "end": "2027-01-04",
    "days": "20",
    "reason": "a test",
    "from": "2026-11-19",
    "year": "2026-27",
    "table": "complaints by type",
    "row": "statutory",
    "column": "complaints",
}
"""A value for each query parameter that a route insists on."""

PATH: Mapping[str, str] = {"number": "1", "year": "2026-27", "quarter": "3", "name": "Example Home Care"}
"""A value for each path parameter but the reference."""


@dataclass(frozen=True)
class Route:
    """A route, and the example of its body."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Any

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def about(self, reference: str) -> dict[str, Any]:
        """What to ask, with a reference or an id in the path."""
        path = self.path.replace("{reference}", quote(reference)).replace("{id}", quote(reference))
        for name, value in PATH.items():
            path = path.replace(f"{{{name}}}", quote(value))
        return {"method": self.method, "path": path, "params": dict(self.query), "json": self.body}


PUBLIC = "/v1/publications/{id}"
"""The one route that answers without a credential: what was released."""

INTAKE = ("/v1/complaints", "/v1/compliments", "/v1/comments")


def needed(route: Route) -> set[str]:  # noqa: C901 - one line a rule
    """The scopes that a route asks for."""
    reads = route.method == "GET" or route.path in ("/v1/policy-replays", "/v1/ombudsman/reconciliations")
    if route.path in INTAKE and not reads:
        return {"complaints:write"}
    if route.path.endswith("/personal-data") or route.path == "/v1/people/search":
        return {"personal:read"}
    if route.path == "/v1/personal-data-reads":
        return {"admin"}
    if route.path.endswith(("/erasure", "/legal-hold")):
        return {"privacy:erase" if route.path.endswith("/erasure") else "admin"}
    if route.path.startswith("/v1/ombudsman"):
        return {"ombudsman:read" if reads else "ombudsman:write"}
    if route.path == PUBLIC:
        return set()
    if route.path in ("/v1/traces", "/v1/reports/annual/{year}/restatement", f"{PUBLIC}/restatement"):
        return {"reports:read", "cases:read"}
    if route.path == "/v1/reports/regional/{year}":
        return {"reports:regional"}
    if route.path.startswith("/v1/publications"):
        return {"reports:read" if reads else "reports:publish"}
    if route.path.startswith(("/v1/reports", "/v1/reference-figures", "/v1/narratives")):
        return {"reports:read" if reads else "reports:write"}
    return {"cases:read" if reads else "cases:write"}


def routes(api: Api) -> list[Route]:
    """Every route under /v1."""
    return described(api.get("/openapi.json"))


def described(document: dict[str, Any]) -> list[Route]:
    """Every route that an OpenAPI document describes."""
    return [
        Route(
            method.upper(),
            path,
            {name: QUERY[name] for name in _insisted_on(operation)},
            example(document, operation),
        )
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]


def _insisted_on(operation: dict[str, Any]) -> list[str]:
    return [p["name"] for p in operation.get("parameters", ()) if p["in"] == "query" and p["required"]]


def example(document: dict[str, Any], operation: dict[str, Any]) -> Any:
    """The example of an operation's body, None if it takes none."""
    if "requestBody" not in operation:
        return None
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    return document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["examples"][0]
