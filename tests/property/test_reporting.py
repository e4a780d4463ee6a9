"""What is true of every history: figures add up, and the read models are the log, however they were built."""

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting import checkpoints
from services.reporting.annual import annual, compared
from services.reporting.checkpoints import Overtaken
from services.reporting.figures import Share, Table
from services.reporting.follower import Broken, Follower
from services.reporting.loading import Reader
from services.reporting.progress import Filters, progress
from services.reporting.quarterly import quarterly, quarters
from services.reporting.restatement import restatement
from services.reporting.scope import LESS_SETTLED_ORALLY, Scope
from services.reporting.side_by_side import NUMBER, PER_CENT, POINTS, side_by_side
from services.reporting.statutory import statutory
from services.reporting.tables import CHECKPOINTS, TABLES
from services.reporting.worker import Worker
from shared import events as e
from shared.authority import authority
from shared.clock import stamp
from shared.codec import TYPES
from shared.database import connect, metadata
from shared.log import Log, Recorded, Referred
from shared.log.tables import events as log_events
from shared.policy import policy_book
from shared.year import QUARTERS, Quarter, Year
from tests import scenario
from tests.histories import CALENDAR, History, folded, received, routed, sums_to

COVENTRY = authority("COV")
YEARS = tuple(map(Year.of, ("2022-23", "2023-24", "2024-25")))
OUTCOMES = get_args(e.Outcome)

edges = st.sampled_from([date(year, *edge) for year in (2023, 2024) for edge in ((3, 31), (4, 1))])
days = st.dates(date(2022, 3, 1), date(2025, 5, 31)) | edges
pathways = st.sampled_from(["adult_social_care", "corporate", "children"])
concerns = st.lists(
    st.builds(
        e.Concern,
        st.sampled_from(["communication", "financial", "unheard_of"]),
        st.sampled_from([None, "attitude", "unheard_of"]),
    ),
    min_size=1,
    max_size=3,
)
receipts = st.builds(
    lambda on, found, orally, sent_by: replace(
        received("complaint", on, found, orally=orally), transferred_from=sent_by
    ),
    days,
    concerns,
    st.booleans(),
    st.sampled_from([None, None, "another body"]),
)


@st.composite
def later(draw: st.DrawFn) -> e.Event:
    """Anything that may happen to a case, in no order and on any day: more than any decider would let through."""
    on, outcome = draw(days), draw(st.sampled_from(OUTCOMES))
    findings = tuple(e.Finding(number, outcome) for number in (1, 2))
    number, pence = draw(st.integers(1, 3)), draw(st.none() | st.integers(0, 10**7))
    kind = draw(st.sampled_from(["apology", "financial", "charges_refund"]))
    choices: list[e.Event] = [
        routed(on, on, draw(pathways)),
        e.CaseRefused(refused_on=on, ground="out_of_time", notified_on=None, breaches=(e.Breach("r", "s"),)),
        settled(on, satisfied=draw(st.booleans())),
        e.CaseEscalated(requested_on=on, stage="stage_2"),
        e.StageDecided(decided_on=on, stage="stage_1", outcome=outcome, decided_by="s", findings=findings),
        e.ResponseSent(sent_on=on, stage="stage_1", signed_by="s", ombudsman_right_given=True),
        e.CaseWithdrawn(withdrawn_on=on),
        e.CaseTransferred(transferred_on=on, to="another body"),
        e.CaseClosed(closed_on=on),
        *[e.CaseReopened(reopened_on=on, reason="new_evidence")] * 3,
        e.RemedyAgreed(agreed_on=on, remedy=number, type=kind, amount_pence=pence, due_on=draw(st.none() | days)),
        e.RemedyCompleted(completed_on=on, remedy=number),
        e.LearningRecorded(recorded_on=on, learning=number, lesson="x", action="y", owner=None, due_on=None),
        e.LearningCompleted(completed_on=on, learning=number),
        e.CharacteristicsRecorded(recorded_on=on, whose="person_affected", sex="female"),
        e.ComplaintAcknowledged(acknowledged_on=on, method="letter", discussion_offered=True, deadlines=period(on)),
        e.ResponsePeriodSet(set_on=on, agreed=True, notified_on=None, deadlines=period(draw(days))),
        extended(on, draw(days), beyond_cap=draw(st.booleans())),
        e.LatenessNotified(notified_on=on, delay_reason=draw(st.sampled_from(["complexity", "unheard_of"]))),
        e.ClockPaused(paused_on=on, reason="advocate_awaited", clocks=("local_standard", "response_period")),
        e.ClockResumed(resumed_on=on, deadlines=period(draw(days))),
        e.CaseAssigned(assigned_on=on, officer="s", role=draw(st.sampled_from(["investigating_officer", "manager"]))),
        corrected("received_at", draw(st.sampled_from(["2024-04-01T00:30:00+01:00", "never"]))),
        corrected("made_orally", draw(st.sampled_from(["true", "false"]))),
        corrected("service_area", draw(st.sampled_from(["finance", "unheard_of"]))),
        corrected("channel", draw(st.sampled_from(["letter", "unheard_of"]))),
        e.PersonalDataErased(erased_on=on, ground="request", party="complainant"),
    ]
    return draw(st.sampled_from(choices))


