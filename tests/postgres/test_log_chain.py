"""The record never changes: the database refuses, and what was changed in spite of it is found and located."""

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from shared.clock import stamp
from shared.database import connect
from shared.events import RepresentationReceived
from shared.log import Break, Log, Recorded, verify
from shared.log.chain import Anchor
from shared.log.record import chain_hash
from shared.log.tables import events
from tests.postgres.appends import AUTHORITY, CASE, Connecting, an_append, at, filled, positions, tamper, unguarded
from tests.postgres.server import Server
from tests.postgres.tampering import a_log, every_change


def head(engine: sa.Engine) -> Anchor:
    """The head, kept elsewhere: all that is needed to find out a change of any kind."""
    found = verify(engine, AUTHORITY)
    assert isinstance(found, Anchor)
    return found


def broken(engine: sa.Engine, **kept: Anchor) -> Break:
    found = verify(engine, AUTHORITY, **kept)
    assert isinstance(found, Break)
    return found


def row_at(engine: sa.Engine, position: int) -> dict[str, Any]:
    with engine.connect() as connection:
        return dict(connection.execute(sa.select(events).where(events.c.position == position)).one()._mapping)


# --- what the database refuses --------------------------------------------------------------------------------------

COLUMNS = ", ".join(column.name for column in events.c)
COPY = {column.name: column.name for column in events.c}


def inserting(how: str = "INSERT", **changed: str) -> str:
    """A copy of the row at position 5, with some columns changed."""
    return (
        f"{how} INTO events ({COLUMNS}) SELECT {', '.join({**COPY, **changed}.values())} FROM events WHERE position = 5"
    )


NEW = {"event_id": "'new'", "previous_hash": "'new'", "version": "version + 1000"}


REFUSED = [
    "UPDATE events SET payload = '{}' WHERE position = 5",
    "UPDATE events SET actor = actor",
    "DELETE FROM events WHERE position = 10",
    "DELETE FROM events",
    inserting(),
    inserting(**NEW),
    inserting(**NEW, position="11 + 1"),
    inserting(**NEW, position="0"),
    inserting(**NEW, position="-1"),
    inserting(position="11"),
    inserting(**{**NEW, "event_id": "event_id"}, position="11"),
    inserting(**{**NEW, "previous_hash": "previous_hash"}, position="11"),
    inserting(**{**NEW, "version": "version"}, position="11"),
    inserting(**NEW, position="2", authority="'BIR'"),
]


def test_the_database_refuses_whatever_is_not_the_next_event(engine: sa.Engine, subtests: pytest.Subtests) -> None:
    filled(engine)
    before = head(engine)
    for statement in REFUSED:
        with subtests.test(statement):
            with pytest.raises(sa.exc.IntegrityError):
                tamper(engine, statement)
            assert head(engine) == before
            assert positions(engine, "BIR") == []


def test_sqlite_refuses_to_replace_a_row(sqlite_url: str, connecting: Connecting, subtests: pytest.Subtests) -> None:
    """A replacement deletes the row in its way, and no trigger for deletion is asked."""
    engine = connecting(sqlite_url)
    filled(engine)
    before = head(engine)
    for statement in (
        inserting("INSERT OR REPLACE"),
        inserting("INSERT OR REPLACE", **NEW),
        inserting("INSERT OR REPLACE", position="11"),
        inserting("INSERT OR REPLACE", **{**NEW, "event_id": "event_id"}, position="11"),
        "UPDATE OR REPLACE events SET position = 4 WHERE position = 5",
        "REPLACE" + inserting().removeprefix("INSERT"),
    ):
        with subtests.test(statement):
            with pytest.raises(sa.exc.IntegrityError, match="events never change"):
                tamper(engine, statement)
            assert head(engine) == before


def test_sqlite_ignores_no_refusal(sqlite_url: str, connecting: Connecting) -> None:
    """`INSERT OR IGNORE` may pass over a row in silence; it must not write one."""
    engine = connecting(sqlite_url)
    filled(engine)
    before = head(engine)
    for changes in ({}, {**NEW, "position": "12"}):
        with pytest.raises(sa.exc.IntegrityError, match="events never change"):
            tamper(engine, inserting("INSERT OR IGNORE", **changes))
    assert head(engine) == before


