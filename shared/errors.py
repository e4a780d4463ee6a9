"""What can go wrong, in the domain's words; `shared.web.problems` gives each its HTTP status.

No message holds personal data.

RedressError
├── Rejected             the command is impossible in the state or with these values (409, or 422 for a value)
├── NotFound             no such thing, or another authority's (404)
├── Gone                 it was public, and was withdrawn (410)
├── StaleVersion         the caller's If-Match is not the version that stands (412)
├── KeyReused            an Idempotency-Key came again with another request (422)
├── InFlight             the same key is being handled at this moment (409)
├── Unavailable          queue full, lock or database not to be had (503, with Retry-After)
│   └── WrongMasterKey   this process holds a master key that is not the one in force
├── TooMany              more requests, or more refused credentials, than a while allows (429, with Retry-After)
└── NotAllowed           no credential (401) or no scope (403)
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal


class RedressError(Exception):
    """The root of every error that the register raises on purpose."""


@dataclass(frozen=True)
class FieldError:
    """One field at fault: a JSON pointer-like path, the rule it breaks, and the sentence that says so."""

    field: str
    rule: str
    message: str
    source: str | None = None


@dataclass
class Rejected(RedressError):
    """A command that cannot be: nothing is written.

    `rule` is a stable code such as `already_acknowledged`; `detail` a sentence; `field` the body's field at fault, if
    it is one; `source` the law or guidance, if it is that. `kind` is "state" where the case's state forbids it, and
    "value" where a date or a code does.
    """

    rule: str
    detail: str
    field: str | None = None
    source: str | None = None
    kind: Literal["state", "value"] = "state"

    def __str__(self) -> str:
        return f"{self.rule}: {self.detail}"


def bad_value(rule: str, field: str, detail: str, source: str | None = None) -> Rejected:
    """A `Rejected` for a value that no state would allow."""
    return Rejected(rule, detail, field, source, kind="value")


@dataclass
class NotFound(RedressError):
    """Nothing of that name is known to this authority."""

    what: str

    def __str__(self) -> str:
        return f"there is no {self.what}"


@dataclass
class Gone(RedressError):
    """It was public from one day to another; `reason` is for everyone."""

    since: date
    until: date
    reason: str


@dataclass
class StaleVersion(RedressError):
    """The stream has moved on from the version that the caller expected."""

    expected: int
    actual: int


class KeyReused(RedressError):
    """The idempotency key belongs to another request."""


class InFlight(RedressError):
    """A request with the same idempotency key is being handled."""


@dataclass
class Unavailable(RedressError):
    """Not now: try again after `retry_after` seconds."""

    reason: str
    retry_after: int = 1


@dataclass
class WrongMasterKey(Unavailable):
    """The keys of the database are wrapped by another master key than the one held here."""

    reason: str = "the master key held here is not the one that the keys of the database are wrapped by"
    retry_after: int = 30

    def __str__(self) -> str:
        return f"{self.reason}; if a change of it was cut short, run `redress keys rotate-master` again"


@dataclass
class TooMany(RedressError):
    """More than the rate limit lets through; the next is let through after `retry_after` seconds."""

    retry_after: int


@dataclass
class NotAllowed(RedressError):
    """No valid credential, or one without the scope that `scope` names."""

    scope: str | None = None
    hints: list[str] = field(default_factory=list)
