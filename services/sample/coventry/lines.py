"""The lines of the import: what is recorded of each case, at which minute, under which reference."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from services.sample.coventry.arranging import CALENDAR
from shared.clock import LONDON

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One command of the import; `thread` gives it the reference that is known only once all are in order."""

    recorded_at: datetime
    route: str
    body: Body
    thread: "Thread | None" = None
    number: int | None = None


@dataclass(eq=False, slots=True)
class Thread:
    """The lines of one case or enquiry. Things are recorded in office hours, on their day or the next working day."""

    serial: int
    base: str
    happened_on: date
    reference: str = ""
    entered_on: date = date.min  # nothing is recorded before it: how a late entry is told
    lines: list[Line] = field(default_factory=list)

    def record(
        self, on: date, route: str, body: Body, *, number: int | None = None, after: datetime | None = None
    ) -> None:
        """Add a line for what happened `on` a day, recorded after all that the thread has so far."""
        day = max(on, self.entered_on)
        day = day if CALENDAR.is_working_day(day) else CALENDAR.next(day)
        minute = (53 * self.serial + 29 * len(self.lines)) % 440
        moment = datetime.combine(day, time(9, 5), LONDON).astimezone(UTC) + timedelta(minutes=minute)
        if self.lines:
            moment = max(moment, self.lines[-1].recorded_at + timedelta(minutes=4))
        if after is not None:
            moment = max(moment, after.astimezone(UTC) + timedelta(minutes=11))
        self.lines.append(Line(moment, route if route.startswith("/") else f"{self.base}/{route}", body, self, number))

    def record_late(self, on: date, route: str, body: Body) -> None:
        """Add a line of a working day at its very end, wherever the thread stands: after `record` has had its say."""
        minute = (self.serial + 7 * len(self.lines)) % 50
        moment = datetime.combine(on, time(17, 5), LONDON).astimezone(UTC) + timedelta(minutes=minute)
        self.lines.append(Line(moment, f"{self.base}/{route}", body, self))


class Register:
    """Collects threads and loose lines, then puts all in the order of recording and gives each case its reference."""

    def __init__(self) -> None:
        self.threads: list[Thread] = []
        self.loose: list[Line] = []

    def thread(self, base: str, happened_on: date, reference: str = "") -> Thread:
        """A new case or enquiry."""
        self.threads.append(Thread(len(self.threads), base, happened_on, reference))
        return self.threads[-1]

    def lines(self) -> Iterator[Body]:
        """The lines of the import."""
        self._give_references()
        everything = [*self.loose, *(line for thread in self.threads for line in thread.lines)]
        for line in sorted(everything, key=lambda line: line.recorded_at):
            content: Body = {"recorded_at": zulu(line.recorded_at), "route": line.route}
            if line.thread is not None and line.route != "/v1/ombudsman/enquiries":
                content["reference"] = line.thread.reference
            if line.number is not None:
                content["number"] = line.number
            yield content | {"body": {name: plain(value) for name, value in line.body.items()}}

    def _give_references(self) -> None:
        """They count up by calendar year of receipt, in the order of recording."""
        numbers: Counter[int] = Counter()
        for thread in sorted(self.threads, key=lambda thread: thread.lines[0].recorded_at):
            if not thread.reference:
                year = thread.happened_on.year
                numbers[year] += 1
                thread.reference = f"COV-{year}-{numbers[year]:06}"


def zulu(moment: datetime) -> str:
    """An instant as the import writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def plain(value: Any) -> Any:
    """A value of a body as JSON has it; a case is its reference."""
    match value:
        case datetime():
            return zulu(value)
        case date():
            return value.isoformat()
        case Thread():
            return value.reference
        case _:
            return value
