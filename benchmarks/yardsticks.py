"""What the HTTP measurements are held against: as little as FastAPI and SQLAlchemy can do with the same request.

`YARDSTICK_DATABASE` is the PostgreSQL database of `/commit`, `YARDSTICK_ANSWER` the file that `/bytes` answers.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from fastapi import FastAPI, Header, Response

from services.cases.commands import ReceiveComplaint

metadata = sa.MetaData()
events = sa.Table(
    "yardstick_events",
    metadata,
    sa.Column("position", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.UniqueConstraint("stream", "version"),
)
keys = sa.Table(
    "yardstick_keys",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)
cases = sa.Table(
    "yardstick_cases",
    metadata,
    sa.Column("reference", sa.Text, primary_key=True),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("service_area", sa.Text, nullable=False),
    sa.Column("received_on", sa.Date, nullable=False),
)

_URL = os.environ.get("YARDSTICK_DATABASE", "").replace("postgresql:", "postgresql+psycopg:")
_ENGINE = sa.create_engine(_URL, pool_size=16, max_overflow=48) if _URL else None
_ANSWER = Path(path).read_bytes() if (path := os.environ.get("YARDSTICK_ANSWER")) else b""


@asynccontextmanager
async def _tables(_: FastAPI) -> AsyncIterator[None]:
    if _ENGINE:
        metadata.create_all(_ENGINE)
    yield


app = FastAPI(lifespan=_tables)


@app.post("/echo", status_code=201)
async def echo(body: ReceiveComplaint) -> ReceiveComplaint:
    """The body, validated and written out again."""
    return body


@app.post("/commit", status_code=201)
def commit(body: ReceiveComplaint, idempotency_key: str = Header()) -> dict[str, str]:
    """One transaction a request, with the driver that blocks, in FastAPI's threads."""
    assert _ENGINE
    reference, rows = _rows(body, idempotency_key)
    with _ENGINE.begin() as connection:
        for table, row in rows:
            connection.execute(table.insert().inline(), row)
    return {"reference": reference}


@app.get("/bytes")
async def ready_made() -> Response:
    """The same bytes each time."""
    return Response(_ANSWER, media_type="application/json")


def _rows(body: ReceiveComplaint, key: str) -> tuple[str, list[tuple[sa.Table, dict[str, Any]]]]:
    reference = str(uuid4())
    event = {"stream": reference, "version": 1, "type": "received", "payload": body.model_dump_json()}
    case = {"reference": reference, "status": "received", "channel": body.channel, "service_area": body.service_area}
    return reference, [
        (events, event),
        (keys, {"key": key, "stream": reference, "version": 1}),
        (cases, {**case, "received_on": body.matter_occurred_on}),
    ]
