"""The HTTP edge that the services share."""

from shared.web.application import Readiness, Service, application
from shared.web.problems import problem
from shared.web.requests import (
    Cursor,
    Desk,
    Limit,
    TheRegister,
    Visitor,
    allowed,
    at_desk,
    etag,
    make_cursor,
    read_cursor,
)

__all__ = [
    "Cursor",
    "Desk",
    "Limit",
    "Readiness",
    "Service",
    "TheRegister",
    "Visitor",
    "allowed",
    "application",
    "at_desk",
    "etag",
    "make_cursor",
    "problem",
    "read_cursor",
]
