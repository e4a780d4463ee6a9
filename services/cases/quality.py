"""What a quality meeting and a quality visit read: a quarter's learning, and a provider's complaints of six months."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.cases import case_list, cohort, learning_list
from services.cases.case import Case
from services.cases.case_list import Filters
from services.cases.learning_list import Filters as LearningFilters
from shared import restrictions
from shared.authority import CodeLists, authority
from shared.deadlines import add_months
from shared.errors import bad_value
from shared.handling import Asker
from shared.register import Register
from shared.year import Year

VISIT_MONTHS = 6


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of a year to 31 March; `on` is the day on which its open actions are judged."""

    year: Year
    number: int
    begins_on: date
    ends_on: date
    on: date

    @classmethod
    def begun(cls, label: str, number: int, today: date) -> "Quarter":
        """The quarter of a year, which must have begun; while it runs it is judged today, afterwards on its last day.

        Raises:
            Rejected: `bad_year` or `quarter_not_begun`.
        """
        year = Year.of(label)
        begins_on, ends_on = year.quarter(number)
        if begins_on > today:
            raise bad_value("quarter_not_begun", "quarter", f"the quarter begins on {begins_on}; today is {today}")
        return cls(year, number, begins_on, ends_on, min(ends_on, today))


Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Learned:
    """A quarter's learning: recorded and completed in it, open and overdue on its day, and decided in it, formless."""

    recorded: Sequence[Row]
    completed: Sequence[Row]
    open: Sequence[Row]
    overdue: Sequence[Row]
    missing: Sequence[Row]


def learned(register: Register, asker: Asker, quarter: Quarter) -> Learned:
    """The lines of the learning log that a quarter's meeting looks at."""
    with register.engine.connect() as connection:

        def lines(filters: LearningFilters) -> list[dict[str, object]]:
            return learning_list.page(connection, asker, filters, quarter.on)

        listed = lines(LearningFilters(listed_from=quarter.begins_on, listed_to=quarter.ends_on))
        return Learned(
            recorded=[row for row in listed if row["lesson"] is not None],
            completed=lines(LearningFilters(completed_from=quarter.begins_on, completed_to=quarter.on)),
            open=lines(LearningFilters("open")),
            overdue=lines(LearningFilters("overdue")),
            missing=[row for row in listed if row["lesson"] is None],
        )


@dataclass(frozen=True, slots=True)
class Received:
    """What came in about a service area."""

    service_area: str
    label: str
    complaints: int
    compliments: int


def received(register: Register, code: str, quarter: Quarter) -> list[Received]:
    """Complaints and compliments of a quarter: every area of the list at its end, and any other that occurs."""
    with register.engine.connect() as connection:
        counts = case_list.received(connection, code, quarter.begins_on, quarter.ends_on)
    edition = authority(code).codes.edition("service_areas", quarter.ends_on)
    labels = {value.code: value.label for value in edition.values}
    others = sorted({area for _, area in counts} - set(labels))
    return [
        Received(area, label, counts.get(("complaint", area), 0), counts.get(("compliment", area), 0))
        for area, label in (*labels.items(), *((area, area) for area in others))
    ]


@dataclass(frozen=True, slots=True)
class ConcernSum:
    """The concerns of one category: how many, and how they were found; `awaited` those without a finding yet."""

    category: str
    label: str
    concerns: int
    upheld: int
    partially_upheld: int
    not_upheld: int
    awaited: int


def before_visit(on: date) -> date:
    """The first day of the six months that end with a day.

    >>> before_visit(date(2026, 11, 20)), before_visit(date(2026, 8, 31))
    (datetime.date(2026, 5, 21), datetime.date(2026, 3, 1))
    """
    return add_months(on, -VISIT_MONTHS) + timedelta(days=1)


def of_provider(register: Register, code: str, provider: str, on: date) -> list[tuple[str, Case]]:
    """The complaints about a provider that came in during the six months that end with a day, newest first.

    Restricted cases are among them: `kept` says which of them not to name.
    """
    return list(
        cohort.cases(register, code, Filters(provider=provider, received_from=before_visit(on), received_to=on))
    )


def kept(register: Register, asker: Asker, references: Iterable[str]) -> set[str]:
    """Which of the cases are kept from whoever asks."""
    with register.engine.connect() as connection:
        return restrictions.hidden(connection, asker.actor, asker.authority, references)


def concerns(cases: Sequence[Case], codes: CodeLists, on: date) -> list[ConcernSum]:
    """The concerns of some cases by category, the most frequent first."""
    found: dict[str, Counter[str]] = {}
    for case in cases:
        findings = case.findings
        for number, concern in enumerate(case.concerns, 1):
            found.setdefault(concern.category, Counter())[findings.get(number, "awaited")] += 1
    edition = codes.edition("categories", on)
    sums = []
    for category, counts in found.items():
        value = edition.get(category)
        sums.append(
            ConcernSum(
                category=category,
                label=value.label if value else category,
                concerns=counts.total(),
                upheld=counts["upheld"],
                partially_upheld=counts["partially_upheld"],
                not_upheld=counts["not_upheld"],
                awaited=counts["awaited"],
            )
        )
    return sorted(sums, key=lambda row: (-row.concerns, row.category))
