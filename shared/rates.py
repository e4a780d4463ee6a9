"""How often a credential may ask, and how often an address may fail: sliding windows in the memory of each process."""

import math
import time
from ipaddress import IPv6Address, ip_address

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from shared.access import Principal
from shared.errors import TooMany


class Rates:
    """The two limits of a process, each written like `600/minute`."""

    def __init__(self, requests: str, failures: str) -> None:
        self._requests, self._failures = parse(requests), parse(failures)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def asked(self, who: Principal) -> None:
        """Count a request of a credential. Raises `TooMany`, and then does not count it."""
        self._hit(self._requests, "asked", who.authority, who.actor)

    def refused(self, address: str) -> None:
        """Count a credential that was refused. Raises `TooMany` once there were too many from this address."""
        self._hit(self._failures, "refused", _network(address))

    def may_fail(self, address: str) -> None:
        """Raise `TooMany` if another failure from this address would be one too many."""
        if not self._limiter.test(self._failures, "refused", _network(address)):
            raise self._too_many(self._failures, "refused", _network(address))

    def _hit(self, limit: RateLimitItem, *name: str) -> None:
        if not self._limiter.hit(limit, *name):
            raise self._too_many(limit, *name)

    def _too_many(self, limit: RateLimitItem, *name: str) -> TooMany:
        reset = self._limiter.get_window_stats(limit, *name).reset_time
        return TooMany(max(1, math.ceil(reset - time.time())))


def _network(address: str) -> str:
    """The address, or the /64 that an IPv6 address is in: one client has all of it to choose from."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return found.exploded[:19] if isinstance(found, IPv6Address) and not found.ipv4_mapped else str(found)
