"""Reports from the log."""

import contextlib
import sys
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.common import AuthorityCode, open_register
from services.reporting.paper import Format as PaperFormat

if TYPE_CHECKING:
    from services.reporting.paper import Paper
    from services.reporting.reading import ReadModels
    from services.reporting.reports import Report

report = typer.Typer(no_args_is_help=True, help=__doc__)
Year = Annotated[str, typer.Argument(help="Twelve months to 31 March, such as 2023-24.")]
AsAt = Annotated[str | None, typer.Option(help="A day, such as 2024-11-12; today otherwise.")]
Format = Annotated[PaperFormat, typer.Option("--format", help="The report's form.")]


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

    Example: redress report statutory 2023-24 --as-at 2024-11-12 --format html > statutory.html
    """
    _report("statutory", year, as_at, format_, authority)


@report.command("quarterly")
def quarterly_report(
    year: Year,
    quarter: Annotated[int, typer.Argument(help="1, which begins on 1 April, to 4.")],
    as_at: AsAt = None,
    format_: Format = "json",
    authority: AuthorityCode = "COV",
) -> None:
    """A quarter beside the four before it, as it was known at the end of a day.

    Example: redress report quarterly 2024-25 3 --format csv
    """
    _report("quarterly", year, as_at, format_, authority, quarter)


@report.command("progress")
def progress_list(as_at: AsAt = None, format_: Format = "json", authority: AuthorityCode = "COV") -> None:
    """Where every open complaint stood at the end of a day, with what fell due in the week before.

    Example: redress report progress --as-at 2024-11-12 --format csv
    """
    from services.reporting import progress, reports
    from shared.authority import authority as body

    with _known(as_at, authority) as (models, day, _):
        found = reports.followed(models, day, progress.Filters())
        _print(progress.paper(found, body(authority).name), format_)


def _report(
    name: "Report",
    year: str,
    as_at: str | None,
    format_: PaperFormat,
    authority: str,
    quarter: int | None = None,
) -> None:
    from services.reporting import reports
    from shared.authority import authority as body
    from shared.year import Quarter
    from shared.year import Year as ReportYear

    with _known(as_at, authority) as (models, day, today):
        period = ReportYear.of(year) if quarter is None else Quarter.begun(year, quarter, today)
        _print(reports.paper(reports.count(models, name, period, day), body(authority).name), format_)


@contextlib.contextmanager
def _known(as_at: str | None, authority: str) -> Iterator[tuple["ReadModels", date, date]]:
    """The read models, brought up to the log, with the day that is asked for and today."""
    from services.reporting.app import follower
    from services.reporting.reading import ReadModels, known_day

    with open_register(authority) as register:
        follower(register).catch_up(authority)
        today = register.today()
        day = known_day(date.fromisoformat(as_at) if as_at else None, today)
        yield ReadModels(register.engine, register.log, None, authority), day, today


def _print(paper: "Paper", format_: PaperFormat) -> None:
    import orjson

    from services.reporting.rendering import render

    if format_ == "json":
        sys.stdout.write(orjson.dumps(paper.document, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        sys.stdout.buffer.write(render(paper, format_).content)
