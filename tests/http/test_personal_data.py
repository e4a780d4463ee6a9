"""Who people are and what they said is in one table, encrypted: in no other table, no file, no log, no answer."""

import logging
from typing import Any

import pytest
import sqlalchemy as sa

from shared.database import metadata
from tests.http.conftest import COMPLAINT, Api

DAY = "2026-11-20"
SECRETS = ("Zebedee", "Quux", "1 Marmalade Row", "ZQ1 1ZQ", "zq@example.org", "07700 900123", "1938-05-06")
PERSON = dict(zip(("address", "postcode", "email", "phone", "date_of_birth"), SECRETS[2:], strict=True))
FULL: dict[str, Any] = {
    **COMPLAINT,
    "concerns": [{"category": "communication", "detail": "Zebedee was not rung back."}],
    "complainant": {"name": "Zebedee Quux", **PERSON},
    "person_affected": {"name": "Florence Quux", **PERSON},
    "narrative": "Zebedee Quux of 1 Marmalade Row waited.",
}


def told(text: str | bytes) -> list[str]:
    """Which of the secrets a text holds."""
    content = text if isinstance(text, bytes) else text.encode()
    return [secret for secret in SECRETS if secret.encode() in content]


def a_life(api: Api) -> str:
    """A complaint with everything personal, taken to its end."""
    reference = api.complaint(**FULL)
    for kind in ("compliments", "comments"):
        body = {"channel": "email", "service_area": "older_people"}
        api.post(f"/v1/{kind}", **body, narrative=FULL["narrative"], complainant=FULL["complainant"])
    path = f"/v1/cases/{reference}"
    api.post(f"{path}/characteristics", sex="male", age_band="85_over")
    findings = [{"concern": 1, "outcome": "upheld"}]
    api.post(f"{path}/decision", decided_on=DAY, decided_by="staff-1", outcome="upheld", findings=findings)
    api.post(f"{path}/response", sent_on=DAY, signed_by="staff-2", ombudsman_right_given=True)
    return reference


def test_nothing_personal_is_in_any_table_nor_in_any_file(api: Api) -> None:
    a_life(api)
    api.get("/v1/reports/annual/2026-27")
    filled = set()
    with api.register.engine.connect() as connection:
        for table in metadata.sorted_tables:
            rows = connection.execute(sa.select(table)).all()
            assert (table.name, told(repr([tuple(row) for row in rows]))) == (table.name, [])
            filled |= {table.name} if rows else set()
    assert filled >= {"events", "case_list", "personal_data", "case_facts", "series", "api_keys"}
    for path in api.home.iterdir():
        assert (path.name, told(path.read_bytes())) == (path.name, [])


def test_nothing_personal_is_logged_or_answered(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    reference = a_life(api)
    path = f"/v1/cases/{reference}"
    shown = [path, f"{path}/deadlines", f"{path}/events", "/v1/cases", "/v1/compliments", "/v1/comments", "/metrics"]
    shown += ["/v1/reports/annual/2026-27", "/v1/reports/statutory/2026-27?format=csv"]
    shown += ["/v1/reports/annual/2026-27?format=html", "/v1/reports/statutory/2026-27?format=html"]
    for address in shown:
        assert (address, told(api.ask("GET", address).content)) == (address, [])
    assert told("\n".join(f"{record.getMessage()} {record.exc_text}" for record in caplog.records)) == []


def test_the_one_door_gives_everything_back(api: Api) -> None:
    reference = a_life(api)
    opened = api.get(f"/v1/cases/{reference}/personal-data", reason="to reply")
    assert opened == {
        "complainant": FULL["complainant"],
        "person_affected": FULL["person_affected"],
        "narrative": {"narrative": FULL["narrative"], "concern_1": "Zebedee was not rung back."},
    }


def test_the_same_words_twice_are_not_alike_in_the_database(api: Api) -> None:
    """Each party has a key of its own, and each value a nonce."""
    api.complaint(**FULL)
    api.complaint(**FULL)
    with api.register.engine.connect() as connection:
        found = connection.execute(sa.select(metadata.tables["personal_data"].c.ciphertext)).scalars().all()
    assert len(found) == len(set(found)) == 28
