"""Random bytes: nobody is given what another was, also across a fork."""

import os

from shared.randomness import random_bytes


def test_no_bytes_are_given_twice() -> None:
    found = [random_bytes(12) for _ in range(5_000)]
    assert {len(each) for each in found} == {12}
    assert len(set(found)) == len(found)
    assert len(random_bytes(20_000)) == 20_000


def test_a_forked_process_draws_its_own() -> None:
    random_bytes(12)  # so that there is something held to share
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, random_bytes(32))
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(reading, 32)
    os.close(reading)
    os.close(writing)
    assert len(theirs) == 32
    assert theirs != random_bytes(32)
