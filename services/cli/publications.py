"""Reports that are published, and whether they still are what was frozen."""

import asyncio
import sys
from datetime import date
from typing import Annotated, Literal

import typer

from services.cli.common import AuthorityCode, open_register, operator, progress

app = typer.Typer()
publications = typer.Typer(no_args_is_help=True, help=__doc__)


@app.command()
def publish(
    report: Annotated[Literal["annual", "statutory"], typer.Argument(help="Which report.")],
    year: Annotated[str, typer.Argument(help="Twelve months to 31 March, such as 2024-25.")],
    as_at: Annotated[str | None, typer.Option(help="A day, such as 2025-03-31; today otherwise.")] = None,
    authority: AuthorityCode = "COV",
) -> None:
    """Freeze a report as it was known at the end of a day; prints its id. Nobody outside sees it before its release.

    Example: redress publish annual 2024-25 --as-at 2025-03-31
    """
    from services.reporting import publishing
    from services.reporting.app import follower
    from services.reporting.commands import PublishReport
    from services.reporting.reading import ReadModels
    from shared.handling import Request
    from shared.year import Year

    command = PublishReport(report=report, year=Year.of(year).label, as_at=date.fromisoformat(as_at) if as_at else None)
    with open_register(authority) as register:
        follower(register).catch_up(authority)
        models = ReadModels(register.engine, register.log, None, authority)
        done = asyncio.run(publishing.publish(register, models, Request(authority, operator()), command))
    sys.stdout.write(f"{done.appended.reference}\n")


@publications.command("list")
def list_publications(authority: AuthorityCode = "COV") -> None:
    """Every publication of an authority, oldest first: id, report, year, as at, how it stands, manifest.

    Example: redress publications list --authority COV
    """
    from services.reporting import publishing

    with open_register(authority) as register:
        for reference, found in publishing.every(register, authority).items():
            frozen = found.frozen
            line = (reference, frozen.report, frozen.year, frozen.as_at.isoformat(), found.status, frozen.manifest)
            sys.stdout.write("\t".join(line) + "\n")


@publications.command()
def verify(
    reference: Annotated[str | None, typer.Argument(metavar="ID", help="One publication; all otherwise.")] = None,
    authority: AuthorityCode = "COV",
) -> None:
    """Count the figures of publications anew from the log, and their documents against their hashes; exit 1 if not so.

    Example: redress publications verify --authority COV
    """
    from services.reporting import recount

    whole = True
    with open_register(authority) as register, progress("Verifying", None) as advance:
        for each, faults in recount.verify(register, authority, reference):
            whole = whole and not faults
            lines = [f"{each} BROKEN: {fault}" for fault in faults] or [f"{each} as it was frozen"]
            sys.stdout.writelines(f"{line}\n" for line in lines)
            advance(1)
    raise typer.Exit(0 if whole else 1)
