"""What the computer's own mixer says of mute and volume, where PulseAudio or PipeWire tells; asked on its own thread.

A mixer can be slow to answer: nothing that plays sounds may wait for it.
"""

from __future__ import annotations

import logging
import os
import queue
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

log = logging.getLogger(__name__)

EVERY_S = 1.5
NO_DEVICE = "no sound device"
MUTED = "the sound of this computer is muted"
SILENT = "the volume of this computer is 0"
OWN_MUTED = "this program alone is muted in the mixer of this computer"
OWN_SILENT = "the volume of this program is 0 in the mixer of this computer"
_TIMEOUT_S = 3.0
_PACTL = ("pactl",)
_SINK = "@DEFAULT_SINK@"
_DUMMY = "auto_null"
"""What a sound server offers when there is no device at all."""
_STREAM = re.compile(r"^Sink Input #(\d+)", re.MULTILINE)
_PERCENT = re.compile(r"(\d+)%")


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream of this program in the mixer: a person may mute or turn down a program alone."""

    number: str
    muted: bool
    percent: int | None


@dataclass(frozen=True, slots=True)
class Mixer:
    """What was told; `told` False = nobody here tells, and the sound test is the only control. percent: the loudest
    channel, None = not told."""

    told: bool = False
    dummy: bool = False
    muted: bool = False
    percent: int | None = None
    own: tuple[Stream, ...] = ()
    """Our own streams; none while nothing plays, and where nobody tells."""

    @property
    def why_silent(self) -> str:
        """Why nothing can be heard, "" = the mixer has nothing against it."""
        if self.dummy:
            return NO_DEVICE
        if self.muted:
            return MUTED
        if self.percent == 0:
            return SILENT
        if any(one.muted for one in self.own):
            return OWN_MUTED
        return OWN_SILENT if any(one.percent == 0 for one in self.own) else ""


def ask_mixer(tool: Sequence[str] = _PACTL, process: int | None = None) -> Mixer:
    """Ask the sound server for its default output and for the streams of a process, ours by default. tool: how to ask
    it."""
    muted, volume = _said(tool, "get-sink-mute", _SINK), _said(tool, "get-sink-volume", _SINK)
    if muted is None or volume is None:
        return Mixer()
    levels = [int(found) for found in _PERCENT.findall(volume)]
    dummy = (_said(tool, "get-default-sink") or "").strip() == _DUMMY
    own = own_streams(_said(tool, "list", "sink-inputs") or "", process or os.getpid())
    return Mixer(True, dummy, muted.strip().endswith("yes"), max(levels, default=None), own)


def own_streams(said: str, process: int) -> tuple[Stream, ...]:
    """The streams of one process, of all that the sound server lists."""
    parts = _STREAM.split(said)
    found = []
    for number, told in zip(parts[1::2], parts[2::2], strict=True):
        if f'application.process.id = "{process}"' not in told:
            continue
        lines = {name: rest for name, _, rest in (line.strip().partition(":") for line in told.splitlines())}
        levels = [int(percent) for percent in _PERCENT.findall(lines.get("Volume", ""))]
        found.append(Stream(number, lines.get("Mute", "").strip() == "yes", max(levels, default=None)))
    return tuple(found)


def turn_up(before: Mixer, tool: Sequence[str] = _PACTL) -> None:
    """As loud as this computer gets without distortion, and not muted."""
    if before.told:
        _said(tool, "set-sink-mute", _SINK, "0")
        if before.percent is None or before.percent < 100:
            _said(tool, "set-sink-volume", _SINK, "100%")
    for stream in before.own:
        if stream.muted:
            _said(tool, "set-sink-input-mute", stream.number, "0")
        if stream.percent is not None and stream.percent < 100:
            _said(tool, "set-sink-input-volume", stream.number, "100%")


def turn_back(before: Mixer, tool: Sequence[str] = _PACTL) -> None:
    """The volume that somebody had set before it was turned up. One who has changed it since keeps what he chose.

    What was silent is not made silent again: a mute stays lifted, a volume of 0 stays up. Nobody had heard that alarm
    for just that reason, and the next one must not go unheard the same way; a person may turn it down.
    """
    now = ask_mixer(tool)
    if before.told and before.percent and now.percent == 100:
        _said(tool, "set-sink-volume", _SINK, f"{before.percent}%")


def _said(tool: Sequence[str], *words: str) -> str | None:
    """The answer; None where there is none."""
    if shutil.which(tool[0]) is None:
        return None
    try:
        answer = subprocess.run(
            [*tool, *words], capture_output=True, text=True, timeout=_TIMEOUT_S, check=False,
            env=os.environ | {"LC_ALL": "C"},
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout if answer.returncode == 0 else None


class MixerWatch:
    """Asks every two seconds on a thread of its own, and turns up and back when it is told to."""

    def __init__(
        self,
        ask: Callable[[], Mixer] = ask_mixer,
        up: Callable[[Mixer], None] = turn_up,
        back: Callable[[Mixer], None] = turn_back,
        every_s: float = EVERY_S,
    ) -> None:
        self._ask, self._up, self._back, self._every_s = ask, up, back, every_s
        self.newest = ask()
        self._wishes: queue.SimpleQueue[bool | None] = queue.SimpleQueue()
        self._raised_from: Mixer | None = None
        self._thread = threading.Thread(target=self._run, name="mixer", daemon=True)
        self._thread.start()

    def loud(self, wanted: bool) -> None:
        """Turn the computer up, or back to what it was."""
        self._wishes.put(wanted)

    def close(self) -> None:
        """Turn back what was turned up, and end."""
        self._wishes.put(False)
        self._wishes.put(None)
        self._thread.join(4 * _TIMEOUT_S)

    def _run(self) -> None:
        while True:
            try:
                wish = self._wishes.get(timeout=self._every_s)
            except queue.Empty:
                self.newest = self._look()
                continue
            if wish is None:
                return
            self._turn(wish)
            self.newest = self._look()

    def _look(self) -> Mixer:
        """While nothing plays there is no stream to look at: what was said of the last one still holds."""
        found = self._ask()
        return found if found.own or not found.told else replace(found, own=self.newest.own)

    def _turn(self, wanted: bool) -> None:
        if wanted and self._raised_from is None:
            self._raised_from = self._ask()
            self._up(self._raised_from)
        elif not wanted and self._raised_from is not None:
            self._back(self._raised_from)
            self._raised_from = None
