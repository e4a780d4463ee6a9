"""What `docker-compose.yml` says is what runs: its commands, users, passwords and routes, without the containers."""

import os
import secrets
import string
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from services import together
from tests.compose import COMPOSE, OURS, SERVICES, VARIABLES, config, environment, upstream
from tests.e2e.commands import Deployment, Server, created, found
from tests.http.conftest import COMPLAINT
from tests.postgres.server import THROWN_AWAY, postgres_server
from tests.postgres.server import Server as Postgres

READY = {"service_completed_successfully", "service_healthy", "service_started"}


# --- the file itself ----------------------------------------------------------------------------------------------


def test_the_file_hangs_together() -> None:
    assert set(COMPOSE) == {"services", "configs", "volumes", "x-redress", "x-environment"}
    assert set(SERVICES) == {*OURS, "migrate", "postgres", "proxy", "roles"}
    known = {"build", "image", "restart", "command", "environment", "depends_on", "healthcheck", "configs", "ports"}
    for name, service in SERVICES.items():
        assert set(service) <= {*known, "stop_grace_period", "volumes"}, name
        assert ("build" in service) != ("image" in service), name
        for other, condition in service.get("depends_on", {}).items():
            assert condition["condition"] in READY
            if condition["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[other]
            else:
                assert "restart" not in SERVICES[other], f"{other} never completes"
        for used in service.get("configs", ()):
            assert used["source"] in COMPOSE["configs"]
        for volume in service.get("volumes", ()):
            assert volume.partition(":")[0] in COMPOSE["volumes"]


def test_only_the_proxy_is_reached_from_outside_and_only_from_this_machine() -> None:
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "proxy": ["127.0.0.1:8000:80"]
    }


def test_every_secret_is_the_deployments_and_goes_to_no_more_than_need_it() -> None:
    holders = {
        variable: {name for name in SERVICES if f"${{{variable}:?}}" in str(SERVICES[name])} for variable in VARIABLES
    }
    assert holders == {
        "POSTGRES_PASSWORD": {"postgres", "roles"},
        "OWNER_PASSWORD": {"migrate", "roles"},
        "CASES_PASSWORD": {"cases", "roles"},
        "OMBUDSMAN_PASSWORD": {"ombudsman", "roles"},
        "REPORTING_PASSWORD": {"reporting", "roles"},
        "REDRESS_MASTER_KEY": {*OURS, "migrate"},
    }


def test_the_proxy_leads_every_path_to_the_service_that_has_it() -> None:
    for name in OURS:
        own = together.app([name]).openapi()["paths"]
        assert {upstream(path) for path in own} == {name}
        assert {upstream(f"/docs/{name}"), upstream(f"/openapi/{name}.json")} == {name}
    assert upstream("/metrics") is None
    assert {upstream(path) for path in ("/static/swagger-ui.css", "/health/ready")} <= set(OURS)


# --- what it runs -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Composed:
    """A PostgreSQL that asks for passwords, the variables of a deployment, and folders to run the services in."""

    postgres: Postgres
    variables: Mapping[str, str]
    home: Path

    def environment(self, service: str) -> dict[str, str]:
        """A service's environment; what is reached over a network there is reached by a socket here."""
        given = environment(service, self.variables)
        if "PGHOST" in given:
            given["PGHOST"] = str(self.postgres.socket)
        if url := given.get("REDRESS_DATABASE_URL"):
            given["REDRESS_DATABASE_URL"] = url.replace("@postgres/redress", f"@/redress?host={self.postgres.socket}")
        return given

    def of(self, service: str) -> Deployment:
        """The deployment that one of our services sees."""
        given = self.environment(service)
        assert set(given) == {"REDRESS_DATABASE_URL", "REDRESS_MASTER_KEY", "REDRESS_HOME"}
        (self.home / service).mkdir(exist_ok=True)
        return Deployment(
            self.home / service, given["REDRESS_DATABASE_URL"], {"REDRESS_MASTER_KEY": given["REDRESS_MASTER_KEY"]}
        )

    def prepare(self) -> None:
        """Run the two jobs to their end."""
        program, *arguments = SERVICES["roles"]["command"]
        script = self.home / "roles.sql"
        script.write_text(config("roles"))
        subprocess.run(
            [self.postgres.binaries / program, *(a.replace("/roles.sql", str(script)) for a in arguments)],
            env={**os.environ, **self.environment("roles")},
            check=True,
            capture_output=True,
        )
        told = self.of("migrate").run(*SERVICES["migrate"]["command"])
        assert told.stderr == ""


