"""What someone may ask of the reporting service to record."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.commands import Code, Command, Line, Text, Whole, example


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


class RecordNarrative(Command):
    """The council's own words on a year, as they may be published: no personal data. Recorded again, the newest stands.

    What it says of the subject matter, of matters of general importance and of action taken is SI 2009/309
    reg 18(1)(d); the self-assessment and the governing body's response are the Ombudsman's Code 8.1 and 8.2. An empty
    line parts two paragraphs.
    """

    introduction: Text | None = None
    subject_matter: Text | None = None
    matters_of_general_importance: Text | None = None
    action_taken: Text | None = None
    self_assessment: Text | None = None
    governance_response: Text | None = None

    model_config = example(
        introduction="This is our report on complaints about adult social care.",
        subject_matter="Most complaints were about communication and about the standard of care at home.",
        action_taken="Every call is now logged.\n\nA reviewing officer checks the log each week.",
    )


class PublishReport(Command):
    """Freeze a report as it was known at the end of a day, by default today, to be released later."""

    report: Literal["annual", "statutory"]
    year: Annotated[str, StringConstraints(pattern=r"^20\d\d-\d\d$")]
    as_at: date | None = None

    model_config = example(report="annual", year="2026-27")


class ReleasePublication(Command):
    """Make a publication public, with the body that approved it and its response (the Code 8.2), if any."""

    approved_by: Line | None = None
    approved_on: date | None = None
    response: Text | None = None

    model_config = example(
        approved_by="Cabinet Member for Adult Services",
        approved_on="2026-11-20",
        response="The Cabinet Member welcomes the report.",
    )


class WithdrawPublication(Command):
    """Hand out a publication no longer; of a released one, the reason is told to whoever asks for it."""

    reason: Line

    model_config = example(reason="A table counted complaints twice; a corrected report follows.")
