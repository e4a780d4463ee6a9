"""Data that is not what it should be: the codec and the loader of policies refuse it, and by their own errors alone."""

import tomllib
from copy import deepcopy
from datetime import UTC, date, datetime, time
from importlib.resources import files
from typing import Any

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared import codec
from shared.events import Event
from shared.policy import Pathway, PolicyError, read_pathway
from tests.property.events import events

NAMES = st.sampled_from(sorted(codec.TYPES))
HUGE = st.sampled_from([2**63, -(2**64), 10**30, 1e308, -1, 0])
SCALARS = (
    st.none() | st.booleans() | st.integers() | HUGE | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)


def nested(scalars: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The same, or lists and tables of them at any depth."""
    return st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
    )


def decoded(name: str, version: int, payload: bytes | str) -> Event | None:
    """The event, or None if it is refused."""
    try:
        return codec.decode(name, version, payload)
    except codec.UnknownEvent:
        return None


@settings(deadline=None)
@given(NAMES | st.text(), st.integers() | st.just(1), st.binary() | st.text(st.characters()))
@example("case_closed", 1, "[" * 100_000)
@example("case_closed", 1, '{"a":' * 20_000)
@example("case_closed", 1, '{"closed_on":' + "9" * 5000 + "}")
@example("case_closed", 1, '{"closed_on":1e999}')
@example("case_closed", 1, "\ud800")
@example("case_closed", 10**30, "{}")
@example("case_closed", -(10**30), "{}")
def test_the_codec_refuses_garbage(name: str, version: int, payload: bytes | str) -> None:
    assert decoded(name, version, payload) is None


@settings(deadline=None)
@given(events(), st.data())
def test_the_codec_refuses_a_value_of_another_type_or_keeps_the_event_whole(event: Event, data: st.DataObject) -> None:
    """One field of a payload becomes something else: what is still read as an event must be one that can be written."""
    name, payload = codec.type_name(event), orjson.loads(codec.encode(event))
    payload[data.draw(st.sampled_from(sorted(payload)))] = data.draw(nested(SCALARS))
    try:
        stored = orjson.dumps(payload)
    except TypeError:  # an integer that no JSON of ours can hold
        return
    read = decoded(name, codec.schema_version(name), stored)
    assert read is None or decoded(name, codec.schema_version(name), codec.encode(read)) == read


PATHWAYS = {
    entry.name: tomllib.loads(entry.read_text("utf-8"))
    for entry in files("shared").joinpath("pathways").iterdir()
    if entry.name.endswith(".toml")
}
DAYS = st.dates() | st.sampled_from([date.min, date.max]) | st.datetimes() | st.times()
TOML = nested(SCALARS | DAYS)


def loaded(document: dict[str, Any]) -> Pathway | None:
    """The pathway, or None if it is refused, which must be in words that name the file."""
    try:
        pathway = read_pathway(document, None, "strange.toml")
        pathway.editions()
    except PolicyError as error:
        told = str(error)
    else:
        return pathway
    assert told.startswith("strange.toml: ")
    assert len(told) > len("strange.toml: ")
    return None


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["pathway", "title", "stages", "rag", "rule", "duty"]) | st.text(), TOML))
def test_the_loader_of_policies_refuses_any_other_document(document: dict[str, Any]) -> None:
    assert loaded(document) is None


@settings(deadline=None)
@given(st.sampled_from(sorted(PATHWAYS)), st.data())
def test_the_loader_of_policies_refuses_a_strange_value_or_makes_policies_of_it(name: str, data: st.DataObject) -> None:
    document = deepcopy(PATHWAYS[name])
    table = data.draw(st.sampled_from([document, document["rag"], *document["rule"], *document.get("duty", [])]))
    key = data.draw(st.sampled_from(sorted(table)) | st.text())
    table[key] = data.draw(TOML)
    loaded(document)


@pytest.mark.parametrize(
    "strange",
    [5, "text", [5], [[]], [{}], {}, {"id": "x"}, datetime(2026, 1, 1, tzinfo=UTC), time(1), float("nan"), date.max],
    ids=repr,
)
@pytest.mark.parametrize("key", ["pathway", "title", "stages", "rag", "rule", "duty"])
def test_the_loader_of_policies_names_the_file_whatever_a_key_holds(key: str, strange: Any) -> None:
    whole = {"pathway": "x", "title": "x", "stages": ["stage_1"], "rag": {"amber_working_days": 1, "source": "x"}}
    read = loaded({**whole, key: strange})
    assert read is None or isinstance(strange, str)