def period(due_on: date, name: str = "response_period") -> tuple[e.Deadline, ...]:
    (standard,) = routed(due_on, due_on, "adult_social_care").deadlines
    return (replace(standard, name=name, due_on=due_on, rule=f"asc.{name}"),)


def extended(on: date, due_on: date, *, beyond_cap: bool) -> e.DeadlineExtended:
    return e.DeadlineExtended(
        extended_on=on,
        reason="complexity",
        agreed_with_complainant=True,
        ombudsman_details_given=True,
        deadlines=(*period(due_on), *period(due_on, "local_standard")),
        breaches=(e.Breach("asc.response_period.cap", "s"),) if beyond_cap else (),
    )


def settled(on: date, *, satisfied: bool) -> e.ResolvedInformally:
    return e.ResolvedInformally(
        resolved_on=on,
        made_orally=True,
        satisfied=satisfied,
        latest_on=on,
        outside_statutory_count=satisfied,
        calendar=CALENDAR.version,
    )


def corrected(field: str, after: str) -> e.CaseCorrected:
    return e.CaseCorrected(corrected_on=date(2024, 5, 1), field=field, before=None, after=after, reason="audit")


@st.composite
def enquiries(draw: st.DrawFn) -> list[tuple[str, e.Event]]:
    """An enquiry told so far, each step of it left out or not."""
    on, answered, opened, sent, until, done, confirmed = sorted(draw(days) for _ in range(7))
    due_on = st.none() | days
    reasons = st.sampled_from([None, "already_remedied"])
    receipt = e.EnquiryReceived(received_on=on, case=draw(st.sampled_from([None, "A", "B"])), respond_by=draw(due_on))
    steps: list[e.Event] = [
        e.EnquiryAnswered(answered_on=answered),
        e.InvestigationOpened(opened_on=opened, respond_by=draw(due_on)),
        e.ResponseSubmitted(submitted_on=sent, author="s", author_role="s", signed_off_by=None),
        e.OmbudsmanDecided(
            decided_on=until,
            category=draw(st.sampled_from(get_args(e.OmbudsmanCategory))),
            reason=draw(reasons),
            public_report=draw(st.booleans()),
        ),
        e.RemedyRequired(required_on=until, remedy=1, type="financial", amount_pence=25_000, due_on=draw(due_on)),
        e.RemedyCompleted(completed_on=done, remedy=1),
        e.ComplianceConfirmed(confirmed_on=confirmed, compliance=draw(st.sampled_from(get_args(e.Compliance)))),
    ]
    told = [receipt, *(step for step in steps if draw(st.booleans()))]
    return [("23 000 001", event) for event in told[: draw(st.integers(0, len(told)))]]


figures = st.builds(
    e.ReferenceFigureRecorded,
    recorded_on=days,
    name=st.sampled_from(["adults_in_long_term_support", "ombudsman_uphold_rate"]),
    subject=st.just("Coventry City Council"),
    year=st.sampled_from([year.label for year in YEARS]),
    value=st.integers(0, 5000),
    unit=st.sampled_from(["people", "per cent"]),
    source=st.just("as published"),
)


routes = st.builds(routed, days, days, pathways)
afterwards = st.lists(later(), max_size=6)


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[str, e.Event]]:
    """Cases A to C, an enquiry and figures, interleaved in any order of recording, each case begun by its receipt."""
    lines = [
        [(name, event) for event in (draw(receipts), *draw(st.lists(routes, max_size=2)), *draw(afterwards))]
        for name in "ABC"
    ]
    lines.append(draw(enquiries()))
    lines.append([("COV", figure) for figure in draw(st.lists(figures, max_size=2))])
    told: list[tuple[str, e.Event]] = [("P", received("compliment", draw(days)))]
    while waiting := [line for line in lines if line]:
        told.append(draw(st.sampled_from(waiting)).pop(0))
    return told


