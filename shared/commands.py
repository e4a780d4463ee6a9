"""What every command of every service is made of: a frozen body that refuses unknown fields, and its field types.

A command is at once the JSON body of its route, a line of an import, and the argument of `decide`: one shape, one name.
"""

import re
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
from pydantic_core import PydanticCustomError

from shared.clock import LONDON


def _written_out(value: Any) -> Any:
    """Refuse what pydantic would count in seconds from 1970: an instant is written as ISO 8601 has it."""
    if isinstance(value, int | float) or (isinstance(value, str) and not re.match(r"\d{4}-\d\d-\d\d", value)):
        raise PydanticCustomError("datetime_parsing", "An instant is written as ISO 8601 has it")
    return value


def _day(value: Any) -> Any:
    if isinstance(value, int | float) or (isinstance(value, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", value)):
        raise PydanticCustomError("date_parsing", "A date is written as ISO 8601 has it")
    return value


Day = Annotated[date, BeforeValidator(_day)]
"""An ISO 8601 date in a query. The dates of a `Command` are read in the same way."""


class Command(BaseModel):
    """A request to record something; values that no case could have are refused before `decide` sees them."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    @field_validator("*", mode="before")
    @classmethod
    def _days_are_written_out(cls, value: Any, info: ValidationInfo) -> Any:
        return _day(value) if info.field_name in _days(cls) else value


@cache
def _days(command: type[Command]) -> frozenset[str]:
    fields = command.model_fields.items()
    return frozenset(name for name, field in fields if date in (field.annotation, *get_args(field.annotation)))


def example(**body: JsonValue) -> ConfigDict:
    """The example of a body that the documentation shows."""
    return ConfigDict(json_schema_extra={"examples": [body]})


def _printable(value: str) -> str:
    if any(ord(character) < 32 and character not in "\t\n\r" for character in value):
        raise ValueError("control characters are not text")
    return value


def _in_london_if_naive(value: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=LONDON)


Instant = Annotated[datetime, BeforeValidator(_written_out), AfterValidator(_in_london_if_naive)]
"""An ISO 8601 instant; without an offset it is read as Europe/London time, which is what a form in England means."""

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]{0,59}$")]
"""A value of a code list."""

Reference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}$")]
"""The reference of a case or of an Ombudsman's enquiry."""

StaffId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._@-]{0,79}$")]
"""Who, of the council's staff, by id or role, never a resident."""

_CONTROL = r"\u0000-\u0008\u000b\u000c\u000e-\u001f"
# What `_printable` takes, as the API's description says it: not white space alone either.
_TEXT = Field(json_schema_extra={"pattern": rf"^[^{_CONTROL}]*[^{_CONTROL}\s][^{_CONTROL}]*$"})

Line = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(_printable), _TEXT]
"""A short publishable text of the authority, such as a provider's name; no personal data."""

Prose = Annotated[str, StringConstraints(min_length=1, max_length=100_000), AfterValidator(_printable), _TEXT]
"""A longer text."""


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = BeforeValidator(_whole)
"""For a strict int: 250.0 is an integer too, as JSON has it; "250", true and 250.5 are not."""

Pence = Annotated[int, Field(ge=0, le=10**11, strict=True), Whole]
"""Money, in whole pence."""
