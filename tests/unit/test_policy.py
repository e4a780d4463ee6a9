"""Pathways load only when they are sound, and say what they ask on a day."""

import tomllib
from dataclasses import replace
from datetime import date
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import orjson
import pytest

from shared.authority import Authority, authority
from shared.codec import TYPES, canonical
from shared.errors import Rejected
from shared.events import Breach
from shared.policy import Pathway, PolicyError, from_document, policy_book, read_pathway

RULE = """
[[rule]]
id = "x.answer"
name = "answer"
kind = "law"
stage = "stage_1"
anchor = "representation_received"
met_by = "response_sent"
value = 10
unit = "working_days"
counting = "after_the_day"
source = "SI 1"
from = 2009-04-01
"""
DUTY = """
[[duty]]
id = "x.tell"
kind = "law"
source = "SI 2"
from = 2009-04-01
"""
HEAD = """
pathway = "x"
title = "X"
stages = ["stage_1"]

[rag]
amber_working_days = 5
source = "ours"
"""


def read(text: str = HEAD + RULE + DUTY, own: Authority | None = None) -> Pathway:
    return read_pathway(tomllib.loads(text), own, "x.toml")


def edition(begins: str, ends: str | None = None, value: int = 10, what: str = RULE) -> str:
    text = what.replace("from = 2009-04-01", f"from = {begins}").replace("value = 10", f"value = {value}")
    return text + (f"to = {ends}\n" if ends else "")


def fault(text: str, own: Authority | None = None) -> str:
    with pytest.raises(PolicyError) as raised:
        read(text, own)
    return str(raised.value)


# --- what does not load ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sound", "broken", "message"),
    [
        ('source = "SI 1"', 'source = " "', "x.toml: rule x.answer has no source"),
        ('source = "SI 2"', 'source = ""', "x.toml: rule x.tell has no source"),
        ('source = "SI 1"\n', "", "x.toml: rule x.answer: source: "),
        ('source = "SI 2"\n', "", "x.toml: duty x.tell: source: "),
        ('id = "x.answer"\n', "", "x.toml: rule (without id): id: "),
        ("representation_received", "full_moon", "x.toml: rule x.answer has an unknown anchor 'full_moon'"),
        ("response_sent", "pigeon_sent", "x.toml: rule x.answer is met by an unknown event 'pigeon_sent'"),
        ('stage = "stage_1"', 'stage = "stage_2"', "x.toml: rule x.answer is of stage 'stage_2', which the pathway "),
        ("value = 10\n", "", "x.toml: rule x.answer has no value"),
        ("value = 10", "value = -1", "x.toml: rule x.answer must run forward"),
        ("value = 10", 'value = 10\ncap = "20"', "x.toml: rule x.answer: cap: Unexpected keyword argument"),
        ("value = 10", 'value = 10\nextension = "some"', "x.toml: rule x.answer: extension: "),
        ('unit = "working_days"', 'unit = "fortnights"', "x.toml: rule x.answer: unit: "),
        ('counting = "after_the_day"', 'counting = "by_feel"', "x.toml: rule x.answer: counting: "),
        ('kind = "law"\nstage', 'kind = "hearsay"\nstage', "x.toml: rule x.answer: kind: "),
        ("from = 2009-04-01", 'from = "soon"', "x.toml: rule x.answer: in_force_from: "),
        ("from = 2009-04-01", "from = 2009-04-01\nto = 2009-03-31", "x.toml: rule x.answer ends on 2009-03-31, before"),
        ("amber_working_days = 5", 'amber_working_days = "a few"', "x.toml: rag (without id): amber_working_days: "),
        ("[rag]", "[rags]", "x.toml: unknown: rags"),
        ("[[rule]]", "[[rules]]", "x.toml: unknown: rules"),
        ('title = "X"\n', "", "x.toml: 'title'"),
        ('["stage_1"]', '["stage_1", "stage_9"]', "x.toml: stages are one or more of informal, stage_1, "),
        ('["stage_1"]', "[]", "x.toml: stages are one or more of informal, stage_1, "),
    ],
)
def test_a_file_that_is_not_sound_does_not_load_and_the_message_says_where(
    sound: str, broken: str, message: str
) -> None:
    text = HEAD + RULE + DUTY
    assert sound in text
    assert fault(text.replace(sound, broken, 1)).startswith(message)


