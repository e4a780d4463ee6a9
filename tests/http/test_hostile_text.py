"""Addresses, headers and texts that were made to confuse: refused, or kept as they are; never repeated."""

import unicodedata
from typing import Any
from urllib.parse import quote

import pytest

from tests.http.conftest import COMPLAINT, Api

MARK = "Zebedee"
ADDRESSES = [
    "/v1/cases/..%2f..%2fZebedee",
    "/v1/cases/%2e%2e/%2e%2e/Zebedee",
    "/v1/cases/Zebedee%2Fdeadlines",
    "/v1/cases/Zebedee%252e%252e",
    "/v1/cases/%c0%ae%c0%ae/Zebedee",
    "/v1/cases/Zebedee%c0%80",
    "/v1/cases/%ff%feZebedee",
    "/v1/cases/%ed%a0%80Zebedee",
    "/v1/cases/Zebedee%0d%0aSet-Cookie:%20x=1",
    "/v1/cases/Zebedee;v=1",
    "/v1/cases/Zebedee%",
    "/v1/cases/Zebedee%zz",
    "/v1/cases/%e2%80%aeZebedee",
    "/v1/cases/<script>Zebedee",
    "/v1/cases/'%20OR%201=1--Zebedee",
    "/v1/cases/" + "Zebedee" * 5000,
    "/v1//cases/Zebedee",
    "/v1/ombudsman/enquiries/..%2f..%2fcases%2fZebedee",
    "/v1/ombudsman/enquiries/" + "Zebedee%20" * 1000,
    "/v1/reports/annual/Zebedee",
    "/v1/reports/annual/..%2f2023-24",
    "/v1/cases/COV-2026-000001/remedies/Zebedee/completion",
    "/static/..%2f..%2f..%2fetc%2fpasswd?Zebedee",
    "/static/%2e%2e/%2e%2e/Zebedee",
    "/docs/Zebedee",
    "/openapi/..%2fZebedee.json",
    "/v1/cases?cursor=Zebedee&cursor=Zebedee",
    "/v1/cases?limit=1&limit=Zebedee",
    "/v1/cases?officer=" + "Zebedee" * 5000,
    "/v1/cases?officer=%ff%feZebedee",
    "/v1/cases?officer=%ed%a0%80Zebedee",
    "/v1/cases?%5b%5d=Zebedee",
    "/v1/traces?year=2026-27&table=%ff&row=Zebedee&column=%ed%a0%80",
]


@pytest.mark.parametrize("path", ADDRESSES, ids=lambda path: path[:40])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_address_that_was_made_to_confuse_leads_nowhere_and_is_not_repeated(
    api: Api, method: str, path: str
) -> None:
    answer = api.ask(method, path)
    assert answer.status_code in (200, 400, 404, 405, 422), answer.text
    assert answer.status_code != 200 or "/v1/cases?" in path  # a filter that no case meets
    assert MARK not in answer.text + str(answer.headers)


HEADERS: list[dict[str, Any]] = [
    {"Authorization": f"Bearer {MARK}"},
    {"Authorization": f"Basic {MARK}"},
    {"Authorization": f"{MARK} " * 5000},
    {"Authorization": f"Bearer {MARK}\xff".encode("latin-1")},
    {"Authorization": b"Bearer redress_\xed\xa0\x80_" + MARK.encode()},
    {"Idempotency-Key": MARK * 5000},
    {"Idempotency-Key": f"{MARK}\xff\xfe".encode("latin-1")},
    {"Idempotency-Key": b"\xed\xa0\x80" + MARK.encode()},
    {"Idempotency-Key": f"\N{RIGHT-TO-LEFT OVERRIDE}{MARK}".encode()},
    {"If-Match": f'"{MARK}"'},
    {"If-Match": '"' + "9" * 5000 + '"'},
    {"If-Match": "\u0661".encode()},
    {"X-Correlation-Id": f"{MARK}\r\nSet-Cookie: x=1"},
    {"X-Correlation-Id": MARK * 50},
    {"X-Correlation-Id": f"{MARK}\N{COMBINING ACUTE ACCENT}".encode()},
    {"Content-Type": f"application/json; charset={MARK}"},
    {"Content-Type": MARK},
    {"Accept": f"{MARK}/*;q={MARK}"},
    {"Host": f"{MARK}.example.org"},
    {"Content-Length": "9" * 50},
]


