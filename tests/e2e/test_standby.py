"""PostgreSQL on more than one machine: reports from a hot standby, and a primary that is lost with nothing else."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.commands import PATIENCE_SECONDS, Deployment, Server, created, found
from tests.http.conftest import COMPLAINT
from tests.postgres.appends import eventually
from tests.postgres.server import Server as Postgres
from tests.postgres.server import postgres_server, standby_of

CLIENTS = 8


@dataclass(frozen=True)
class Pair:
    """A primary with the register's database, and a hot standby that follows it."""

    primary: Postgres
    standby: Postgres
    home: Path
    master_key: str

    def on(self, *servers: Postgres, **more: str) -> Deployment:
        """The deployment whose database is the one of these servers that takes writes, or the only one."""
        hosts = "&".join(f"host={server.socket}" for server in servers)
        wanted = "&target_session_attrs=read-write" if len(servers) > 1 else ""
        settings = {"REDRESS_MASTER_KEY": self.master_key, "REDRESS_RATE_LIMIT": "1000000/minute", **more}
        return Deployment(self.home, f"postgresql://postgres@/redress?{hosts}{wanted}", settings)

    def synchronous(self) -> None:
        """From here on, a commit is not answered before the standby has it."""
        self.primary.execute("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
        self.primary.execute("SELECT pg_reload_conf()")
        eventually(lambda: self.primary.execute("SELECT sync_state FROM pg_stat_replication") == [("sync",)])


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    with postgres_server() as primary:
        primary.execute("CREATE DATABASE redress")
        home = tmp_path / "home"
        Deployment(home, primary.url("redress")).run("migrate")
        with standby_of(primary) as standby:
            yield Pair(primary, standby, home, (home / "master-key").read_text("utf-8").strip())


# --- reports from a hot standby ---------------------------------------------------------------------------------------


def test_reports_of_a_standby_are_those_of_the_primary_and_nothing_is_written_there(pair: Pair) -> None:
    primary, standby = pair.on(pair.primary), pair.on(pair.standby, REDRESS_STANDBY="true")
    key = primary.key("complaints:write", "cases:read", "reports:read", "reports:write")
    with (
        primary.serving() as writing,
        standby.serving("reporting") as reading,
        writing.client(key) as at_primary,
        reading.client(key) as at_standby,
    ):
        for _ in range(5):
            created(at_primary.post("/v1/complaints", json=COMPLAINT))
        year = _year(at_primary)
        of_primary = found(at_primary.get(f"/v1/reports/annual/{year}"))
        head = of_primary["position"]
        assert head == 10
        assert found(at_standby.get(f"/v1/reports/annual/{year}", params={"at_least": head})) == of_primary
        for report in ("annual", "statutory"):
            for as_what in ("json", "csv"):
                asked = {"format": as_what, "at_least": head}
                told = [c.get(f"/v1/reports/{report}/{year}", params=asked).text for c in (at_primary, at_standby)]
                assert told[0] == told[1]
        ready = found(at_standby.get("/health/ready"))
        assert (ready["standby"], ready["events_behind"]) == (True, {"reporting": {"COV": 0}})
        _refused(at_standby)
        assert "ReadOnlySqlTransaction" not in reading.said
        _that_it_has_not(pair, at_primary, at_standby, year, head)


def _year(client: httpx.Client) -> str:
    first, *_ = found(client.get("/v1/cases"))["items"]
    year, month = map(int, first["received_on"].split("-")[:2])
    begun = year if month > 3 else year - 1
    return f"{begun}-{(begun + 1) % 100:02}"


def _refused(at_standby: httpx.Client) -> None:
    figure = {"name": "adults", "subject": "COV", "year": "2023-24", "value": 1, "unit": "people", "source": "a test"}
    answer = at_standby.put("/v1/reference-figures", json=figure)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5"), answer.text
    assert (
        answer.json()["detail"]
        == "nothing is written here: the database is a standby, or the authority has moved; ask again."
    )


def _that_it_has_not(pair: Pair, at_primary: httpx.Client, at_standby: httpx.Client, year: str, head: int) -> None:
    """What has not come to the standby is waited for, and then refused; what it has is served meanwhile."""
    pair.standby.execute("SELECT pg_wal_replay_pause()")
    paused = "SELECT pg_get_wal_replay_pause_state()"
    eventually(lambda: pair.standby.execute(paused) == [("paused",)])
    created(at_primary.post("/v1/complaints", json=COMPLAINT))
    late = at_standby.get(f"/v1/reports/annual/{year}", params={"at_least": head + 2})
    assert (late.status_code, int(late.headers["retry-after"]) > 0) == (503, True)
    assert f"position {head} of the log, and {head + 2} is asked for" in late.json()["detail"]
    assert found(at_standby.get(f"/v1/reports/annual/{year}"))["position"] == head
    pair.standby.execute("SELECT pg_wal_replay_resume()")
    there = found(at_standby.get(f"/v1/reports/annual/{year}", params={"at_least": head + 2}))
    assert there == found(at_primary.get(f"/v1/reports/annual/{year}"))


def test_only_reporting_is_served_of_a_standby(pair: Pair) -> None:
    standby = pair.on(pair.standby, REDRESS_STANDBY="true")
    for services in ((), ("cases",), ("cases", "reporting")):
        assert "a standby takes no writes" in standby.run("serve", *services, status=1).stderr


# --- the primary is lost ----------------------------------------------------------------------------------------------


@dataclass
class Posting:
    """Complaints under idempotency keys, each sent until it is answered; the first answer to each."""

    client: httpx.AsyncClient
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: int = 0
    enough: int = 10**9
    on_enough: Any = None
    over: bool = False

    async def one(self, number: int) -> None:
        count = 0
        while not self.over:
            key = f"{number}-{count}"
            self.answers[key] = await self.answered(key)
            if len(self.answers) == self.enough:
                await asyncio.to_thread(self.on_enough)
            count += 1

    async def answered(self, key: str) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            answer = await self.client.post("/v1/complaints", json=COMPLAINT, headers={"Idempotency-Key": key})
            if answer.status_code == 201:
                body: dict[str, Any] = answer.json()
                return body
            assert answer.status_code == 503, answer.text
            assert int(answer.headers["retry-after"]) > 0
            assert time.monotonic() < deadline, answer.text
            self.refused += 1


async def _lose_the_primary(pair: Pair, server: Server, key: str) -> Posting:
    """Clients post on and on; in the midst of it the primary is gone, and a while later the standby takes its place."""
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=PATIENCE_SECONDS) as client:
        posting = Posting(client, enough=100)

        def lost() -> None:
            pair.primary.cut()
            eventually(lambda: posting.refused > 0)
            pair.standby.promote()
            before = len(posting.answers)
            eventually(lambda: len(posting.answers) > before + 100)
            posting.over = True

        posting.on_enough = lost
        await asyncio.gather(*(posting.one(number) for number in range(CLIENTS)))
    return posting


