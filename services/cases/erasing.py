"""Erasing personal data for good: one party or case, what its schedule has let go, and again after a restore.

The rows and the key go in the transaction of the event that says so; then the list that is kept beside the database
gets its lines, and an SQLite file is cleared of what was deleted.
"""

import asyncio
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa

from services.cases import enquiries, handler, keeping, kept_erasures
from services.cases.case import Case
from services.cases.case_list import case_list
from services.cases.commands import ErasePersonalData
from services.cases.enquiries import Enquiry
from services.cases.keeping import Against, Retention
from services.cases.kept_erasures import Kept
from shared import handling
from shared.database import expunge, writer
from shared.errors import NotFound, Rejected
from shared.events import PersonalDataErased
from shared.handling import Recorded, Request
from shared.personal_data import erased, personal_keys
from shared.register import Register
from shared.retention import schedule

logger = logging.getLogger(__name__)

ACTOR_AFTER_RESTORE = "erasures-list"


async def erase(register: Register, request: Request, reference: str, command: ErasePersonalData) -> Recorded[Case]:
    """Erase, and see that nothing is left. Raises what `handler.handle` raises: then nothing was erased."""
    recorded = await handler.handle(register, request, reference, command)
    await asyncio.to_thread(leave_no_trace, register, request.authority)
    return recorded


def would_erase(register: Register, code: str, reference: str, command: ErasePersonalData) -> tuple[str, ...]:
    """The parties that a command would erase. Raises what it would be refused for."""
    kind = handler.holding(register.log, code, reference)
    case = kind.fold([recorded.event for recorded in register.log.stream(code, kind.stream(reference))])
    if case is None:
        raise NotFound(f"case {reference}")
    over = enquiries.over(enquiries.about_cases(register.log, code).get(reference, ()))
    found = handler.deciding(code, command, register.today(), over)(case)
    return tuple(event.party for event in found if isinstance(event, PersonalDataErased))


def leave_no_trace(register: Register, authority: str) -> None:
    """Bring the kept list up to the log, and clear the database's files of what was deleted. Safe to do again."""
    if register.erasures:
        kept_erasures.keep(register.erasures, kept_erasures.of_log(register.log, authority))
    if not expunge(register.engine):
        logger.warning(
            "deleted bytes are still in the write-ahead log: a reader is in the way, and the next erasure clears it"
        )


# --- what the schedule lets go ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Due:
    """A case whose personal data the schedule would let go, and what stands against it all the same.

    `kept_until` is None for one that was never closed, although the years have passed since its receipt.
    """

    reference: str
    case: Case
    retention: Retention
    against: tuple[Against, ...]

    @property
    def erasable(self) -> bool:
        """Whether it is erased in bulk: nothing stands against it, and its rule asks nobody to look first."""
        return not self.against and self.retention.rule is not None and not self.retention.rule.review


def due(register: Register, authority: str) -> Iterator[Due]:
    """Everything whose years have passed and whose personal data is still held, in the order of its references."""
    today = register.today()
    about = enquiries.about_cases(register.log, authority)
    for reference, kind in _old(register, authority, today):
        history = register.log.stream(authority, kind.stream(reference))
        case = kind.fold([recorded.event for recorded in history])
        if case and (found := _due(reference, case, authority, today, about.get(reference, ()))):
            yield found


def erase_due(register: Register, authority: str, actor: str, items: Iterable[Due]) -> Iterator[tuple[str, str]]:
    """Erase each of these; yields its reference and what became of it. One that has changed since is left."""
    command = ErasePersonalData(ground="retention_expired")
    for item in items:
        try:
            asyncio.run(handler.handle(register, Request(authority, actor, internal=True), item.reference, command))
        except Rejected as refused:
            yield item.reference, refused.detail
        else:
            yield item.reference, "erased"
    leave_no_trace(register, authority)


def _old(register: Register, authority: str, today: date) -> list[tuple[str, handling.Kind[Case]]]:
    """Old enough for the shortest rule, and with a key: references, each with its kind."""
    keys, rows = personal_keys.c, case_list.c
    held = sa.exists().where(keys.authority == rows.authority, keys.reference == rows.reference)
    before = today - timedelta(days=365 * schedule(authority).shortest_years)
    query = sa.select(rows.reference, rows.kind).where(rows.authority == authority, rows.received_on <= before, held)
    with register.engine.connect() as connection:
        found = connection.execute(query.order_by(rows.reference)).all()
    return [(row.reference, handler.kind_of(authority, row.kind)) for row in found]


def _due(reference: str, case: Case, authority: str, today: date, about: Iterable[Enquiry]) -> Due | None:
    rules = replace(handler.rules(authority), enquiries_over=enquiries.over(about))
    kept = keeping.retention(case, rules, today)
    if kept.rule is None:
        return None
    waited_for = kept.kept_until is None and kept.rule.kept_until(case.received_on) < today
    if not kept.over(today) and not waited_for:
        return None
    against = keeping.stands_against(case, rules, today)
    return Due(reference, case, kept, tuple(item for item in against if item.obstacle != "retention"))


# --- again, after a restore ------------------------------------------------------------------------------------------


def erase_again(register: Register, erasures: Iterable[Kept]) -> int:
    """Erase what a kept list says was erased and this database still holds; how many parties.

    The list may name authorities that are on another cluster: what was left here of them has nothing personal.
    A case that was known only after the erasure is another one, which has taken the number of the lost one.
    """
    touched: set[str] = set()
    count = 0
    for kept in erasures:
        if register.has(kept.authority) and _erase_again(register, kept):
            count += 1
            touched.add(kept.authority)
    for authority in touched:
        leave_no_trace(register, authority)
    return count


def after_restore(register: Register, path: Path) -> int:
    """Bring the database and the list that is kept beside it to the same erasures; how many parties were erased."""
    again = erase_again(register, kept_erasures.read(path))
    for authority in register.authorities():
        leave_no_trace(register, authority)
    return again


def _erase_again(register: Register, kept: Kept) -> bool:
    kind = handler.holding(register.log, kept.authority, kept.reference)
    history = register.log.stream(kept.authority, kind.stream(kept.reference))
    if not history or history[0].known_at > kept.erased_at:
        return False
    event = PersonalDataErased(erased_on=kept.erased_on, ground=kept.ground, party=kept.party)
    case = kind.fold([recorded.event for recorded in history])
    held = case is not None and kept.party in case.parties
    if any(recorded.event == event for recorded in history):
        return not held and _rows_alone(register, kept)
    if not held:
        return False
    request = Request(kept.authority, ACTOR_AFTER_RESTORE, internal=True)
    asyncio.run(handling.change(register, kind, request, kept.reference, lambda _: [event]))
    return True


def _rows_alone(register: Register, kept: Kept) -> bool:
    """Rows that came back without their history, which says already that they were erased."""
    with writer(register.engine).begin() as connection:
        *of_party, _ = erased(kept.authority, kept.reference, kept.party)
        return sum(connection.execute(removal).rowcount for removal in of_party) > 0
