"""A server on the Coventry sample, started once for all who only read from it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.deployment import Deployment, Server


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    return Deployment(tmp_path)


@pytest.fixture(scope="session")
def coventry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    deployment = Deployment(tmp_path_factory.mktemp("coventry"))
    deployment.done("migrate")
    deployment.done("sample", "coventry")
    with deployment.serving() as server:
        yield server