def reports(told: Sequence[tuple[str, e.Event]], year: Year, as_at: date) -> Iterator[Table]:
    facts = folded(told)
    scope = Scope(facts, year, as_at, COVENTRY.codes, COVENTRY.calendar)
    yield from annual(scope, COVENTRY.region)
    for pathway in ("adult_social_care", "corporate", "children"):
        yield from statutory(replace(scope, pathway=pathway))


def beside(told: Sequence[tuple[str, e.Event]], year: Year, as_at: date) -> tuple[Table, ...]:
    """The years before the year, and the year, side by side."""
    scope = Scope(folded(told), year, as_at, COVENTRY.codes, COVENTRY.calendar, printed_as=year)
    years = [Year(year.starts - back) for back in (2, 1, 0)]
    return side_by_side([(one, compared(replace(scope, year=one))) for one in years])


@settings(max_examples=60, deadline=None)
@given(histories(), st.sampled_from(YEARS), days)
def test_every_table_balances_case_by_case(told: list[tuple[str, e.Event]], year: Year, as_at: date) -> None:
    for table in [*reports(told, year, as_at), *beside(told, year, as_at)]:
        cells = {cell.at: cell for cell in table.cells}
        assert table.balanced, table.name
        for whole, parts in table.sums:
            assert sums_to([cells[part] for part in parts], cells[whole]), (table.name, whole)


@settings(max_examples=25, deadline=None)
@given(histories(), st.sampled_from(YEARS), days)
def test_every_total_has_its_sums_declared(told: list[tuple[str, e.Event]], year: Year, as_at: date) -> None:
    """Down a column and along a row: what publication relies on when it keeps a small figure back."""
    for table in [*reports(told, year, as_at), *beside(told, year, as_at)]:
        rows = {(row, column): set(parts) for (row, column), parts in table.sums}
        sums = [(whole, {*parts}) for whole, parts in table.sums]
        assert all(whole not in parts for whole, parts in sums), table.name
        for cell in table.cells:
            changed = cell.column.endswith((PER_CENT, POINTS))
            if cell.row.lower() in ("total", "totals") and cell.measure in ("count", "pounds") and not changed:
                assert cell.at in rows, (table.name, cell.at)
                column = {(c.row, c.column) for c in table.cells if c.column == cell.column} - {cell.at}
                assert any(whole == cell.at and parts <= column for whole, parts in sums), (table.name, cell.at)
            if cell.column == "total":
                along = {(c.row, c.column) for c in table.cells if c.row == cell.row} - {cell.at}
                assert (cell.at, along) in sums, (table.name, cell.at)


LEFT_BY = ("upheld", "partially upheld", "not upheld", "withdrawn", "refused", "transferred out", "routed out")
CAME_BY = ("brought forward", "received", "reopened", "transferred in", "routed in")


@settings(max_examples=60, deadline=None)
@given(histories(), st.sampled_from(YEARS), st.integers(0, 40))
def test_on_every_pathway_what_came_in_is_what_left_and_what_is_carried_forward(
    told: list[tuple[str, e.Event]], year: Year, known: int
) -> None:
    """The identity as it is written down, from the printed values alone; as known after any event."""
    books = next(table for table in reports(told[:known], year, year.last) if table.name == "balance")
    value = {cell.at: cell.value for cell in books.cells}
    pathways = {cell.column for cell in books.cells}
    assert {row for row, _ in value} == {*CAME_BY, *LEFT_BY, "settled informally", "closed", "carried forward", "total"}
    for pathway in pathways:
        came = sum(value[row, pathway] or 0 for row in CAME_BY)
        left = sum(value[row, pathway] or 0 for row in (*LEFT_BY, "settled informally", "closed", "carried forward"))
        assert came == left == value["total", pathway]


