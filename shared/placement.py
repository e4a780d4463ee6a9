"""On which database cluster each authority's log is: a TOML file of the deployment, or everything on the main one.

    [clusters]
    north = "postgresql://redress@north.example/redress"

    [authorities]
    LDS = "north"

`main` is `REDRESS_DATABASE_URL`, and has whatever is not named. Passwords may be left to libpq (`PGPASSFILE`).
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

MAIN = "main"
Cluster = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,8}$")]
Url = Annotated[str, StringConstraints(pattern=r"^(postgresql|sqlite)://")]


class Placement(BaseModel):
    """Addresses by cluster, without the main one's; clusters by authority, of those that are not on the main one."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    clusters: Mapping[Cluster, Url] = {}
    authorities: Mapping[Code, Cluster] = {}

    @model_validator(mode="after")
    def _known(self) -> Self:
        if MAIN in self.clusters:
            raise ValueError(f"{MAIN} is REDRESS_DATABASE_URL, and is not named here")
        if unknown := {*self.authorities.values()} - {MAIN, *self.clusters}:
            raise ValueError(f"no such cluster: {', '.join(sorted(unknown))}")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Every cluster, the main one first."""
        return (MAIN, *self.clusters)

    def cluster(self, authority: str) -> str:
        """The cluster that an authority is on."""
        return self.authorities.get(authority, MAIN)


def placement(path: Path | None) -> Placement:
    """The placement that a file describes; without one, everything is on the main cluster.

    Raises:
        ValueError: the file does not describe one; what it holds is not repeated.
    """
    if path is None:
        return Placement()
    try:
        return Placement.model_validate(tomllib.loads(path.read_text("utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path} is not TOML: {error}") from None
