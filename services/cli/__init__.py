"""`redress`: run, migrate, import, check and keep a register from the command line."""

import sys

import typer

from services.cli import dates, integrity, keys, ombudsman, placing, policies, privacy, publications, reports, running
from shared.errors import RedressError

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
for commands in (running.app, dates.app, integrity.app, privacy.app, publications.app):
    app.add_typer(commands)
for name, group in {
    "working-days": dates.working_days,
    "authorities": placing.authorities,
    "calendar": dates.calendar,
    "policy": policies.policy,
    "ombudsman": ombudsman.ombudsman,
    "publications": publications.publications,
    "report": reports.report,
    "keys": keys.keys,
    "sample": running.sample,
}.items():
    app.add_typer(group, name=name)


def main() -> None:
    """Run a command; what the register refuses is a sentence and exit code 1, not a traceback."""
    try:
        app()
    except Exception as error:
        from sqlalchemy.exc import OperationalError

        if not isinstance(error, RedressError | ValueError | OSError | OperationalError):
            raise
        said = f"the database is not to be had: {error.orig}" if isinstance(error, OperationalError) else str(error)
        sys.stderr.write(f"redress: {said}\n")
        raise SystemExit(1) from None
