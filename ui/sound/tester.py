"""What plays a sound test, as pages see it."""

from __future__ import annotations

from typing import Protocol


class SoundTester(Protocol):
    """ui.sound.link.SounderLink is one."""

    @property
    def tells_volume(self) -> bool:
        """Whether this computer says that it is muted or turned down; else the test is the only control."""
        ...

    def test(self, *, full: bool) -> bool:
        """Begin the test; False when there is nothing to hear it on."""
        ...

    def answer_test(self, *, heard: bool) -> None:
        """What the person heard."""
        ...
