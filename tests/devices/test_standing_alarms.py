"""Of all that a device says of its alarms, each begins once and ends once for whoever is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from devices.standing_alarms import MOST_ALARMS, StandingAlarms
from exomonitor.clock import ManualClock
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.pump import AlarmKind


@pytest.fixture
def alarm(clock: ManualClock) -> RelayedAlarm:
    return RelayedAlarm("pump", "1", "OCCL", AlarmKind.OTHER, "Occlusion", "high", True, clock.now())


def told(facts: list[DeviceFact] | list[RelayedAlarm]) -> list[tuple[str, bool]]:
    return [(fact.code, fact.active) for fact in facts if isinstance(fact, RelayedAlarm)]


def test_an_alarm_that_is_said_again_is_told_once_and_its_end_once(alarm, clock):
    standing = StandingAlarms()
    later = replace(alarm, at=clock.advance(5))
    assert told(standing.pass_on([alarm, later])) == [("OCCL", True)]
    assert told(standing.pass_on([replace(later, active=False), replace(later, active=False)])) == [("OCCL", False)]


def test_an_alarm_that_changed_its_rank_is_told_again(alarm):
    standing = StandingAlarms()
    assert told(standing.pass_on([alarm, replace(alarm, priority="low")])) == [("OCCL", True), ("OCCL", True)]


def test_what_is_taken_back_ends_now_and_only_once(alarm, clock):
    standing = StandingAlarms()
    standing.pass_on([alarm])
    at = clock.advance(60)
    assert standing.take_back(at) == [replace(alarm, active=False, at=at)]
    assert standing.take_back(at) == []


def test_what_a_device_says_only_once_is_always_told_and_never_taken_back(alarm, clock):
    standing, once = StandingAlarms(), replace(alarm, latched=True)
    assert len(standing.pass_on([once, once])) == 2
    assert standing.take_back(clock.now()) == []
    assert told(standing.pass_on([replace(once, active=False)])) == [("OCCL", False)]


def test_what_stands_at_one_device_is_told_again_for_that_one_alone(alarm):
    standing = StandingAlarms()
    standing.hear("A", [alarm])
    standing.hear("B", [replace(alarm, code="AIR"), replace(alarm, code="GONE")])
    standing.hear("B", [replace(alarm, code="GONE", active=False)])
    assert told(standing.tell_again("B")) == [("AIR", True)]
    assert standing.tell_again("B") == []
    standing.forget()
    assert standing.tell_again("A") == []


def test_a_device_that_forgets_the_ends_does_not_fill_the_memory(alarm):
    standing = StandingAlarms()
    for number in range(3 * MOST_ALARMS):
        one = replace(alarm, code=str(number))
        standing.hear(str(number), [one])
        standing.hear("A", [one])
        facts = standing.pass_on([one])
    assert told(facts) == [(str(3 * MOST_ALARMS - 1), True), (str(2 * MOST_ALARMS - 1), False)]
    assert len(standing.take_back(alarm.at)) == MOST_ALARMS
    assert len(standing.tell_again("A")) == MOST_ALARMS


def test_more_alarms_than_are_remembered_do_not_come_and_go_with_each_message(alarm):
    standing = StandingAlarms()
    many = [replace(alarm, code=str(number)) for number in range(MOST_ALARMS)]
    standing.hear("A", many)
    standing.pass_on(many)
    again = [many[0], replace(alarm, code="one more")]
    standing.hear("A", again)
    assert told(standing.pass_on(again)) == [("one more", True), ("1", False)]
    assert standing.tell_again("A") == []
