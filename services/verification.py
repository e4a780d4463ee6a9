"""`redress verify`: every authority's chain, from its beginning or from where the last whole check ended."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import orjson

from shared.log import Anchor, Break, verify
from shared.register import Register

_KEPT = "verified.json"


def verify_all(
    register: Register, home: Path, *, since_last: bool, against: Path | None, progress: Callable[[int], None]
) -> Iterator[tuple[str, bool]]:
    """A line for each authority's log, and whether it is whole. What was whole is remembered for the next time."""
    last = _read(home / _KEPT)
    kept = _heads(against) if against else {}
    for authority in sorted({*register.log.authorities(), *kept}):
        since = last.get(authority) if since_last else None
        found = verify(register.engine, authority, since, kept.get(authority), progress)
        if isinstance(found, Break):
            yield f"{authority} BROKEN at {found.position}: {found.what}", False
            continue
        last[authority] = found
        yield f"{authority} whole to {found.position}, {found.hash}", True
    home.mkdir(parents=True, exist_ok=True)
    (home / _KEPT).write_bytes(orjson.dumps(last))


def _read(path: Path) -> dict[str, Anchor]:
    if not path.exists():
        return {}
    return {authority: Anchor(**anchor) for authority, anchor in orjson.loads(path.read_bytes()).items()}


def _heads(path: Path) -> Mapping[str, Anchor]:
    """The heads that `redress head` wrote: a line each, authority, position, hash and time."""
    heads = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match line.split():
            case [authority, position, digest, *_] if position.isdigit():
                heads[authority] = Anchor(int(position), digest)
            case _:
                raise ValueError(f"line {number} of {path} is not one that `redress head` wrote")
    return heads
