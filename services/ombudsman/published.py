"""The Ombudsman's list of a year's decisions, and the counts of its annual letter, in the Ombudsman's own words.

A list is recorded nowhere: it is only compared with the register. What it says in free words, a reason or a remedy, is
read as a code of the authority's lists where it is one in other words, and left as it stands where it is not.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, get_args

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema, field_validator

from shared.authority import Edition
from shared.commands import Command, Reference, example, strict
from shared.errors import bad_value
from shared.events import OmbudsmanCategory


def plain(text: str) -> str:
    """Words alone, in lower case: what two spellings of the same thing have in common.

    >>> plain("Incomplete/Invalid"), plain(" NOT upheld "), plain("closed_after_initial_enquiries")
    ('incomplete invalid', 'not upheld', 'closed after initial enquiries')
    """
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def key(reference: str) -> str:
    """What two spellings of a reference have in common: its letters and digits.

    >>> key("23 004 117") == key("23004117")
    True
    """
    return plain(reference).replace(" ", "")


# --- the Ombudsman's words ------------------------------------------------------------------------------------------

CATEGORIES: Mapping[str, OmbudsmanCategory] = {
    "upheld": "upheld",
    "not upheld": "not_upheld",
    "closed after initial enquiries": "closed_after_initial_enquiries",
    "closed after initial enquiries no further action": "closed_after_initial_enquiries",
    "referred back": "referred_back",
    "referred back for local resolution": "referred_back",
    "premature": "referred_back",
    "premature referred back for local resolution": "referred_back",
    "incomplete or invalid": "incomplete_or_invalid",
    "incomplete invalid": "incomplete_or_invalid",
    "invalid or incomplete": "incomplete_or_invalid",
    "invalid incomplete": "incomplete_or_invalid",
    "advice given": "advice_given",
}

REASONS: Mapping[str, str] = {
    "fault injustice": "fault_and_injustice",
    "fault inj": "fault_and_injustice",
    "fault no inj": "fault_no_injustice",
    "no further action organisation already remedied": "already_remedied",
    "injustice remedied during organisation s complaint process": "already_remedied",
    "injustice remedied during organisations complaint process": "already_remedied",
    "injustice remedied during organisation s complaint processes": "already_remedied",
    "injustice remedied during organisations complaint processes": "already_remedied",
    "no worthwhile outcome achievable by investigation": "no_worthwhile_outcome",
    "out of time 26b": "out_of_time",
    "26b 2 not made in 12 months": "out_of_time",
    "tribunal court remedy 26 6": "other_remedy",
    "other body better placed": "other_body",
    "sch 5 exclusion": "outside_jurisdiction",
    "complaint withdrawn": "withdrawn",
    "premature advised": "premature",
    "premature decision advice given": "premature",
    "premature decision advised": "premature",
    "premature decision referred to body in jurisdiction": "premature",
    "premature decision referred to bij": "premature",
    "premature referred": "premature",
    "insufficient information to proceed and person advised": "insufficient_information",
    "signpost": "signposted",
}

REMEDIES: Mapping[str, str] = {
    "apology": "apology",
    "financial": "financial",
    "charges refund": "financial",
    "charges recalculation": "financial",
    "new appeal": "service_provided",
    "provide": "service_provided",
    "service": "service_provided",
    "procedur": "practice_changed",
    "policy": "practice_changed",
    "practice": "practice_changed",
    "training": "practice_changed",
    "guidance": "practice_changed",
}
"""How the Ombudsman's words for a remedy begin, and the type that each is; of money, the Ombudsman knows one type."""

NO_REMEDY = frozenset({"", "none", "no remedy", "n a"})


def category_of(text: str) -> OmbudsmanCategory | None:
    """The category that the Ombudsman's words name, if they name one."""
    return CATEGORIES.get(plain(text))


def reason_of(text: str, codes: Edition) -> str:
    """The code of a reason, or the words themselves where no code is known for them."""
    words = plain(text)
    known = {plain(words): value.code for value in codes.values for words in (value.code, value.label)}
    return known.get(words) or REASONS.get(words) or text.strip()


