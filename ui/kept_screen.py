"""How the live page is laid out on this screen: one object that every page looks at, and that the settings keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QObject, Signal

from exomonitor.settings import ScreenSettings
from ui.plots.screen_size import ScreenSize


class KeptScreen(QObject):
    """changed(ScreenSettings): somebody has chosen otherwise. calmed(bool): whether less motion is wanted."""

    changed = Signal(object)
    calmed = Signal(bool)
    heeded = Signal(bool)

    def __init__(self, screen: ScreenSettings | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.screen = screen or ScreenSettings()
        self._system_calm = False

    @property
    def calm(self) -> bool:
        """Whether only alarms move: as somebody chose it here, else as the system asks."""
        return self._system_calm if self.screen.motion == "system" else self.screen.motion == "less"

    def heed_system(self, less: bool) -> None:
        """Whether the system asks for less motion."""
        if less == self._system_calm:
            return
        before, self._system_calm = self.calm, less
        self.heeded.emit(less)
        self._tell(before)

    def _tell(self, before: bool) -> None:
        if self.calm != before:
            self.calmed.emit(self.calm)

    def join(self, other: KeptScreen) -> None:
        """Another window on this screen: what is chosen in one holds in both."""
        other.choose(self.screen)
        other.heed_system(self._system_calm)
        self.heeded.connect(other.heed_system)
        self.changed.connect(other.choose)
        other.changed.connect(self.choose)

    def choose(self, screen: ScreenSettings) -> None:
        """From now on like this."""
        if screen != self.screen:
            before, self.screen = self.calm, screen
            self.changed.emit(screen)
            self._tell(before)


@runtime_checkable
class UsesScreen(Protocol):
    """A page on which something about the screen is chosen, or told."""

    def use_screen(self, kept: KeptScreen, size: Callable[[], ScreenSize]) -> None:
        """size: what is known of the screen's millimetres."""
        ...
