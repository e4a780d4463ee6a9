"""A backup taken while complaints come in holds each that was acknowledged before it began, and can be restored."""

import shutil
import stat
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

import migrations
from migrations.grants import ROLES
from services import backup
from shared.database import connect
from shared.log import Anchor, Log, verify
from tests.e2e.commands import REDRESS, Deployment, Server, created, found
from tests.http.conftest import COMPLAINT
from tests.postgres.apart import as_user
from tests.postgres.appends import AUTHORITY, an_append, eventually, filled, tamper
from tests.postgres.server import Server as Postgres
from tests.postgres.tampering import a_log

SCOPES = ("complaints:write", "cases:read", "personal:read", "reports:read")


@dataclass
class Intake:
    """Complaints that come in from several clients at once; `acknowledged` grows as they are answered."""

    server: Server
    key: str
    acknowledged: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def _client(self) -> None:
        with self.server.client(self.key) as client:
            while not self._over.is_set():
                self.acknowledged.append(created(client.post("/v1/complaints", json=COMPLAINT))["reference"])

    @contextmanager
    def going(self) -> Iterator["Intake"]:
        """While the block runs, and well before it begins."""
        clients = [threading.Thread(target=self._client) for _ in range(4)]
        for client in clients:
            client.start()
        try:
            eventually(lambda: len(self.acknowledged) > 40)
            yield self
            after = len(self.acknowledged)
            eventually(lambda: len(self.acknowledged) > after + 10)
        finally:
            self._over.set()
            for client in clients:
                client.join()


def assert_serves(restored: Deployment, before: list[str], key: str) -> None:
    """The restored register serves, holds what was acknowledged before, people included, and counts on."""
    with restored.serving() as server, server.client(key) as client:
        for reference in before:
            assert found(client.get(f"/v1/cases/{reference}"))["reference"] == reference
        people = found(client.get(f"/v1/cases/{before[-1]}/personal-data", params={"reason": "a test"}))
        assert people["complainant"] == COMPLAINT["complainant"]
        listed = numbered(client)
        assert listed >= len(before)
        taken = created(client.post("/v1/complaints", json=COMPLAINT))["reference"]
        assert int(taken.rpartition("-")[2]) == listed + 1


def numbered(client: httpx.Client) -> int:
    """The number of the newest case."""
    newest = max(item["reference"] for item in found(client.get("/v1/cases", params={"limit": 200}))["items"])
    return int(str(newest).rpartition("-")[2])


# --- SQLite ---------------------------------------------------------------------------------------------------------


def test_an_embedded_database_is_backed_up_while_it_is_served(empty: Deployment, tmp_path: Path) -> None:
    key = empty.key(*SCOPES)
    copy, heads = tmp_path / "backups" / "copy.db", tmp_path / "heads.txt"
    copy.parent.mkdir()
    with empty.serving() as server, Intake(server, key).going() as intake:
        before = list(intake.acknowledged)
        heads.write_text(empty.run("backup", copy).stdout)
        assert empty.run("verify", "--against", heads).stdout.startswith("COV whole to")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert [path.name for path in copy.parent.iterdir()] == ["copy.db"]

    home = tmp_path / "restored"
    home.mkdir()
    shutil.copy(copy, home / "redress.db")
    shutil.copy(empty.home / "master-key", home / "master-key")
    restored = Deployment(home)
    position = heads.read_text().split()[1]
    assert restored.run("verify", "--against", heads).stdout.startswith(f"COV whole to {position},")
    assert_serves(restored, before, key)
    assert restored.run("verify", "--against", heads).stdout.startswith("COV whole to")
    assert "never replaces another" in empty.run("backup", copy, status=1).stderr

    later = tmp_path / "later.txt"
    later.write_text(empty.run("head").stdout)
    assert "COV BROKEN" in restored.run("verify", "--against", later, status=1).stdout


def test_what_is_written_meanwhile_neither_gets_into_the_copy_nor_begins_it_anew(tmp_path: Path) -> None:
    """SQLite starts a copy again when another connection writes between two steps: under load it would never end."""
    database, target = tmp_path / "redress.db", tmp_path / "copy.db"
    engine = connect(f"sqlite:///{database}")
    migrations.upgrade(engine)
    log = Log(a_log(engine, 3000))
    steps = []

    def meanwhile(pages: int) -> None:
        steps.append(pages)
        assert len(steps) < 100
        log.append(an_append())

    backup.copy(database, target, meanwhile)
    engine.dispose()
    assert sum(steps) == backup.pages(target)
    assert len(steps) > 1
    assert {code: end.position for code, end in backup.heads(target).items()} == {AUTHORITY: 3000}
    copied = connect(f"sqlite:///{target}")
    assert isinstance(verify(copied, AUTHORITY), Anchor)
    assert Log(copied).append(an_append()).position == 3001
    with pytest.raises(sa.exc.IntegrityError, match="events never change"):
        tamper(copied, "DELETE FROM events")
    copied.dispose()


