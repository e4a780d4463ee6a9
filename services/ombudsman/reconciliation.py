"""The Ombudsman's list of a year beside the register's: a pure function, which changes nothing.

The two are about the same complaint where their references have the same letters and digits. The register's side is
whole: every enquiry of the authority, on whichever pathway.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from services.ombudsman.enquiry import Enquiry
from services.ombudsman.published import AnnualLetter, ListedDecision, key, reason_of, remedies_of, remedy_of
from shared.authority import CodeLists
from shared.year import Year

Enquiries = Mapping[str, Enquiry]
"""Enquiries by their references in the register."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of a decision that the two sides tell otherwise: codes where they are known, null where not told.

    Several remedies are told in order of the alphabet, with commas between.
    """

    reference: str
    field: str
    ours: str | None
    theirs: str | None


@dataclass(frozen=True, slots=True)
class Lone:
    """A decision that only one side has."""

    reference: str
    category: str | None
    decided_on: date | None


@dataclass(frozen=True, slots=True)
class LetterCount:
    """A count of the annual letter beside the register's; a rate is in per cent, rounded half up as the letter has it.

    `references` are the enquiries that the register counts, `of` those that its rate is a share of. Where there are
    none, the register has no rate.
    """

    count: str
    ours: int | float | None
    theirs: int | float
    same: bool
    references: tuple[str, ...]
    of: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Each listed decision is a match, or differs, or is alone there: the three add up to `listed`.

    `matches` are told by the register's reference. `alone_here` were decided in the year, and are not listed.
    """

    year: str
    listed: int
    matches: tuple[str, ...]
    differences: tuple[Difference, ...]
    alone_here: tuple[Lone, ...]
    alone_there: tuple[Lone, ...]
    letter: tuple[LetterCount, ...]


def reconcile(
    year: Year, ours: Enquiries, theirs: Sequence[ListedDecision], letter: AnnualLetter | None, codes: CodeLists
) -> Reconciliation:
    """What the two sides have in common, tell otherwise, and have alone."""
    pairs = _paired(ours, theirs)
    differences = tuple(
        difference
        for reference, decision in pairs.items()
        for difference in _differences(reference, ours[reference], decision, codes)
    )
    differing = {difference.reference for difference in differences}
    found = {decision.reference for decision in pairs.values()}
    return Reconciliation(
        year=year.label,
        listed=len(theirs),
        matches=tuple(reference for reference in pairs if reference not in differing),
        differences=differences,
        alone_here=tuple(
            Lone(reference, enquiry.category, enquiry.decided_on)
            for reference, enquiry in sorted(ours.items())
            if enquiry.decided_on in year and reference not in pairs
        ),
        alone_there=tuple(
            Lone(decision.reference, decision.category, decision.decided_on)
            for decision in theirs
            if decision.reference not in found
        ),
        letter=tuple(_letter(year, ours, letter)) if letter else (),
    )


def _paired(ours: Enquiries, theirs: Iterable[ListedDecision]) -> dict[str, ListedDecision]:
    """What the Ombudsman lists of each enquiry; of two that are spelt alike, the one that is spelt as it is listed."""
    alike: dict[str, list[str]] = {}
    for reference in sorted(ours):
        alike.setdefault(key(reference), []).append(reference)
    pairs = {}
    for decision in theirs:
        if candidates := alike.get(key(decision.reference)):
            exact = decision.reference in candidates
            pairs[decision.reference if exact else candidates[0]] = decision
    return pairs


def _differences(reference: str, enquiry: Enquiry, decision: ListedDecision, codes: CodeLists) -> Iterator[Difference]:
    """A reason or a remedy is compared where the list tells one."""
    told: dict[str, tuple[str | None, str | None]] = {
        "category": (enquiry.category, decision.category),
        "decided_on": (enquiry.decided_on.isoformat() if enquiry.decided_on else None, decision.decided_on.isoformat()),
    }
    if decision.reason:
        edition = codes.edition("ombudsman_reasons", decision.decided_on)
        told["reason"] = enquiry.reason, reason_of(decision.reason, edition)
    if decision.remedy is not None:
        required = {remedy_of(remedy.type) for remedy in enquiry.remedies}
        told["remedy"] = _together(required), _together(remedies_of(decision.remedy))
    for field, (mine, other) in told.items():
        if mine != other:
            yield Difference(reference, field, mine, other)


def _together(remedies: Iterable[str]) -> str | None:
    return ", ".join(sorted(remedies)) or None


# --- the annual letter ------------------------------------------------------------------------------------------------

RATES: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "uphold_rate": (("upheld",), ("upheld", "not_upheld")),
    "compliance_rate": (("complied", "complied_late"), ("complied", "complied_late", "not_complied")),
}
"""What each rate is a share of: the investigations in detail (Local Government and Social Care Ombudsman, Interpreting
our complaints data), and the enquiries whose compliance was confirmed."""


def _letter(year: Year, ours: Enquiries, letter: AnnualLetter) -> Iterator[LetterCount]:
    counted: dict[str, list[str]] = {}
    for reference, enquiry in sorted(ours.items()):
        for name in _counts(enquiry, year):
            counted.setdefault(name, []).append(reference)
    for name, stated in letter.model_dump(exclude_none=True).items():
        parts, wholes = RATES.get(name, ((name,), ()))
        references = tuple(sorted(reference for part in parts for reference in counted.get(part, ())))
        of = tuple(sorted(reference for whole in wholes for reference in counted.get(whole, ())))
        mine = _per_cent(len(references), len(of), stated) if wholes else len(references)
        yield LetterCount(
            count=name,
            ours=None if mine is None else _number(mine),
            theirs=_number(stated),
            same=mine == stated,
            references=references,
            of=of if wholes else None,
        )


def _counts(enquiry: Enquiry, year: Year) -> Iterator[str]:
    """The counts of a year's letter that an enquiry is in: each by a day of its own."""
    if enquiry.received_on in year:
        yield "received"
    if enquiry.category and enquiry.decided_on in year:
        yield "decided"
        yield enquiry.category
        if enquiry.category == "upheld" and enquiry.reason == "already_remedied":
            yield "already_remedied"
    if enquiry.compliance and enquiry.compliance_confirmed_on in year:
        yield enquiry.compliance


def _per_cent(part: int, whole: int, like: Decimal) -> Decimal | None:
    """A share in per cent, rounded as another is: to whole ones, or to its decimals. None of nothing."""
    places = like if like % 1 else Decimal(1)
    return (Decimal(100 * part) / whole).quantize(places, ROUND_HALF_UP) if whole else None


def _number(value: Decimal | int) -> int | float:
    return float(value) if value % 1 else int(value)