@pytest.mark.parametrize("headers", HEADERS, ids=lambda headers: ascii(headers)[:50])
def test_a_header_that_was_made_to_confuse_is_not_repeated(api: Api, headers: dict[str, Any]) -> None:
    for method, path in (("POST", "/v1/complaints"), ("GET", "/v1/reports/annual/2026-27"), ("GET", "/v1/cases")):
        body = {"json": dict(COMPLAINT)} if method == "POST" else {}
        answer = api.ask(method, path, headers=headers, **body)
        assert answer.status_code in (200, 201, 401, 413, 422), answer.text
        assert MARK not in answer.text + str(answer.headers)


TEXTS = {
    "right to left": "\N{RIGHT-TO-LEFT OVERRIDE}eebedeZ",
    "isolates": "\N{FIRST STRONG ISOLATE}Zebedee\N{POP DIRECTIONAL ISOLATE}",
    "zero width": "Zebe\N{ZERO WIDTH SPACE}\N{ZERO WIDTH JOINER}dee",
    "only zero width": "\N{ZERO WIDTH SPACE}",
    "decomposed": unicodedata.normalize("NFD", "Zoë Ångström"),
    "composed": unicodedata.normalize("NFC", "Zoë Ångström"),
    "compatible": "\N{ANGSTROM SIGN}\N{LATIN SMALL LIGATURE FI}",
    "many marks": "Z" + "\N{COMBINING ACUTE ACCENT}" * 50,
    "emoji": "\N{FAMILY}\N{VARIATION SELECTOR-16}",
    "last code point": "\U0010ffff",
    "not a character": "\ufffe",
    "byte order": "\ufeffZebedee",
    "line separator": "Zebe\u2028dee",
    "delete": "Zebe\x7fdee",
    "C1": "Zebe\x85dee",
    "markup": "<script>alert('Zebedee')</script>",
    "template": "${Zebedee} {{Zebedee}} %s %(x)s",
    "SQL": "'; DROP TABLE events; --",
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_is_kept_as_it_was_sent(api: Api, name: str) -> None:
    """Nobody's name is made into another one: no normalisation, no dropping of what cannot be seen."""
    text = TEXTS[name]
    reference = api.complaint(complainant={"name": text}, narrative=f"a{text}b")
    found = api.get(f"/v1/cases/{reference}/personal-data", reason="a test")
    assert (found["complainant"]["name"], found["narrative"]["narrative"]) == (text, f"a{text}b")
    assert api.get("/v1/cases", officer=text)["items"] == []
    assert api.get(f"/v1/cases/{quote(text, safe='')}", 404)["title"] == "Not found"


@pytest.mark.parametrize("escaped", ["\\ud800", "\\udfff", "\\udc00\\ud800", "\\u0000", "a\\u0000b", "\\u001b[2J"])
@pytest.mark.parametrize("field", ["complainant", "narrative", "provider", "service_area", "person_affected"])
def test_a_text_that_is_no_text_is_refused_wherever_it_stands(api: Api, field: str, escaped: str) -> None:
    value = f'"{MARK}{escaped}"'
    fields = {
        "channel": '"email"',
        "service_area": '"older_people"',
        "concerns": '[{"category": "communication"}]',
        "complainant": '{"name": "A. Resident"}',
        field: f'{{"name": {value}}}' if field in ("complainant", "person_affected") else value,
    }
    body = "{" + ", ".join(f'"{name}": {content}' for name, content in fields.items()) + "}"
    answer = api.ask("POST", "/v1/complaints", content=body.encode(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 422, answer.text
    assert MARK not in answer.text
    assert api.head() == 0


def test_a_key_is_another_key_in_another_form_of_the_same_letters(api: Api) -> None:
    """Two clients whose keys look alike are still two clients."""
    forms = [unicodedata.normalize(form, "Zoë") for form in ("NFC", "NFD")]
    asked = [
        api.ask("POST", "/v1/complaints", json=dict(COMPLAINT), headers={"Idempotency-Key": k.encode()}) for k in forms
    ]
    assert len({answer.json()["reference"] for answer in asked}) == 2
