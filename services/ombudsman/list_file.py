"""The Ombudsman's list as a CSV file: all of its rows, or the line and the column that cannot be read.

What stands there is never repeated: it may be anything.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from pydantic import ValidationError

from services.ombudsman.published import ListedDecision, category_of, listed_again, plain
from shared.errors import Rejected, bad_value

HEADINGS: Mapping[str, str] = {
    "reference": "reference",
    "case reference": "reference",
    "complaint reference": "reference",
    "category": "category",
    "decision": "decision",
    "decided on": "decided_on",
    "decided": "decided_on",
    "decision date": "decided_on",
    "date decided": "decided_on",
    "reason": "reason",
    "decision reason": "reason",
    "remedy": "remedy",
}
"""What the Ombudsman heads the columns with, as `plain` has it; columns of any other heading are passed over."""

Cells = Mapping[str, str]
"""The cells of a line by column; a column that the file has not is not there."""


def read_list(content: bytes) -> tuple[ListedDecision, ...]:
    """The decisions of a file in UTF-8 whose first line holds the headings.

    A column `decision` holds the Ombudsman's decision where there is one, and `category` may then be the subject's.
    A column `remedy` that is empty throughout says nothing; otherwise an empty cell says that there was no remedy.

    Raises:
        Rejected: `unreadable_list`, naming the line and the column.
    """
    lines = list(_lines(content))
    if not lines:
        raise _unreadable(1, None, "there are no headings")
    columns = _columns(*lines[0])
    rows = [(number, _cells(number, columns, line)) for number, line in lines[1:]]
    tells_remedies = any(cells.get("remedy") for _, cells in rows)
    found = tuple(_decision(number, cells, tells_remedies=tells_remedies) for number, cells in rows)
    if again := listed_again([decision.reference for decision in found]):
        first, second = (rows[place][0] for place in again)
        raise _unreadable(second, "reference", f"it is that of line {first}")
    return found


def _lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Each line that is not empty, with the number of the one that it begins on."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(content.count(b"\n", 0, error.start) + 1, None, "this is not UTF-8") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begins = 1
    try:
        for line in reader:
            if any(cell.strip() for cell in line):
                yield begins, line
            begins = reader.line_num + 1
    except csv.Error:
        raise _unreadable(begins, None, "its quotation marks do not pair, or a cell is too long") from None


def _columns(number: int, headings: Sequence[str]) -> list[str | None]:
    columns = [HEADINGS.get(plain(heading)) for heading in headings]
    for name in ("reference", "decided_on"):
        if name not in columns:
            raise _unreadable(number, name, "there is no such column")
    if "category" not in columns and "decision" not in columns:
        raise _unreadable(number, "category", "there is no such column")
    known = [name for name in columns if name]
    if twice := next((name for name in known if known.count(name) > 1), None):
        raise _unreadable(number, twice, "there are two such columns")
    return columns


def _cells(number: int, columns: Sequence[str | None], line: Sequence[str]) -> Cells:
    if len(line) != len(columns):
        raise _unreadable(number, None, f"it has {len(line)} cells, and the headings {len(columns)}")
    return {name: cell.strip() for name, cell in zip(columns, line, strict=True) if name}


def _decision(number: int, cells: Cells, *, tells_remedies: bool) -> ListedDecision:
    outcome = _outcome(number, cells)
    try:
        return ListedDecision(
            reference=cells["reference"],
            category=cells[outcome],
            decided_on=cells["decided_on"],
            reason=cells.get("reason") or None,
            remedy=cells.get("remedy") if tells_remedies else None,
        )
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        column = str(fault["loc"][0])
        said = str(fault["msg"]).removeprefix("Value error, ")
        raise _unreadable(number, outcome if column == "category" else column, said) from None


def _outcome(number: int, cells: Cells) -> str:
    """The column that holds the Ombudsman's decision."""
    given = [name for name in ("decision", "category") if cells.get(name)]
    readable = {name: found for name in given if (found := category_of(cells[name]))}
    if len(set(readable.values())) > 1:
        raise _unreadable(number, "decision", "it contradicts the column category")
    return next(iter([*readable, *given]), "category" if "category" in cells else "decision")


def _unreadable(line: int, column: str | None, why: str) -> Rejected:
    place = f"line {line}, column {column}" if column else f"line {line}"
    return bad_value("unreadable_list", place, f"{place}: {why}")
