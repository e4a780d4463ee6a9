"""`redress`: run, migrate, import, check and keep a register from the command line."""

import contextlib
import json
import re
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from shared.errors import NotFound, RedressError
from shared.settings import Settings

if TYPE_CHECKING:  # a command imports what it runs when it runs: --help must be quick
    from services.reporting.reports import Report
    from services.sample.load import Compared
    from shared.register import Register

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
working_days = typer.Typer(no_args_is_help=True, help="Count working days.")
keys = typer.Typer(no_args_is_help=True, help="API keys: each belongs to one authority, with scopes.")
sample = typer.Typer(no_args_is_help=True, help="Invented history that yields published figures.")
calendar = typer.Typer(no_args_is_help=True, help="Calendars of bank holidays.")
report = typer.Typer(no_args_is_help=True, help="Reports from the log.")
for name, group in {
    "working-days": working_days,
    "keys": keys,
    "sample": sample,
    "calendar": calendar,
    "report": report,
}.items():
    app.add_typer(group, name=name)

out = Console(soft_wrap=True)
Division = Annotated[str, typer.Option(help="england-and-wales, scotland or northern-ireland.")]
Year = Annotated[str, typer.Argument(help="Twelve months to 31 March, such as 2023-24.")]
AsAt = Annotated[str | None, typer.Option(help="A day, such as 2024-11-12; today otherwise.")]
Format = Annotated[Literal["json", "csv"], typer.Option("--format", help="The report's form.")]
AuthorityCode = Annotated[str, typer.Option(help="The authority's code, such as COV.")]


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


@contextlib.contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A progress bar on a terminal, nothing in a pipe; yields what advances it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda amount: bar.advance(task, amount)


@app.command()
def migrate() -> None:
    """Create the database, or bring it to this version's schema.

    Example: redress migrate
    """
    import migrations
    from shared.database import connect

    settings = Settings()
    settings.home.mkdir(parents=True, exist_ok=True)
    engine = connect(settings.url)
    migrations.upgrade(engine)
    engine.dispose()
    settings.master()
    out.print(f"The database is at revision {migrations.head()}.")


@app.command()
def serve(
    service: Annotated[list[str] | None, typer.Argument(help="cases, ombudsman, reporting; all if none.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on; REDRESS_HOST otherwise.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; REDRESS_PORT otherwise.")] = None,
) -> None:
    """Serve all services on one port, or the ones named.

    Example: redress serve cases --port 8001
    """
    import uvicorn

    import migrations
    from services import together
    from shared.database import connect

    settings = Settings()
    host, port = host or settings.host, port or settings.port
    settings.home.mkdir(parents=True, exist_ok=True)
    migrations.check(engine := connect(settings.url))
    engine.dispose()
    with together.sole_server(settings):
        server = uvicorn.Server(
            uvicorn.Config(
                together.app(service or ()),
                host=host,
                port=port,
                access_log=False,
                server_header=False,
                log_level="warning",
                timeout_graceful_shutdown=10,
            )
        )
        _announce(settings, host, port)
        for ending in (signal.SIGTERM, signal.SIGINT):  # after its clean end, uvicorn raises again what ended it
            signal.signal(ending, lambda *_: sys.exit(0))
        server.run()
    if not server.started:
        raise typer.Exit(1)


def _announce(settings: Settings, host: str, port: int) -> None:
    base = f"http://{host}:{port}"
    lines = [
        f"Redress is at {base} (Ctrl-C ends it)",
        f"  what it can do       {base}/docs",
        f"  one service's part   {base}/docs/cases, {base}/docs/ombudsman, {base}/docs/reporting",
    ]
    key = settings.home / "dev-key"
    if key.exists():
        body = json.dumps(
            {
                "channel": "web_form",
                "pathway": "adult_social_care",
                "service_area": "older_people",
                "concerns": [{"category": "communication", "detail": "Nobody rang back."}],
                "complainant": {"name": "A. Resident"},
            }
        )
        lines += [
            "Post a complaint, as it stands:",
            f"  curl -s {base}/v1/complaints -H 'Authorization: Bearer {key.read_text().strip()}' \\",
            f"    -H 'Content-Type: application/json' -d '{body}'",
        ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON lines, in order of recording.")],
) -> None:
    """Take in an earlier system's history, whole or not at all.

    Example: redress import history-2022.jsonl
    """
    from services.importing import import_history

    content = file.read_bytes()
    with _register() as register, progress("Importing", content.count(b"\n")) as advance:
        imported = import_history(register, content, advance)
    out.print(f"{imported.records} records imported." if imported else "This file has been imported before.")


