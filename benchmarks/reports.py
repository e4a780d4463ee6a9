"""The annual report against hand-written GROUP BYs on the same tables.

The report's rows are made set-wise, straight into the read models: what is measured is counting, not following. The
yardstick answers what the report prints of cases, concerns, clocks, spells and remedies, one statement a table, and of
the two years beside it what is set side by side. `make bench-large` does the same over a million cases.
"""

import gc
import resource
import statistics
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

import migrations
from benchmarks.intake import DURABLE, entry
from benchmarks.rebuild import timed
from services.reporting import reports
from services.reporting.checkpoints import CHECKPOINTS
from services.reporting.reading import ReadModels
from shared.authority import authority
from shared.database import connect
from shared.log import Log
from shared.year import Year
from tests.postgres.server import postgres_server

AUTHORITIES = ("COV", "BIR", "DUD", "HER", "SAN", "SHR", "SOL", "STA", "STO", "TEL", "WAL", "WAR", "WOL", "WOR")
YEARS = range(2012, 2026)
A_YEAR = 5_100
"""Cases that an authority receives in a year: fourteen authorities, fourteen years, a million cases."""

ROUNDS = 7
NOW, TODAY = Year(2024), date(2026, 4, 30)
THEN = Year(2021)
PAST = [date(2022, month, 28) for month in (4, 5, 6, 8, 9, 10, 12)]
"""A report of today, and one as each of several days knew it: no two of which know the same."""


def one_of(values: Sequence[str | None], salt: str) -> str:
    """SQL: one of some values, by a hash of the row's number."""
    listed = ", ".join("NULL" if value is None else f"'{value}'" for value in values)
    return f"(ARRAY[{listed}]::text[])[1 + abs(hashint4(n) # hashtext('{salt}')) % {len(values)}]"


CASES = f"""
INSERT INTO case_facts (authority, generation, reference, known_from, known_at, because, received_on, channel,
    service_area, made_orally, represented, pathway, local_standard_due_on, settled_in_time, outside_statutory_count,
    outcome, decided_on, responded_on, first_closed_on, closed_on, days_open, sex, ethnic_group, disability, age_band)
SELECT :authority, 1, :authority || '-' || year || '-' || lpad(n::text, 6, '0'), n, '', '', received, channel, area,
    false, false, pathway, received + 28, false, false, outcome, closed, closed, closed, closed, closed - received,
    sex, ethnic, disability, age
FROM (SELECT n, year, make_date(year, 4, 1) + n % 365 AS received, make_date(year, 4, 1) + n % 365 + n % 40 AS closed,
    {one_of(["email", "phone", "web_form", "letter", "in_person", "councillor"], "channel")} AS channel,
    {one_of(["older_people", "mental_health", "finance", "all_age_disability", "telecare", "hospital_team"], "area")}
        AS area,
    {one_of(["adult_social_care", "adult_social_care", "adult_social_care", "corporate", "children"], "path")}
        AS pathway,
    {one_of(["upheld", "partially_upheld", "not_upheld", "not_upheld", "withdrawn"], "outcome")} AS outcome,
    {one_of(["female", "male", None], "sex")} AS sex, {one_of(["white_british", "indian", None], "ethnic")} AS ethnic,
    {one_of(["yes", "no", None], "disability")} AS disability,
    {one_of(["18_24", "50_64", "75_84", "85_over", None], "age")} AS age
  FROM (SELECT n, :first + (n - 1) / :a_year AS year FROM generate_series(1, :cases) n) numbered) made"""

CONCERNS = f"""
INSERT INTO concern_facts (authority, generation, reference, number, known_from, known_at, because, received_on,
    category, subcategory, finding)
SELECT authority, 1, reference, number, known_from, '', '', received_on,
    {one_of(["standard_of_service", "communication", "protection", "financial"], "category")},
    {one_of(["delay", "quality", "attitude", None], "sub")},
    {one_of(["upheld", "partially_upheld", "not_upheld"], "finding")}
FROM (SELECT *, known_from::int * 2 + number AS n FROM case_facts, generate_series(1, 2) number
      WHERE authority = :authority AND (number = 1 OR known_from % 2 = 0)) made"""

SPELLS = """
INSERT INTO spell_facts (authority, generation, reference, number, known_from, known_at, because, pathway, entered_on,
    entered_by, left_on, left_by, outside)
SELECT authority, 1, reference, 1, known_from, '', '', pathway, received_on, 'received', closed_on, outcome, false
FROM case_facts WHERE authority = :authority"""

CLOCKS = """
INSERT INTO clock_facts (authority, generation, reference, number, known_from, known_at, because, name, pathway, stage,
    rule, kind, binds, met_by, anchor, started_on, first_due_on, due_on, extended, beyond_cap, extended_late, reviewed,
    met_on, outside)
SELECT authority, 1, reference, number, known_from, '', '',
    (ARRAY['acknowledgement', 'local_standard', 'statutory_limit'])[number], pathway, 'stage_1', 'rule', 'law',
    'council', 'response_sent', 'received', received_on, received_on + number * 10, received_on + number * 10, 0, 0,
    false, 0, closed_on, false
FROM case_facts, generate_series(1, 3) number WHERE authority = :authority"""

