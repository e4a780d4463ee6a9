"""Coventry's adult social care complaints of April 2022 to March 2025, invented, as the lines of an import.

The council printed counts, not cases. Here are case histories that yield them, as at each day on which a report knew
the facts: the figures in `published.csv` go in as targets, and the histories come out the same at every call. No
person, case or word is real. How a figure is counted is said beside what it forces; the counting itself lives in
reporting, which knows nothing of this file.
"""

import csv
import importlib.resources
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from itertools import cycle
from typing import Any, TypeVar

from shared.calendar import load
from shared.clock import LONDON, london_date

T = TypeVar("T")
Body = dict[str, Any]

CALENDAR = load("england-and-wales")
YEARS = ("2022-23", "2023-24", "2024-25")
LAST_YEAR_END = date(2025, 3, 31)
MONTHS = (
    *("April", "May", "June", "July", "August", "September"),
    *("October", "November", "December", "January", "February", "March"),
)

# --- the printed figures --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Published:
    """One figure as a report of the council printed it; where it does not hold, the same report contradicts it."""

    publication: str
    year: str
    as_at: date
    table: str
    row: str
    column: str
    value: Decimal
    holds: bool
    note: str


@cache
def _published() -> tuple[Published, ...]:
    text = importlib.resources.files("services.sample").joinpath("published.csv").read_text("utf-8")
    return tuple(
        Published(
            **{name: row[name] for name in ("publication", "year", "table", "row", "column", "note")},
            as_at=date.fromisoformat(row["as_at"]),
            value=Decimal(row["value"]),
            holds=row["holds"] == "yes",
        )
        for row in csv.DictReader(text.splitlines())
    )


def published() -> list[Published]:
    """Every figure that the two annual reports printed, in the order of the file."""
    return list(_published())


def counts(year: str, table: str, column: str) -> dict[str, int]:
    """Row -> printed count of what holds, without totals; where the two reports differ, the newer one's."""
    return {
        figure.row: int(figure.value)
        for figure in _published()
        if (figure.year, figure.table, figure.column) == (year, table, column) and figure.holds
        if figure.row.lower() != "total"
    }


# --- codes for the printed labels -----------------------------------------------------------------------------------

SERVICE_AREAS: Mapping[str, tuple[str, ...]] = {
    "All Age Disability (Assessment & Case Management)": ("all_age_disability",),
    "Adult Commissioning": ("adult_commissioning",),
    "Assessment & Case Management OP": ("older_people",),
    "Older People (Assessment & Case Management)": ("older_people",),
    "Adult Safeguarding": ("adult_safeguarding",),
    "ASC Enablement & Therapy Services": ("enablement_therapy",),
    "Occupational Therapy and Enablement / STMSI": ("enablement_therapy",),
    "Mental Health": ("mental_health",),
    "Community Discharge Team": ("community_discharge",),
    "Finance": ("finance",),
    "Hospital Team": ("hospital_team",),
    "Telecare Service": ("telecare",),
    "Internal Provider Services": ("internal_provider",),
    "Promoting Independence/intake": ("promoting_independence",),
    "Promoting Independence team": ("promoting_independence",),
    "All others": ("adult_safeguarding", "finance", "hospital_team", "telecare", "internal_provider"),
}
CHANNELS: Mapping[str, tuple[str, ...]] = {
    "email": ("email",),
    "contact centre or form": ("web_form", "contact_centre"),
    "letter": ("letter",),
    "phone": ("phone",),
}
ORAL = {"phone", "in_person", "contact_centre"}
CATEGORIES = {
    "Financial issues": "financial",
    "Protection": "protection",
    "Environment/property": "environment_property",
    "Communication": "communication",
    "Standard of Service": "standard_of_service",
}
ISSUES = {
    "Delays in / no communication": ("communication", "delays_in_communication"),
    "Quality of communication": ("communication", "quality_of_communication"),
    "Delay in providing service": ("standard_of_service", "delay_in_service"),
    "Standard of service": ("standard_of_service", "standard_of_service"),
    "Access to service": ("standard_of_service", "access_to_service"),
    "Poor quality of care / Level of service": ("standard_of_service", "quality_of_care"),
    "Incorrect information given": ("communication", "incorrect_information"),
    "Standard of work": ("standard_of_service", "standard_of_work"),
    "Financial assessment / charges": ("financial", "financial_assessment"),
    "Attitude / Rudeness": ("communication", "attitude"),
    "Other matters": ("standard_of_service", "other_matters"),
}
OUTCOMES = {
    "upheld": "upheld",
    "partially upheld": "partially_upheld",
    "not upheld": "not_upheld",
    "withdrawn": "withdrawn",
}
FOUNDED = ("upheld", "partially_upheld")
ETHNIC_GROUPS = {
    "White British": "white_british",
    "Indian": "indian",
    "Any other Asian background": "other_asian",
    "Caribbean": "caribbean",
    "Any other ethnic group": "other_ethnic_group",
    "White and Black Caribbean": "white_and_black_caribbean",
    "White and Asian": "white_and_asian",
    "Any other Black, African or Caribbean background": "other_black",
}
AGE_BANDS: Mapping[str, tuple[str, ...]] = {
    "under 16": ("0_15",),
    "16-24": ("16_17", "18_24"),
    "25-34": ("25_34",),
    "35-49": ("35_49",),
    "50-64": ("50_64",),
    "65+": ("65_74", "75_84", "85_over"),
}

# --- words ----------------------------------------------------------------------------------------------------------