@sample.command()
def coventry(
    check: Annotated[bool, typer.Option("--check", help="Compare the register with the published figures.")] = False,
) -> None:
    """Found Coventry's log on invented cases that yield its published figures.

    Example: redress sample coventry --check
    """
    from services.sample import load

    settings = Settings()
    with _register() as register:
        imported = load.found(register, settings, lambda total: progress("Importing", total))
        out.print(f"{imported} records imported; Coventry is live." if imported else "The sample is there already.")
        rows = load.compare(register) if check else []
    if rows:
        _print_comparison(rows)
        raise typer.Exit(0 if all(row.same for row in rows if row.figure.holds) else 1)


def _print_comparison(rows: Sequence["Compared"]) -> None:
    sys.stdout.write("as at        year     printed  register  table / row / column\n")
    for row in rows:
        figure = row.figure
        remark = f"  (does not hold: {figure.note})" if not figure.holds else "" if row.same else "  DIFFERS"
        place = f"{figure.table} / {figure.row} / {figure.column}"
        sys.stdout.write(f"{figure.as_at}   {figure.year}  {figure.value:>7}  {row.register!s:>8}  {place}{remark}\n")
    held = [row for row in rows if row.figure.holds]
    sys.stdout.write(
        f"{sum(row.same for row in held)} of {len(held)} figures that hold come out of the register; the other "
        f"{len(rows) - len(held)} contradict themselves in print, and stand beside what the register says.\n"
    )


@contextlib.contextmanager
def _register() -> Iterator["Register"]:
    import migrations
    from shared.register import Register

    register = Register.open(Settings())
    try:
        migrations.check(register.engine)
        yield register
    finally:
        register.close()


@working_days.command("add")
def add_working_days(
    start: Annotated[str, typer.Argument(help="A date, such as 2026-12-24.")],
    days: Annotated[int, typer.Argument(min=0, help="How many working days after it.")],
    division: Division = "england-and-wales",
) -> None:
    """The days-th working day after a date, and why days were skipped.

    Example: redress working-days add 2026-12-24 20
    """
    from shared.calendar import load

    found = load(division)
    end = found.add(date.fromisoformat(start), days)
    out.print(f"{end:%A %-d %B %Y} ({end})" + (" provisional" if found.provisional(end) else ""))
    for skip in found.skipped(date.fromisoformat(start), end):
        if skip.reason not in ("Saturday", "Sunday"):
            out.print(f"  {skip.date}  {skip.reason}")


@calendar.command("update")
def update_calendars() -> None:
    """Make the shipped calendars anew from the `holidays` package.

    Example: redress calendar update
    """
    from shared import calendar as calendars

    for division in calendars.DIVISIONS:
        path = Path(str(calendars.shipped(division)))
        content = calendars.readable(calendars.snapshot(division))
        changed = not path.exists() or path.read_bytes() != content
        path.write_bytes(content)
        out.print(f"{division}: {'changed' if changed else 'as it was'}")


@keys.command("create")
def create_key(
    authority: AuthorityCode,
    name: Annotated[str, typer.Option(help="Whose key it is.")],
    scope: Annotated[list[str], typer.Option(help="A scope; give the option once for each.")],
    days: Annotated[int | None, typer.Option(min=1, help="Days until it expires; without it, never.")] = None,
) -> None:
    """Create a key and show it once.

    Example: redress keys create --authority COV --name form --scope complaints:write
    """
    if not re.fullmatch("[A-Z]{2,8}", authority):
        raise ValueError("an authority's code is written in capitals, such as COV")
    with _register() as register:
        out.print(register.access.create(authority, name, tuple(scope), days))


@keys.command("revoke")
def revoke_key(key_id: Annotated[str, typer.Argument(help="The key's id, as `keys list` shows it.")]) -> None:
    """End a key.

    Example: redress keys revoke 1a2b3c4d
    """
    with _register() as register:
        try:
            register.access.revoke(key_id)
        except NotFound:
            raise ValueError(f"there is no key {key_id}; `redress keys list` shows them") from None
    out.print(f"Key {key_id} is revoked.")


