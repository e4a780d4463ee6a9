"""Bytes on the wire: requests that no client library would send, to a server that must neither fail nor repeat them."""

import json
import re
import socket
from contextlib import suppress
from random import Random

import httpx

from tests.e2e.commands import Deployment
from tests.torture.counts import Count, Effort
from tests.torture.killing import prepared, served
from tests.torture.load import COMPLAINT

MARK = b"Zebedee"


def hostile_bytes(effort: Effort) -> list[Count]:
    """Send known tricks, then whole requests with some of their bytes changed, and count what came of them."""
    deployment = Deployment(effort.folder / "home")
    load = prepared(deployment, effort.random("bytes"))
    answered = errors = repeated = 0
    with served(deployment) as url:
        port = int(url.rpartition(":")[2])
        whole = _requests(load.key)
        rounds = effort.rounds(least=len(_tricks(whole)) + 100)
        waiting = _tricks(whole)
        for _ in rounds:
            sent = waiting.pop() if waiting else _changed(load.random.choice(whole), load.random)
            got = _exchange(port, sent)
            statuses = [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", got)]
            answered += bool(statuses)
            errors += any(status >= 500 for status in statuses)
            repeated += MARK in got
        harmed = int(httpx.get(f"{url}/health/ready", verify=False, trust_env=False).status_code != 200)
    said = (deployment.home / "serve.log").read_text()
    return [
        Count("requests as bytes", rounds.done),
        Count("answered", answered),
        Count("answered by an error of the server", errors, 0),
        Count("answers that repeat what was sent", repeated, 0),
        Count("tracebacks and words of the sender in its log", said.count("Traceback") + said.count(MARK.decode()), 0),
        Count("not serving afterwards", harmed, 0),
    ]


def _requests(key: str) -> list[bytes]:
    """Requests as they should be."""
    head = b"Host: x\r\nConnection: close\r\nAuthorization: Bearer %s\r\n" % key.encode()
    body = json.dumps({**COMPLAINT, "narrative": MARK.decode()}).encode()
    form = b"Content-Type: application/json\r\n"
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    return [
        b"GET /v1/cases/%s?on=2026-11-20 HTTP/1.1\r\n%s\r\n" % (MARK, head),
        b"POST /v1/complaints HTTP/1.1\r\n%s%sContent-Length: %d\r\n\r\n%s" % (head, form, len(body), body),
        b"POST /v1/complaints HTTP/1.1\r\n%s%sTransfer-Encoding: chunked\r\n\r\n%s" % (head, form, chunks),
    ]


def _tricks(whole: list[bytes]) -> list[bytes]:
    """What is known to have confused servers."""
    get, post, chunked = whole

    def having(*headers: bytes) -> list[bytes]:
        return [get.replace(b"Host: x\r\n", b"Host: x\r\n" + header) for header in headers]

    return [
        *having(
            b"Host: y\r\n",
            b"X: \xff\xfe" + MARK + b"\r\n",
            b"X: a\r\n b" + MARK + b"\r\n",
            b"X : " + MARK + b"\r\n",
            b": " + MARK + b"\r\n",
            b"X\0: " + MARK + b"\r\n",
            b"X: \0" + MARK + b"\r\n",
            b"X: a\rSet-Cookie: " + MARK + b"\r\n",
            b"X: " + MARK * 20_000 + b"\r\n",
            b"X: y\r\n" * 5_000,
            b"Authorization: Bearer " + MARK + b"\r\n",
            b"X-Correlation-Id: " + MARK + b"\xc3\xa9\r\nX-Correlation-Id: a b\r\n",
            b"Content-Length: -1\r\n",
            b"Content-Length: 5\r\nContent-Length: 6\r\n",
            b"Expect: 100-continue\r\n",
            b"Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n",
            b"Upgrade: h2c\r\nHTTP2-Settings: AAAA\r\nConnection: Upgrade, HTTP2-Settings\r\n",
        ),
        post.replace(b"Content-Length", b"Transfer-Encoding: chunked\r\nContent-Length"),
        chunked.replace(b"Transfer-Encoding", b"Content-Length: 3\r\nTransfer-Encoding"),
        chunked.replace(b"chunked", b"chunked, identity"),
        chunked.replace(b"chunked", b"\x0bchunked"),
        re.sub(rb"\r\n\r\n[0-9a-f]+", b"\r\n\r\nffffffffffffffffff", chunked),
        get.replace(b"/v1/cases", b"http://" + MARK + b"/v1/cases"),
        get.replace(b"/v1/cases", b"/v1/cases/../../" + MARK),
        get.replace(MARK, MARK + b" \xff\0"),
        get.replace(MARK, MARK * 20_000),
        get.replace(b"HTTP/1.1", b"HTTP/9.9"),
        get.replace(b"HTTP/1.1", b""),
        get.replace(b"GET", MARK),
        get.replace(b"\r\n", b"\n"),
        get.replace(b"\r\n", b"\r"),
        get + get,
        b"\r\n" * 100 + get,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\0" * 1000,
    ]


_PIECES = [b"\r\n", b"\0", b"\xff", b" ", b"%00", b"\xed\xa0\x80", b"9" * 40, b"{"]


def _changed(request: bytes, random: Random) -> bytes:
    """A request with a few bytes changed, dropped or repeated, or a piece of it moved."""
    changed = bytearray(request)
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(changed))
        match random.randrange(5):
            case 0:
                changed[at] = random.randrange(256)
            case 1:
                del changed[at : at + random.randint(1, 8)]
            case 2:
                changed[at:at] = random.choice(
                    [b"\r\n", b"\0", b"\xff", b" ", b"%00", b"\xed\xa0\x80", b"9" * 40, b"{"]
                )
            case 3:
                changed[at:at] = changed[at : at + 20]
            case _:
                changed += changed[:at]
    return bytes(changed)


def _exchange(port: int, sent: bytes) -> bytes:
    """Send bytes, say that there are no more, and read what comes until the server hangs up."""
    got = b""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection, suppress(ConnectionError):
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        while part := connection.recv(65536):
            got += part
    return got
