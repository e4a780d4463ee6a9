"""Whether the record is what was written, who read what is personal, and a copy of it all."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.common import AuthorityCode, open_register, progress
from shared.settings import Settings

if TYPE_CHECKING:
    from shared.log import Head

app = typer.Typer()


@app.command()
def head(authority: Annotated[str | None, typer.Option(help="One authority; all of them otherwise.")] = None) -> None:
    """Where each log ends: a line to keep or sign elsewhere.

    Example: redress head > head-2026-11-22.txt
    """
    with open_register(authority) as register, register.engine.connect() as connection:
        for code in [authority] if authority else register.log.authorities():
            _print_head(code, register.log.head(connection, code))


def _print_head(code: str, end: "Head") -> None:
    sys.stdout.write(f"{code} {end.position} {end.hash} {end.recorded_at}\n")


@app.command()
def reads(
    authority: AuthorityCode,
    reference: Annotated[str | None, typer.Option(help="Of one case.")] = None,
    actor: Annotated[str | None, typer.Option(help="By one actor, such as key:1a2b3c4d.")] = None,
    since: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="From that day.")] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Until that day.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many to show at most.")] = 200,
) -> None:
    """Who read personal data, when, why and which; newest first, a line each.

    Example: redress reads --authority COV --from 2026-11-01
    """
    from shared.reads import Filters, page

    filters = Filters(reference, actor, since.date() if since else None, until.date() if until else None)
    with open_register(authority) as register, register.engine.connect() as connection:
        for read in page(connection, authority, filters, limit):
            which = " ".join(read["fields"]) or "-"
            line = (read["read_at"], read["actor"], read["how"], read["reference"] or "-", which, read["reason"])
            sys.stdout.write("\t".join(line) + "\n")


@app.command()
def verify(
    since_last: Annotated[bool, typer.Option("--since-last", help="What came since the last whole check.")] = False,
    against: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A file that `redress head` wrote.")
    ] = None,
) -> None:
    """Walk every log and say whether it is what was written; exit 1 if not.

    Example: redress verify --since-last
    """
    from services.verification import verify_all

    results: list[tuple[str, bool]] = []
    try:
        with open_register() as register, progress("Verifying", None) as advance:
            home = Settings().home
            results.extend(verify_all(register, home, since_last=since_last, against=against, progress=advance))
    finally:  # also if what was found cannot be remembered
        sys.stdout.writelines(f"{line}\n" for line, _ in results)
    raise typer.Exit(0 if all(whole for _, whole in results) else 1)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The copy; it must not be there yet.", dir_okay=False)],
) -> None:
    """Copy the embedded database, also while it is served; prints the heads of the copy, to be kept elsewhere.

    Example: redress backup /backups/2026-11-22.db > /elsewhere/2026-11-22.heads
    """
    from services import backup as backups

    database = Settings().embedded
    if database is None:
        raise ValueError("PostgreSQL is backed up with pg_dump: see docs/operations.md")
    with progress("Copying", backups.pages(database)) as advance:
        backups.copy(database, file, advance)
    for code, end in backups.heads(file).items():
        _print_head(code, end)
