"""Personal data is erased for good: from every table and file, on a ground that the law knows; no figure changes."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.cases import erasing, kept_erasures
from services.importing import import_history
from services.verification import verify_all
from shared.database import metadata
from shared.personal_data import PERSONAL_TABLES, personal_data, personal_keys
from tests.http.conftest import COMPLAINT, Api
from tests.http.test_personal_data import FULL, SECRETS, a_life

DAY = "2026-11-20"
ORDER = {"ground": "court_order"}


def erase(api: Api, reference: str, status: int = 201, /, **body: Any) -> Any:
    return api.post(f"/v1/cases/{reference}/erasure", status, **(body or ORDER))


def sealed(api: Api, reference: str, party: str | None = None) -> list[bytes]:
    """The wrapped keys and the ciphertexts of a case."""
    of = {"reference": reference} | ({"party": party} if party else {})
    with api.register.engine.connect() as connection:
        keys = connection.execute(sa.select(personal_keys.c.wrapped).filter_by(**of)).scalars().all()
        texts = connection.execute(sa.select(personal_data.c.ciphertext).filter_by(**of)).scalars().all()
    return [*keys, *texts]


def in_files(api: Api, secrets: list[bytes]) -> dict[str, int]:
    """How many pieces of 16 bytes of these each file of the deployment holds."""
    pieces = [secret[start : start + 16] for secret in secrets for start in range(0, len(secret) - 15, 16)]
    found = {path.name: path.read_bytes() for path in api.home.iterdir() if path.is_file()}
    return {name: n for name, content in found.items() if (n := sum(piece in content for piece in pieces))}


def traces(api: Api) -> dict[str, int]:
    """How many rows of a party each table has."""
    with api.register.engine.connect() as connection:
        return {
            table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in PERSONAL_TABLES
        }


# --- nothing is left --------------------------------------------------------------------------------------------------


def test_after_an_erasure_neither_key_nor_ciphertext_is_in_any_file(api: Api) -> None:
    """Deleted rows are zeros, and the write-ahead log is in the file: the bytes of the disk's files are searched."""
    others = [api.complaint(**FULL, provider="Example Care") for _ in range(25)]
    long = {**FULL, "narrative": "Zebedee waited. " * 900}
    gone = [api.complaint(**(long if number % 2 else FULL)) for number in range(12)]
    secrets = [secret for reference in gone for secret in sealed(api, reference)]
    assert in_files(api, secrets)
    for reference in gone:
        erase(api, reference)
    assert in_files(api, secrets) == {}
    assert in_files(api, sealed(api, others[0]))
    assert traces(api)["personal_keys"] == 25 * 3


def test_no_table_holds_a_trace_of_the_party_nor_why_it_was_read(api: Api) -> None:
    reference = a_life(api)
    api.get(f"/v1/cases/{reference}/personal-data", reason="Zebedee rang about it")
    erase(api, reference)
    with api.register.engine.connect() as connection:
        for table in metadata.sorted_tables:
            found = repr([tuple(row) for row in connection.execute(sa.select(table))])
            assert (table.name, [secret for secret in SECRETS if secret in found]) == (table.name, [])
        for table in PERSONAL_TABLES:
            assert connection.execute(sa.select(table).filter_by(reference=reference)).all() == []


def test_one_party_is_erased_and_the_others_stay(api: Api) -> None:
    reference = api.complaint(**FULL)
    case = erase(api, reference, ground="unlawful_processing", party="person_affected")
    assert case["erasures"] == [{"party": "person_affected", "erased_on": DAY, "ground": "unlawful_processing"}]
    opened = api.get(f"/v1/cases/{reference}/personal-data", reason="to reply")
    assert opened["person_affected"] == {"erased_on": DAY, "ground": "unlawful_processing"}
    assert opened["complainant"] == FULL["complainant"]
    assert sealed(api, reference, "person_affected") == []


def test_whoever_reads_an_erased_case_is_told_when_and_on_which_ground(api: Api) -> None:
    reference = api.complaint(**FULL)
    erase(api, reference)
    gone = {"erased_on": DAY, "ground": "court_order"}
    opened = api.get(f"/v1/cases/{reference}/personal-data", reason="to reply")
    assert opened == {"complainant": gone, "person_affected": gone, "narrative": gone}
    assert {e["party"] for e in api.get(f"/v1/cases/{reference}")["erasures"]} == set(opened)


