"""The codes of cases in words, for the lists that people read; programs are told the codes."""

from collections.abc import Mapping
from datetime import date

from services.reporting.grid import said
from shared.authority import CodeLists
from shared.deadlines import RagColour

COLOUR = "RAG"
"""The heading of a column that says how urgent a case is: by a colour's name, or that no deadline runs."""

NO_CLOCK = "no deadline runs"

DEADLINES: Mapping[str, str] = {
    "local_standard": "Answer, by the council's own standard",
    "response_period": "Answer, by the period told",
    "statutory_limit": "Answer, by the limit in law",
    "stage_1": "Stage 1 answer",
    "stage_2": "Stage 2 answer",
    "stage_3": "Stage 3 answer",
    "stage_1_backstop": "Stage 1 answer, at the latest",
    "stage_2_backstop": "Stage 2 answer, at the latest",
    "stage_2_from_request": "Stage 2 answer, from the request",
    "stage_2_request": "Request for stage 2",
    "stage_3_request": "Request for stage 3",
    "panel": "Meeting of the panel",
    "panel_report": "Report of the panel",
}
"""What a deadline asks for; one that is not listed is called as its rule is."""


def deadline(name: str | None) -> str | None:
    """What a deadline asks for.

    >>> deadline("stage_1"), deadline("stage_2_acknowledgement")
    ('Stage 1 answer', 'Stage 2 acknowledgement')
    """
    return DEADLINES.get(name, said(name)) if name else None


def label(codes: CodeLists, name: str, code: str | None, on: date) -> str | None:
    """A code's label in the edition in force on a day, or in the last that had it; said as it is if none did."""
    if code is None:
        return None
    editions = (codes.edition(name, on), *reversed(codes.lists[name]))
    return said(next((value.label for edition in editions if (value := edition.get(code))), code))


def words(name: str | None) -> str | None:
    """A name such as that of a stage or a pathway."""
    return said(name) if name else None


def colour(rag: RagColour | None) -> str:
    """A colour by its name."""
    return said(rag or NO_CLOCK)


def days_left(left: int | None) -> str | None:
    """The working days left.

    >>> days_left(5), days_left(0), days_left(-3)
    ('5 left', 'due today', '3 over')
    """
    if left is None:
        return None
    return "due today" if left == 0 else f"{abs(left)} {'left' if left > 0 else 'over'}"
