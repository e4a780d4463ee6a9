"""A small council's year, made up at random: for tests of what its report may tell."""

from datetime import date, timedelta
from random import Random

from services.reporting.annual import annual
from services.reporting.figures import Table
from services.reporting.scope import Scope
from services.reporting.statutory import statutory
from shared import events as e
from shared.authority import authority
from shared.year import Year
from tests.histories import History

COVENTRY = authority("COV")
YEAR = Year.of("2023-24")


def year_of(random: Random, complaints: int) -> History:
    """A history of so many complaints, some compliments, and what came of them."""
    history = History()
    for number in range(complaints):
        complain(random, history, f"C{number}")
    for number in range(random.randint(0, 12)):
        history.compliment(f"P{number}", _day(random).isoformat())
    return history


def complain(random: Random, history: History, reference: str) -> None:
    on = _day(random)
    concerns = [
        e.Concern(
            random.choice(("communication", "financial", "standard_of_service")),
            random.choice((None, "attitude", "delay_in_service", "standard_of_work")),
        )
        for _ in range(random.randint(1, 3))
    ]
    history.complaint(
        reference,
        on.isoformat(),
        *concerns,
        channel=random.choice(("email", "email", "email", "phone", "letter")),
        area=random.choice(("older_people", "older_people", "mental_health", "finance", "telecare")),
        pathway=random.choice((*["adult_social_care"] * 8, "corporate")),
    )
    sex, group = random.choice(("female", "male")), random.choice((*["white_british"] * 9, "indian", "caribbean"))
    told = e.CharacteristicsRecorded(recorded_on=on, whose="person_affected", sex=sex, ethnic_group=group)
    history.tell(reference, told)
    if random.random() < 0.9:
        _end(random, history, reference, (on + timedelta(days=random.randrange(60))).isoformat())


def _end(random: Random, history: History, reference: str, on: str) -> None:
    if random.random() < 0.2:
        history.withdraw(reference, on)
        return
    history.answer(reference, on, random.choice(("upheld", "partially_upheld", "not_upheld")))
    if random.random() < 0.2:
        kind = random.choice(("apology", "financial", "charges_refund"))
        history.remedy(reference, on, kind, random.randrange(100, 100_000))
    if random.random() < 0.15:
        history.enquiry(f"E{reference}", on, reference)
        history.ombudsman(f"E{reference}", on, random.choice(("upheld", "not_upheld")))
        history.remedy(f"E{reference}", on, "financial", random.choice((20_000, 30_000)), required=True)


def _day(random: Random) -> date:
    return YEAR.first + timedelta(days=random.randrange(360))


def report(history: History) -> tuple[Table, ...]:
    """The annual report and the statutory return, as they are published together."""
    scope = Scope(history.facts(), YEAR, date(2024, 6, 30), COVENTRY.codes, COVENTRY.calendar)
    return (*annual(scope, None), *statutory(scope))
