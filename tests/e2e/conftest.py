"""Deployments to start from: empty ones, and one that serves the Coventry sample, all made by the real commands."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.commands import Deployment, Sample


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """A home as `redress migrate` leaves it; to be copied."""
    deployment = Deployment(tmp_path_factory.mktemp("migrated") / "home")
    assert "revision" in deployment.run("migrate").stdout
    return deployment


@pytest.fixture(scope="session")
def sample(migrated: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    """What `make run` leads to. Tests may add to it, as of today; what was published lies before."""
    deployment = migrated.copied(tmp_path_factory.mktemp("sample") / "home")
    assert "Coventry is live" in deployment.run("sample", "coventry").stdout
    with deployment.serving() as server:
        yield Sample(deployment, server, (deployment.home / "dev-key").read_text("utf-8").strip())


@pytest.fixture
def empty(migrated: Deployment, tmp_path: Path) -> Deployment:
    """A deployment with nothing in it."""
    return migrated.copied(tmp_path / "home")


@pytest.fixture
def on_postgres(postgres_url: str, tmp_path: Path) -> Deployment:
    """A deployment with nothing in it, on PostgreSQL."""
    deployment = Deployment(tmp_path / "home", postgres_url)
    deployment.run("migrate")
    return deployment
