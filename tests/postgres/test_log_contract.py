"""What an append and a read promise, alike on SQLite and PostgreSQL."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import cycle
from typing import Any

import pytest
import sqlalchemy as sa

from services.cases.case_list import case_list
from shared import codec
from shared.clock import end_of_day, now
from shared.database import writer
from shared.errors import KeyReused, Unavailable
from shared.log import (
    ANY,
    NO_STREAM,
    STREAM_EXISTS,
    Append,
    Appended,
    Duplicate,
    Hole,
    Key,
    Log,
    OutOfOrder,
    Series,
    VersionConflict,
    Write,
    verify,
)
from shared.log.chain import Anchor
from tests.postgres.appends import (
    AUTHORITY,
    CASE,
    Connecting,
    an_append,
    at,
    closed,
    filled,
    holding_the_lock,
    impatient,
    positions,
    tamper,
    unguarded,
)

IN_THE_LIST = {"kind": "complaint", "status": "open", "channel": "email", "service_area": "x", "received_on": None}


def a_row(**values: Any) -> Write:
    """A row of the case list; without `received_on` the database refuses it."""
    return Write(case_list, ({**IN_THE_LIST, **values},))


def listed(engine: sa.Engine) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        columns = case_list.c["reference", "version", "status"]
        return [tuple(row) for row in connection.execute(sa.select(*columns).order_by(case_list.c.reference))]


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Run calls in threads of their own; what each returned or raised."""

    def outcome(call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(outcome, calls))


# --- expectations ---------------------------------------------------------------------------------------------------


EXPECTATIONS = [
    (0, ANY, True),
    (0, NO_STREAM, True),
    (0, STREAM_EXISTS, False),
    (0, 0, True),
    (0, 1, False),
    (2, ANY, True),
    (2, NO_STREAM, False),
    (2, STREAM_EXISTS, True),
    (2, 2, True),
    (2, 1, False),
    (2, 3, False),
    (2, 0, False),
]


def test_an_append_is_taken_only_where_the_stream_is_as_expected(engine: sa.Engine, subtests: pytest.Subtests) -> None:
    """Stores have mapped "no stream" and "stream exists" to "no check at all" on one engine only."""
    log = Log(engine)
    for number, (before, expected, allowed) in enumerate(EXPECTATIONS):
        with subtests.test(f"{expected} of a stream at {before}"):
            stream = f"case:{number}"
            if before:
                log.append(an_append(stream, ANY, *[closed()] * before))
            if allowed:
                assert log.append(an_append(stream, expected)).version == before + 1
            else:
                with pytest.raises(VersionConflict) as conflict:
                    log.append(an_append(stream, expected))
                assert conflict.value == VersionConflict(stream, expected, actual=before)
            assert [r.version for r in log.stream(AUTHORITY, stream)] == list(range(1, before + allowed + 1))


def test_of_two_creations_at_once_one_wins(engine: sa.Engine) -> None:
    log = Log(engine)
    outcomes = at_once([lambda: log.append(an_append(CASE, NO_STREAM))] * 2)
    assert sorted(type(outcome) for outcome in outcomes if isinstance(outcome, Appended)) == [Appended]
    assert [outcome.actual for outcome in outcomes if isinstance(outcome, VersionConflict)] == [1]


def test_of_twenty_appends_at_once_on_one_version_exactly_one_wins(
    engine: sa.Engine, url: str, connecting: Connecting
) -> None:
    """An insert that ignores conflicts reports success to all twenty and keeps one."""
    logs = [Log(engine), Log(connecting(url))]
    logs[0].append(an_append(CASE, NO_STREAM))
    outcomes = at_once([lambda log=log: log.append(an_append(CASE, 1)) for log, _ in zip(cycle(logs), range(20))])
    assert sum(isinstance(outcome, Appended) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, VersionConflict) for outcome in outcomes) == 19
    assert positions(engine) == [1, 2]


def test_an_append_with_several_events_is_written_whole_or_not_at_all(engine: sa.Engine) -> None:
    log = Log(engine)
    answer = log.append(an_append(CASE, NO_STREAM, closed(1), closed(2), closed(3)))
    assert (answer.version, answer.position) == (3, 3)
    with pytest.raises(VersionConflict):
        log.append(an_append(CASE, 2, closed(4), closed(5)))
    assert [r.event for r in log.stream(AUTHORITY, CASE)] == [closed(1), closed(2), closed(3)]
    assert [r.event for r in log.stream(AUTHORITY, CASE, upto_version=2)] == [closed(1), closed(2)]


