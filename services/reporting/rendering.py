"""A paper in each of the formats that it is asked for."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import orjson

from services.reporting.documents import as_csv
from services.reporting.pages.page import POLICY, page
from services.reporting.paper import Format, Paper
from services.reporting.spreadsheet import spreadsheet


class Rendered(NamedTuple):
    """The bytes of a document, what they are, and the name that they are saved under (empty: shown, not saved).

    `policy` is the Content-Security-Policy of what a browser shows; empty for what shows nothing.
    """

    content: bytes
    media_type: str
    filename: str
    policy: str


class _Way(NamedTuple):
    media_type: str
    make: Callable[[Paper], bytes]
    saved: bool = False
    policy: str = ""


def _figures(paper: Paper) -> bytes:
    """The figures, one a line; the progress of open cases is a list first of all, which no other report's CSV holds."""
    return as_csv(paper.tables, paper.listings if paper.kind == "progress" else ()).encode()


WAYS: Mapping[Format, _Way] = {
    "json": _Way("application/json", lambda paper: orjson.dumps(paper.document)),
    "csv": _Way("text/csv; charset=utf-8", _figures, saved=True),
    "html": _Way("text/html; charset=utf-8", lambda paper: page(paper).encode(), policy=POLICY),
    "ods": _Way("application/vnd.oasis.opendocument.spreadsheet", spreadsheet, saved=True),
}

KINDS: Mapping[str, Format] = {way.media_type.partition(";")[0]: name for name, way in WAYS.items()}
"""The media types that an Accept header may name."""


def render(paper: Paper, wanted: Format) -> Rendered:
    """The paper in one format; of the same paper always the same bytes."""
    way = WAYS[wanted]
    filename = f"{paper.filename}.{wanted}" if way.saved else ""
    return Rendered(way.make(paper), way.media_type, filename, way.policy)


def accepted(header: str) -> Format:
    """The format that an Accept header puts first; JSON where it names none of them."""
    kinds: Mapping[str, Format] = {**KINDS, "*/*": "json", "application/*": "json", "text/*": "html"}
    ranges = (part.lower().replace(" ", "").split(";") for part in header.split(","))
    wanted = [(_quality(parameters), kinds[name]) for name, *parameters in ranges if name in kinds]
    return next((found for quality, found in sorted(wanted, key=lambda each: -each[0]) if quality > 0), "json")


def _quality(parameters: Iterable[str]) -> float:
    """How much a range is wanted (RFC 9110, 12.4.2): 1 unless it says otherwise."""
    told = (value for name, _, value in (each.partition("=") for each in parameters) if name == "q")
    try:
        return float(next(told, "1"))
    except ValueError:
        return 0.0
