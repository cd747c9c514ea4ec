"""Pictures of the alarms: from a real alarm manager, with limits changed, escalated, waiting and not judged."""

from __future__ import annotations

from dataclasses import replace

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.missing import Held, Hold
from exomonitor.alarms.policy import AlarmState, Condition
from exomonitor.alarms.sounding import AudioPause
from exomonitor.alarms.why_silent import AlarmPicture, why_all_silent
from exomonitor.engine.alarm_basis import OwnLimit
from exomonitor.engine.snapshot import AudioView, Snapshot
from exomonitor.signals.vitals import Sign
from tests.ui import scenes

NOW = scenes.NOW
SIGNS_OF = {
    "spo2_low": frozenset({Sign.SPO2}),
    "spo2_high": frozenset({Sign.SPO2}),
    "temp_high": frozenset({Sign.TEMP}),
}


def several() -> Snapshot:
    """Three alarms, one acknowledged; a limit that waits for its delay; a sensor that is off and a held one."""
    base = scenes.three_alarms()
    waiting = Condition(
        "hr_high", state=AlarmState.PENDING, priority=Priority.MEDIUM, text="HR high 124 (limit 120)",
        since=NOW.plus(-8), delay_s=20.0,
    )  # fmt: skip
    standing = tuple(
        Condition(one.key, state=one.state, priority=one.priority, text=one.text, since=one.since, raised_at=one.since)
        for one in base.alarms
    )
    picture = AlarmPicture(
        (*standing, waiting),
        frozenset({base.alarms[0].key}),
        holds={Sign.SPO2: Hold(Held.CUFF, NOW.plus(-12), NOW.plus(48))},
        signs_of=SIGNS_OF,
        off={Sign.TEMP: NOW.plus(-95)},
    )
    return replace(
        base, alarm_picture=picture, why_silent=why_all_silent(picture, NOW),
        links=tuple(replace(link, interval_s=2.0) for link in base.links),
    )  # fmt: skip


def paused() -> Snapshot:
    """The same while audio is paused."""
    base = several()
    picture = replace(base.alarm_picture, heard=frozenset(), pause=AudioPause(NOW.plus(-20), NOW.plus(100), "u1"))
    return replace(
        base, alarm_picture=picture, why_silent=why_all_silent(picture, NOW),
        audio=AudioView(True, "", NOW.plus(100)),
    )  # fmt: skip


def changed() -> Snapshot:
    """Two limits of the patient's own."""
    return replace(
        several(),
        limits_changed=(
            OwnLimit("hr_low", "HR low", 40.0, 45.0, NOW.plus(-600), "u1", "Slow heart at rest"),
            OwnLimit("spo2_low", "SpO₂ low", 88.0, 90.0, NOW.plus(-600), "u1", "Slow heart at rest"),
        ),
    )


def offered() -> Snapshot:
    """The baseline asks for a lower limit."""
    return replace(several(), limits_offered={"hr_low": 38})


def escalated() -> Snapshot:
    """Nobody has answered a high alarm for a minute."""
    base = several()
    first = replace(base.alarms[0], escalated=True, raised_at=NOW.plus(-65))
    return replace(
        base, alarms=(first, *base.alarms[1:]), audio=replace(base.audio, sounding=Priority.HIGH, escalated=True)
    )