def test_the_same_event_is_never_in_the_log_twice(engine: sa.Engine) -> None:
    """A retry without an idempotency key, of an append that was written after all."""
    log = Log(engine)
    item = an_append(CASE, ANY).ready()
    log.append(item)
    with pytest.raises(Duplicate):
        log.append(item)
    mate = an_append("case:mate")
    duplicate, beside = log.append_batch([item, mate])
    assert isinstance(duplicate, Duplicate)
    assert isinstance(beside, Appended)
    assert positions(engine) == [1, 2]


# --- idempotency ----------------------------------------------------------------------------------------------------


def test_a_retry_gets_the_first_answer_even_after_the_stream_moved_on(engine: sa.Engine) -> None:
    """The key is looked at before the version: a retry of what succeeded is not a conflict."""
    log = Log(engine)
    first = log.append(an_append(CASE, NO_STREAM, key="k"))
    again = log.append(an_append(CASE, NO_STREAM, key="k"))
    log.append(an_append(CASE, 1))
    late = Log(engine).append(an_append(CASE, NO_STREAM, key="k"))
    assert not first.replayed
    for replay in (again, late):
        assert replay.replayed
        assert (replay.stream, replay.version, replay.position, replay.recorded_at) == (
            first.stream,
            first.version,
            first.position,
            first.recorded_at,
        )
    assert positions(engine) == [1, 2]


def test_a_key_that_comes_with_another_request_is_refused(engine: sa.Engine) -> None:
    log = Log(engine)
    first = log.append(an_append(CASE, key=Key("k", "one request")))
    with pytest.raises(KeyReused):
        log.append(an_append(CASE, key=Key("k", "another request")))
    with pytest.raises(KeyReused):
        log.answered(AUTHORITY, Key("k", "another request"))
    found = log.answered(AUTHORITY, Key("k", "one request"))
    assert found is not None
    assert (found.position, found.replayed) == (first.position, True)
    assert log.answered(AUTHORITY, Key("unheard of", "one request")) is None


def test_keys_and_series_are_whatever_characters_they_are(engine: sa.Engine) -> None:
    log = Log(engine)
    odd = [
        '"',
        "'",
        "\\",
        "\\u0000",
        "\x01\x7f",
        "\u2028",
        "é",
        "😀" * 255,
        "123",
        "null",
        "[]",
        '{"a":1}',
        "%s",
        ":keys",
    ]
    first = log.append_batch([an_append(f"case:{n}", NO_STREAM, key=key) for n, key in enumerate(odd)])
    again = log.append_batch([an_append(f"case:{n}", NO_STREAM, key=key) for n, key in enumerate(odd)])
    assert again == [replace(each, replayed=True) for each in first if isinstance(each, Appended)]
    numbered = [log.append(an_append(Series("case", name), NO_STREAM)).stream for name in odd for _ in range(2)]
    assert numbered == [f"case:{name}-{number:06d}" for name in odd for number in (1, 2)]


def test_a_key_belongs_to_one_authority(engine: sa.Engine) -> None:
    log = Log(engine)
    assert not log.append(an_append(key="k")).replayed
    assert not log.append(an_append(key="k", authority="BIR")).replayed


def test_a_refused_append_does_not_use_up_its_key(engine: sa.Engine) -> None:
    log = Log(engine)
    with pytest.raises(VersionConflict):
        log.append(an_append(CASE, 7, key="k"))
    assert not log.append(an_append(CASE, NO_STREAM, key="k")).replayed


def test_one_key_twice_in_a_batch_is_written_once(engine: sa.Engine) -> None:
    log = Log(engine)
    one, two, three = log.append_batch(
        [
            an_append(CASE, NO_STREAM, key="k"),
            an_append(CASE, NO_STREAM, key="k"),
            an_append(CASE, NO_STREAM, key=Key("k", "another request")),
        ]
    )
    assert isinstance(one, Appended)
    assert isinstance(two, Appended)
    assert (one.position, two.position, one.replayed, two.replayed) == (1, 1, False, True)
    assert isinstance(three, KeyReused)
    assert positions(engine) == [1]


