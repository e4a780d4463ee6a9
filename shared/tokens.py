"""Who may do what, beside API keys: bearer tokens of the council's OpenID Connect issuer, for people."""

import base64
import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry
from joserfc.jwt import ClaimsOption

from shared.access import AUTHORITY, SCOPES, Principal
from shared.errors import NotAllowed
from shared.issuer import ALGORITHMS, IssuerKeys

SKEW = 30
"""Seconds by which the issuer's clock may differ from ours."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,1000}\.[A-Za-z0-9_-]{1,16000}\.[A-Za-z0-9_-]{1,1000}")
_SUBJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@|:+=/~-]{0,127}")
_REGISTRY = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)


class Tokens:
    """Checks the tokens of one issuer that are meant for this register.

    The claim `authority_claim` holds an authority's code, `scopes_claim` scopes, as a list or with spaces between; a
    claim within a claim is written `outer.inner`. Scopes that are not the register's are passed over.
    """

    def __init__(
        self,
        issuer: str,
        audience: str,
        authority_claim: str,
        scopes_claim: str,
        clock: Callable[[], datetime],
        keys: IssuerKeys | None = None,
    ) -> None:
        self._claims: dict[str, ClaimsOption] = {
            "iss": {"essential": True, "value": issuer},
            "aud": {"essential": True, "value": audience},
            "exp": {"essential": True},
            "iat": {"essential": True},
            "sub": {"essential": True},
        }
        self._authority_claim = authority_claim
        self._scopes_claim = scopes_claim
        self._clock = clock
        self._keys = keys or IssuerKeys(issuer)

    @staticmethod
    def looks_like_one(token: str) -> bool:
        """Whether it has the form of a signed token: three parts with dots between."""
        return _TOKEN.fullmatch(token) is not None

    async def authenticate(self, token: str) -> Principal:
        """Whose token it is: the actor is `person:` and the issuer's subject.

        Raises:
            NotAllowed: it is not this issuer's, not for us, not in force, or names no authority; which is not told.
            Unavailable: its key is not known, and the issuer cannot be asked now.
        """
        header = _header(token)
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in ALGORITHMS or not isinstance(kid, str):
            raise NotAllowed
        key = await self._keys.key(kid)
        now = int(self._clock().timestamp())
        try:
            claims = jwt.decode(token, key, algorithms=[algorithm], registry=_REGISTRY).claims
            jwt.JWTClaimsRegistry(now=now, leeway=SKEW, **self._claims).validate(claims)
        except JoseError:
            raise NotAllowed from None
        return self._principal(claims)

    def _principal(self, claims: dict[str, Any]) -> Principal:
        subject, authority = claims["sub"], _claim(claims, self._authority_claim)
        if not _SUBJECT.fullmatch(subject) or not isinstance(authority, str) or not AUTHORITY.fullmatch(authority):
            raise NotAllowed
        told = _claim(claims, self._scopes_claim)
        scopes = told.split() if isinstance(told, str) else told if isinstance(told, list) else []
        return Principal(f"person:{subject}", authority, frozenset(scope for scope in SCOPES if scope in scopes))


def _claim(claims: dict[str, Any], path: str) -> Any:
    """The claim of a name, or the one that a path of names with dots between leads to."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _header(token: str) -> dict[str, Any]:
    try:
        part = token.partition(".")[0]
        header = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        raise NotAllowed from None
    if not isinstance(header, dict):
        raise NotAllowed
    return header
