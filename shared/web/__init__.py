"""The HTTP edge that the services share."""

from shared.web.application import Service, api_router, application
from shared.web.metrics import Measure, Standing
from shared.web.problems import problem
from shared.web.queries import ListQuery, queried
from shared.web.requests import (
    Cursor,
    Desk,
    EveryRegister,
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
    "EveryRegister",
    "Limit",
    "ListQuery",
    "Measure",
    "Service",
    "Standing",
    "TheRegister",
    "Visitor",
    "allowed",
    "api_router",
    "application",
    "at_desk",
    "etag",
    "make_cursor",
    "problem",
    "queried",
    "read_cursor",
]
