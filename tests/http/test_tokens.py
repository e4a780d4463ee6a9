"""Tokens of an OpenID Connect issuer: which are taken, as whom, and what comes of it when keys change."""

import asyncio
import base64
import hmac
import json
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry
from pydantic import ValidationError

from shared.access import SCOPES, Principal
from shared.errors import NotAllowed, Unavailable
from shared.issuer import COOL_DOWN, MAX_AGE, SIZE, IssuerKeys
from shared.settings import Settings
from shared.tokens import Tokens
from tests.http.conftest import Api
from tests.http.issuer import AUDIENCE, DISCOVERY, JWKS, Issuer, by_hand, ec, issuing, rsa
from tests.postgres.appends import eventually


class Monotonic:
    """A clock that goes on when it is told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def issuer(application: Any) -> Iterator[Issuer]:
    with issuing(application.clock) as found:
        yield found


@pytest.fixture
def settings(issuer: Issuer) -> Mapping[str, Any]:
    return {"failure_limit": "1000000/minute", "oidc_issuer": issuer.url, "oidc_audience": AUDIENCE}


@pytest.fixture
def monotonic() -> Monotonic:
    return Monotonic()


@pytest.fixture
def tokens(issuer: Issuer, monotonic: Monotonic) -> Tokens:
    """What checks tokens, with a clock of its own for how old the keys are."""
    keys = IssuerKeys(issuer.url, monotonic)
    return Tokens(issuer.url, AUDIENCE, "authority", "scope", issuer.now, keys)


def who(tokens: Tokens, token: str) -> Principal:
    return asyncio.run(tokens.authenticate(token))


def refused(tokens: Tokens, token: str) -> bool:
    with pytest.raises(NotAllowed):
        asyncio.run(tokens.authenticate(token))
    return True


def taken(tokens: Tokens, token: str) -> bool:
    try:
        return bool(who(tokens, token))
    except NotAllowed:
        return False


# --- whom a token names -----------------------------------------------------------------------------------------------


def test_a_person_acts_under_the_subject_of_the_token_for_its_authority_with_its_scopes(
    api: Api, issuer: Issuer
) -> None:
    reference = api.complaint()
    token = issuer.token(scope="cases:read cases:write openid everything")
    path = f"/v1/cases/{reference}"
    assert api.ask("GET", path, key=token).status_code == 200
    assert api.ask("POST", f"{path}/assignment", key=token, json={"officer": "staff-1"}).status_code == 201
    assert api.register.log.stream("COV", f"case:{reference}")[-1].actor == "person:officer-17"
    lacking = api.ask("GET", "/v1/reports/annual/2026-27", key=token)
    assert (lacking.status_code, lacking.json()["scope"]) == (403, "reports:read")
    assert api.ask("GET", path, key=issuer.token(authority="BIR")).status_code == 404
    assert api.ask("GET", path, key=api.of()).status_code == 200


def test_without_an_issuer_no_token_is_taken(api: Api, issuer: Issuer) -> None:
    object.__setattr__(api.register, "tokens", None)
    assert api.ask("GET", "/v1/cases", key=issuer.token()).status_code == 401
    assert issuer.asked == []


@pytest.mark.parametrize(
    ("claims", "scopes"),
    [
        ({}, set(SCOPES)),
        ({"scope": ["cases:read", "openid", 7]}, {"cases:read"}),
        ({"scope": "openid profile"}, set()),
        ({"scope": None}, set()),
        ({"scope": {"cases:read": True}}, set()),
        ({"scope": "Cases:Read cases:read,admin"}, set()),
    ],
)
def test_scopes_are_those_of_the_register_alone(
    issuer: Issuer, tokens: Tokens, claims: dict[str, Any], scopes: set[str]
) -> None:
    assert who(tokens, issuer.token(**claims)) == Principal("person:officer-17", "COV", frozenset(scopes))


def test_the_claims_may_have_other_names_and_lie_within_others(issuer: Issuer) -> None:
    tokens = Tokens(issuer.url, AUDIENCE, "https://redress.example/authority", "realm_access.roles", issuer.now)
    claims = {"https://redress.example/authority": "BIR", "realm_access": {"roles": ["admin"]}}
    assert who(tokens, issuer.token(**claims)) == Principal("person:officer-17", "BIR", frozenset({"admin"}))


@pytest.mark.parametrize(
    "claims",
    [
        {"authority": None},
        {"authority": "cov"},
        {"authority": "COV\n"},
        {"authority": "C"},
        {"authority": ["COV"]},
        {"authority": "*"},
        {"sub": None},
        {"sub": ""},
        {"sub": 17},
        {"sub": "two words"},
        {"sub": "x" * 129},
        {"sub": "line\nbreak"},
        {"sub": "<script>"},
    ],
    ids=str,
)
def test_an_authority_or_a_subject_that_cannot_be_is_refused(
    issuer: Issuer, tokens: Tokens, claims: dict[str, Any]
) -> None:
    assert refused(tokens, issuer.token(**claims))


# --- which tokens are taken -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("told", [{}, {"use": "sig", "x5t": "whatever"}])
@pytest.mark.parametrize(("alg", "key"), [("RS256", rsa("a")), ("PS256", rsa("b")), ("ES256", ec("c"))])
def test_the_pinned_algorithms_are_taken(
    issuer: Issuer, tokens: Tokens, alg: str, key: Key, told: dict[str, str]
) -> None:
    issuer.keys = [{**key.as_dict(private=False), **told, **({"alg": alg} if told else {})}]
    assert who(tokens, issuer.token(key=key, alg=alg)).actor == "person:officer-17"
    for other in {"RS256", "PS256", "ES256"} - {alg}:
        token = issuer.token(key=key, alg=alg)
        payload = token.split(".")[1]
        head = by_hand({"alg": other, "kid": key.kid}, {}).split(".")[0]
        assert refused(tokens, ".".join((head, payload, token.split(".")[2])))


def test_what_a_header_tells_beside_is_passed_over(issuer: Issuer, tokens: Tokens) -> None:
    header = {"alg": "RS256", "kid": "one", "nonce": "whatever", "typ": "at+jwt"}
    assert who(tokens, jwt.encode(header, issuer.claims(), rsa("one"), registry=JWSRegistry(strict_check_header=False)))


def test_a_key_for_one_algorithm_is_not_taken_for_another(issuer: Issuer, tokens: Tokens) -> None:
    issuer.keys = [{**rsa("one").as_dict(private=False), "alg": "RS256"}]
    assert who(tokens, issuer.token(alg="RS256"))
    assert refused(tokens, issuer.token(alg="PS256"))


def test_other_algorithms_are_refused_whoever_signed(issuer: Issuer, tokens: Tokens) -> None:
    good = {"kid": "one"}
    for alg in ("none", "None", "NONE", "", "RS1", "HS256", "HS512", "dir"):
        assert refused(tokens, by_hand({**good, "alg": alg}, issuer.claims()))
    assert refused(tokens, by_hand(good, issuer.claims()))
    assert refused(tokens, issuer.token(alg="RS384"))
    assert refused(tokens, issuer.token(alg="RS512"))
    assert issuer.asked == []  # and no key is looked for


def test_a_public_key_is_no_secret_to_sign_with(issuer: Issuer, tokens: Tokens) -> None:
    """The attack that pinning is for: HS256 with the bytes of the public key."""
    public = rsa("one")
    for secret in (public.as_pem(private=False), json.dumps(public.as_dict(private=False)).encode()):
        head, payload, _ = by_hand({"alg": "HS256", "kid": "one"}, issuer.claims()).split(".")
        mac = hmac.digest(secret, f"{head}.{payload}".encode(), "sha256")
        assert refused(tokens, f"{head}.{payload}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}")


FAULTY: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://elsewhere.example"},
    "no issuer": {"iss": None},
    "several issuers": {"iss": ["https://elsewhere.example"]},
    "another audience": {"aud": "another-service"},
    "no audience": {"aud": None},
    "other audiences": {"aud": ["another-service", "redress-too"]},
    "no end": {"exp": None},
    "no beginning": {"iat": None},
    "an end in words": {"exp": "tomorrow"},
    "an end that is none": {"exp": float("inf")},
    "an end that is true": {"exp": True},
}


@pytest.mark.parametrize("what", FAULTY)
def test_a_token_with_a_claim_at_fault_is_refused(issuer: Issuer, tokens: Tokens, what: str) -> None:
    assert refused(tokens, issuer.token(**FAULTY[what]))


def test_one_audience_of_several_may_be_ours(issuer: Issuer, tokens: Tokens) -> None:
    assert who(tokens, issuer.token(aud=["another-service", AUDIENCE]))


@pytest.mark.parametrize(("claim", "good", "bad"), [("exp", -20, -40), ("nbf", 20, 40), ("iat", 20, 40)])
def test_instants_hold_but_for_a_small_skew(issuer: Issuer, tokens: Tokens, claim: str, good: int, bad: int) -> None:
    now = int(issuer.now().timestamp())
    assert who(tokens, issuer.token(**{claim: now + good}))
    assert refused(tokens, issuer.token(**{claim: now + bad}))


def test_a_changed_token_is_refused(issuer: Issuer, tokens: Tokens) -> None:
    head, payload, signature = issuer.token(authority="BIR").split(".")
    others = by_hand({}, issuer.claims(authority="COV")).split(".")[1]
    assert who(tokens, f"{head}.{payload}.{signature}")
    assert refused(tokens, f"{head}.{others}.{signature}")
    assert refused(tokens, f"{head}.{payload}.{issuer.token().split('.')[2]}")
    assert refused(tokens, issuer.token(key=rsa("two"), kid="one"))
    assert refused(tokens, by_hand({"alg": "RS256", "kid": "one", "crit": ["exp"]}, issuer.claims()))
    assert refused(tokens, by_hand({"alg": "RS256", "kid": ["one"]}, issuer.claims()))


NO_TOKENS = ["a.b", "a.b.c.d", "..", "a.b.", f"{'x' * 1001}.a.a", "é.a.a", "W10.W10.W10", "Ww.a.a"]


@pytest.mark.parametrize("token", NO_TOKENS)
def test_what_is_no_token_is_refused(api: Api, issuer: Issuer, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}".encode()}
    assert api.ask("GET", "/v1/cases", headers=headers).status_code == 401
    assert issuer.asked == []


@pytest.mark.parametrize(
    "jwk",
    [
        {"kty": "RSA", "kid": "weak", "e": "AQAB", "n": "_" * 171},  # 1026 bits
        {**rsa("one").as_dict(private=False), "use": "enc"},
        {**rsa("one").as_dict(private=False), "alg": "RSA-OAEP"},
        {**rsa("one").as_dict(private=False), "alg": "ES256"},
        {name: value for name, value in rsa("one").as_dict(private=False).items() if name != "kid"},
        {**ec("p384", "P-384").as_dict(private=False)},
        {"kty": "oct", "kid": "one", "k": "c2VjcmV0"},
    ],
    ids=lambda jwk: f"{jwk['kty']}-{jwk.get('kid')}-{jwk.get('use')}-{jwk.get('alg')}",
)
def test_a_key_that_is_not_for_signing_or_too_weak_is_passed_over(
    issuer: Issuer, tokens: Tokens, jwk: dict[str, Any]
) -> None:
    issuer.keys = [jwk, rsa("two").as_dict(private=False)]
    assert who(tokens, issuer.token(key=rsa("two")))
    assert refused(tokens, issuer.token(kid=jwk.get("kid", "one")))


# --- keys that change, an issuer that is down -------------------------------------------------------------------------


def test_keys_are_fetched_once_for_all_who_come_at_once_and_then_kept(issuer: Issuer, tokens: Tokens) -> None:
    async def together() -> list[Principal]:
        return await asyncio.gather(*(tokens.authenticate(issuer.token()) for _ in range(20)))

    assert len(asyncio.run(together())) == 20
    assert who(tokens, issuer.token())
    assert issuer.asked == [DISCOVERY, JWKS]


def test_a_new_key_is_found_and_made_up_ones_cost_one_fetch_a_while(
    issuer: Issuer, tokens: Tokens, monotonic: Monotonic
) -> None:
    assert who(tokens, issuer.token())
    issuer.keys = [rsa("two").as_dict(private=False)]
    for number in range(50):
        assert refused(tokens, issuer.token(kid=f"made-up-{number}"))
    assert refused(tokens, issuer.token(key=rsa("two")))
    assert len(issuer.asked) == 2
    monotonic.now += COOL_DOWN
    assert who(tokens, issuer.token(key=rsa("two"))).actor == "person:officer-17"
    assert refused(tokens, issuer.token())  # the key that the issuer no longer has
    assert len(issuer.asked) == 4


def test_a_key_that_the_issuer_withdrew_ends_when_the_kept_ones_are_old(
    issuer: Issuer, tokens: Tokens, monotonic: Monotonic
) -> None:
    assert who(tokens, issuer.token())
    issuer.keys = [rsa("two").as_dict(private=False)]
    monotonic.now += MAX_AGE + 1
    assert who(tokens, issuer.token())  # answered with what is known, while it is fetched
    eventually(lambda: not taken(tokens, issuer.token()))
    assert len(issuer.asked) == 4


def test_a_key_that_is_withdrawn_at_this_very_moment_is_still_the_one_that_was_known(
    issuer: Issuer, tokens: Tokens, monotonic: Monotonic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fetch may be over before the request that began it goes on."""
    assert who(tokens, issuer.token())
    issuer.keys = [rsa("two").as_dict(private=False)]
    monotonic.now += MAX_AGE + 1
    start = threading.Thread.start

    def started_and_over(thread: threading.Thread) -> None:
        start(thread)
        if thread.name == "issuer-keys":
            thread.join()

    monkeypatch.setattr(threading.Thread, "start", started_and_over)
    assert who(tokens, issuer.token())
    assert refused(tokens, issuer.token())