def test_postgresql_refuses_to_empty_or_overwrite_the_table(
    postgres_url: str, connecting: Connecting, subtests: pytest.Subtests
) -> None:
    engine = connecting(postgres_url)
    filled(engine)
    before = head(engine)
    overwriting = inserting() + " ON CONFLICT (authority, position) DO UPDATE SET payload = '{}'"
    for statement in ("TRUNCATE events", "TRUNCATE events CASCADE", overwriting):
        with subtests.test(statement):
            with pytest.raises(sa.exc.IntegrityError):
                tamper(engine, statement)
            assert head(engine) == before


# --- what the chain shows -------------------------------------------------------------------------------------------


def test_every_change_of_a_log_is_found_where_it_was_made(engine: sa.Engine) -> None:
    """Every byte of every column, deletions, swaps, insertions and truncations; at some places."""
    masks = (1, 128) if engine.dialect.name == "sqlite" else (1,)
    places = (1, 6, 100)
    walks = every_change(a_log(engine, 100), positions=places, masks=masks)
    assert {name: (walk.undetected, walk.misplaced) for name, walk in walks.items()} == {
        name: ([], []) for name in ("bytes", "deletions", "swaps", "insertions", "truncations")
    }
    bytes_in_them = sum(len(str(value)) for place in places for value in row_at(engine, place).values() if value)
    assert walks["bytes"].tried > bytes_in_them
    assert [walks[name].tried for name in ("deletions", "swaps", "insertions", "truncations")] == [6, 3, 6, 3]


def test_an_event_given_to_an_authority_that_has_no_log_is_found_among_the_authorities(engine: sa.Engine) -> None:
    log = filled(engine)
    tamper(unguarded(engine), "UPDATE events SET authority = 'ABC' WHERE position = 10")
    assert log.authorities() == ["ABC", AUTHORITY]
    assert verify(engine, "ABC") == Break("ABC", 1, "missing: the next event is 10")


def test_a_database_file_with_damaged_pages_is_broken_and_not_an_accident(
    sqlite_url: str, connecting: Connecting
) -> None:
    """Whatever the damage, what verification calls whole is word for word what was written."""
    engine = connecting(sqlite_url)
    a_log(engine, 60)
    whole, written = head(engine), Log(engine).read(AUTHORITY)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    file = Path(str(engine.url.database))
    before = file.read_bytes()
    pages = [start for start in range(0, len(before), 4096) if b"case_closed" in before[start : start + 4096]]
    random, outcomes = Random(5), []
    for _ in range(100):
        at_ = random.choice(pages) + random.randrange(4096)
        file.write_bytes(before[:at_] + bytes([before[at_] ^ 1 << random.randrange(8)]) + before[at_ + 1 :])
        damaged = connect(sqlite_url)
        try:
            found = verify(damaged, AUTHORITY, against=whole)
            outcomes.append(type(found))
            if isinstance(found, Anchor):
                assert Log(damaged).read(AUTHORITY) == written
        except sa.exc.DBAPIError as error:
            outcomes.append(type(error))
        damaged.dispose()
    assert outcomes.count(Break) > 50


@pytest.mark.parametrize("microseconds", [1, -1])
def test_a_time_moved_by_a_microsecond_is_found(engine: sa.Engine, microseconds: int) -> None:
    log = filled(engine)
    moved = stamp(log.read(AUTHORITY)[4].recorded_at + timedelta(microseconds=microseconds))
    tamper(unguarded(engine), "UPDATE events SET recorded_at = :moved WHERE position = 5", moved=moved)
    assert broken(engine) == Break(AUTHORITY, 5, "was changed: its hash does not fit its content")


@pytest.mark.parametrize(
    ("statements", "position", "what"),
    [
        (["DELETE FROM events WHERE position = 5"], 5, "missing"),
        (["DELETE FROM events WHERE position = 1"], 1, "missing"),
        (["DELETE FROM events WHERE position BETWEEN 3 AND 6"], 3, "missing"),
        (
            ["DELETE FROM events WHERE position = 5", "UPDATE events SET position = position - 1 WHERE position > 5"],
            5,
            "does not follow",
        ),
        (
            [
                "UPDATE events SET position = 0 WHERE position = 4",
                "UPDATE events SET position = 4 WHERE position = 5",
                "UPDATE events SET position = 5 WHERE position = 0",
            ],
            4,
            "does not follow",
        ),
        (
            ["UPDATE events SET position = position + 1000", "UPDATE events SET position = 1011 - position"],
            1,
            "does not",
        ),
    ],
    ids=["middle", "first", "several", "closed up", "swapped", "reversed"],
)
def test_what_was_deleted_or_moved_is_found(engine: sa.Engine, statements: list[str], position: int, what: str) -> None:
    filled(engine)
    tamper(unguarded(engine), *statements)
    found = broken(engine)
    assert found.position == position
    assert what in found.what