@settings(max_examples=60, deadline=None)
@given(histories())
def test_every_complaint_is_in_the_books_of_the_year_in_which_it_came_once(told: list[tuple[str, e.Event]]) -> None:
    """Received or transferred in, by the day on which it is now known to have come; unless the law takes it out."""
    facts = folded(told)
    years = [Year(starts) for starts in range(2021, 2026)]
    came: Counter[tuple[str, str, Year]] = Counter()
    for year in years:
        for cell in (
            cell for table in reports(told, year, year.last) if table.name == "balance" for cell in table.cells
        ):
            if cell.row in ("received", "transferred in"):
                came.update((share.reference, cell.row, year) for share in cell.shares for _ in range(share.amount))
    sent_on = {r for r, event in told if isinstance(event, e.RepresentationReceived) and event.transferred_from}
    first = {spell.reference: spell for spell in facts.spells if spell.number == 1}
    assert came == Counter(
        (case.reference, "transferred in" if case.reference in sent_on else "received", year)
        for case in facts.cases
        for year in years
        if case.received_on in year
        and not (case.outside_statutory_count and first[case.reference].pathway in LESS_SETTLED_ORALLY)
    )


@settings(max_examples=40, deadline=None)
@given(histories(), st.sampled_from(YEARS), st.sampled_from(QUARTERS), days)
def test_every_table_of_a_quarter_balances_and_sums_case_by_case(
    told: list[tuple[str, e.Event]], year: Year, number: int, as_at: date
) -> None:
    quarter = Quarter(year, number)
    for table in quarterly(Scope(folded(told), quarter, as_at, COVENTRY.codes, COVENTRY.calendar), quarter):
        cells = {cell.at: cell for cell in table.cells}
        assert len(cells) == len(table.cells)
        assert table.balanced
        for whole, parts in table.sums:
            assert sums_to((cells[part] for part in parts), cells[whole]), (table.name, whole)


@settings(max_examples=15, deadline=None)
@given(histories(), st.sampled_from(YEARS), st.sampled_from(QUARTERS), st.data())
def test_a_quarter_and_a_progress_list_that_are_read_are_those_of_the_events(
    told: list[tuple[str, e.Event]], year: Year, number: int, data: st.DataObject
) -> None:
    quarter, own = Quarter(year, number), COVENTRY
    position, as_at = data.draw(st.integers(0, len(told))), data.draw(days)
    with database() as engine:
        follower(engine, recorded(told)).catch_up("COV")
        with engine.connect() as connection:
            reader = Reader(connection, "COV", 1, position)
            read, progressing = reader.facts(quarter, quarters(quarter)[0].first), reader.progress(as_at)
    pure = folded(told[:position])
    now, then = (list(quarterly(Scope(f, quarter, as_at, own.codes, own.calendar), quarter)) for f in (read, pure))
    assert now == then
    lists = [
        progress(Scope(f, Quarter.containing(as_at), as_at, own.codes, own.calendar), 0, policy_book("COV"), Filters())
        for f in (progressing, replace(pure, delays=tuple(row for row in pure.delays if row.given_on <= as_at)))
    ]
    assert (lists[0].lines, lists[0].fell_due, lists[0].tables) == (lists[1].lines, lists[1].fell_due, lists[1].tables)


def test_a_clock_answered_while_it_stands_still_is_read_by_the_day_that_it_had_come_to() -> None:
    """Ten working days after 3 November end on the 17th; with the eighteen of the pause it is 11 December."""
    paused = scenario.given(scenario.received_on("2025-11-03"), scenario.pause_on("2025-11-06"), pathway="children")
    story = paused.when(*scenario.answer_on("2025-12-02"))
    as_at = date(2025, 12, 12)
    with database() as engine:
        follower(engine, recorded([("A", event) for event in story.history])).catch_up("COV")
        with engine.connect() as connection:
            reader = Reader(connection, "COV", 1, len(story.history))
            known, week = reader.facts(Quarter(Year.of("2025-26"), 4)), reader.progress(as_at)
    assert "stage_1" in known.clocks.column("name")
    scope = Scope(week, Quarter.containing(as_at), as_at, COVENTRY.codes, COVENTRY.calendar)
    found = progress(scope, 0, policy_book("COV"), Filters()).fell_due
    assert [(row.deadline, row.due_on, row.standing) for row in found] == [
        ("stage_1", date(2025, 12, 11), "within time")
    ]


erasures = st.builds(
    lambda on, party: e.PersonalDataErased(erased_on=on, ground="request", party=party),
    days,
    st.sampled_from(["complainant", "person_affected", "narrative"]),
)


