"""A paper in each of the formats that it is asked for."""

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

import orjson

from services.reporting.documents import as_csv
from services.reporting.paper import Paper

Format = Literal["json", "csv"]


class Rendered(NamedTuple):
    """The bytes of a document, what they are, and the name that they are saved under (empty: shown, not saved)."""

    content: bytes
    media_type: str
    filename: str


class _Way(NamedTuple):
    media_type: str
    make: Callable[[Paper], bytes]
    saved: bool


WAYS: Mapping[Format, _Way] = {
    "json": _Way("application/json", lambda paper: orjson.dumps(paper.document), saved=False),
    "csv": _Way("text/csv; charset=utf-8", lambda paper: as_csv(paper.tables, paper.listings).encode(), saved=True),
}


def render(paper: Paper, wanted: Format) -> Rendered:
    """The paper in one format; of the same paper always the same bytes."""
    way = WAYS[wanted]
    return Rendered(way.make(paper), way.media_type, f"{paper.filename}.{wanted}" if way.saved else "")


def accepted(header: str) -> Format:
    """The format that an Accept header puts first; JSON where it names none of them."""
    wanted = sorted((part.partition(";") for part in header.split(",")), key=lambda part: -_quality(part[2]))
    kinds = {way.media_type.partition(";")[0]: name for name, way in WAYS.items()}
    kinds |= {"*/*": "json", "application/*": "json"}
    return next((kinds[part[0].strip()] for part in wanted if part[0].strip() in kinds), "json")


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
