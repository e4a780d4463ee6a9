"""What must be hidden beside the small figures, so that nobody can work them out of what is left.

Two steps, until neither finds anything more. First each sum by itself: one hidden figure alone in it, or several that
together are still small, need a partner. Then the proof: for every hidden figure another set of whole numbers is looked
for that agrees with everything printed and has another number there; where none is found, more is hidden.

The reader is taken to know even which hidden figures are the small ones (1 to 4) and which are merely their partners (5
or more). A nought is shown, so nobody takes a hidden figure for nought, unless a sum is hidden with all its parts.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from services.reporting.linked import Equation, Figure, System

Bound = tuple[int | None, int | None]
"""The least and the most that a figure may be; None where there is no end."""

TRIES = 400
"""How many figures one search for another set of numbers may change before it gives up, and more is hidden instead."""

MOST_AT_ONCE = 4
"""How many figures may be hidden together to leave a doubt: with a hidden one, three close a ring of a grid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """What is hidden for its own sake, by number of the figure.

    `small` are 1 to `largest_small`. `changed` holds what an earlier publication printed of a figure that is now so
    little more or less that the difference is small. An earlier publication hid what is in `before`. `others` have
    reasons of their own.
    """

    largest_small: int
    small: frozenset[int]
    changed: Mapping[int, int] = field(default_factory=dict)
    before: frozenset[int] = frozenset()
    others: frozenset[int] = frozenset()


def with_partners(system: System, own: Hidden) -> frozenset[int]:
    """Every figure that has to be hidden: those that are for their own sake, and what would give one of them away."""
    hiding = _Hiding(system, own)
    hiding.settle(frozenset())
    if own.before:
        hiding.settle(own.before)
    return frozenset(hiding.out)


class _World:
    """Other numbers for some figures, and the sums that do not hold with them: by how much they are off."""

    def __init__(self, sums: Mapping[int, Sequence[tuple[int, int]]]) -> None:
        self._sums = sums
        self.changes: dict[int, int] = {}
        self.off: dict[int, int] = {}

    def change(self, figure: int, by: int) -> None:
        self.changes[figure] = by
        self._move(figure, by)

    def undo(self, figure: int) -> None:
        self._move(figure, -self.changes.pop(figure))

    def mending(self, figure: int, by: int) -> int:
        """How many more sums would not hold than do not now, if a figure changed."""
        off = self.off
        return sum(
            (equation not in off) - (off.get(equation) == -factor * by) for equation, factor in self._sums[figure]
        )

    def _move(self, figure: int, by: int) -> None:
        for equation, factor in self._sums.get(figure, ()):
            left = self.off.pop(equation, 0) + factor * by
            if left:
                self.off[equation] = left


@dataclass(frozen=True, slots=True)
class _Search:
    """A search for another world: by how much each figure changes, between which bounds, and what a reader knows."""

    world: _World
    step: int
    bounds: Sequence[Bound]
    known: Collection[int]
    tries: Iterator[int]


def _fits(value: int, bound: Bound) -> bool:
    least, most = bound
    return (least is None or least <= value) and (most is None or value <= most)


