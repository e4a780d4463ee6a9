"""Authorities on two PostgreSQL clusters: what is where, what a move takes along, and what stops when one is away."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.commands import Deployment, Server, created, found
from tests.http.conftest import COMPLAINT
from tests.postgres.appends import eventually
from tests.postgres.server import Server as Postgres
from tests.postgres.server import postgres_server

NAME = "Zebedee Quux"
SCOPES = (
    "complaints:write", "cases:read", "cases:write", "personal:read", "ombudsman:write", "reports:read",
)  # fmt: skip


@dataclass(frozen=True)
class Placed:
    """A deployment of two clusters, whose placement a test may change."""

    deployment: Deployment
    main: Postgres
    north: Postgres
    database: str

    def place(self, **authorities: str) -> None:
        lines = ["[clusters]", f'north = "{self.north.url("redress")}"', "[authorities]"]
        lines += [f'{code} = "{cluster}"' for code, cluster in authorities.items()]
        (self.deployment.home.parent / "placement.toml").write_text("\n".join(lines))

    def on(self, cluster: str) -> Deployment:
        """The same, for commands without an authority."""
        seen = self.deployment
        return Deployment(seen.home, seen.database_url, {**seen.more, "REDRESS_CLUSTER": cluster})

    def positions(self, server: Postgres, code: str) -> int:
        database = "redress" if server is self.north else self.database
        [(last,)] = server.execute(f"SELECT max(position) FROM events WHERE authority = '{code}'", database)
        return int(last or 0)


@pytest.fixture
def placed(postgres: Postgres, postgres_url: str, tmp_path: Path) -> Iterator[Placed]:
    (tmp_path / "authorities").mkdir()
    (tmp_path / "authorities" / "BIR.toml").write_text('name = "Birmingham City Council"\nregion = "West Midlands"\n')
    more = {
        "REDRESS_PLACEMENT": str(tmp_path / "placement.toml"),
        "REDRESS_AUTHORITIES": str(tmp_path / "authorities"),
    }
    with postgres_server() as north:
        north.execute("CREATE DATABASE redress")
        deployment = Deployment(tmp_path / "home", postgres_url, more)
        found = Placed(deployment, postgres, north, postgres_url.partition("@/")[2].partition("?")[0])
        found.place()
        assert deployment.run("migrate").stdout.startswith("The databases are at revision")
        yield found


def post(client: httpx.Client, number: int, **more: Any) -> httpx.Response:
    body = {**COMPLAINT, "complainant": {"name": NAME}, **more}
    return client.post("/v1/complaints", json=body, headers={"Idempotency-Key": f"once-{number}"})


def regional(server: Server, key: str, year: str) -> Any:
    with server.client(key) as client:
        return found(client.get(f"/v1/reports/regional/{year}"))


def year_of(day: str) -> str:
    year, month = map(int, day.split("-")[:2])
    begun = year if month > 3 else year - 1
    return f"{begun}-{(begun + 1) % 100:02}"


def area(client: httpx.Client) -> str:
    code: str = found(client.get("/v1/codes"))["lists"]["service_areas"][-1]["values"][0]["code"]
    return code


def test_a_move_takes_everything_along_and_the_regions_report_is_the_same(placed: Placed) -> None:
    deployment = placed.deployment
    keys = {code: deployment.key(*SCOPES, authority=code) for code in ("BIR", "COV")}
    region = ("--name", "x", "--scope", "reports:regional", "--region", "West Midlands")
    reader = deployment.run("keys", "create", *region).stdout.strip()
    with deployment.serving() as server, server.client(keys["BIR"]) as bir, server.client(keys["COV"]) as cov:
        service_area = area(bir)
        before = [created(post(bir, number, service_area=service_area)) for number in range(5)]
        for number in range(3):
            created(post(cov, number))
        today = before[0]["received_on"]
        enquiry = {"ombudsman_reference": "26 004 117", "received_on": today, "case": before[0]["reference"]}
        created(bir.post("/v1/ombudsman/enquiries", json=enquiry))
        case = f"/v1/cases/{before[0]['reference']}"
        eventually(lambda: found(bir.get(case))["with_ombudsman"])
        paths = ("/v1/cases", case, f"{case}/events", f"/v1/reports/annual/{year_of(today)}")
        as_it_was = [found(bir.get(path)) for path in paths]
        side_by_side = regional(server, reader, year_of(today))
        head = placed.positions(placed.main, "BIR")
    assert deployment.run("authorities", "list").stdout == "BIR main\nCOV main\n"

    told = deployment.run("authorities", "move", "BIR", "--to", "north").stdout
    assert f"BIR is whole on north to {head}," in told
    _what_the_source_keeps_takes_nothing_more(placed, keys["BIR"], head)

    placed.place(BIR="north")
    assert "already" in deployment.run("authorities", "move", "BIR", "--to", "north", status=1).stderr
    with deployment.serving() as server, server.client(keys["BIR"]) as bir, server.client(keys["COV"]) as cov:
        assert regional(server, reader, year_of(today)) == side_by_side
        assert [found(bir.get(path)) for path in paths] == as_it_was
        for number, answer in enumerate(before):
            again = post(bir, number, service_area=service_area)
            assert (created(again), again.headers["idempotent-replayed"]) == (answer, "true")
        assert created(post(bir, 5, service_area=service_area))["reference"].endswith("-000006")
        opened = bir.get(f"{case}/personal-data", params={"reason": "a test of a move"})
        assert (opened.status_code, NAME in opened.text) == (200, True)
        assert created(post(cov, 3))["reference"].endswith("-000004")
        assert (placed.positions(placed.main, "BIR"), placed.positions(placed.north, "COV")) == (head, 0)
        again = regional(server, reader, year_of(today))
        assert [council["position"] for council in again["authorities"]] == [head + 2, 8]
    assert deployment.run("authorities", "list").stdout == "COV main\nBIR north\n"
    assert f"BIR whole to {head + 2}," in placed.on("north").run("verify").stdout
    assert "COV whole to 8," in deployment.run("verify").stdout


def _what_the_source_keeps_takes_nothing_more(placed: Placed, key: str, head: int) -> None:
    """Whoever still goes by the old placement is refused, whatever key they come with; nothing personal is left."""
    left = placed.main.execute("SELECT count(*) FROM personal_data WHERE authority = 'BIR'", placed.database)
    assert left == [(0,)]
    fresh = placed.deployment.key("complaints:write", "cases:read", authority="BIR")
    with placed.deployment.serving("cases") as server:
        with server.client(key) as client:
            assert client.get("/v1/cases").status_code == 401
        with server.client(fresh) as client:
            refused = post(client, 9, service_area=area(client))
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "5"), refused.text
    assert placed.positions(placed.main, "BIR") == head


def test_a_cluster_that_is_away_stops_its_own_authorities_and_no_others(placed: Placed) -> None:
    placed.place(BIR="north")
    keys = {code: placed.deployment.key(*SCOPES, authority=code) for code in ("BIR", "COV")}
    assert "BIR" in placed.on("north").run("keys", "list").stdout
    with placed.deployment.serving() as server, server.client(keys["BIR"]) as bir, server.client(keys["COV"]) as cov:
        service_area = area(bir)
        created(post(bir, 0, service_area=service_area))
        created(post(cov, 0))
        placed.north.cut()
        assert post(bir, 1, service_area=service_area).status_code == 503
        created(post(cov, 1))
        ready = found(cov.get("/health/ready"))
        assert ready["clusters_not_ready"] == {"north": "the database is not to be had"}
        scraped = cov.get("/metrics").text
        assert 'redress_database_up{cluster="north"} 0.0' in scraped
        assert 'redress_database_up{cluster="main"} 1.0' in scraped
        placed.north.resume()
        eventually(lambda: post(bir, 1, service_area=service_area).status_code == 201)
        eventually(lambda: "clusters_not_ready" not in found(cov.get("/health/ready")))
        assert len(found(bir.get("/v1/cases"))["items"]) == 2


def test_a_key_of_another_cluster_opens_nothing(placed: Placed) -> None:
    """Whoever can write to one cluster's keys is nobody to the authorities of the other."""
    here = placed.deployment.key("cases:read", authority="BIR")
    placed.place(BIR="north")
    there = placed.deployment.key("cases:read", authority="BIR")
    with placed.deployment.serving("cases") as server:
        for key, status in ((here, 401), (there, 200)):
            with server.client(key) as client:
                assert client.get("/v1/cases").status_code == status


def test_what_the_target_has_already_is_not_overwritten(placed: Placed) -> None:
    placed.place(BIR="north")
    for name, place in (("north", {"BIR": "north"}), ("main", {})):
        placed.place(**place)
        key = placed.deployment.key(*SCOPES, authority="BIR")
        with placed.deployment.serving("cases") as server, server.client(key) as client:
            created(post(client, 0, service_area=area(client)))
        assert placed.positions(placed.north if name == "north" else placed.main, "BIR") == 2
    refused = placed.deployment.run("authorities", "move", "BIR", "--to", "north", status=1)
    assert "has something of BIR already" in refused.stderr
    assert "no log of COV" in placed.deployment.run("authorities", "move", "COV", "--to", "north", status=1).stderr
    with placed.deployment.serving("cases") as server, server.client(key) as client:
        created(post(client, 1, service_area=area(client)))  # it is open as it was
