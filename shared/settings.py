"""Where a deployment keeps things: `REDRESS_*` in the environment."""

import base64
import os
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, StringConstraints, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.placement import MAIN, Placement, placement

Rate = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,8}/(second|minute|hour)$")]
"""So many in any such time, such as `600/minute`."""


class Settings(BaseSettings):
    """Every setting, with what a newcomer gets without any."""

    model_config = SettingsConfigDict(env_prefix="REDRESS_", extra="forbid")

    home: Path = Field(Path("var"), description="Folder of the embedded database, the master key and the dev key.")
    database_url: SecretStr | None = Field(None, description="postgresql://… ; without it, $REDRESS_HOME/redress.db.")
    placement: Path | None = Field(
        None, description="TOML file: which authority is on which cluster; see placement.py."
    )
    cluster: str = Field(MAIN, description="The cluster that a command without an authority is for.")
    standby: bool = Field(
        default=False, description="The database is a hot standby: serve reports of it, and write nothing."
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, description="Port to listen on.")
    master_key: SecretStr | None = Field(None, description="Base64 of 32 bytes; without it, $REDRESS_HOME/master-key.")
    new_master_key: SecretStr | None = Field(None, description="The same for `redress keys rotate-master` to go to.")
    authorities: Path | None = Field(None, description="Folder of CODE.toml files that add to the shipped ones.")
    rate_limit: Rate = Field("600/minute", description="Requests of one credential, in each process.")
    failure_limit: Rate = Field("60/minute", description="Credentials refused to one client address, in each process.")

    log: Literal["json", "text"] | None = Field(None, description="Without it, text on a terminal and JSON elsewhere.")
    otlp_endpoint: str | None = Field(None, description="http://…/v1/traces to send spans to; without it, none.")

    oidc_issuer: str | None = Field(None, description="https://… of the OpenID Connect issuer; without it, no tokens.")
    oidc_audience: str | None = Field(None, description="What a token for this register names as its audience.")
    oidc_authority_claim: str = Field("authority", description="The claim with the authority's code, such as COV.")
    oidc_scopes_claim: str = Field("scope", description="The claim with the scopes, as text or as a list.")

    @model_validator(mode="after")
    def _audience_with_issuer(self) -> Self:
        """A token that is meant for another service of the same issuer must not open this one."""
        if self.oidc_issuer and not self.oidc_audience:
            raise ValueError("REDRESS_OIDC_ISSUER needs REDRESS_OIDC_AUDIENCE")
        return self

    @property
    def url(self) -> str:
        """The address of the database: the main one's, or that of the cluster.

        Raises:
            ValueError: the placement has no such cluster, or cannot be read.
        """
        if self.cluster != MAIN:
            clusters = self.placed.clusters
            if self.cluster not in clusters:
                raise ValueError(f"the placement has no cluster {self.cluster}")
            return clusters[self.cluster]
        if self.database_url:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.home.absolute() / 'redress.db'}"

    @property
    def placed(self) -> Placement:
        """Which authority is on which cluster. Raises `ValueError` if the file cannot be read."""
        return placement(self.placement)

    def at(self, cluster: str) -> "Settings":
        """The same deployment, seen from another of its clusters."""
        return self.model_copy(update={"cluster": cluster})

    @property
    def embedded(self) -> Path | None:
        """The SQLite file, where the database is one."""
        return Path(self.url.removeprefix("sqlite:///")) if self.url.startswith("sqlite:///") else None

    def master(self) -> bytes:
        """The master key; made, readable by its owner alone, the first time that it is asked for.

        Raises:
            ValueError: what is set is not 32 bytes in base64.
        """
        if self.master_key:
            return _key(self.master_key.get_secret_value())
        return _key(secret_file(self.home / "master-key", _new_key()))

    def next_master(self) -> bytes:
        """The master key to go to: the one that is set, or a new one, kept beside the present one until it succeeds it.

        Raises:
            ValueError: what is set is not 32 bytes in base64, or nothing is and the present one is no file.
        """
        given = self.new_master_key.get_secret_value() if self.new_master_key else None
        if given:
            _key(given)
        if not self.master_key:
            return _key(secret_file(self.home / "master-key.new", given or _new_key()))
        if given is None:
            raise ValueError("REDRESS_MASTER_KEY is set: set REDRESS_NEW_MASTER_KEY to the key to go to")
        return _key(given)

    def succeed(self, number: int) -> None:
        """Put the next master key's file in the place of the present one, which is kept under its number."""
        if self.master_key:
            return
        present, kept = self.home / "master-key", self.home / f"master-key.{number}"
        if present.exists() and not kept.exists():
            kept.hardlink_to(present)
        (self.home / "master-key.new").replace(present)


def _new_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise ValueError("a master key is 32 bytes in base64")
    return key


def secret_file(path: Path, otherwise: str) -> str:
    """What a file of mode 600 holds; it is created with `otherwise` if it is not there. Safe between processes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(otherwise + "\n")
    return otherwise