def test_a_row_forged_with_a_hash_of_its_own_breaks_the_next(engine: sa.Engine) -> None:
    filled(engine)
    forged = {**row_at(engine, 5), "actor": "someone else"}
    forged["hash"] = chain_hash(tuple(forged.values())[:-1])
    unguarded(engine)
    tamper(engine, "DELETE FROM events WHERE position = 5")
    tamper(engine, f"INSERT INTO events VALUES ({', '.join(f':{name}' for name in forged)})", **forged)
    assert broken(engine) == Break(AUTHORITY, 6, "does not follow the event before it")


def forge_from(engine: sa.Engine, position: int) -> None:
    """Rewrite an event and every hash after it, as one can who has the database and the code."""
    rows = [row_at(engine, at_) for at_ in range(position, 11)]
    rows[0]["actor"] = "someone else"
    for before, row in zip([None, *rows], rows, strict=False):
        row["previous_hash"] = before["hash"] if before else row["previous_hash"]
        row["hash"] = chain_hash(tuple(row.values())[:-1])
    unguarded(engine)
    tamper(engine, f"DELETE FROM events WHERE position >= {position}")
    for row in rows:
        tamper(engine, f"INSERT INTO events VALUES ({', '.join(f':{name}' for name in row)})", **row)


def test_a_log_rewritten_with_all_its_hashes_differs_from_a_kept_head(engine: sa.Engine) -> None:
    """The chain alone cannot show this; that is what heads are kept elsewhere for."""
    filled(engine)
    kept = head(engine)
    forge_from(engine, 5)
    assert isinstance(verify(engine, AUTHORITY), Anchor)
    assert broken(engine, against=kept) == Break(AUTHORITY, 10, "is not the head that was kept")


@pytest.mark.parametrize("left", [9, 3, 0])
def test_a_tail_cut_off_is_found_against_a_kept_head(engine: sa.Engine, left: int) -> None:
    filled(engine)
    kept = head(engine)
    tamper(unguarded(engine), f"DELETE FROM events WHERE position > {left}")
    assert isinstance(verify(engine, AUTHORITY), Anchor)
    found = broken(engine, against=kept)
    assert found.position == left + 1
    assert "cut off" in found.what


def test_verification_goes_on_from_a_kept_head(engine: sa.Engine) -> None:
    log = filled(engine, 5)
    kept = head(engine)
    for _ in range(5):
        log.append(an_append())
    checked: list[int] = []
    assert verify(engine, AUTHORITY, since=kept, progress=checked.append) == head(engine)
    assert sum(checked) == 5
    assert verify(engine, AUTHORITY, since=head(engine)) == head(engine)
    assert broken(engine, since=Anchor(5, "another hash")).position == 5


def test_a_kept_head_is_compared_wherever_verification_starts(engine: sa.Engine) -> None:
    """A head that was kept may be the very one to start from, or an older one."""
    filled(engine)
    kept = head(engine)
    for position in (10, 4, 0):
        assert broken(engine, since=kept, against=Anchor(position, "another hash")).position == position
    assert verify(engine, AUTHORITY, since=kept, against=kept) == kept
    tamper(unguarded(engine), "DELETE FROM events WHERE position = 10")
    assert broken(engine, since=kept).position == 10


def test_the_log_of_another_authority_cannot_be_passed_off(engine: sa.Engine) -> None:
    """Each log begins with its own authority's name."""
    log = filled(engine)
    log.append(an_append(authority="BIR"))
    unguarded(engine)
    tamper(engine, "DELETE FROM events WHERE authority = 'BIR'", "UPDATE events SET authority = 'BIR'")
    found = verify(engine, "BIR")
    assert isinstance(found, Break)
    assert found.position == 1


def test_an_empty_log_is_whole(engine: sa.Engine) -> None:
    assert verify(engine, "BIR") == verify(engine, "BIR", since=verify(engine, "BIR"))  # type: ignore[arg-type]


# --- what survives a move -------------------------------------------------------------------------------------------