def test_the_event_carries_a_day_a_ground_and_a_party(api: Api) -> None:
    reference = api.complaint()
    erase(api, reference)
    [*_, last] = api.get(f"/v1/cases/{reference}/events")["items"]
    assert (last["type"], last["data"]) == (
        "personal_data_erased",
        {"erased_on": DAY, "ground": "court_order", "party": "complainant"},
    )


@pytest.mark.parametrize("kind", ["compliments", "comments"])
def test_a_compliment_and_a_comment_are_erased_alike(api: Api, kind: str) -> None:
    body = {"channel": "email", "service_area": "older_people", "narrative": "Thank you.", "complainant": {"name": "Z"}}
    reference = api.post(f"/v1/{kind}", **body)["reference"]
    path = f"/v1/cases/{reference}"
    assert api.get(f"{path}/personal-data", reason="to reply")["narrative"] == {"narrative": "Thank you."}
    assert api.post(f"{path}/erasure", 409, ground="request")["rule"] == "kept_by_retention"
    held = api.ask("POST", f"{path}/legal-hold", json={"action": "place", "reason": "litigation"})
    assert api.ask("GET", held.headers["location"]).json()["reference"] == reference
    assert erase(api, reference, 409)["rule"] == "kept_by_legal_hold"
    api.post(f"{path}/legal-hold", action="lift")
    assert erase(api, reference)["kind"] == kind[:-1]
    assert traces(api) == {"personal_keys": 0, "personal_data": 0, "personal_look_ups": 0}
    assert api.post(f"{path}/closure", 404, closed_on=DAY)["status"] == 404


def test_the_same_key_again_erases_nothing_more(api: Api) -> None:
    reference = api.complaint(**FULL)
    asked = {"json": {"ground": "court_order"}, "headers": {"Idempotency-Key": "order-1"}}
    first, second = (api.ask("POST", f"/v1/cases/{reference}/erasure", **asked) for _ in range(2))
    assert (first.status_code, second.status_code, first.json()) == (201, 201, second.json())
    assert second.headers["idempotent-replayed"] == "true"
    assert erase(api, reference, 409)["rule"] == "nothing_to_erase"


def test_a_case_goes_on_after_its_erasure(api: Api) -> None:
    reference = api.complaint(**FULL)
    erase(api, reference)
    api.post(f"/v1/cases/{reference}/withdrawal", withdrawn_on=DAY)
    api.post(f"/v1/cases/{reference}/closure", closed_on=DAY)
    assert api.post(f"/v1/cases/{reference}/reopening", reopened_on=DAY, reason="ombudsman")["status"] == "reopened"


# --- the record stays -------------------------------------------------------------------------------------------------


def test_the_chain_still_holds_and_every_report_of_any_day_is_byte_for_byte_what_it_was(api: Api) -> None:
    api.clock.turn("2026-10-01")
    references = [a_life_on(api, "2026-10-01") for _ in range(3)]
    api.clock.turn(DAY)
    api.post("/v1/ombudsman/enquiries", ombudsman_reference="26 004 117", received_on=DAY, case=references[0])
    asked = [
        f"/v1/reports/{report}/{year}?as_at={day}&format={form}"
        for report in ("annual", "statutory")
        for year in ("2025-26", "2026-27")
        for day in ("2026-10-01", "2026-10-31", DAY)
        for form in ("json", "csv", "html", "ods")
    ]
    before = {url: api.ask("GET", url) for url in asked}
    assert {answer.status_code for answer in before.values()} == {200}
    api.clock.turn("2026-11-21")
    for reference in references:
        erase(api, reference)
    assert {url: api.ask("GET", url).content for url in asked} == {url: a.content for url, a in before.items()}
    between = {"from": DAY, "to": "2026-11-21"}
    assert api.get("/v1/reports/annual/2026-27/restatement", **between)["changes"] == []
    found = list(verify_all(api.register, api.home, since_last=False, against=None, progress=lambda _: None))
    assert [whole for _, whole in found] == [True]


def a_life_on(api: Api, day: str) -> str:
    reference = api.complaint(**FULL)
    path = f"/v1/cases/{reference}"
    findings = [{"concern": 1, "outcome": "upheld"}]
    api.post(f"{path}/characteristics", sex="male", age_band="85_over")
    api.post(f"{path}/decision", decided_on=day, decided_by="staff-1", outcome="upheld", findings=findings)
    api.post(f"{path}/response", sent_on=day, signed_by="staff-2", ombudsman_right_given=True)
    return reference


# --- what stands against it -------------------------------------------------------------------------------------------


def test_a_refusal_is_a_409_that_names_the_law(api: Api) -> None:
    reference = api.complaint()
    problem = erase(api, reference, 409, ground="request")
    assert problem["type"] == "urn:redress:problem:kept-while-open"
    assert problem["errors"][0]["source"] == "UK GDPR Art 17(3)(b)"
    assert traces(api)["personal_keys"] == 1


