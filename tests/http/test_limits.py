"""How often a credential may ask, how little a flood of made-up ones costs, and when a key was last used."""

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from services.importing import go_live
from services.reporting import publishing
from services.sample import load
from shared.access import Access, Principal, api_keys
from shared.errors import NotAllowed, TooMany
from shared.last_used import LastUsed
from shared.rates import Rates
from shared.register import Register
from shared.settings import Settings
from tests.http.conftest import Api
from tests.http.statements import statements
from tests.postgres.appends import eventually

LIMIT = 5


@pytest.fixture
def settings() -> Mapping[str, Any]:
    return {"rate_limit": f"{LIMIT}/minute", "failure_limit": f"{LIMIT}/minute"}


def made_up(number: int) -> str:
    return f"redress_{number:08x}_{'x' * 43}"


def too_many(answer: httpx.Response) -> bool:
    """Whether an answer is the problem that says so, and when to come again."""
    if answer.status_code != 429:
        return False
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:redress:problem:too-many-requests"
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    return True


# --- a credential's own limit -----------------------------------------------------------------------------------------


def test_a_credential_that_asks_too_often_is_told_when_to_come_again_and_others_go_on(api: Api) -> None:
    key, other, unlimited = api.key(), api.key(), api.key(unlimited=True)
    answers = [api.ask("GET", "/v1/cases", key=key) for _ in range(LIMIT + 3)]
    assert [answer.status_code for answer in answers[:LIMIT]] == [200] * LIMIT
    assert all(map(too_many, answers[LIMIT:]))
    assert api.ask("GET", "/v1/cases", key=other).status_code == 200
    assert {api.ask("GET", "/v1/cases", key=unlimited).status_code for _ in range(LIMIT * 3)} == {200}


def test_the_development_key_has_no_limit(api: Api) -> None:
    go_live(api.register, "COV")
    load.found(api.register, Settings(home=api.home), lambda _: nullcontext(lambda _: None))
    key = (api.home / "dev-key").read_text().strip()
    assert {api.ask("GET", "/v1/cases", key=key).status_code for _ in range(LIMIT * 3)} == {200}


def test_what_is_refused_for_its_scope_counts_too_and_writes_nothing(api: Api) -> None:
    key = api.key("cases:read")
    body = {"channel": "email", "service_area": "older_people"}
    answers = [api.ask("POST", "/v1/comments", key=key, json=body) for _ in range(LIMIT + 1)]
    assert [answer.status_code for answer in answers] == [403] * LIMIT + [429]
    assert api.head() == 0


def test_a_window_slides(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_800_000_030.0
    monkeypatch.setattr("time.time", lambda: now)
    rates, who = Rates("2/minute", "1/minute"), Principal("key:1", "COV", frozenset())
    rates.asked(who)
    now += 40
    rates.asked(who)
    with pytest.raises(TooMany) as refused:
        rates.asked(who)
    assert refused.value.retry_after in (20, 21)
    now += 21
    rates.asked(who)
    with pytest.raises(TooMany):
        rates.asked(who)
    rates.asked(Principal("key:1", "BIR", frozenset()))


# --- a flood of made-up keys ------------------------------------------------------------------------------------------


def test_a_flood_of_made_up_keys_costs_few_look_ups_and_keeps_nobody_out_who_is_known_here(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, new = api.key(unlimited=True), api.key()
    assert api.ask("GET", "/v1/pathways", key=known).status_code == 200
    with statements(api.register.engine) as told:
        answers = [api.ask("GET", "/v1/pathways", key=made_up(number)) for number in range(50)]
    assert len([statement for statement in told if "api_keys" in statement]) == LIMIT
    assert [answer.status_code for answer in answers[:LIMIT]] == [401] * LIMIT
    assert all(map(too_many, answers[LIMIT:]))
    monkeypatch.setattr(api.register.access, "_fresh", 0.0)
    assert api.ask("GET", "/v1/pathways", key=known).status_code == 200
    assert too_many(api.ask("GET", "/v1/pathways", key=new))
    elsewhere = httpx.ASGITransport(api.app, client=("192.0.2.9", 1))
    client = httpx.AsyncClient(transport=elsewhere, base_url="http://test")
    asked = client.get("/v1/pathways", headers={"Authorization": f"Bearer {new}"})
    assert api.runner.run(asked).status_code == 200
    api.runner.run(client.aclose())


def test_guesses_at_a_known_keys_secret_cost_no_look_up_and_end_alike(api: Api) -> None:
    known = api.key(unlimited=True)
    assert api.ask("GET", "/v1/pathways", key=known).status_code == 200
    guess = f"{known[:17]}{'x' * 43}"
    with statements(api.register.engine) as told:
        answers = [api.ask("GET", "/v1/pathways", key=guess) for _ in range(LIMIT + 1)]
    assert [answer.status_code for answer in answers] == [401] * LIMIT + [429]
    assert told == []


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("", "", True),
    ],
)
def test_an_address_is_one_clients_or_the_network_that_it_has_to_choose_from(
    one: str, other: str, *, alike: bool
) -> None:
    rates = Rates("1/minute", "1/minute")
    rates.refused(one)
    with pytest.raises(TooMany):
        rates.may_fail(one)
    if alike:
        with pytest.raises(TooMany):
            rates.may_fail(other)
    else:
        rates.may_fail(other)


# --- days and last use ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [0, -1, 36_501])
def test_a_key_of_no_days_is_not_made(api: Api, days: int) -> None:
    with pytest.raises(ValueError, match="1 to 36500 days"):
        api.key(days=days)
    assert api.register.access.listed() == []