FIRST_NAMES = (
    "Alex",
    "Blake",
    "Casey",
    "Devon",
    "Ellis",
    "Frankie",
    "Harper",
    "Indy",
    "Jules",
    "Kit",
    "Lane",
    "Morgan",
)
LAST_NAMES = ("Ashdown", "Birchley", "Cloverton", "Dunmere", "Elmwood", "Fernley", "Gorseby", "Hazelton", "Ivybridge")
LESSONS: Mapping[str | None, tuple[str, str]] = {  # by subcategory: the lesson, and what is done about it
    "delays_in_communication": (
        "Enquiries that cannot be answered at once need an early reply that says when an answer will come.",
        "Each team acknowledges a message by the next working day and keeps a log of call-backs.",
    ),
    "quality_of_communication": (
        "Families hear from several professionals and are not always told who does what.",
        "Ask for communication preferences at the first contact, and name one person to turn to.",
    ),
    "delay_in_service": (
        "People waiting for a service were not told why, or for how long.",
        "Waiting lists are reviewed each week, and everyone on them has a letter with contact details.",
    ),
    "standard_of_service": (
        "A review was held, and the support plan was not changed after it.",
        "Managers check a sample of plans each month against the reviews before them.",
    ),
    "access_to_service": (
        "Eligibility was spoken of before an assessment had been made.",
        "Remind staff that eligibility follows the assessment, and give signposting in writing.",
    ),
    "quality_of_care": (
        "The length of commissioned calls was not checked until someone complained.",
        "Commissioning compares the length of calls with the order each quarter.",
    ),
    "incorrect_information": (
        "Two teams gave different answers about the same process.",
        "One dated page of guidance was agreed by both teams.",
    ),
    "standard_of_work": (
        "Work on an adaptation was signed off without a visit.",
        "Approval of repairs and special equipment needs a visit and a photograph.",
    ),
    "financial_assessment": (
        "Charges from the first day of a service were not always explained before it began.",
        "Practitioners record that the charging policy was explained, and send it in writing.",
    ),
    "attitude": (
        "Conversations about money need more care than they were given.",
        "Team meetings discuss examples of sensitive conversations.",
    ),
    "other_matters": (
        "People were not always told that their case was to be closed.",
        "A closing letter with contact details is sent before a case is closed.",
    ),
    None: (
        "Concerns about safety at home were passed on and not followed up.",
        "The duty manager confirms each referral on the day.",
    ),
}

# --- arranging counts -----------------------------------------------------------------------------------------------


def spread(multiset: Mapping[T, int]) -> list[T]:
    """The values as often as asked, each evenly through the list, then stirred so that no two lists march in step."""
    even = [
        ((2 * k + 1) / (2 * n), order, value) for order, (value, n) in enumerate(multiset.items()) for k in range(n)
    ]
    values = [value for _, _, value in sorted(even, key=lambda slot: slot[:2])]
    return [values[101 * index % len(values)] for index in range(len(values))]  # 101 is prime, no length its multiple


