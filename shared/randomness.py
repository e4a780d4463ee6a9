"""Random bytes of the operating system, drawn some kilobytes at a time.

Each call of the system lets another thread go first, and one complaint needs two dozen nonces, keys and ids.
"""

import os
from threading import Lock

_DRAWN = 8192

_lock = Lock()
_held = bytearray()


def random_bytes(count: int) -> bytes:
    """So many bytes that nobody else is given."""
    with _lock:
        if len(_held) < count:
            _held[:] = os.urandom(_DRAWN + count)
        taken = bytes(_held[-count:])
        del _held[-count:]
    return taken


def _part() -> None:
    """A forked process draws its own: with those of its parent, both would use the same nonces."""
    global _lock
    _lock = Lock()
    _held.clear()


os.register_at_fork(after_in_child=_part)