@pytest.mark.parametrize("what", [RULE, DUTY], ids=["rule", "duty"])
def test_editions_of_a_rule_neither_overlap_nor_leave_a_gap(what: str) -> None:
    name = "x.answer" if what is RULE else "x.tell"
    other = DUTY if what is RULE else RULE
    first = edition("2009-04-01", "2026-03-31", what=what)
    read(HEAD + other + first + edition("2026-04-01", what=what))
    assert fault(HEAD + other + first + edition("2026-04-02", what=what)) == (
        f"x.toml: rule {name} has a gap before 2026-04-02"
    )
    for text in (first + edition("2026-03-31", what=what), what + edition("2026-04-01", what=what)):
        assert fault(HEAD + other + text).startswith(f"x.toml: rule {name} overlaps its edition from 2026-0")


def test_a_rule_may_stand_for_a_day_ask_for_the_same_day_and_a_pathway_have_every_stage() -> None:
    found = read(
        HEAD.replace('["stage_1"]', '["informal", "stage_1", "stage_2", "stage_3"]')
        + edition("2026-04-01", "2026-04-01", 0)
    )
    assert found.in_force(date(2026, 4, 1)).rules[0].value == 0


def test_editions_may_stand_in_any_order() -> None:
    read(HEAD + edition("2026-04-01") + edition("2009-04-01", "2026-03-31"))


def test_two_clocks_of_one_name_do_not_load_since_one_would_hide_the_other() -> None:
    again = RULE.replace("x.answer", "x.other")
    assert fault(HEAD + RULE + again) == "x.toml: two rules have the clock 'answer' from 2009-04-01"
    read(HEAD + edition("2009-04-01", "2026-03-31") + again.replace("2009", "2027"))


def test_a_rule_of_an_authority_is_checked_with_the_pathways() -> None:
    local = {**tomllib.loads(RULE)["rule"][0], "pathway": "x", "id": "cov.own", "name": "own", "kind": "local_standard"}
    own = replace(authority("COV"), rules=(local,))
    assert [rule.id for rule in read(own=own).rules] == ["x.answer", "cov.own"]
    assert [rule.id for rule in read(own=replace(own, rules=({**local, "pathway": "y"},))).rules] == ["x.answer"]
    broken = replace(own, rules=({**local, "source": ""},))
    assert fault(HEAD + RULE, broken) == "x.toml: rule cov.own has no source"
    same_name = replace(own, rules=({**local, "name": "answer"},))
    assert fault(HEAD + RULE, same_name) == "x.toml: two rules have the clock 'answer' from 2009-04-01"


def test_an_authoritys_rule_of_no_pathway_does_not_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDRESS_AUTHORITIES", str(tmp_path))
    (tmp_path / "ASTRAY.toml").write_text(RULE + 'pathway = "adult_socialcare"\n')
    with pytest.raises(PolicyError, match=r"ASTRAY\.toml: rule x\.answer is of no pathway: 'adult_socialcare'"):
        policy_book("ASTRAY")


# --- the files as they are ------------------------------------------------------------------------------------------

BOOKS = [policy_book("COV"), policy_book("XYZ")]
SHIPPED = [pathway for book in BOOKS for pathway in book.pathways.values()]


@pytest.mark.parametrize("pathway", SHIPPED, ids=lambda pathway: pathway.name)
def test_every_rule_that_ships_has_a_source_and_events_that_exist(pathway: Pathway) -> None:
    assert pathway.rules
    assert pathway.rag.source
    for rule in pathway.rules:
        assert rule.source
        assert {rule.anchor, rule.met_by} <= set(TYPES)
    for duty in pathway.duties:
        assert duty.source


def test_each_file_is_a_pathway_of_its_own_name() -> None:
    found = {entry.name for entry in files("shared").joinpath("pathways").iterdir() if entry.name.endswith(".toml")}
    for book in BOOKS:
        assert {f"{pathway.name}.toml" for pathway in book.every} == found
        assert "ombudsman" not in book.pathways


