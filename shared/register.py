"""What every service of a process shares: the database, the log and its one appender, the vault, the clock."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from shared.access import Access
from shared.citations import Citations
from shared.clock import london_date, now
from shared.database import connect
from shared.keyring import Keyring
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
    keyring: Keyring
    vault: Vault
    rates: Rates
    tokens: "Tokens | None"
    clock: Callable[[], datetime]
    standby: bool = False
    """Whether the database is a hot standby, which nothing can be written to."""
    erasures: Path | None = None
    """The kept list of erasures, where this process keeps one: beside the embedded database."""

    @classmethod
    def open(cls, settings: Settings, clock: Callable[[], datetime] = now) -> "Register":
        """Connect, without changing anything in the database."""
        engine = connect(settings.url)
        keyring = Keyring(engine, settings.master())
        log = Log(engine, clock)
        return cls(
            engine=engine,
            log=log,
            appender=Appender(log),
            access=Access(engine, clock, notes_use=not settings.standby),
            citations=Citations(engine),
            keyring=keyring,
            vault=Vault(engine, keyring),
            rates=Rates(settings.rate_limit, settings.failure_limit),
            tokens=_tokens(settings, clock),
            clock=clock,
            standby=settings.standby,
            erasures=settings.home / "erasures" if settings.embedded else None,
        )

    def today(self) -> date:
        """Today in Europe/London, by the register's clock."""
        return london_date(self.clock())

    def fingerprint(self, *parts: bytes) -> str:
        """A keyed hash of a request, which tells two requests apart and reveals nothing of either."""
        mac = hmac.new(self.keyring.fingerprints, digestmod=sha256)
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
