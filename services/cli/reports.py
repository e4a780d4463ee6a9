"""Reports from the log."""

import sys
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from services.cli.common import AuthorityCode, open_register

if TYPE_CHECKING:
    from services.reporting.reports import Report

report = typer.Typer(no_args_is_help=True, help=__doc__)
Year = Annotated[str, typer.Argument(help="Twelve months to 31 March, such as 2023-24.")]
AsAt = Annotated[str | None, typer.Option(help="A day, such as 2024-11-12; today otherwise.")]
Format = Annotated[Literal["json", "csv"], typer.Option("--format", help="The report's form.")]


@report.command("annual")
def annual_report(year: Year, as_at: AsAt = None, format_: Format = "json", authority: AuthorityCode = "COV") -> None:
    """The annual report of a year, as it was known at the end of a day.

    Example: redress report annual 2023-24 --as-at 2024-11-12 --format csv
    """
    _report("annual", year, as_at, format_, authority)


@report.command("statutory")
def statutory_return(
    year: Year, as_at: AsAt = None, format_: Format = "json", authority: AuthorityCode = "COV"
) -> None:
    """The return of a year that SI 2009/309 reg 18 asks for, as it was known at the end of a day.

    Example: redress report statutory 2023-24 --as-at 2024-11-12
    """
    _report("statutory", year, as_at, format_, authority)


def _report(name: "Report", year: str, as_at: str | None, format_: Literal["json", "csv"], authority: str) -> None:
    import orjson

    from services.reporting import reports
    from services.reporting.app import follower
    from services.reporting.reading import ReadModels
    from services.reporting.rendering import render
    from shared.authority import authority as body
    from shared.year import Year as ReportYear

    with open_register(authority) as register:
        follower(register).catch_up(authority)
        models = ReadModels(register.engine, register.log, None, authority)
        day, today = date.fromisoformat(as_at) if as_at else register.today(), register.today()
        if day > today:
            raise ValueError(f"nothing is known as at {day}: today is {today}")
        counted = reports.count(models, name, ReportYear.of(year), day)
        paper = reports.paper(counted, body(authority).name)
    if format_ == "json":
        sys.stdout.write(orjson.dumps(paper.document, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        sys.stdout.buffer.write(render(paper, format_).content)