def test_no_acknowledged_event_is_lost_with_the_primary_and_the_services_go_on(pair: Pair) -> None:
    pair.synchronous()
    deployment = pair.on(pair.primary, pair.standby)
    key = deployment.key("complaints:write", "cases:read", "reports:read")
    with deployment.serving() as server, server.client(key) as client:
        posting = asyncio.run(_lose_the_primary(pair, server, key))
        assert pair.standby.execute("SELECT pg_is_in_recovery()") == [(False,)]
        for name, answer in posting.answers.items():
            again = client.post("/v1/complaints", json=COMPLAINT, headers={"Idempotency-Key": name})
            assert (created(again), again.headers["idempotent-replayed"]) == (answer, "true")
        references = {answer["reference"] for answer in posting.answers.values()}
        assert len(references) == len(posting.answers) > 200
        report = found(client.get(f"/v1/reports/annual/{_year(client)}"))
        assert report["position"] == 2 * len(references)
        eventually(lambda: client.get("/health/ready").status_code == 200)
    assert f"COV whole to {2 * len(references)}," in deployment.run("verify").stdout


def test_without_its_synchronous_standby_nothing_is_acknowledged_until_it_is_back(pair: Pair) -> None:
    """Not even if the connection is lost on which the commit waits, so that what became of it has to be looked up."""
    pair.synchronous()
    deployment = pair.on(pair.primary)
    key = deployment.key("complaints:write", "cases:read")
    appending = (
        "SELECT pid FROM pg_stat_activity JOIN pg_locks USING (pid) "
        "WHERE wait_event = 'SyncRep' AND locktype = 'advisory'"
    )
    with deployment.serving("cases") as server, server.client(key) as client, ThreadPoolExecutor() as beside:
        created(client.post("/v1/complaints", json=COMPLAINT))
        pair.standby.cut()
        posted = beside.submit(client.post, "/v1/complaints", json=COMPLAINT)
        [(first,)] = eventually(lambda: pair.primary.execute(appending))
        pair.primary.execute(f"SELECT pg_terminate_backend({first})")
        eventually(lambda: posted.done() or pair.primary.execute(appending) not in ([], [(first,)]))
        assert not posted.done()
        pair.standby.resume()
        assert created(posted.result())["reference"].endswith("-000002")
    assert "COV whole to 4," in deployment.run("verify").stdout