@settings(max_examples=25, deadline=None)
@given(histories(), st.data(), days)
def test_whoever_is_erased_at_whatever_moment_no_figure_changes(
    told: list[tuple[str, e.Event]], data: st.DataObject, as_at: date
) -> None:
    """Of the complaints and the compliment, before and after anything else that happens; as known at any moment."""
    erased = list(told)
    for reference in data.draw(st.lists(st.sampled_from("ABCP"), min_size=1, max_size=4)):
        begun = next(index for index, line in enumerate(erased) if line[0] == reference)
        erased.insert(data.draw(st.integers(begun + 1, len(erased))), (reference, data.draw(erasures)))
    for position in range(len(erased) + 1):
        known = erased[:position]
        assert folded(known) == folded(line for line in known if not isinstance(line[1], e.PersonalDataErased))
    for year in YEARS:
        assert list(reports(erased, year, as_at)) == list(reports(told, year, as_at))


@settings(max_examples=40, deadline=None)
@given(histories())
def test_what_one_year_carries_forward_the_next_brings_forward(told: list[tuple[str, e.Event]]) -> None:
    books = [
        {(c.row, c.column): c.shares for t in reports(told, y, y.last) if t.name == "balance" for c in t.cells}
        for y in YEARS
    ]
    for earlier, following in pairwise(books):
        for row, pathway in earlier:
            if row == "carried forward":
                assert earlier[row, pathway] == following.get(("brought forward", pathway), ())


@settings(max_examples=40, deadline=None)
@given(histories(), st.sampled_from(YEARS), days)
def test_received_in_the_books_is_received_in_the_return_where_nothing_was_rerouted(
    told: list[tuple[str, e.Event]], year: Year, as_at: date
) -> None:
    routes = [(reference, event) for reference, event in told if isinstance(event, e.CaseRouted)]
    once = dict(reversed(routes))
    told = [(r, event) for r, event in told if not isinstance(event, e.CaseRouted) or once[r] is event]
    tables = {table.name: table for table in reports(told, year, as_at)}
    books = {(cell.row, cell.column): cell.value for cell in tables["balance"].cells}
    types = {cell.row: cell.value for cell in tables["complaints by type"].cells}
    for pathway, kind in (("adult social care", "statutory"), ("corporate", "corporate")):
        assert (books["received", pathway] or 0) + (books["transferred in", pathway] or 0) == types[kind]


@settings(max_examples=40, deadline=None)
@given(histories(), st.integers(0, 30), st.sampled_from(YEARS))
def test_a_restatement_explains_the_whole_difference(told: list[tuple[str, e.Event]], known: int, year: Year) -> None:
    before, after = ([*reports(part, year, year.last), *beside(part, year, year.last)] for part in (told[:known], told))
    was, now = ({(t.name, c.row, c.column): c for t in tables for c in t.cells} for tables in (before, after))
    for change in restatement(before, after, {}):
        key = (change.table, change.row, change.column)
        named = {case.reference for case in change.cases}
        assert change.before != change.after
        assert named
        if key[2].endswith((PER_CENT, POINTS, NUMBER)):
            continue
        kept = [share for share in now[key].shares if share.reference not in named] if key in now else []
        assert kept == [share for share in _shares(was.get(key)) if share.reference not in named]


def _shares(cell: Any) -> tuple[Share, ...]:
    return cell.shares if cell else ()


# --- the read models ------------------------------------------------------------------------------------------------


def recorded(told: Sequence[tuple[str, e.Event]]) -> list[Recorded]:
    start = date(2025, 6, 1)
    history = History()
    for index, (reference, event) in enumerate(told):
        history.tell(reference, event, start + timedelta(days=index))
    return history.recorded()


@contextmanager
def database() -> Iterator[sa.Engine]:
    with tempfile.TemporaryDirectory() as folder:
        engine = connect(f"sqlite:///{Path(folder, 'redress.db')}")
        metadata.create_all(engine, [log_events, CHECKPOINTS, *TABLES.values()])
        yield engine
        engine.dispose()


def stored(engine: sa.Engine, events: Sequence[Recorded]) -> Log:
    """A log of these events, which nothing guards: what belongs to enquiries is in streams of their own."""
    versions: Counter[str] = Counter()
    with engine.begin() as connection:
        connection.execute(sa.delete(log_events))
        for event in events:
            stream = f"{category(event.type)}:{event.reference}"
            versions[stream] += 1
            row = replace(event, stream=stream, version=versions[stream], previous_hash=str(event.position))
            stamps = {"recorded_at": stamp(row.recorded_at), "known_at": stamp(row.known_at)}
            values = {column.name: getattr(row, column.name) for column in log_events.c}
            connection.execute(sa.insert(log_events), {**values, **stamps})
    return Log(engine)


