"""Deployments to start from: an empty one, and one with the Coventry sample, each made once by the real commands."""

from pathlib import Path

import pytest

from tests.e2e.commands import Deployment


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """A home as `redress migrate` leaves it; to be copied."""
    deployment = Deployment(tmp_path_factory.mktemp("migrated") / "home")
    assert "revision" in deployment.run("migrate").stdout
    return deployment


@pytest.fixture(scope="session")
def sampled(migrated: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """A home as `redress sample coventry` leaves it; to be copied."""
    deployment = migrated.copied(tmp_path_factory.mktemp("sampled") / "home")
    assert "Coventry is live" in deployment.run("sample", "coventry").stdout
    return deployment


@pytest.fixture
def empty(migrated: Deployment, tmp_path: Path) -> Deployment:
    """A deployment with nothing in it."""
    return migrated.copied(tmp_path / "home")


@pytest.fixture
def coventry(sampled: Deployment, tmp_path: Path) -> Deployment:
    """A deployment with the Coventry sample."""
    return sampled.copied(tmp_path / "home")


@pytest.fixture
def on_postgres(postgres_url: str, tmp_path: Path) -> Deployment:
    """A deployment with nothing in it, on PostgreSQL."""
    deployment = Deployment(tmp_path / "home", postgres_url)
    deployment.run("migrate")
    return deployment
