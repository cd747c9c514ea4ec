"""What is really played: the product's own helper plays into a private PulseAudio, and its output is measured."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from exomonitor.alarms.bursts import BURSTS, FUNDAMENTAL_HZ
from exomonitor.alarms.limits import Priority
from exomonitor.clock import stopwatch
from tests.ui.pulse_room import RATE_HZ, PulseRoom, missing, pulse_room
from tests.ui.test_sound_wave import pulses_ms
from ui.sound.link import HOME, helper_command
from ui.sound.mixer import NO_DEVICE

SILENCE_S = 2.5  # the shortest pause between two bursts that clinical.md 5.1 allows
STEP_S = 0.5
BURSTS_TRIED = 3  # on a machine that is busy with other things the sound server itself may stumble once
Samples = npt.NDArray[np.float64]

pytestmark = pytest.mark.skipif(
    bool(missing()),
    reason=f"NOT MEASURED what is really played: {', '.join(missing())} missing (apt install pulseaudio)",
)


@dataclass
class Helper:
    """The helper process of the product, playing into the private room."""

    process: subprocess.Popen[str]
    beats: int = 0

    def say(self, **content: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(content) + "\n")
        self.process.stdin.flush()

    def beat(self) -> None:
        self.beats += 1
        self.say(beat=self.beats)

    def report(self) -> tuple[bool, str]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            said = json.loads(line)
            if "audio" in said:
                return bool(said["audio"]), str(said["why"])
        raise AssertionError("the helper ended without a report")

    def told(self, wanted: tuple[bool, str]) -> bool:
        """Whether it reports this within three reports."""
        return any(self.report() == wanted for _ in range(3))


@pytest.fixture(scope="module")
def room() -> Iterator[PulseRoom]:
    with pulse_room() as made:
        yield made


@contextmanager
def helping(room: PulseRoom, *words: str) -> Iterator[Helper]:
    process = subprocess.Popen(
        [*helper_command(), *words], env=room.environment,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        yield Helper(process)
    finally:
        process.kill()
        process.communicate()


def bursts(take, helper: Helper, *, beating: bool = True) -> Iterator[Samples]:
    """One burst after the other as it was heard, cut from the silence around it."""
    step, kept, quiet = round(STEP_S * RATE_HZ), np.zeros(0), 0
    for _ in range(round(50 / STEP_S)):
        if beating:
            helper.beat()
        heard = take(STEP_S)
        assert len(heard) == step, "the recording ended"
        silent = float(np.abs(heard).max()) < 0.02
        quiet = quiet + 1 if silent else 0
        if not silent or len(kept):
            kept = np.concatenate([kept, heard])
        if len(kept) and quiet * STEP_S >= SILENCE_S:
            yield kept
            kept, quiet = np.zeros(0), 0
    raise AssertionError("no further burst was heard")


def begins_ms(burst: Samples) -> list[float]:
    found = [begin for begin, _ in pulses_ms(burst)]
    return [round(begin - found[0], 1) for begin in found]


def fits(burst: Samples, priority: Priority) -> bool:
    """Whether every pulse stands where clinical.md 5.1 puts it, and lasts as long."""
    wanted, found = BURSTS[priority], pulses_ms(burst)
    return (
        len(found) == len(wanted.starts_ms)
        and begins_ms(burst) == pytest.approx(list(wanted.starts_ms), abs=8)
        and [end - begin for begin, end in found] == pytest.approx([wanted.pulse_ms] * len(found), abs=15)
    )


def best(take, helper: Helper, priority: Priority) -> Samples:
    """The first burst that fits, out of a few; else the last one, with what was heard."""
    heard = []
    for burst, _ in zip(bursts(take, helper), range(BURSTS_TRIED), strict=False):
        if fits(burst, priority):
            return burst
        heard.append(begins_ms(burst))
    raise AssertionError(f"no burst of {priority.word} is as it should be; pulses began at {heard} ms")


def spectrum(burst: Samples) -> tuple[float, list[float]]:
    """(fundamental in hertz, levels of the harmonics 2 to 6 against it in decibels) of the first pulse."""
    begin, end = (round(ms * RATE_HZ / 1000) for ms in pulses_ms(burst)[0])
    pulse = burst[begin:end]
    power = 20 * np.log10(np.abs(np.fft.rfft(pulse * np.hanning(len(pulse)), n=1 << 18)) + 1e-9)
    hertz = np.fft.rfftfreq(1 << 18, 1 / RATE_HZ)

    def peak(near: float) -> tuple[float, float]:
        at = int(np.argmax(np.where(np.abs(hertz - near) < 50, power, -np.inf)))
        return float(hertz[at]), float(power[at])

    found, level = peak(FUNDAMENTAL_HZ)
    return found, [peak(found * n)[1] - level for n in range(2, 7)]


def test_a_high_alarm_is_heard_as_ten_pulses_at_their_times_and_in_their_pitch(room):
    with helping(room) as helper, room.recording() as take:
        assert helper.report() == (True, "")
        helper.beat()
        helper.say(sound="high")
        burst = best(take, helper, Priority.HIGH)
    begins = begins_ms(burst)
    assert len(begins) == 10
    gaps = [b - a - 150 for a, b in pairwise(begins)]  # from the end of a pulse to the next
    assert all(50 <= gaps[n] <= 125 for n in (0, 1, 3, 5, 6, 8)), "x = 50 to 125 ms"
    assert all(gaps[n] == pytest.approx(2 * gaps[0] + 150, abs=40) for n in (2, 7)), "2 x + t_d"
    assert 350 <= gaps[4] <= 1300, "between the halves"
    fundamental, harmonics = spectrum(burst)
    assert fundamental == pytest.approx(FUNDAMENTAL_HZ, abs=3)
    assert sum(abs(level) <= 15 for level in harmonics) >= 4


SCREEN = """
import sys
from dataclasses import replace
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QTimer
from exomonitor.engine.snapshot import Snapshot
from tests.ui.made_sessions import START
from ui.sound.link import SounderLink, helper_command
from ui.sound.mark import Mark

