"""Authorities, and the database clusters that they are on."""

import sys
from typing import Annotated

import typer

from services.cli.common import out, progress
from shared.settings import Settings

authorities = typer.Typer(no_args_is_help=True, help=__doc__)


@authorities.command("list")
def list_authorities() -> None:
    """The authorities that have a log, and the cluster that each is on.

    Example: redress authorities list
    """
    from shared.register import Register

    register = Register.open_all(Settings())
    try:
        for own in register.each():
            sys.stdout.writelines(f"{code} {own.cluster}\n" for code in own.authorities())
    finally:
        register.close()


@authorities.command("move")
def move_authority(
    code: Annotated[str, typer.Argument(help="The authority's code, such as COV.")],
    to: Annotated[str, typer.Option(help="The cluster that it goes to, as the placement names it.")],
) -> None:
    """Move an authority's whole register to another cluster, with its services stopped.

    Then say in the placement where it is, and start them again. Cut short, the command is to be run again.

    Example: redress authorities move LDS --to north
    """
    import migrations
    from services import placing
    from shared.register import Register

    settings = Settings()
    found = settings.placed.cluster(code)
    if to not in settings.placed.names:
        raise ValueError(f"the placement has no cluster {to}")
    if found == to:
        raise ValueError(f"the placement says that {code} is on {to} already: it is said after the move")
    source, target = (Register.open(settings.at(cluster)) for cluster in (found, to))
    try:
        for register in (source, target):
            migrations.check(register.engine)
        with progress(f"Moving {code}", None) as advance:
            moved = placing.move(source, target, code, advance)
    finally:
        source.close()
        target.close()
    out.print(f"{code} is whole on {to} to {moved.head.position}, {moved.head.hash}, with {moved.rows} rows beside.")
    out.print(f'Now say {code} = "{to}" in the placement, and start the services.')
