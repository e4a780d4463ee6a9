"""What every service of a process shares: the database, the log and its one appender, the vault, the clock."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

import sqlalchemy as sa

from shared.access import Access
from shared.citations import Citations
from shared.clock import london_date, now
from shared.database import connect
from shared.log import Appender, Log
from shared.personal_data import Vault
from shared.rates import Rates
from shared.settings import Settings

if TYPE_CHECKING:  # what checks signatures is slow to import, and most commands and many deployments need none
    from shared.tokens import Tokens


@dataclass(frozen=True)
class Register:
    """The open deployment; `close` drains the appender and lets the database go."""

    engine: sa.Engine
    log: Log
    appender: Appender
    access: Access
    citations: Citations
    vault: Vault
    rates: Rates
    tokens: "Tokens | None"
    fingerprint_key: bytes
    clock: Callable[[], datetime]

    @classmethod
    def open(cls, settings: Settings, clock: Callable[[], datetime] = now) -> "Register":
        """Connect, without changing anything in the database."""
        engine = connect(settings.url)
        master = settings.master()
        log = Log(engine, clock)
        return cls(
            engine=engine,
            log=log,
            appender=Appender(log),
            access=Access(engine, clock),
            citations=Citations(engine),
            vault=Vault(master),
            rates=Rates(settings.rate_limit, settings.failure_limit),
            tokens=_tokens(settings, clock),
            fingerprint_key=hmac.digest(master, b"idempotency fingerprints", "sha256"),
            clock=clock,
        )

    def today(self) -> date:
        """Today in Europe/London, by the register's clock."""
        return london_date(self.clock())

    def fingerprint(self, *parts: bytes) -> str:
        """A keyed hash of a request, which tells two requests apart and reveals nothing of either."""
        mac = hmac.new(self.fingerprint_key, digestmod=sha256)
        for part in parts:
            mac.update(len(part).to_bytes(8, "big") + part)
        return mac.hexdigest()

    def close(self) -> None:
        """Finish what waits to be recorded, then disconnect."""
        self.appender.close()
        self.access.close()
        self.engine.dispose()


def _tokens(settings: Settings, clock: Callable[[], datetime]) -> "Tokens | None":
    if not settings.oidc_issuer or not settings.oidc_audience:
        return None
    from shared.tokens import Tokens

    claims = settings.oidc_authority_claim, settings.oidc_scopes_claim
    return Tokens(settings.oidc_issuer, settings.oidc_audience, *claims, clock)
