"""`docker-compose.yml` as the tests read it: its services, what they run and with what, and where its proxy leads."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parent.parent / "docker-compose.yml"
TEXT = FILE.read_text("utf-8")
COMPOSE: Mapping[str, Any] = yaml.safe_load(TEXT)
SERVICES: Mapping[str, Mapping[str, Any]] = COMPOSE["services"]
OURS = ("cases", "ombudsman", "reporting")
VARIABLES = tuple(sorted(set(re.findall(r"(?<!\$)\$\{(\w+)", TEXT))))


def environment(service: str, variables: Mapping[str, str]) -> dict[str, str]:
    """The environment of a service, its variables filled in as Compose does it; a missing one is a `KeyError`."""
    given = SERVICES[service].get("environment", {})
    return {name: re.sub(r"\$\{(\w+):\?\}", lambda found: variables[found[1]], value) for name, value in given.items()}


def config(name: str) -> str:
    """The content of a file that Compose puts into containers."""
    return str(COMPOSE["configs"][name]["content"]).replace("$$", "$")


_LOCATIONS = re.findall(r"location (~ )?(\S+) \{\s*proxy_pass http://([$\w]+):8000;", config("nginx"))


def upstream(path: str) -> str | None:
    """The service that the proxy asks for a path, as nginx chooses: the first expression, else the longest prefix."""
    for expression, place, service in _LOCATIONS:
        if expression and (found := re.search(place, path)):
            return found[int(service[1:])] if service.startswith("$") else service
    prefixes = [(place, service) for expression, place, service in _LOCATIONS if not expression]
    fitting = [(len(place), service) for place, service in prefixes if path.startswith(place)]
    return max(fitting)[1] if fitting else None
