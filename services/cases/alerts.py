"""Practice learning alerts: events on the authority's own stream, numbered from 1 in the order in which they came."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from services.cases.commands import IssuePracticeLearningAlert
from shared import handling
from shared.authority import authority
from shared.errors import bad_value
from shared.events import PracticeLearningAlertIssued
from shared.handling import Request
from shared.log import ANY, Append, Recorded
from shared.register import Register
from shared.restrictions import hidden


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert, and its number in the authority."""

    number: int
    issued: PracticeLearningAlertIssued


def recording(
    request: Request, command: IssuePracticeLearningAlert, today: date, holds: Callable[[str], bool]
) -> Append:
    """The append that an alert amounts to; `holds` says whether the register holds a case of a reference.

    Raises:
        Rejected: a day to come, a service area that there is not, a case that the register does not hold.
    """
    issued_on = command.issued_on or today
    if issued_on > today:
        raise bad_value("in_the_future", "issued_on", f"issued_on is {issued_on}, later than today ({today})")
    for index, area in enumerate(command.service_areas):
        authority(request.authority).codes.check("service_areas", area, issued_on, f"service_areas.{index}")
    for index, reference in enumerate(command.cases):
        if not holds(reference):
            raise bad_value("unknown_case", f"cases.{index}", "the register holds no case of that reference")
    alert = PracticeLearningAlertIssued(
        issued_on=issued_on,
        title=command.title,
        text=command.text,
        service_areas=command.service_areas,
        cases=command.cases,
    )
    return Append(
        authority=request.authority,
        stream=_stream(request.authority),
        expected=ANY,
        events=(alert,),
        actor=request.actor,
        key=request.key,
        correlation=request.correlation,
    )


async def issue(register: Register, request: Request, command: IssuePracticeLearningAlert) -> Alert:
    """Record an alert. Raises `Rejected`, `KeyReused`, `Unavailable`."""

    def holds(reference: str) -> bool:
        with register.engine.connect() as connection:
            kept = hidden(connection, request.actor, request.authority, [reference])
        name = "" if kept else reference  # looked for in vain, so that it takes as long as for an unknown one
        return bool(register.log.stream(request.authority, f"case:{name}", 1))

    item = await asyncio.to_thread(recording, request, command, register.today(), holds)
    appended = await handling.record(register, item)
    return (await asyncio.to_thread(issued, register, request.authority, appended.version))[-1]


def issued(register: Register, code: str, upto_version: int | None = None) -> list[Alert]:
    """The alerts of an authority in the order in which they came, up to a version of its stream."""
    return numbered(register.log.stream(code, _stream(code), upto_version))


def numbered(history: Sequence[Recorded]) -> list[Alert]:
    """The alerts among the events of an authority's stream."""
    events = (recorded.event for recorded in history)
    alerts = (event for event in events if isinstance(event, PracticeLearningAlertIssued))
    return [Alert(number, alert) for number, alert in enumerate(alerts, 1)]


def _stream(code: str) -> str:
    return f"authority:{code}"
