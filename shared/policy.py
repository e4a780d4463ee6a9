"""Pathways as dated data: what each procedure asks, by when, and which text says so.

The rules are TOML files beside this one, checked as they load: a rule without a source, with an unknown anchor, or that
leaves a gap to the next or overlaps it, does not load, and the message says where. A `Policy` is what stood on one day;
its `version` is the hash of its content, and events cite it.
"""

import tomllib
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from hashlib import sha256
from importlib.resources import files
from itertools import pairwise
from typing import Any, Final, Literal, get_args

from pydantic import ConfigDict, TypeAdapter, ValidationError

from shared.authority import Authority, authority
from shared.codec import canonical
from shared.errors import RedressError, bad_value
from shared.events import Binds, Breach, SourceKind, Stage

Unit = Literal["working_days", "calendar_days", "months"]
Counting = Literal["after_the_day", "beginning_with_the_day", "corresponding_date", "as_stated"]
Extension = Literal["none", "any", "agreed_before_it_ends"]


OMBUDSMAN: Final = "ombudsman"
ANCHORS = frozenset(
    {
        "representation_received",
        "complaint_acknowledged",
        "response_period_set",
        "case_escalated",
        "statement_agreed",
        "panel_held",
        "panel_reported",
        "response_sent",
        "enquiry_received",
        "investigation_opened",
        "draft_decision_received",
        "ombudsman_decided",
    }
)
"""The events that start clocks: a rule anchored on any other would never run."""
MEETINGS = frozenset(
    {
        "complaint_acknowledged",
        "response_sent",
        "case_escalated",
        "panel_held",
        "panel_reported",
        "enquiry_answered",
        "response_submitted",
        "draft_commented",
        "public_report_publicised",
        "public_report_answered",
    }
)
"""The events that meet deadlines."""


class PolicyError(RedressError):
    """A policy file that must not be used; the message says which file, which rule and what is wrong."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A clock: what starts it, how long it runs, how its days are counted, what meets it, and who says so.

    `value` is None where the date is stated case by case (an agreed response period). `extension_to` is the most that
    the value may become by extension, counted from the same anchor; `binds` says whose time limit it is.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    id: str
    name: str
    kind: SourceKind
    stage: Stage
    anchor: str
    met_by: str
    unit: Unit
    counting: Counting
    source: str
    in_force_from: date
    value: int | None = None
    extension: Extension = "none"
    extension_to: int | None = None
    pausable: bool = False
    binds: Binds = "council"
    in_force_to: date | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """A rule without a clock, whose breach is recorded."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    id: str
    kind: SourceKind
    source: str
    in_force_from: date
    in_force_to: date | None = None


@dataclass(frozen=True, slots=True)
class Rag:
    """When an open deadline turns amber: within so many working days of its end."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    amber_working_days: int
    source: str


@dataclass(frozen=True)
class Policy:
    """The rules of one pathway that are in force together."""

    pathway: str
    title: str
    stages: tuple[Stage, ...]
    rag: Rag
    rules: tuple[Rule, ...]
    duties: tuple[Duty, ...]

    @property
    def version(self) -> str:
        """The hash of the content, which events cite."""
        return self._version

    def __hash__(self) -> int:
        return hash(self._version)

    @cached_property
    def _version(self) -> str:
        return "sha256:" + sha256(canonical(self.document())).hexdigest()

    def document(self) -> Mapping[str, Any]:
        """The content as plain data."""
        return asdict(self)

    def anchored_on(self, event: str, stage: Stage) -> tuple[Rule, ...]:
        """The clocks of a stage that an event starts."""
        return tuple(rule for rule in self.rules if rule.anchor == event and rule.stage == stage)

    def extendable(self, stage: Stage) -> tuple[Rule, ...]:
        """The response clocks of a stage that an extension may move."""
        return tuple(
            rule
            for rule in self.rules
            if (rule.stage, rule.met_by) == (stage, "response_sent") and rule.extension != "none"
        )

    def rule(self, rule_id: str) -> Rule | None:
        """The clock rule of an id, if this policy has it."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)

    def breach(self, rule_id: str) -> tuple[Breach, ...]:
        """The breach of a rule or duty, if this policy has it: nothing is breached that is not asked."""
        asked: tuple[Rule | Duty, ...] = (*self.rules, *self.duties)
        found = next((item for item in asked if item.id == rule_id), None)
        return (Breach(found.id, found.source),) if found else ()

    def duty(self, name: str) -> tuple[Breach, ...]:
        """The breach of the pathway's duty of that name (`asc.offer_to_discuss` is `offer_to_discuss`)."""
        found = next((duty for duty in self.duties if duty.id.partition(".")[2] == name), None)
        return (Breach(found.id, found.source),) if found else ()


def from_document(document: Mapping[str, Any]) -> Policy:
    """The policy that a kept document is."""
    return _POLICY.validate_python(document)


