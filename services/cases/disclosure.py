"""Personal data read, and handed over: what is held about a person, and the pack of a case, as an encrypted archive.

Whoever reads is recorded, with why. The council's rule is a password-protected archive whose password goes another way.
"""

import io
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import orjson
import pyzipper
import sqlalchemy as sa

from services.cases import enquiries, handler, keeping, schemas
from services.cases.case import Case
from services.cases.checks import Rules
from shared.authority import authority
from shared.clock import stamp
from shared.errors import NotFound
from shared.events import CharacteristicsRecorded
from shared.log import Recorded
from shared.personal_data import Reading, personal_data_reads
from shared.register import Register

Opened = dict[str, dict[str, str]]
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is mistaken for another when it is read out


def read(register: Register, reference: str, reading: Reading) -> Opened:
    """The personal data of a case by party, the reading recorded; a party that was erased says when and on what ground.

    Raises:
        NotFound: this authority has no such case.
    """
    history = _history(register, reading.authority, reference)
    opened = register.vault.open(reading, reference)
    case = _case(register, reading.authority, reference, history)
    gone = {
        erasure.party: {"erased_on": erasure.erased_on.isoformat(), "ground": erasure.ground}
        for erasure in case.erasures
    }
    return {**gone, **opened}


def _history(register: Register, code: str, reference: str) -> list[Recorded]:
    history = register.log.stream(code, handler.holding(register.log, code, reference).stream(reference))
    if not history:
        raise NotFound(f"case {reference}")
    return history


def _case(register: Register, code: str, reference: str, history: Sequence[Recorded]) -> Case:
    case = handler.holding(register.log, code, reference).fold([recorded.event for recorded in history])
    if case is None:
        raise NotFound(f"case {reference}")
    return case


# --- what is handed over ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _File:
    """All that the log says of a case, on a day."""

    reference: str
    case: Case
    history: Sequence[Recorded]
    rules: Rules
    today: date
    about: Sequence[enquiries.Enquiry]

    def documents(self, register: Register) -> dict[str, Any]:
        """What is told of a case to whoever may see it, by name."""
        code = self.rules.authority.code
        out = schemas.case_out(code, self.reference, self.case, self.today, register.citations)
        return {
            "case": out.model_dump(mode="json", exclude={"deadlines", "restricted_to"}),
            "deadlines": [deadline.model_dump(mode="json") for deadline in out.deadlines],
            "history": [schemas.event_out(recorded).model_dump(mode="json") for recorded in self.history],
            "ombudsman": [
                {"reference": enquiry[0].reference, "history": [{"type": r.type, "data": r.data} for r in enquiry]}
                for enquiry in self.about
            ],
        }

    def kept(self) -> Mapping[str, Any]:
        """How long the personal data is kept, and by which rule (UK GDPR Art 15(1)(d))."""
        kept = keeping.retention(self.case, self.rules, self.today)
        return {"rule": asdict(kept.rule) if kept.rule else None, "until": kept.kept_until}


def _file(register: Register, code: str, reference: str) -> _File:
    history = _history(register, code, reference)
    about = enquiries.about_cases(register.log, code).get(reference, ())
    rules = Rules(handler.rules(code).authority, handler.rules(code).policies, enquiries.over(about))
    return _File(reference, _case(register, code, reference, history), history, rules, register.today(), about)


def pack(register: Register, reference: str, reading: Reading) -> dict[str, Any]:
    """The disclosure pack of a case: what it is, its deadlines explained, its history, and its personal data.

    Raises:
        NotFound: this authority has no such case.
    """
    personal = read(register, reference, reading)
    return {**_file(register, reading.authority, reference).documents(register), "personal-data": personal}


def subject_access(register: Register, held: Sequence[tuple[str, str]], reading: Reading) -> dict[str, Any]:
    """Everything held about one person, who is this party of this case, and that of that (UK GDPR Art 15).

    What was told is there whole: who hands it over looks first for other people in it (DPA 2018 Sch 2 para 16).

    Raises:
        NotFound: this authority has no such case, or it has no such party.
    """
    entries = [_held(register, reference, party, reading) for reference, party in held]
    name = authority(reading.authority).name
    return {"held_by": name, "made_at": stamp(register.clock()), "held": entries}


def _held(register: Register, reference: str, party: str, reading: Reading) -> dict[str, Any]:
    file = _file(register, reading.authority, reference)
    if party not in (*file.case.parties, *(erasure.party for erasure in file.case.erasures)):
        raise NotFound(f"{party} in {reference}")
    readings = _readings(register, reading.authority, reference)
    personal = read(register, reference, reading)
    return {
        "reference": reference,
        "party": party,
        "personal_data": personal.get(party, {}),
        "told": personal.get("narrative", {}),
        "characteristics": _characteristics(file, party),
        "kept": file.kept(),
        "read": readings,
        **file.documents(register),
    }


def _characteristics(file: _File, party: str) -> list[dict[str, Any]]:
    """What was recorded of the person; of the person affected too, who is the complainant unless there is another."""
    of = {party} if file.case.represented else {party, "person_affected"}
    return [r.data for r in file.history if isinstance(r.event, CharacteristicsRecorded) and r.event.whose in of]


def _readings(register: Register, code: str, reference: str) -> list[dict[str, str]]:
    table = personal_data_reads.c
    query = sa.select(table.read_at, table.reason).where(table.authority == code, table.reference == reference)
    with register.engine.connect() as connection:
        return [dict(row) for row in connection.execute(query.order_by(table.read_at)).mappings()]


def archive(documents: Mapping[str, Any]) -> tuple[bytes, str]:
    """A zip archive encrypted with AES-256, a JSON file a document, and the password that opens it: 120 random bits."""
    password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(5))
    content = io.BytesIO()
    with pyzipper.AESZipFile(content, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as packed:
        packed.setpassword(password.encode())
        for name, document in documents.items():
            packed.writestr(f"{name}.json", orjson.dumps(document, option=orjson.OPT_INDENT_2))
    return content.getvalue(), password