REMEDIES = """
INSERT INTO remedy_facts (authority, generation, reference, number, "by", known_from, known_at, because, type,
    agreed_on, amount_pence)
SELECT authority, 1, reference, 1, 'council', known_from, '', '', 'apology', decided_on, NULL
FROM case_facts WHERE authority = :authority AND outcome IN ('upheld', 'partially_upheld')"""

THANKS = """
INSERT INTO representation_facts (authority, generation, reference, known_from, known_at, because, kind, received_on,
    channel, service_area)
SELECT authority, 1, reference || 'T', known_from, '', '', 'compliment', received_on, channel, service_area
FROM case_facts WHERE authority = :authority AND known_from % 3 = 0"""


def fill(engine: sa.Engine, authorities: Sequence[str] = AUTHORITIES, a_year: int = A_YEAR) -> None:
    """Fourteen years of each authority's rows, as if its log had been followed."""
    cases = a_year * len(YEARS)
    with engine.begin() as connection:
        for code in authorities:
            given = {"authority": code, "cases": cases, "a_year": a_year, "first": YEARS[0]}
            for statement in (CASES, CONCERNS, SPELLS, CLOCKS, REMEDIES, THANKS):
                connection.execute(sa.text(statement), given)
            row = {"projection": "reporting", "authority": code, "generation": 1, "position": cases}
            connection.execute(sa.insert(CHECKPOINTS).values(**row, serving=True))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))


def count(models: ReadModels, year: Year, day: date) -> None:
    """The annual report, as for someone who did not ask for it a moment ago."""
    before = reports.years_before("annual", year)
    known = models.as_at(year, day, beside=before)
    reports.document(reports.counted(authority(models.authority), "annual", known, year, day, before))


def grouped(connection: sa.Connection, code: str, of: Year, position: int) -> None:
    """The same figures by hand: one GROUP BY for each table of the report, and for each year that stands beside it."""
    for year, own in ((of, True), (Year(of.starts - 1), False), (Year(of.starts - 2), False)):
        given = {"authority": code, "position": position, "first": year.first, "last": year.last, "year": year.label}
        for statement in _statements(own=own):
            connection.execute(sa.text(statement), given).all()


def _true(table: str) -> str:
    return (
        f"{table}.authority = :authority AND {table}.generation = 1 AND {table}.known_from <= :position "
        f"AND ({table}.known_to IS NULL OR {table}.known_to > :position)"
    )


def _statements(*, own: bool) -> list[str]:
    in_year = "BETWEEN :first AND :last"
    received = f"FROM case_facts c WHERE {_true('c')} AND c.received_on {in_year}"
    cohort = f"{received} AND c.pathway = 'adult_social_care'"
    concerns = f"FROM concern_facts d JOIN case_facts c USING (authority, generation, reference) WHERE {_true('d')}"
    concerns = f"{concerns} AND d.received_on {in_year} AND {cohort.partition('WHERE ')[2]}"
    thanks = f"FROM representation_facts r WHERE {_true('r')} AND r.received_on {in_year}"
    remedies = f"FROM remedy_facts r WHERE {_true('r')} AND r.agreed_on {in_year}"
    clocks = f"FROM clock_facts k WHERE {_true('k')} AND k.due_on {in_year}"
    spells = f"FROM spell_facts s WHERE {_true('s')}"
    enquiries = f"FROM enquiry_facts e WHERE {_true('e')}"
    lessons = f"FROM lesson_facts l JOIN case_facts c USING (authority, generation, reference) WHERE {_true('l')}"
    lessons = f"{lessons} AND {_true('c')} AND l.recorded_on {in_year}"
    delays = f"FROM delay_facts d WHERE {_true('d')} AND d.given_on {in_year}"
    breaches = f"FROM breach_facts b WHERE {_true('b')} AND b.happened_on {in_year}"
    told = f"FROM clock_facts k JOIN case_facts c USING (authority, generation, reference) WHERE {_true('k')}"
    told = f"{told} AND k.name = 'response_period' AND {cohort.partition('WHERE ')[2]}"
    beside = [
        *(
            f"SELECT {column}, count(*) {cohort} GROUP BY 1"
            for column in (
                "outcome",
                "channel",
                "service_area",
                "first_closed_on <= local_standard_due_on",
                "extract(month from received_on)",
                "closed_on IS NULL",
            )
        ),
        f"SELECT sum(days_open), count(days_open) {cohort}",
        f"SELECT c.pathway, count(*) {received} GROUP BY 1",
        f"SELECT d.category, count(*) {concerns} GROUP BY 1",
        f"SELECT d.subcategory, count(*) {concerns} GROUP BY 1",
        f"SELECT extract(month from r.received_on), count(*) {thanks} AND r.kind = 'compliment' GROUP BY 1",
        f'SELECT type, "by", count(*), sum(amount_pence) {remedies} GROUP BY 1, 2',
        f"SELECT decided_on IS NULL, count(*) {enquiries} AND informed_on {in_year} GROUP BY 1",
        f"SELECT category, reason, public_report, count(*) {enquiries} AND decided_on {in_year} GROUP BY 1, 2, 3",
        f"SELECT compliance, count(*) {enquiries} AND compliance_confirmed_on {in_year} GROUP BY 1",
        f"SELECT name, subject, unit, value FROM figure_facts f WHERE {_true('f')} AND f.year = :year",
    ]
    if not own:
        return beside
    return [
        *beside,
        *(
            f"SELECT {column}, count(*) {cohort} GROUP BY 1"
            for column in ("sex", "ethnic_group", "disability", "age_band")
        ),
        f"SELECT service_area, outcome, count(*) {cohort} GROUP BY 1, 2",
        f"SELECT d.subcategory, c.service_area, d.finding, count(*) {concerns} GROUP BY 1, 2, 3",
        f"SELECT r.service_area, count(*) {thanks} AND r.kind = 'compliment' GROUP BY 1",
        f"SELECT c.pathway, c.refused_ground, count(*) {received} AND outcome = 'refused' GROUP BY 1, 2",
        f"SELECT pathway, stage, name, kind, met_on <= due_on, count(*) {clocks} GROUP BY 1, 2, 3, 4, 5",
        f"SELECT k.met_on <= k.due_on, k.extended > 0, count(*) {told} GROUP BY 1, 2",
        f"SELECT pathway, stage, reason, given_with, agreed, beyond_cap, count(*) {delays} GROUP BY 1, 2, 3, 4, 5, 6",
        f"SELECT c.service_area, l.completed_on IS NULL, l.action IS NULL, count(*) {lessons} GROUP BY 1, 2, 3",
        f"SELECT rule, source, count(*) {breaches} GROUP BY 1, 2",
        f"SELECT pathway, count(*) {spells} AND s.entered_on < :first AND {_still('>= :first')} GROUP BY 1",
        f"SELECT pathway, entered_by, count(*) {spells} AND s.entered_on {in_year} GROUP BY 1, 2",
        f"SELECT pathway, left_by, count(*) {spells} AND s.left_on {in_year} GROUP BY 1, 2",
        f"SELECT pathway, count(*) {spells} AND s.entered_on <= :last AND {_still('> :last')} GROUP BY 1",
    ]


