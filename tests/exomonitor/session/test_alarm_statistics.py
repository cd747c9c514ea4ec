"""What a session's alarms were like, folded from its journal: how many an hour, how soon answered, suppressed."""

from __future__ import annotations

import pytest

from exomonitor.clock import ManualClock
from exomonitor.session.alarm_statistics import AlarmStatistics, alarm_statistics, together
from exomonitor.session.entry import Entry, Event
from exomonitor.session.events import SessionOpened
from exomonitor.session.machine_events import AlarmChanged, AudioPaused
from exomonitor.session.parts.alarm_limits import AlarmLimitsSet, AlarmsSuppressed


class Journal:
    """A journal that is written by hand."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.entries: list[Entry] = []
        self.say(SessionOpened("EXO-1", "4", True, "p", "1", "0" * 64, "test"))

    def say(self, event: Event) -> None:
        seq = len(self.entries) + 1
        self.entries.append(Entry(seq, "s", seq, self.clock.now(), "UTC", "station", "station-1", event, "0" * 64))

    def alarm(
        self, key: str, before: str, after: str, priority: str = "medium", by: str = "", *, up: bool = False
    ) -> None:
        self.say(AlarmChanged(key, f"{key} text", priority, before, after, self.clock.now(), by=by, escalated=up))

    def counted(self) -> AlarmStatistics:
        return alarm_statistics(self.entries)


@pytest.fixture
def journal() -> Journal:
    return Journal()


def test_a_session_without_alarms(journal: Journal):
    journal.clock.advance(1800)
    found = alarm_statistics(journal.entries, journal.clock.now())
    assert (found.hours, found.raised, found.per_hour, found.acked_soon_percent) == (0.5, 0, 0.0, None)


def test_no_time_is_no_rate():
    found = alarm_statistics([])
    assert (found.hours, found.per_hour, found.kinds) == (0.0, None, ())


def test_alarms_are_counted_by_kind_and_by_the_hour(journal: Journal):
    for _ in range(3):
        journal.alarm("spo2_low", "pending", "active")
        journal.clock.advance(10)
        journal.alarm("spo2_low", "active", "normal")
    journal.alarm("hr_high", "pending", "active", "high")
    journal.clock.advance(7170)
    found = alarm_statistics(journal.entries, journal.clock.now())
    assert [(kind.key, kind.raised, kind.per_hour(found.hours)) for kind in found.kinds] == [
        ("spo2_low", 3, 1.5),
        ("hr_high", 1, 0.5),
    ]
    assert (found.raised, found.per_hour) == (4, 2.0)
    assert found.kinds[1].by_priority == {"high": 1}


def test_getting_worse_or_escalating_is_no_new_alarm(journal: Journal):
    journal.alarm("spo2_low", "pending", "active")
    journal.alarm("spo2_low", "active", "active", "high")
    journal.alarm("spo2_low", "active", "active", "high", up=True)
    journal.alarm("spo2_low", "active", "active", "high", up=True)  # it got worse, and is still escalated
    (kind,) = journal.counted().kinds
    assert (kind.raised, kind.escalated) == (1, 1)


def test_the_part_that_somebody_acknowledged_within_thirty_seconds(journal: Journal):
    for waited in (30.0, 30.1, 5.0):
        journal.alarm("a", "pending", "active")
        journal.clock.advance(waited)
        journal.alarm("a", "active", "acked", by="u-1")
        journal.alarm("a", "acked", "normal")
    journal.alarm("a", "pending", "active")
    journal.alarm("a", "active", "normal")  # by itself: nobody answered
    found = journal.counted()
    (kind,) = found.kinds
    assert (kind.raised, kind.acked, kind.acked_soon) == (4, 3, 2)
    assert found.acked_soon_percent == 50.0
    assert kind.longest_s == pytest.approx(30.1)


def test_a_latched_alarm_is_answered_when_somebody_has_seen_it(journal: Journal):
    journal.alarm("a", "pending", "active", "high")
    journal.alarm("a", "active", "latched", "high")
    journal.clock.advance(20)
    journal.alarm("a", "latched", "normal", "high", by="u-1")
    assert journal.counted().acked_soon_percent == 100.0


def test_what_nobody_answers_lasts_until_now(journal: Journal):
    journal.alarm("a", "normal", "active")
    journal.clock.advance(300)
    (kind,) = alarm_statistics(journal.entries, journal.clock.now()).kinds
    assert (kind.acked, kind.longest_s) == (0, 300.0)


def test_suppressed_pauses_and_limits(journal: Journal):
    journal.say(AlarmsSuppressed(journal.clock.now(), {"spo2_low": 3, "hr_high": 1}))
    journal.say(AlarmsSuppressed(journal.clock.now(), {"spo2_low": 2}))
    journal.say(AudioPaused(journal.clock.now().plus(120)))
    journal.clock.advance(60)
    journal.say(AudioPaused(journal.clock.now().plus(120)))
    journal.say(AlarmLimitsSet({"hr_low": 40}, {}, "u-1"))
    found = journal.counted()
    assert (found.suppressed, found.pauses, found.paused_s, found.limit_changes) == (6, 2, 180.0, 1)
    assert found.kinds[0].text == "spo2 low"


def test_alarms_of_other_places_do_not_count(journal: Journal):
    journal.alarm("elsewhere:Lounge 1:set.+30", "normal", "active")
    assert journal.counted().raised == 0


def test_many_sessions_together(journal: Journal):
    journal.alarm("a", "pending", "active")
    journal.clock.advance(3600)
    one = alarm_statistics(journal.entries, journal.clock.now())
    both = together([one, one])
    assert (both.hours, both.raised, both.per_hour) == (2.0, 2, 1.0)
    assert both.kinds[0].by_priority == {"medium": 2}
