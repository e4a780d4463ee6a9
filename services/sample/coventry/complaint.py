"""A statutory, informal or corporate complaint as it is planned, before its lines are told."""

from dataclasses import dataclass, field
from datetime import date, datetime

from services.sample.coventry.arranging import CALENDAR
from services.sample.coventry.lines import Body, Thread
from shared.clock import london_date


@dataclass(eq=False, slots=True)
class Complaint:
    """A complaint's fate, before it is told: `days` are the working days from receipt (day 0) to its closing."""

    received: datetime
    outcome: str
    days: int
    channel: str
    service_area: str = ""
    concerns: list[tuple[str, str | None]] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    remedies: list[tuple[str, int | None]] = field(default_factory=list)
    characteristics: Body = field(default_factory=dict)
    thread: Thread | None = None

    @property
    def received_on(self) -> date:
        """The Europe/London day of receipt, which decides the year that it counts in."""
        return london_date(self.received)

    @property
    def closed_on(self) -> date:
        """The day of the response, or of the withdrawal."""
        return CALENDAR.add(self.received_on, self.days)

    @property
    def founded(self) -> bool:
        """Whether it is well-founded: upheld or partially upheld."""
        return self.outcome in ("upheld", "partially_upheld")
