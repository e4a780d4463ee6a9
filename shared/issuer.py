"""The public keys of an OpenID Connect issuer: discovered, fetched in a thread, kept, fetched anew when they rotate.

A key that is not known is looked for at the issuer, but at most once in a while, whoever asks for how many: made-up key
ids cost nothing more. While the issuer is down, the keys that were fetched before go on being good.
"""

import asyncio
import base64
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, cast
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from joserfc.jwk import ECKey, Key, RSAKey, import_key

from shared.errors import NotAllowed, Unavailable

logger = logging.getLogger(__name__)

COOL_DOWN = 30.0
"""Seconds between two fetches: for so long, a key that the issuer has just begun to sign with may be refused."""
MAX_AGE = 600.0
"""Seconds after which known keys are fetched anew, so that one which the issuer withdrew ends here too."""
TIMEOUT = 5.0
"""Seconds that one document may take."""
SIZE = 262_144
"""Bytes that one document may have."""

_KINDS = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC"}
ALGORITHMS = tuple(_KINDS)
"""What a token may be signed with; never `none`, never a shared secret."""


class IssuerKeys:
    """The signing keys of one issuer, by key id."""

    def __init__(self, issuer: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        if not _trusted(issuer, issuer):
            raise ValueError("the issuer's address begins with https://")
        self._issuer = issuer
        self._monotonic = monotonic
        self._keys: Mapping[str, Key] = {}
        self._tried: float | None = None
        self._failed = False
        self._underway: Future[None] | None = None

    async def key(self, kid: str) -> Key:
        """The public key of an id.

        Raises:
            NotAllowed: the issuer has no such key, or had none a moment ago.
            Unavailable: whether it has cannot be found out now.
        """
        if known := self._keys.get(kid):  # looked up once: a fetch may put other keys in their place at any moment
            if self._age() > MAX_AGE:
                self._fetching()
            return known
        if (underway := self._fetching()) is not None:
            await asyncio.wrap_future(underway)
        if known := self._keys.get(kid):
            return known
        if self._failed:
            again = max(1, round(COOL_DOWN - self._age()))
            raise Unavailable("the keys of the sign-in service are not to be had", again)
        raise NotAllowed

    def _age(self) -> float:
        return self._monotonic() - self._tried if self._tried is not None else float("inf")

    def _fetching(self) -> "Future[None] | None":
        """The fetch that is under way, or one that begins now; None while the last is too recent for another."""
        if self._underway is not None and not self._underway.done():
            return self._underway
        if self._age() < COOL_DOWN:
            return None
        self._tried = self._monotonic()
        self._underway = Future()
        self._underway.set_running_or_notify_cancel()  # one request that is given up does not end it for the others
        threading.Thread(target=self._fetch, args=(self._underway,), name="issuer-keys", daemon=True).start()
        return self._underway

    def _fetch(self, underway: "Future[None]") -> None:
        try:
            self._keys = self._fetched()
            self._failed = False
        except Exception as error:  # whatever is wrong with what a stranger answers, the keys known so far stay
            logger.warning("the keys of %s could not be fetched: %s", self._issuer, type(error).__name__)
            self._failed = True
        finally:
            underway.set_result(None)

    def _fetched(self) -> Mapping[str, Key]:
        described = _document(self._issuer.rstrip("/") + "/.well-known/openid-configuration", self._issuer)
        if described["issuer"] != self._issuer:
            raise ValueError("the issuer calls itself by another name")
        listed = _document(described["jwks_uri"], self._issuer)["keys"]
        keys = {jwk["kid"]: _public(jwk) for jwk in listed if _usable(jwk)}
        if not keys:
            raise ValueError("the issuer has no key that a token may be signed with")
        return keys


def _usable(jwk: Mapping[str, Any]) -> bool:
    """Whether tokens may be signed with it: a named RSA key of 2048 bits or more, or one on P-256."""
    if not isinstance(jwk.get("kid"), str) or jwk.get("use", "sig") != "sig":
        return False
    if "alg" in jwk and _KINDS.get(jwk["alg"]) != jwk["kty"]:
        return False
    if jwk["kty"] == "RSA":
        return len(base64.urlsafe_b64decode(jwk["n"] + "==").lstrip(b"\0")) >= 256
    return jwk["kty"] == "EC" and jwk.get("crv") == "P-256"


def _public(jwk: Mapping[str, Any]) -> Key:
    """The public part alone, without what the issuer says that it is for but its algorithm."""
    names = ("kty", "kid", "alg", "n", "e", "crv", "x", "y")
    kept = {name: jwk[name] for name in names if name in jwk}
    return cast("RSAKey | ECKey", import_key(kept))


class _NoRedirect(HTTPRedirectHandler):
    """An issuer that sends us elsewhere is not followed: its documents are where they say that they are."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _document(url: str, issuer: str) -> dict[str, Any]:
    """A JSON object from an address. Raises `OSError` or `ValueError`."""
    if not _trusted(url, issuer):
        raise ValueError("an issuer's documents come over https://")
    deadline = time.monotonic() + TIMEOUT
    body = bytearray()
    request = Request(url, headers={"Accept": "application/json"})  # noqa: S310 - https, or a loopback issuer's own
    with build_opener(_NoRedirect).open(request, timeout=TIMEOUT) as answer:
        while chunk := answer.read1(65_536):
            body += chunk
            if len(body) > SIZE or time.monotonic() > deadline:
                raise ValueError("the document is too large, or too slow in coming")
    read = json.loads(bytes(body))
    if not isinstance(read, dict):
        raise ValueError("the document is not an object")
    return read


def _trusted(url: str, issuer: str) -> bool:
    """Whether an address is one that nobody between can change; an issuer on this very machine may do without TLS."""
    parts, own = urlsplit(url), urlsplit(issuer)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == own.scheme == "http" and _loopback(parts.hostname) and _loopback(own.hostname)


def _loopback(host: str | None) -> bool:
    return host in ("127.0.0.1", "::1", "localhost")
