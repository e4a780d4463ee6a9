"""What is true of every event: it comes back from its bytes, and its bytes are the only ones it has."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from shared import codec
from shared.clock import instant, stamp
from shared.events import Event, RepresentationReceived
from shared.log.record import chain_hash, genesis
from tests.property.events import events, of


@given(events())
def test_an_event_comes_back_from_its_bytes(event: Event) -> None:
    name = codec.type_name(event)
    decoded = codec.decode(name, codec.schema_version(name), codec.encode(event))
    assert type(decoded) is type(event)
    assert decoded == event
    assert codec.occurred(decoded) == codec.occurred(event)


@given(events())
def test_an_event_has_one_form_in_bytes(event: Event) -> None:
    """The bytes are hashed: after a round trip through text, or through any reader of JSON, they must be the same."""
    encoded = codec.encode(event)
    name = codec.type_name(event)
    assert codec.encode(codec.decode(name, codec.schema_version(name), encoded.decode())) == encoded
    assert codec.canonical(orjson.loads(encoded)) == encoded
    assert all(a < b for object_ in objects(orjson.loads(encoded)) for a, b in pairwise(object_))


def objects(content: Any) -> list[dict[str, Any]]:
    """Every JSON object in some content, at any depth."""
    if isinstance(content, list):
        return [found for item in content for found in objects(item)]
    if isinstance(content, dict):
        return [content, *(found for item in content.values() for found in objects(item))]
    return []


@given(of(RepresentationReceived), st.integers(-14 * 60, 14 * 60))
def test_an_instant_is_the_same_in_any_zone(event: RepresentationReceived, minutes: int) -> None:
    """What comes in with an offset from UTC is the same fact, and the log says when it happened in one form."""
    try:
        elsewhere = replace(event, received_at=event.received_at.astimezone(timezone(timedelta(minutes=minutes))))
    except OverflowError:
        return
    assert codec.occurred(elsewhere) == codec.occurred(event)
    assert codec.decode("representation_received", 1, codec.encode(elsewhere)) == event


@given(of(datetime))
def test_a_stamp_is_read_as_it_was_written_and_sorts_as_time_does(moment: datetime) -> None:
    assert instant(stamp(moment)) == moment
    later = moment + timedelta(microseconds=1) if moment.year < 9999 else moment
    assert (stamp(moment) < stamp(later)) == (moment < later)


columns = st.lists(st.text(max_size=8) | st.none(), min_size=2, max_size=8)


@given(columns, columns)
def test_rows_that_differ_have_hashes_that_differ(one: list[str | None], other: list[str | None]) -> None:
    assert (chain_hash(tuple(one)) == chain_hash(tuple(other))) == (one == other)


@given(columns, st.data())
def test_a_letter_moved_to_the_neighbouring_column_changes_the_hash(row: list[str | None], data: st.DataObject) -> None:
    """Columns that are merely strung together can be cut elsewhere: "ab" + "c" is "a" + "bc"."""
    row = [value or "" for value in row]
    row[0] = f"{row[0]}x"
    at = data.draw(st.integers(0, len(row) - 2).filter(lambda at: row[at]))
    moved = [*row]
    moved[at], moved[at + 1] = str(row[at])[:-1], f"{str(row[at])[-1]}{row[at + 1]}"
    assert chain_hash(tuple(moved)) != chain_hash(tuple(row))


@given(columns, st.data())
def test_nothing_is_told_from_the_empty_text(row: list[str | None], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(row) - 1))
    absent, empty = [*row], [*row]
    absent[at], empty[at] = None, ""
    assert chain_hash(tuple(absent)) != chain_hash(tuple(empty))


@given(st.text(), st.text())
def test_no_two_authorities_begin_alike(one: str, other: str) -> None:
    assert (genesis(one) == genesis(other)) == (one == other)
