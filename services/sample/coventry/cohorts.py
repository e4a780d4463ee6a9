"""The statutory complaints of a year, with every attribute that a table counts."""

from collections.abc import Sequence
from itertools import cycle

from services.sample.coventry.arranging import picked, spread
from services.sample.coventry.complaint import Complaint
from services.sample.coventry.concerns import findings, raise_concerns, raise_issues
from services.sample.coventry.labels import AGE_BANDS, CHANNELS, ETHNIC_GROUPS, REMEDIES, SERVICE_AREAS, in_codes
from services.sample.coventry.lines import Body
from services.sample.coventry.plans import PLANS, fates, receipt
from services.sample.coventry.published import counts, reasons


def cohort(year: str) -> list[Complaint]:
    """The statutory complaints received in a year, by day of receipt."""
    channels = in_codes(spread(how_people_complained(year)), CHANNELS)
    received = [receipt(year, *slot) for slot in zip(PLANS[year].places, channels, strict=True)]
    complaints = [
        Complaint(moment, fate.outcome, fate.days, channel)
        for moment, fate, channel in zip(received, fates(year, received), channels, strict=True)
    ]
    for complaint, area in zip(complaints, service_areas(year, complaints), strict=True):
        complaint.service_area = area
    raise_issues(complaints) if year == "2024-25" else raise_concerns(complaints, year)
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


def service_areas(year: str, complaints: Sequence[Complaint]) -> list[str]:
    """By printed area; for 2024-25 by outcome too, as the newer report prints upheld and partially upheld of each."""
    if year != "2024-25":
        return in_codes(spread(counts(year, "statutory complaints by service area", "complaints")), SERVICE_AREAS)
    printed = {group: reasons(group) for group in SERVICE_AREAS if reasons(group)}
    upheld = {group: n["upheld"] for group, n in printed.items()}
    partially = {group: n["partially upheld"] for group, n in printed.items()}
    rest = {group: n["complaints received"] - upheld[group] - partially[group] for group, n in printed.items()}
    turns, others = {"upheld": iter(spread(upheld)), "partially_upheld": iter(spread(partially))}, iter(spread(rest))
    return in_codes([next(turns.get(c.outcome, others)) for c in complaints], SERVICE_AREAS)


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
    for offset, (row, kind) in enumerate(REMEDIES.items()):
        for index in picked(printed[row], len(complaints), offset):
            complaints[index].remedies.append((kind, None))
    if money := counts(year, "financial remedies", "pounds"):
        payments = (1000, 750, 620, 500, 250) if year == "2024-25" else ()
        refund = next(c for c in complaints if ("financial", "financial_assessment") in c.concerns)
        refund.remedies.append(("charges_refund", 100 * (money["council determined"] - sum(payments))))
        for index, pounds in zip(picked(len(payments), len(complaints), 3), payments, strict=True):
            complaints[index].remedies.append(("financial", 100 * pounds))


def characteristics() -> list[Body]:
    """The 59 people of 2023-24. Who is unknown in one respect is mostly unknown in the next; half declined to say.

    Disability prints to 56: 16 and 28 stand, and the three that the print lacks are among the unknown.
    """
    age, ethnicity, sex = (counts("2023-24", f"equality: {name}", "complaints") for name in ("age", "ethnicity", "sex"))
    columns: dict[str, list[str]] = {
        "sex": spread({row: n for row, n in sex.items() if row != "not available"}),
        "age_band": in_codes(spread({row: age[row] for row in AGE_BANDS}), AGE_BANDS),
        "ethnic_group": spread({code: ethnicity[row] for row, code in ETHNIC_GROUPS.items()}),
        "disability": spread({"disabled": 16, "not_disabled": 28}),
    }
    people: list[Body] = []
    for index in range(59):
        known = {name: values[index] for name, values in columns.items() if index < len(values)}
        people.append(known or (dict.fromkeys(columns, "not_stated") if index % 2 else {}))
    return [people[(7 * index + 3) % 59] for index in range(59)]
