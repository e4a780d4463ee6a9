"""The command line explains itself."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from services.cli import app


def _commands(group: typer.Typer, prefix: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for command in group.registered_commands:
        assert command.callback is not None
        yield (*prefix, command.name or command.callback.__name__.replace("_", "-"))
    for inner in group.registered_groups:
        assert inner.typer_instance is not None
        yield from _commands(inner.typer_instance, (*prefix, *((inner.name,) if isinstance(inner.name, str) else ())))


COMMANDS = list(_commands(app))


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_help_of_every_command_has_an_example_of_itself(command: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(app, [*command, "--help"])

    assert shown.exit_code == 0
    assert f"Example: redress {' '.join(command)}" in shown.output


def test_the_commands_that_operators_rely_on_are_there() -> None:
    names = {" ".join(command) for command in COMMANDS}

    assert names >= {
        "backup",
        "serve",
        "migrate",
        "sample coventry",
        "import",
        "go-live",
        "report annual",
        "working-days add",
        "calendar update",
        "ombudsman reconcile",
        "verify",
        "head",
        "rebuild",
        "erase",
        "erasures",
        "retention",
        "disclose",
        "keys create",
        "keys revoke",
        "keys list",
    }


@pytest.mark.parametrize("page", sorted((Path(__file__).parents[2] / "docs").glob("*.md")), ids=lambda page: page.name)
def test_a_page_tells_of_no_command_that_is_not_there(page: Path) -> None:
    told = re.findall(r"(?:^ {4}|`)redress ([a-z][a-z -]*[a-z])", page.read_text("utf-8"), re.MULTILINE)
    known = [" ".join(command) for command in COMMANDS]
    assert [line for line in told if not any(f"{line} ".startswith(f"{command} ") for command in known)] == []