def test_an_enquiry_of_the_ombudsman_keeps_a_case_until_its_remedies_are_done(api: Api) -> None:
    reference = api.complaint(pathway="corporate")
    api.post(f"/v1/cases/{reference}/withdrawal", withdrawn_on=DAY)
    api.post(f"/v1/cases/{reference}/closure", closed_on=DAY)
    path = "/v1/ombudsman/enquiries"
    api.post(path, ombudsman_reference="26 004 117", received_on=DAY)
    api.post(f"{path}/26 004 117/link", case=reference)

    def refusal(day: str) -> str | None:
        api.clock.turn(day)
        answer = api.ask("POST", f"/v1/cases/{reference}/erasure", json={"ground": "request"})
        return None if answer.status_code == 201 else answer.json()["rule"]

    assert refusal("2032-11-21") == "kept_for_the_ombudsman"
    api.post(f"{path}/26 004 117/decision", decided_on="2027-01-04", category="upheld")
    api.post(f"{path}/26 004 117/remedies", type="apology", required_on="2027-01-04")
    assert refusal("2032-11-22") == "kept_for_the_ombudsman"
    api.post(f"{path}/26 004 117/remedies/1/completion", completed_on="2027-02-01")
    assert refusal("2033-02-01") == "kept_by_retention"
    assert refusal("2033-02-02") is None


def test_the_schedule_is_shown_with_its_sources(api: Api) -> None:
    shown = api.get("/v1/retention")
    assert {rule["of"]: rule["years"] for rule in shown["rules"]}["adult_social_care"] == 10
    for entries in shown.values():
        assert entries
        assert all(entry["source"] for entry in entries)


# --- the schedule in bulk ---------------------------------------------------------------------------------------------


def closed(api: Api, **different: Any) -> str:
    reference = api.complaint(**different)
    api.post(f"/v1/cases/{reference}/withdrawal", withdrawn_on=DAY)
    api.post(f"/v1/cases/{reference}/closure", closed_on=DAY)
    return reference


def test_what_is_due_is_listed_with_what_stands_against_it_and_erased_where_nothing_does(api: Api) -> None:
    free, held, child = (closed(api, pathway=p) for p in ("corporate", "corporate", "children"))
    api.post(f"/v1/cases/{held}/legal-hold", action="place", reason="litigation")
    still_open, care = api.complaint(pathway="corporate"), closed(api)
    api.clock.turn(DAY.replace("2026", "2032"))
    assert list(erasing.due(api.register, "COV")) == []
    api.clock.turn("2032-11-21")
    found = {item.reference: item for item in erasing.due(api.register, "COV")}
    against = {r: ([a.obstacle for a in item.against], item.erasable) for r, item in found.items()}
    assert against == {free: ([], True), held: (["legal_hold"], False), still_open: (["open"], False)}
    assert str(found[free].retention.kept_until) == "2032-11-20"
    api.clock.turn("2036-11-21")
    found = {item.reference: item for item in erasing.due(api.register, "COV")}
    assert {r for r, item in found.items() if item.erasable} == {free, care}
    assert found[child].against == ()  # its rule asks someone to look first
    done = erasing.erase_due(api.register, "COV", "test", [item for item in found.values() if item.erasable])
    assert dict(done) == {free: "erased", care: "erased"}
    assert list(erasing.erase_due(api.register, "COV", "test", [found[held]])) == [
        (held, "legal hold since 2026-11-20: litigation")
    ]
    assert {item.reference for item in erasing.due(api.register, "COV")} == {held, child, still_open}
    assert erase(api, child, ground="retention_expired")["erasures"][0]["ground"] == "retention_expired"


# --- the kept list ----------------------------------------------------------------------------------------------------


def copied(source: Path, to: Path) -> None:
    """By SQLite's own means, page by page, so that whoever has the database open sees what it is now."""
    with closing(sqlite3.connect(source)) as source_, closing(sqlite3.connect(to)) as copy:
        source_.backup(copy)


@pytest.fixture
def old_case(api: Api) -> str:
    """A case that the backup will have."""
    return api.complaint(**FULL)


@pytest.fixture
def restore(api: Api, old_case: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], None]:
    """Takes a backup now; called, it puts it back."""
    kept = tmp_path_factory.mktemp("backup") / "redress.db"
    copied(api.home / "redress.db", kept)
    return lambda: copied(kept, api.home / "redress.db")


