"""The application that a service, or several in one process, is served as: routes, errors, health, documentation."""

import base64
import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import fastapi_offline
from fastapi import APIRouter, FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from fastapi.telemetry import TelemetryConfig
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from shared.register import Register
from shared.web.edge import Edge
from shared.web.metrics import Measure, Metrics, Standing, behind, told
from shared.web.problems import HANDLERS, PROBLEM_SCHEMA, PROBLEMS, problem
from shared.web.queries import described
from shared.web.requests import REQUEST_HEADERS, TOKEN_SCHEME

_STATIC = Path(fastapi_offline.__file__).parent / "static"

Check = Callable[[Register], str | None]
"""Answers why the application is not ready, or None."""

_NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""Of FastAPI's own, which tells addresses, queries and what exceptions say; see `shared.web.tracing`."""


@dataclass(frozen=True)
class Service:
    """One of the services: its routes, and what it runs beside them while the process lives."""

    name: str
    title: str
    routers: tuple[APIRouter, ...]
    """Each made by `api_router`."""
    run: Callable[[Register], Any] | None = None
    """An async context manager that yields a `Standing`."""
    measures: tuple[Measure, ...] = ()


def api_router(service: str, prefix: str = "/v1") -> APIRouter:
    """A router for some of a service's routes."""
    return APIRouter(prefix=prefix, tags=[service], responses=PROBLEMS, generate_unique_id_function=_operation_id)


def application(services: Sequence[Service], register: Callable[[], Register], checks: Sequence[Check] = ()) -> FastAPI:
    """An ASGI application of one service or of several; `register` is opened as it starts and closed as it ends.

    It is ready while no check, and nothing that runs beside the routes, says otherwise.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        opened = register()
        async with AsyncExitStack() as stack:
            stack.callback(opened.close)
            app.state.register, app.state.standings = opened, []
            for own in opened.each():
                own.keyring.check()
                for service in services:
                    if service.run:
                        app.state.standings.append((own, await stack.enter_async_context(service.run(own))))
            yield

    title = services[0].title if len(services) == 1 else "Redress"
    app = FastAPI(
        title=title,
        version="1",
        summary="The complaints register of an English council.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        telemetry=_NO_TELEMETRY,
    )
    app.state.in_flight, app.state.being_read = set(), {}
    app.state.metrics = Metrics()
    for kind, handler in HANDLERS.items():
        app.add_exception_handler(kind, handler)
    for service in services:
        for router in service.routers:  # taken over as they are: each router that is included matches a request twice
            app.router.routes.extend(router.routes)
    _add_documentation(app, services)
    _add_health(app, checks)
    _add_metrics(app, [measure for service in services for measure in service.measures])
    app.add_middleware(Edge, metrics=app.state.metrics)
    return app


def _operation_id(route: APIRoute) -> str:
    """The route's own name after its service's: what a generated client calls it."""
    return "_".join((*map(str, route.tags), route.name))


def _add_documentation(app: FastAPI, services: Iterable[Service]) -> None:
    app.mount("/static", _KeptFiles(directory=_STATIC), name="static")

    @cache
    def whole() -> dict[str, Any]:
        """Made when it is first asked for, in a thread of its own: it takes half a second."""
        document = get_openapi(
            title=app.title, version="1", openapi_version="3.1.0", summary=app.summary, routes=app.routes
        )
        for route in app.routes:
            if isinstance(route, APIRoute) and (parameters := list(described(route.dependant))):
                document["paths"][route.path]["get"].setdefault("parameters", []).extend(parameters)
        for operations in document["paths"].values():
            for method, operation in operations.items():
                if method == "put" or (method == "post" and "201" in operation["responses"]):  # others record nothing
                    operation.setdefault("parameters", []).extend(REQUEST_HEADERS)
                if security := operation.get("security"):
                    security[1:1] = [{"Token": security[0]["ApiKey"]}]
        components = document.setdefault("components", {})
        components["securitySchemes"]["Token"] = TOKEN_SCHEME.model_dump(mode="json", by_alias=True, exclude_none=True)
        schemas = components.setdefault("schemas", {})
        schemas["Problem"] = PROBLEM_SCHEMA
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        return document

    app.openapi = whole  # type: ignore[method-assign] # FastAPI's documented way to change the document
    app.add_api_route("/openapi.json", lambda: JSONResponse(whole()), include_in_schema=False)

    app.add_api_route("/docs", lambda: _page(app.title, "/openapi.json"), include_in_schema=False)
    for service in services:
        _add_own_documentation(app, service)


def _page(title: str, url: str) -> HTMLResponse:
    """A page that may run the one script written into it, and for the rest what this host serves."""
    page = get_swagger_ui_html(
        openapi_url=url,
        title=title,
        swagger_js_url="/static/swagger-ui-bundle.js",
        swagger_css_url="/static/swagger-ui.css",
        swagger_favicon_url="/static/favicon.png",
        swagger_ui_parameters={"validatorUrl": None},
    )
    [script] = re.findall(rb"<script>(.*?)</script>", bytes(page.body), re.DOTALL)
    digest = base64.b64encode(sha256(script).digest()).decode()
    page.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self' 'sha256-{digest}'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )
    return page


class _KeptFiles(StaticFiles):
    """Files of the documentation pages, which hold nothing of anybody: a browser may keep them for a day."""

    def file_response(self, *args: Any, **more: Any) -> Response:
        answer = super().file_response(*args, **more)
        answer.headers["Cache-Control"] = "public, max-age=86400"
        return answer


def _add_own_documentation(app: FastAPI, service: Service) -> None:
    url = f"/openapi/{service.name}.json"
    app.add_api_route(url, lambda: JSONResponse(_part(app.openapi(), service)), include_in_schema=False)
    app.add_api_route(f"/docs/{service.name}", lambda: _page(service.title, url), include_in_schema=False)


def _part(whole: Mapping[str, Any], service: Service) -> Mapping[str, Any]:
    """What of the whole description is one service's: the operations with its tag."""
    paths = {
        path: own
        for path, operations in whole["paths"].items()
        if (own := {method: o for method, o in operations.items() if service.name in o.get("tags", ())})
    }
    return {**whole, "info": {**whole["info"], "title": service.title}, "paths": paths}


