"""Many at once: migrations of one empty database, and a second server on a file that is served."""

import httpx

import migrations
from shared.database import connect
from tests.e2e.commands import Deployment
from tests.torture import forked
from tests.torture.counts import Count, Effort
from tests.torture.killing import address, prepared, served


def migrations_at_once(effort: Effort) -> list[Count]:
    """Eight processes migrate an empty database at the same moment, on either engine, again and again."""
    failed = torn = 0
    rounds = effort.rounds()
    for number in rounds:
        for url in (None, effort.lab.url()):
            deployment = Deployment(effort.folder / f"home-{number}-{'postgres' if url else 'sqlite'}", url)
            deployment.home.mkdir()
            commands = [forked.begin(deployment, "migrate", output=f"migrate-{n}.log") for n in range(8)]
            failed += sum(command.end() != 0 for command in commands)
            torn += not _migrated(deployment)
    return [
        Count("databases migrated by 8 at once", 2 * rounds.done),
        Count("failed", failed, 0),
        Count("torn", torn, 0),
    ]


def _migrated(deployment: Deployment) -> bool:
    engine = connect(address(deployment))
    found = migrations.current(engine) == migrations.head()
    engine.dispose()
    return found


def second_servers(effort: Effort) -> list[Count]:
    """Servers that start on a file which another serves must refuse, and must not harm the other."""
    deployment = Deployment(effort.folder / "home")
    prepared(deployment, effort.random("second servers"))
    accepted = harmed = 0
    rounds = effort.rounds()
    with served(deployment) as url:
        for _ in rounds:
            second, _url = forked.serve(deployment)
            accepted += second.end() != 1
            harmed += httpx.get(f"{url}/health/ready", verify=False, trust_env=False).status_code != 200
        said = (deployment.home / "serve.log").read_text().count("is served by another process")
    return [
        Count("second servers started on one file", rounds.done),
        Count("not refused in so many words", rounds.done - said, 0),
        Count("that served", accepted, 0),
        Count("that harmed the first", harmed, 0),
    ]