app = QCoreApplication([])
link = SounderLink(lambda works, why: None, helper_command(Mark(Path(sys.argv[1]), "old")))
beats = iter(range(1, 10**9))
timer = QTimer()
timer.timeout.connect(lambda: link.show_snapshot(replace(Snapshot("4", START, 1, True), beat=next(beats))))
timer.start(100)
link.audio_changed.connect(lambda works, why: print(link._process.pid, works, flush=True))
link.start()
app.exec()
"""


def test_a_program_that_is_stopped_or_killed_is_called_out_by_its_helper(room, tmp_path):
    mark = tmp_path / "mark"
    mark.write_text("old")
    screen = subprocess.Popen(
        [sys.executable, "-c", SCREEN, str(mark)], cwd=HOME, env=room.environment, stdout=subprocess.PIPE, text=True
    )
    assert screen.stdout is not None
    helper, works = screen.stdout.readline().split()
    try:
        assert works == "True"
        with room.recording() as take:
            assert float(np.abs(take(1.0)).max()) < 0.02, "a screen that moves is quiet"
            screen.send_signal(signal.SIGSTOP)
            frozen = failure(take)
            screen.send_signal(signal.SIGCONT)
            assert quiet_again(take), "it moves again"
            screen.kill()
            dead = failure(take)
        for tone in (frozen, dead):
            assert begins_ms(tone) == pytest.approx([0, 250, 500, 1000, 1250], abs=40)
        mark.write_text("new")  # the program was started again: the helper of the dead one leaves
        assert gone(int(helper))
    finally:
        screen.kill()
        screen.communicate()
        if not gone(int(helper), 0.0):
            os.kill(int(helper), signal.SIGKILL)


def failure(take) -> Samples:
    """The next failure tone that fits; they follow each other faster than bursts: cut at a second of silence."""
    kept, quiet, tones = np.zeros(0), 0, 0
    for _ in range(200):
        heard = take(0.2)
        quiet = quiet + 1 if float(np.abs(heard).max()) < 0.02 else 0
        if not quiet or len(kept):
            kept = np.concatenate([kept, heard])
        if len(kept) and quiet >= 5:
            tones += 1
            if len(begins_ms(kept)) == 5 or tones == BURSTS_TRIED:
                return kept
            kept = np.zeros(0)
    raise AssertionError("no failure tone was heard")


def quiet_again(take) -> bool:
    """Whether four seconds without a sound follow soon: a failure tone would have come in between."""
    quiet = 0
    for _ in range(60):
        quiet = quiet + 1 if float(np.abs(take(0.5)).max()) < 0.02 else 0
        if quiet == 8:
            return True
    return False


def gone(process: int, within_s: float = 20.0) -> bool:
    """Whether the process has ended."""
    pause, until_s = threading.Event(), stopwatch() + within_s
    while True:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        if stopwatch() >= until_s or _is_zombie(process):
            return _is_zombie(process)
        pause.wait(0.05)


def _is_zombie(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_mute_volume_zero_and_a_missing_device_are_reported(room):
    with helping(room) as helper:
        assert helper.report() == (True, "")
        room.ask("set-sink-mute", "proof", "1")
        assert helper.told((False, "the sound of this computer is muted"))
        room.ask("set-sink-mute", "proof", "0")
        assert helper.told((True, ""))
        room.ask("set-sink-volume", "proof", "0")
        assert helper.told((False, "the volume of this computer is 0"))
        room.ask("set-sink-volume", "proof", "100%")
        assert helper.told((True, ""))
        # What a sound server offers when there is no device at all:
        dummy = room.ask("load-module", "module-null-sink", "sink_name=auto_null")
        room.ask("set-default-sink", "auto_null")
        assert helper.told((False, NO_DEVICE))
        room.ask("set-default-sink", "proof")
        room.ask("unload-module", dummy)
        assert helper.told((True, ""))


def test_an_escalated_alarm_turns_the_computer_up_and_back_again(room):
    with helping(room) as helper:
        assert helper.report() == (True, "")
        room.ask("set-sink-volume", "proof", "40%")
        helper.say(sound="high", loud=True)
        assert becomes(lambda: "100%" in room.ask("get-sink-volume", "proof"))
        helper.say(sound=None, loud=False)
        assert becomes(lambda: "40%" in room.ask("get-sink-volume", "proof"))
        room.ask("set-sink-volume", "proof", "100%")


def becomes(holds: Callable[[], bool]) -> bool:
    """Whether it holds within twenty seconds."""
    pause, until_s = threading.Event(), stopwatch() + 20
    while not holds():
        if stopwatch() > until_s:
            return False
        pause.wait(0.1)
    return True
