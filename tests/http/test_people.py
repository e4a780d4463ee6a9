"""People are looked up exactly, whatever way they are written; each opening and each search leaves a record."""

from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from services.cli import app
from shared.personal_data import personal_look_ups
from tests.http.conftest import COMPLAINT, Api

ZOE = {
    "name": "Mrs Zoë O\u2019Brien",
    "email": "Zoe@Example.org",
    "phone": "+44 (0)7700 900-123",
    "postcode": "cv1 1aa",
}
FLO = {"name": "Flo Brown", "email": "flo@example.org", "phone": "07700 900124", "postcode": "CV1 1AA"}
WHY = "the caller's earlier complaint"


def searched(api: Api, status: int = 200, /, key: str | None = None, **body: Any) -> httpx.Response:
    answer = api.ask("POST", "/v1/people/search", json={"reason": WHY, **body}, key=key)
    assert answer.status_code == status, answer.text
    return answer


def found(api: Api, **body: Any) -> list[tuple[str, str]]:
    return [(item["reference"], item["party"]) for item in searched(api, **body).json()["items"]]


@pytest.mark.parametrize(
    "body",
    [
        {"email": "zoe@example.org"},
        {"email": " ZOE@EXAMPLE.ORG "},
        {"phone": "07700900123"},
        {"phone": "0044 7700 900 123"},
        {"phone": "(+44) 7700-900123"},
        {"surname": "O'BRIEN", "postcode": "CV11AA"},
        {"surname": "obrien", "postcode": " cv1  1aa"},
    ],
)
def test_a_person_is_found_however_it_is_written(api: Api, body: dict[str, str]) -> None:
    first = api.complaint(complainant=ZOE)
    second = api.complaint(complainant=FLO, person_affected=ZOE)
    thanks = api.post("/v1/compliments", channel="email", service_area="older_people", complainant=ZOE)["reference"]
    everywhere = [(first, "complainant"), (second, "person_affected"), (thanks, "complainant")]
    assert found(api, **body) == everywhere


@pytest.mark.parametrize(
    "body",
    [
        {"email": "zoe@example.com"},
        {"email": "zoe"},
        {"phone": "900123"},
        {"surname": "Zoë", "postcode": "CV1 1AA"},
        {"surname": "O'Brien", "postcode": "CV1 1AB"},
    ],
)
def test_what_is_only_alike_is_not_found(api: Api, body: dict[str, str]) -> None:
    api.complaint(complainant=ZOE)
    assert found(api, **body) == []


def test_another_authority_finds_nothing_and_its_index_holds_nothing_alike(api: Api) -> None:
    api.complaint(complainant=ZOE)
    key = api.of("BIR")
    body = {**COMPLAINT, "service_area": "other", "complainant": ZOE}
    assert api.ask("POST", "/v1/complaints", json=body, key=key).status_code == 201
    items = searched(api, key=key, email=ZOE["email"]).json()["items"]
    assert [item["reference"] for item in items] == ["BIR-2026-000001"]
    with api.register.engine.connect() as connection:
        tokens = connection.execute(sa.select(personal_look_ups.c.token)).scalars().all()
    assert len(tokens) == len(set(tokens)) == 6


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({}, "one-way"),
        ({"surname": "Brown"}, "one-way"),
        ({"postcode": "CV1 1AA"}, "one-way"),
        ({"email": "a@example.org", "phone": "1"}, "one-way"),
        ({"phone": "ex-directory"}, "nothing-to-look-for"),
        ({"email": "a@example.org", "reason": ""}, "invalid"),
        ({"email": "a@example.org", "name": "A"}, "invalid"),
    ],
)
def test_searches_that_cannot_be_leave_no_record_and_repeat_nothing(api: Api, body: dict[str, str], kind: str) -> None:
    answer = searched(api, 422, **body)
    assert answer.json()["type"] == f"urn:redress:problem:{kind}"
    assert not [value for value in body.values() if value and value in answer.text]
    assert reads(api) == []


