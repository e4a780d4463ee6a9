"""`redress verify`: every authority's chain, from its beginning or from where the last whole check ended."""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import orjson
from pydantic import TypeAdapter, ValidationError

from shared.log import Anchor, Break, verify
from shared.placement import MAIN
from shared.register import Register

_ANCHORS = TypeAdapter(dict[str, Anchor])


def verify_all(
    register: Register, home: Path, *, since_last: bool, against: Path | None, progress: Callable[[int], None]
) -> Iterator[tuple[str, bool]]:
    """A line for each authority's log, and whether it is whole. What was whole is remembered for the next time.

    What `$REDRESS_HOME/verified.json` remembers (of another cluster, `verified.north.json`) is compared with the log
    before anything is built on it, so that a log which is shorter or other than it was is broken; but it is no proof,
    since whoever can change the log may reach it.

    Raises:
        ValueError: it is to be gone on from, and is not what was written there.
    """
    path = home / ("verified.json" if register.cluster == MAIN else f"verified.{register.cluster}.json")
    remembered = _here(register, _remembered(path)) if since_last else {}
    kept = _here(register, _heads(against)) if against else {}
    whole = {}
    for authority in sorted({*register.authorities(), *kept, *remembered}):
        found = verify(register.engine, authority, remembered.get(authority), kept.get(authority), progress)
        if isinstance(found, Break):
            yield f"{authority} BROKEN at {found.position}: {found.what}", False
            continue
        whole[authority] = found
        yield f"{authority} whole to {found.position}, {found.hash}", True
    home.mkdir(parents=True, exist_ok=True)
    _remember(path, {**remembered, **whole})


def _here(register: Register, heads: Mapping[str, Anchor]) -> Mapping[str, Anchor]:
    """Of the authorities that are on this cluster: what is left behind of others is nobody's record any more."""
    return {code: head for code, head in heads.items() if register.has(code)}


def _remembered(path: Path) -> dict[str, Anchor]:
    if not path.exists():
        return {}
    try:
        return _ANCHORS.validate_json(path.read_bytes(), strict=True)
    except ValidationError:
        raise ValueError(
            f"{path} is not what `redress verify` wrote there; run it without --since-last, and it is written anew"
        ) from None


def _remember(path: Path, anchors: Mapping[str, Anchor]) -> None:
    """Whole or not at all, whatever happens meanwhile."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.write_bytes(orjson.dumps(anchors))
    beside.replace(path)


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
