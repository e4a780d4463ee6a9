"""Every event there can be, for hypothesis."""

import dataclasses
import types
from datetime import UTC, date, datetime
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from shared import codec
from shared.events import Event


def of(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a type as it is annotated."""
    if dataclasses.is_dataclass(hint):
        hints = get_type_hints(hint)
        return st.builds(hint, **{field.name: of(hints[field.name]) for field in dataclasses.fields(hint)})  # type: ignore[arg-type]
    if get_origin(hint) is Literal:
        return st.sampled_from(get_args(hint))
    if get_origin(hint) in (Union, types.UnionType):
        return st.one_of([of(option) for option in get_args(hint)])
    if get_origin(hint) is tuple:
        return st.lists(of(get_args(hint)[0]), max_size=3).map(tuple)
    return _PLAIN[hint]


_PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=20),
    bool: st.booleans(),
    int: st.integers(-(2**63), 2**63 - 1),
    date: st.dates(date(1900, 1, 1)),
    datetime: st.datetimes(datetime(1900, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 # the strategy adds the zone
    type(None): st.none(),
}


def events() -> st.SearchStrategy[Event]:
    """An event of any type."""
    return st.one_of([of(cls) for cls in codec.TYPES.values()])