class _Hiding:
    def __init__(self, system: System, own: Hidden) -> None:
        self._figures = system.figures
        self._own = own
        self._equations = system.equations
        self._of: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for number, equation in enumerate(system.equations):
            for figure, factor in equation.factors.items():
                self._of[figure].append((number, factor))
        self._cells = {figure: len(cells) for figure, cells in system.printed_at.items()}
        wanted = {*own.small, *own.changed, *own.before, *own.others}
        self.out = {figure for figure in wanted if self._may_hide(figure)}

    def settle(self, known: frozenset[int]) -> None:
        """Hide until every hidden figure can be another number, to a reader who knows some of them."""
        proven: set[int] = set()
        while True:
            self._by_sums(known)
            partners = self._exposed(known, proven)
            if not partners:
                return
            self.out.update(partners)

    # --- each sum by itself -------------------------------------------------------------------------------------------

    def _by_sums(self, known: frozenset[int]) -> None:
        more = True
        while more:
            more = False
            for equation in self._equations:
                partners = self._lacking(equation, known)
                self.out.update(partners)
                more = more or bool(partners)

    def _lacking(self, equation: Equation, known: frozenset[int]) -> list[int]:
        unknown = [figure for figure in equation.factors if self._unknown(figure, known)]
        if not any(self._guarded(figure) for figure in unknown):
            return []
        whole = equation.whole
        together = sum(self._figures[figure].value for figure in unknown)
        counts = not self._figures[unknown[0]].money and not known
        small = counts and whole not in unknown and together <= self._own.largest_small
        return self._partners(equation) if len(unknown) == 1 or small else []

    def _partners(self, equation: Equation) -> list[int]:
        """What tells least and may be hidden: the smallest part; or all parts that are nought; or the whole."""
        whole = equation.whole
        free = [figure for figure in equation.factors if self._may_hide(figure) and figure not in self.out]
        parts = [figure for figure in free if figure != whole]
        telling = [figure for figure in parts if self._figures[figure].value]
        if telling:
            return [min(telling, key=lambda figure: (self._figures[figure].value, self._cells.get(figure, 0), figure))]
        return parts or free

    # --- the proof ----------------------------------------------------------------------------------------------------

    def _exposed(self, known: frozenset[int], proven: set[int]) -> list[int]:
        """Partners for a hidden figure for which no other number was found; none if there is no such figure.

        What was `proven` once stays so: hiding more leaves every other set of numbers possible. A figure that has
        nothing left around it to hide is as safe as the statutory totals leave it.
        """
        bounds = self._bounds()
        for number, figure in enumerate(self._figures):
            if number in proven or not self._unknown(number, known) or not self._guarded(number):
                continue
            partners, reached = self._near(number, known)
            if not partners:
                proven |= reached
                continue
            step = max(1, figure.value // 10) if figure.money else 1
            changes = self._another(number, step, bounds, known) or self._another(number, -step, bounds, known)
            if not changes:
                return self._closing(number, step, bounds, known) or partners
            proven.update({number} if figure.money else changes)
        return []

    def _bounds(self) -> list[Bound]:
        """Between which numbers a reader knows each hidden figure to be."""
        closed = {
            part
            for equation in self._equations
            if equation.declared and all(self._unknown(part, ()) for part in equation.parts)
            for part in equation.parts
        }
        return [self._bound(number, figure, number in closed) for number, figure in enumerate(self._figures)]

    def _bound(self, number: int, figure: Figure, closed: bool) -> Bound:  # noqa: FBT001 # what it is
        largest, was = self._own.largest_small, self._own.changed.get(number)
        if figure.difference:
            return None, None
        if figure.money:
            return 0, None
        if number in self._own.small:
            return (0 if closed or not figure.printed else 1), largest
        if was is not None:
            return max(0, was - largest), was + largest
        return (0 if closed or not figure.printed or figure.value <= largest else largest + 1), None

    def _another(
        self, figure: int, step: int, bounds: Sequence[Bound], known: Collection[int], spare: int = 0
    ) -> Mapping[int, int] | None:
        """Changes that make a figure so much more and break no sum; None if none were found.

        `spare` figures that are shown yet may be among those that change: they would have to be hidden for it.
        """
        if not _fits(self._figures[figure].value + step, bounds[figure]):
            return None
        search = _Search(_World(self._of), step, bounds, known, iter(range(TRIES)))
        search.world.change(figure, step)
        return search.world.changes if self._found(search, spare) else None

    def _found(self, search: "_Search", spare: int) -> bool:
        """Let other figures make up for a change, one after the other, until every sum holds again."""
        world = search.world
        if not world.off:
            return True
        equation, left = next(iter(world.off.items()))
        for number, by in self._absorbers(search, equation, left, spare):
            if next(search.tries, None) is None:
                return False
            world.change(number, by)
            if self._found(search, spare - (not self._unknown(number, search.known))):
                return True
            world.undo(number)
        return False

    def _absorbers(self, search: "_Search", equation: int, left: int, spare: int) -> list[tuple[int, int]]:
        """What may change to make a sum hold, and by how much: first what leaves the fewest other sums to mend."""
        found = []
        for number, factor in self._equations[equation].factors.items():
            if factor not in (1, -1) or number in search.world.changes:
                continue
            hidden, by = self._unknown(number, search.known), -abs(search.step) * factor * (1 if left > 0 else -1)
            free = not hidden and spare > 0 and number not in self.out and self._may_hide(number)
            if (hidden or free) and _fits(self._figures[number].value + by, search.bounds[number]):
                found.append((free, search.world.mending(number, by), self._figures[number].value, number, by))
        return [(number, by) for *_, number, by in sorted(found)]

    def _closing(self, figure: int, step: int, bounds: Sequence[Bound], known: Collection[int]) -> list[int]:
        """The fewest figures to hide, so that another number is possible; none if there are none so few."""
        for spare in range(1, MOST_AT_ONCE + 1):
            worlds = (self._another(figure, by, bounds, known, spare) for by in (step, -step))
            choices = [[n for n in world if not self._unknown(n, known)] for world in worlds if world]
            if choices:
                return min(choices, key=lambda found: sum(abs(self._figures[n].value) for n in found))
        return []

    def _near(self, figure: int, known: Collection[int]) -> tuple[list[int], set[int]]:
        """Partners from the sums of a figure, or else from those of what is hidden with it, and so on; and that."""
        reached, frontier = {figure}, [figure]
        while frontier:
            equations = list(self._around(frontier))
            choices = [found for equation in equations if (found := self._partners(equation))]
            if choices:
                return min(choices, key=lambda found: sum(self._figures[n].value for n in found)), reached
            beyond = {n for equation in equations for n in equation.factors if self._unknown(n, known)}
            frontier = sorted(beyond - reached)
            reached |= beyond
        return [], reached

    def _around(self, figures: Collection[int]) -> Iterator[Equation]:
        for figure in figures:
            yield from (self._equations[number] for number, _ in self._of[figure])

    # --- what a figure is ---------------------------------------------------------------------------------------------

    def _may_hide(self, figure: int) -> bool:
        return self._figures[figure].printed and not self._figures[figure].statutory

    def _unknown(self, figure: int, known: Collection[int]) -> bool:
        return (figure in self.out or not self._figures[figure].printed) and figure not in known

    def _guarded(self, figure: int) -> bool:
        """Whether nobody may learn it: all that is hidden, and what is small though it is printed nowhere."""
        return figure in self.out or figure in self._own.small