def test_a_search_comes_in_pages_and_records_what_each_page_told(api: Api) -> None:
    there = [api.complaint(complainant=ZOE) for _ in range(5)]
    pages, cursor = [], None
    while True:
        query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        body = {"email": ZOE["email"], "reason": WHY}
        page = api.ask("POST", "/v1/people/search", params=query, json=body).json()
        pages.append([item["reference"] for item in page["items"]])
        recorded = {read["reference"] for read in reads(api)[: len(pages[-1])]}
        assert recorded == set(pages[-1])
        if (cursor := page["next"]) is None:
            break
    assert pages == [there[:2], there[2:4], there[4:]]
    assert len(reads(api)) == 5


# --- corrections ------------------------------------------------------------------------------------------------------


def correct(api: Api, reference: str, field: str, value: str, status: int = 201, **more: Any) -> Any:
    body = {"field": field, "value": value, "reason": "complainant_corrected", **more}
    return api.post(f"/v1/cases/{reference}/correction", status, **body)


def opened(api: Api, reference: str) -> Any:
    return api.get(f"/v1/cases/{reference}/personal-data", reason="a test")


def test_a_corrected_person_is_found_by_what_is_right_and_no_more_by_what_was_wrong(api: Api) -> None:
    reference = api.complaint(complainant={"name": "Zoe Bryan", "phone": "07700 900999", "postcode": "CV1 1AB"})
    right = {"name": "Zoe O'Brien", "postcode": "CV1 1AA", "phone": "ex-directory", "email": "zoe@example.org"}
    for field, value in right.items():
        correct(api, reference, f"complainant.{field}", value)
    assert opened(api, reference)["complainant"] == right
    here = [(reference, "complainant")]
    assert found(api, surname="O'Brien", postcode="CV1 1AA") == found(api, email="zoe@example.org") == here
    assert found(api, surname="Bryan", postcode="CV1 1AB") == found(api, phone="07700 900999") == []


def test_the_history_of_a_correction_holds_commitments_and_no_value(api: Api) -> None:
    reference = api.complaint(complainant=ZOE, narrative="Words of Zebedee.")
    correct(api, reference, "narrative.narrative", "Words of Florence.")
    correct(api, reference, "complainant.address", "1 Marmalade Row")
    events = api.get(f"/v1/cases/{reference}/events")["items"]
    received, told, lived = (events[n]["data"] for n in (0, 2, 3))
    [first] = [held["hash"] for held in received["commitments"] if held["field"] == "narrative"]
    assert (told["field"], told["before"]) == ("narrative.narrative", first)
    assert (lived["field"], lived["before"]) == ("complainant.address", None)
    assert all(told["after"].startswith("sha256:") for told in (told, lived))
    assert not [word for word in ("Zebedee", "Florence", "Marmalade") if word in str(events)]
    correct(api, reference, "narrative.narrative", "Words of Dougal.")
    assert api.get(f"/v1/cases/{reference}/events")["items"][4]["data"]["before"] == told["after"]
    assert opened(api, reference)["narrative"] == {"narrative": "Words of Dougal."}


@pytest.mark.parametrize(
    ("field", "value", "status", "rule"),
    [
        ("person_affected.name", "B", 409, "nothing_held"),
        ("complainant.date_of_birth", "Zebedee", 422, "value_error"),
        ("complainant.name", "Z" * 301, 422, "value_error"),
        ("provider", "Z" * 301, 422, "value_error"),
        ("complainant.shoe_size", "Zebedee", 422, "string_pattern_mismatch"),
        ("narrative.concern_0", "Zebedee", 422, "string_pattern_mismatch"),
    ],
)
def test_corrections_of_people_that_cannot_be(api: Api, field: str, value: str, status: int, rule: str) -> None:
    answer = correct(api, api.complaint(), field, value, status)
    assert (answer["errors"][0]["rule"], value in str(answer)) == (rule, False)


