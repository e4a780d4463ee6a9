"""The thread that keeps the read models up to the log, and says when it no longer can."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence

import sqlalchemy as sa

from services.reporting import checkpoints
from services.reporting.checkpoints import PROJECTION, Overtaken
from services.reporting.follower import Broken, Follower

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.1


class Worker:
    """Follows every authority until stopped: at once when asked, and every 100 ms anyway, since a hint can be lost.

    An authority whose log cannot be followed is left with an alarm; the others go on. What may pass (a database away
    for a moment) is tried again at the next turn. Called, it answers why reports are not ready, or None.
    """

    def __init__(self, follower: Follower, authorities: Callable[[], Sequence[str]]) -> None:
        self._follower = follower
        self._authorities = authorities
        self._alarms: dict[str, str] = {}
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._turn = threading.Condition()
        self._caught_up = False
        self._thread = threading.Thread(target=self._run, name="reporting", daemon=True)

    def __call__(self) -> str | None:
        """Why reports are not ready, or None."""
        if self._alarms:
            return "; ".join(f"reporting stopped: {alarm}" for alarm in self._alarms.values())
        if not self._thread.is_alive():
            return "reporting does not run"
        return None if self._caught_up else "reporting is reading the log"

    @property
    def follower(self) -> str:
        """What follows the log."""
        return PROJECTION

    def reached(self, connection: sa.Connection) -> dict[str, int]:
        """How far the read models that are served have come, of every authority."""
        return checkpoints.positions(connection)

    @property
    def alarms(self) -> Mapping[str, str]:
        """What stopped the following of which authority; empty while all is well."""
        return dict(self._alarms)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch at hand, and end."""
        self._stop.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join()

    def hurry(self, seconds: float) -> None:
        """Say that someone waits for something new, and wait until it was looked for, or so many seconds."""
        with self._turn:
            self._wake.set()
            self._turn.wait(seconds)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            self._follow_all()
            with self._turn:
                self._turn.notify_all()
            self._wake.wait(POLL_SECONDS)

    def _follow_all(self) -> None:
        try:
            for authority in self._authorities():
                if authority not in self._alarms:
                    self._follow(authority)
            self._caught_up = not self._stop.is_set()
        except Exception:
            logger.exception("the read models could not be brought up to date; trying again")

    def _follow(self, authority: str) -> None:
        try:
            while not self._stop.is_set() and self._follower.follow(authority):
                pass
        except Overtaken:
            return
        except Broken as broken:
            self._alarms[authority] = str(broken)
            logger.critical("reporting stopped: %s", broken)
