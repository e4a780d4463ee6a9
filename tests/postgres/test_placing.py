"""Moving an authority from one database to another: every table, whole or not at all, also if it is cut short."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services import placing, together
from services.cases import handler
from services.cases.commands import ReceiveComplaint
from services.cases.erasing import erase_again
from services.cases.kept_erasures import Kept
from services.placing import CannotMove, move, tables
from services.reporting.tables import CHECKPOINTS, TABLES
from shared.database import metadata, writer
from shared.errors import NotAllowed, Unavailable
from shared.handling import Request
from shared.log import Key
from shared.personal_data import personal_data
from shared.placement import Placement
from shared.register import Register
from shared.settings import Settings
from tests.http.conftest import COMPLAINT
from tests.postgres.appends import AUTHORITY, an_append

OTHER = "BIR"


@pytest.fixture
def both(sqlite_url: str, postgres_url: str, tmp_path: Path) -> Iterator[tuple[Register, Register]]:
    """A register that outgrew its file, and the PostgreSQL that it goes to."""
    main = Settings(home=tmp_path, database_url=sqlite_url)  # type: ignore[arg-type]
    north = Settings(home=tmp_path, database_url=postgres_url)  # type: ignore[arg-type]
    source, target = Register.open(main), Register.open(north)
    target.keyring.found_like(source.keyring)
    source.log.append_batch(
        [an_append("case:COV-2025-000001", key=Key(f"once-{number}", "a fingerprint")) for number in range(1500)]
    )
    source.log.append(an_append(authority=OTHER))
    yield source, target
    source.close()
    target.close()


@pytest.fixture
def resident(both: tuple[Register, Register]) -> str:
    """The reference of a complaint whose complainant is known."""
    command = ReceiveComplaint.model_validate(COMPLAINT)
    received = asyncio.run(handler.handle_receipt(both[0], Request(AUTHORITY, "key:test"), command))
    return received.appended.reference


def personal(register: Register) -> list[Any]:
    with register.engine.connect() as connection:
        return list(connection.execute(sa.select(personal_data.c.reference, personal_data.c.party)))


def head(register: Register, code: str = AUTHORITY) -> Any:
    with register.engine.connect() as connection:
        return register.log.head(connection, code)


def test_no_table_with_rows_of_an_authority_is_forgotten(engine: sa.Engine) -> None:
    assert together.SERVICES
    counted_anew = {CHECKPOINTS.name, *(table.name for table in TABLES.values())}
    theirs = {table.name for table in metadata.sorted_tables if "authority" in table.c}
    with engine.connect() as connection:
        assert {table.name for table in tables(connection)} == theirs - counted_anew
    assert {"events", "idempotency_keys", "case_list", "personal_keys", "enquiry_list", "followers"} <= theirs


def test_a_move_is_whole_and_the_source_takes_nothing_more(both: tuple[Register, Register]) -> None:
    source, target = both
    before = head(source)
    moved = move(source, target, AUTHORITY)
    assert head(target) == before
    assert (moved.head.position, moved.head.hash) == (before.position, before.hash)
    again = target.log.append(an_append(key=Key("once-7", "a fingerprint")))
    assert again.replayed
    with pytest.raises(Unavailable, match="has moved"):
        source.log.append(an_append())
    source.log.append(an_append(authority=OTHER))
    assert head(target, OTHER).position == 0
    assert target.log.append(an_append()).position == before.position + 1


def cut(*_: Any, **__: Any) -> None:
    raise ConnectionResetError


def test_a_move_that_is_cut_short_leaves_the_source_open_and_is_finished_the_next_time(
    both: tuple[Register, Register], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = both
    for step in ("_copy", "_close"):
        with monkeypatch.context() as patched:
            patched.setattr(placing, step, cut)
            with pytest.raises(ConnectionResetError):
                move(source, target, AUTHORITY)
    assert head(target) == head(source)
    assert move(source, target, AUTHORITY).rows >= 1500
    assert target.log.append(an_append(key=Key("once-7", "a fingerprint"))).replayed
    with pytest.raises(Unavailable, match="has moved"):
        source.log.append(an_append())


def test_an_authority_does_not_go_back_to_where_it_was_and_nothing_of_it_is_lost(
    both: tuple[Register, Register], resident: str
) -> None:
    source, target = both
    key = source.access.create(AUTHORITY, "test", ("cases:read",), None)
    move(source, target, AUTHORITY)
    held = personal(target)
    for leaving, arriving in ((target, source), (source, target)):
        with pytest.raises(CannotMove, match=f"{AUTHORITY} has moved away from main"):
            move(leaving, arriving, AUTHORITY)
    assert personal(target) == held != []
    assert target.access.authenticate(key).authority == AUTHORITY
    target.log.append(an_append())


def test_a_key_that_was_revoked_after_a_move_was_cut_short_does_not_open_the_target(
    both: tuple[Register, Register], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = both
    early = source.access.create(AUTHORITY, "test", ("cases:read",), None)
    with monkeypatch.context() as patched:
        patched.setattr(placing, "_close", cut)
        with pytest.raises(ConnectionResetError):
            move(source, target, AUTHORITY)
    source.access.revoke(early.split("_")[1])
    late = source.access.create(AUTHORITY, "test", ("cases:read",), None)
    move(source, target, AUTHORITY)
    assert target.access.authenticate(late).authority == AUTHORITY
    with pytest.raises(NotAllowed):
        target.access.authenticate(early)


def test_a_kept_list_of_erasures_passes_over_authorities_that_have_moved_away(
    both: tuple[Register, Register], resident: str
) -> None:
    source, target = both
    move(source, target, AUTHORITY)
    placed = Placement(clusters={"north": "sqlite:///north.db"}, authorities={AUTHORITY: "north"})
    left, arrived = replace(source, placement=placed), replace(target, placement=placed, cluster="north")
    list_ = [Kept(AUTHORITY, resident, "complainant", source.clock(), "request")]
    assert [erase_again(own, list_) for own in (left, arrived, arrived)] == [0, 1, 0]
    assert ("complainant" in {party for _, party in personal(arrived)}) is False


def test_what_goes_on_at_the_source_after_a_move_was_cut_short_is_not_lost(
    both: tuple[Register, Register], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = both
    with monkeypatch.context() as patched:
        patched.setattr(placing, "_close", cut)
        with pytest.raises(ConnectionResetError):
            move(source, target, AUTHORITY)
    source.log.append(an_append())
    with pytest.raises(CannotMove, match="not what was to come"):
        move(source, target, AUTHORITY)
    source.log.append(an_append())  # it is open as it was


def test_clusters_of_different_secrets_exchange_nothing(
    both: tuple[Register, Register], postgres_url: str, tmp_path: Path
) -> None:
    source, target = both
    with writer(target.engine).begin() as connection:
        connection.execute(sa.text("DELETE FROM deployment_keys"))
    apart = Register.open(Settings(home=tmp_path, database_url=postgres_url))  # type: ignore[arg-type]
    try:
        with pytest.raises(CannotMove, match="different keys"):
            move(source, apart, AUTHORITY)
    finally:
        apart.close()
    assert head(target).position == 0


def test_a_broken_log_goes_nowhere(both: tuple[Register, Register]) -> None:
    source, target = both
    with writer(source.engine).begin() as connection:
        connection.execute(sa.text("DROP TRIGGER events_no_update"))
        connection.execute(sa.text("UPDATE events SET actor = 'x' WHERE position = 700"))
    with pytest.raises(CannotMove, match="is broken at"):
        move(source, target, AUTHORITY)
    assert head(target).position == 0
