"""The council's own words on a year, beside its figures (SI 2009/309 reg 18(1)(d); the Ombudsman's Code 8.1, 8.2)."""

from collections.abc import Mapping

from services.reporting.facts import NarrativeFact
from services.reporting.scope import ADULT_SOCIAL_CARE, Scope

HEADINGS: Mapping[str, str] = {
    "introduction": "Introduction",
    "subject_matter": "What complaints were about",
    "matters_of_general_importance": "Matters of general importance",
    "action_taken": "What we did, and what we will do",
    "self_assessment": "Our assessment against the Complaint Handling Code",
    "governance_response": "The response of the governing body",
}
"""The parts in the order in which they are printed, each with its heading."""


def document(narrative: NarrativeFact) -> Mapping[str, str | None]:
    """The parts as JSON; null where nothing is said."""
    return {part: getattr(narrative, part) for part in HEADINGS}


def of(scope: Scope) -> Mapping[str, str | None] | None:
    """What a report says under `narrative`. It is about adult social care: a report on another pathway has none."""
    found = next(iter(scope.facts.narratives), None) if scope.pathway == ADULT_SOCIAL_CARE else None
    return document(found) if found else None


def printed(scope: Scope) -> tuple[tuple[str, str], ...]:
    """Heading and text of each part that says something."""
    said = of(scope) or {}
    return tuple((heading, text) for part, heading in HEADINGS.items() if (text := said.get(part)))
