"""While alarms cannot be heard the time-out says what to do about it, and how to start all the same."""

from __future__ import annotations

from dataclasses import replace

from exomonitor.session.checklist import SOUND, gates
from tests.ui import made_sessions
from tests.ui.fake_bedside import SHIPPED
from tests.ui.prepare_room import NOW, open_room, picture
from ui.pages.prepare.steps import START, open_gates

MUTED = "the sound of this computer is muted"


def test_the_time_out_says_that_alarms_cannot_be_heard_and_what_to_do(qtbot):
    for room in open_room(qtbot):
        state = made_sessions.filled()
        silent = replace(picture(state), gates=gates(state, NOW, SHIPPED, silent=MUTED))
        room.page.show_snapshot(silent)
        room.page.open_step(START)
        words = room.page.start.warning.text()
        assert f"Alarm sound: {MUTED}: turn it up or connect a loudspeaker, then play the sound test" in words
        assert "Alarm sound" in room.page.gates.without_key.text()
        assert SOUND in {gate.key for gate in open_gates(silent)}
        state = replace(state, overrides=(SOUND,))
        room.page.show_snapshot(replace(picture(state), gates=gates(state, NOW, SHIPPED, silent=MUTED)))
        assert "Alarm sound" not in room.page.start.warning.text()
