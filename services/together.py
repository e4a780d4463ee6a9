"""The services as a deployment runs them: all three in one process, or one of them alone. The composition root."""

import fcntl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from fastapi import FastAPI

import migrations
from services.cases import handler as cases
from services.cases.routes import SERVICE as CASES
from services.ombudsman import handler as ombudsman
from services.ombudsman.routes import SERVICE as OMBUDSMAN
from services.reporting.app import SERVICE as REPORTING
from shared import handling
from shared.errors import RedressError
from shared.register import Register
from shared.settings import Settings
from shared.web import Service, application

SERVICES: dict[str, Service] = {service.name: service for service in (CASES, OMBUDSMAN, REPORTING)}


class AlreadyServed(RedressError):
    """Another server holds the embedded database."""


def app(names: Sequence[str] = (), register: Callable[[], Register] | None = None) -> FastAPI:
    """The application of the services named, or of all of them.

    Raises:
        ValueError: there is no service of a name.
    """
    if unknown := set(names) - set(SERVICES):
        raise ValueError(f"no such service: {', '.join(sorted(unknown))}; the services are: {', '.join(SERVICES)}")
    chosen = [SERVICES[name] for name in names or SERVICES]
    return application(chosen, register or (lambda: Register.open_all(Settings())), (_of_this_schema,))


def _of_this_schema(register: Register) -> str | None:
    """Why the database's schema is not this code's, or None."""
    try:
        migrations.check(register.engine)
    except migrations.NotMigrated as error:
        return str(error)
    return None


def lists(code: str) -> tuple[handling.Kind[Any], ...]:
    """The kinds of stream whose rows are written with their events, and can be made anew from them."""
    return (*(cases.kind_of(code, kind) for kind in cases.CATEGORIES), ombudsman.ENQUIRY)


@contextmanager
def sole_server(settings: Settings) -> Iterator[None]:
    """Hold the embedded database as its only server; nothing to hold for PostgreSQL.

    Raises:
        AlreadyServed: another process serves it.
    """
    if settings.embedded is None:
        yield
        return
    settings.embedded.parent.mkdir(parents=True, exist_ok=True)
    with settings.embedded.with_suffix(".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyServed(f"{settings.embedded} is served by another process") from None
        yield
