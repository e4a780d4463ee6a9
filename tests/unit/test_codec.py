"""Bytes that were once written are read for ever: `golden/events.jsonl` keeps one event of every form there ever was.

A line is never changed or removed. Where a type gets a field or a version, a line is added, by
`python -m tests.unit.test_codec`, which writes what is missing.
"""

import dataclasses
import types
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import orjson
import pytest

from shared import codec
from shared.events import CaseClosed, Event, RepresentationReceived

GOLDEN = Path(__file__).parent / "golden" / "events.jsonl"
Line = tuple[str, int, str]


def golden() -> list[Line]:
    lines = [orjson.loads(line) for line in GOLDEN.read_bytes().splitlines()] if GOLDEN.exists() else []
    return [(line["type"], line["version"], line["payload"]) for line in lines]


def sample(hint: Any, *, sparse: bool = False) -> Any:
    """One fixed value of a type: with everything in it, or with only what must be."""
    if dataclasses.is_dataclass(hint):
        hints = get_type_hints(hint)
        asked = [f for f in dataclasses.fields(hint) if not (sparse and f.default is not dataclasses.MISSING)]
        return hint(**{field.name: sample(hints[field.name], sparse=sparse) for field in asked})  # type: ignore[operator]
    if get_origin(hint) is Literal:
        return get_args(hint)[-1]
    if get_origin(hint) in (Union, types.UnionType):
        return None if sparse else sample(get_args(hint)[0])
    if get_origin(hint) is tuple:
        return () if sparse else (sample(get_args(hint)[0]), sample(get_args(hint)[0], sparse=True))
    return {
        str: "ça “text” \\ \n",
        bool: True,
        int: 12_345,
        date: date(2026, 12, 31),
        datetime: datetime(2026, 10, 25, 1, 30, 0, 1, UTC),
    }[hint]


def today() -> Iterator[Line]:
    """Every type at its version, full and sparse, as this code writes it."""
    for name, cls in sorted(codec.TYPES.items()):
        for payload in dict.fromkeys((codec.encode(sample(cls)), codec.encode(sample(cls, sparse=True)))):
            yield name, codec.schema_version(name), payload.decode()


@pytest.mark.parametrize("line", golden(), ids=lambda line: f"{line[0]}-{line[1]}")
def test_bytes_once_written_are_read_for_ever(line: Line) -> None:
    """A log that was written by an older release must still fold."""
    name, version, payload = line
    event = codec.decode(name, version, payload)
    assert type(event) is codec.TYPES[name]
    assert codec.decode(name, codec.schema_version(name), codec.encode(event)) == event


@pytest.mark.parametrize("name", codec.TYPES)
def test_every_event_has_golden_bytes_that_come_back_the_same(name: str) -> None:
    """A change of these is a change of what is hashed: it needs a default or an upcaster, and a line of its own."""
    lines = [line for line in today() if line[0] == name]
    assert lines
    assert set(lines) <= set(golden())
    assert [codec.encode(codec.decode(*line)).decode() for line in lines] == [payload for _, _, payload in lines]


def test_types_have_the_stable_names_of_their_classes() -> None:
    assert codec.type_name(RepresentationReceived) == "representation_received"
    assert codec.type_name(CaseClosed(closed_on=date(2026, 1, 1))) == "case_closed"
    assert {codec.type_name(cls): cls for cls in codec.TYPES.values()} == codec.TYPES


def test_every_event_says_when_it_occurred() -> None:
    for cls in codec.TYPES.values():
        event: Event = sample(cls)
        assert codec.occurred(event) in ("2026-12-31", "2026-10-25T01:30:00.000001Z")


@pytest.mark.parametrize(("name", "version"), [("case_teleported", 1), ("case_closed", 2), ("case_closed", 99)])
def test_what_this_code_does_not_know_is_never_guessed(name: str, version: int) -> None:
    with pytest.raises(codec.UnknownEvent):
        codec.decode(name, version, b'{"closed_on":"2026-01-01"}')


@pytest.mark.parametrize("version", [0, -1])
def test_a_version_that_never_was_is_unknown(version: int) -> None:
    with pytest.raises(codec.UnknownEvent):
        codec.decode("case_closed", version, b'{"closed_on":"2026-01-01"}')


def test_old_versions_are_lifted_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = {
        ("case_closed", 1): lambda old: {"on": old["closed"]},
        ("case_closed", 2): lambda old: {"closed_on": old["on"]},
    }
    monkeypatch.setattr(codec, "UPCASTERS", steps)
    codec.schema_version.cache_clear()
    try:
        assert codec.schema_version("case_closed") == 3
        assert codec.schema_version("case_reopened") == 1
        wanted = CaseClosed(closed_on=date(2026, 1, 3))
        assert codec.decode("case_closed", 1, b'{"closed":"2026-01-03"}') == wanted
        assert codec.decode("case_closed", 2, b'{"on":"2026-01-03"}') == wanted
        assert codec.decode("case_closed", 3, b'{"closed_on":"2026-01-03"}') == wanted
    finally:
        codec.schema_version.cache_clear()


@pytest.mark.parametrize("content", [{"a": 2**64}, {"a": "\ud83d"}, {"a": object()}])
def test_what_json_cannot_say_is_refused(content: Any) -> None:
    with pytest.raises(TypeError):
        codec.canonical(content)


if __name__ == "__main__":
    held = golden()
    with GOLDEN.open("ab") as file:
        for line in today():
            if line not in held:
                file.write(orjson.dumps(dict(zip(("type", "version", "payload"), line, strict=True))) + b"\n")