def test_two_corrections_at_once_are_both_in_the_index(api: Api) -> None:
    reference = api.complaint(complainant={"name": "Zoe Bryan", "postcode": "CV1 1AB"})
    path, why = f"/v1/cases/{reference}/correction", {"reason": "complainant_corrected"}
    right = {"name": "Zoe O'Brien", "postcode": "CV1 1AA", "email": "zoe@example.org", "phone": "1"}
    bodies = [{"field": f"complainant.{field}", "value": value, **why} for field, value in right.items()]
    answers = api.together(*(api.asking("POST", path, json=body) for body in bodies))
    assert [answer.status_code for answer in answers] == [201] * 4
    assert found(api, surname="O'Brien", postcode="CV1 1AA") == [(reference, "complainant")]
    assert found(api, surname="O'Brien", postcode="CV1 1AB") == found(api, surname="Bryan", postcode="CV1 1AA") == []


def test_a_retried_correction_is_done_once_and_a_stale_one_not_at_all(api: Api) -> None:
    path = f"/v1/cases/{api.complaint()}/correction"
    body = {"field": "complainant.phone", "value": "1", "reason": "audit"}
    first, again = (api.ask("POST", path, json=body, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    assert api.ask("POST", path, json=body, headers={"If-Match": '"2"'}).status_code == 412


# --- safe contact, adjustments, flags ---------------------------------------------------------------------------------


def test_flags_are_codes_that_the_list_can_be_narrowed_to_and_how_is_personal(api: Api) -> None:
    how = {"safe_contact": "Only by text to Zebedee.", "adjustments": "Large print."}
    reference, beside = api.complaint(complainant={"name": "A", **how}), api.complaint()
    flagged = api.post(f"/v1/cases/{reference}/flags", flags=["safeguarding", "safe_contact", "safe_contact"])
    assert flagged["flags"] == ["safe_contact", "safeguarding"]
    api.post(f"/v1/cases/{beside}/flags", flags=["reasonable_adjustments"])

    def listed(**query: str) -> list[str]:
        return [item["reference"] for item in api.get("/v1/cases", **query)["items"]]

    assert listed(flag="safe_contact") == listed(flag="safeguarding") == [reference]
    assert listed(flag="reasonable_adjustments") == [beside]
    assert listed(flag="safe") == listed(flag="%") == listed(flag="safe%contact") == []
    assert listed(flag="") == listed()
    assert [item["flags"] for item in api.get("/v1/cases")["items"]] == [["reasonable_adjustments"], flagged["flags"]]
    assert opened(api, reference)["complainant"] == {"name": "A", **how}
    assert api.post(f"/v1/cases/{reference}/flags", flags=["safeguarding"])["flags"] == ["safeguarding"]
    assert listed(flag="safe_contact") == []
    problem = api.post(f"/v1/cases/{reference}/flags", 422, flags=["safeguarding", "red"])
    assert problem["errors"][0]["field"] == "flags.1"


# --- what was read ----------------------------------------------------------------------------------------------------


def reads(api: Api, **query: Any) -> Any:
    return api.get("/v1/personal-data-reads", **query)["items"]


def test_every_opening_and_every_search_says_who_when_why_and_what(api: Api) -> None:
    reference = api.complaint(complainant=ZOE, narrative="Words.")
    reader = api.key("personal:read")
    answer = api.ask("GET", f"/v1/cases/{reference}/personal-data", params={"reason": "to reply"}, key=reader)
    assert answer.status_code == 200
    searched(api, key=reader, surname="O'Brien", postcode="CV1 1AA")
    searched(api, key=reader, email="nobody@example.org")
    actor = f"key:{reader.split('_')[1]}"
    told = [(read["actor"], read["how"], read["reason"], read["reference"], read["fields"]) for read in reads(api)]
    everything = [f"complainant.{name}" for name in ("email", "name", "phone", "postcode")] + ["narrative.narrative"]
    assert told == [
        (actor, "looked_up", WHY, None, []),
        (actor, "looked_up", WHY, reference, ["complainant.name", "complainant.postcode"]),
        (actor, "opened", "to reply", reference, everything),
    ]
    assert all(read["read_at"].startswith("2026-11-20T10:00:0") for read in reads(api))


def test_what_was_read_is_filtered_and_comes_in_pages(api: Api) -> None:
    first, second = api.complaint(), api.complaint()
    other = api.key("personal:read")
    for day, reference, key in (
        ("2026-11-20", first, None),
        ("2026-11-21", second, other),
        ("2026-11-22", first, None),
    ):
        api.clock.turn(day)
        path = f"/v1/cases/{reference}/personal-data"
        assert api.ask("GET", path, params={"reason": "a test"}, key=key).status_code == 200

    def days(**query: str) -> list[str]:
        return [read["read_at"][:10] for read in reads(api, **query)]

    assert days() == ["2026-11-22", "2026-11-21", "2026-11-20"]
    assert days(reference=first) == ["2026-11-22", "2026-11-20"]
    assert days(actor=f"key:{other.split('_')[1]}") == ["2026-11-21"]
    assert days(**{"from": "2026-11-21"}) == ["2026-11-22", "2026-11-21"]
    assert days(to="2026-11-21") == ["2026-11-21", "2026-11-20"]
    assert days(**{"from": "2026-11-21", "to": "2026-11-21"}) == ["2026-11-21"]
    assert days(**{"from": "0001-01-01", "to": "9999-12-31"}) == days()
    assert days(**{"from": "9999-12-31"}) == days(to="0001-01-01") == []
    page = api.get("/v1/personal-data-reads", limit=2)
    following = api.get("/v1/personal-data-reads", limit=2, cursor=page["next"])
    assert [len(page["items"]), len(following["items"]), following["next"]] == [2, 1, None]
    assert api.ask("GET", "/v1/personal-data-reads", key=api.of("BIR")).json()["items"] == []


def test_what_was_read_is_told_on_the_command_line_too(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = api.complaint(complainant=ZOE)
    opened(api, reference)
    searched(api, email="nobody@example.org")
    monkeypatch.setenv("REDRESS_HOME", str(api.home))
    told = CliRunner().invoke(app, ["reads", "--authority", "COV", "--from", "2026-11-20", "--to", "2026-11-20"])
    lines = [line.split("\t") for line in told.output.splitlines()]
    assert [(line[2], line[3], line[5]) for line in lines] == [("looked_up", "-", WHY), ("opened", reference, "a test")]
    assert CliRunner().invoke(app, ["reads", "--authority", "COV", "--to", "2026-11-19"]).output == ""


def test_the_vault_has_no_door_that_leaves_no_record(api: Api) -> None:
    """Whatever of it gives plain text away takes who asks, when and why, and writes that down before it answers."""
    reference = api.complaint(complainant=ZOE)
    vault = api.register.vault
    doors = {name for name in dir(vault) if not name.startswith("_")}
    assert doors == {"seal", "reseal", "open", "look_up"}
    again = vault.reseal("COV", reference, "complainant", "email", "zoe@example.org")
    assert again is not None
    assert not [value for value in ZOE.values() if value in repr(again)]


# --- compliments and comments -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["compliments", "comments"])
def test_compliments_and_comments_are_answered_with_the_headers_that_complaints_have(api: Api, kind: str) -> None:
    body = {"channel": "email", "service_area": "older_people"}
    first, again = (api.ask("POST", f"/v1/{kind}", json=body, headers={"Idempotency-Key": "thanks"}) for _ in range(2))
    assert first.headers["location"] == f"/v1/{kind}/{first.json()['reference']}"
    assert (first.headers["etag"], "idempotent-replayed" in first.headers) == ('"1"', False)
    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")
    shown = api.ask("GET", first.headers["location"])
    assert (shown.status_code, shown.json(), shown.headers["etag"]) == (200, first.json(), '"1"')
    api.get(f"/v1/{kind}/{api.complaint()}", 404)
