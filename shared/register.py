"""What every service of a process shares: the database, the log and its one appender, the vault, the clock."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from shared.access import Access, Principal
from shared.batched import Readings, readings
from shared.citations import Citations
from shared.clock import london_date, now
from shared.database import connect
from shared.errors import NotAllowed
from shared.keyring import Keyring
from shared.log import Appender, Log
from shared.personal_data import Vault
from shared.placement import MAIN, Placement
from shared.rates import Rates
from shared.settings import Settings
from shared.streams import Streams

if TYPE_CHECKING:  # what checks signatures is slow to import, and most commands and many deployments need none
    from shared.tokens import Tokens


@dataclass(frozen=True)
class Register:
    """The open deployment; `close` drains the appender and lets the database go."""

    engine: sa.Engine
    log: Log
    appender: Appender
    streams: Streams
    readings: Readings
    access: Access
    citations: Citations
    keyring: Keyring
    vault: Vault
    rates: Rates
    tokens: "Tokens | None"
    clock: Callable[[], datetime]
    placement: Placement = field(default_factory=Placement)
    cluster: str = MAIN
    others: tuple["Register", ...] = ()
    """The deployment's other clusters, of the one that the rest are reached from."""
    standby: bool = False
    """Whether the database is a hot standby, which nothing can be written to."""
    erasures: Path | None = None
    """The kept list of erasures, where this process keeps one: beside the embedded database."""

    @classmethod
    def open(cls, settings: Settings, clock: Callable[[], datetime] = now) -> "Register":
        """Connect to one cluster, without changing anything in the database."""
        engine = connect(settings.url)
        keyring = Keyring(engine, settings.master())
        log = Log(engine, clock)
        return cls(
            engine=engine,
            log=log,
            appender=Appender(log),
            streams=Streams(engine),
            readings=readings(engine),
            access=Access(engine, clock, notes_use=not settings.standby),
            citations=Citations(engine),
            keyring=keyring,
            vault=Vault(engine, keyring),
            rates=Rates(settings.rate_limit, settings.failure_limit),
            tokens=_tokens(settings, clock),
            clock=clock,
            placement=settings.placed,
            cluster=settings.cluster,
            standby=settings.standby,
            erasures=settings.home / "erasures" if settings.embedded else None,
        )

    @classmethod
    def open_all(cls, settings: Settings, clock: Callable[[], datetime] = now) -> "Register":
        """Connect to every cluster of the deployment; the main one, from which `each` and `of` lead to the others."""
        main, *others = (cls.open(settings.at(cluster), clock) for cluster in settings.placed.names)
        return replace(main, others=tuple(others))

    def each(self) -> tuple["Register", ...]:
        """The register on every cluster, this one first."""
        return (self, *self.others)

    def of(self, authority: str) -> "Register":
        """The register on the cluster that an authority is placed on."""
        if not self.others:
            return self
        wanted = self.placement.cluster(authority)
        return next(own for own in self.each() if own.cluster == wanted)

    def has(self, authority: str) -> bool:
        """Whether an authority is placed on this cluster."""
        return self.placement.cluster(authority) == self.cluster

    def authorities(self) -> list[str]:
        """The authorities that have a log here: of those that moved elsewhere, what is left behind is none."""
        return [code for code in self.log.authorities() if self.has(code)]

    def ends(self, connection: sa.Connection) -> dict[str, int]:
        """The last position of each of their logs."""
        return {code: end for code, end in self.log.ends(connection).items() if self.has(code)}

    def known(self, token: str) -> Principal | None:
        """Whose key it is, if it was read a moment ago. Raises `NotAllowed`."""
        for own in self.each():
            if (who := own.access.known(token)) is not None and own.has(who.authority):
                return who
        return None

    def authenticate(self, token: str) -> Principal:
        """Whose key it is. A key is kept on its authority's cluster, and opens nothing from another.

        Raises:
            NotAllowed: no cluster has it. DBAPIError: none that answers has it, and one does not answer.
        """
        away: DBAPIError | None = None
        for own in self.each():
            try:
                who = own.access.authenticate(token)
            except NotAllowed:
                continue
            except DBAPIError as error:
                away = error
                continue
            if own.has(who.authority):
                return who
        raise away or NotAllowed

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
        for other in self.others:
            other.close()
        self.appender.close()
        self.streams.close()
        self.readings.close()
        self.access.close()
        self.engine.dispose()


def _tokens(settings: Settings, clock: Callable[[], datetime]) -> "Tokens | None":
    if not settings.oidc_issuer or not settings.oidc_audience:
        return None
    from shared.tokens import Tokens

    claims = settings.oidc_authority_claim, settings.oidc_scopes_claim
    return Tokens(settings.oidc_issuer, settings.oidc_audience, *claims, clock)
