"""Plays the sounds through Qt Multimedia, and says whether there is anything to play them on."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, QUrl

from ui.sound.mixer import NO_DEVICE, MixerWatch
from ui.sound.wave import all_sounds


class Player(Protocol):
    """Something that makes sounds heard."""

    def state(self) -> tuple[bool, str]:
        """Whether a sound could be heard now, and why not."""
        ...

    def tells_volume(self) -> bool:
        """Whether this computer says of itself that it is muted or turned down; else only a sound test shows it."""
        ...

    def play(self, name: str) -> None:
        """Begin a sound; whatever still runs ends first, so that one is heard at a time."""
        ...

    def loud(self, *, wanted: bool) -> None:
        """Turn the computer up as far as it goes, or back to what somebody had set."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...


class Effect(Protocol):
    """What Qt's sound effect can do, as far as it is used here."""

    def play(self) -> None:
        """From its beginning."""
        ...

    def stop(self) -> None:
        """At once."""
        ...


def play_alone(effects: Mapping[str, Effect], name: str) -> None:
    """End whatever runs and begin this sound, where there is one of that name."""
    for effect in effects.values():
        effect.stop()
    if name in effects:
        effects[name].play()


class QtPlayer(QObject):
    """QSoundEffect on the default output. Needs a running Qt event loop; belongs to the thread that made it."""

    def __init__(self) -> None:
        super().__init__()
        from PySide6.QtMultimedia import QMediaDevices, QSoundEffect

        self._mixer = MixerWatch()
        self._devices = QMediaDevices()
        self._plays_on = b""
        self._folder = tempfile.TemporaryDirectory(prefix="exomonitor-sounds-")
        self._effects: dict[str, QSoundEffect] = {}
        self._make = QSoundEffect
        if self._has_device():
            self._load()

    def state(self) -> tuple[bool, str]:
        """Whether a sound could be heard now, and why not."""
        if not self._has_device():
            return False, NO_DEVICE
        if self._plays_on != self._default():  # plugged in after the start, or another one since
            self._load()
        if any(effect.status() == self._make.Status.Error for effect in self._effects.values()):
            return False, "the sound device cannot play"
        why = self._mixer.newest.why_silent
        return not why, why

    def tells_volume(self) -> bool:
        """Whether the mixer tells."""
        return self._mixer.newest.told

    def play(self, name: str) -> None:
        """Begin a sound and end any other; without a device nothing happens."""
        play_alone(self._effects, name)

    def loud(self, *, wanted: bool) -> None:
        """Ask the mixer; where there is none the sounds are as loud as they get already."""
        self._mixer.loud(wanted)

    def close(self) -> None:
        """Stop, turn back, and remove the files."""
        self._mixer.close()
        for effect in self._effects.values():
            effect.stop()
        self._effects.clear()
        self._folder.cleanup()

    def _has_device(self) -> bool:
        return bool(self._devices.audioOutputs())

    def _default(self) -> bytes:
        return bytes(self._devices.defaultAudioOutput().id().data())

    def _load(self) -> None:
        # A sound is bound to the device that was there when it was made: another device, other sounds.
        self._plays_on = self._default()
        for effect in self._effects.values():
            effect.stop()
            effect.deleteLater()
        for name, content in all_sounds().items():
            path = Path(self._folder.name) / f"{name}.wav"
            path.write_bytes(content)
            effect = self._make(self)
            effect.setSource(QUrl.fromLocalFile(str(path)))
            effect.setVolume(1.0)
            self._effects[name] = effect
