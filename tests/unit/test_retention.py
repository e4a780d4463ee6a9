"""How long personal data is kept, and what stands against its erasure: each on its last day and the day after."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.cases import commands as do
from services.cases.case import Erasure, LegalHold, fold
from services.cases.checks import Rules
from services.cases.decide import decide, receive
from services.cases.keeping import retention, stands_against
from shared.authority import authority
from shared.clock import noon
from shared.events import Commitment, LegalHoldLifted, LegalHoldPlaced, PersonalDataErased
from shared.policy import PolicyError, policy_book
from shared.retention import UNROUTED, read_schedule, schedule
from tests.scenario import (
    COVENTRY,
    ELSEWHERE,
    Scenario,
    answer_on,
    close_on,
    escalate_on,
    received_on,
    recorded,
    rejected,
    reopen_on,
    route_to,
    withdraw_on,
)

SEALED = tuple(Commitment(party, "name", "sha256:0") for party in ("complainant", "narrative"))


def a_case(pathway: str | None, area: str = "older_people", rules: Rules = COVENTRY) -> Scenario:
    """A complaint with personal data of two parties."""
    receipt = received_on("2016-01-04", service_area=area, pathway=pathway)
    found = tuple(receive(receipt, SEALED, rules, receipt.received_at or noon(date.min)))
    return Scenario(rules, found, found)


def closed(pathway: str, day: str = "2016-02-29") -> Scenario:
    return a_case(pathway).when(*answer_on("2016-02-01"), close_on(day))


def erase(ground: str, party: str | None = None) -> do.ErasePersonalData:
    return do.ErasePersonalData(ground=ground, party=party)


def hold(action: str = "place", on: str | None = None, reason: str | None = "litigation") -> do.SetLegalHold:
    return do.SetLegalHold.model_validate({"action": action, "set_on": on, "reason": reason})


def enquired(story: Scenario, *over: date | None) -> Scenario:
    """The same, with enquiries of the Ombudsman."""
    return replace(story, rules=replace(story.rules, enquiries_over=over))


def kept_until(story: Scenario, today: str = "2026-01-01") -> date | None:
    return retention(story.case, story.rules, date.fromisoformat(today)).kept_until


# --- the schedule -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pathway", "last", "after"),
    [
        ("adult_social_care", "2026-02-28", "2026-03-01"),
        ("public_health", "2026-02-28", "2026-03-01"),
        ("corporate", "2022-02-28", "2022-03-01"),
        ("children", "2026-02-28", "2026-03-01"),
    ],
)
def test_a_closed_case_is_kept_to_the_last_day_of_its_years(pathway: str, last: str, after: str) -> None:
    """Records Management Code: a complaints case file is kept for 10 years from closure."""
    story = closed(pathway)
    assert kept_until(story) == date.fromisoformat(last)
    story.when(erase("retention_expired"), today=last).then(rejected("kept_by_retention", "ground"))
    story.when(erase("retention_expired"), today=after)
    assert stands_against(story.case, story.rules, date.fromisoformat(after)) == ()


def test_a_case_that_was_taken_up_again_is_kept_anew_from_its_next_closure() -> None:
    reopened = closed("corporate").when(reopen_on("2021-05-01"))
    assert kept_until(reopened) is None
    assert [a.obstacle for a in stands_against(reopened.case, COVENTRY, date(2030, 1, 1))] == ["open", "retention"]
    assert kept_until(reopened.when(*answer_on("2021-06-01"), close_on("2021-06-02"))) == date(2027, 6, 2)
    escalated = closed("corporate").when(escalate_on("2016-03-15"))
    assert kept_until(escalated) is None


def test_years_run_from_the_end_of_the_ombudsmans_enquiry_where_that_is_later() -> None:
    """Records Management Code: a file is not closed until all later processes have ceased."""
    story = closed("corporate")
    assert kept_until(enquired(story, date(2017, 7, 1), date(2016, 1, 5))) == date(2023, 7, 1)
    assert kept_until(enquired(story, date(2016, 1, 5))) == date(2022, 2, 28)


def test_a_complaint_that_ended_without_a_route_has_a_rule_too() -> None:
    story = a_case(None, area="other", rules=ELSEWHERE).when(withdraw_on("2016-02-01"), close_on("2016-02-02"))
    assert story.case.pathway is None
    assert kept_until(story) == date(2026, 2, 2)


@pytest.mark.parametrize("kind", [do.ReceiveCompliment, do.ReceiveComment])
def test_a_compliment_and_a_comment_are_kept_for_two_years_from_receipt(kind: Any) -> None:
    receipt = kind(channel="email", service_area="older_people", received_at=noon(date(2024, 5, 1)))
    case = fold(receive(receipt, SEALED, COVENTRY, receipt.received_at))
    assert case is not None
    assert retention(case, COVENTRY, date(2026, 1, 1)).kept_until == date(2026, 5, 1)
    assert [a.obstacle for a in stands_against(case, COVENTRY, date(2026, 5, 1))] == ["retention"]
    assert stands_against(case, COVENTRY, date(2026, 5, 2)) == ()
    assert len(decide(case, erase("retention_expired"), COVENTRY, date(2026, 5, 2))) == 2


def test_every_pathway_and_kind_has_a_rule_with_a_source_today() -> None:
    for code in ("COV", "XYZ"):
        for of in (*policy_book(code).pathways, UNROUTED, "compliment", "comment"):
            rule = schedule(code).rule(of, date(2026, 11, 20))
            assert rule is not None
            assert rule.source
    assert [rule.of for rule in schedule("COV").rules if rule.review] == ["children"]
    assert {rule.of for rule in schedule("COV").rules if "own default" in rule.source} == {
        rule.of for rule in schedule("COV").rules if rule.kind == "local_standard"
    }


RULE = {"of": "corporate", "years": 7, "runs_from": "closure", "kind": "law", "source": "S", "from": date(2020, 1, 1)}


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([{**RULE, "source": " "}], "retention of corporate has no source"),
        ([{name: value for name, value in RULE.items() if name != "source"}], "source: Field required"),
        ([{**RULE, "of": "parking"}], "there is no such pathway or kind"),
        ([{**RULE, "years": 0}], "at least a year"),
        ([{**RULE, "runs_from": "birth"}], "runs_from"),
        ([{**RULE, "colour": "red"}], "colour"),
        ([RULE, {**RULE, "from": date(2024, 1, 1)}], "overlaps its edition from 2024-01-01"),
    ],
)
def test_a_rule_that_is_not_whole_does_not_load(entries: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        read_schedule({"retention": entries}, ["corporate"], "test.toml")


@pytest.mark.parametrize("table", ["erasure_grounds", "legal_hold_reasons"])
def test_a_ground_or_a_reason_without_a_source_does_not_load(table: str) -> None:
    entry = {"code": "whim", "label": "a whim", "source": ""} | ({"overrides": []} if "grounds" in table else {})
    with pytest.raises(PolicyError, match="whim has no source"):
        read_schedule({table: [entry]}, [], "test.toml")


def test_an_authoritys_own_rule_stands_before_the_shipped_one_from_its_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = '[[retention]]\nof = "corporate"\nyears = 7\nruns_from = "closure"\nkind = "local_standard"\n'
    (tmp_path / "QQQ.toml").write_text(f'{own}source = "QQQ Council, retention schedule 12"\nfrom = 2025-01-01\n')
    monkeypatch.setenv("REDRESS_AUTHORITIES", str(tmp_path))
    found = schedule("QQQ")
    years = {
        day: rule.years
        for day in ("2024-12-31", "2025-01-01")
        if (rule := found.rule("corporate", date.fromisoformat(day)))
    }
    assert years == {"2024-12-31": 6, "2025-01-01": 7}
    rules = Rules(authority("QQQ"), policy_book("QQQ"))
    story = replace(closed("corporate"), rules=rules)
    assert kept_until(story, "2024-12-31") == date(2022, 2, 28)
    assert kept_until(story, "2025-01-01") == date(2023, 2, 28)


# --- what stands against an erasure -----------------------------------------------------------------------------------


@pytest.mark.parametrize("ground", ["request", "retention_expired", "malicious_allegation"])
def test_an_open_case_is_kept(ground: str) -> None:
    """UK GDPR Art 17(3)(b): not to the extent that processing is necessary for a task in the public interest."""
    story = a_case("adult_social_care").when(erase(ground), today="2016-01-05")
    story.then(rejected("kept_while_open", "ground"))
    assert story.refusal is not None
    assert story.refusal.source == "UK GDPR Art 17(3)(b)"


def test_a_request_is_refused_within_the_period_and_names_the_rule_that_keeps_the_record() -> None:
    story = closed("corporate").when(erase("request"), today="2021-01-01")
    story.then(rejected("kept_by_retention", "ground"))
    assert story.refusal is not None
    assert "2022-02-28" in story.refusal.detail
    assert "Limitation Act 1980" in (story.refusal.source or "")


@pytest.mark.parametrize(
    ("ground", "outweighs"),
    [
        ("retention_expired", set()),
        ("request", set()),
        ("malicious_allegation", {"retention"}),
        ("unlawful_processing", {"open", "retention"}),
        ("court_order", {"open", "ombudsman", "retention"}),
    ],
)
def test_what_each_ground_outweighs(ground: str, outweighs: set[str]) -> None:
    before = a_case("corporate")
    kept = {
        "open": before,
        "retention": closed("corporate"),
        "ombudsman": enquired(closed("corporate"), None),
        "legal_hold": closed("corporate").when(hold(on="2016-03-01")),
    }
    days = {"open": "2016-01-05", "retention": "2016-03-01", "ombudsman": "2030-01-01", "legal_hold": "2030-01-01"}
    erased = {what for what, story in kept.items() if not story.when(erase(ground), today=days[what]).refusal}
    assert erased == outweighs


def test_a_party_is_erased_once_and_alone_or_all_that_are_left() -> None:
    story = closed("corporate").when(erase("request", "complainant"), today="2030-01-01")
    story.then(recorded(PersonalDataErased, party="complainant", ground="request", erased_on=date(2030, 1, 1)))
    assert story.case.parties == ("narrative",)
    assert story.case.erasures == (Erasure("complainant", date(2030, 1, 1), "request"),)
    story.when(erase("request", "complainant"), today="2030-01-02").then(rejected("nothing_to_erase"))
    story.when(erase("request", "landlord"), today="2030-01-02").then(rejected("unknown_party", "party"))
    story = story.when(erase("court_order"), today="2030-01-02").then(recorded(PersonalDataErased, party="narrative"))
    story.when(erase("court_order"), today="2030-01-02").then(rejected("nothing_to_erase"))


def test_a_ground_that_there_is_not() -> None:
    closed("corporate").when(erase("tidiness")).then(rejected("unknown_code", "ground"))


def test_a_case_goes_on_after_its_erasure() -> None:
    story = a_case("corporate").when(erase("unlawful_processing"), today="2016-01-05")
    after = story.when(*answer_on("2016-01-15"), close_on("2016-01-15"), reopen_on("2016-02-01"))
    assert after.case.status == "reopened"
    assert len(after.case.erasures) == 2


# --- the legal hold ---------------------------------------------------------------------------------------------------


def test_a_hold_is_placed_for_a_reason_and_lifted() -> None:
    story = a_case("adult_social_care").when(hold(on="2016-01-10"))
    story.then(recorded(LegalHoldPlaced, placed_on=date(2016, 1, 10), reason="litigation"))
    assert story.case.legal_hold == LegalHold(date(2016, 1, 10), "litigation")
    story.when(hold(on="2016-01-11")).then(rejected("already_on_hold"))
    story.when(hold("lift", "2016-01-09")).then(rejected("too_early", "set_on"))
    lifted = story.when(hold("lift", "2016-01-10")).then(recorded(LegalHoldLifted, lifted_on=date(2016, 1, 10)))
    assert lifted.case.legal_hold is None
    lifted.when(hold("lift")).then(rejected("not_on_hold"))
    assert lifted.when(hold(on="2017-01-01")).case.legal_hold


def test_a_hold_without_a_reason_or_for_one_that_there_is_not() -> None:
    a_case("corporate").when(hold(reason=None)).then(rejected("reason_needed", "reason"))
    a_case("corporate").when(hold(reason="caution")).then(rejected("unknown_code", "reason"))
    a_case("corporate").when(hold(on="2016-01-03")).then(rejected("before_receipt", "set_on"))


def test_a_hold_beats_the_schedule_and_a_court_until_it_is_lifted() -> None:
    story = closed("corporate").when(hold(on="2020-01-01"))
    for ground in ("retention_expired", "request", "court_order"):
        story.when(erase(ground), today="2030-01-01").then(rejected("kept_by_legal_hold", "ground"))
    story.when(hold("lift"), erase("retention_expired"), today="2030-01-01")


def test_a_hold_can_be_placed_on_a_closed_case_and_on_one_without_a_route() -> None:
    assert closed("corporate").when(hold()).case.legal_hold
    assert a_case("corporate").when(route_to("children", "2016-01-05"), hold()).case.legal_hold
