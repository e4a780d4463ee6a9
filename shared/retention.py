"""How long personal data is kept and on which grounds it is erased, as dated data with sources (`retention.toml`).

An authority's own `[[retention]]` rules stand before the shipped ones. Apart from the pathways' policies, whose content
events cite by hash: a rule of retention is asked on the day of the question and is cited by none.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Literal, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from shared.authority import authority
from shared.deadlines import add_months
from shared.errors import bad_value
from shared.events import SourceKind
from shared.policy import PolicyError, policy_book

Obstacle = Literal["legal_hold", "open", "ombudsman", "retention"]
RunsFrom = Literal["closure", "receipt"]
UNROUTED = "unrouted"
_OTHERS = (UNROUTED, "compliment", "comment")


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """How many years personal data of a kind of case is kept, counted from what, and who says so.

    `review`: what is due under it is looked at case by case.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    of: str
    years: int
    runs_from: RunsFrom
    kind: SourceKind
    source: str
    in_force_from: date
    in_force_to: date | None = None
    review: bool = False

    def kept_until(self, start: date) -> date:
        """The last day of the period that begins on a day: the same day so many years on."""
        return add_months(start, 12 * self.years)

    def holds(self, on: date) -> bool:
        """Whether it is in force on a day."""
        return self.in_force_from <= on and (self.in_force_to is None or on <= self.in_force_to)


@dataclass(frozen=True, slots=True)
class Ground:
    """Why personal data is erased, and what stands against an erasure that the ground outweighs."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    code: str
    label: str
    source: str
    overrides: tuple[Literal["open", "ombudsman", "retention"], ...]


@dataclass(frozen=True, slots=True)
class HoldReason:
    """Why everything about a case is kept for now."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    code: str
    label: str
    source: str


Coded = TypeVar("Coded", Ground, HoldReason)


@dataclass(frozen=True, slots=True)
class Schedule:
    """An authority's rules of retention, its own first, with the grounds of erasure and the reasons of a hold."""

    rules: tuple[RetentionRule, ...]
    grounds: tuple[Ground, ...]
    hold_reasons: tuple[HoldReason, ...]

    def rule(self, of: str, on: date) -> RetentionRule | None:
        """The rule for a kind of case in force on a day, if there is one."""
        return next((rule for rule in self.rules if rule.of == of and rule.holds(on)), None)

    @property
    def shortest_years(self) -> int:
        """No rule lets anything fall due sooner after its receipt."""
        return min(rule.years for rule in self.rules)

    def ground(self, code: str) -> Ground:
        """The ground of a code. Raises `Rejected` for one that there is not."""
        return _known(self.grounds, code, "ground")

    def hold_reason(self, code: str) -> HoldReason:
        """The reason of a code. Raises `Rejected` for one that there is not."""
        return _known(self.hold_reasons, code, "reason")


def _known(items: Sequence[Coded], code: str, field: str) -> Coded:
    found = next((item for item in items if item.code == code), None)
    if found is None:
        raise bad_value("unknown_code", field, f"the codes are: {', '.join(item.code for item in items)}")
    return found


@cache
def schedule(code: str) -> Schedule:
    """The schedule of an authority. Raises `PolicyError`."""
    shipped = tomllib.loads(files("shared").joinpath("retention.toml").read_text("utf-8"))
    own = {"retention": list(authority(code).retention)}
    known = (*policy_book(code).pathways, *_OTHERS)
    base = read_schedule(shipped, known, "retention.toml")
    return Schedule((*read_schedule(own, known, f"{code}.toml").rules, *base.rules), base.grounds, base.hold_reasons)


def read_schedule(document: Mapping[str, Any], known: Iterable[str], where: str) -> Schedule:
    """Check one document, whose rules are of the kinds that are known.

    Raises:
        PolicyError: an entry without source or of an unknown kind or field, an overlap; the message says where.
    """
    if unknown := document.keys() - {"retention", "erasure_grounds", "legal_hold_reasons"}:
        raise PolicyError(f"{where}: unknown: {', '.join(sorted(unknown))}")
    rules = tuple(_read(RetentionRule, entry, where) for entry in document.get("retention", ()))
    found = Schedule(
        rules,
        tuple(_read(Ground, entry, where) for entry in document.get("erasure_grounds", ())),
        tuple(_read(HoldReason, entry, where) for entry in document.get("legal_hold_reasons", ())),
    )
    items: tuple[RetentionRule | Ground | HoldReason, ...] = (*found.rules, *found.grounds, *found.hold_reasons)
    for item in items:
        if not item.source.strip():
            raise PolicyError(f"{where}: {_name(item)} has no source")
    for rule in rules:
        if rule.of not in known:
            raise PolicyError(f"{where}: retention of {rule.of}: there is no such pathway or kind")
        if rule.years < 1:
            raise PolicyError(f"{where}: retention of {rule.of}: at least a year")
    _check_overlaps(rules, where)
    return found


def _name(item: RetentionRule | Ground | HoldReason) -> str:
    return f"retention of {item.of}" if isinstance(item, RetentionRule) else item.code


def _check_overlaps(rules: Sequence[RetentionRule], where: str) -> None:
    for earlier, later in pairwise(sorted(rules, key=lambda rule: (rule.of, rule.in_force_from))):
        if earlier.of == later.of and earlier.holds(later.in_force_from):
            raise PolicyError(f"{where}: retention of {later.of} overlaps its edition from {later.in_force_from}")


def _read(kind: type[Any], entry: Mapping[str, Any], where: str) -> Any:
    renamed = {{"from": "in_force_from", "to": "in_force_to"}.get(key, key): value for key, value in entry.items()}
    try:
        return _ADAPTERS[kind].validate_python(renamed)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise PolicyError(f"{where}: {entry.get('of', entry.get('code', '(unnamed)'))}: {faults}") from error


_ADAPTERS: Mapping[type[Any], TypeAdapter[Any]] = {
    kind: TypeAdapter(kind) for kind in (RetentionRule, Ground, HoldReason)
}
