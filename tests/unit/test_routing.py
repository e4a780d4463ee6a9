import tomllib
from dataclasses import replace
from datetime import date

from services.cases.checks import Rules
from shared.events import CaseRouted
from shared.policy import read_pathway
from tests.scenario import (
    COVENTRY,
    ELSEWHERE,
    acknowledge_on,
    agree_period,
    answer_on,
    decide_on,
    due,
    escalate_on,
    given,
    in_time,
    received_on,
    recorded,
    rejected,
    reopen_on,
    route_to,
    status,
    withdraw_on,
)

ASC = "adult_social_care"
UNROUTED = given(received_on("2026-11-02", service_area="other"), rules=ELSEWHERE)


def test_a_route_starts_the_clocks_from_receipt() -> None:
    """The clocks run from the day of receipt, however long the routing took."""
    story = UNROUTED.when(route_to(ASC, "2026-11-20", "triage")).then(
        recorded(CaseRouted, routed_on=date(2026, 11, 20), pathway=ASC, reason="triage"),
        due("acknowledgement", "2026-11-05"),
        due("statutory_limit", "2027-05-01"),
        status("received"),
    )
    assert {clock.set.anchor_on for clock in story.case.clocks.values()} == {date(2026, 11, 2)}


def test_the_policy_and_the_calendar_stand_in_the_event_and_in_each_deadline() -> None:
    (_, routed) = given(received_on("2026-11-02"), pathway=ASC).recorded
    assert isinstance(routed, CaseRouted)
    policy = COVENTRY.policies.in_force(ASC, date(2026, 11, 2)).version
    calendar = COVENTRY.calendar.version
    assert (routed.policy, routed.calendar) == (policy, calendar)
    assert {(deadline.policy, deadline.calendar) for deadline in routed.deadlines} == {(policy, calendar)}
    assert {d.name: (d.rule, d.unit, d.anchor, d.met_by) for d in routed.deadlines} == {
        "acknowledgement": (
            "asc.acknowledgement",
            "working_days",
            "representation_received",
            "complaint_acknowledged",
        ),
        "local_standard": ("cov.local_standard", "working_days", "representation_received", "response_sent"),
        "statutory_limit": ("asc.statutory_limit", "months", "representation_received", "response_sent"),
    }


def test_an_authority_without_standards_of_its_own_has_the_laws_clocks() -> None:
    story = UNROUTED.when(route_to(ASC, "2026-11-03"))
    assert set(story.case.clocks) == {"acknowledgement", "statutory_limit"}


def test_another_route_sets_the_clocks_anew_and_keeps_the_day_of_receipt() -> None:
    story = given(
        received_on("2025-11-03"), acknowledge_on("2025-11-05"), agree_period("2025-12-02", "2025-11-06"), pathway=ASC
    )
    rerouted = story.when(route_to("corporate", "2025-11-11"))
    assert set(rerouted.case.clocks) == {"acknowledgement", "stage_1"}
    assert rerouted.case.received_on == date(2025, 11, 3)
    rerouted.then(in_time("acknowledgement"), due("stage_1", "2025-11-17"), status("acknowledged"))


def test_a_case_is_routed_elsewhere_only() -> None:
    given(received_on("2026-11-02"), pathway=ASC).when(route_to(ASC, "2026-11-03")).then(
        rejected("already_on_pathway", "pathway")
    )


def test_a_decided_case_stays_on_its_pathway() -> None:
    story = given(received_on("2026-11-02"), pathway="corporate")
    story.when(decide_on("2026-11-03"), route_to(ASC, "2026-11-04")).then(rejected("stage_already_decided"))
    escalated = story.when(*answer_on("2026-11-03"), escalate_on("2026-11-04"))
    escalated.when(route_to(ASC, "2026-11-05")).then(rejected("stage_already_decided"))


def test_a_case_reopened_to_be_decided_anew_may_go_another_way() -> None:
    given(received_on("2026-11-02"), *answer_on("2026-11-03"), reopen_on("2026-11-05"), pathway="corporate").when(
        route_to(ASC, "2026-11-06")
    ).then(due("statutory_limit", "2027-05-01"))


def test_routes_that_cannot_be() -> None:
    UNROUTED.when(route_to("planning", "2026-11-03")).then(rejected("unknown_pathway", "pathway"))
    UNROUTED.when(route_to(ASC, "2026-11-01")).then(rejected("before_receipt", "routed_on"))
    UNROUTED.when(route_to(ASC, "2026-11-04"), today="2026-11-03").then(rejected("in_the_future", "routed_on"))
    UNROUTED.when(route_to(ASC, "2026-11-03", "whim")).then(rejected("unknown_code", "reason"))
    UNROUTED.when(withdraw_on("2026-11-03"), route_to(ASC, "2026-11-03")).then(rejected("case_ended"))


def test_without_a_pathway_only_what_needs_none_is_possible() -> None:
    UNROUTED.when(acknowledge_on("2026-11-03")).then(rejected("not_routed"))
    UNROUTED.when(decide_on("2026-11-03")).then(rejected("not_routed"))
    UNROUTED.when(agree_period("2026-12-01", "2026-11-03")).then(rejected("not_routed"))
    UNROUTED.when(escalate_on("2026-11-03")).then(rejected("not_routed"))


CODE = """
pathway = "code"
title = "The Complaint Handling Code"
stages = ["stage_1"]

[rag]
amber_working_days = 3
source = "ours"

[[rule]]
id = "code.acknowledgement"
name = "acknowledgement"
kind = "guidance"
stage = "stage_1"
anchor = "representation_received"
met_by = "complaint_acknowledged"
value = 5
unit = "working_days"
counting = "after_the_day"
source = "The Code 6.2"
from = 2026-04-01

[[rule]]
id = "code.stage_1"
name = "stage_1"
kind = "guidance"
stage = "stage_1"
anchor = "complaint_acknowledged"
met_by = "response_sent"
value = 10
unit = "working_days"
counting = "after_the_day"
source = "The Code"
from = 2026-04-01
"""
BOOK = replace(
    COVENTRY.policies,
    pathways={**COVENTRY.policies.pathways, "code": read_pathway(tomllib.loads(CODE), None, "code.toml")},
)
WITH_THE_CODE = Rules(COVENTRY.authority, BOOK)


def test_a_clock_may_start_with_the_acknowledgement() -> None:
    """The Code: 5 working days to acknowledge; stage 1 within 10 working days of the acknowledgement."""
    story = given(received_on("2026-12-24"), pathway="code", rules=WITH_THE_CODE).then(
        due("acknowledgement", "2027-01-05")
    )
    assert "stage_1" not in story.case.clocks
    acknowledged = story.when(acknowledge_on("2027-01-05")).then(
        due("stage_1", "2027-01-19"), in_time("acknowledgement")
    )
    acknowledged.when(*answer_on("2027-01-19")).then(in_time("stage_1"))


def test_another_route_starts_what_hangs_on_an_acknowledgement_given_before() -> None:
    given(received_on("2026-12-24"), acknowledge_on("2026-12-29"), pathway="corporate", rules=WITH_THE_CODE).when(
        route_to("code", "2027-01-04")
    ).then(due("stage_1", "2027-01-13"), in_time("acknowledgement"))


def test_the_version_counts_the_events() -> None:
    story = given(received_on("2026-11-02"), pathway=ASC)
    assert (story.case.version, story.when(*answer_on("2026-11-03")).case.version) == (2, 4)