def test_the_list_is_kept_beside_the_database_with_a_line_a_party(api: Api) -> None:
    reference = api.complaint(narrative="Nobody rang.")
    erase(api, reference)
    lines = [line.split("\t") for line in (api.home / "erasures").read_text().splitlines()]
    assert [(a, r, p, at[:10], g) for a, r, p, at, g in lines] == [
        ("COV", reference, party, DAY, "court_order") for party in ("complainant", "narrative")
    ]
    assert [kept.line for kept in kept_erasures.of_log(api.register.log, "COV")] == ["\t".join(line) for line in lines]
    assert (api.home / "erasures").stat().st_mode & 0o777 == 0o600


def test_a_restored_backup_forgets_again_and_only_once(api: Api, old_case: str, restore: Callable[[], None]) -> None:
    secrets = sealed(api, old_case)
    api.clock.turn("2026-11-23")
    erase(api, old_case, ground="unlawful_processing", party="complainant")
    restore()
    assert sealed(api, old_case) == secrets
    api.clock.turn("2026-11-25")
    assert erasing.after_restore(api.register, api.home / "erasures") == 1
    assert sealed(api, old_case, "complainant") == []
    assert sealed(api, old_case, "narrative")
    [again] = api.get(f"/v1/cases/{old_case}")["erasures"]
    assert again == {"party": "complainant", "erased_on": "2026-11-23", "ground": "unlawful_processing"}
    for _ in range(2):
        assert erasing.after_restore(api.register, api.home / "erasures") == 0
    assert len((api.home / "erasures").read_text().splitlines()) == 1


def test_a_case_that_took_the_number_of_a_lost_one_is_left_alone(api: Api, restore: Callable[[], None]) -> None:
    lost = api.complaint(**FULL)
    erase(api, lost)
    restore()
    another = api.complaint(**FULL)
    assert another == lost
    assert erasing.after_restore(api.register, api.home / "erasures") == 0
    assert len(api.get(f"/v1/cases/{another}/personal-data", reason="to reply")["complainant"]) == 6


def test_rows_that_come_back_without_their_history_go_again(api: Api) -> None:
    reference = api.complaint(**FULL)
    with api.register.engine.connect() as connection:
        rows = {table: connection.execute(sa.select(table)).mappings().all() for table in PERSONAL_TABLES}
    erase(api, reference)
    head = api.head()
    with api.register.engine.execution_options(writes=True).begin() as connection:
        for table, found in rows.items():
            connection.execute(sa.insert(table), [dict(row) for row in found])
    assert erasing.after_restore(api.register, api.home / "erasures") == 3
    assert traces(api) == {"personal_keys": 0, "personal_data": 0, "personal_look_ups": 0}
    assert api.head() == head


def test_a_list_that_is_lost_is_made_again_from_the_log(api: Api) -> None:
    erase(api, api.complaint())
    kept = (api.home / "erasures").read_text()
    (api.home / "erasures").unlink()
    assert erasing.after_restore(api.register, api.home / "erasures") == 0
    assert (api.home / "erasures").read_text() == kept


def test_a_line_that_was_cut_short_as_it_was_written_is_written_again(api: Api) -> None:
    erase(api, api.complaint())
    path = api.home / "erasures"
    whole = path.read_text()
    path.write_text(whole[:-9])
    erase(api, api.complaint())
    assert path.read_text().startswith(whole)
    assert len(path.read_text().splitlines()) == 2


def test_a_list_with_a_line_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "erasures").write_text("COV\tCOV-2026-000001\tcomplainant\tyesterday\trequest\n")
    with pytest.raises(ValueError, match=r"line 1 of .* is not one"):
        kept_erasures.read(tmp_path / "erasures")


def test_an_import_may_erase_what_the_same_file_brings(api: Api) -> None:
    receipt = {**COMPLAINT, "received_at": "2015-01-05T10:00:00Z"}
    line = '{"recorded_at": "%s", "route": "%s", "reference": "OLD-1", "body": %s}\n'
    text = '{"history": 1, "authority": "COV", "source": "old"}\n'
    text += line % ("2015-01-05T10:00:00Z", "/v1/complaints", json.dumps(receipt))
    text += line % ("2015-01-06T10:00:00Z", "/v1/cases/{reference}/erasure", json.dumps({"ground": "court_order"}))
    assert import_history(api.register, text.encode())
    assert traces(api) == {"personal_keys": 0, "personal_data": 0, "personal_look_ups": 0}
    assert api.get("/v1/cases/OLD-1")["erasures"][0]["erased_on"] == "2015-01-06"
