"""How the rules were kept, and how others would have been: conformance, and policies replayed over a past year."""

from datetime import date
from typing import Annotated, Any

from fastapi import Query
from pydantic import Field

from services.cases import assessment
from services.cases.routes.desk import Reader
from shared.commands import Command, example
from shared.errors import bad_value
from shared.policy import Policy, PolicyError, named_policy, policy_book, proposed_policy
from shared.web import Cursor, Limit, ListQuery, TheRegister, api_router, make_cursor, queried, read_cursor
from shared.year import Year

router = api_router("cases")

YearLabel = Annotated[str, Field(examples=["2026-27"], max_length=7, description="The twelve months to 31 March.")]


class ConformanceQuery(ListQuery):
    """What the list of rules kept may be asked."""

    year: Annotated[YearLabel | None, Query()] = None
    pathway: Annotated[str, Query(max_length=60)] = "corporate"
    limit: Limit = 50
    cursor: Cursor = None


@router.get("/conformance")
def show_conformance(
    register: TheRegister, who: Reader, query: Annotated[ConformanceQuery, queried(ConformanceQuery)]
) -> assessment.ConformanceOut:
    """For each case received in the year (this one, if none is given): which rules of its procedure were kept.

    For corporate complaints from 1 April 2026 these are the rules of the Ombudsman's Complaint Handling Code that a
    register can see. `summary` is over the whole year, on every page.
    """
    today = register.today()
    limit, year = query.limit, _year(query.year, today)
    found = assessment.conformance_out(register, who, year, _known_pathway(who.authority, query.pathway), today)
    place = read_cursor(query.cursor, date, str) if query.cursor else None
    rest = [item for item in found.items if place is None or (item.received_on, item.reference) < place]
    last = rest[limit - 1] if len(rest) > limit else None
    return found.model_copy(
        update={"items": rest[:limit], "next": make_cursor(last.received_on, last.reference) if last else None}
    )


class ReplayPolicy(Command):
    """Read a past year again under another policy, named or proposed; exactly one of `policy` and `proposed`."""

    year: YearLabel
    policy: Annotated[
        str | None,
        Field(max_length=100, description="A pathway and a day, such as corporate@2026-04-01, or a policy's version."),
    ] = None
    proposed: Annotated[
        dict[str, Any] | None,
        Field(description="A pathway in the form of the shipped files; its newest edition is the one replayed."),
    ] = None

    model_config = example(year="2025-26", policy="corporate@2026-04-01")


@router.post("/policy-replays")
def replay_policy(body: ReplayPolicy, register: TheRegister, who: Reader) -> assessment.ReplayOut:
    """What if? A past year's cases under another policy, beside how they were handled. Nothing is recorded."""
    today = register.today()
    return assessment.replay_out(register, who, Year.begun(body.year, today), _policy(body, who.authority), today)


def _policy(body: ReplayPolicy, code: str) -> Policy:
    if (body.policy is None) == (body.proposed is None):
        raise bad_value("one_policy", "policy", "give either policy or proposed")
    if body.proposed is None:
        return named_policy(body.policy or "", policy_book(code))
    try:
        return proposed_policy(body.proposed, code, "proposed")
    except PolicyError as error:
        raise bad_value("bad_policy", "proposed", str(error)) from error


def _year(label: str | None, today: date) -> Year:
    return Year.begun(label, today) if label else Year.containing(today)


def _known_pathway(code: str, name: str) -> str:
    policy_book(code).in_force(name, date.max)
    return name
