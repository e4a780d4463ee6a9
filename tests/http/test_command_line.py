"""What a command cannot do is a sentence and an exit status, never a traceback; nothing is written."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from services import cli
from shared.access import Access, api_keys
from shared.errors import NotAllowed

Typed = Callable[[str], int]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, sqlite_url: str, tmp_path: Path) -> Typed:
    """Types a command, and answers its exit status; LIST is a file of one decision of the Ombudsman."""
    assert sqlite_url.endswith(f"{tmp_path}/redress.db")
    listed = tmp_path / "list.csv"
    listed.write_text("Reference,Decided,Decision\n23 007 039,27/02/2024,Upheld\n")
    monkeypatch.setenv("REDRESS_HOME", str(tmp_path))

    def typing(command: str) -> int:
        typed = [str(listed) if word == "LIST" else word for word in command.split()]
        monkeypatch.setattr("sys.argv", ["redress", *typed])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert isinstance(ended.value.code, int)
        return ended.value.code

    return typing


@pytest.fixture
def engine_of_home(sqlite_url: str, connecting: Callable[[str], sa.Engine]) -> sa.Engine:
    return connecting(sqlite_url)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("serve letters", "no such service: letters"),
        ("keys create --authority COV --name x --scope everything", "no such scope: everything"),
        ("keys create --authority cov --name x --scope admin", "written in capitals"),
        ("keys revoke 00000000", "there is no key 00000000"),
        ("go-live --authority CVO", "nothing is known here of CVO"),
        ("working-days add 2026-02-30 1", "day is out of range for month"),
        ("working-days add 2026-12-24 99999", "outside the calendar"),
        ("working-days add 2026-12-24 1 --division wales", "is not one of"),
        ("report annual 2023", "written like 2023-24"),
        ("report annual 2023-24 --as-at 2999-01-01", "nothing is known as at"),
        ("report quarterly 2023-24 5", "quarters 1 to 4"),
        ("report quarterly 2099-00 1", "begins on 2099-04-01"),
        ("report progress --as-at 2999-01-01", "nothing is known as at"),
        ("report statutory 2023-24 --as-at tomorrow", "tomorrow"),
        ("ombudsman reconcile README.md --year 2023-24", "line 1, column reference: there is no such column"),
        ("ombudsman reconcile LIST --year 2023", "written like 2023-24"),
        ("ombudsman reconcile LIST --year 2098-99", "begins on 2098-04-01"),
        ("ombudsman reconcile LIST --year 2023-24 --letter recieved=1", "not a count of the letter: recieved"),
        ("ombudsman reconcile LIST --year 2023-24 --letter upheld", "not a count of the letter: upheld"),
        ("verify --against README.md", "line 1 of README.md is not one that `redress head` wrote"),
        ("import README.md", "line 1: the header is"),
    ],
)
def test_what_a_command_cannot_do_is_a_sentence(
    typed: Typed, capsys: pytest.CaptureFixture[str], command: str, said: str
) -> None:
    assert typed(command) == 1
    told = capsys.readouterr()
    assert told.err.startswith("redress: ")
    assert said in told.err
    assert told.out == ""


@pytest.mark.parametrize(
    "command", ["report annual 2023-24 --format pdf", "verify --against /nowhere", "import /nowhere", "frobnicate"]
)
def test_what_a_command_does_not_take_is_explained(
    typed: Typed, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert typed(command) == 2
    assert "Error" in capsys.readouterr().err


def test_a_report_is_written_in_every_format(typed: Typed, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    starts = {"json": b"{", "csv": b"table,row,column", "html": b"<!doctype html>", "ods": b"PK\x03\x04"}
    for report in ("annual", "statutory"):
        for form, start in starts.items():
            assert typed(f"report {report} 2023-24 --as-at 2024-11-12 --format {form}") == 0
            assert capfdbinary.readouterr().out.startswith(start)


def test_a_key_is_shown_once_and_listed_without_its_secret(typed: Typed, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("keys create --authority COV --name form --scope complaints:write --days 7") == 0
    key = capsys.readouterr().out.strip()
    assert typed("keys list") == 0
    listed = capsys.readouterr().out
    kind, key_id, secret = key.split("_", 2)
    assert (kind, len(secret)) == ("redress", 43)
    assert listed.startswith(f"{key_id}  COV  form  (complaints:write)\n")
    assert "last used never" in listed
    assert "revoked no" in listed
    assert secret not in listed
    assert typed(f"keys revoke {key_id}") == 0
    assert typed("keys list") == 0
    assert "revoked 20" in capsys.readouterr().out


def test_the_master_key_changes_from_the_command_line_and_the_earlier_one_is_kept(
    typed: Typed, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert typed("migrate") == 0
    before = (tmp_path / "master-key").read_text()
    capsys.readouterr()
    assert typed("keys rotate-master") == 0
    assert capsys.readouterr().out.startswith("Master key 2 is in force; 0 party keys were wrapped anew.\n")
    assert (tmp_path / "master-key.1").read_text() == before != (tmp_path / "master-key").read_text()
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in ("master-key", "master-key.1")} == {0o600}
    (tmp_path / "master-key").write_text(before)
    for command in ("migrate", "serve", "keys rotate-master"):
        assert typed(command) == 1
        assert "the master key held here is not the one" in capsys.readouterr().err


def test_the_list_of_keys_shows_when_each_was_last_used_and_which_has_no_rate_limit(
    typed: Typed, capsys: pytest.CaptureFixture[str], engine_of_home: sa.Engine
) -> None:
    assert typed("keys create --authority COV --name import --scope complaints:write --unlimited") == 0
    access = Access(engine_of_home, lambda: datetime(2026, 11, 20, 12, tzinfo=UTC))
    access.authenticate(capsys.readouterr().out.strip())
    access.close()
    assert typed("keys list") == 0
    listed = capsys.readouterr().out
    assert "(complaints:write), no rate limit\n" in listed
    assert "last used 2026-11-20T12:00:00.000000Z, expires never, revoked no" in listed


def test_an_authority_goes_live_once_and_its_history_is_complete(
    typed: Typed, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert typed("keys create --authority BIR --name form --scope complaints:write") == 0
    capsys.readouterr()
    for said in ("BIR is live.", "BIR was live already."):
        assert typed("go-live --authority BIR") == 0
        assert capsys.readouterr().out.strip() == said
    assert typed("head") == 0
    assert capsys.readouterr().out.startswith("BIR 1 ")
    (tmp_path / "history.jsonl").write_text('{"history": 1, "authority": "BIR", "source": "the system before"}\n{}\n')
    assert typed(f"import {tmp_path / 'history.jsonl'}") == 1
    assert "BIR is live" in capsys.readouterr().err


def test_a_database_that_is_not_to_be_had_is_said_in_a_sentence(
    typed: Typed, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDRESS_DATABASE_URL", "postgresql://nobody:secret@127.0.0.1:1/none")
    assert typed("head") == 1
    told = capsys.readouterr().err
    assert told.startswith("redress: the database is not to be had: ")
    assert "secret" not in told


def test_the_ombudsmans_list_is_compared_from_a_file(typed: Typed, capsys: pytest.CaptureFixture[str]) -> None:
    command = "ombudsman reconcile LIST --authority COV --year 2023-24 --letter received=10 --letter uphold_rate=67"
    assert typed(command) == 0
    assert capsys.readouterr().out == (
        "2023-24: 1 listed, 0 match, 0 differ, 1 alone there, 0 alone here\n"
        "23 007 039  alone there: upheld, 2024-02-27\n"
        "received: 10 in the letter, 0 here (none)\n"
        "uphold_rate: 67 in the letter, - here (none)\n"
    )
    assert typed(f"{command} --format json") == 0
    assert json.loads(capsys.readouterr().out)["alone_there"] == [
        {"reference": "23 007 039", "category": "upheld", "decided_on": "2024-02-27"}
    ]


def test_working_days_come_from_the_command_line_too(typed: Typed, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("working-days add 2026-12-24 20") == 0
    assert capsys.readouterr().out == (
        "Tuesday 26 January 2027 (2027-01-26)\n"
        "  2026-12-25  Christmas Day\n"
        "  2026-12-28  Boxing Day (substitute day)\n"
        "  2027-01-01  New Year's Day\n"
    )


def test_a_quarter_and_the_progress_list_are_printed(typed: Typed, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert typed("report quarterly 2023-24 3") == 0
    told = json.loads(capsysbinary.readouterr().out)
    assert (told["year"], told["quarter"], told["position"]) == ("2023-24", 3, 0)
    assert typed("report progress --as-at 2024-11-12") == 0
    assert json.loads(capsysbinary.readouterr().out)["cases"] == []
    assert typed("report progress --format csv") == 0
    lists = capsysbinary.readouterr().out.decode().splitlines()
    assert {"open complaints", "fell due since last week"} <= set(lists)


def test_a_key_is_listed_once_and_revoked_wherever_it_is(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    placement = tmp_path / "placement.toml"
    clusters = f'[clusters]\nnorth = "sqlite:///{tmp_path}/north.db"\n'
    placement.write_text(clusters)
    monkeypatch.setenv("REDRESS_PLACEMENT", str(placement))
    assert typed("migrate") == 0
    assert typed("keys create --authority COV --name test --scope complaints:write") == 0
    key = capsys.readouterr().out.split()[-1]
    main = sa.create_engine(f"sqlite:///{tmp_path}/redress.db")
    north = sa.create_engine(f"sqlite:///{tmp_path}/north.db")
    with main.connect() as there, north.begin() as here:  # as a move leaves it
        here.execute(api_keys.insert(), [dict(row) for row in there.execute(sa.select(api_keys)).mappings()])
    placement.write_text(f'{clusters}[authorities]\nCOV = "north"\n')
    assert typed("keys list") == 0
    assert capsys.readouterr().out.count(key.split("_")[1]) == 1
    assert typed(f"keys revoke {key.split('_')[1]}") == 0
    for engine in (main, north):
        with pytest.raises(NotAllowed):
            Access(engine).authenticate(key)
        engine.dispose()
    placement.write_text('[clusters]\nnorth = "postgresql://nobody@127.0.0.1:1/none"\n')
    assert typed(f"keys revoke {key.split('_')[1]}") == 1
    assert "north did not answer: key" in capsys.readouterr().err