def remedies_of(text: str) -> frozenset[str]:
    """The types of the remedies in a list of them, each as it stands where no type is known for it."""
    parts = (part.strip() for part in re.split(r"[,;|\r\n]+", text))
    return frozenset(remedy_of(part) for part in parts if plain(part) not in NO_REMEDY)


def remedy_of(text: str) -> str:
    """The type of one remedy, given as the Ombudsman's words or as a code of the register."""
    words = plain(text)
    return next((kind for beginning, kind in REMEDIES.items() if words.startswith(beginning)), text)


# --- what is sent in ------------------------------------------------------------------------------------------------


def _category(value: object) -> object:
    if not isinstance(value, str):
        return value
    if found := category_of(value):
        return found
    raise ValueError(f"This is no decision of the Ombudsman, such as: {', '.join(get_args(OmbudsmanCategory))}.")


def _day(value: object) -> object:
    if not isinstance(value, str):
        return strict(value, frozenset({date}))
    if found := re.fullmatch(r"\s*(\d{4})-(\d\d)-(\d\d)\s*", value):
        year, month, day = map(int, found.groups())
    elif found := re.fullmatch(r"\s*(\d{1,2})/(\d{1,2})/(\d{4})\s*", value):
        day, month, year = map(int, found.groups())
    else:
        raise ValueError("This is not a date such as 2024-02-27 or 27/02/2024.")
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError("There is no such day.") from None


Words = Annotated[str, StringConstraints(max_length=2000)]


class ListedDecision(Command):
    """A decision as the Ombudsman lists it; words of its own for a category, and 27/02/2024 for a day, are understood.

    Where `reason` or `remedy` is null the list says nothing about it. An empty `remedy` says that there was none.
    """

    reference: Reference
    category: Annotated[OmbudsmanCategory, BeforeValidator(_category)]
    decided_on: Annotated[date, BeforeValidator(_day)]
    reason: Words | None = None
    remedy: Words | None = None


Count = Annotated[int, Field(ge=0, le=1_000_000)]
PerCent = Annotated[
    Decimal,
    Field(ge=0, le=100, decimal_places=2),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100, "multipleOf": 0.01}),
]


class AnnualLetter(Command):
    """The counts of the Ombudsman's annual letter, those that it states; rates in per cent.

    `already_remedied` are the upheld complaints that the council had remedied satisfactorily before. `complied` leaves
    out `complied_late`; the compliance rate counts both.
    """

    received: Count | None = None
    decided: Count | None = None
    upheld: Count | None = None
    not_upheld: Count | None = None
    closed_after_initial_enquiries: Count | None = None
    referred_back: Count | None = None
    incomplete_or_invalid: Count | None = None
    advice_given: Count | None = None
    uphold_rate: PerCent | None = None
    already_remedied: Count | None = None
    complied: Count | None = None
    complied_late: Count | None = None
    not_complied: Count | None = None
    compliance_rate: PerCent | None = None


class ReconcileDecisions(Command):
    """Compare the Ombudsman's list of a year's decisions, and what its annual letter counts, with the register."""

    year: Annotated[str, Field(examples=["2023-24"], description="The twelve months to 31 March.")]
    items: Annotated[tuple[ListedDecision, ...], Field(max_length=10_000)]
    letter: AnnualLetter | None = None

    model_config = example(
        year="2026-27",
        items=[
            {
                "reference": "26 004 117",
                "category": "Upheld",
                "decided_on": "2026-11-20",
                "reason": "fault and injustice",
                "remedy": "Apology, Financial redress: avoidable distress",
            }
        ],
        letter={"received": 10, "decided": 9, "upheld": 2, "uphold_rate": 67},
    )

    @field_validator("items")
    @classmethod
    def _each_once(cls, items: tuple[ListedDecision, ...]) -> tuple[ListedDecision, ...]:
        if again := listed_again([item.reference for item in items]):
            first, second = again
            said = f"items.{second} has the reference of items.{first}"
            raise bad_value("listed_twice", f"items.{second}.reference", said)
        return items


def listed_again(references: Sequence[str]) -> tuple[int, int] | None:
    """The places, from 0, of the first reference that is listed a second time, and of that second time."""
    places: dict[str, int] = {}
    for place, reference in enumerate(references):
        if (first := places.setdefault(key(reference), place)) != place:
            return first, place
    return None