def test_one_key_from_many_writers_at_once_is_written_once(engine: sa.Engine, url: str, connecting: Connecting) -> None:
    others = connecting(url)
    logs = [Log(engine), Log(others)]
    outcomes = at_once([lambda log=log: log.append(an_append(CASE, key="k")) for log, _ in zip(cycle(logs), range(10))])
    assert sorted(outcome.replayed for outcome in outcomes) == [False] + [True] * 9
    assert {outcome.position for outcome in outcomes} == {1}
    assert positions(engine) == [1]


# --- batches --------------------------------------------------------------------------------------------------------


FAULTS = {
    "conflict": an_append("case:fault", 9),
    "null": an_append("case:fault", writes=(a_row(received_on=None),)),
    "value": an_append("case:fault", writes=(a_row(received_on=at(0).date(), status=object()),)),
    "column": an_append("case:fault", writes=(a_row(received_on=at(0).date(), no_such_column=1),)),
    "table": an_append("case:fault", writes=(Write(sa.table("no_such_table", sa.column("x")), ({"x": 1},)),)),
    "text": an_append("case:fault", correlation="half of a pair: \ud83d"),
}


def test_an_item_at_fault_harms_no_other_of_its_batch(engine: sa.Engine, subtests: pytest.Subtests) -> None:
    log = Log(engine)
    for name, item in FAULTS.items():
        with subtests.test(name):
            before, fault, after = log.append_batch([an_append("case:a"), item, an_append("case:b")])
            assert isinstance(before, Appended)
            assert isinstance(after, Appended)
            assert isinstance(fault, Exception)
            assert not isinstance(fault, Unavailable)
    assert log.stream(AUTHORITY, "case:fault") == listed(engine) == []
    assert positions(engine) == list(range(1, 2 * len(FAULTS) + 1))
    assert isinstance(verify(engine, AUTHORITY), Anchor)


def test_one_stream_twice_in_a_batch_is_evaluated_in_turn(engine: sa.Engine) -> None:
    log = Log(engine)
    one, two, three = log.append_batch([an_append(CASE, NO_STREAM), an_append(CASE, 1), an_append(CASE, 1)])
    assert isinstance(one, Appended)
    assert isinstance(two, Appended)
    assert (one.version, two.version) == (1, 2)
    assert isinstance(three, VersionConflict)
    assert three.actual == 2


def test_rows_commit_with_their_events_and_know_where_these_went(engine: sa.Engine) -> None:
    log = Log(engine)
    day = at(0).date()
    log.append_batch(
        [
            an_append("case:1", writes=(a_row(received_on=day, status="open"),)),
            an_append("case:1", writes=(a_row(received_on=day, status="closed"),)),
            an_append("case:2", writes=(a_row(received_on=day),)),
        ]
    )
    assert listed(engine) == [("1", 2, "closed"), ("2", 1, "open")]


def test_rows_of_one_batch_may_name_different_columns(engine: sa.Engine) -> None:
    """A statement made for the first row's columns would drop what only a later row has, silently."""
    log = Log(engine)
    day = at(0).date()
    results = log.append_batch(
        [
            an_append("case:1", writes=(a_row(received_on=day),)),
            an_append("case:2", writes=(a_row(received_on=day, officer="officer:9"),)),
            an_append("case:3", writes=(a_row(received_on=day),)),
        ]
    )
    assert all(isinstance(result, Appended) for result in results)
    with engine.connect() as connection:
        officers = connection.execute(sa.select(case_list.c.officer).order_by(case_list.c.reference)).scalars().all()
    assert officers == [None, "officer:9", None]


def test_rows_of_one_key_add_up_as_if_they_came_one_by_one(engine: sa.Engine) -> None:
    """Who is batched with whom is chance, and must not show: a column that a later row does not name stays."""
    log = Log(engine)
    day = at(0).date()
    rows = [a_row(received_on=day, officer="officer:9"), a_row(received_on=day, status="closed")]
    log.append_batch([an_append("case:1", writes=(row,)) for row in rows])
    for row in rows:
        log.append(an_append("case:2", writes=(row,)))
    with engine.connect() as connection:
        columns = case_list.c["version", "status", "officer"]
        found = connection.execute(sa.select(*columns).order_by(case_list.c.reference)).all()
    assert [tuple(row) for row in found] == [(2, "closed", "officer:9")] * 2


