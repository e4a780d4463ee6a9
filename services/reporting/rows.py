"""Facts as reports look at them: by column, because a figure asks one field of thousands of facts at a time."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial, reduce
from itertools import compress
from operator import and_, attrgetter
from typing import Any, Generic, TypeVar, cast, get_args, get_type_hints

from services.reporting.facts import (
    BreachFact,
    CaseFact,
    ClockFact,
    ConcernFact,
    DelayFact,
    EnquiryFact,
    Facts,
    FigureFact,
    LessonFact,
    NarrativeFact,
    RemedyFact,
    RepresentationFact,
    SpellFact,
)
from services.reporting.figures import Tally

Kind = TypeVar("Kind")
Label = TypeVar("Label", bound=Hashable)


class Rows(Generic[Kind]):
    """Facts of one kind, in order. A column is made when it is first asked for; one that was not read is a KeyError.

    They are facts one by one again when they are iterated over, for which every column is needed.
    """

    def __init__(self, kind: type[Kind], size: int, column: Callable[[str], Sequence[Any]]) -> None:
        self.kind = kind
        self._size = size
        self._made_by = column
        self._columns: dict[str, Sequence[Any]] = {}

    @classmethod
    def of(cls, kind: type[Kind], facts: "Iterable[Kind] | Rows[Kind]") -> "Rows[Kind]":
        """The same facts by column, unless they are so already."""
        if isinstance(facts, Rows):
            return facts
        listed = list(facts)
        return cls(kind, len(listed), lambda name: list(map(attrgetter(name), listed)))

    @classmethod
    def read(cls, kind: type[Kind], names: Sequence[str], pages: Iterable[Sequence[Sequence[Any]]]) -> "Rows[Kind]":
        """What was read of each fact, page by page: the fields of these names, with the reference among them.

        Of texts that are alike one is kept: codes are few, and to look at thousands is quicker where they are not
        scattered over the memory.
        """
        columns: dict[str, list[Any]] = {name: [] for name in names}
        kept: dict[str, dict[str, str]] = {name: {} for name in _codes(cast("Hashable", kind))}
        for page in filter(None, pages):
            for (name, column), found in zip(columns.items(), zip(*page, strict=True), strict=True):
                column += map(kept[name].setdefault, found, found) if name in kept else found
        return cls(kind, len(columns["reference"]), columns.__getitem__)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Kind]:
        return map(self.kind, *map(self.column, self.kind.__slots__))  # type: ignore[attr-defined] # as of every fact

    def column(self, name: str) -> Sequence[Any]:
        """One field of each."""
        if name not in self._columns:
            self._columns[name] = self._made_by(name)
        return self._columns[name]

    def each(self, *names: str) -> Iterator[tuple[Any, ...]]:
        """Some fields of each."""
        return zip(*map(self.column, names), strict=True)

    def where(self, *wanted: Iterable[bool]) -> "Rows[Kind]":
        """Those of which all that is told of each holds: one truth for each, as often as it is given."""
        chosen = list(reduce(partial(map, and_), wanted))
        size = chosen.count(True)
        if size == self._size:
            return self
        return Rows(self.kind, size, lambda name: list(compress(self.column(name), chosen)))

    def also(self, name: str, values: Iterable[Any]) -> "Rows[Kind]":
        """The same with another column, of what was worked out of each."""
        made = list(values)
        return Rows(self.kind, self._size, lambda column: made if column == name else self.column(column))

    def by(self, label: Callable[[Any], Label], *names: str) -> Tally[Label]:
        """Sorted out by one field, or by several together; in the order of the facts' keys, whatever they came in."""
        codes = (lambda: self.column(names[0])) if len(names) == 1 else (lambda: self.each(*names))
        key: tuple[str, ...] = self.kind.KEY  # type: ignore[attr-defined] # as of every fact
        return Tally(codes, self.references, label, lambda: self.each(*key))

    @property
    def references(self) -> Sequence[str]:
        """Whose each is."""
        return self.column("reference")


@cache
def _codes(kind: Any) -> frozenset[str]:
    """The fields of a kind of fact that hold text, but for the reference."""
    hints = get_type_hints(kind)
    return frozenset(name for name, hint in hints.items() if str in (hint, *get_args(hint))) - {"reference"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What was read of the facts of a period: by column where there are many of a kind."""

    cases: Rows[CaseFact]
    concerns: Rows[ConcernFact]
    representations: Rows[RepresentationFact]
    remedies: Rows[RemedyFact]
    enquiries: tuple[EnquiryFact, ...]
    figures: tuple[FigureFact, ...]
    spells: Rows[SpellFact] = field(default_factory=lambda: Rows.of(SpellFact, ()))
    clocks: Rows[ClockFact] = field(default_factory=lambda: Rows.of(ClockFact, ()))
    delays: tuple[DelayFact, ...] = ()
    lessons: tuple[LessonFact, ...] = ()
    breaches: tuple[BreachFact, ...] = ()
    narratives: tuple[NarrativeFact, ...] = ()


Known = Facts | Read
"""The facts that a report is counted from."""
