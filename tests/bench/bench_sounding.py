"""How long from the request to the sound helper until its sound comes out of a sink, against the system's own player.

`./run bench latency` measures from a device's byte to this request; the two together are the way of an alarm into the
air, less what a loudspeaker and its driver take.
"""

from __future__ import annotations

import statistics
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from exomonitor.clock import stopwatch
from tests.ui.pulse_room import missing, pulse_room
from tests.ui.test_sound_really_heard import Helper, helping
from ui.sound.wave import all_sounds

ROUNDS = 30
PIECE_S, QUIET_S, PATIENCE_S = 0.005, 0.6, 5.0
LOUD = 0.02
LATENCY_MS = 5
Take = Callable[[float], Any]


def run() -> list[dict[str, Any]]:
    """Milliseconds from asking to the first sample that is heard, in turns."""
    if missing():
        return [{"name": f"NOT MEASURED: {', '.join(missing())} missing", "ok": False}]
    ours, floor, players = list[float](), list[float](), list[subprocess.Popen[bytes]]()
    with tempfile.TemporaryDirectory() as name, pulse_room() as room:
        sound = Path(name) / "low.wav"
        sound.write_bytes(all_sounds()["low"])
        with helping(room) as helper, room.recording(latency_ms=LATENCY_MS) as take:
            assert helper.report() == (True, "")
            for turn in range(ROUNDS + 1):
                _quiet(take, helper)
                heard = _heard(take, lambda: helper.say(sound="low"))
                helper.say(sound=None)
                _quiet(take, helper)
                played = _heard(take, lambda: players.append(subprocess.Popen(["paplay", sound], env=room.environment)))
                players.pop().wait()
                if turn:  # the first round opens what stays open
                    ours.append(heard)
                    floor.append(played)
    return [
        _row("request -> sounding, median", statistics.median(ours), statistics.median(floor)),
        _row("request -> sounding, longest", max(ours), max(floor)),
    ]


def _quiet(take: Take, helper: Helper) -> None:
    """Until nothing has been heard for a while; meanwhile the helper is told that the screen lives."""
    silent_s = 0.0
    while silent_s < QUIET_S:
        helper.beat()
        silent_s = 0.0 if _is_loud(take(0.1)) else silent_s + 0.1


def _heard(take: Take, ask: Callable[[], object]) -> float:
    """Milliseconds until it sounds."""
    begun = stopwatch()
    ask()
    while not _is_loud(take(PIECE_S)):
        assert stopwatch() - begun < PATIENCE_S, "nothing was heard"
    return 1000 * (stopwatch() - begun)


def _is_loud(heard: Any) -> bool:
    return float(np.abs(heard).max()) >= LOUD


def _row(name: str, value: float, floor: float) -> dict[str, Any]:
    return {
        "name": name,
        "value": value,
        "unit": "ms",
        "against": f"paplay, begun for each sound {floor:.3g} ms",
        "ratio": value / floor,
    }
