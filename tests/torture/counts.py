"""What a section of the torture is given, and what it hands back."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.torture.lab import Lab


@dataclass(frozen=True)
class Count:
    """One number of the table. `wanted` is what it must be; without it, it tells how much was done: more than 0."""

    what: str
    value: int
    wanted: int | None = None

    @property
    def right(self) -> bool:
        return self.value > 0 if self.wanted is None else self.value == self.wanted


@dataclass(frozen=True)
class Effort:
    """How long a section may go on, from which seed, in which lab, and with which folder of its own."""

    seed: int
    seconds: float
    lab: Lab
    folder: Path

    def random(self, name: str) -> Random:
        """Chance that is the same for the same seed and name."""
        return Random(f"{self.seed}:{name}")

    def rounds(self, least: int = 1) -> "Rounds":
        """Round after round until the time is up, and at least so many."""
        return Rounds(time.monotonic() + self.seconds, least)


@dataclass
class Rounds:
    """Counts rounds while there is time."""

    until: float
    least: int
    done: int = 0

    def __iter__(self) -> "Rounds":
        return self

    def __next__(self) -> int:
        if self.done >= self.least and time.monotonic() >= self.until:
            raise StopIteration
        self.done += 1
        return self.done - 1


Section = Callable[[Effort], list[Count]]
