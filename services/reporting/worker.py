"""The thread that keeps the read models up to the log, and says when it no longer can."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence

from services.reporting.checkpoints import Overtaken
from services.reporting.follower import Broken, Follower

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.1


class Worker:
    """Follows every authority until stopped: at once when woken, and every 100 ms anyway, since a hint can be lost.

    An authority whose log cannot be followed is left with an alarm; the others go on. What may pass (a database away
    for a moment) is tried again at the next turn.
    """

    def __init__(self, follower: Follower, authorities: Callable[[], Sequence[str]]) -> None:
        self._follower = follower
        self._authorities = authorities
        self._alarms: dict[str, str] = {}
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reporting", daemon=True)

    @property
    def alarms(self) -> Mapping[str, str]:
        """What stopped the following of which authority; empty while all is well. For `/health/ready`."""
        return dict(self._alarms)

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def wake(self) -> None:
        """Say that there may be something new."""
        self._wake.set()

    def stop(self) -> None:
        """Finish the batch at hand, and end."""
        self._stop.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                for authority in self._authorities():
                    if authority not in self._alarms:
                        self._follow(authority)
            except Exception:
                logger.exception("the read models could not be brought up to date; trying again")
            self._wake.wait(POLL_SECONDS)
            self._wake.clear()

    def _follow(self, authority: str) -> None:
        try:
            while not self._stop.is_set() and self._follower.follow(authority):
                pass
        except Overtaken:
            return
        except Broken as broken:
            self._alarms[authority] = str(broken)
            logger.critical("reporting stopped: %s", broken)
