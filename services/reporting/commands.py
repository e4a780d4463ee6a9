"""What someone may ask of the reporting service to record."""

from typing import Annotated

from pydantic import Field, StringConstraints

from shared.commands import Code, Command, Line, Whole, example


class RecordReferenceFigure(Command):
    """A published number that no case holds, with its source; recorded again, the newest is in force."""

    name: Code
    subject: Line
    year: Annotated[str, StringConstraints(pattern=r"^20\d\d-\d\d$")]
    value: Annotated[int, Field(ge=0, le=10**9, strict=True), Whole]
    unit: Line
    source: Line

    model_config = example(
        name="adults_in_long_term_support",
        subject="Coventry City Council",
        year="2024-25",
        value=3709,
        unit="people",
        source="Adult Social Care: Complaints and Compliments Annual Report 2024-25",
    )
