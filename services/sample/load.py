"""Founds Coventry's log on the invented history, through the same import as anyone's; and compares what comes out."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import orjson

from services.importing import go_live, import_history, is_live
from services.sample.coventry import history
from shared.access import SCOPES
from shared.register import Register
from shared.settings import Settings, secret_file

AUTHORITY = "COV"
Progress = Callable[[int], AbstractContextManager[Callable[[int], None]]]


def found(register: Register, settings: Settings, progress: Progress) -> int | None:
    """Import the history and go live; how many records, or None if they are there already.

    A development key with every scope is left in `$REDRESS_HOME/dev-key`, readable by its owner alone.
    """
    register.citations.keep(AUTHORITY)
    imported = None
    if not is_live(register, AUTHORITY):
        lines = [orjson.dumps(line) for line in history()]
        with progress(len(lines)) as advance:
            taken = import_history(register, b"\n".join(lines), advance)
        imported = taken.records if taken else None
        go_live(register, AUTHORITY)
    if not (settings.home / "dev-key").exists():
        secret_file(settings.home / "dev-key", register.access.create(AUTHORITY, "development", SCOPES, None))
    return imported
