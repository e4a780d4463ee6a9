"""Every route of the three services, asked what its description allows and what it does not, one by one and in chains.

schemathesis makes the requests from the OpenAPI document. So that they get past the gate, it draws dates near the
register's day, codes of the authority's lists and references of cases that are there more often than others.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import schemathesis
from fastapi import FastAPI
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.python import asgi

import migrations
from services import together
from shared.access import SCOPES, Access
from shared.authority import authority
from shared.database import connect
from shared.register import Register
from shared.settings import Settings
from tests.torture.counts import Count, Effort
from tests.torture.load import COMPLAINT

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
LEAST_SECONDS = 4.0
LISTS = {
    "channel": "channels",
    "service_area": "service_areas",
    "concerns[*].category": "categories",
    "concerns[*].subcategory": "subcategories",
    "method": "methods",
    "role": "roles",
    "delay_reason": "delay_reasons",
    "ground": "refusal_grounds",
    "type": "remedies",
    "sex": "sexes",
    "disability": "disabilities",
    "age_band": "age_bands",
    "ethnic_group": "ethnic_groups",
}
"""The code list that a field of a body takes its values from."""

MEANT = {
    "pathway": ["adult_social_care", "children", "corporate", "public_health"],
    "reason": [
        "triage",
        "complexity",
        "advocate_awaited",
        "resolved_otherwise",
        "new_evidence",
        "audit",
        "premature",
        "fault_and_injustice",
    ],
    "findings[*].concern": [1],
    "received_at": ["2026-11-18T09:00:00Z", "2026-11-20T09:00:00Z"],
    "reference": [f"COV-2026-{number:06d}" for number in range(1, 25)],
    "case": ["COV-2026-000001", "COV-2026-000002"],
    "version": ["*", '"2"'],
    "year": ["2024-25", "2026-27"],
}
"""The same for fields whose values are no list's."""


@dataclass
class Answers:
    """What was asked and what was wrong with the answers: what, where, and how to ask it again."""

    asked: int = 0
    accepted: int = 0
    failures: dict[tuple[str, str], str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def take(self, scenario: events.ScenarioFinished) -> None:
        recorder = scenario.recorder
        for interaction in recorder.interactions.values():
            self.asked += 1
            self.accepted += bool(interaction.response and interaction.response.status_code < 300)
        for case_id, checks in recorder.checks.items():
            for check in checks:
                if check.failure_info and not _refused_for_its_meaning(check.name, recorder, case_id):
                    case = recorder.cases[case_id].value
                    told = f"{check.failure_info.failure.message}\n{case.as_curl_command()}"
                    self.failures.setdefault((check.name, case.operation.label), told)

    @property
    def report(self) -> str:
        told = [f"{check}: {route}\n{what}" for (check, route), what in self.failures.items()]
        return "\n\n".join([*told, *self.errors])


def _refused_for_its_meaning(check: str, recorder: Any, case_id: str) -> bool:
    """Whether a request of the right shape was refused for what it says, such as a code that no list holds."""
    response = recorder.interactions[case_id].response
    if check != "positive_data_acceptance" or response is None:
        return False
    if response.status_code == 412:
        return True
    return bool(response.status_code == 422 and json.loads(response.content)["type"] != "urn:redress:problem:invalid")


def hostile_requests(effort: Effort) -> list[Count]:
    """Ask all services in one process: the examples of the description, then whatever else comes to mind."""
    settings = Settings(home=effort.folder, failure_limit="1000000/minute")
    app = together.app((), lambda: Register.open(settings, lambda: NOW))
    key, answers = _founded(effort), Answers()
    try:
        document = _filled(app, key)
        for phases, share in ((["examples"], None), (["coverage"], 0.4), (["fuzzing", "stateful"], 0.6)):
            seconds = None if share is None else max(LEAST_SECONDS, share * effort.seconds)
            _ask(app, _config(document, key, effort.seed, phases, seconds), answers)
    finally:
        asgi.shutdown_lifespans()
    if answers.report:
        print(answers.report)
    return [
        Count("API examples", answers.asked),
        Count("of them accepted", answers.accepted),
        Count("failures", len(answers.failures) + len(answers.errors), 0),
    ]


def _ask(app: FastAPI, config: dict[str, Any], answers: Answers) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, config=SchemathesisConfig.from_dict(config))
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            answers.take(event)
        elif isinstance(event, events.NonFatalError):
            answers.errors.append(f"{event.label}: {event.value}")
        elif isinstance(event, events.FatalError):
            raise event.exception


