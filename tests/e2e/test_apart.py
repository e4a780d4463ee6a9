"""Cases and the Ombudsman's side as processes of their own, either of which may be gone while the other works on."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.commands import PATIENCE_SECONDS, Deployment, Server, created, found

ENQUIRY = "26 004 117"
COMPLAINT = {
    "channel": "email",
    "pathway": "adult_social_care",
    "service_area": "older_people",
    "concerns": [{"category": "communication"}],
    "complainant": {"name": "A. Resident"},
}


@dataclass
class Apart:
    """The two services on one database, each of them up or down."""

    deployment: Deployment
    key: str
    up: dict[str, Server] = field(default_factory=dict)

    def start(self, *names: str) -> None:
        begun = {name: self.deployment.begin(name) for name in names if name not in self.up}
        self.up |= begun
        for server in begun.values():
            server.wait_until_ready()

    def kill(self, name: str) -> None:
        self.up.pop(name).kill()

    def alone(self, name: str, *posts: tuple[str, dict[str, Any]]) -> Any:
        """Let one service take these while the other is dead, and die with its last answer; then both come back."""
        other = "ombudsman" if name == "cases" else "cases"
        self.start(name)
        if other in self.up:
            self.kill(other)
        with self.up[name].client(self.key) as client:
            answers = [created(client.post(f"/v1/{path}", json=body)) for path, body in posts]
        self.kill(name)
        self.start("cases", "ombudsman")
        return answers[-1]

    def until(self, name: str, path: str, seen: Callable[[Any], bool]) -> Any:
        """What a service answers once it has seen to something."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        with self.up[name].client(self.key) as client:
            while not seen(answer := found(client.get(f"/v1/{path}"))):
                assert time.monotonic() < deadline, answer
        return answer


def test_nothing_is_lost_or_done_twice_whichever_service_is_killed_at_every_step(on_postgres: Deployment) -> None:
    key = on_postgres.key("complaints:write", "cases:write", "cases:read", "ombudsman:write", "ombudsman:read")
    both = Apart(on_postgres, key)
    try:
        _live_through(both)
    finally:
        for server in both.up.values():
            server.kill()
    assert "COV whole to" in on_postgres.run("verify").stdout


def _live_through(both: Apart) -> None:
    case = both.alone("cases", ("complaints", COMPLAINT))["reference"]
    enquiry = {"ombudsman_reference": ENQUIRY, "received_on": "2026-11-20", "case": case}
    today = found_today(both, case)
    both.alone("ombudsman", ("ombudsman/enquiries", {**enquiry, "received_on": today}))
    both.until("cases", f"cases/{case}", lambda answer: answer["with_ombudsman"])

    both.alone("ombudsman", (f"ombudsman/enquiries/{ENQUIRY}/premature-return", {"returned_on": today}))
    both.until("cases", f"cases/{case}", lambda answer: not answer["with_ombudsman"])

    findings = [{"concern": 1, "outcome": "not_upheld"}]
    both.alone(
        "cases",
        (
            f"cases/{case}/decision",
            {"decided_on": today, "outcome": "not_upheld", "decided_by": "staff-1", "findings": findings},
        ),
        (f"cases/{case}/response", {"sent_on": today, "signed_by": "staff-2", "ombudsman_right_given": True}),
    )
    both.until("ombudsman", f"ombudsman/enquiries/{ENQUIRY}", lambda answer: answer["exhausted_on"] == today)

    again = {"ombudsman_reference": "26 009 900", "received_on": today, "case": case}
    steps = "ombudsman/enquiries/26 009 900"
    both.alone(
        "ombudsman",
        ("ombudsman/enquiries", again),
        (f"{steps}/investigation", {"opened_on": today}),
        (f"{steps}/decision", {"decided_on": today, "category": "not_upheld"}),
    )
    over = both.until("cases", f"cases/{case}", _both_over)
    assert [shown["category"] for shown in over["enquiries"]] == ["referred_back", "not_upheld"]

    history = both.until("cases", f"cases/{case}/events?limit=200", lambda answer: answer["next"] is None)
    kinds = Counter(event["type"] for event in history["items"])
    assert (kinds["with_ombudsman"], kinds["back_from_ombudsman"]) == (2, 2)


def _both_over(case: Any) -> bool:
    return [shown["back_on"] is not None for shown in case["enquiries"]] == [True, True]


def found_today(both: Apart, case: str) -> str:
    """The day on which the register took the complaint in."""
    with both.up["cases"].client(both.key) as client:
        received: str = found(client.get(f"/v1/cases/{case}"))["received_on"]
    return received
