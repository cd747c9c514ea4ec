"""What is lost of the open sessions: told at a start, then counted with readings and waves beside watching."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.policy import AlarmState
from exomonitor.clock import Instant
from exomonitor.engine.aside import unasked
from exomonitor.engine.losses_told import UNCOUNTED, amounts, told_in
from exomonitor.engine.places_taken import OpenOne
from exomonitor.engine.ports import Archive
from exomonitor.engine.runtime import Runtime
from exomonitor.engine.upkeep_health import OF_SESSION
from exomonitor.errors import EnvironmentFault
from exomonitor.session.kept import study_id_in
from exomonitor.session.machine_events import AlarmChanged

log = logging.getLogger(__name__)
KEY = "registry"
"""The alarm that tells of it."""
_RAISED = frozenset({AlarmState.ACTIVE.value, AlarmState.ACKED.value})


class Losses:
    """Where more is lost than the record of a session ever alarmed about, its alarm is raised anew: whoever has
    acknowledged less has not seen that, and the record has each of both."""

    def __init__(self, archive: Archive, runtime: Runtime) -> None:
        self._archive, self._runtime = archive, runtime

    def tell(self, found: Mapping[str, OpenOne]) -> Future[None] | None:
        """Tell what is known of these sessions, by place. The answer comes when all of them are counted; None = of
        none anything is lost."""
        damaged = [one for one in found.values() if one.damage.sentence]
        for one in damaged:
            lost = _lost(one)
            self._say(one, lost, is_new=not amounts(lost) <= _alarmed_about(one))
        return unasked("count", lambda: self._count(damaged)) if damaged else None

    def _count(self, damaged: Sequence[OpenOne]) -> None:
        """All of their readings and waves are read, which watching does not wait for; nobody is told at the end."""
        for one in damaged:
            lost = self._counted(one) or f"{_lost(one)}; {UNCOUNTED}"
            if self._runtime.closed:
                return
            self._say(one, lost, is_new=not amounts(lost) <= _alarmed_about(one) | amounts(_lost(one)))

    def _counted(self, one: OpenOne) -> str:
        try:
            return self._archive.readable(one.session).damage.lost_of(_name(one))
        except EnvironmentFault as why:
            log.warning("the readings of an open session could not be counted: %s", why)
        except Exception:  # a thread's edge: the next session is counted all the same
            log.exception("the readings of an open session could not be counted")
        return ""

    def _say(self, one: OpenOne, lost: str, *, is_new: bool) -> None:
        def say(now: Instant) -> None:
            chair = self._runtime.engine.holder(one.session)  # it may have moved while it was counted
            if is_new and chair is not None and chair.session:
                # it ends, and the next tick finds it with all of the text
                chair.record_alarms(chair.alarms.set_technical(KEY, False, Priority.LOW, "", now))
            self._runtime.engine.set_upkeep(OF_SESSION + one.session, lost)

        self._runtime.post(say)


def _name(one: OpenOne) -> str:
    return f"session {study_id_in(one.entries) or one.session}"


def _lost(one: OpenOne) -> str:
    return one.damage.lost_of(_name(one))


def _alarmed_about(one: OpenOne) -> Counter[str]:
    changes = (entry.event for entry in one.entries if isinstance(entry.event, AlarmChanged))
    return told_in(made.text for made in changes if made.key == KEY and made.to_state in _RAISED)
