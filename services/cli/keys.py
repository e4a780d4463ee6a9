"""API keys: each belongs to one authority, with scopes."""

import sys
from typing import Annotated

import typer

from services.cli.common import AuthorityCode, open_register, out
from shared.errors import NotFound

keys = typer.Typer(no_args_is_help=True, help=__doc__)


@keys.command("create")
def create_key(
    authority: AuthorityCode,
    name: Annotated[str, typer.Option(help="Whose key it is.")],
    scope: Annotated[list[str], typer.Option(help="A scope; give the option once for each.")],
    days: Annotated[int | None, typer.Option(min=1, help="Days until it expires; without it, never.")] = None,
    unlimited: Annotated[
        bool, typer.Option("--unlimited", help="No rate limit: for the authority's own jobs.")
    ] = False,
) -> None:
    """Create a key and show it once.

    Example: redress keys create --authority COV --name form --scope complaints:write
    """
    with open_register() as register:
        out.print(register.access.create(authority, name, tuple(scope), days, unlimited=unlimited))


@keys.command("revoke")
def revoke_key(key_id: Annotated[str, typer.Argument(help="The key's id, as `keys list` shows it.")]) -> None:
    """End a key.

    Example: redress keys revoke 1a2b3c4d
    """
    with open_register() as register:
        try:
            register.access.revoke(key_id)
        except NotFound:
            raise ValueError(f"there is no key {key_id}; `redress keys list` shows them") from None
    out.print(f"Key {key_id} is revoked.")


@keys.command("list")
def list_keys() -> None:
    """Every key, without its secret. When it was last used is written down once a minute.

    Example: redress keys list
    """
    with open_register() as register:
        listed = register.access.listed()
    for key in listed:
        expires, revoked, used = key.expires_at or "never", key.revoked_at or "no", key.last_used_at or "never"
        limit = ", no rate limit" if key.unlimited else ""
        sys.stdout.write(f"{key.key_id}  {key.authority}  {key.name}  ({key.scopes}){limit}\n")
        sys.stdout.write(
            f"          created {key.created_at}, last used {used}, expires {expires}, revoked {revoked}\n"
        )