def test_rows_of_a_refused_append_are_not_written(engine: sa.Engine) -> None:
    log = Log(engine)
    with pytest.raises(VersionConflict):
        log.append(an_append(CASE, 4, writes=(a_row(received_on=at(0).date()),)))
    assert listed(engine) == []


def test_events_of_refused_rows_are_not_written(engine: sa.Engine) -> None:
    log = Log(engine)
    with pytest.raises(sa.exc.IntegrityError):
        log.append(an_append(CASE, key="k", writes=(a_row(received_on=None),)))
    assert positions(engine) == []
    assert log.answered(AUTHORITY, Key("k", "the fingerprint of a request")) is None


def test_every_authority_has_a_log_of_its_own(engine: sa.Engine) -> None:
    log = Log(engine)
    for authority in ("COV", "BIR", "COV"):
        log.append(an_append(authority=authority))
    assert (positions(engine, "COV"), positions(engine, "BIR")) == ([1, 2], [1])
    assert sorted(log.authorities()) == ["BIR", "COV"]
    assert log.read("COV")[0].previous_hash != log.read("BIR")[0].previous_hash


# --- the series of references ---------------------------------------------------------------------------------------


def test_numbers_of_a_series_are_dense_and_distinct_whoever_asks(
    engine: sa.Engine, url: str, connecting: Connecting
) -> None:
    others = connecting(url)
    logs = [Log(engine), Log(others)]

    def ten(log: Log) -> list[str]:
        return [log.append(an_append(Series("case", "COV-2026"), NO_STREAM)).reference for _ in range(10)]

    outcomes = at_once([lambda log=log: ten(log) for log, _ in zip(cycle(logs), range(6))])
    given = sorted(reference for outcome in outcomes for reference in outcome)
    assert given == [f"COV-2026-{number:06d}" for number in range(1, 61)]


def test_every_series_counts_for_itself_and_all_categories_share_it(engine: sa.Engine) -> None:
    results = Log(engine).append_batch(
        [
            an_append(Series("case", "COV-2026"), NO_STREAM),
            an_append(Series("compliment", "COV-2026"), NO_STREAM),
            an_append(Series("case", "COV-2027"), NO_STREAM),
        ]
    )
    assert [result.stream for result in results if isinstance(result, Appended)] == [
        "case:COV-2026-000001",
        "compliment:COV-2026-000002",
        "case:COV-2027-000001",
    ]


@pytest.mark.parametrize(
    "refused",
    [
        an_append(Series("case", "COV-2026"), NO_STREAM, writes=(a_row(received_on=None),)),
        an_append(Series("case", "COV-2026"), STREAM_EXISTS),
    ],
    ids=["poison", "conflict"],
)
def test_a_refused_append_takes_no_number(engine: sa.Engine, refused: Append) -> None:
    """Auditors ask for the missing number of a series."""
    log = Log(engine)
    for batch in ([refused], [refused, an_append("case:mate")]):
        assert isinstance(log.append_batch(batch)[0], Exception)
    assert log.append(an_append(Series("case", "COV-2026"), NO_STREAM)).reference == "COV-2026-000001"


def test_a_retry_of_a_numbered_append_takes_no_second_number(engine: sa.Engine) -> None:
    log = Log(engine)
    item = an_append(Series("case", "COV-2026"), NO_STREAM, key="k")
    assert log.append(item).reference == log.append(item).reference == "COV-2026-000001"
    assert log.append(an_append(Series("case", "COV-2026"), NO_STREAM)).reference == "COV-2026-000002"


def test_a_series_goes_on_after_numbers_that_were_given_elsewhere(engine: sa.Engine) -> None:
    log = Log(engine)
    for last in (41, 17):
        with writer(engine).begin() as connection:
            log.reserve(connection, AUTHORITY, {"COV-2026": last})
    assert log.append(an_append(Series("case", "COV-2026"), NO_STREAM)).reference == "COV-2026-000042"


# --- time -----------------------------------------------------------------------------------------------------------


def test_what_was_recorded_never_goes_back_when_the_clock_does(engine: sa.Engine) -> None:
    times = iter([at(10), at(9), at(8), at(11)])
    log = Log(engine, clock=lambda: next(times))
    for _ in range(4):
        log.append(an_append())
    assert [r.recorded_at for r in log.read(AUTHORITY)] == [at(10), at(10), at(10), at(11)]
    assert [r.known_at for r in log.read(AUTHORITY)] == [at(10), at(10), at(10), at(11)]
    assert isinstance(verify(engine, AUTHORITY), Anchor)


