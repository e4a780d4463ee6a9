"""What each statutory complaint is about, and what is found of it."""

from collections.abc import Iterator, Sequence
from itertools import cycle

from services.sample.coventry.arranging import spread
from services.sample.coventry.complaint import Complaint
from services.sample.coventry.labels import CATEGORIES, ISSUES, SERVICE_AREAS
from services.sample.coventry.published import counts, reasons


def raise_concerns(complaints: Sequence[Complaint], year: str) -> None:
    """Concerns by main category, one round for everybody and then a second or third; the rare ones to Finance first."""
    printed = counts(year, "concerns raised by main category", "concerns")
    rare = [code for row, code in CATEGORIES.items() if printed[row] < 20 for _ in range(printed[row])]
    common = spread({code: printed[row] for row, code in CATEGORIES.items() if printed[row] >= 20})
    order = sorted(complaints, key=lambda c: (c.service_area != "finance", c.service_area != "adult_safeguarding"))
    turns = subcategories()
    for category, complaint in zip(rare + common, cycle(order), strict=False):
        fresh = (code for code in turns[category] if code is None or (category, code) not in complaint.concerns)
        complaint.concerns.append((category, next(fresh)))


def subcategories() -> dict[str, Iterator[str | None]]:
    """The subcategories of each category, in turn and without end; nothing is known below the two rare ones."""
    known: dict[str, list[str | None]] = {category: [] for category in CATEGORIES.values()}
    for category, subcategory in ISSUES.values():
        known[category].append(subcategory)
    return {category: cycle(codes or [None]) for category, codes in known.items()}


def raise_issues(complaints: Sequence[Complaint]) -> None:
    """2024-25 prints each issue that was upheld or partially upheld by group: they go round the group's own complaints.

    Every second one partially upheld has one more concern, which is not upheld and so in no printed row.
    """
    for group, areas in SERVICE_AREAS.items():
        own = [c for c in complaints if c.founded and c.service_area in areas]
        printed = reasons(group)
        dealt = [issue for label, issue in ISSUES.items() for _ in range(printed.get(f"issue: {label}", 0))]
        for issue, complaint in zip(dealt, cycle(own), strict=False):
            complaint.concerns.append(issue)
    others = cycle(spread({issue: 1 + (n % 3) for n, issue in enumerate(ISSUES.values())}))
    for index, complaint in enumerate(complaints):
        more = 0 if complaint.founded else 1 + index % 3
        if complaint.outcome == "partially_upheld" and index % 2 == 0:
            more = 1
        for _ in range(more):
            complaint.concerns.append(next(issue for issue in others if issue not in complaint.concerns))


def findings(complaint: Complaint, index: int) -> list[str]:
    """A finding for each concern that agrees with the outcome: partially upheld is neither all nor nothing."""
    n = len(complaint.concerns)
    if complaint.outcome != "partially_upheld":
        return [complaint.outcome] * n
    if index % 2 == 0 and n > 1:
        return ["upheld"] * (n - 1) + ["not_upheld"]
    return ["partially_upheld"] + ["upheld"] * (n - 1)
