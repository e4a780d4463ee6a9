"""Matters of general importance (SI 2009/309 reg 18(1)(d)(ii)): arising from complaints, or from their handling."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from services.reporting.scope import Scope


def matters(scope: Scope) -> list[Mapping[str, Any]]:
    """Each lesson of the year and each rule that was not kept in it, with how often."""
    return [*_lessons(scope), *_handling(scope)]


def _lessons(scope: Scope) -> list[Mapping[str, Any]]:
    """Arising out of the complaints: each lesson of the year, and how often it was recorded."""
    return [
        {"matter": lesson, "arising_from": "complaints", "source": None, "count": times}
        for lesson, times in sorted(Counter(row.lesson for row in scope.lessons).items())
    ]


def _handling(scope: Scope) -> list[Mapping[str, Any]]:
    """Arising out of the way in which they were handled: each rule that was not kept in the year, and how often."""
    return [
        {"matter": rule, "arising_from": "handling", "source": source, "count": times}
        for (rule, source), times in sorted(Counter((row.rule, row.source) for row in scope.breaches).items())
    ]
