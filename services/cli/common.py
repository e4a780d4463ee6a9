"""What the commands share: how they print, show progress, and open the register."""

import contextlib
import getpass
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from shared.settings import Settings

if TYPE_CHECKING:  # a command imports what it runs when it runs: --help must be quick
    from shared.register import Register

out = Console(soft_wrap=True)
AuthorityCode = Annotated[str, typer.Option(help="The authority's code, such as COV.")]


@contextlib.contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A progress bar on a terminal, nothing in a pipe; yields what advances it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda amount: bar.advance(task, amount)


@contextlib.contextmanager
def open_register(authority: str | None = None) -> Iterator["Register"]:
    """The register of this deployment, whose database must be at this version's schema: the authority's cluster."""
    import migrations
    from shared.register import Register

    settings = Settings()
    register = Register.open(settings.at(settings.placed.cluster(authority)) if authority else settings)
    try:
        migrations.check(register.engine)
        yield register
    finally:
        register.close()


@contextlib.contextmanager
def open_every_register() -> Iterator["Register"]:
    """The register on every cluster, of which those that answer must be at this version's schema."""
    from sqlalchemy.exc import OperationalError

    import migrations
    from shared.register import Register

    register = Register.open_all(Settings())
    try:
        for own in register.each():
            with contextlib.suppress(OperationalError):
                migrations.check(own.engine)
        yield register
    finally:
        register.close()


def operator() -> str:
    """Whoever types, as the log names them."""
    return f"cli:{getpass.getuser()}"
