"""What a database is asked, but for what the follower of the log asks ten times a second anyway."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa


@contextmanager
def statements(engine: sa.Engine) -> Iterator[list[str]]:
    """The statements of every other thread meanwhile, in turn."""
    told: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if threading.current_thread().name != "reporting":
            told.append(statement)

    sa.event.listen(engine, "before_cursor_execute", listen)
    try:
        yield told
    finally:
        sa.event.remove(engine, "before_cursor_execute", listen)