def test_while_the_issuer_is_down_known_keys_go_on_and_others_are_told_to_wait(
    api: Api, issuer: Issuer, tokens: Tokens, monotonic: Monotonic
) -> None:
    assert who(tokens, issuer.token())
    issuer.answers[DISCOVERY] = (500, b"")
    monotonic.now += MAX_AGE + 1
    for _ in range(3):
        assert who(tokens, issuer.token())
        with pytest.raises(Unavailable) as unavailable:
            who(tokens, issuer.token(key=rsa("two")))
        assert unavailable.value.retry_after == COOL_DOWN
    assert len(issuer.asked) == 3
    answer = api.ask("GET", "/v1/cases", key=issuer.token())
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:redress:problem:unavailable")
    assert 1 <= int(answer.headers["retry-after"]) <= COOL_DOWN
    assert api.ask("GET", "/v1/cases").status_code == 200
    issuer.answers.clear()
    issuer.keys.append(rsa("two").as_dict(private=False))
    monotonic.now += COOL_DOWN
    assert who(tokens, issuer.token(key=rsa("two")))


BROKEN: dict[str, tuple[str, int, bytes]] = {
    "not JSON": (DISCOVERY, 200, b"<html>"),
    "not an object": (DISCOVERY, 200, b"[]"),
    "another issuer": (DISCOVERY, 200, b'{"issuer": "https://elsewhere.example", "jwks_uri": "ISSUER/keys"}'),
    "keys over plain http": (DISCOVERY, 200, b'{"issuer": "ISSUER", "jwks_uri": "http://elsewhere.example/keys"}'),
    "keys in a file": (DISCOVERY, 200, b'{"issuer": "ISSUER", "jwks_uri": "file://FOLDER/keys.json"}'),
    "no address of keys": (DISCOVERY, 200, b'{"issuer": "ISSUER"}'),
    "sent elsewhere": (JWKS, 302, b"/other-keys"),
    "too large": (JWKS, 200, b'{"keys": [TWO], "padding": "' + b"x" * SIZE + b'"}'),
    "too deep": (JWKS, 200, b"[" * 100_000),
    "no keys": (JWKS, 200, b'{"keys": []}'),
    "keys that are none": (JWKS, 200, b'{"keys": [{"kid": "one", "kty": "RSA", "n": 7}]}'),
}


