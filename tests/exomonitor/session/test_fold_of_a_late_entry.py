"""What a failing disk kept although it was refused is told after newer entries: the state is that of the journal."""

from __future__ import annotations

from exomonitor.clock import ManualClock
from exomonitor.session import events as ev
from exomonitor.session.entry import Entry, Event
from exomonitor.session.fold import fold


def test_an_entry_that_is_told_late_makes_the_state_that_the_journal_makes():
    clock = ManualClock()
    events: list[Event] = [
        ev.SessionOpened("EXO-1", "4", True, "P", "1.0", "ab", "x"),
        ev.NoteAdded("A"),
        ev.NoteAdded("C"),
    ]
    first, older, newer = (
        Entry(seq, "s-1", seq, clock.advance(1), "UTC", "u-1", "station", event, f"hash {seq}")
        for seq, event in enumerate(events, 1)
    )
    assert fold([first, newer, older]) == fold([first, older, newer])
