"""What every command of every service takes for a date, a number and a text."""

import re

import pytest
from pydantic import TypeAdapter, ValidationError

from services.cases.commands import AgreeRemedy
from shared.commands import Line

REMEDY = {"type": "financial", "agreed_on": "2026-11-20"}


@pytest.mark.parametrize("amount", [250, 250.0])
def test_an_amount_is_a_whole_number_however_json_writes_it(amount: float) -> None:
    found = AgreeRemedy.model_validate({**REMEDY, "amount_pence": amount}).amount_pence
    assert (found, type(found)) == (250, int)


@pytest.mark.parametrize("amount", [250.5, "250", True, -1, 1e300, float("inf")])
def test_nothing_else_is_an_amount(amount: object) -> None:
    with pytest.raises(ValidationError):
        AgreeRemedy.model_validate({**REMEDY, "amount_pence": amount})


@pytest.mark.parametrize("day", ["2026-11-20T00:00:00", "20261120", "1763596800", 1763596800, 0, 1.5, True, "", None])
def test_a_day_is_written_as_iso_8601_has_it_and_has_no_hours(day: object) -> None:
    with pytest.raises(ValidationError):
        AgreeRemedy.model_validate({**REMEDY, "amount_pence": 1, "agreed_on": day})


def test_the_description_of_a_text_says_what_it_takes() -> None:
    line = TypeAdapter(Line)
    pattern = line.json_schema()["pattern"]
    for text, good in {"a": True, " a\tb\n": True, "a\0": False, "\x1b[2J": False, "  ": False}.items():
        taken = True
        try:
            TypeAdapter(Line, config={"str_strip_whitespace": True}).validate_python(text)
        except ValidationError:
            taken = False
        assert (text, taken, bool(re.search(pattern, text))) == (text, good, good)