@pytest.fixture(scope="module")
def composed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    """The jobs have run twice: the second time changes nothing."""
    letters = string.ascii_letters + string.digits
    variables = {name: "".join(secrets.choice(letters) for _ in range(20)) for name in VARIABLES}
    variables["REDRESS_MASTER_KEY"] = "A" * 43 + "="
    with tempfile.TemporaryDirectory() as folder:
        rules = Path(folder, "pg_hba.conf")
        rules.write_text("local all postgres trust\nlocal all all scram-sha-256\n")
        Path(folder).chmod(0o755)
        with postgres_server({**THROWN_AWAY, "hba_file": str(rules)}) as postgres:
            postgres.execute(f"CREATE DATABASE {SERVICES['postgres']['environment']['POSTGRES_DB']}")
            composed = Composed(postgres, variables, tmp_path_factory.mktemp("composed"))
            composed.prepare()
            composed.prepare()
            yield composed


def test_its_commands_serve_a_complaint_from_its_receipt_to_the_return(composed: Composed) -> None:
    operator = composed.of("migrate")
    key = operator.key("complaints:write", "cases:read", "ombudsman:write", "ombudsman:read", "reports:read")
    with ExitStack() as stack:
        servers = {name: stack.enter_context(composed.of(name).serving(*serving(name))) for name in OURS}

        def ask(method: str, path: str, **more: Any) -> Any:
            client = stack.enter_context(servers[upstream(path) or ""].client(key))
            return client.request(method, path, **more)

        case = created(ask("POST", "/v1/complaints", json=COMPLAINT))["reference"]
        enquiry = {"ombudsman_reference": "26 000 001", "received_on": "2026-04-01"}
        created(ask("POST", "/v1/ombudsman/enquiries", json=enquiry))
        year = case.split("-")[1]
        assert found(ask("GET", f"/v1/reports/statutory/{year}-{int(year[2:]) + 1}"))["position"] == 3
        for server in servers.values():
            subprocess.run(health(server), check=True)
        assert operator.run("verify").stdout.startswith("COV whole to 3")
        assert "3 events read, 2 cases and enquiries listed" in operator.run("rebuild").stdout


def serving(name: str) -> list[str]:
    """What follows `serve` in a service's command."""
    program, *rest = SERVICES[name]["command"]
    assert program == "serve"
    return rest


def health(server: Server) -> list[str]:
    """The health check of our services, asked of the port that a server has here."""
    kind, program, *arguments = SERVICES["cases"]["healthcheck"]["test"]
    assert (kind, program) == ("CMD", "python")
    return [sys.executable, *(argument.replace(":8000", f":{server.port}") for argument in arguments)]


def test_no_user_gets_in_without_its_password_and_none_is_more_than_it_must_be(composed: Composed) -> None:
    users = {name: composed.of(name).database_url or "" for name in (*OURS, "migrate")}
    for name, url in users.items():
        with psycopg.connect(url) as connection:
            [rights] = connection.execute(
                "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls FROM pg_roles "
                "WHERE rolname = current_user"
            )
        assert not any(rights)
        other = "OWNER_PASSWORD" if name != "migrate" else "CASES_PASSWORD"
        own = f"{'OWNER' if name == 'migrate' else name.upper()}_PASSWORD"
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(url.replace(composed.variables[own], composed.variables[other]))
    rights = composed.postgres.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'events'", "redress")
    assert rights == [("redress",)]


def test_a_changed_password_holds_once_the_job_has_run_again(composed: Composed) -> None:
    changed = Composed(composed.postgres, {**composed.variables, "CASES_PASSWORD": "another"}, composed.home)
    changed.prepare()
    psycopg.connect(changed.of("cases").database_url or "").close()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(composed.of("cases").database_url or "")
    composed.prepare()
