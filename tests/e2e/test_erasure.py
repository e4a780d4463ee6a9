"""Erasure, retention and disclosure by the real commands: also after a backup from before was put back."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import pyzipper

from tests.e2e.commands import Deployment, created, found

FORM = {
    "channel": "web_form",
    "service_area": "older_people",
    "concerns": [{"category": "communication"}],
    "complainant": {"name": "Zebedee Quux", "email": "zq@example.org"},
    "narrative": "Zebedee waited.",
}


def sealed(home: Path) -> list[bytes]:
    with closing(sqlite3.connect(home / "redress.db")) as database:
        keys = database.execute("SELECT wrapped FROM personal_keys").fetchall()
        return [value for (value,) in keys + database.execute("SELECT ciphertext FROM personal_data").fetchall()]


def in_files(home: Path, secrets: list[bytes]) -> list[str]:
    return [path.name for path in home.iterdir() if any(secret in path.read_bytes() for secret in secrets)]


def test_a_backup_from_before_an_erasure_is_brought_to_forget_before_the_first_request(empty: Deployment) -> None:
    key = empty.key("complaints:write", "personal:read", "privacy:erase")
    with empty.serving() as server, server.client(key) as client:
        reference = created(client.post("/v1/complaints", json=FORM))["reference"]
    secrets = sealed(empty.home)
    with closing(sqlite3.connect(empty.home / "redress.db")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = (empty.home / "redress.db").read_bytes()
    assert all(secret in before for secret in secrets)
    with empty.serving() as server, server.client(key) as client:
        created(client.post(f"/v1/cases/{reference}/erasure", json={"ground": "court_order"}))
        assert in_files(empty.home, secrets) == []
    for left in empty.home.glob("redress.db*"):
        left.unlink()
    (empty.home / "redress.db").write_bytes(before)
    with empty.serving() as server, server.client(key) as client:
        assert in_files(empty.home, secrets) == []
        told = found(client.get(f"/v1/cases/{reference}/personal-data", params={"reason": "to reply"}))
        assert {party: gone["ground"] for party, gone in told.items()} == {
            "complainant": "court_order",
            "narrative": "court_order",
        }
    assert "2 parties that were erased before are erased again" in server.said


def history(home: Path) -> Path:
    """Two corporate complaints closed in 2012, of which one is linked to an enquiry that never ended."""
    lines: list[dict[str, Any]] = [{"history": 1, "authority": "COV", "source": "the earlier system"}]
    body = {**FORM, "pathway": "corporate", "received_at": "2012-03-05T10:00:00Z"}
    for reference in ("OLD-1", "OLD-2"):
        steps: list[tuple[str, dict[str, Any]]] = [
            ("/v1/complaints", body),
            ("/v1/cases/{reference}/withdrawal", {"withdrawn_on": "2012-03-06"}),
            ("/v1/cases/{reference}/closure", {"closed_on": "2012-03-06"}),
        ]
        lines += [
            {"recorded_at": "2012-03-06T10:00:00Z", "route": route, "reference": reference, "body": step}
            for route, step in steps
        ]
    enquiry = {"ombudsman_reference": "12 000 001", "received_on": "2012-03-06", "case": "OLD-2"}
    lines.append({"recorded_at": "2012-03-06T10:00:00Z", "route": "/v1/ombudsman/enquiries", "body": enquiry})
    path = home / "history.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@pytest.mark.parametrize("kind", ["empty", "on_postgres"])
def test_the_schedule_lets_go_what_nothing_stands_against_and_the_report_stays(
    request: pytest.FixtureRequest, kind: str, tmp_path: Path
) -> None:
    deployment: Deployment = request.getfixturevalue(kind)
    deployment.run("import", history(tmp_path))
    report = ("report", "annual", "2011-12", "--as-at", "2013-01-01")
    before = deployment.run(*report).stdout
    listed = deployment.run("retention").stdout
    assert "OLD-1  kept until 2018-03-06\n    6 years from closure: " in listed
    assert "Limitation Act 1980" in listed
    assert "OLD-2  kept until 2018-03-06; an enquiry of the Ombudsman is not over" in listed
    assert "COV: 2 past their years, 1 to be erased." in listed
    assert deployment.run("erasures").stdout == ""
    assert "OLD-1  erased\n" in deployment.run("retention", "--confirm").stdout
    kept = deployment.run("erasures").stdout
    assert [line.split("\t")[:3] for line in kept.splitlines()] == [
        ["COV", "OLD-1", "complainant"],
        ["COV", "OLD-1", "narrative"],
    ]
    assert "OLD-1" not in deployment.run("retention").stdout
    assert deployment.run(*report).stdout == before
    assert "COV whole" in deployment.run("verify").stdout
    (tmp_path / "kept").write_text(kept)
    assert "0 parties erased again" in deployment.run("erase", "--from", tmp_path / "kept").stdout


def test_an_erasure_is_said_before_it_is_done_and_refused_with_the_law(empty: Deployment, tmp_path: Path) -> None:
    empty.run("import", history(tmp_path))
    asked = ("erase", "OLD-1", "--authority", "COV", "--ground", "request")
    assert "Would erase complainant, narrative of OLD-1. Nothing was erased" in empty.run(*asked).stdout
    assert len(sealed(empty.home)) == 10
    assert "Erased narrative of OLD-1." in empty.run(*asked, "--party", "narrative", "--confirm").stdout
    held = ("erase", "OLD-2", "--authority", "COV", "--ground", "request", "--confirm")
    assert "kept_for_the_ombudsman" in empty.run(*held, status=1).stderr
    assert (
        "there is no case OLD-9"
        in empty.run("erase", "OLD-9", "--authority", "COV", "--ground", "request", status=1).stderr
    )
    assert "name a case and a ground" in empty.run("erase", "OLD-1", status=1).stderr
    assert "is not one that" in empty.run("erase", "--from", history(tmp_path), status=1).stderr


def test_the_archive_goes_to_a_file_and_its_password_to_the_terminal(empty: Deployment, tmp_path: Path) -> None:
    empty.run("import", history(tmp_path))
    out = tmp_path / "pack.zip"
    asked = ("disclose", "OLD-1", "--authority", "COV", "--reason", "subject access", "--out", out)
    password = empty.run(*asked, "--party", "complainant").stdout.strip()
    assert out.stat().st_mode & 0o777 == 0o600
    assert password.encode() not in out.read_bytes()
    with pyzipper.AESZipFile(out) as archive:
        archive.setpassword(password.encode())
        [held] = json.loads(archive.read("subject-access.json"))["held"]
    assert held["personal_data"] == FORM["complainant"]
    assert "is there already" in empty.run(*asked, status=1).stderr
    missing = ("disclose", "OLD-9", "--authority", "COV", "--reason", "subject access", "--out", tmp_path / "none.zip")
    assert "there is no case OLD-9" in empty.run(*missing, status=1).stderr
    assert not (tmp_path / "none.zip").exists()
