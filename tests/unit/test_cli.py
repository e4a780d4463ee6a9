"""The command line explains itself."""

from collections.abc import Iterator

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
        "serve",
        "migrate",
        "sample coventry",
        "import",
        "report annual",
        "working-days add",
        "calendar update",
        "ombudsman reconcile",
        "verify",
        "head",
        "rebuild",
        "keys create",
        "keys revoke",
        "keys list",
    }