@schemathesis.hook("before_call")
def _ask_for_what_is_there(context: Any, case: Any, kwargs: Any) -> None:
    """A position to come is waited for, for seconds, and then answered 503: that is as it should be, but slow."""
    wanted = str(case.query.get("at_least", "")) if isinstance(case.query, dict) else ""
    if wanted.isdecimal() and int(wanted) > 2:
        case.query["at_least"] = 2


def _founded(effort: Effort) -> str:
    """A database, and a key of every scope."""
    engine = connect(Settings(home=effort.folder).url)
    migrations.upgrade(engine)
    key = Access(engine).create("COV", "torture", SCOPES, None, unlimited=True)
    engine.dispose()
    return key


def _filled(app: FastAPI, key: str) -> Mapping[str, Any]:
    """See that there are cases, and enquiries of the same names; the description of the API."""
    with asgi.get_client(app) as client:
        client.headers["Authorization"] = f"Bearer {key}"
        for reference in MEANT["reference"]:
            assert client.post("/v1/complaints", json={**COMPLAINT, "received_at": MEANT["received_at"][0]}).ok
            enquiry = {"ombudsman_reference": reference, "received_on": "2026-11-19"}
            assert client.post("/v1/ombudsman/enquiries", json=enquiry).ok
        document: Mapping[str, Any] = client.get("/openapi.json").json()
        return document


def _config(
    document: Mapping[str, Any], key: str, seed: int, phases: list[str], seconds: float | None
) -> dict[str, Any]:
    dictionaries = {**_codes(), **MEANT, "days": [(NOW + timedelta(days=n)).date().isoformat() for n in (-1, 0)]}
    fields = {name: name for name in dictionaries if name not in ("days", "version")} | dict.fromkeys(
        _days(document), "days"
    )
    bound = {
        **{f"body.{field}": _named(name) for field, name in fields.items()},
        "path.reference": _named("reference"),
        "path.year": _named("year"),
        "header.If-Match": _named("version"),
        "query.as_at": _named("days"),
        "query.on": _named("days"),
    }
    return {
        "seed": seed,
        **({"max-time": int(seconds)} if seconds else {}),
        "headers": {"Authorization": f"Bearer {key}"},
        "cache": {"enabled": False},
        "generation": {"max-examples": 20, "no-shrink": True, "database": "none"},
        "phases": {phase: {"enabled": phase in phases} for phase in ("examples", "coverage", "fuzzing", "stateful")},
        "dictionaries": {_named(name)["dictionary"]: {"values": values} for name, values in dictionaries.items()},
        "parameters": {name: {**binding, "probability": 0.8} for name, binding in bound.items()},
    }


def _named(name: str) -> dict[str, str]:
    return {"dictionary": name.replace("[*].", "_")}


def _codes() -> dict[str, list[str]]:
    codes = authority("COV").codes
    return {field: [value.code for value in codes.edition(name, NOW.date()).values] for field, name in LISTS.items()}


def _days(document: Mapping[str, Any]) -> set[str]:
    """The fields of bodies that are dates."""
    bodies = [schema for schema in document["components"]["schemas"].values() if "examples" in schema]
    return {
        name
        for body in bodies
        for name, schema in body["properties"].items()
        for option in (schema, *schema.get("anyOf", ()))
        if option.get("format") == "date"
    }
