"""History from an earlier system: a file of commands in order of recording, run through the same decisions as the API.

A file is JSON lines. The first says `{"history": 1, "authority": …, "source": …}`; each line after it is a command:
`{"recorded_at": …, "route": "/v1/cases/{reference}/acknowledgement", "reference": …, "body": {…}}`, where the body is
what the route takes. A file comes in whole or not at all.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any, cast

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Strict, TypeAdapter, ValidationError

from services.cases import alerts
from services.cases import handler as cases
from services.cases.commands import (
    CaseCommand,
    IssuePracticeLearningAlert,
    ReceiveComment,
    ReceiveComplaint,
    ReceiveCompliment,
)
from services.ombudsman import handler as ombudsman
from services.ombudsman.commands import EnquiryCommand, ReceiveEnquiry
from services.reporting import handler as reporting
from services.reporting.commands import RecordReferenceFigure
from shared import codec, handling
from shared.clock import london_date
from shared.commands import Command, Reference, strict
from shared.database import writer
from shared.errors import RedressError, Rejected
from shared.events import Event, HistoryImported, WentLive
from shared.handling import Request
from shared.log import ANY, Append, Key, OutOfOrder, VersionConflict
from shared.register import Register

_BATCH = 250
ACTOR = "import"


class ImportFailed(RedressError):
    """Nothing of the file was taken; the message names the line and the rule."""


class Line(BaseModel):
    """One command of an earlier system's history."""

    model_config = ConfigDict(extra="forbid")

    recorded_at: Annotated[datetime, BeforeValidator(lambda value: strict(value, frozenset({datetime})))]
    route: str
    body: dict[str, Any]
    reference: Reference | None = None
    number: Annotated[int, Strict()] | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import brought: how many records, and where the log ends after it."""

    records: int
    position: int


RECEIPTS: Mapping[str, type[Command]] = {
    "/v1/complaints": ReceiveComplaint,
    "/v1/compliments": ReceiveCompliment,
    "/v1/comments": ReceiveComment,
}
CASES = "/v1/cases/{reference}/"
ENQUIRIES = "/v1/ombudsman/enquiries"
ALERTS = "/v1/practice-learning-alerts"


@dataclass
class _History:
    """The streams of the file as far as it has been read, so that each command is decided on what went before."""

    register: Register
    authority: str
    streams: dict[str, list[Event]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

    def items(self, line: Line) -> Append:
        """The append of a line."""
        request = Request(self.authority, ACTOR)
        item = self._item(line, request)
        stream = cast("str", item.stream)
        self.streams[stream] = [*self._events(stream), *item.events]
        series, _, number = stream.partition(":")[2].rpartition("-")
        if number.isdigit() and series.startswith(f"{self.authority}-"):
            self.numbers[series] = max(self.numbers.get(series, 0), int(number))
        return replace(item, known_at=line.recorded_at)

    def _item(self, line: Line, request: Request) -> Append:
        today = london_date(line.recorded_at)
        if line.route in RECEIPTS:
            received = RECEIPTS[line.route].model_validate(line.body)
            if line.reference is None:
                raise ValueError("a receipt of an earlier system has the reference that it was given")
            return cases.receipt(
                self.register.vault, request, cast("ReceiveComplaint", received), line.recorded_at, line.reference
            ).item
        if line.route == ENQUIRIES:
            return ombudsman.receipt(request, ReceiveEnquiry.model_validate(line.body), today).item
        if line.route == "/v1/reference-figures":
            return reporting.recording(request, RecordReferenceFigure.model_validate(line.body), today)
        if line.route == ALERTS:
            alert = IssuePracticeLearningAlert.model_validate(line.body)
            return alerts.recording(request, alert, today, lambda case: bool(self._events(f"case:{case}")))
        if line.route.startswith(CASES):
            on_case = cast("CaseCommand", _command(cases.COMMANDS, line, CASES))
            kind = cases.kind_of(self.authority, "complaint")
            return self._change(kind, request, line, cases.deciding(self.authority, on_case, today))
        if line.route.startswith(ENQUIRIES + "/{reference}/"):
            on_enquiry = cast("EnquiryCommand", _command(ombudsman.COMMANDS, line, ENQUIRIES + "/{reference}/"))
            decide = ombudsman.deciding(self.authority, on_enquiry, today)
            return self._change(ombudsman.ENQUIRY, request, line, decide)
        raise ValueError(f"no command has the route {line.route}")

    def _change(
        self, kind: handling.Kind[Any], request: Request, line: Line, decide: Callable[[Any], Sequence[Event]]
    ) -> Append:
        reference = line.reference
        if reference is None:
            raise ValueError("a command has the reference of what it acts on")
        history = self._events(kind.stream(reference))
        if not history:
            raise ValueError(f"{reference} has not been received")
        return handling.prepare(kind, request, reference, history, decide).item

    def _events(self, stream: str) -> list[Event]:
        if stream not in self.streams:
            self.streams[stream] = [r.event for r in self.register.log.stream(self.authority, stream)]
        return self.streams[stream]


def _command(known: Mapping[str, type[Any]], line: Line, prefix: str) -> Any:
    name = line.route.removeprefix(prefix)
    if name not in known:
        raise ValueError(f"no command has the route {line.route}")
    number = {"number": line.number} if line.number is not None else {}
    return known[name].model_validate({**line.body, **number})


def import_history(
    register: Register, content: bytes, progress: Callable[[int], None] = lambda _: None
) -> Imported | None:
    """Take in one file, whole; None if this very file has been taken before. `progress` is told each batch's size.

    Raises:
        ImportFailed: a line that cannot be, history out of order, or an authority that is live already.
    """
    header, *rest = content.splitlines() or [b""]
    authority, source = _header(header)
    if not register.has(authority):
        where = register.placement.cluster(authority)
        raise ImportFailed(f"{authority} is on the cluster {where}: import with REDRESS_CLUSTER={where}")
    if is_live(register, authority):
        raise ImportFailed(f"{authority} is live: its history is complete, and no more comes in")
    now = register.clock()
    records = [(number, _read(number, line, now)) for number, line in enumerate(rest, 2) if line.strip()]
    if not records:
        raise ImportFailed("the file holds no records")
    register.citations.keep(authority)
    register.keyring.check()  # made before the transaction below, if this is the first that needs it
    file = sha256(content).hexdigest()
    founding = Append(
        authority=authority,
        stream=f"authority:{authority}",
        expected=ANY,
        events=(
            HistoryImported(imported_on=register.today(), source=source, file=f"sha256:{file}", records=len(records)),
        ),
        actor=ACTOR,
        key=Key(f"import:{file}", file),
        known_at=records[0][1].recorded_at,
    )
    history = _History(register, authority)
    with writer(register.engine).begin() as connection:
        [first] = register.log.append_within(connection, [founding.ready()])
        if isinstance(first, Exception):
            raise ImportFailed(f"line 1: {_why(first)}") from first
        if first.replayed:
            return None
        position = first.position
        for start in range(0, len(records), _BATCH):
            batch = records[start : start + _BATCH]
            items = list(_items(history, batch))
            results = register.log.append_within(connection, items)
            for (number, _), result in zip(batch, results, strict=True):
                if isinstance(result, Exception):
                    raise ImportFailed(f"line {number}: {_why(result)}") from result
                position = result.position
            progress(len(batch))
        register.log.reserve(connection, authority, history.numbers)
    return Imported(len(records), position)


def _header(line: bytes) -> tuple[str, str]:
    try:
        header = orjson.loads(line)
        if header["history"] != 1:
            raise ImportFailed(f"line 1: history {header['history']} is a version that this code does not read")
        return str(header["authority"]), str(header["source"])
    except (KeyError, TypeError, orjson.JSONDecodeError):
        raise ImportFailed('line 1: the header is {"history": 1, "authority": …, "source": …}') from None


_LINE = TypeAdapter(Line)


def _read(number: int, line: bytes, now: datetime) -> Line:
    try:
        read = _LINE.validate_json(line)
    except ValidationError as error:
        raise ImportFailed(f"line {number}: {_faults(error)}") from None
    if read.recorded_at.tzinfo is None:
        raise ImportFailed(f"line {number}: recorded_at has no offset from UTC")
    if read.recorded_at > now:
        raise ImportFailed(f"line {number}: recorded_at is later than now")
    return read.model_copy(update={"recorded_at": read.recorded_at.astimezone(UTC)})


def _items(history: _History, batch: Sequence[tuple[int, Line]]) -> Iterator[Append]:
    for number, line in batch:
        try:
            yield history.items(line).ready()
        except ValidationError as error:
            raise ImportFailed(f"line {number}: {_faults(error)}") from None
        except (ValueError, RedressError) as error:
            raise ImportFailed(f"line {number}: {_why(error)}") from error


def _faults(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors(include_input=False)
    )


def _why(error: Exception) -> str:
    if isinstance(error, Rejected):
        return f"{error.rule}: {error.detail}"
    if isinstance(error, OutOfOrder):
        return f"recorded earlier than what comes before it, which was recorded at {error.last:%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(error, VersionConflict):
        return f"{error.stream.partition(':')[2]} has been received already"
    return str(error) or type(error).__name__


def is_live(register: Register, authority: str) -> bool:
    """Whether the register has taken over from the earlier system."""
    held = register.log.stream(authority, f"authority:{authority}")
    return any(recorded.type == codec.type_name(WentLive) for recorded in held)


def go_live(register: Register, authority: str) -> bool:
    """The register takes over: from now on, events are known when they are recorded. False if it had before."""
    stream = f"authority:{authority}"
    key = Key(f"went-live:{authority}", authority)
    went = Append(authority, stream, ANY, (WentLive(live_on=register.today()),), ACTOR, key)
    return not register.log.append(went).replayed