@keys.command("list")
def list_keys() -> None:
    """Every key, without its secret.

    Example: redress keys list
    """
    with _register() as register:
        listed = register.access.listed()
    for key in listed:
        expires, revoked = key.expires_at or "never", key.revoked_at or "no"
        sys.stdout.write(f"{key.key_id}  {key.authority}  {key.name}  ({key.scopes})\n")
        sys.stdout.write(f"          created {key.created_at}, expires {expires}, revoked {revoked}\n")


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

    from services.reporting import documents, reports
    from services.reporting.app import follower
    from services.reporting.reading import ReadModels
    from services.reporting.year import Year as ReportYear

    with _register() as register:
        follower(register).catch_up(authority)
        models = ReadModels(register.engine, register.log, None, authority)
        day, today = date.fromisoformat(as_at) if as_at else register.today(), register.today()
        if day > today:
            raise ValueError(f"nothing is known as at {day}: today is {today}")
        counted = reports.count(models, name, ReportYear.of(year), day)
    if format_ == "csv":
        sys.stdout.write(documents.as_csv(counted.tables))
    else:
        sys.stdout.write(orjson.dumps(reports.document(counted), option=orjson.OPT_INDENT_2).decode() + "\n")


@app.command()
def rebuild(
    authority: Annotated[str | None, typer.Option(help="One authority; all of them otherwise.")] = None,
) -> None:
    """Make the read models anew from the log, while the old ones serve.

    Example: redress rebuild --authority COV
    """
    from services import together
    from services.reporting.app import follower
    from shared import handling

    with _register() as register:
        for code in [authority] if authority else register.log.authorities():
            with register.engine.connect() as connection:
                end = register.log.head(connection, code).position
            with progress(f"Rebuilding {code}", end) as advance:
                events = follower(register).rebuild(code, advance)
            with progress(f"Listing {code}", None) as advance:
                listed = sum(handling.relist(register, kind, code, advance) for kind in together.lists(code))
            out.print(f"{code}: {events} events read, {listed} cases and enquiries listed.")


@app.command()
def deadlines(
    reference: Annotated[str, typer.Argument(help="A case, such as COV-2026-000123.")],
    on: Annotated[str | None, typer.Option(help="As they stood at the end of a day; today otherwise.")] = None,
) -> None:
    """The deadlines of a case, and how each came about.

    Example: redress deadlines COV-2026-000123 --on 2026-12-01
    """
    from services.cases import handler, schemas
    from shared.clock import end_of_day
    from shared.errors import NotFound

    code = reference.partition("-")[0]
    with _register() as register:
        day = date.fromisoformat(on) if on else register.today()
        history = register.log.stream(code, f"case:{reference}")
        if day < register.today():
            history = [recorded for recorded in history if recorded.known_at < end_of_day(day)]
        case = handler.kind_of(code, "complaint").fold([recorded.event for recorded in history])
        if case is None:
            raise NotFound(f"case {reference}")
        found = schemas.deadlines_out(code, case, day, register.citations)
    for deadline in found:
        late = f", late by {deadline.days_late}" if deadline.days_late else ""
        out.print(
            f"{deadline.name}: {deadline.due_on}, {deadline.state}{late}{' (provisional)' * deadline.provisional}"
        )
        rule = deadline.rule
        length = f"{rule.value} {(rule.unit or '').replace('_', ' ')}" if rule.value is not None else "as stated"
        out.print(f"  {length} from {deadline.anchor.event} on {deadline.anchor.on}: {rule.source} ({rule.id})")
        for skip in deadline.skipped:
            if skip.reason not in ("Saturday", "Sunday"):
                out.print(f"  not counted: {skip.date} {skip.reason}")
        for extension in deadline.extensions:
            out.print(
                f"  moved on {extension.extended_on} from {extension.before} to {extension.after}: {extension.reason}"
            )
        for pause in deadline.pauses:
            out.print(f"  stood still from {pause.paused_on} to {pause.resumed_on or 'now'}: {pause.reason}")
        if deadline.rag:
            amber = f"amber in the last {deadline.rag.amber_working_days} working days"
            out.print(f"  {deadline.rag.colour} ({amber}, red when late)")
        out.print(f"  policy {rule.policy_version}, calendar {deadline.calendar_version}")


@app.command()
def head(authority: Annotated[str | None, typer.Option(help="One authority; all of them otherwise.")] = None) -> None:
    """Where each log ends: a line to keep or sign elsewhere.

    Example: redress head > head-2026-11-22.txt
    """
    with _register() as register, register.engine.connect() as connection:
        for code in [authority] if authority else register.log.authorities():
            end = register.log.head(connection, code)
            sys.stdout.write(f"{code} {end.position} {end.hash} {end.recorded_at}\n")


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

    with _register() as register, progress("Verifying", None) as advance:
        home = Settings().home
        results = list(verify_all(register, home, since_last=since_last, against=against, progress=advance))
    for line, _ in results:
        sys.stdout.write(line + "\n")
    raise typer.Exit(0 if all(whole for _, whole in results) else 1)
