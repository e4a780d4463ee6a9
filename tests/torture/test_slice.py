"""A slice of the torture, every section for a moment: the same functions as `make torture`, which takes minutes."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.torture.__main__ import SECTIONS
from tests.torture.counts import Count, Effort
from tests.torture.lab import Lab, lab

SEED = 2009
SECONDS = 0.5
OF_THEIR_OWN = {"routes and credentials"}  # which tests/http asks in whole


@pytest.fixture(scope="module")
def shared() -> Iterator[Lab]:
    with lab() as made:
        yield made


@pytest.mark.parametrize("name", sorted(SECTIONS.keys() - OF_THEIR_OWN))
def test_no_count_is_wrong(name: str, shared: Lab, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)  # a database that goes away is logged by the register, and is the point here
    section, _ = SECTIONS[name]
    assert [count for count in section(Effort(SEED, SECONDS, shared, tmp_path)) if not count.right] == []


def test_a_count_is_wrong_if_it_is_not_what_it_must_be_or_nothing_was_done() -> None:
    assert [Count("lost", 0, 0).right, Count("lost", 1, 0).right] == [True, False]
    assert [Count("kills", 1).right, Count("kills", 0).right] == [True, False]
