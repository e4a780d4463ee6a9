"""A bank holiday is proclaimed while cases run: what moves is listed first, and recorded on confirmation."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services import cli
from shared.authority import authority
from shared.policy import policy_book
from tests.http.conftest import Api

PROCLAIMED = '[[bank_holidays]]\ndate = 2026-12-16\nname = "Day of mourning"\n'
Typed = Callable[[str], str]


@pytest.fixture
def typed(api: Api, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    monkeypatch.setenv("REDRESS_HOME", str(api.home))

    def typing(*words: str) -> str:
        monkeypatch.setattr("sys.argv", ["redress", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        told = capsys.readouterr()
        assert ended.value.code == 0, told.err
        return told.out

    return typing


@pytest.fixture
def proclaimed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Writes the day into the file of TST, and starts anew."""
    monkeypatch.setenv("REDRESS_AUTHORITIES", str(tmp_path))

    def proclaim() -> None:
        (tmp_path / "TST.toml").write_text(PROCLAIMED)
        authority.cache_clear()
        policy_book.cache_clear()

    yield proclaim
    authority.cache_clear()
    policy_book.cache_clear()


def test_a_newly_proclaimed_holiday_moves_what_runs(api: Api, typed: Typed, proclaimed: Callable[[], None]) -> None:
    api.clock.turn("2026-12-14")
    key = api.of("TST")
    body = {
        "channel": "email",
        "pathway": "adult_social_care",
        "service_area": "other",
        "concerns": [{"category": "communication"}],
        "complainant": {"name": "A"},
    }
    reference = api.ask("POST", "/v1/complaints", json=body, key=key).json()["reference"]
    head = api.head("TST")

    supposed = typed("calendar", "review", "--authority", "TST", "--holiday", "2026-12-16 Day of mourning")
    assert f"{reference}  acknowledgement  2026-12-17 -> 2026-12-18  (told 2026-12-17)\n" in supposed
    assert "TST: 1 deadlines of 1 cases move in calendar sha256:" in supposed
    assert "TST: 0 deadlines of 0 cases move" in typed("calendar", "review")

    proclaimed()
    assert f"{reference}  acknowledgement  2026-12-17 -> 2026-12-18" in typed("calendar", "review")
    assert api.head("TST") == head
    assert "TST: recorded" in typed("calendar", "review", "--confirm")
    assert api.head("TST") == head + 1
    assert "TST: 0 deadlines of 0 cases move" in typed("calendar", "review", "--confirm")
    assert api.head("TST") == head + 1

    case = api.ask("GET", f"/v1/cases/{reference}", key=key).json()
    listed = api.ask("GET", "/v1/cases?due_before=2026-12-19", key=key).json()["items"]
    [shown] = [item for item in case["deadlines"] if item["name"] == "acknowledgement"]
    assert (shown["due_on"], shown["told_on"]) == ("2026-12-18", "2026-12-17")
    assert {"date": "2026-12-16", "reason": "Day of mourning"} in shown["skipped"]
    assert shown["calendar_version"] == authority("TST").calendar.version
    assert [(item["reference"], item["next_due_on"], item["rag"]) for item in listed] == [
        (reference, "2026-12-18", case["rag"])
    ]
    told = {"told_on": "2026-12-14", "method": "phone", "due_dates_told": True}
    answer = api.ask("POST", f"/v1/cases/{reference}/progress", json=told, key=key).json()
    assert {item["told_on"] for item in answer["deadlines"] if item["name"] == "acknowledgement"} == {"2026-12-18"}