def test_history_that_was_known_before_what_the_log_holds_is_out_of_order(engine: sa.Engine) -> None:
    log = Log(engine)
    log.append(an_append(known_at=at(10)))
    log.append(an_append(known_at=at(10)))
    with pytest.raises(OutOfOrder) as error:
        log.append(an_append(known_at=at(9)))
    assert error.value.last == at(10)
    log.append(an_append(known_at=at(11)))
    assert [r.known_at for r in log.read(AUTHORITY)] == [at(10), at(10), at(11)]


def test_nothing_is_known_before_what_was_known_already(engine: sa.Engine) -> None:
    """History from a system whose clock was ahead: the first event after it must not break the order."""
    ahead = now() + timedelta(hours=1)
    log = Log(engine)
    log.append(an_append(known_at=ahead))
    log.append(an_append())
    assert [r.known_at for r in log.read(AUTHORITY)] == [ahead, ahead]
    assert isinstance(verify(engine, AUTHORITY), Anchor)


def test_what_was_known_at_the_end_of_a_day_is_a_prefix(engine: sa.Engine) -> None:
    """Exclusive of the first instant of the next London day, to the microsecond."""
    log = Log(engine)
    midnight = end_of_day(at(0, day=5).date())
    known = [at(9, day=3), at(9, day=5), midnight - timedelta(microseconds=1), midnight, at(9, day=8)]
    for instant in known:
        log.append(an_append(known_at=instant))
    with engine.connect() as connection:
        days = {day: end_of_day(at(0, day=day).date()) for day in range(2, 9)}
        as_at = {day: log.position_as_at(connection, AUTHORITY, end) for day, end in days.items()}
        assert log.position_as_at(connection, "BIR", now()) == 0
    assert as_at == {2: 0, 3: 1, 4: 1, 5: 3, 6: 4, 7: 4, 8: 5}


# --- reading --------------------------------------------------------------------------------------------------------


def test_a_reader_goes_by_position_page_by_page(engine: sa.Engine) -> None:
    log = filled(engine)
    assert [r.position for r in log.read(AUTHORITY, after=3, upto=8, limit=2)] == [4, 5]
    assert [r.position for r in log.read(AUTHORITY, after=3, upto=8)] == [4, 5, 6, 7, 8]
    assert [r.position for r in log.walk(AUTHORITY, after=2)] == list(range(3, 11))
    assert [r.event for r in log.walk(AUTHORITY)] == [closed(n) for n in range(1, 11)]
    assert log.read(AUTHORITY, after=10) == log.read("BIR") == log.stream(AUTHORITY, "case:unheard-of") == []
    with engine.connect() as connection:
        head = log.head(connection, AUTHORITY)
        assert (head.position, head.hash) == (10, log.read(AUTHORITY)[-1].hash)
        assert log.head(connection, "BIR").position == 0


@pytest.mark.parametrize(("gone", "after"), [(1, 0), (5, 0), (5, 4)])
def test_nobody_reads_past_a_hole(engine: sa.Engine, gone: int, after: int) -> None:
    """Positions are dense, so that a missing one is damage and never an append in flight."""
    log = filled(engine)
    tamper(unguarded(engine), f"DELETE FROM events WHERE position = {gone}")
    with pytest.raises(Hole) as hole:
        log.read(AUTHORITY, after=after)
    assert (hole.value.expected, hole.value.found) == (gone, gone + 1)
    assert [r.position for r in log.read(AUTHORITY, after=gone)] == list(range(gone + 1, 11))


