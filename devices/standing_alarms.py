"""Which of a device's alarms stand, and which of them we passed on, so that none begins twice or never ends.

A driver tells an alarm's begin and its end once per dialogue. Where the dialogue begins anew, or another device is on
the cable, the end would never come: what was passed on is taken back, and told again when it is said again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from exomonitor.clock import Instant
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact

MOST_ALARMS = 200
"""Of one device at once; a monitor that forgets the ends must not fill the memory."""
MOST_NUMBERS = 16
"""Devices on one line of which alarms are remembered."""

_Key = tuple[str, str]


class StandingAlarms:
    """The alarms of one link. An alarm that a device says only once (`latched`) is held by whoever is told of it."""

    def __init__(self) -> None:
        self._said: dict[str, dict[_Key, RelayedAlarm]] = {}
        self._told: dict[_Key, RelayedAlarm] = {}

    def hear(self, number: str, facts: Sequence[DeviceFact]) -> None:
        """The device with this number ("" = it told none) said this, whether or not it may be passed on."""
        said = self._said.pop(number, {})
        self._said[number] = said  # as the latest: the one that was not heard for longest is forgotten first
        for alarm in facts:
            if isinstance(alarm, RelayedAlarm) and not alarm.latched:
                before = said.pop(_key(alarm), None)
                if alarm.active:
                    if before is None and len(said) >= MOST_ALARMS:
                        del said[next(iter(said))]
                    said[_key(alarm)] = alarm
        while len(self._said) > MOST_NUMBERS:
            del self._said[next(iter(self._said))]

    def pass_on(self, facts: Sequence[DeviceFact]) -> list[DeviceFact]:
        """The same without what was passed on already, and without the ends of what never was."""
        passed: list[DeviceFact] = []
        for fact in facts:
            if isinstance(fact, RelayedAlarm) and not fact.latched:
                passed += self._news(fact)
            else:
                passed.append(fact)
        return passed

    def take_back(self, at: Instant) -> list[RelayedAlarm]:
        """The ends of all that was passed on."""
        ended = [replace(alarm, active=False, at=at) for alarm in self._told.values()]
        self._told.clear()
        return ended

    def tell_again(self, number: str) -> list[DeviceFact]:
        """What stands at the device with this number and was not passed on, now that it may be."""
        return self.pass_on(list(self._said.get(number, {}).values()))

    def forget(self) -> None:
        """The link is lost, and whoever was told has forgotten too: all must be said again."""
        self._said.clear()
        self._told.clear()

    def _news(self, alarm: RelayedAlarm) -> list[DeviceFact]:
        known = self._told.get(_key(alarm))
        if not alarm.active:
            self._told.pop(_key(alarm), None)
            return [alarm] if known is not None else []
        facts: list[DeviceFact] = [alarm]
        if known is not None:
            del self._told[_key(alarm)]  # said again it is the latest
            facts = [] if replace(known, at=alarm.at) == alarm else facts
        elif len(self._told) >= MOST_ALARMS:
            oldest = self._told.pop(next(iter(self._told)))
            facts.append(replace(oldest, active=False, at=alarm.at))
        self._told[_key(alarm)] = alarm
        return facts


def _key(alarm: RelayedAlarm) -> _Key:
    return alarm.channel, alarm.code
