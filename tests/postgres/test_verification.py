"""What `redress verify` says of all logs, what it remembers, and what becomes of it when that is tampered with."""

import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import orjson
import pytest

from benchmarks.verifying import grow
from services.verification import verify_all
from shared.log import verify
from shared.register import Register
from shared.settings import Settings
from tests.postgres.appends import AUTHORITY, Connecting, an_append, filled, tamper, unguarded


@dataclass
class Verifying:
    """A register with ten events, and the folder where verification remembers what was whole."""

    register: Register
    home: Path

    @property
    def kept(self) -> Path:
        return self.home / "verified.json"

    def run(self, *, since_last: bool = False, against: Path | None = None) -> list[str]:
        """The lines of one verification, shortened, and how many events it read."""
        read: list[int] = []
        found = verify_all(self.register, self.home, since_last=since_last, against=against, progress=read.append)
        return [*(line.partition(",")[0] for line, _ in found), f"{sum(read)} read"]

    def heads(self) -> Path:
        """A file as `redress head` writes it."""
        file = self.home / "heads.txt"
        with self.register.engine.connect() as connection:
            ends = [(code, self.register.log.head(connection, code)) for code in self.register.log.authorities()]
        file.write_text("".join(f"{code} {end.position} {end.hash} {end.recorded_at}\n" for code, end in ends))
        return file


@pytest.fixture
def verifying(url: str, tmp_path: Path) -> Iterator[Verifying]:
    register = Register.open(Settings(home=tmp_path / "home", database_url=url))  # type: ignore[arg-type]
    filled(register.engine)
    yield Verifying(register, tmp_path / "home")
    register.close()


def test_it_goes_on_from_where_it_ended(verifying: Verifying) -> None:
    assert verifying.run(since_last=True) == ["COV whole to 10", "10 read"]
    verifying.register.log.append(an_append())
    assert verifying.run(since_last=True) == ["COV whole to 11", "1 read"]
    assert verifying.run(since_last=True) == ["COV whole to 11", "0 read"]
    assert verifying.run() == ["COV whole to 11", "11 read"]


def test_a_log_shorter_than_it_was_is_cut_off(verifying: Verifying) -> None:
    """What is remembered is newer than the log: a tail was cut off, or an older backup restored."""
    verifying.run()
    tamper(unguarded(verifying.register.engine), "DELETE FROM events WHERE position > 7")
    broken = "COV BROKEN at 8: cut off: the head that was kept is 10"
    assert verifying.run(since_last=True) == [broken, "0 read"]
    assert verifying.run(since_last=True) == [broken, "0 read"]
    assert verifying.run() == ["COV whole to 7", "7 read"]
    assert verifying.run(since_last=True) == ["COV whole to 7", "0 read"]


def test_a_log_that_is_gone_is_cut_off(verifying: Verifying) -> None:
    verifying.register.log.append(an_append(authority="BIR"))
    verifying.run()
    heads = verifying.heads()
    tamper(unguarded(verifying.register.engine), "DELETE FROM events WHERE authority = 'BIR'")
    broken = "BIR BROKEN at 1: cut off: the head that was kept is 1"
    assert verifying.run(since_last=True)[0] == broken
    assert verifying.run(against=heads)[0] == broken


def test_a_rewritten_place_to_go_on_from_is_found(verifying: Verifying) -> None:
    verifying.run()
    verifying.register.log.append(an_append())
    engine = unguarded(verifying.register.engine)
    tamper(engine, "UPDATE events SET hash = 'another' WHERE position = 10")
    assert verifying.run(since_last=True)[0] == "COV BROKEN at 10: is not the head that was kept"
    tamper(engine, "DELETE FROM events WHERE position = 10")
    assert verifying.run(since_last=True)[0] == "COV BROKEN at 10: is not the head that was kept"