LONDON = ZoneInfo("Europe/London")
INSTANTS = [
    datetime(2026, 3, 29, 0, 59, 59, 999_999, UTC),
    datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
    datetime(2026, 10, 25, 1, 30, tzinfo=LONDON, fold=0),
    datetime(2026, 10, 25, 1, 30, 0, 1, tzinfo=LONDON, fold=1),
    datetime(2026, 12, 31, 23, 59, 59, 999_999, UTC),
]
AWKWARD = 'ünï "çødé" \\ \n \u2028 \U0001f600 \x00 1e2 1.0'


def recorded_at_awkward_times(engine: sa.Engine) -> list[Recorded]:
    times = iter(INSTANTS)
    log = Log(engine, clock=lambda: next(times))
    for instant in INSTANTS:
        received = RepresentationReceived(
            kind="complaint",
            received_at=instant,
            received_on=instant.astimezone(LONDON).date(),
            channel=AWKWARD,
            service_area="",
            codes="",
        )
        log.append(an_append(CASE, "any", received, correlation="", causation=None))
    return log.read(AUTHORITY)


def test_instants_and_text_come_back_to_the_microsecond_and_the_letter(engine: sa.Engine) -> None:
    """Nanoseconds hashed and not stored, a fold lost in a local time, a JSON column that rewrites its numbers."""
    found = recorded_at_awkward_times(engine)
    assert [r.recorded_at for r in found] == [instant.astimezone(UTC) for instant in INSTANTS]
    assert [r.event.received_at for r in found if isinstance(r.event, RepresentationReceived)] == [
        instant.astimezone(UTC) for instant in INSTANTS
    ]
    assert {r.event.channel for r in found if isinstance(r.event, RepresentationReceived)} == {AWKWARD}
    assert [r.occurred for r in found] == [stamp(instant) for instant in INSTANTS]
    assert {(r.correlation, r.causation) for r in found} == {("", None)}
    assert isinstance(verify(engine, AUTHORITY), Anchor)


def test_a_log_moves_from_sqlite_to_postgresql_and_back_with_its_hashes(
    sqlite_url: str, postgres_url: str, connecting: Connecting
) -> None:
    small, large = connecting(sqlite_url), connecting(postgres_url)
    recorded = recorded_at_awkward_times(small)
    copy(small, large)
    assert Log(large).read(AUTHORITY) == recorded
    assert head(large) == head(small)
    tamper(unguarded(small), "DELETE FROM events")
    copy(large, small)
    assert head(small) == head(large)
    assert Log(large).append(an_append(CASE, 5)).position == 6


def copy(source: sa.Engine, target: sa.Engine) -> None:
    with source.connect() as reading, target.begin() as writing:
        rows = reading.execute(sa.select(events).order_by(events.c.position))
        writing.execute(events.insert(), [dict(row._mapping) for row in rows])


def test_a_restored_dump_is_whole_and_still_guarded(
    postgres: Server, postgres_url: str, connecting: Connecting
) -> None:
    recorded = recorded_at_awkward_times(connecting(postgres_url))
    postgres.execute("CREATE DATABASE restored")
    try:
        quiet = {**os.environ, "PGOPTIONS": "-c client_min_messages=warning"}
        dump = subprocess.run([postgres.binaries / "pg_dump", postgres_url], check=True, capture_output=True)
        psql = [postgres.binaries / "psql", "-v", "ON_ERROR_STOP=1", "-q", postgres.url("restored")]
        subprocess.run(psql, input=dump.stdout, check=True, capture_output=True, env=quiet)
        restored = connecting(postgres.url("restored"))
        assert Log(restored).read(AUTHORITY) == recorded
        assert head(restored) == head(connecting(postgres_url))
        with pytest.raises(sa.exc.IntegrityError):
            tamper(restored, "UPDATE events SET actor = 'someone else'")
    finally:
        postgres.execute("DROP DATABASE restored WITH (FORCE)")


def test_an_instant_of_another_zone_is_kept_in_utc(engine: sa.Engine) -> None:
    log = Log(engine, clock=lambda: at(12).astimezone(LONDON))
    assert log.append(an_append(known_at=at(11).astimezone(ZoneInfo("Asia/Tokyo")))).recorded_at == at(12)
    assert row_at(engine, 1)["known_at"] == "2026-01-01T11:00:00.000000Z"
