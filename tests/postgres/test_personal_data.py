"""The whole database, read as someone who stole it would: no personal data; with the master key, all of it."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from services import together
from shared import restrictions
from shared.access import SCOPES
from shared.register import Register
from shared.settings import Settings

PERSON = {
    "name": "Mark Marker-Name",
    "address": "1 Marker-Address Row",
    "postcode": "MK1 1MK",
    "email": "marker-email@example.org",
    "phone": "07700 900123",
    "date_of_birth": "1938-05-06",
    "safe_contact": "Marker-Contact by text only.",
    "adjustments": "Marker-Adjustments in large print.",
}
COMPLAINT: dict[str, Any] = {
    "channel": "web_form",
    "service_area": "older_people",
    "concerns": [{"category": "communication", "detail": "Marker-Detail was not rung back."}],
    "complainant": PERSON,
    "person_affected": {**PERSON, "name": "Flo Marker-Affected"},
    "narrative": "Marker-Narrative waited.",
}
CORRECTED = {"complainant.email": "marker-corrected@example.org", "narrative.narrative": "Marker-Rewritten waited."}
MARKERS = ["marker", "mk1 1mk", "mk11mk", "07700 900123", "07700900123", "1938-05-06"]


@pytest.fixture
def register(tmp_path: Path, url: str) -> Iterator[Register]:
    """A register with a complaint, a compliment and a comment, each field of whose people is marked."""
    address = {} if url.startswith("sqlite") else {"database_url": url}
    settings = Settings(home=tmp_path, **address)
    opened = Register.open(settings)
    try:
        asyncio.run(_lived(settings, opened.access.create("COV", "test", SCOPES, None)))
        yield opened
    finally:
        opened.close()


async def _lived(settings: Settings, key: str) -> None:
    app = together.app((), lambda: Register.open(settings))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://test", headers={"Authorization": f"Bearer {key}"}
        ) as client,
    ):
        numbers = count()

        async def post(path: str, status: int = 201, **body: Any) -> Any:
            answer = await client.post(path, json=body, headers={"Idempotency-Key": f"form-{next(numbers)}"})
            assert answer.status_code == status, answer.text
            return answer.json()

        path = f"/v1/cases/{(await post('/v1/complaints', **COMPLAINT))['reference']}"
        for kind in ("compliments", "comments"):
            said = {"channel": "email", "service_area": "older_people", "narrative": COMPLAINT["narrative"]}
            await post(f"/v1/{kind}", **said, complainant=PERSON)
        for field, value in CORRECTED.items():
            await post(f"{path}/correction", field=field, value=value, reason="audit")
        await post(f"{path}/flags", flags=["safe_contact", "reasonable_adjustments"])
        found = await post("/v1/people/search", 200, surname="Marker-Name", postcode="mk11mk", reason="a test")
        assert len(found["items"]) == 3
        told = (await client.get(f"{path}/personal-data", params={"reason": "a test"})).json()
        assert told["complainant"] == {**PERSON, "email": CORRECTED["complainant.email"]}
        assert told["person_affected"] == COMPLAINT["person_affected"]
        assert told["narrative"] == {
            "narrative": CORRECTED["narrative.narrative"],
            "concern_1": COMPLAINT["concerns"][0]["detail"],
        }
        actor = f"key:{key.split('_')[1]}"
        await post(f"{path}/restriction", staff=[actor, "person:Staff-9"], reason="safeguarding")


def marked(text: str | bytes) -> list[str]:
    """Which of the markers a text holds, whatever its case, also as the hexadecimal that a dump writes of bytes."""
    content = (text if isinstance(text, bytes) else text.encode()).lower()
    hidden = [marker for marker in MARKERS if marker.encode().hex().encode() in content]
    return hidden + [marker for marker in MARKERS if marker.encode() in content]


def tables(register: Register) -> dict[str, str]:
    """Every column of every row of every table that the database has, as text."""
    with register.engine.connect() as connection:
        names = sa.inspect(connection).get_table_names()
        return {name: _text(connection, name) for name in names}


def _text(connection: sa.Connection, table: str) -> str:
    rows = connection.exec_driver_sql(f'SELECT * FROM "{table}"').all()
    return "\n".join(
        "\t".join(value.hex() if isinstance(value, bytes) else str(value) for value in row) for row in rows
    )


def test_no_table_holds_a_marker(register: Register) -> None:
    dumped = tables(register)
    assert {name for name, text in dumped.items() if text} >= {
        "case_list",
        "case_restrictions",
        "deployment_keys",
        "events",
        "idempotency_keys",
        "personal_data",
        "personal_data_reads",
        "personal_keys",
        "personal_look_ups",
    }
    assert {name: marked(text) for name, text in dumped.items() if marked(text)} == {}


def test_no_file_holds_a_marker_after_a_checkpoint(register: Register, tmp_path: Path, url: str) -> None:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(tmp_path / "redress.db")) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert (tmp_path / "redress.db").stat().st_size > 100_000
    assert {path.name: found for path in tmp_path.iterdir() if (found := marked(path.read_bytes()))} == {}


def test_a_marker_would_be_found(register: Register) -> None:
    """In plain text, in bytes, and in whatever case."""
    with register.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE api_keys SET name = 'MARKER'")
        kind = "bytea" if connection.dialect.name == "postgresql" else "blob"
        connection.exec_driver_sql(f"UPDATE personal_data SET ciphertext = CAST('marker' AS {kind})")
    assert {name for name, text in tables(register).items() if marked(text)} == {"api_keys", "personal_data"}


@pytest.mark.parametrize(("actor", "seen"), [("person:Staff-9", True), ("person:staff-9", False), ("%", False)])
def test_a_restriction_goes_by_whole_names_on_either_database(register: Register, actor: str, seen: bool) -> None:  # noqa: FBT001
    reference = f"COV-{register.today().year}-000001"
    with register.engine.connect() as connection:
        assert restrictions.hidden(connection, actor, "COV", [reference]) == (set() if seen else {reference})
