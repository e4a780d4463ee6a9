"""Every route asked with every kind of credential that must not open it: how many there are, and which gave anything.

`python -m tests.http.matrix` prints the count and each leak, and ends with 1 if there is one.
"""

import asyncio
import base64
import hmac
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx

import migrations
from services.reporting import publishing
from shared.access import SCOPES
from shared.database import connect
from tests.http.conftest import Api, Application, opened
from tests.http.described import PUBLIC, Route, needed, routes
from tests.http.issuer import AUDIENCE, Issuer, by_hand, issuing, rsa

ENQUIRY = "26 004 117"
PUBLICATION, UNKNOWN = "01939e6c-7a00-7000-8000-000000000001", "01939e6c-7a00-7000-8000-000000000002"
NONE_AT_ALL = ("no key", "an empty key", "another scheme")
"""Who asks without a credential, as anybody may for what is public."""

CASE, THANKS, REMARK = "COV-2026-000001", "COV-2026-000003", "COV-2026-000004"


@dataclass
class Matrix:
    """How many routes and kinds of credential there were, how often was asked, and what was answered amiss."""

    routes: int
    credentials: int
    asked: int = 0
    leaks: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.routes} routes x {self.credentials} credentials, {self.asked} requests, leaks {len(self.leaks)}"


def settings(issuer: Issuer) -> Mapping[str, Any]:
    """What the register is opened with: it takes the issuer's tokens, and nobody asks too often."""
    often = {"rate_limit": "1000000/minute", "failure_limit": "1000000/minute"}
    return {**often, "oidc_issuer": issuer.url, "oidc_audience": AUDIENCE}


def nobodys(api: Api, issuer: Issuer) -> dict[str, str]:
    """What no route may take for a credential: the header, by what is wrong with it."""
    key, revoked = api.of(), api.key()
    api.register.access.revoke(revoked.split("_")[1])
    now = int(issuer.now().timestamp())
    head, payload, signature = issuer.token().split(".")
    tokens = {
        "a token with a forged signature": f"{head}.{payload}.{signature[::-1]}",
        "a token with another's signature": issuer.token(key=rsa("two"), kid="one"),
        "a token with other claims": f"{head}.{by_hand({}, issuer.claims(sub='another')).split('.')[1]}.{signature}",
        "a token of alg none": by_hand({"alg": "none", "kid": "one"}, issuer.claims()),
        "a token signed with the public key": signed_with_public_key(issuer),
        "a token of an unknown key": issuer.token(key=rsa("two")),
        "a token of another issuer": issuer.token(iss="https://elsewhere.example"),
        "a token for another audience": issuer.token(aud="another-service"),
        "a token that is over": issuer.token(exp=now - 60),
        "a token that has not begun": issuer.token(nbf=now + 3600),
        "a token of no authority": issuer.token(authority=None),
        "a token of a malformed authority": issuer.token(authority="COV' OR 1=1"),
    }
    keys = {
        "a malformed key": "nonsense",
        "an unknown key": f"redress_00000000_{'x' * 43}",
        "a key with another secret": f"{key[:-1]}{'A' if key[-1] != 'A' else 'B'}",
        "a key cut short": key[:-1],
        "a key of another kind": key.replace("redress", "address"),
        "a revoked key": revoked,
        "an expired key": api.expired(),
    }
    bearers = {what: f"Bearer {token}" for what, token in {**keys, **tokens}.items()}
    return {"no key": "", "an empty key": "Bearer ", "another scheme": f"Basic {key}", **bearers}


def signed_with_public_key(issuer: Issuer) -> str:
    """The attack for which algorithms are pinned."""
    head, payload, _ = by_hand({"alg": "HS256", "kid": "one"}, issuer.claims()).split(".")
    mac = hmac.digest(rsa("one").as_pem(private=False), f"{head}.{payload}".encode(), "sha256")
    return f"{head}.{payload}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def lacking(api: Api, issuer: Issuer, route: Route) -> dict[str, tuple[str, str]]:
    """Keys and tokens that lack one scope that the route asks for: the credential and the scope."""
    found = {}
    for scope in sorted(needed(route)):
        others = tuple(other for other in SCOPES if other != scope)
        found[f"a key without {scope}"] = api.key(*others), scope
        found[f"a token without {scope}"] = issuer.token(scope=list(others)), scope
    return found