@dataclass(frozen=True)
class Pathway:
    """A procedure with every rule it ever had."""

    name: str
    title: str
    stages: tuple[Stage, ...]
    rag: Rag
    rules: tuple[Rule, ...]
    duties: tuple[Duty, ...]

    def in_force(self, on: date) -> Policy:
        """What the procedure asks of a complaint received on a day.

        Raises:
            Rejected: `no_policy`: the procedure has no rules for that day.
        """
        at = bisect_right(self._days, on)
        if at == 0 or not self._standing[at - 1].rules:
            raise bad_value("no_policy", "pathway", f"{self.name} has no rules in force on {on}")
        return self._standing[at - 1]

    def editions(self) -> tuple[tuple[date, Policy], ...]:
        """Each day on which something changed, with what stands from it; days without any rule have no edition."""
        return tuple((day, policy) for day, policy in zip(self._days, self._standing, strict=True) if policy.rules)

    @cached_property
    def _days(self) -> tuple[date, ...]:
        """Each day on which something changed."""
        items: tuple[Rule | Duty, ...] = (*self.rules, *self.duties)
        begun = {item.in_force_from for item in items}
        return tuple(sorted(begun | {item.in_force_to + timedelta(days=1) for item in items if item.in_force_to}))

    @cached_property
    def _standing(self) -> tuple[Policy, ...]:
        """What stands from each of these days: made once, because every decision asks for it."""
        return tuple(self._on(day) for day in self._days)

    def _on(self, day: date) -> Policy:
        rules = tuple(rule for rule in self.rules if _in_force(rule, day))
        duties = tuple(duty for duty in self.duties if _in_force(duty, day))
        return Policy(self.name, self.title, self.stages, self.rag, rules, duties)


@dataclass(frozen=True, slots=True)
class PolicyBook:
    """The procedures that an authority follows: the country's, with the authority's own rules beside them.

    `pathways` are the council's own procedures, one of which each case follows; `ombudsman` is what the Ombudsman asks.
    """

    pathways: Mapping[str, Pathway]
    ombudsman: Pathway

    @property
    def every(self) -> tuple[Pathway, ...]:
        """Each procedure, the Ombudsman's last."""
        return (*self.pathways.values(), self.ombudsman)

    def in_force(self, pathway: str, on: date) -> Policy:
        """The policy of a pathway on a day.

        Raises:
            Rejected: `unknown_pathway` or `no_policy`, on field `pathway`.
        """
        if pathway not in self.pathways:
            known = ", ".join(self.pathways)
            raise bad_value("unknown_pathway", "pathway", f"the pathways are: {known}")
        return self.pathways[pathway].in_force(on)


def named_policy(name: str, book: PolicyBook) -> Policy:
    """The policy of a name: `corporate` as it stands last, `corporate@2026-04-01` as it stood on a day, or its version.

    Raises:
        Rejected: `unknown_policy`, `unknown_pathway` or `no_policy`.
    """
    editions = {edition.version: edition for known in book.pathways.values() for _, edition in known.editions()}
    if name in editions:
        return editions[name]
    pathway, at, day = name.partition("@")
    try:
        on = date.fromisoformat(day) if at else date.max
    except ValueError:
        raise bad_value("unknown_policy", "policy", "a policy is written like corporate@2026-04-01") from None
    return book.in_force(pathway, on)


def proposed_policy(document: Mapping[str, Any], code: str, where: str) -> Policy:
    """The newest edition of a pathway that somebody proposes, with the authority's own rules beside it.

    Raises:
        PolicyError: the document must not be used; `where` says in the message which it is.
    """
    editions = read_pathway(document, authority(code), where).editions()
    if not editions:
        raise PolicyError(f"{where}: the pathway has no rules")
    return editions[-1][1]


@cache
def policy_book(code: str) -> PolicyBook:
    """The policy book of an authority. Raises `PolicyError`."""
    own = authority(code)
    folder = files("shared").joinpath("pathways")
    found = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name)
    read = [read_pathway(tomllib.loads(entry.read_text("utf-8")), own, entry.name) for entry in found]
    named = {pathway.name: pathway for pathway in read}
    book = PolicyBook({name: pathway for name, pathway in named.items() if name != OMBUDSMAN}, named[OMBUDSMAN])
    for rule in own.rules:
        if rule.get("pathway") not in named:
            raise PolicyError(f"{code}.toml: rule {rule.get('id')} is of no pathway: {rule.get('pathway')!r}")
    return book


