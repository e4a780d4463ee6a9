"""What is handed over: everything held about a person, or the pack of a case, in an archive that its password opens."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import pyzipper
import sqlalchemy as sa

from services.cases import disclosure
from shared.errors import NotFound
from shared.personal_data import Reading, personal_data_reads
from tests.http.conftest import Api
from tests.http.test_erasure import DAY, erase
from tests.http.test_personal_data import FULL, SECRETS, a_life, told

READER = Reading("COV", "staff-9", "subject access", datetime(2026, 11, 20, 10, tzinfo=UTC))


def opened(content: bytes, password: str) -> dict[str, Any]:
    with pyzipper.AESZipFile(io.BytesIO(content)) as archive:
        archive.setpassword(password.encode())
        return {name: json.loads(archive.read(name)) for name in archive.namelist()}


def reads(api: Api) -> list[tuple[str, ...]]:
    columns = personal_data_reads.c
    with api.register.engine.connect() as connection:
        found = connection.execute(sa.select(columns.reference, columns.actor, columns.reason))
        return [tuple(row) for row in found]


def test_a_pack_holds_the_case_its_deadlines_explained_its_history_and_its_people(api: Api) -> None:
    reference = a_life(api)
    api.post("/v1/ombudsman/enquiries", ombudsman_reference="26 004 117", received_on=DAY, case=reference)
    pack = opened(*disclosure.archive(disclosure.pack(api.register, reference, READER)))
    shown = api.get(f"/v1/cases/{reference}")
    assert pack["deadlines.json"] == shown.pop("deadlines")
    del shown["restricted_to"]  # which of the staff may see it is not handed over
    assert pack["case.json"] == shown
    assert pack["case.json"]["stages"][0]["outcome"] == "upheld"
    assert all(deadline["rule"]["source"] for deadline in pack["deadlines.json"])
    assert pack["history.json"] == api.get(f"/v1/cases/{reference}/events")["items"]
    assert pack["personal-data.json"]["complainant"] == FULL["complainant"]
    assert [enquiry["reference"] for enquiry in pack["ombudsman.json"]] == ["26 004 117"]
    assert reads(api) == [(reference, "staff-9", "subject access")]


def test_an_archive_says_nothing_without_its_password(api: Api) -> None:
    reference = a_life(api)
    document = disclosure.pack(api.register, reference, READER)
    content, password = disclosure.archive(document)
    again, other = disclosure.archive(document)
    assert (len(password), password == other, content == again) == (29, False, False)
    assert told(content) == []
    for wrong in (other, "", password[:-1]):
        with pytest.raises(RuntimeError, match="password"):
            opened(content, wrong)
    with pyzipper.AESZipFile(io.BytesIO(content)) as archive:
        assert {entry.wz_aes_strength for entry in archive.infolist()} == {3}  # AES-256
        assert told("".join(archive.namelist())) == []


def test_a_subject_access_tells_what_is_held_about_one_person_how_long_and_who_read_it(api: Api) -> None:
    reference = a_life(api)
    api.get(f"/v1/cases/{reference}/personal-data", reason="to reply")
    found = disclosure.subject_access(api.register, [(reference, "complainant")], READER)
    [held] = found["held"]
    assert found["held_by"] == "Coventry City Council"
    assert held["personal_data"] == FULL["complainant"]
    assert "Florence" not in json.dumps(held, default=str)
    assert held["told"]["narrative"] == FULL["narrative"]
    assert (held["kept"]["rule"]["years"], held["kept"]["until"]) == (10, None)
    assert [read["reason"] for read in held["read"]] == ["to reply"]
    assert held["characteristics"] == []  # they are of the person affected, who is another
    [affected] = disclosure.subject_access(api.register, [(reference, "person_affected")], READER)["held"]
    assert [entry["age_band"] for entry in affected["characteristics"]] == ["85_over"]
    assert [reason for _, _, reason in reads(api)] == ["to reply", "subject access", "subject access"]


def test_several_cases_of_one_person_go_into_one_answer(api: Api) -> None:
    held = [(api.complaint(**FULL), "complainant"), (api.complaint(), "complainant")]
    found = disclosure.subject_access(api.register, held, READER)
    assert [(entry["reference"], entry["party"]) for entry in found["held"]] == held


def test_the_characteristics_of_a_complainant_who_is_affected_are_their_own(api: Api) -> None:
    reference = api.complaint()
    api.post(f"/v1/cases/{reference}/characteristics", sex="female")
    [held] = disclosure.subject_access(api.register, [(reference, "complainant")], READER)["held"]
    assert [entry["sex"] for entry in held["characteristics"]] == ["female"]


def test_of_an_erased_party_there_is_the_day_and_the_ground(api: Api) -> None:
    reference = api.complaint(**FULL)
    erase(api, reference)
    pack = disclosure.pack(api.register, reference, READER)
    assert pack["personal-data"]["complainant"] == {"erased_on": DAY, "ground": "court_order"}
    [held] = disclosure.subject_access(api.register, [(reference, "complainant")], READER)["held"]
    assert [secret for secret in SECRETS if secret in json.dumps(held, default=str)] == []


@pytest.mark.parametrize(("reference", "party"), [("COV-2026-000009", "complainant"), ("COV-2026-000001", "landlord")])
def test_what_is_not_held_is_not_found_and_no_reading_recorded(api: Api, reference: str, party: str) -> None:
    assert api.complaint() == "COV-2026-000001"
    with pytest.raises(NotFound):
        disclosure.subject_access(api.register, [(reference, party)], READER)
    with pytest.raises(NotFound):
        disclosure.pack(api.register, "COV-2026-000009", READER)
    assert reads(api) == []


def test_another_authoritys_case_is_not_found(api: Api) -> None:
    reference = api.complaint()
    with pytest.raises(NotFound):
        disclosure.pack(api.register, reference, replace(READER, authority="BIR"))
