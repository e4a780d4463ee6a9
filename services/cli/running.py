"""Bring a register up: its database, its servers, its history."""

import contextlib
import gc
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.common import AuthorityCode, open_register, out, progress
from shared.settings import Settings

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

    from services.sample.load import Compared

app = typer.Typer()
sample = typer.Typer(no_args_is_help=True, help="Invented history that yields published figures.")


@app.command()
def migrate() -> None:
    """Create the database, or bring it to this version's schema.

    Example: redress migrate
    """
    import migrations
    from shared.database import connect
    from shared.keyring import Keyring

    settings = Settings()
    settings.home.mkdir(parents=True, exist_ok=True)
    missing: dict[str, None] = {}
    main: Keyring | None = None
    for cluster in settings.placed.names:
        engine = connect(settings.at(cluster).url)
        missing |= dict.fromkeys(migrations.upgrade(engine))
        keyring = Keyring(engine, settings.master())
        if main is None:
            main = keyring
        else:
            keyring.found_like(main)
        keyring.check()
        engine.dispose()
    what = "The database is" if len(settings.placed.names) == 1 else "The databases are"
    out.print(f"{what} at revision {migrations.head()}.")
    if missing:
        sys.stderr.write(
            "The services' roles are not all there, and this user may not create them. To run the services with less "
            "than the owner's rights, let somebody who may run the following, and migrate again:\n"
            + "".join(f"  {statement}\n" for statement in missing)
        )


@app.command()
def serve(
    service: Annotated[list[str] | None, typer.Argument(help="cases, ombudsman, reporting; all if none.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on; REDRESS_HOST otherwise.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; REDRESS_PORT otherwise.")] = None,
) -> None:
    """Serve all services on one port, or the ones named.

    Example: redress serve cases --port 8001
    """
    import migrations
    from services import together
    from shared import logs
    from shared.database import connect
    from shared.keyring import Keyring
    from shared.web import tracing

    settings = Settings()
    if settings.standby and service != ["reporting"]:
        raise ValueError("a standby takes no writes, so `redress serve reporting` is all that can be served of it")
    host, port = host or settings.host, port or settings.port
    settings.home.mkdir(parents=True, exist_ok=True)
    for cluster in settings.placed.names:
        migrations.check(engine := connect(settings.at(cluster).url))
        Keyring(engine, settings.master()).check()
        engine.dispose()
    name = "+".join(service or ()) or "redress"
    logs.to_stderr(name, settings.log)
    if settings.otlp_endpoint:
        tracing.export_to(settings.otlp_endpoint, name)
    with together.sole_server(settings):
        if not service or "cases" in service:  # the others may not touch personal data, and show none
            _erase_again(settings)
        server = server_of(together.app(service or ()), host, port)
        _announce(settings, host, port)
        gc.set_threshold(10_000)
        gc.freeze()  # what was loaded stays: to look through it again and again would cost a tenth of every request
        for ending in (signal.SIGTERM, signal.SIGINT):  # after its clean end, uvicorn raises again what ended it
            signal.signal(ending, lambda *_: sys.exit(0))
        server.run()
    if not server.started:
        raise typer.Exit(1)


def _erase_again(settings: Settings) -> None:
    """Before anyone can ask: what was erased stays so, although a backup from before may have been put back."""
    from services.cases import erasing
    from shared.register import Register

    kept = settings.home / "erasures"
    again = 0
    for own in map(settings.at, settings.placed.names):
        if own.embedded or kept.exists():
            with contextlib.closing(Register.open(own)) as register:
                again += erasing.after_restore(register, kept)
    if again:
        sys.stdout.write(f"{again} parties that were erased before are erased again.\n")


def server_of(app: "FastAPI", host: str, port: int) -> "uvicorn.Server":
    """The server of an application: it leaves the logging to us, and does not say what it is."""
    import uvicorn

    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            access_log=False,
            log_config=None,
            server_header=False,
            log_level="warning",
            timeout_graceful_shutdown=10,
        )
    )


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
    with open_register() as register, progress("Importing", content.count(b"\n")) as advance:
        imported = import_history(register, content, advance)
    out.print(f"{imported.records} records imported." if imported else "This file has been imported before.")


@app.command("go-live")
def go_live(authority: AuthorityCode) -> None:
    """The register takes over from an authority's earlier system: no more history comes in, and there is no way back.

    Example: redress go-live --authority COV
    """
    from services import importing

    with open_register(authority) as register:
        known = {*register.log.authorities(), *(key.authority for key in register.access.listed())}
        if authority not in known:
            raise ValueError(f"nothing is known here of {authority}: import its history or create a key for it first")
        newly = importing.go_live(register, authority)
    out.print(f"{authority} is live." if newly else f"{authority} was live already.")


@sample.command()
def coventry(
    check: Annotated[bool, typer.Option("--check", help="Compare the register with the published figures.")] = False,
) -> None:
    """Found Coventry's log on invented cases that yield its published figures.

    Example: redress sample coventry --check
    """
    from services.sample import load

    settings = Settings()
    with open_register("COV") as register:
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

    with open_register(authority) as register:
        for code in [authority] if authority else register.authorities():
            with register.engine.connect() as connection:
                end = register.log.head(connection, code).position
            with progress(f"Rebuilding {code}", end) as advance:
                events = follower(register).rebuild(code, advance)
            with progress(f"Listing {code}", None) as advance:
                listed = sum(handling.relist(register, kind, code, advance) for kind in together.lists(code))
            out.print(f"{code}: {events} events read, {listed} cases and enquiries listed.")
