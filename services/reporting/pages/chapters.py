"""How a page is ordered: which chapter a table stands in, what it is called there, and which figures come first.

By the words of a table's name, so that a new table has its chapter before anyone has listed it here.
"""

from collections.abc import Mapping, Sequence

from services.reporting.figures import Place
from services.reporting.grid import said
from services.reporting.paper import Kind

CHAPTERS: Mapping[str, Sequence[str]] = {
    "What the law asks for": ("statutory return",),
    "The Ombudsman": ("ombudsman",),
    "The books balance": ("balance", "brought forward"),
    "Who complained": ("equality", "representative", "ethnicity", "disability"),
    "Putting things right": ("remedies", "remedy"),
    "What was learned": ("improvement", "lesson", "learning", "general importance"),
    "How complaints ended": ("outcome", "upheld", "refus", "decided"),
    "How long complaints took": (
        "timescale",
        "response",
        "compliance",
        "extension",
        "acknowledge",
        "speed",
        "days",
        "clock",
        "stage",
        "overdue",
        "delay",
        "due",
        "open",
    ),
    "How complaints came in": ("type", "complained", "channel", "month", "compliment", "received", "complaints,"),
    "What complaints were about": ("concern", "subject", "categor", "reason", "service area", "issue", "provider"),
    "Background": ("adults in long-term support",),
}
"""The words that bring a table into a chapter; the first chapter with a word of its name has it."""

OF_PROGRESS: Mapping[str, Sequence[str]] = {
    "Open complaints": ("open complaints",),
    "Fell due since last week": ("fell due",),
    "Reasons for delay": ("delay",),
}
"""The chapters of the progress list, which come before those of every report."""

LISTS_FIRST = frozenset(OF_PROGRESS)
"""The chapters of which the lists are what a reader came for, and the counts come after them."""

ORDER = (
    *OF_PROGRESS,
    "What the law asks for",
    "How complaints came in",
    "How complaints ended",
    "How long complaints took",
    "What complaints were about",
    "Who complained",
    "The Ombudsman",
    "Putting things right",
    "What was learned",
    "Background",
    "More figures",
    "The books balance",
)

OTHERWISE = "More figures"

HEADINGS: Mapping[str, str] = {
    "complaints": "Complaints about each council",
    "complaints by type": "Complaints of each type",
    "statutory outcomes": "How each complaint ended",
    "statutory complaints by service area": "Complaints by service area",
    "stage 1 timescale": "Answered within 20 working days",
    "response times": "How long answers took",
    "concerns raised by main category": "Concerns raised, by main category",
    "reasons for upheld complaints": "Why complaints were upheld",
    "complaints and compliments by month": "Complaints and compliments, month by month",
    "compliments": "Compliments for each complaint",
    "equality: sex": "Sex of the person affected",
    "equality: age": "Age of the person affected",
    "equality: ethnicity": "Ethnicity of the person affected",
    "equality: disability": "Disability of the person affected",
    "ombudsman cases": "Complaints that went to the Ombudsman",
    "ombudsman performance": "How the council fared with the Ombudsman",
    "escalated to the ombudsman": "Complaints to the Ombudsman about each council",
    "upheld by the ombudsman": "Complaints upheld by the Ombudsman for each council",
    "ombudsman uphold rate": "The Ombudsman's uphold rate of each council",
    "remedies": "Remedies agreed",
    "financial remedies": "Money to put things right",
    "ombudsman financial remedies": "Money that the Ombudsman required",
    "ombudsman symbolic remedies": "Payments for distress that the Ombudsman required",
    "ombudsman remedies": "Remedies that the Ombudsman required, and what became of them",
    "service improvements by service area": "Lessons and actions by service area",
    "balance": "What came in, and what became of it",
    "statutory return": "The figures of the return",
    "subject matter": "Concerns raised, by main category",
    "refusals": "Why complaints were refused",
    "statutory outcomes by service area": "How complaints ended, by service area",
    "complaints refused by pathway": "Why complaints were refused, by pathway",
    "concerns raised by issue": "Concerns raised, by issue",
    "compliance with times": "Whether deadlines were kept",
    "compliance with times by stage": "Whether deadlines were kept, by stage",
    "extensions": "Extensions, by stage and reason",
    "response periods told": "Whether answers came in the period told",
    "delay reasons": "Reasons given for delays",
    "decided": "Decisions made, whenever the complaint came in",
    "open at quarter end": "In hand when the quarter ended",
    "open complaints by colour": "How many are red, amber and green",
    "fell due since last week": "How many deadlines were met",
}