@pytest.mark.parametrize(
    ("position", "digest", "said"),
    [
        (10, "another hash", "COV BROKEN at 10: is not the head that was kept"),
        (4, None, "COV BROKEN at 4: is not the head that was kept"),
        (11, None, "COV BROKEN at 11: cut off: the head that was kept is 11"),
        (0, None, "COV BROKEN at 0: is not the head that was kept"),
        (-3, None, "COV BROKEN at -3: is not the head that was kept"),
    ],
)
def test_what_is_remembered_is_compared_before_it_is_built_on(
    verifying: Verifying, position: int, digest: str | None, said: str
) -> None:
    verifying.run()
    anchor = orjson.loads(verifying.kept.read_bytes())[AUTHORITY]
    verifying.kept.write_bytes(orjson.dumps({AUTHORITY: {"position": position, "hash": digest or anchor["hash"]}}))
    assert verifying.run(since_last=True)[0] == said
    assert verifying.run()[0] == "COV whole to 10"
    assert verifying.run(since_last=True)[0] == "COV whole to 10"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"COV": 7}', b'{"COV": {"position": "ten", "hash": "x"}}', b'{"COV": {"hash": "x"}}', b"\xff"],
)
def test_what_was_not_written_by_verification_is_not_gone_on_from(verifying: Verifying, content: bytes) -> None:
    verifying.run()
    verifying.kept.write_bytes(content)
    with pytest.raises(ValueError, match="run it without --since-last"):
        verifying.run(since_last=True)
    assert verifying.run()[0] == "COV whole to 10"
    assert verifying.run(since_last=True) == ["COV whole to 10", "0 read"]


def test_an_anchor_moved_past_a_change_hides_it_from_all_but_a_whole_walk(verifying: Verifying) -> None:
    """What is remembered is no proof: that is why heads are kept elsewhere, and everything walked now and then."""
    tamper(unguarded(verifying.register.engine), "UPDATE events SET actor = 'someone else' WHERE position = 5")
    last = verifying.heads().read_text().split()
    verifying.kept.write_bytes(orjson.dumps({AUTHORITY: {"position": int(last[1]), "hash": last[2]}}))
    assert verifying.run(since_last=True)[0] == "COV whole to 10"
    assert verifying.run()[0] == "COV BROKEN at 5: was changed: its hash does not fit its content"
    assert verifying.run(since_last=True)[0] == "COV BROKEN at 5: was changed: its hash does not fit its content"


def test_what_is_broken_is_not_remembered_and_the_others_are(verifying: Verifying) -> None:
    verifying.register.log.append(an_append(authority="BIR"))
    tamper(
        unguarded(verifying.register.engine),
        "UPDATE events SET actor = 'someone else' WHERE authority = 'COV' AND position = 5",
    )
    assert verifying.run()[:2] == ["BIR whole to 1", "COV BROKEN at 5: was changed: its hash does not fit its content"]
    assert set(orjson.loads(verifying.kept.read_bytes())) == {"BIR"}
    assert [path.name for path in verifying.home.glob("verified*")] == ["verified.json"]


def test_memory_does_not_grow_with_the_log(sqlite_url: str, connecting: Connecting) -> None:
    engine = unguarded(connecting(sqlite_url))
    peaks = []
    for size in (11_000, 22_000):
        grow(engine, size)
        tracemalloc.start()
        assert verify(engine, AUTHORITY).position == size
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


def test_each_cluster_remembers_its_own_authorities_alone(verifying: Verifying, url: str, tmp_path: Path) -> None:
    placement = tmp_path / "placement.toml"
    placement.write_text('[clusters]\nnorth = "sqlite:///north.db"\n[authorities]\nCOV = "north"\n')
    settings = Settings(home=verifying.home, database_url=url, placement=placement)  # type: ignore[arg-type]
    verifying.register.log.append(an_append(authority="BIR"))
    everywhere = verifying.heads()
    left = Register.open(settings)
    arrived = replace(left, cluster="north")
    try:
        assert verifying.run() == ["BIR whole to 1", "COV whole to 10", "11 read"]  # before it was placed elsewhere
        main, north = Verifying(left, verifying.home), Verifying(arrived, verifying.home)
        assert north.run(since_last=True) == ["COV whole to 10", "10 read"]
        assert main.run(since_last=True, against=everywhere) == ["BIR whole to 1", "0 read"]
        assert north.run(since_last=True) == ["COV whole to 10", "0 read"]
        assert {path.name for path in verifying.home.glob("verified*")} == {"verified.json", "verified.north.json"}
    finally:
        left.close()