@pytest.mark.parametrize("what", BROKEN)
def test_documents_that_cannot_be_leave_the_keys_that_are_known(
    issuer: Issuer, tokens: Tokens, monotonic: Monotonic, tmp_path: Path, what: str
) -> None:
    assert who(tokens, issuer.token())
    two = json.dumps(rsa("two").as_dict(private=False))
    (tmp_path / "keys.json").write_text(f'{{"keys": [{two}]}}')
    path, status, body = BROKEN[what]
    for name, value in {b"ISSUER": issuer.url, b"FOLDER": str(tmp_path), b"TWO": two}.items():
        body = body.replace(name, value.encode())
    issuer.answers[path] = (status, body)
    monotonic.now += COOL_DOWN
    with pytest.raises(Unavailable):
        who(tokens, issuer.token(key=rsa("two")))
    assert who(tokens, issuer.token())
    assert "/other-keys" not in issuer.asked


@pytest.mark.parametrize(
    "url", ["http://issuer.example", "file:///etc", "issuer.example", "https://", "ftp://127.0.0.1"]
)
def test_an_issuer_is_spoken_to_over_tls(url: str) -> None:
    with pytest.raises(ValueError, match="https://"):
        IssuerKeys(url)


def test_an_issuer_needs_an_audience() -> None:
    with pytest.raises(ValidationError, match="REDRESS_OIDC_AUDIENCE"):
        Settings(oidc_issuer="https://issuer.example")