def _add_health(app: FastAPI, checks: Sequence[Check]) -> None:
    @app.get("/health/live", include_in_schema=False)
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @app.get("/health/ready", include_in_schema=False)
    def ready() -> Response:
        """Ready while one cluster can be served: the authorities of another that is away are told so one by one."""
        register: Register = app.state.register
        lag: dict[str, dict[str, int]] = {}
        unready = {own.cluster: why for own in register.each() if (why := _why_not(own, lag))}
        told = {"standby": register.standby, "events_behind": lag}
        if len(unready) == len(register.each()):
            detail, headers = "; ".join(unready.values()), {"Retry-After": "1"}
            return problem(503, "not-ready", "Not ready", detail, headers=headers, **told)
        return JSONResponse({"status": "ready", **told, **({"clusters_not_ready": unready} if unready else {})})

    def _why_not(own: Register, lag: dict[str, dict[str, int]]) -> str | None:
        standings: list[Standing] = [standing for at, standing in app.state.standings if at is own]
        try:
            asked: list[Callable[[], str | None]] = [own.keyring.standing, *standings]
            asked += [partial(check, own) for check in checks]
            reasons = [reason for check in asked if (reason := check())]
            with own.engine.connect() as connection:
                for standing in standings:
                    lag.setdefault(standing.follower, {}).update(behind(own, connection, standing))
        except SQLAlchemyError:
            return "the database is not to be had"
        return "; ".join(reasons) or None


def _add_metrics(app: FastAPI, measures: Sequence[Measure]) -> None:
    @app.get("/metrics", include_in_schema=False)
    def metrics() -> Response:
        text = told(app.state.metrics, app.state.register, app.state.standings, measures)
        return Response(text, media_type=CONTENT_TYPE_LATEST)