def read_pathway(document: Mapping[str, Any], own: Authority | None, where: str) -> Pathway:
    """Check one pathway document, with the authority's own rules for it.

    Raises:
        PolicyError: a rule without source, an unknown anchor or field, a gap or an overlap, two clocks of one name.
    """
    if unknown := document.keys() - _SHAPES.keys():
        raise PolicyError(f"{where}: unknown: {', '.join(sorted(unknown))}")
    for key, kind in _SHAPES.items():
        if not isinstance(document.get(key, kind()), kind):
            raise PolicyError(f"{where}: {key} is of the wrong type")
    name = document.get("pathway", where)
    local = [rule for rule in (own.rules if own else ()) if rule.get("pathway") == name]
    plain = [*document.get("rule", ()), *({k: v for k, v in rule.items() if k != "pathway"} for rule in local)]
    try:
        pathway = Pathway(
            name,
            document["title"],
            tuple(document["stages"]),
            _read(Rag, document["rag"], where),
            tuple(_read(Rule, entry, where) for entry in plain),
            tuple(_read(Duty, entry, where) for entry in document.get("duty", ())),
        )
    except (KeyError, TypeError) as error:
        raise PolicyError(f"{where}: {error}") from error
    if not pathway.stages or not all(stage in STAGES for stage in pathway.stages):
        raise PolicyError(f"{where}: stages are one or more of {', '.join(STAGES)}")
    if not 0 <= pathway.rag.amber_working_days <= _LONGEST:
        raise PolicyError(f"{where}: amber_working_days is a number from 0 to {_LONGEST}")
    items: tuple[Rule | Duty, ...] = (*pathway.rules, *pathway.duties)
    for item in items:
        _check(item, where)
    for rule in pathway.rules:
        _check_clock(rule, pathway.stages, where)
    _check_dates(pathway.rules, where)
    _check_dates(pathway.duties, where)
    _check_names(pathway, where)
    return pathway


def _read(kind: type[Any], entry: Mapping[str, Any], where: str) -> Any:
    if not isinstance(entry, Mapping):
        raise PolicyError(f"{where}: a {kind.__name__.lower()} is a table")
    try:
        renamed = {{"from": "in_force_from", "to": "in_force_to"}.get(key, key): value for key, value in entry.items()}
        return _ADAPTERS[kind].validate_python(renamed)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise PolicyError(f"{where}: {kind.__name__.lower()} {entry.get('id', '(without id)')}: {faults}") from error


def _check(item: Rule | Duty, where: str) -> None:
    if not item.source.strip():
        raise PolicyError(f"{where}: rule {item.id} has no source")
    if item.in_force_to == date.max:
        raise PolicyError(f"{where}: rule {item.id} ends on the last day that there is: leave its end out")
    if item.in_force_to and item.in_force_to < item.in_force_from:
        raise PolicyError(f"{where}: rule {item.id} ends on {item.in_force_to}, before it begins")


def _check_clock(rule: Rule, stages: tuple[Stage, ...], where: str) -> None:
    faults = {
        f"has an unknown anchor {rule.anchor!r}": rule.anchor not in ANCHORS,
        f"is met by an unknown event {rule.met_by!r}": rule.met_by not in MEETINGS,
        f"is of stage {rule.stage!r}, which the pathway has not": rule.stage not in stages,
        "has no value": rule.value is None and rule.counting != "as_stated",
        "must run forward": rule.value is not None and rule.value < 0,
        f"runs for more than {_LONGEST}": max(rule.value or 0, rule.extension_to or 0) > _LONGEST,
        "is extended to less than its value": rule.extension_to is not None and rule.extension_to < (rule.value or 0),
        "has a cap but no extension": rule.extension_to is not None and rule.extension == "none",
        "pauses, which only working days can": rule.pausable and rule.unit != "working_days",
    }
    for fault, found in faults.items():
        if found:
            raise PolicyError(f"{where}: rule {rule.id} {fault}")


def _check_names(pathway: Pathway, where: str) -> None:
    """A case has one clock of a name: a second would take the place of the first."""
    for day, policy in pathway.editions():
        names = [rule.name for rule in policy.rules]
        for name in names:
            if names.count(name) > 1:
                raise PolicyError(f"{where}: two rules have the clock {name!r} from {day}")


def _check_dates(items: Iterable[Rule | Duty], where: str) -> None:
    """Editions of one rule follow each other day on day."""
    by_id: dict[str, list[Rule | Duty]] = {}
    for item in items:
        by_id.setdefault(item.id, []).append(item)
    for rule_id, editions in by_id.items():
        for earlier, later in pairwise(sorted(editions, key=lambda item: item.in_force_from)):
            expected = earlier.in_force_to + timedelta(days=1) if earlier.in_force_to else None
            if expected is None or later.in_force_from < expected:
                raise PolicyError(f"{where}: rule {rule_id} overlaps its edition from {later.in_force_from}")
            if later.in_force_from > expected:
                raise PolicyError(f"{where}: rule {rule_id} has a gap before {later.in_force_from}")


def _in_force(item: Rule | Duty, on: date) -> bool:
    return item.in_force_from <= on and (item.in_force_to is None or on <= item.in_force_to)


_SHAPES: Mapping[str, type] = {"pathway": str, "title": str, "stages": list, "rag": dict, "rule": list, "duty": list}
_LONGEST = 10_000
_POLICY = TypeAdapter(Policy)
_ADAPTERS: Mapping[type[Any], TypeAdapter[Any]] = {kind: TypeAdapter(kind) for kind in (Rule, Duty, Rag)}
STAGES: tuple[str, ...] = get_args(Stage)
