"""Plays the sounds through Qt Multimedia, and says whether there is anything to play them on."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, QUrl

from ui.sound.wave import all_sounds

NO_DEVICE = "no sound device"
MUTED = "the sound of this computer is muted"
_ASK_MIXER = ("pactl", "get-sink-mute", "@DEFAULT_SINK@")


class Player(Protocol):
    """Something that makes sounds heard."""

    def state(self) -> tuple[bool, str]:
        """Whether a sound could be heard now, and why not."""
        ...

    def play(self, name: str) -> None:
        """Begin a sound; one that still runs is begun anew."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...


class QtPlayer(QObject):
    """QSoundEffect on the default output. Needs a running Qt event loop; belongs to the thread that made it."""

    def __init__(self, muted: Callable[[], bool] | None = None) -> None:
        super().__init__()
        from PySide6.QtMultimedia import QMediaDevices, QSoundEffect

        self._muted = muted or mixer_is_muted
        self._devices = QMediaDevices()
        self._folder = tempfile.TemporaryDirectory(prefix="exomonitor-sounds-")
        self._effects: dict[str, QSoundEffect] = {}
        self._make = QSoundEffect
        if self._has_device():
            self._load()

    def state(self) -> tuple[bool, str]:
        """Whether a sound could be heard now, and why not."""
        if not self._has_device():
            return False, NO_DEVICE
        if not self._effects:  # a device was plugged in after the start
            self._load()
        if any(effect.status() == self._make.Status.Error for effect in self._effects.values()):
            return False, "the sound device cannot play"
        if self._muted():
            return False, MUTED
        return True, ""

    def play(self, name: str) -> None:
        """Begin a sound; without a device nothing happens."""
        effect = self._effects.get(name)
        if effect is not None:
            effect.stop()
            effect.play()

    def close(self) -> None:
        """Stop, and remove the files."""
        for effect in self._effects.values():
            effect.stop()
        self._effects.clear()
        self._folder.cleanup()

    def _has_device(self) -> bool:
        return bool(self._devices.audioOutputs())

    def _load(self) -> None:
        for name, content in all_sounds().items():
            path = Path(self._folder.name) / f"{name}.wav"
            path.write_bytes(content)
            effect = self._make(self)
            effect.setSource(QUrl.fromLocalFile(str(path)))
            effect.setVolume(1.0)
            self._effects[name] = effect


def mixer_is_muted(ask: Sequence[str] = _ASK_MIXER) -> bool:
    """Whether PulseAudio or PipeWire says that the output is muted; False where nobody can tell."""
    if shutil.which(ask[0]) is None:
        return False
    try:
        answer = subprocess.run(list(ask), capture_output=True, text=True, timeout=2, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and answer.stdout.strip().endswith("yes")