LIST_HEADINGS: Mapping[str, str] = {
    "open complaints": "Every open complaint, the most urgent first",
    "fell due since last week": "Every deadline that fell due",
}
"""What a list is called; a table of the same name counts what it holds."""

NEWEST = ""
"""The last column of a table, in the place of its name."""

KEY_FIGURES: Mapping[Kind, Sequence[tuple[str, str, Place]]] = {
    "annual": (
        ("statutory complaints received", "complaints by type", ("statutory", "complaints")),
        ("upheld", "statutory outcomes", ("upheld", "complaints")),
        ("partially upheld", "statutory outcomes", ("partially upheld", "complaints")),
        ("closed within 20 working days", "stage 1 timescale", ("within 20 working days", "complaints")),
        ("working days to close, on average", "response times", ("average days open", "working days")),
        ("compliments received", "compliments", ("received", "compliments")),
        ("upheld by the Ombudsman", "ombudsman performance", ("upheld", "cases")),
        ("agreed to put things right", "financial remedies", ("total", "pounds")),
    ),
    "statutory": (
        ("complaints received", "statutory return", ("received", "complaints")),
        ("well-founded", "statutory return", ("well-founded", "complaints")),
        ("referred to the Ombudsman", "statutory return", ("referred to the ombudsman", "complaints")),
        ("refused", "statutory return", ("refused", "complaints")),
    ),
    "quarterly": (
        ("complaints received", "complaints by type", ("total excluding ombudsman", NEWEST)),
        ("of them statutory", "complaints by type", ("statutory", NEWEST)),
        ("statutory complaints decided", "decided", ("total", NEWEST)),
        ("decisions that upheld all of a complaint", "decided", ("upheld", NEWEST)),
        ("decisions that upheld a part", "decided", ("partially upheld", NEWEST)),
        ("closed within 20 working days", "stage 1 timescale", ("within 20 working days", NEWEST)),
        ("in hand when the quarter ended", "open at quarter end", ("total", NEWEST)),
        ("compliments received", "compliments", ("received", NEWEST)),
    ),
    "progress": (
        ("open complaints", "open complaints by colour", ("total", "complaints")),
        ("red: past a deadline", "open complaints by colour", ("red", "complaints")),
        ("amber: near a deadline", "open complaints by colour", ("amber", "complaints")),
        ("deadlines fell due since last week", "fell due since last week", ("total", "deadlines")),
    ),
}
"""What a reader should know who reads nothing else: words, table, place. What a report lacks is left out."""


def chapter_of(name: str, kind: Kind = "annual") -> str:
    """The chapter of a table or listing in a paper of that kind."""
    low, chapters = name.lower(), OF_PROGRESS if kind == "progress" else CHAPTERS
    return next((chapter for chapter, words in chapters.items() if any(word in low for word in words)), OTHERWISE)


def heading_of_list(name: str) -> str:
    """What a list is called in plain English."""
    return LIST_HEADINGS.get(name) or heading_of(name)


def heading_of(name: str) -> str:
    """A name in plain English; what follows its first comma stays.

    >>> heading_of("escalated to the ombudsman, West Midlands"), heading_of("a new table")
    ('Complaints to the Ombudsman about each council, West Midlands', 'A new table')
    """
    first, comma, rest = name.partition(", ")
    return HEADINGS.get(name) or (HEADINGS[first] + comma + rest if first in HEADINGS else said(name))