def kept(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    """All of an answer but its correlation id."""
    headers = {name: value for name, value in answer.headers.items() if name != "x-correlation-id"}
    return answer.status_code, answer.content, headers


def reference(route: Route) -> str:
    """Something of Coventry's that the route could be about, as `with_something_in` makes it."""
    if route.path.startswith("/v1/ombudsman"):
        return ENQUIRY
    if "{id}" in route.path:
        return PUBLICATION
    return {"/v1/compliments/{reference}": THANKS, "/v1/comments/{reference}": REMARK}.get(route.path, CASE)


def unknown(route: Route) -> str:
    """What the route could be about, and is nobody's."""
    return UNKNOWN if "{id}" in route.path else "COV-1999-999999"


def with_something_in(api: Api) -> None:
    """Two cases, a compliment, a comment, an enquiry, words on the year and a released publication of Coventry's."""
    api.complaint()
    api.complaint()
    api.post("/v1/compliments", channel="email", service_area="older_people")
    api.post("/v1/comments", channel="email", service_area="older_people")
    api.post("/v1/ombudsman/enquiries", ombudsman_reference=ENQUIRY, received_on="2026-11-20")
    assert api.ask("PUT", "/v1/narratives/2026-27", json={"introduction": "Our report."}).status_code == 200
    with patch.object(publishing, "uuid7", lambda: PUBLICATION):
        api.post("/v1/publications", report="annual", year="2026-27")
    api.post(f"/v1/publications/{PUBLICATION}/release")


def matrix(api: Api, issuer: Issuer) -> Matrix:
    """Ask every route with every credential that must not open it. The register holds nothing before."""
    with_something_in(api)
    every, closed, head = routes(api), nobodys(api, issuer), api.head()
    others = {"another authority's key": api.of("BIR"), "another authority's token": issuer.token(authority="BIR")}
    found = Matrix(len(every), len(closed) + len(others) + 2)
    asking = _Asking(api, found)
    for route in every:
        for what, authorization in closed.items():
            asking.closed(route, what, authorization)
        for what, (credential, scope) in lacking(api, issuer, route).items():
            asking.lacking(route, what, credential, scope)
        for what, credential in others.items():
            asking.others(route, what, credential)
    if len(asking.told) != 1:
        found.leaks.append(f"{len(asking.told)} different answers to whoever has no credential")
    if api.head() != head:
        found.leaks.append("something was written for whoever may not write")
    return found


@dataclass
class _Asking:
    api: Api
    found: Matrix
    told: set[bytes] = field(default_factory=set)

    def closed(self, route: Route, what: str, authorization: str) -> None:
        answer = self._ask(route, reference(route), headers={"Authorization": authorization})
        if route.path == PUBLIC and what in NONE_AT_ALL:
            self._expect(answer.status_code == 200, route, what, answer)
            return
        self.told.add(answer.content)
        challenged = answer.headers.get("www-authenticate", "").startswith("Bearer")
        self._expect(answer.status_code == 401 and challenged, route, what, answer)

    def lacking(self, route: Route, what: str, credential: str, scope: str) -> None:
        answer = self._ask(route, reference(route), key=credential)
        self._expect(answer.status_code == 403 and answer.json()["scope"] == scope, route, what, answer)

    def others(self, route: Route, what: str, credential: str) -> None:
        """Something of Coventry's is answered like nothing at all; elsewhere nothing of Coventry's is named."""
        answer = self._ask(route, reference(route), key=credential)
        if "{reference}" in route.path or ("{id}" in route.path and route.path != PUBLIC):
            nothing = self._ask(route, unknown(route), key=credential)
            self._expect(answer.status_code in (404, 422) and kept(answer) == kept(nothing), route, what, answer)
        else:
            ours = "COV-2026" in answer.text or answer.status_code in (401, 403, 500)
            self._expect(not ours, route, what, answer)

    def _ask(self, route: Route, about: str, **more: Any) -> httpx.Response:
        self.found.asked += 1
        return self.api.ask(**route.about(about), **more)

    def _expect(self, right: bool, route: Route, what: str, answer: httpx.Response) -> None:  # noqa: FBT001 - the answer
        if not right:
            self.found.leaks.append(f"{route} with {what}: {answer.status_code}")


@contextmanager
def on_its_own() -> Iterator[tuple[Api, Issuer]]:
    """All services and an issuer, outside of a run of tests."""
    application = Application()
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner, issuing(application.clock) as issuer:
        engine = connect(f"sqlite:///{folder}/redress.db")
        migrations.upgrade(engine)
        engine.dispose()
        with opened(application, runner, Path(folder), settings(issuer)) as api:
            yield api, issuer


def main(tell: Callable[[str], object]) -> int:
    """Count, tell the count and each leak, and answer the exit status."""
    with on_its_own() as (api, issuer):
        found = matrix(api, issuer)
    for line in (str(found), *found.leaks):
        tell(line + "\n")
    return 1 if found.leaks else 0


if __name__ == "__main__":
    sys.exit(main(sys.stdout.write))
