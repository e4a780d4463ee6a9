"""What every command of every service is made of: a frozen body that refuses unknown fields, and its field types.

A command is at once the JSON body of its route, a line of an import, and the argument of `decide`: one shape, one name.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticKnownError

from shared.clock import LONDON

_ISO: Mapping[type, re.Pattern[str]] = {
    date: re.compile(r"\d{4}-\d\d-\d\d"),
    datetime: re.compile(r"\d{4}-\d\d-\d\d([T ].*)?"),
}


def kinds(annotation: Any) -> frozenset[type]:
    """Which of bool, date and datetime an annotation takes, alone or in a union."""
    if annotation in (bool, *_ISO):
        return frozenset({annotation})
    return frozenset[type]().union(*map(kinds, get_args(annotation)))


def strict(value: object, taken: frozenset[type]) -> object:
    """A value that is written as JSON and ISO 8601 write it: no 1 for true, no seconds since 1970 for a date.

    Raises:
        PydanticKnownError: what Pydantic says of a value that is no boolean, date or instant at all.
    """
    if value is None:
        return value
    if bool in taken and not isinstance(value, bool):
        raise PydanticKnownError("bool_type")
    for kind in taken & set(_ISO):
        if isinstance(value, str) and not _ISO[kind].fullmatch(value.strip()):
            raise PydanticKnownError(f"{kind.__name__}_parsing", {"error": "not ISO 8601"})  # type: ignore[arg-type]
        if not isinstance(value, str | kind):
            raise PydanticKnownError(f"{kind.__name__}_type")  # type: ignore[arg-type]
    return value


class Command(BaseModel):
    """A request to record something; values that no case could have are refused before `decide` sees them."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    @field_validator("*", mode="before")
    @classmethod
    def _strict(cls, value: object, info: ValidationInfo) -> object:
        return strict(value, _kinds_of(cls, info.field_name or ""))


@cache
def _kinds_of(command: type[Command], field: str) -> frozenset[type]:
    """What a field must be written as; one with a `BeforeValidator` of its own says that itself."""
    info = command.model_fields[field]
    reads_itself = any(isinstance(each, BeforeValidator) for each in info.metadata)
    return frozenset() if reads_itself else kinds(info.annotation)


def example(**body: JsonValue) -> ConfigDict:
    """The example of a body that the documentation shows."""
    return ConfigDict(json_schema_extra={"examples": [body]})


_CONTROL = r"\u0000-\u0008\u000b\u000c\u000e-\u001f"
_UNPRINTABLE = re.compile(f"[{_CONTROL}]")


def _printable(value: str) -> str:
    if _UNPRINTABLE.search(value):
        raise ValueError("control characters are not text")
    return value


def _in_london_if_naive(value: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=LONDON)


Instant = Annotated[datetime, AfterValidator(_in_london_if_naive)]
"""An ISO 8601 instant; without an offset it is read as Europe/London time, which is what a form in England means."""

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]{0,59}$")]
"""A value of a code list."""

Reference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}$")]
"""The reference of a case or of an Ombudsman's enquiry."""

StaffId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._@-]{0,79}$")]
"""Who, of the council's staff, by id or role, never a resident."""

Actor = Annotated[str, StringConstraints(pattern=r"^[a-z]+:[!-~]([ -~]{0,254}[!-~])?$")]
"""Whoever makes requests, as the log names them: `key:` and an API key's id, `person:` and a subject."""

# What `_printable` takes, as the API's description says it: not white space alone either.
_TEXT = Field(json_schema_extra={"pattern": rf"^[^{_CONTROL}]*[^{_CONTROL}\s][^{_CONTROL}]*$"})

Line = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(_printable), _TEXT]
"""A short publishable text of the authority, such as a provider's name; no personal data."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=10_000), AfterValidator(_printable), _TEXT]
"""A publishable text of some paragraphs; no personal data."""

Prose = Annotated[str, StringConstraints(min_length=1, max_length=100_000), AfterValidator(_printable), _TEXT]
"""A longer text."""


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = BeforeValidator(_whole)
"""For a strict int: 250.0 is an integer too, as JSON has it; "250", true and 250.5 are not."""

Pence = Annotated[int, Field(ge=0, le=10**11, strict=True), Whole]
"""Money, in whole pence."""