def category(name: str) -> str:
    kind = TYPES.get(name)
    if kind in get_args(e.AuthorityEvent):
        return "authority"
    return "enquiry" if kind in set(get_args(e.EnquiryEvent)) - set(get_args(e.CaseEvent)) else "case"


def follower(engine: sa.Engine, events: Sequence[Recorded]) -> Follower:
    return Follower(engine, stored(engine, events), lambda _: CALENDAR)


def rows(engine: sa.Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, without its generation."""
    with engine.connect() as connection:
        return {
            table.name: sorted(
                connection.execute(sa.select(*(c for c in table.c if c.name != "generation"))).all(), key=repr
            )
            for table in TABLES.values()
        }


@settings(max_examples=15, deadline=None)
@given(histories(), st.integers(1, 7), st.sampled_from(["23 000 001", "A"]), st.integers(1, 9))
def test_rows_are_the_same_bit_for_bit_however_they_were_built(
    told: list[tuple[str, e.Event]], size: int, enquiry: str, batch: int
) -> None:
    """Also where an enquiry bears the reference of a case, and however many events a rebuild takes at once."""
    events = recorded([(enquiry if reference == "23 000 001" else reference, event) for reference, event in told])
    with database() as engine, pytest.MonkeyPatch.context() as patched:
        patched.setattr("services.reporting.follower.REBUILT", batch)
        patched.setattr("shared.log.by_reference._PAGE", size)
        follow = follower(engine, events)
        while follow.follow("COV", limit=size):
            pass
        step_by_step = rows(engine)
        assert follow.rebuild("COV") == len(events)
        assert rows(engine) == step_by_step
        with engine.connect() as connection:
            assert checkpoints.served(connection, "COV") == (2, len(events))
            assert len(connection.execute(sa.select(CHECKPOINTS)).all()) == 1


def test_a_rebuild_takes_what_bears_one_reference_in_the_order_of_the_log() -> None:
    """Not stream by stream: the remedy would be done before it was required, in the stream that comes first."""
    required = e.RemedyRequired(required_on=date(2024, 5, 4), remedy=1, type="apology", amount_pence=None, due_on=None)
    story: list[e.Event] = [
        e.EnquiryReceived(received_on=date(2024, 5, 3), respond_by=None),
        required,
        e.RemedyCompleted(completed_on=date(2024, 6, 3), remedy=1),
    ]
    with database() as engine:
        follow = follower(engine, recorded([("A", event) for event in story]))
        follow.catch_up("COV")
        followed = rows(engine)
        assert len(followed["remedy_facts"]) == 2
        follow.rebuild("COV")
        assert rows(engine) == followed


@settings(max_examples=15, deadline=None)
@given(histories(), st.data(), st.sampled_from(YEARS))
def test_what_is_read_at_a_position_is_what_the_events_up_to_it_fold_to(
    told: list[tuple[str, e.Event]], data: st.DataObject, year: Year
) -> None:
    position = data.draw(st.integers(0, len(told)))
    with database() as engine:
        follower(engine, recorded(told)).catch_up("COV")
        with engine.connect() as connection:
            reader = Reader(connection, "COV", 1, position)
            read, knows = reader.facts(year), reader.knows_of(year)
    known = folded(told[:position])
    came = [fact.received_on for fact in (*known.cases, *known.representations)]
    assert knows == any(on <= year.last for on in (*came, *(row.informed_on for row in known.enquiries)))
    pure, found = (
        list(annual(Scope(facts, year, year.last, COVENTRY.codes, COVENTRY.calendar), COVENTRY.region))
        for facts in (folded(told[:position]), read)
    )
    assert found == pure


def test_rows_that_no_code_list_has_are_read_in_the_order_in_which_a_case_has_them() -> None:
    """As they were frozen in publications, whatever index the facts are found by."""
    history = History().complaint("A", "2024-04-02", e.Concern("zeta", "omega"), e.Concern("alpha", "beta"))
    history.tell("E", e.EnquiryReceived(received_on=date(2024, 4, 8), case="A", respond_by=None))
    history.remedy("E", "2024-05-03", "zeta", number=1, required=True)
    history.remedy("E", "2024-05-02", "alpha", number=2, required=True)
    year = Year.of("2024-25")
    with database() as engine:
        follower(engine, history.recorded()).catch_up("COV")
        with engine.connect() as connection:
            read = Reader(connection, "COV", 1, len(history.told)).facts(year)
    scope = Scope(read, year, year.last, COVENTRY.codes, COVENTRY.calendar)
    unlisted = {
        table.name: list(dict.fromkeys(c.row for c in table.cells if c.row in ("zeta", "alpha", "omega", "beta")))
        for table in annual(scope, COVENTRY.region)
    }
    assert unlisted["concerns raised by main category"] == ["zeta", "alpha"]
    assert unlisted["concerns raised by issue"] == ["omega", "beta"]
    assert unlisted["ombudsman remedies"] == ["zeta", "alpha"]


def test_an_enquiry_is_read_in_each_year_in_which_a_step_of_it_falls_or_something_is_owed() -> None:
    told: list[tuple[str, e.Event]] = [
        ("1", event)
        for event in (
            e.EnquiryReceived(received_on=date(2016, 5, 3), respond_by=date(2016, 5, 6)),
            e.EnquiryAnswered(answered_on=date(2018, 5, 3)),
            e.InvestigationOpened(opened_on=date(2019, 5, 3), respond_by=date(2019, 6, 3)),
            e.ResponseSubmitted(submitted_on=date(2020, 5, 5), author="s", author_role="s", signed_off_by=None),
            e.OmbudsmanDecided(decided_on=date(2021, 5, 4), category="upheld", public_report=True),
            e.RemedyRequired(required_on=date(2021, 5, 4), remedy=1, type="apology", amount_pence=None, due_on=None),
            e.RemedyCompleted(completed_on=date(2022, 5, 3), remedy=1),
            e.ComplianceConfirmed(confirmed_on=date(2024, 5, 3), compliance="complied_late"),
        )
    ]
    with database() as engine:
        follower(engine, recorded(told)).catch_up("COV")
        with engine.connect() as connection:
            for position in range(1, len(told) + 1):
                for year in map(Year, range(2015, 2026)):
                    read = Reader(connection, "COV", 1, position).facts(year)
                    pure, found = (
                        list(annual(Scope(facts, year, year.last, COVENTRY.codes, COVENTRY.calendar), None))
                        for facts in (folded(told[:position]), read)
                    )
                    assert found == pure, (position, year)


def test_of_two_runners_one_takes_a_batch_in_and_the_other_reads_anew() -> None:
    events = History().complaint("A", "2024-04-02").withdraw("A", "2024-04-03").recorded()
    with database() as engine:

        class Slow(Log):
            def read(
                self, authority: str, after: int = 0, upto: int | None = None, limit: int = 5000
            ) -> list[Recorded]:
                found = super().read(authority, after, upto, limit)
                other.catch_up(authority)
                return found

        other = follower(engine, events)
        with pytest.raises(Overtaken):
            Follower(engine, Slow(engine), lambda _: CALENDAR).follow("COV")
        assert other.catch_up("COV") == 0
        assert len(rows(engine)["case_facts"]) == 3


@pytest.mark.parametrize(
    ("strange", "told"), [({"type": "case_teleported"}, "case_teleported"), ({"payload": "{"}, "does not hold")]
)
def test_an_event_that_cannot_be_read_stops_the_following_after_what_comes_before_it(
    strange: dict[str, str], told: str
) -> None:
    events = History().complaint("A", "2024-04-02").withdraw("A", "2024-04-03").recorded()
    events[2] = replace(events[2], **strange)  # type: ignore[arg-type]
    with database() as engine:
        follow = follower(engine, events)
        for act in (follow.follow, follow.follow, follow.rebuild):
            with pytest.raises(Broken, match=rf"event 3 of COV.*{told}"):
                act("COV")
        with engine.connect() as connection:
            assert checkpoints.served(connection, "COV") == (1, 2)


def test_a_hole_in_the_log_stops_the_following() -> None:
    events = History().complaint("A", "2024-04-02").withdraw("A", "2024-04-03").recorded()
    with database() as engine:
        follow = follower(engine, [events[0], events[2]])
        for act in (follow.catch_up, follow.rebuild):
            with pytest.raises(Broken, match="no event 2"):
                act("COV")


def test_an_interrupted_rebuild_is_started_anew_while_the_old_rows_serve() -> None:
    events = History().complaint("A", "2024-04-02").withdraw("A", "2024-04-03").recorded()
    with database() as engine:
        follow = follower(engine, events)
        follow.catch_up("COV")
        before = rows(engine)
        with engine.begin() as connection:
            checkpoints.begin_anew(connection, "COV")
        follow.follow("COV", 2, limit=2)
        with engine.connect() as connection:
            assert checkpoints.served(connection, "COV") == (1, 3)
        follow.rebuild("COV")
        assert rows(engine) == before


def test_a_rebuild_that_goes_on_after_another_began_takes_no_part_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """However far both have come: one took the log in to another end, and its rows are not the other's."""
    monkeypatch.setattr("services.reporting.follower.REBUILT", 1)
    events = History().complaint("A", "2024-04-02").complaint("B", "2024-04-03").recorded()
    with database() as engine:

        class Halted(Log):
            def by_reference(self, authority: str, upto: int) -> Iterator[Referred]:
                yield next(super().by_reference(authority, upto))
                raise KeyError

        class Slow(Log):
            def by_reference(self, authority: str, upto: int) -> Iterator[Referred]:
                first, *others = super().by_reference(authority, upto)
                yield first
                with pytest.raises(KeyError):
                    Follower(engine, Halted(engine), lambda _: CALENDAR).rebuild("COV")
                yield from others

        follow = follower(engine, events)
        with pytest.raises(Overtaken):
            Follower(engine, Slow(engine), lambda _: CALENDAR).rebuild("COV")
        follow.rebuild("COV")
        assert len(rows(engine)["concern_facts"]) == 2


def test_a_rebuild_that_was_not_given_every_event_serves_nothing() -> None:
    events = History().complaint("A", "2024-04-02").complaint("B", "2024-04-03").recorded()
    with database() as engine:

        class Forgetful(Log):
            def by_reference(self, authority: str, upto: int) -> Iterator[Referred]:
                yield next(super().by_reference(authority, upto))

        follower(engine, events).catch_up("COV")
        with pytest.raises(Broken, match="4 events, and 2 by their references"):
            Follower(engine, Forgetful(engine), lambda _: CALENDAR).rebuild("COV")
        with engine.connect() as connection:
            assert checkpoints.served(connection, "COV") == (1, len(events))


def test_of_remedies_of_one_number_the_last_is_followed_and_rebuilt() -> None:
    """No command agrees to a second; should a log hold one, it is read like any other."""
    history = History().complaint("A", "2024-04-02").remedy("A", "2024-05-02", "apology")
    history.remedy("A", "2024-05-03", "financial", 100)
    history.tell("A", e.RemedyCompleted(completed_on=date(2024, 5, 4), remedy=1))
    with database() as engine:
        follow = follower(engine, history.recorded())
        follow.catch_up("COV")
        followed = rows(engine)
        assert len(followed["remedy_facts"]) == 3
        with engine.connect() as connection:
            (remedy,) = Reader(connection, "COV", 1, len(history.told)).facts(Year.of("2024-25")).remedies
        assert (remedy.type, remedy.completed_on) == ("financial", date(2024, 5, 4))
        follow.rebuild("COV")
        assert rows(engine) == followed


def test_an_empty_log_is_rebuilt_to_nothing() -> None:
    with database() as engine:
        assert follower(engine, []).rebuild("COV") == 0


def test_what_was_learned_of_a_case_between_two_positions_is_read_from_its_rows() -> None:
    events = History().complaint("A", "2024-04-02").withdraw("A", "2024-04-03").recorded()
    with database() as engine:
        follower(engine, events).catch_up("COV")
        with engine.connect() as connection:
            learned = Reader(connection, "COV", 1, 3).learned({"A", "B"}, since=2)
    assert [(event.position, event.what) for event in learned["A"]] == [(3, "case_withdrawn")]


def test_a_worker_goes_on_with_the_other_authorities_when_one_log_cannot_be_read() -> None:
    good = History().complaint("A", "2024-04-02").recorded()
    bad = [replace(good[0], authority="BAD", type="case_teleported")]

    with database() as engine:
        log = stored(engine, [*good, *bad])
        worker = Worker(Follower(engine, log, lambda _: CALENDAR), lambda: ["BAD", "COV"])
        assert worker() == "reporting does not run"
        worker.start()
        worker.hurry(5)
        worker.stop()
        assert list(worker.alarms) == ["BAD"]
        assert "case_teleported" in (worker() or "")
        with engine.connect() as connection:
            assert checkpoints.served(connection, "COV") == (1, 2)