def test_a_backup_that_fails_leaves_nothing(tmp_path: Path) -> None:
    database = tmp_path / "redress.db"
    engine = connect(f"sqlite:///{database}")
    migrations.upgrade(engine)
    a_log(engine, 3000)
    engine.dispose()

    def interrupt(_pages: int) -> None:
        raise KeyboardInterrupt

    copies = tmp_path / "copies"
    copies.mkdir()
    with pytest.raises(KeyboardInterrupt):
        backup.copy(database, copies / "copy.db", interrupt)
    assert list(copies.iterdir()) == []
    with pytest.raises(backup.NoBackup, match="no database"):
        backup.copy(tmp_path / "another.db", copies / "copy.db")
    full = ["sh", "-c", 'ulimit -f 200 && exec "$@"', "sh", REDRESS, "backup", copies / "copy.db"]
    told = subprocess.run(full, env=Deployment(tmp_path).environment, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.startswith("redress: the copy failed")
    assert list(copies.iterdir()) == []


def test_a_backup_has_the_name_that_it_is_given(tmp_path: Path) -> None:
    """Whatever would mean something else in an address."""
    home = tmp_path / "100% done? #1"
    home.mkdir()
    database = home / "redress.db"
    engine = connect(f"sqlite:///{tmp_path / 'redress.db'}")
    migrations.upgrade(engine)
    filled(engine)
    engine.dispose()
    shutil.move(tmp_path / "redress.db", database)
    backup.copy(database, home / "copy?mode=ro.db")
    assert {path.name for path in home.iterdir()} == {"redress.db", "copy?mode=ro.db"}


# --- PostgreSQL -----------------------------------------------------------------------------------------------------


@pytest.fixture
def owned(postgres: Postgres, postgres_template: str, tmp_path: Path) -> Iterator[Deployment]:
    """A deployment whose database belongs to somebody who may do nothing else; and `restored`, empty and theirs too."""
    assert postgres_template  # whose migration made the services' roles
    postgres.execute("CREATE ROLE keeper LOGIN")
    for database in ("kept", "restored"):
        postgres.execute(f"CREATE DATABASE {database} OWNER keeper")
    deployment = Deployment(tmp_path / "home", as_user(postgres.url("kept"), "keeper"))
    assert deployment.run("migrate").stderr == ""
    yield deployment
    for database in ("kept", "restored"):
        postgres.execute(f"DROP DATABASE {database} WITH (FORCE)")
    postgres.execute("DROP ROLE keeper")


def test_postgresql_is_dumped_while_it_is_served_and_restored(
    owned: Deployment, postgres: Postgres, tmp_path: Path
) -> None:
    """The commands of docs/operations.md."""
    assert "pg_dump" in owned.run("backup", tmp_path / "copy.db", status=1).stderr
    key = owned.key(*SCOPES)
    dump, heads = tmp_path / "copy.dump", tmp_path / "heads.txt"
    address = owned.database_url or ""
    with owned.serving() as server, Intake(server, key).going() as intake:
        before = list(intake.acknowledged)
        heads.write_text(owned.run("head").stdout)
        subprocess.run([postgres.binaries / "pg_dump", "--format=custom", f"--file={dump}", address], check=True)

    url = as_user(postgres.url("restored"), "keeper")
    restoring = ["--exit-on-error", "--single-transaction", f"--dbname={url}", dump]
    subprocess.run([postgres.binaries / "pg_restore", *restoring], check=True)
    home = tmp_path / "restored"
    home.mkdir()
    shutil.copy(owned.home / "master-key", home / "master-key")
    restored = Deployment(home, url)
    assert restored.run("migrate").stderr == ""
    assert_restored_on_postgresql(restored, heads, before, key)

    for role in ROLES:
        postgres.execute(f"ALTER ROLE {role} LOGIN")
        engine = connect(as_user(url, role))
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            tamper(engine, "UPDATE events SET actor = actor")
        assert Log(engine).authorities() == [AUTHORITY]
        engine.dispose()


def assert_restored_on_postgresql(restored: Deployment, heads: Path, before: list[str], key: str) -> None:
    """The heads were kept before the dump began, so the dump reaches at least as far."""
    position = int(heads.read_text().split()[1])
    whole = restored.run("verify", "--against", heads).stdout.split()
    assert whole[:3] == ["COV", "whole", "to"]
    assert int(whole[3].rstrip(",")) >= position >= 2 * len(before)
    assert_serves(restored, before, key)
