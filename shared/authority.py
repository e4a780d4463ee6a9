"""An authority: its name, calendar, code lists and own standards, read from dated data.

`authorities/CODE.toml` beside this file, or in a folder of the deployment's own, overrides `default.toml` list by list.
"""

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

from shared.calendar import Calendar, load
from shared.codec import canonical
from shared.errors import bad_value


@dataclass(frozen=True, slots=True)
class Value:
    """A code of a list as one edition has it: its label, the printed row it counts in, and what it belongs to."""

    code: str
    label: str
    row: str
    of: str | None = None
    pathway: str | None = None


@dataclass(frozen=True, slots=True)
class Edition:
    """The values of a list in force from a day until the next edition's."""

    in_force_from: date
    values: tuple[Value, ...]

    def get(self, code: str) -> Value | None:
        """The value of a code, if this edition has it."""
        for value in self.values:
            if value.code == code:
                return value
        return None

    def rows(self) -> Mapping[str, tuple[str, ...]]:
        """The printed rows, in order, each with the codes that count in it."""
        rows: dict[str, list[str]] = {}
        for value in self.values:
            rows.setdefault(value.row, []).append(value.code)
        return {row: tuple(codes) for row, codes in rows.items()}


@dataclass(frozen=True, slots=True)
class CodeLists:
    """Every list of an authority; `version` is the hash that events cite."""

    lists: Mapping[str, tuple[Edition, ...]]
    version: str

    @classmethod
    def of(cls, lists: Mapping[str, tuple[Edition, ...]]) -> Self:
        """Lists under the hash of their content."""
        return cls(lists, "sha256:" + sha256(canonical(lists)).hexdigest())

    @classmethod
    def from_document(cls, document: Mapping[str, Sequence[Mapping[str, Any]]]) -> Self:
        """The lists that were kept as plain data (`canonical`)."""
        return cls.of(
            {
                name: tuple(
                    Edition(date.fromisoformat(entry["in_force_from"]), tuple(Value(**v) for v in entry["values"]))
                    for entry in editions
                )
                for name, editions in document.items()
            }
        )

    def edition(self, name: str, on: date) -> Edition:
        """The edition of a list in force on a day; the first one for an earlier day."""
        editions = self.lists[name]
        for edition in reversed(editions):
            if edition.in_force_from <= on:
                return edition
        return editions[0]

    def check(self, name: str, code: str | None, on: date, field: str) -> None:
        """Refuse a code that the list does not hold on that day.

        Raises:
            Rejected: `unknown_code`, naming the field and the codes that there are.
        """
        if code is None:
            return
        edition = self.edition(name, on)
        if edition.get(code) is None:
            known = ", ".join(value.code for value in edition.values)
            raise bad_value("unknown_code", field, f"not a code of {name} on {on}; the codes are: {known}")


@dataclass(frozen=True, slots=True)
class Authority:
    """A responsible body, as its data file describes it."""

    code: str
    name: str
    region: str | None
    calendar: Calendar
    codes: CodeLists
    rules: tuple[Mapping[str, Any], ...]
    retention: tuple[Mapping[str, Any], ...] = ()


@cache
def authority(code: str) -> Authority:
    """The authority of a code; one without a file of its own has the default lists and England's calendar."""
    default, own = _document("default"), _document(code)
    return Authority(
        code=code,
        name=own.get("name", code),
        region=own.get("region"),
        calendar=_calendar(own),
        codes=_code_lists({**default["lists"], **own.get("lists", {})}),
        rules=tuple(own.get("rule", ())),
        retention=tuple(own.get("retention", ())),
    )


def _calendar(own: Mapping[str, Any]) -> Calendar:
    """The division's calendar, with what was proclaimed since and the days on which the authority closes."""
    calendar = load(own.get("division", "england-and-wales"))
    proclaimed = {entry["date"]: entry["name"] for entry in own.get("bank_holidays", ())}
    moved_from = [entry["instead_of"] for entry in own.get("bank_holidays", ()) if "instead_of" in entry]
    closures = {entry["date"]: entry["name"] for entry in own.get("closures", ())}
    if proclaimed:
        calendar = calendar.with_proclaimed(proclaimed, moved_from)
    return calendar.with_closures(closures) if closures else calendar


def _document(code: str) -> dict[str, Any]:
    places = [files("shared").joinpath("authorities", f"{code}.toml")]
    if home := os.environ.get("REDRESS_AUTHORITIES"):
        places.insert(0, Path(home, f"{code}.toml"))
    return next((tomllib.loads(place.read_text("utf-8")) for place in places if place.is_file()), {})


def _code_lists(lists: Mapping[str, Sequence[Mapping[str, Any]]]) -> CodeLists:
    read = {
        name: tuple(
            sorted(
                (Edition(entry["from"], tuple(map(_value, entry["values"]))) for entry in editions),
                key=lambda edition: edition.in_force_from,
            )
        )
        for name, editions in lists.items()
    }
    return CodeLists.of(read)


def _value(entry: Mapping[str, str]) -> Value:
    return Value(entry["code"], entry["label"], entry.get("row", entry["label"]), entry.get("of"), entry.get("pathway"))
