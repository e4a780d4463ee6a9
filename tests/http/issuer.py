"""An OpenID Connect issuer on loopback: keys that rotate, tokens as right or as wrong as a test likes."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, Key, RSAKey

from shared.access import SCOPES

AUDIENCE = "redress"
DISCOVERY, JWKS = "/.well-known/openid-configuration", "/keys"


@cache
def rsa(kid: str) -> RSAKey:
    """A key pair of that id, the same for the whole run."""
    return RSAKey.generate_key(2048, {"kid": kid}, auto_kid=False)


@cache
def ec(kid: str, curve: str = "P-256") -> ECKey:
    """The same on an elliptic curve."""
    return ECKey.generate_key(curve, {"kid": kid}, auto_kid=False)


@dataclass
class Issuer:
    """What the issuer answers, and how often it was asked."""

    url: str
    now: Callable[[], datetime]
    keys: list[Mapping[str, Any]] = field(default_factory=lambda: [rsa("one").as_dict(private=False)])
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str) -> tuple[int, bytes]:
        self.asked.append(path)
        if path in self.answers:
            return self.answers[path]
        documents = {
            DISCOVERY: {"issuer": self.url, "jwks_uri": self.url + JWKS},
            JWKS: {"keys": self.keys},
        }
        return 200, json.dumps(documents[path]).encode()

    def claims(self, **different: Any) -> dict[str, Any]:
        """The claims of a good token; those given as None are left out."""
        now = int(self.now().timestamp())
        usual = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "officer-17",
            "iat": now,
            "nbf": now,
            "exp": now + 300,
            "authority": "COV",
            "scope": " ".join(SCOPES),
        }
        return {name: value for name, value in {**usual, **different}.items() if value is not None}

    def token(self, *, key: Key | None = None, alg: str = "RS256", kid: str | None = None, **different: Any) -> str:
        """A token signed with a key, by default the first one that the issuer publishes."""
        signer = key or rsa("one")
        header = {"alg": alg, "kid": kid or signer.kid}
        return jwt.encode(header, self.claims(**different), signer, algorithms=[alg])


def by_hand(header: Mapping[str, Any], claims: Mapping[str, Any], signature: bytes = b"") -> str:
    """A token put together without a library that could refuse to."""
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


@contextmanager
def issuing(now: Callable[[], datetime]) -> Iterator[Issuer]:
    """An issuer that serves until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = issuer.answer(self.path)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", body.decode())
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        issuer = Issuer(f"http://127.0.0.1:{server.server_address[1]}", now)
        serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        serving.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            serving.join()
