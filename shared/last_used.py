"""When each key was last used: noted as it is used, written down by a thread of its own, off every request's path."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from shared.clock import stamp
from shared.database import writer

logger = logging.getLogger(__name__)


class LastUsed:
    """Writes what was noted once in so many seconds, one transaction for all keys, and what is left as it closes.

    A process that is killed loses the last uses of at most that time.
    """

    def __init__(self, engine: sa.Engine, table: sa.Table, clock: Callable[[], datetime], seconds: float = 60) -> None:
        self._engine = engine
        self._clock = clock
        self._seconds = seconds
        self._noted: dict[str, datetime] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        used_at = sa.bindparam("used_at", type_=sa.Text)
        later = sa.or_(table.c.last_used_at.is_(None), table.c.last_used_at < used_at)
        its = table.c.key_id == sa.bindparam("noted_key", type_=sa.Text)
        self._update = table.update().where(its, later).values(last_used_at=used_at)

    def note(self, key_id: str) -> None:
        """The key is used now."""
        with self._lock:
            self._noted[key_id] = self._clock()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="last-used", daemon=True)
                self._thread.start()

    def write(self) -> None:
        """Write down what was noted since the last time; what the database does not take is kept for the next."""
        with self._lock:
            noted, self._noted = self._noted, {}
        if not noted:
            return
        try:
            with writer(self._engine).begin() as connection:
                connection.execute(
                    self._update, [{"noted_key": key, "used_at": stamp(at)} for key, at in noted.items()]
                )
        except SQLAlchemyError:
            logger.warning("the last uses of %d keys could not be written; trying again", len(noted))
            with self._lock:
                self._noted = {**noted, **self._noted}

    def close(self) -> None:
        """End the thread, and write down what is left."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self.write()

    def _run(self) -> None:
        while not self._stop.wait(self._seconds):
            self.write()