def _still(then: str) -> str:
    return f"(s.left_on IS NULL OR s.left_on {then})"


class _Even(Log):
    """A log of which a day knew in proportion to the years that had passed, and no more than the read models hold."""

    def position_as_at(self, connection: sa.Connection, authority: str, before: datetime) -> int:
        return known_on((before - timedelta(hours=12)).date())


def known_on(day: date) -> int:
    """How many of an authority's cases were known by the end of a day."""
    return min(A_YEAR * len(YEARS), A_YEAR * (day - Year(YEARS[0]).first).days // 365)


def measure(authorities: int = 1) -> list[dict[str, Any]]:
    """The report beside its yardsticks."""
    with postgres_server(DURABLE | {"max_wal_size": "4GB"}) as server:
        return _counting(server.url(), authorities)


def _counting(url: str, authorities: int) -> list[dict[str, Any]]:
    engine = connect(url)
    migrations.upgrade(engine)
    fill(engine, AUTHORITIES[:authorities])
    models = ReadModels(engine, _Even(engine), None, "COV")

    def ours(year: Year, day: date) -> None:
        count(models, year, day)

    def again(year: Year, day: date) -> None:
        reports.document(reports.count(models, "annual", year, day))

    def by_hand(year: Year, day: date) -> None:
        with engine.connect() as connection:
            grouped(connection, "COV", year, known_on(day))

    ours(NOW, TODAY), by_hand(NOW, TODAY)  # each once, so that neither pays for the first look at the tables
    gc.set_threshold(10_000)
    gc.freeze()  # as `redress serve` does
    cases = f"{authorities * A_YEAR * len(YEARS):,} cases"
    entries = []
    for when, asked in (("now", [(NOW, TODAY)] * ROUNDS), ("as at a day of the past", [(THEN, day) for day in PAST])):
        rounds = [(timed(partial(by_hand, *each)), timed(partial(ours, *each))) for each in asked]
        theirs, own = map(statistics.median, zip(*rounds, strict=True))
        print(f"  the annual report {when}, {cases}: {own * 1000:.0f} ms against {theirs * 1000:.0f} ms")
        what = f"the annual report of {A_YEAR:,} cases a year {when} against"
        entries += [
            entry(f"{what} SQL by hand, {cases}", own / theirs, 1.5, "lower"),
            entry(f"{what} 100 ms, {cases}", own * 10, 1, "lower"),
        ]
    again(NOW, TODAY)
    once_more = statistics.median(timed(partial(again, NOW, TODAY)) for _ in range(ROUNDS))
    print(f"  the same report asked for again: {once_more * 1000:.0f} ms")
    entries.append(entry("the annual report asked for again against 100 ms", once_more * 10, 1, "lower"))
    print(f"  memory at most: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
    gc.unfreeze()
    engine.dispose()
    return entries
