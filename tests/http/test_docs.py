"""What can be set, run, asked and imported is documented, and the tables that say so agree with the code."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from services.cases import handler as cases
from services.cli import app
from services.importing import ALERTS, CASES, ENQUIRIES, RECEIPTS
from services.ombudsman import handler as ombudsman
from shared.settings import Settings
from tests.http.conftest import Api
from tests.http.described import routes

README = Path("README.md").read_text("utf-8")


def commands(group: Any, path: tuple[str, ...] = ()) -> dict[str, Any]:
    """Every command of the command line, by what one types."""
    if not hasattr(group, "commands"):
        return {" ".join(path): group}
    return {name: c for key, sub in group.commands.items() for name, c in commands(sub, (*path, key)).items()}


COMMANDS = commands(typer.main.get_command(app))


@pytest.mark.parametrize("field", list(Settings.model_fields))
def test_every_setting_stands_in_the_readme(field: str) -> None:
    assert f"| `REDRESS_{field.upper()}` |" in README
    assert Settings.model_fields[field].description


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_explains_itself_with_an_example_of_its_own(name: str) -> None:
    told = CliRunner().invoke(app, [*name.split(), "--help"])
    assert told.exit_code == 0
    assert f"Example: redress {name}" in " ".join(told.output.split())


def test_every_command_of_the_readme_is_one() -> None:
    told = re.findall(r"^    redress ([a-z-]+(?: [a-z-]+)?)", README, re.MULTILINE)
    assert told
    for words in told:
        assert any(words == name or words.startswith(f"{name} ") or name == words.split()[0] for name in COMMANDS)


def test_every_path_of_the_readme_is_a_route(api: Api) -> None:
    known = {route.path for route in routes(api)}
    told = {path.split("?")[0] for path in re.findall(r"http://127\.0\.0\.1:8000(/v1/[^\s\"']+)", README)}
    assert told
    assert {re.sub(r"/20\d\d-\d\d", "/{year}", path) for path in told} <= known


@pytest.mark.parametrize(
    ("prefix", "table"), [(CASES, cases.COMMANDS), (ENQUIRIES + "/{reference}/", ombudsman.COMMANDS)]
)
def test_the_commands_that_an_import_knows_are_those_of_the_routes(api: Api, prefix: str, table: Any) -> None:
    posts = {r.path.removeprefix(prefix) for r in routes(api) if r.method == "POST" and r.path.startswith(prefix)}
    assert set(table) == posts


def test_the_receipts_that_an_import_knows_are_those_of_the_routes(api: Api) -> None:
    asking = {  # questions with a body: nothing comes of them that an import could bring
        "/v1/people/search",
        "/v1/policy-replays",
        "/v1/ombudsman/reconciliations",
    }
    posts = {r.path for r in routes(api) if r.method == "POST" and "{reference}" not in r.path}
    publishing = {
        path for path in posts if path.startswith("/v1/publications")
    }  # what the register itself has published
    assert publishing
    assert {*RECEIPTS, ENQUIRIES, ALERTS} == posts - asking - publishing


def test_the_body_of_a_route_is_the_command_of_the_import(api: Api) -> None:
    """A completion's number is in its path, and beside the body of a line."""
    numbered = {"number": 1}
    for route in routes(api):
        for prefix, table in ((CASES, cases.COMMANDS), (ENQUIRIES + "/{reference}/", ombudsman.COMMANDS)):
            if route.method == "POST" and route.path.startswith(prefix):
                more = numbered if "{number}" in route.path else {}
                table[route.path.removeprefix(prefix)].model_validate({**route.body, **more})
