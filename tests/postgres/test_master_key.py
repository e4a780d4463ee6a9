"""The master key changes for every key at once or for none, and nothing that hangs on a retry or a look-up changes."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.cases import commands as do
from services.cases.handler import deciding, handle_receipt, kind_of, receipt
from shared import handling
from shared.clock import now
from shared.errors import WrongMasterKey
from shared.handling import Request
from shared.keyring import Keyring, deployment_keys
from shared.log import Key
from shared.personal_data import Reading, personal_keys, personal_look_ups
from shared.register import Register
from shared.rotation import rewrap, rotate
from shared.settings import Settings

COMPLAINT = do.ReceiveComplaint.model_validate(
    {
        "channel": "email",
        "service_area": "older_people",
        "concerns": [{"category": "communication", "detail": "Nobody rang."}],
        "complainant": {"name": "Zebedee Quux", "email": "zq@example.org"},
    }
)


@dataclass
class Deployment:
    """A home folder and a database; each opening of its register is a process of its own, as far as keys go."""

    settings: Settings

    def __post_init__(self) -> None:
        self.opened: list[Register] = []

    def open(self) -> Register:
        self.opened.append(Register.open(self.settings))
        return self.opened[-1]


@pytest.fixture
def deployment(tmp_path: Path, url: str) -> Iterator[Deployment]:
    address = {} if url.startswith("sqlite") else {"database_url": url}
    deployed = Deployment(Settings(home=tmp_path, **address))
    yield deployed
    for register in deployed.opened:
        register.close()


def receive(register: Register, key: str | None = None) -> Any:
    """A complaint comes in; where it was recorded."""
    sent = Key(key, register.fingerprint(b"the request")) if key else None
    return asyncio.run(handle_receipt(register, Request("COV", "key:1", key=sent), COMPLAINT)).appended


def read(register: Register, reference: str) -> Any:
    reading = Reading("COV", "key:1", "a test", now())
    return register.vault.open(reading, reference)["complainant"]


def looked_up(register: Register) -> int:
    reading = Reading("COV", "key:1", "a test", now())
    found, _ = register.vault.look_up(reading, {"email": "ZQ@example.org"}, sa.true(), 50)
    return len(found)


def wrapped(register: Register) -> list[Any]:
    with register.engine.connect() as connection:
        return list(connection.execute(sa.select(personal_keys).order_by(personal_keys.c.reference)))


def masters(register: Register) -> set[int]:
    with register.engine.connect() as connection:
        of_keys = set(connection.execute(sa.select(personal_keys.c.master)).scalars())
        return of_keys | set(connection.execute(sa.select(deployment_keys.c.master)).scalars())


ZEBEDEE = {"name": "Zebedee Quux", "email": "zq@example.org"}


def test_a_new_master_key_opens_everything_and_changes_no_fingerprint_and_no_token(deployment: Deployment) -> None:
    register = deployment.open()
    first = receive(register, "form")
    before = wrapped(register)
    rotated = rotate(register.engine, deployment.settings)
    assert (rotated.number, rotated.keys) == (2, len(before))
    after = deployment.open()
    assert masters(after) == {2}
    assert not {row.wrapped for row in before} & {row.wrapped for row in wrapped(after)}
    assert read(after, first.reference) == ZEBEDEE
    again = receive(after, "form")
    assert (again.replayed, again.reference, again.position) == (True, first.reference, first.position)
    second = receive(after)
    assert looked_up(after) == 2
    assert read(after, second.reference) == ZEBEDEE


def test_more_keys_than_a_page_holds_are_all_wrapped_anew(deployment: Deployment, monkeypatch: Any) -> None:
    monkeypatch.setattr("shared.rotation._PAGE", 3)
    register = deployment.open()
    references = [receive(register).reference for _ in range(4)]
    pages: list[int] = []
    assert rotate(register.engine, deployment.settings, pages.append).keys == sum(pages) == 8
    assert pages == [3, 3, 2]
    after = deployment.open()
    assert [read(after, reference) for reference in references] == [ZEBEDEE] * 4


def test_a_change_that_fails_half_way_changes_nothing(deployment: Deployment, monkeypatch: Any) -> None:
    monkeypatch.setattr("shared.rotation._PAGE", 1)
    register = deployment.open()
    reference = receive(register).reference
    before = wrapped(register)

    def fail(_: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        rotate(register.engine, deployment.settings, fail)
    assert wrapped(register) == before
    assert read(deployment.open(), reference) == ZEBEDEE
    assert rotate(register.engine, deployment.settings).number == 2
    assert read(deployment.open(), reference) == ZEBEDEE


KILLED = """
import os, signal
import shared.rotation
from shared.database import connect
from shared.settings import Settings
shared.rotation._PAGE = 1
settings = Settings()
{how}
shared.rotation.rotate(connect(settings.url), settings, {progress})
"""
HALF_WAY = KILLED.format(how="", progress="lambda _: os.kill(os.getpid(), signal.SIGKILL)")
AFTER_THE_COMMIT = KILLED.format(
    how="Settings.succeed = lambda *_: os.kill(os.getpid(), signal.SIGKILL)", progress="lambda _: None"
)


@pytest.mark.parametrize(("script", "standing"), [(HALF_WAY, {1}), (AFTER_THE_COMMIT, {2})], ids=["half way", "after"])
def test_a_change_that_is_killed_is_finished_by_another(
    deployment: Deployment, url: str, script: str, standing: set[int]
) -> None:
    register = deployment.open()
    reference = receive(register).reference
    environment = {**os.environ, "REDRESS_HOME": str(deployment.settings.home)}
    if not url.startswith("sqlite"):
        environment["REDRESS_DATABASE_URL"] = url
    killed = subprocess.run([sys.executable, "-c", script], env=environment, timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert masters(register) == standing
    assert rotate(register.engine, deployment.settings).number == 2
    after = deployment.open()
    assert masters(after) == {2}
    assert read(after, reference) == ZEBEDEE
    assert {path.name for path in deployment.settings.home.glob("master-key*")} == {"master-key", "master-key.1"}


def test_who_holds_the_earlier_master_key_is_refused_and_writes_nothing(deployment: Deployment) -> None:
    """Also a process that had asked for a key before, and would wrap the next by it."""
    stale = deployment.open()
    first = receive(stale)
    assert stale.keyring.standing() is None
    rotate(stale.engine, deployment.settings)
    before = wrapped(stale)
    assert "master key" in (stale.keyring.standing() or "")
    with pytest.raises(WrongMasterKey):
        receive(stale)
    with pytest.raises(WrongMasterKey):
        read(stale, first.reference)
    with pytest.raises(WrongMasterKey):
        rewrap(stale.engine, stale.keyring, os.urandom(32), lambda _: None)
    assert wrapped(stale) == before
    assert stale.log.stream("COV", "case:COV-2026-000002") == []


def test_what_comes_in_while_the_master_key_changes_waits_and_is_never_wrapped_by_the_earlier_one(
    deployment: Deployment,
) -> None:
    stale = deployment.open()
    receive(stale)
    with ThreadPoolExecutor() as pool:
        coming: list[Future[Any]] = []
        rotate(deployment.open().engine, deployment.settings, lambda _: coming.append(pool.submit(receive, stale)))
        (refused,) = coming
        assert isinstance(refused.exception(30), WrongMasterKey)
    after = deployment.open()
    assert masters(after) == {2}
    assert receive(after).reference.endswith("-000002")


def test_one_that_is_refused_takes_no_neighbour_with_it(deployment: Deployment) -> None:
    """In one batch with a command that needs no key, only what would be wrapped by the earlier one fails."""
    stale = deployment.open()
    first = receive(stale)
    rotate(stale.engine, deployment.settings)
    request = Request("COV", "key:1")
    refused = receipt(stale.vault, request, COMPLAINT, stale.clock() - timedelta(seconds=1))
    kind = kind_of("COV", "complaint")
    history = [r.event for r in stale.log.stream("COV", first.stream)]
    noted = handling.prepare(
        kind,
        request,
        first.reference,
        history,
        deciding("COV", do.RecordFlags(flags=("safe_contact",)), stale.today()),
    )
    results = stale.log.append_batch([refused.item, noted.item])
    assert isinstance(results[0], WrongMasterKey)
    assert getattr(results[1], "version", None) == len(history) + 1


def test_another_master_key_than_the_register_was_begun_with_is_refused(deployment: Deployment) -> None:
    receive(deployment.open())
    (deployment.settings.home / "master-key").unlink()
    with pytest.raises(WrongMasterKey):
        deployment.open().keyring.check()


def test_many_that_begin_a_register_at_once_have_one_secret(deployment: Deployment) -> None:
    registers = [deployment.open() for _ in range(6)]

    async def begin() -> list[bytes]:
        return list(await asyncio.gather(*(asyncio.to_thread(lambda r=r: r.keyring.fingerprints) for r in registers)))

    assert len(set(asyncio.run(begin()))) == 1


def test_the_tokens_of_the_index_stay_as_they_are(deployment: Deployment) -> None:
    def tokens(register: Register) -> list[str]:
        with register.engine.connect() as connection:
            return sorted(connection.execute(sa.select(personal_look_ups.c.token)).scalars())

    register = deployment.open()
    receive(register)
    before = tokens(register)
    rotate(register.engine, deployment.settings)
    after = deployment.open()
    assert tokens(after) == before != []
    receive(after)
    assert set(tokens(after)) == set(before)


def test_a_key_from_the_environment_goes_to_the_one_that_is_named(deployment: Deployment, monkeypatch: Any) -> None:
    old, new = ("A" * 43 + "=", "B" * 42 + "A=")
    monkeypatch.setenv("REDRESS_MASTER_KEY", old)
    home = {"home": deployment.settings.home, "database_url": deployment.settings.database_url}
    deployment.settings = Settings(**home)
    register = deployment.open()
    reference = receive(register).reference
    with pytest.raises(ValueError, match="REDRESS_NEW_MASTER_KEY"):
        rotate(register.engine, deployment.settings)
    monkeypatch.setenv("REDRESS_NEW_MASTER_KEY", "no key")
    with pytest.raises(ValueError, match="32 bytes"):
        rotate(register.engine, Settings(**home))
    monkeypatch.setenv("REDRESS_NEW_MASTER_KEY", new)
    assert rotate(register.engine, Settings(**home)).number == 2
    assert rotate(register.engine, Settings(**home)).keys == 0
    monkeypatch.setenv("REDRESS_MASTER_KEY", new)
    deployment.settings = Settings(**home)
    assert read(deployment.open(), reference) == ZEBEDEE
    assert not list(deployment.settings.home.glob("master-key*"))


def test_keyrings_are_told_apart(deployment: Deployment) -> None:
    register = deployment.open()
    register.keyring.check()
    assert Keyring(register.engine, os.urandom(32)).standing() is not None
