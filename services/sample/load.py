"""Founds Coventry's log on the invented history, through the same import as anyone's; and compares what comes out."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

import orjson

from services.importing import go_live, import_history, is_live
from services.reporting import reports
from services.reporting.app import follower
from services.reporting.reading import ReadModels
from services.sample.coventry import Published, history, published
from shared.access import SCOPES
from shared.register import Register
from shared.settings import Settings, secret_file
from shared.year import Year

AUTHORITY = "COV"
Progress = Callable[[int], AbstractContextManager[Callable[[int], None]]]


def found(register: Register, settings: Settings, progress: Progress) -> int | None:
    """Import the history and go live; how many records, or None if they are there already.

    A development key with every scope and no rate limit is left in `$REDRESS_HOME/dev-key`, for its owner's eyes alone.
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
        key = register.access.create(AUTHORITY, "development", SCOPES, None, unlimited=True)
        secret_file(settings.home / "dev-key", key)
    return imported


@dataclass(frozen=True, slots=True)
class Compared:
    """A printed figure beside the register's; None where no report of the register has it."""

    figure: Published
    register: Decimal | None

    @property
    def same(self) -> bool:
        """Whether the register says what was printed."""
        return self.register == self.figure.value


def compare(register: Register) -> list[Compared]:
    """Every printed figure beside what the register's report of its year says as at its day."""
    follower(register).catch_up(AUTHORITY)
    models = ReadModels(register.engine, register.log, None, AUTHORITY)

    @cache
    def figures(year: str, as_at: date) -> dict[tuple[str, str, str], Decimal]:
        counted = reports.count(models, "annual", Year.of(year), as_at)
        return {
            (table.name, cell.row, cell.column): Decimal(str(cell.value))
            for table in counted.tables
            for cell in table.cells
            if cell.value is not None
        }

    return [Compared(f, figures(f.year, f.as_at).get((f.table, f.row, f.column))) for f in published()]