def test_a_key_ends_with_its_last_day_also_where_it_was_read_a_moment_ago(api: Api) -> None:
    key = api.key(days=1)
    assert api.ask("GET", "/v1/pathways", key=key).status_code == 200
    api.clock.turn("2026-11-22")
    assert api.ask("GET", "/v1/pathways", key=key).status_code == 401


NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def used(engine: sa.Engine, key: str) -> str | None:
    with engine.connect() as connection:
        query = sa.select(api_keys.c.last_used_at).filter_by(key_id=key.split("_")[1])
        return connection.execute(query).scalar_one()


def test_the_last_use_is_written_down_off_the_requests_path_and_never_goes_back(engine: sa.Engine) -> None:
    key = Access(engine).create("COV", "test", ("admin",), None)
    ours, others = (LastUsed(engine, api_keys, lambda at=at: at) for at in (NOON, NOON - timedelta(hours=1)))
    with statements(engine) as told:
        for _ in range(1000):
            ours.note(key.split("_")[1])
    assert (told, used(engine, key)) == ([], None)
    ours.write()
    assert used(engine, key) == "2026-11-20T12:00:00.000000Z"
    with statements(engine) as told:
        ours.write()
    assert told == []
    others.note(key.split("_")[1])
    others.close()
    assert used(engine, key) == "2026-11-20T12:00:00.000000Z"
    ours.close()


def test_a_last_use_that_the_database_does_not_take_is_written_the_next_time(engine: sa.Engine) -> None:
    key = Access(engine).create("COV", "test", ("admin",), None)
    last_used = LastUsed(engine, api_keys, lambda: NOON)
    last_used.note(key.split("_")[1])
    rename(engine, "api_keys", "aside")
    last_used.write()
    rename(engine, "aside", "api_keys")
    assert used(engine, key) is None
    last_used.close()
    assert used(engine, key) == "2026-11-20T12:00:00.000000Z"


def rename(engine: sa.Engine, before: str, after: str) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text(f"ALTER TABLE {before} RENAME TO {after}"))


def test_the_last_use_is_that_of_the_right_secret_and_kept_as_the_register_closes(engine: sa.Engine) -> None:
    access = Access(engine, lambda: NOON)
    right, guessed = (access.create("COV", "test", ("admin",), None) for _ in range(2))
    access.authenticate(right)
    with pytest.raises(NotAllowed):
        access.authenticate(f"{guessed[:17]}{'x' * 43}")
    access.close()
    assert (used(engine, right), used(engine, guessed)) == ("2026-11-20T12:00:00.000000Z", None)


def test_the_thread_writes_by_itself(engine: sa.Engine) -> None:
    key = Access(engine).create("COV", "test", ("admin",), None)
    last_used = LastUsed(engine, api_keys, lambda: NOON, seconds=0.01)
    last_used.note(key.split("_")[1])
    eventually(lambda: used(engine, key) is not None)
    last_used.close()


def test_a_key_is_read_again_by_one_of_those_who_ask_before_all_would_have_to(engine: sa.Engine) -> None:
    access = Access(engine, fresh_seconds=1000)
    key = access.create("COV", "test", ("admin",), None)
    assert access.known(key) is None
    who = access.authenticate(key)
    assert access.known(key) == who
    soon = Access(engine, fresh_seconds=0.000_001)
    soon.authenticate(key)
    eventually(lambda: soon.known(key) is None)  # its time is over: whoever asks reads it

    halfway = Access(engine, fresh_seconds=1000)
    halfway.authenticate(key)
    halfway._held[key.split("_")[1]].read_at -= 600
    assert [halfway.known(key) for _ in range(3)] == [None, who, who]
    access.close()
    soon.close()
    halfway.close()


def test_a_key_whose_time_is_over_is_read_once_for_all_who_use_it_at_the_same_time(api: Api) -> None:
    key = api.key("cases:read", unlimited=True)
    assert api.ask("GET", "/v1/cases", key=key).status_code == 200
    api.register.access._held[key.split("_")[1]].read_at -= 1000
    read: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        read.extend(["read"] if "FROM api_keys" in statement else [])

    sa.event.listen(api.register.engine, "before_cursor_execute", note)
    answers = api.together(*(api.asking("GET", "/v1/cases", key=key) for _ in range(10)))
    sa.event.remove(api.register.engine, "before_cursor_execute", note)
    assert ([answer.status_code for answer in answers], read) == ([200] * 10, ["read"])


# --- while a cluster is away ------------------------------------------------------------------------------------------


@pytest.fixture
def away(api: Api) -> Iterator[Register]:
    """The register on a cluster that nobody answers at."""
    north = Register.open(Settings(home=api.home, database_url="postgresql://nobody@127.0.0.1:1/none"))  # type: ignore[arg-type]
    yield replace(north, cluster="north")
    north.close()


def test_made_up_keys_are_counted_also_while_a_cluster_is_away(
    api: Api, away: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = api.key("cases:read", unlimited=True)
    monkeypatch.setattr(api.app.state, "register", replace(api.register, others=(away,)))
    assert api.ask("GET", "/v1/cases", key=key).status_code == 200
    guesses = [api.ask("GET", "/v1/cases", key=made_up(number)) for number in range(LIMIT + 2)]
    assert [guess.status_code for guess in guesses[:LIMIT]] == [503] * LIMIT
    assert all(map(too_many, guesses[LIMIT:]))
    assert api.ask("GET", "/v1/cases", key=key).status_code == 200


def test_a_publication_is_found_although_a_cluster_is_away(api: Api, away: Register) -> None:
    api.complaint()
    api.follow()
    reference = api.post("/v1/publications", report="annual", year="2026-27")["id"]
    found = publishing.anyones([away, api.register], reference)
    assert found is not None
    assert found[1] == "COV"
    with pytest.raises(sa.exc.OperationalError):
        publishing.anyones([away, api.register], "none")
