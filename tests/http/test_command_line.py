"""What a command cannot do is a sentence and an exit status, never a traceback; nothing is written."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from services import cli

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


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("serve letters", "no such service: letters"),
        ("keys create --authority COV --name x --scope everything", "no such scope: everything"),
        ("keys create --authority cov --name x --scope admin", "written in capitals"),
        ("keys revoke 00000000", "there is no key 00000000"),
        ("working-days add 2026-02-30 1", "day is out of range for month"),
        ("working-days add 2026-12-24 99999", "outside the calendar"),
        ("working-days add 2026-12-24 1 --division wales", "is not one of"),
        ("report annual 2023", "written like 2023-24"),
        ("report annual 2023-24 --as-at 2999-01-01", "nothing is known as at"),
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


def test_a_key_is_shown_once_and_listed_without_its_secret(typed: Typed, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("keys create --authority COV --name form --scope complaints:write --days 7") == 0
    key = capsys.readouterr().out.strip()
    assert typed("keys list") == 0
    listed = capsys.readouterr().out
    kind, key_id, secret = key.split("_", 2)
    assert (kind, len(secret)) == ("redress", 43)
    assert listed.startswith(f"{key_id}  COV  form  (complaints:write)\n")
    assert "revoked no" in listed
    assert secret not in listed
    assert typed(f"keys revoke {key_id}") == 0
    assert typed("keys list") == 0
    assert "revoked 20" in capsys.readouterr().out


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
