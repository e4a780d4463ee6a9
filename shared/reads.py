"""Who read personal data, when and why: what the vault recorded of each opening and each look-up."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import orjson
import sqlalchemy as sa

from shared.clock import end_of_day, stamp
from shared.personal_data import personal_data_reads


@dataclass(frozen=True, slots=True)
class Filters:
    """What the readings are narrowed to; None is everything. Days are of Europe/London, both included."""

    reference: str | None = None
    actor: str | None = None
    since: date | None = None
    until: date | None = None


def page(
    connection: sa.Connection, authority: str, filters: Filters, limit: int, before: str | None = None
) -> list[dict[str, Any]]:
    """Newest first, at most `limit` readings before one of them; each with the fields that were read."""
    c = personal_data_reads.c
    wanted = [c.authority == authority]
    if filters.reference:
        wanted.append(c.reference == filters.reference)
    if filters.actor:
        wanted.append(c.actor == filters.actor)
    if filters.since and filters.since > date.min:  # there is no day before it
        wanted.append(c.read_at >= stamp(end_of_day(filters.since - timedelta(days=1))))
    if filters.until and filters.until < date.max:  # nor one after it
        wanted.append(c.read_at < stamp(end_of_day(filters.until)))
    if before:
        wanted.append(c.read_id < before)
    rows = connection.execute(
        sa.select(personal_data_reads).where(*wanted).order_by(c.read_id.desc()).limit(limit)
    ).mappings()
    return [{**row, "fields": orjson.loads(row["fields"])} for row in rows]
