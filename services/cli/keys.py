"""API keys: each belongs to one authority, with scopes."""

import sys
from collections.abc import Iterable
from typing import Annotated, Any

import typer

from services.cli.common import open_every_register, open_register, out, progress
from shared.errors import NotFound
from shared.settings import Settings

keys = typer.Typer(no_args_is_help=True, help=__doc__)


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Option(help="Whose key it is.")],
    scope: Annotated[list[str], typer.Option(help="A scope; give the option once for each.")],
    authority: Annotated[str, typer.Option(help="The authority's code, such as COV.")] = "",
    region: Annotated[str | None, typer.Option(help="A region instead: its report, and nothing else.")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Days until it expires; without it, never.")] = None,
    unlimited: Annotated[
        bool, typer.Option("--unlimited", help="No rate limit: for the authority's own jobs.")
    ] = False,
) -> None:
    """Create a key and show it once.

    Example: redress keys create --authority COV --name form --scope complaints:write
    """
    with open_register(authority) as register:
        out.print(register.access.create(authority, name, tuple(scope), days, unlimited=unlimited, region=region))


@keys.command("revoke")
def revoke_key(key_id: Annotated[str, typer.Argument(help="The key's id, as `keys list` shows it.")]) -> None:
    """End a key, on every cluster: where its authority was moved from, too, or is to go.

    Example: redress keys revoke 1a2b3c4d
    """
    from sqlalchemy.exc import OperationalError

    found, away = False, []
    with open_every_register() as register:
        for own in register.each():
            try:
                own.access.revoke(key_id)
                found = True
            except NotFound:
                continue
            except OperationalError:
                away.append(own.cluster)
    if away:
        what = "is revoked on the others" if found else "is on no other"
        raise ValueError(f"{', '.join(away)} did not answer: key {key_id} {what}; run this again when it does")
    if not found:
        raise ValueError(f"there is no key {key_id}; `redress keys list` shows them")
    out.print(f"Key {key_id} is revoked.")


@keys.command("rotate-master")
def rotate_master() -> None:
    """Go to a new master key: every key that wraps personal data is wrapped anew, or none is.

    Without REDRESS_MASTER_KEY, a new key is made and takes the place of the file master-key; the earlier one is kept
    beside it under its number, because backups made until now need it. With it, the new key is the one that
    REDRESS_NEW_MASTER_KEY says. Cut short, the command is to be run again. Servers need a restart: until then they
    answer 503 to whatever needs a key.

    Example: redress keys rotate-master
    """
    from shared.rotation import rotate

    settings = Settings()
    if settings.placed.clusters and not settings.master_key:
        raise ValueError(
            "there are several clusters: set REDRESS_MASTER_KEY and REDRESS_NEW_MASTER_KEY, stop the servers, and run "
            "this for each REDRESS_CLUSTER"
        )
    with open_register() as register, progress("Wrapping", None) as advance:
        rotated = rotate(register.engine, settings, advance)
    out.print(f"Master key {rotated.number} is in force; {rotated.keys} party keys were wrapped anew.")
    if settings.master_key:
        out.print("Set REDRESS_MASTER_KEY to the new key, unset REDRESS_NEW_MASTER_KEY, and restart every server.")
    else:
        kept = settings.home / f"master-key.{rotated.number - 1}"
        out.print(f"Restart every server. The earlier key is kept in {kept} for the backups that need it.")


@keys.command("list")
def list_keys() -> None:
    """Every key, without its secret. When it was last used is written down once a minute.

    Example: redress keys list
    """
    with open_every_register() as register:
        for own in register.each():
            _print_keys(key for key in own.access.listed() if own.has(key.authority))


def _print_keys(listed: Iterable[Any]) -> None:
    for key in listed:
        expires, revoked, used = key.expires_at or "never", key.revoked_at or "no", key.last_used_at or "never"
        limit = ", no rate limit" if key.unlimited else ""
        sys.stdout.write(f"{key.key_id}  {key.authority or key.region}  {key.name}  ({key.scopes}){limit}\n")
        sys.stdout.write(
            f"          created {key.created_at}, last used {used}, expires {expires}, revoked {revoked}\n"
        )