def test_the_law_the_guidance_and_the_councils_own_standard_are_told_apart() -> None:
    kinds = {rule.id: rule.kind for rule in policy_book("COV").in_force("adult_social_care", date(2026, 4, 1)).rules}
    assert kinds == {
        "asc.acknowledgement": "law",
        "asc.response_period": "law",
        "asc.statutory_limit": "law",
        "cov.local_standard": "local_standard",
    }
    other = policy_book("XYZ").in_force("adult_social_care", date(2026, 4, 1))
    assert other.rule("cov.local_standard") is None


# --- what is asked on a day -----------------------------------------------------------------------------------------

CHANGED = read(HEAD + edition("2009-04-01", "2026-03-31", 10) + edition("2026-04-01", value=5) + DUTY)


def test_a_rule_changes_from_a_day() -> None:
    values = [CHANGED.in_force(date(2026, month, day)).rules[0].value for month, day in ((3, 31), (4, 1))]
    assert values == [10, 5]


def test_nothing_is_asked_before_there_was_a_rule() -> None:
    with pytest.raises(Rejected, match="no_policy"):
        CHANGED.in_force(date(2009, 3, 31))
    with pytest.raises(Rejected, match="unknown_pathway: the pathways are: adult_social_care, "):
        policy_book("COV").in_force("planning", date(2026, 4, 1))


def test_an_edition_begins_with_each_change_and_with_each_end() -> None:
    assert [day for day, _ in CHANGED.editions()] == [date(2009, 4, 1), date(2026, 4, 1)]
    ending = read(HEAD + RULE + edition("2012-01-01", "2013-12-31", what=DUTY))
    found = dict(ending.editions())
    assert list(found) == [date(2009, 4, 1), date(2012, 1, 1), date(2014, 1, 1)]
    assert found[date(2014, 1, 1)] == found[date(2009, 4, 1)] != found[date(2012, 1, 1)]


def test_days_without_a_rule_have_no_edition() -> None:
    early = read(HEAD + edition("2009-04-01", "2012-12-31") + edition("2005-01-01", what=DUTY))
    assert [day for day, _ in early.editions()] == [date(2009, 4, 1)]


def test_a_breach_is_of_what_is_asked_only() -> None:
    found = read().in_force(date(2026, 4, 1))
    assert found.breach("x.answer") == (Breach("x.answer", "SI 1"),)
    assert found.duty("tell") == found.breach("x.tell") == (Breach("x.tell", "SI 2"),)
    assert found.breach("y.answer") == found.duty("answer") == ()


# --- the version ----------------------------------------------------------------------------------------------------


def test_the_version_is_of_the_content_and_not_of_its_wording_in_the_file() -> None:
    plain = read().in_force(date(2026, 4, 1))
    remarked = read("# a remark\n" + HEAD + DUTY + RULE).in_force(date(2011, 1, 1))
    assert plain.version == remarked.version
    assert plain.version == "sha256:" + sha256(canonical(plain.document())).hexdigest()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("value = 10", "value = 11"),
        ("SI 1", "SI 3"),
        ("SI 2", "SI 3"),
        ("amber_working_days = 5", "amber_working_days = 4"),
    ],
)
def test_another_content_has_another_version(before: str, after: str) -> None:
    day, text = date(2026, 4, 1), HEAD + RULE + DUTY
    assert read(text.replace(before, after)).in_force(day).version != read(text).in_force(day).version


@pytest.mark.parametrize("pathway", SHIPPED, ids=lambda pathway: pathway.name)
def test_a_kept_document_is_the_policy_again(pathway: Pathway) -> None:
    for _, found in pathway.editions():
        kept = from_document(orjson.loads(canonical(found.document())))
        assert kept == found
        assert kept.version == found.version


def test_a_clock_starts_with_an_event_that_starts_clocks() -> None:
    """A case is assigned, but no clock waits for it: such a rule would never run."""
    assert "unknown anchor 'case_assigned'" in fault(HEAD + RULE.replace("representation_received", "case_assigned"))
    assert "met by an unknown event 'case_linked'" in fault(HEAD + RULE.replace("response_sent", "case_linked"))