def picked(wanted: int, available: int, offset: int = 0) -> set[int]:
    """As many different positions as wanted, evenly among those available."""
    return {(k * available // wanted + offset) % available for k in range(wanted)}


def in_codes(labels: Iterable[str], codes: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Each printed label as a stable code; codes that print as one label take turns."""
    turns = {label: cycle(values) for label, values in codes.items()}
    return [next(turns[label]) for label in labels]


# --- what is recorded, and when -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One command of the import; `thread` gives it the reference that is known only once all are in order."""

    recorded_at: datetime
    route: str
    body: Body
    thread: "Thread | None" = None
    number: int | None = None


@dataclass(eq=False, slots=True)
class Thread:
    """The lines of one case or enquiry. Things are recorded in office hours, on their day or the next working day."""

    serial: int
    base: str
    happened_on: date
    reference: str = ""
    entered_on: date = date.min  # nothing is recorded before it: how a late entry is told
    lines: list[Line] = field(default_factory=list)

    def record(
        self, on: date, route: str, body: Body, *, number: int | None = None, after: datetime | None = None
    ) -> None:
        """Add a line for what happened `on` a day, recorded after all that the thread has so far."""
        day = max(on, self.entered_on)
        day = day if CALENDAR.is_working_day(day) else CALENDAR.next(day)
        minute = (53 * self.serial + 29 * len(self.lines)) % 440
        moment = datetime.combine(day, time(9, 5), LONDON).astimezone(UTC) + timedelta(minutes=minute)
        if self.lines:
            moment = max(moment, self.lines[-1].recorded_at + timedelta(minutes=4))
        if after is not None:
            moment = max(moment, after.astimezone(UTC) + timedelta(minutes=11))
        self.lines.append(Line(moment, route if route.startswith("/") else f"{self.base}/{route}", body, self, number))


@dataclass(eq=False, slots=True)
class Complaint:
    """A complaint's fate, before it is told: `days` are the working days from receipt (day 0) to its closing."""

    received: datetime
    outcome: str
    days: int
    channel: str = "email"
    service_area: str = "older_people"
    concerns: list[tuple[str, str | None]] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    remedies: list[tuple[str, int | None]] = field(default_factory=list)
    characteristics: Body = field(default_factory=dict)
    thread: Thread | None = None

    @property
    def received_on(self) -> date:
        """The Europe/London day of receipt, which decides the year that it counts in."""
        return london_date(self.received)

    @property
    def closed_on(self) -> date:
        """The day of the response, or of the withdrawal."""
        return CALENDAR.add(self.received_on, self.days)

    @property
    def founded(self) -> bool:
        """Whether it is well-founded: upheld or partially upheld."""
        return self.outcome in FOUNDED


# --- the statutory cohorts ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fate:
    """What a certain complaint is made to do, because a figure or a date depends on it."""

    outcome: str
    days: int
    received: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A year: complaints by month from April, working days to closing, and certain complaints by (month, number).

    March is settled one by one: what is upheld is decided by 31 March, for well-founded complaints are counted in the
    year of their decision, and the figures leave none to cross a year's end.
    """

    months: tuple[int, ...]
    within: tuple[int, ...]
    over: tuple[int, ...]
    certain: Mapping[tuple[str, int], Fate]


PLANS = {
    "2022-23": Plan(
        months=(6, 6, 5, 6, 6, 5, 6, 6, 4, 6, 5, 5),
        within=(13, 20, 9, 16, 18, 7, 14, 11, 19, 20, 12, 5, 17),
        over=(24, 30, 21, 36, 27, 40, 22, 34, 29),
        certain={
            ("April", 1): Fate("not_upheld", 135),  # past the six months of SI 2009/309 reg 14(3)
            ("August", 5): Fate("not_upheld", 20, "2022-08-30T10:20"),  # 20 only because of the state funeral
            ("March", 0): Fate("withdrawn", 9),
            ("March", 1): Fate("not_upheld", 20),
            ("March", 2): Fate("not_upheld", 19),
            # The two still open, and within their 20 days, when the older report was made on 14 April 2023:
            ("March", 3): Fate("withdrawn", 24, "2023-03-15T14:05"),
            ("March", 4): Fate("withdrawn", 27, "2023-03-30T11:40"),
        },
    ),
    "2023-24": Plan(
        months=(5, 4, 1, 8, 5, 6, 4, 5, 2, 8, 6, 5),  # as printed, but July one fewer: the print adds up to 60, not 59
        within=(12, 18, 20, 8, 15, 19, 6, 13, 17, 10),
        over=(23, 34, 21, 28, 39, 25, 33, 22, 30),
        certain={
            ("May", 1): Fate("partially_upheld", 68),
            ("March", 0): Fate("not_upheld", 18),
            ("March", 1): Fate("withdrawn", 4),
            ("March", 2): Fate("not_upheld", 16),
            ("March", 3): Fate("withdrawn", 12),
            ("March", 4): Fate("not_upheld", 20),
        },
    ),
    "2024-25": Plan(
        months=(8, 7, 7, 8, 7, 7, 8, 7, 5, 8, 7, 6),
        within=(10, 17, 20, 6, 13, 8, 19, 15, 4, 12, 18),
        over=(21, 28, 35, 24, 39, 22, 31),
        certain={
            ("April", 0): Fate("withdrawn", 14, "2024-04-01T00:30"),  # still 31 March in UTC
            ("June", 3): Fate("partially_upheld", 61),
            ("March", 0): Fate("withdrawn", 6),
            ("March", 1): Fate("not_upheld", 15),
            ("March", 2): Fate("withdrawn", 8),
            ("March", 3): Fate("not_upheld", 9),
            # Four open on 31 March 2025, of which two past their 20 days; they are closed by June:
            ("January", 7): Fate("not_upheld", 78),
            ("February", 6): Fate("not_upheld", 55),
            ("March", 4): Fate("withdrawn", 24),
            ("March", 5): Fate("not_upheld", 38),
        },
    ),
}


def cohort(year: str) -> list[Complaint]:
    """The statutory complaints received in a year, by day of receipt, with every attribute that a table counts."""
    plan = PLANS[year]
    places = [(month, k) for month, n in zip(MONTHS, plan.months, strict=True) for k in range(n)]
    channels = in_codes(spread(how_people_complained(year)), CHANNELS)
    received = [receipt(year, *place, channel, plan) for place, channel in zip(places, channels, strict=True)]
    complaints = [
        Complaint(moment, outcome, days, channel)
        for moment, (outcome, days), channel in zip(received, fates(year, places, received), channels, strict=True)
    ]
    for complaint, area in zip(complaints, service_areas(year, complaints), strict=True):
        complaint.service_area = area
    raise_issues(complaints, year) if year == "2024-25" else raise_concerns(complaints, year)
    for index, complaint in enumerate(complaints):
        complaint.findings = findings(complaint, index)
    agree_remedies(year, [complaint for complaint in complaints if complaint.founded])
    if year != "2022-23":  # collecting began with 2023-24
        for complaint, known in zip(complaints, cycle(characteristics()), strict=False):
            complaint.characteristics = known
    return complaints


def how_people_complained(year: str) -> dict[str, int]:
    """Statutory complaints by printed channel; the newer report prints none for 2024-25."""
    return counts(year, "how people complained", "complaints") or {
        "contact centre or form": 24,
        "email": 55,
        "letter": 4,
        "phone": 2,
    }


def receipt(year: str, month: str, k: int, channel: str, plan: Plan) -> datetime:
    """When the k-th complaint of a month came in: in office hours; by e-mail and form now and then at a weekend."""
    certain = plan.certain.get((month, k))
    if certain is not None and certain.received is not None:
        return datetime.fromisoformat(certain.received).replace(tzinfo=LONDON)
    index = MONTHS.index(month)
    number = (index + 3) % 12 + 1
    day = date(int(year[:4]) + (number < 4), number, 3 + 26 * k // plan.months[index])
    if channel not in ("email", "web_form") or (index + k) % 3:
        day = CALENDAR.subtract(day + timedelta(days=1), 1)
    return datetime.combine(day, time(9 + (3 * index + k) % 7, (17 * index + 23 * k) % 60), LONDON)


def fates(year: str, places: Sequence[tuple[str, int]], received: Sequence[datetime]) -> list[tuple[str, int]]:
    """Outcome and working days of each complaint, from what the year prints less what is certain.

    Within 20 working days is what was closed by the 20th, or is open and not past it; February's are all within, so
    that an answer is out by the year's end.
    """
    plan = PLANS[year]
    on = dict(zip(places, map(london_date, received), strict=True))
    sure = [(on[place], fate) for place, fate in plan.certain.items()]
    left = Counter(
        {OUTCOMES[row]: n for row, n in counts(year, "statutory outcomes", "complaints").items() if row in OUTCOMES}
    )
    left.subtract(fate.outcome for day, fate in sure if CALENDAR.add(day, fate.days) <= LAST_YEAR_END)
    within = counts(year, "response times", "complaints")["within 20 working days"] - sum(
        fate.days <= 20 or CALENDAR.add(day, fate.days) > LAST_YEAR_END <= CALENDAR.add(day, 20) for day, fate in sure
    )
    free = [place for place in places if place not in plan.certain]
    soon = [place for place in free if place[0] == "February"]
    split = {plan.within: within - len(soon), plan.over: len(free) - within}
    pools = dict(zip((place for place in free if place not in soon), spread(split), strict=True))
    days = {pool: cycle(pool) for pool in split}
    drawn = {
        place: (outcome, next(days[pools.get(place, plan.within)]))
        for place, outcome in zip(free, spread(left), strict=True)
    }
    return [(plan.certain[p].outcome, plan.certain[p].days) if p in plan.certain else drawn[p] for p in places]


def service_areas(year: str, complaints: Sequence[Complaint]) -> list[str]:
    """By printed area; for 2024-25 by outcome too, as the newer report prints upheld and partially upheld of each."""
    if year != "2024-25":
        return in_codes(spread(counts(year, "statutory complaints by service area", "complaints")), SERVICE_AREAS)
    groups = [group for group in SERVICE_AREAS if reasons(group)]
    printed = {
        "upheld": {group: reasons(group)["upheld"] for group in groups},
        "partially_upheld": {group: reasons(group)["partially upheld"] for group in groups},
    }
    rest = {
        g: reasons(g)["complaints received"] - printed["upheld"][g] - printed["partially_upheld"][g] for g in groups
    }
    turns = {outcome: iter(spread(by_group)) for outcome, by_group in (*printed.items(), ("else", rest))}
    return in_codes([next(turns[c.outcome if c.founded else "else"]) for c in complaints], SERVICE_AREAS)


def reasons(group: str) -> dict[str, int]:
    """What 2024-25 prints of one group of service areas: complaints received, upheld, partially upheld, and issues."""
    return counts("2024-25", "reasons for upheld complaints", group)


def subcategories() -> dict[str, Iterator[str | None]]:
    """The subcategories of each category, in turn and without end; nothing is known below the two rare ones."""
    known: dict[str, list[str | None]] = {category: [] for category in CATEGORIES.values()}
    for category, subcategory in ISSUES.values():
        known[category].append(subcategory)
    return {category: cycle(codes or [None]) for category, codes in known.items()}


def raise_concerns(complaints: Sequence[Complaint], year: str) -> None:
    """Concerns by main category, one round for everybody and then a second or third; the rare ones to Finance first."""
    printed = counts(year, "concerns raised by main category", "concerns")
    rare, common = (
        {CATEGORIES[row]: printed[row] for row in CATEGORIES if (printed[row] < 20) is scarce}
        for scarce in (True, False)
    )
    turns = subcategories()
    order = sorted(complaints, key=lambda c: (c.service_area != "finance", c.service_area != "adult_safeguarding"))
    dealt = [category for category, n in rare.items() for _ in range(n)] + spread(common)
    for index, category in enumerate(dealt):
        concerns = order[index % len(order)].concerns
        concerns.append(
            (category, next(code for code in turns[category] if code is None or (category, code) not in concerns))
        )


def raise_issues(complaints: Sequence[Complaint], year: str) -> None:
    """2024-25 prints each issue that was upheld or partially upheld by group: they go round the group's own complaints.

    Every second one partially upheld has one more concern, which is not upheld and so in no printed row.
    """
    for group, areas in SERVICE_AREAS.items():
        own = [c for c in complaints if c.founded and c.service_area in areas]
        rows = counts(year, "reasons for upheld complaints", group)
        dealt = [issue for label, issue in ISSUES.items() for _ in range(rows.get(f"issue: {label}", 0))]
        for index, issue in enumerate(dealt):
            own[index % len(own)].concerns.append(issue)
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


def agree_remedies(year: str, complaints: Sequence[Complaint]) -> None:
    """Remedies of the upheld and partially upheld, by year of agreement; 2022-23 prints none, so any will do.

    A payment counts as a "financial remedy", a charge worked out anew does not: of the eight of 2024-25 the council
    agreed five, £3,120 in all, beside a refund of £17,902, and the Ombudsman three. In 2023-24 all of the council's
    £8,986 is a credit after reassessment, so both of the two that count are the Ombudsman's.
    """
    printed = counts(year, "remedies", "complaints") or {
        "apology made": 28,
        "service provided": 10,
        "practice changed": 7,
    }
    kinds = {"apology made": "apology", "service provided": "service_provided", "practice changed": "practice_changed"}
    for offset, (row, kind) in enumerate(kinds.items()):
        for index in sorted(picked(printed[row], len(complaints), offset)):
            complaints[index].remedies.append((kind, None))
    money = counts(year, "financial remedies", "pounds")
    if not money:
        return
    payments = (1000, 750, 620, 500, 250) if year == "2024-25" else ()
    refund = next(c for c in complaints if ("financial", "financial_assessment") in c.concerns)
    refund.remedies.append(("charges_refund", 100 * (money["council determined"] - sum(payments))))
    for index, pounds in zip(
        sorted(picked(len(payments), len(complaints), 3)) if payments else (), payments, strict=True
    ):
        complaints[index].remedies.append(("financial", 100 * pounds))


def characteristics() -> list[Body]:
    """The 59 people of 2023-24. Who is unknown in one respect is mostly unknown in the next; half declined to say.

    Disability prints to 56: 16 and 28 stand, and the three that the print lacks are among the unknown.
    """
    age = counts("2023-24", "equality: age", "complaints")
    ethnicity = counts("2023-24", "equality: ethnicity", "complaints")
    columns: dict[str, list[str]] = {
        "sex": spread(
            {row: n for row, n in counts("2023-24", "equality: sex", "complaints").items() if row != "not available"}
        ),
        "age_band": in_codes(spread({row: age[row] for row in AGE_BANDS}), AGE_BANDS),
        "ethnic_group": [ETHNIC_GROUPS[row] for row in spread({row: ethnicity[row] for row in ETHNIC_GROUPS})],
        "disability": spread({"disabled": 16, "not_disabled": 28}),
    }
    people: list[Body] = []
    for index in range(59):
        known = {name: values[index] for name, values in columns.items() if index < len(values)}
        people.append(known or (dict.fromkeys(columns, "not_stated") if index % 2 else {}))
    return [people[(7 * index + 3) % 59] for index in range(59)]


# --- telling the stories --------------------------------------------------------------------------------------------


class Register:
    """Collects threads and loose lines, then puts all in the order of recording and gives each case its reference."""

    def __init__(self) -> None:
        self.threads: list[Thread] = []
        self.loose: list[Line] = []

    def thread(self, base: str, happened_on: date, reference: str = "") -> Thread:
        """A new case or enquiry."""
        self.threads.append(Thread(len(self.threads), base, happened_on, reference))
        return self.threads[-1]

    def lines(self) -> Iterator[Body]:
        """The lines of the import. References count up by calendar year of receipt, in the order of recording."""
        numbers: Counter[int] = Counter()
        for line in sorted((thread.lines[0] for thread in self.threads), key=lambda line: line.recorded_at):
            thread = line.thread
            if thread is not None and not thread.reference:
                year = thread.happened_on.year
                numbers[year] += 1
                thread.reference = f"COV-{year}-{numbers[year]:06}"
        everything = [*self.loose, *(line for thread in self.threads for line in thread.lines)]
        for line in sorted(everything, key=lambda line: line.recorded_at):
            content: Body = {"recorded_at": zulu(line.recorded_at), "route": line.route}
            if line.thread is not None and line.route != "/v1/ombudsman/enquiries":
                content["reference"] = line.thread.reference
            if line.number is not None:
                content["number"] = line.number
            yield content | {"body": {name: plain(value) for name, value in line.body.items()}}


def zulu(moment: datetime) -> str:
    """An instant as the import writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def plain(value: Any) -> Any:
    """A value of a body as JSON has it; a case is its reference."""
    match value:
        case datetime():
            return zulu(value)
        case date():
            return value.isoformat()
        case Thread():
            return value.reference
        case _:
            return value


def receive(register: Register, complaint: Complaint, pathway: str, entered_on: date = date.min) -> Thread:
    """A complaint comes in. Every third is made for somebody else, every fourth says when the matter occurred."""
    thread = register.thread("/v1/cases/{reference}", complaint.received_on)
    thread.entered_on, complaint.thread = entered_on, thread
    n = thread.serial
    body: Body = {
        "channel": complaint.channel,
        "pathway": pathway,
        "made_orally": complaint.channel in ORAL,
        "received_at": complaint.received,
        "service_area": complaint.service_area,
        "concerns": [
            {"category": category, "subcategory": code} if code else {"category": category}
            for category, code in complaint.concerns
        ],
        "complainant": person(n, complaint.channel),
        "narrative": f"An invented complaint about {complaint.concerns[0][0].replace('_', ' ')}.",
    }
    if n % 3 == 0:
        body["person_affected"] = person(n + 5)
    if n % 4 == 0:
        body["matter_occurred_on"] = complaint.received_on - timedelta(days=20 + n % 90)
    if complaint.service_area == "adult_commissioning":
        body["provider"] = "Example Home Care"
    thread.record(complaint.received_on, "/v1/complaints", body, after=complaint.received)
    return thread


def person(n: int, channel: str = "") -> Body:
    """An invented person; the names fit anybody."""
    first, last = FIRST_NAMES[7 * n % 12], LAST_NAMES[(n + n // 9) % 9]
    by_mail = {"email": f"{first}.{last}@example.org".lower()} if channel in ("email", "web_form") else {}
    return {"name": f"{first} {last}"} | by_mail


def tell_statutory(register: Register, complaint: Complaint) -> None:
    """A complaint under SI 2009/309, from receipt to its closing: the response, or the withdrawal."""
    thread = receive(register, complaint, "adult_social_care")
    n, start, end = thread.serial, complaint.received_on, complaint.closed_on
    decided_after = complaint.days - (n % 3 if complaint.outcome != "withdrawn" else 0)
    if complaint.characteristics:
        body = {**complaint.characteristics, "recorded_on": CALENDAR.next(start)}
        thread.record(CALENDAR.next(start), "characteristics", body)
    acknowledged_after = (1, 2, 1, 3, 2, 1, 2, 3, 1, 5)[n % 10]  # one in ten is late (reg 13(3))
    if acknowledged_after < decided_after:
        acknowledge(thread, complaint, CALENDAR.add(start, acknowledged_after))
    keep_waiting(thread, complaint)
    if complaint.outcome == "withdrawn":
        thread.record(end, "withdrawal", {"withdrawn_on": end} | ({"reason": "resolved_otherwise"} if n % 2 else {}))
        return
    decided_on = CALENDAR.add(start, decided_after)
    decide(thread, complaint, decided_on)
    for kind, pence in complaint.remedies:
        thread.record(decided_on, "remedies", remedy(kind, "agreed_on", decided_on, pence))
    taught = complaint.founded and (n % 2 == 0 or ("practice_changed", None) in complaint.remedies)
    if taught:
        record_learning(thread, complaint, decided_on)
    respond(thread, end)
    last = end
    for number, (kind, _) in enumerate(complaint.remedies, 1):
        done_on = end if kind == "apology" else CALENDAR.add(end, 4 + 3 * number)
        thread.record(done_on, "remedies/{number}/completion", {"completed_on": done_on}, number=number)
        last = done_on
    if taught and n % 5:
        last = max(last, CALENDAR.add(end, 24))
        thread.record(last, "learning/{number}/completion", {"completed_on": last}, number=1)
    closed_on = CALENDAR.add(last, 2)
    thread.record(closed_on, "closure", {"closed_on": closed_on})


def keep_waiting(thread: Thread, complaint: Complaint) -> None:
    """Whoever waits longer than 20 working days is told: mostly by an extension, else by word of progress."""
    n, start = thread.serial, complaint.received_on
    if complaint.days > 20 and n % 5:
        on = CALENDAR.add(start, 17 + n % 3)
        due_on = CALENDAR.add(start, max(21, complaint.days + (-1 if n % 7 == 0 else n % 4)))
        body = {"new_due_on": due_on, "reason": "complexity", "agreed_with_complainant": n % 4 > 0}
        thread.record(on, "extension", body | {"ombudsman_details_given": n % 2 == 0, "extended_on": on})
    elif complaint.days > 20:
        on = CALENDAR.add(start, 20)
        thread.record(on, "progress", {"told_on": on, "method": "phone"})
    if complaint.days > 126:  # the answer will take more than six months (reg 14(4))
        on = CALENDAR.add(start, 120)
        thread.record(on, "lateness-notice", {"notified_on": on, "delay_reason": "complexity"})


def acknowledge(thread: Thread, complaint: Complaint, on: date, *, corporate: bool = False) -> None:
    """The acknowledgement, the investigating officer, and for every third statutory complaint a response period."""
    n = thread.serial
    method = "letter" if complaint.channel == "letter" else "email"
    thread.record(on, "acknowledgement", {"acknowledged_on": on, "method": method, "discussion_offered": n % 4 > 0})
    assignment = {"officer": officer(thread), "role": "investigating_officer", "assigned_on": on}
    thread.record(on, "assignment", assignment)
    if n % 3 == 0 and not corporate:
        due_on = CALENDAR.add(complaint.received_on, 20)
        thread.record(on, "response-period", {"due_on": due_on, "agreed": n % 2 == 0, "set_on": on, "notified_on": on})
    if complaint.service_area == "adult_commissioning":
        provider: Body = {"provider": "Example Home Care", "contacted_on": on, "consent": True}
        thread.record(on, "provider-contact", provider)


def officer(thread: Thread) -> str:
    """The staff id of the investigating officer."""
    return f"staff-{10 + thread.serial % 14}"


def decide(thread: Thread, complaint: Complaint, on: date, by: str = "") -> None:
    """The decision, by the investigating officer unless another is named, with a finding for each concern."""
    body: Body = {"decided_on": on, "outcome": complaint.outcome, "decided_by": by or officer(thread)}
    body["findings"] = [{"concern": i, "outcome": outcome} for i, outcome in enumerate(complaint.findings, 1)]
    thread.record(on, "decision", body)


def respond(thread: Thread, on: date) -> None:
    """The response, signed for the responsible person."""
    thread.record(
        on, "response", {"sent_on": on, "signed_by": "staff-2", "ombudsman_right_given": thread.serial % 16 > 0}
    )


def remedy(kind: str, dated: str, on: date, pence: int | None) -> Body:
    """A remedy agreed or required: it counts by this day, never by the day it is carried out or paid."""
    return {"type": kind, dated: on, "due_on": CALENDAR.add(on, 20)} | (
        {} if pence is None else {"amount_pence": pence}
    )


def record_learning(thread: Thread, complaint: Complaint, on: date) -> None:
    """A line of the Investigation Outcome form, by what was complained of first."""
    lesson, action = LESSONS[complaint.concerns[0][1]]
    body = {
        "lesson": lesson,
        "action": action,
        "owner": f"staff-{30 + thread.serial % 6}",
        "due_on": CALENDAR.add(on, 40),
    }
    thread.record(on, "learning", body | {"recorded_on": on})


# --- what stands beside the statutory count -------------------------------------------------------------------------


def evenly(year: str, total: int) -> list[datetime]:
    """As many receipts through a year, on working days, the last of them early in March."""
    first = date(int(year[:4]), 4, 8)
    days = [CALENDAR.subtract(first + timedelta(days=335 * k // total), 1) for k in range(total)]
    return [datetime.combine(day, time(9 + k % 7, 13 * k % 60), LONDON) for k, day in enumerate(days)]


def simple(received: Iterable[datetime], channels: Sequence[str]) -> Iterator[Complaint]:
    """Complaints of one concern each, for the tables that count no more than receipt."""
    issues, areas = list(ISSUES.values()), [codes[0] for codes in SERVICE_AREAS.values()]
    for k, moment in enumerate(received):
        yield Complaint(
            moment, "", 0, channels[k % len(channels)], areas[5 * k % len(areas)], [issues[3 * k % len(issues)]]
        )


def tell_informal(register: Register, year: str) -> None:
    """Informal complaints stand outside the statutory count only by SI 2009/309 reg 8(1)(c): here that is invented.

    Each was made orally and settled to the complainant's satisfaction by the end of the next working day. Thirteen of
    2023-24 were entered only in January 2025: the older report knew of 8, the newer of 21.
    """
    total = counts(year, "complaints by type", "complaints")["informal"]
    first_known = next(f for f in _published() if (f.year, f.table, f.row) == (year, "complaints by type", "informal"))
    overlooked = 0 if year == "2024-25" else total - int(first_known.value)
    late = sorted(picked(overlooked, total)) if overlooked else []
    for k, complaint in enumerate(simple(evenly(year, total), ("phone", "in_person", "contact_centre"))):
        entered_on = CALENDAR.add(date(2025, 1, 10), 1 + late.index(k) // 2) if k in late else date.min
        thread = receive(register, complaint, "adult_social_care", entered_on)
        resolved_on = complaint.received_on if k % 3 == 0 else CALENDAR.next(complaint.received_on)
        thread.record(resolved_on, "informal-resolution", {"resolved_on": resolved_on, "satisfied": True})


def tell_corporate(register: Register, year: str) -> None:
    """Complaints under the corporate procedure; some of them late, and the last one of 2024-25 goes to stage 2."""
    total = counts(year, "complaints by type", "complaints")["corporate"]
    for k, complaint in enumerate(simple(evenly(year, total), ("web_form", "email", "phone"))):
        complaint.outcome, complaint.days = ("not_upheld", "upheld", "not_upheld")[k % 3], (8, 10, 6, 9, 14)[k % 5]
        complaint.findings = [complaint.outcome]
        thread = receive(register, complaint, "corporate")
        acknowledge(thread, complaint, CALENDAR.add(complaint.received_on, 1 + k % 3), corporate=True)
        decide(thread, complaint, complaint.closed_on)
        respond(thread, complaint.closed_on)
        if year == "2024-25" and k == 6:
            requested_on = CALENDAR.add(complaint.closed_on, 6)
            thread.record(requested_on, "escalation", {"requested_on": requested_on})
            decide(thread, complaint, CALENDAR.add(requested_on, 18), by="staff-3")
            respond(thread, CALENDAR.add(requested_on, 19))


def tell_praise(register: Register, year: str) -> None:
    """Compliments by month where they are printed so, else evenly; and three comments, which no table counts."""
    total = counts(year, "compliments", "compliments")["received"]
    by_month = counts(year, "complaints and compliments by month", "compliments")
    areas = [codes[0] for codes in SERVICE_AREAS.values()]
    for index, month in enumerate(MONTHS):
        n = by_month.get(month, (index + 1) * total // 12 - index * total // 12)
        number = (index + 3) % 12 + 1
        days = [date(int(year[:4]) + (number < 4), number, 1 + 27 * k // n) for k in range(n)]
        routes = ["/v1/compliments"] * n
        if month in ("June", "October", "February"):
            days, routes = [*days, days[-1]], [*routes, "/v1/comments"]
        for k, (day, route) in enumerate(zip(days, routes, strict=True)):
            received = datetime.combine(day, time(9 + k % 7, 19 * k % 60), LONDON)
            said = "Thank you to everyone who helped." if route == "/v1/compliments" else "The leaflet is hard to find."
            body = {
                "channel": ("email", "letter", "web_form")[k % 3],
                "received_at": received,
                "service_area": areas[(index + 3 * k) % len(areas)],
                "narrative": said,
            }
            register.thread("", day).record(day, route, body, after=received)


# --- the Ombudsman --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Enquiry:
    """An enquiry of the Ombudsman: new by `received`, decided by `ended`; `about` says how the case stood then."""

    reference: str
    received: str
    about: str
    category: str
    ended: str
    remedies: tuple[tuple[str, int], ...] = ()
    linked_later: bool = False


ENQUIRIES = (
    # 2022-23: seven new, five of them decided; the refund of the first was paid in the next year, and counts in this
    Enquiry("22 003 418", "2022-07-12", "answered", "upheld", "2023-01-19", (("charges_refund", 1_217_069),)),
    Enquiry("22 005 902", "2022-08-24", "open", "referred_back", "2022-08-31"),
    Enquiry("22 007 263", "2022-10-04", "answered", "closed_after_initial_enquiries", "2022-11-01"),
    Enquiry("22 008 871", "2022-11-15", "answered", "upheld", "2023-03-02"),
    Enquiry("22 010 540", "2022-12-13", "answered", "upheld", "2023-03-23"),
    # ... and two brought forward, both undecided on 14 April 2023
    Enquiry(
        "22 013 327", "2023-02-14", "answered", "upheld", "2023-07-20", (("financial", 50_000), ("financial", 25_000))
    ),
    Enquiry("22 014 906", "2023-03-21", "answered", "closed_after_initial_enquiries", "2023-05-09"),
    # 2023-24: ten new; nine decided, with the two brought forward
    Enquiry("23 000 712", "2023-04-25", "", "referred_back", "2023-05-02"),
    Enquiry("23 002 185", "2023-06-06", "answered", "closed_after_initial_enquiries", "2023-07-04"),
    Enquiry("23 004 117", "2023-07-25", "open", "referred_back", "2023-08-01", linked_later=True),
    Enquiry("23 005 660", "2023-09-05", "answered", "incomplete_or_invalid", "2023-09-19"),
    Enquiry("23 007 039", "2023-10-10", "answered", "upheld", "2024-02-27"),
    Enquiry("23 008 834", "2023-11-14", "answered", "closed_after_initial_enquiries", "2023-12-12"),
    Enquiry("23 010 253", "2024-01-16", "open", "referred_back", "2024-01-23"),
    # ... and the three that the older report says were decided later, one of them after its day, 12 November 2024
    Enquiry("23 011 498", "2024-02-06", "answered", "upheld", "2024-06-18", (("financial", 25_000),)),
    Enquiry("23 012 377", "2024-02-20", "answered", "not_upheld", "2024-08-06"),
    Enquiry("23 013 905", "2024-03-12", "answered", "upheld", "2025-02-04", (("financial", 50_000),)),
    # 2024-25: ten new; four upheld with the two above; two under investigation on 31 March 2025
    Enquiry("24 000 846", "2024-04-23", "answered", "closed_after_initial_enquiries", "2024-05-21"),
    Enquiry("24 001 932", "2024-05-29", "answered", "upheld", "2024-11-26", (("financial", 50_000),)),
    Enquiry("24 003 571", "2024-07-09", "open", "referred_back", "2024-07-16"),
    Enquiry("24 004 408", "2024-08-13", "answered", "closed_after_initial_enquiries", "2024-09-10", linked_later=True),
    Enquiry("24 005 729", "2024-09-17", "answered", "upheld", "2025-01-28"),
    Enquiry("24 006 614", "2024-10-22", "answered", "not_upheld", "2025-03-11"),
    Enquiry("24 007 950", "2024-11-19", "", "referred_back", "2024-11-25"),
    Enquiry("24 009 286", "2025-01-14", "answered", "closed_after_initial_enquiries", "2025-02-11"),
    Enquiry("24 010 177", "2025-01-28", "answered", "not_upheld", "2025-06-10"),
    Enquiry("24 011 063", "2025-02-18", "answered", "upheld", "2025-06-24"),
)


def tell_enquiry(register: Register, enquiry: Enquiry, about: Thread | None) -> None:
    """The Ombudsman writes, investigates or not, and ends it; a return opens no case, for it names one or none."""
    received_on, ended_on = date.fromisoformat(enquiry.received), date.fromisoformat(enquiry.ended)
    thread = register.thread("/v1/ombudsman/enquiries/{reference}", received_on, enquiry.reference)
    named = about if not enquiry.linked_later else None
    body: Body = {"ombudsman_reference": enquiry.reference, "received_on": received_on}
    body |= {"respond_by": CALENDAR.add(received_on, 5)} | ({"case": named} if named else {})
    thread.record(received_on, "/v1/ombudsman/enquiries", body)
    if enquiry.linked_later:
        linked_on = CALENDAR.add(received_on, 2)
        thread.record(linked_on, "link", {"case": about, "linked_on": linked_on})
    match enquiry.category:
        case "referred_back":
            thread.record(ended_on, "premature-return", {"returned_on": ended_on})
        case "closed_after_initial_enquiries":
            thread.record(ended_on, "closure", {"closed_on": ended_on})
        case "incomplete_or_invalid":
            thread.record(ended_on, "decision", {"decided_on": ended_on, "category": enquiry.category})
        case _:
            opened_on = CALENDAR.add(received_on, 15)
            thread.record(opened_on, "investigation", {"opened_on": opened_on})
            thread.record(ended_on, "decision", {"decided_on": ended_on, "category": enquiry.category})
    for kind, pence in enquiry.remedies:
        thread.record(ended_on, "remedies", remedy(kind, "required_on", ended_on, pence))
    for number, (kind, _) in enumerate(enquiry.remedies, 1):
        paid_on = CALENDAR.add(ended_on, 80 if kind == "charges_refund" else 15)
        thread.record(paid_on, "remedies/{number}/completion", {"completed_on": paid_on}, number=number)


def tell_ombudsman(register: Register, complaints: Iterable[Complaint]) -> None:
    """Each enquiry about an earlier complaint, no two about the same: answered weeks ago, or still open through it."""
    left = sorted(complaints, key=lambda complaint: complaint.closed_on, reverse=True)
    for enquiry in ENQUIRIES:
        about = None
        received_on, ended_on = date.fromisoformat(enquiry.received), date.fromisoformat(enquiry.ended)
        for complaint in left:
            answered = complaint.outcome != "withdrawn" and complaint.closed_on < received_on - timedelta(days=20)
            still_open = complaint.received_on < received_on - timedelta(days=4) and complaint.closed_on > ended_on
            if (enquiry.about == "answered" and answered) or (enquiry.about == "open" and still_open):
                about = complaint
                left.remove(complaint)
                break
        tell_enquiry(register, enquiry, about.thread if about else None)


# --- figures that no case holds -------------------------------------------------------------------------------------

OF_THE_REGION = "escalated to the ombudsman, West Midlands"
OF_LONG_TERM_SUPPORT = "adults in long-term support at year end"


def reference_figures() -> Iterator[Line]:
    """The Ombudsman's table of the region and the adults in long-term support, each with where it was taken from."""
    for figure in _published():
        if figure.table == OF_THE_REGION:
            name, subject, known = "ombudsman_complaints", figure.row, date(2024, 9, 3)
            source = "Local Government and Social Care Ombudsman, complaints by authority 2023-24"
        elif figure.table == OF_LONG_TERM_SUPPORT:
            name, subject = "adults_in_long_term_support", "Coventry City Council"
            known = CALENDAR.next(date(2000 + int(figure.year[-2:]), 3, 30))
            source = f"Adult social care activity, people supported at the end of {figure.year}"
        else:
            continue
        body: Body = {"name": name, "subject": subject, "year": figure.year, "value": int(figure.value)}
        body |= {"unit": figure.column, "source": source}
        yield Line(datetime.combine(known, time(14), LONDON).astimezone(UTC), "/v1/reference-figures", body)


def history() -> Iterator[Body]:
    """The import file, line by line: its header, and then every command in the order of recording."""
    register = Register()
    complaints = [complaint for year in YEARS for complaint in cohort(year)]
    for complaint in complaints:
        tell_statutory(register, complaint)
    for year in YEARS:
        tell_informal(register, year)
        tell_corporate(register, year)
        tell_praise(register, year)
    tell_ombudsman(register, complaints)
    register.loose.extend(reference_figures())
    yield {"history": 1, "authority": "COV", "source": "Coventry sample: invented case histories"}
    yield from register.lines()
