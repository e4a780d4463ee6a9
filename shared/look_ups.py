"""By what people are looked up exactly: an e-mail address, a telephone number, a surname with a postcode.

Each is brought to one form first, so that case, spaces and the ways to write a number do not matter. The database holds
a keyed hash of that form, never the form itself.
"""

import hmac
import re
import unicodedata
from collections.abc import Mapping
from typing import Literal, get_args

Way = Literal["email", "phone", "surname_postcode"]
WAYS: tuple[Way, ...] = get_args(Way)


def token(key: bytes, authority: str, way: Way, form: str) -> str:
    """What the index holds of a form; of two authorities it is never alike."""
    return hmac.digest(key, "\0".join((authority, way, form)).encode(), "sha256").hex()


def forms(fields: Mapping[str, str]) -> Mapping[Way, str]:
    """The form of each way in which a person with these fields can be looked up."""
    found: dict[Way, str] = {}
    if "email" in fields:
        found["email"] = email(fields["email"])
    if "phone" in fields:
        found["phone"] = phone(fields["phone"])
    if "name" in fields and "postcode" in fields:
        found["surname_postcode"] = surname_postcode(fields["name"], fields["postcode"])
    return {way: form for way, form in found.items() if form}


def email(text: str) -> str:
    """Without case and white space.

    >>> email(" Zoe@Example.ORG")
    'zoe@example.org'
    """
    return re.sub(r"\s", "", _plain(text))


def phone(text: str) -> str:
    """Digits alone, of the United Kingdom as it is dialled there, of elsewhere after a plus sign.

    >>> phone("+44 (0)7700 900-123"), phone("0044 7700900123"), phone("07700 900123"), phone("+33 1 70 18 99 00")
    ('07700900123', '07700900123', '07700900123', '+33170189900')
    """
    digits = re.sub(r"\D", "", text)
    if digits and re.match(r"\D*(\+|0\D*0)", text):
        abroad = digits.removeprefix("00")
        return "0" + abroad[2:].lstrip("0") if abroad.startswith("44") else "+" + abroad
    return digits


def surname_postcode(name: str, postcode: str) -> str:
    """The last word of a name, or what stands before its comma, with the postcode; empty if either is.

    >>> surname_postcode("Mrs Zoë O’Brien", "cv1  1aa"), surname_postcode("OBRIEN, Zoe", "CV11AA")
    ('obrien CV11AA', 'obrien CV11AA')
    """
    before, comma, _ = _plain(name).partition(",")
    words = [word for part in before.split() if (word := re.sub(r"[\W_]", "", part))]
    surname = "".join(words) if comma else "".join(words[-1:])
    code = re.sub(r"[\W_]", "", _plain(postcode)).upper()
    return f"{surname} {code}" if surname and code else ""


def _plain(text: str) -> str:
    """Without case, accents or the compatibility forms of characters."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))