@pytest.fixture
def lifted(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A newer code, in which `case_closed` is at version 3."""

    def newer() -> None:
        monkeypatch.setitem(codec.UPCASTERS, ("case_closed", 1), lambda old: {"on": old["closed_on"]})  # type: ignore[arg-type]
        monkeypatch.setitem(codec.UPCASTERS, ("case_closed", 2), lambda old: {"closed_on": old["on"][:8] + "28"})  # type: ignore[arg-type]
        codec.schema_version.cache_clear()

    yield newer
    monkeypatch.undo()
    codec.schema_version.cache_clear()


def test_an_event_of_an_old_version_is_lifted_when_it_is_read(engine: sa.Engine, lifted: Callable[[], None]) -> None:
    log = Log(engine)
    log.append(an_append(CASE, ANY, closed(3)))
    lifted()
    log.append(an_append(CASE, ANY, closed(3)))
    old, new = log.stream(AUTHORITY, CASE)
    assert (old.schema_version, old.event, old.data) == (1, closed(28), {"closed_on": "2026-01-03"})
    assert (new.schema_version, new.event) == (3, closed(3))
    assert isinstance(verify(engine, AUTHORITY), Anchor)


@pytest.mark.parametrize("change", ["type = 'case_teleported'", "schema_version = 2"])
def test_an_event_that_this_code_does_not_know_stops_the_reader(engine: sa.Engine, change: str) -> None:
    """A newer process has written it: to skip it would be to lose it."""
    log = filled(engine, 1)
    tamper(unguarded(engine), f"UPDATE events SET {change}")
    [recorded] = log.read(AUTHORITY)
    with pytest.raises(codec.UnknownEvent):
        _ = recorded.event


# --- neighbours -----------------------------------------------------------------------------------------------------


def test_an_append_is_unavailable_while_another_holds_the_section(
    engine: sa.Engine, url: str, connecting: Connecting
) -> None:
    """And so is a batch, as a whole: trying each of its items would wait as often."""
    waits = 0

    def count(_context: Any) -> None:
        nonlocal waits
        waits += 1

    hasty = impatient(connecting(url))
    sa.event.listen(hasty, "handle_error", count)
    log = Log(hasty)
    with holding_the_lock(engine):
        with pytest.raises(Unavailable):
            log.append(an_append())
        waits = 0
        results = log.append_batch([an_append(), an_append("case:2"), an_append("case:3")])
        assert [type(result) for result in results] == [Unavailable] * 3
        assert waits == 1
        assert log.read(AUTHORITY) == []
    assert log.append(an_append()).position == 1


def test_a_neighbour_in_a_transaction_of_its_own_keeps_nobody_waiting(
    engine: sa.Engine, url: str, connecting: Connecting
) -> None:
    """An old open transaction stalls those stores whose readers wait for it."""
    hasty = impatient(connecting(url))
    log = Log(hasty)
    log.append(an_append())
    with engine.connect() as neighbour:
        neighbour.execute(sa.text("SELECT count(*) FROM events"))
        if engine.dialect.name == "postgresql":  # SQLite has one writer at a time
            neighbour.execute(sa.text("INSERT INTO cited VALUES ('v', 'policy', '{}')"))
        assert log.append(an_append()).position == 2
        assert [r.position for r in log.read(AUTHORITY)] == [1, 2]


def test_authorities_do_not_wait_for_one_another_on_postgresql(postgres_url: str, connecting: Connecting) -> None:
    engine = impatient(connecting(postgres_url))
    with holding_the_lock(engine, "BIR"):
        assert Log(engine).append(an_append()).position == 1


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE", "AUTOCOMMIT"])
def test_an_engine_of_another_isolation_level_keeps_the_order(
    postgres_url: str, level: Any, request: pytest.FixtureRequest
) -> None:
    """A snapshot taken before the lock shows an old tail; without a transaction the lock is gone at once."""
    engine = sa.create_engine(sa.make_url(postgres_url).set(drivername="postgresql+psycopg"), isolation_level=level)
    request.addfinalizer(engine.dispose)
    log = Log(engine)
    outcomes = at_once([lambda n=n: [log.append(an_append(f"case:{n}")) for _ in range(15)] for n in range(4)])
    assert [len(outcome) for outcome in outcomes if isinstance(outcome, list)] == [15] * 4, outcomes
    with pytest.raises(sa.exc.IntegrityError):
        log.append(an_append(writes=(a_row(received_on=None),)))
    assert positions(engine) == list(range(1, 61))
    assert isinstance(verify(engine, AUTHORITY), Anchor)


def test_a_database_of_another_isolation_level_keeps_the_order(postgres_url: str, connecting: Connecting) -> None:
    setting = connecting(postgres_url)
    tamper(setting, f"ALTER DATABASE {setting.url.database} SET default_transaction_isolation = 'serializable'")
    engine = connecting(postgres_url)
    log = Log(engine)
    outcomes = at_once([lambda n=n: [log.append(an_append(f"case:{n}")) for _ in range(15)] for n in range(4)])
    assert [len(outcome) for outcome in outcomes if isinstance(outcome, list)] == [15] * 4
    assert positions(engine) == list(range(1, 61))
