"""What every command of every service is made of: a frozen body that refuses unknown fields, and its field types.

A command is at once the JSON body of its route, a line of an import, and the argument of `decide`: one shape, one name.
"""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from shared.clock import LONDON


class Command(BaseModel):
    """A request to record something; values that no case could have are refused before `decide` sees them."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def example(**body: JsonValue) -> ConfigDict:
    """The example of a body that the documentation shows."""
    return ConfigDict(json_schema_extra={"examples": [body]})


def _printable(value: str) -> str:
    if any(ord(character) < 32 and character not in "\t\n\r" for character in value):
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

Line = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(_printable)]
"""A short publishable text of the authority, such as a provider's name; no personal data."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=10_000), AfterValidator(_printable)]
"""A publishable text of some paragraphs; no personal data."""

Prose = Annotated[str, StringConstraints(min_length=1, max_length=100_000), AfterValidator(_printable)]
"""A longer text."""

Pence = Annotated[int, Field(ge=0, le=10**11, strict=True)]
"""Money, in whole pence."""
