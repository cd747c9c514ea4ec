"""How the live page is laid out on this screen: one object that every page looks at, and that the settings keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QObject, Signal

from exomonitor.settings import ScreenSettings
from ui.plots.screen_size import ScreenSize


class KeptScreen(QObject):
    """changed(ScreenSettings): somebody has chosen otherwise."""

    changed = Signal(object)

    def __init__(self, screen: ScreenSettings | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.screen = screen or ScreenSettings()

    def join(self, other: KeptScreen) -> None:
        """Another window on this screen: what is chosen in one holds in both."""
        other.choose(self.screen)
        self.changed.connect(other.choose)
        other.changed.connect(self.choose)

    def choose(self, screen: ScreenSettings) -> None:
        """From now on like this."""
        if screen != self.screen:
            self.screen = screen
            self.changed.emit(screen)


@runtime_checkable
class UsesScreen(Protocol):
    """A page on which something about the screen is chosen, or told."""

    def use_screen(self, kept: KeptScreen, size: Callable[[], ScreenSize]) -> None:
        """size: what is known of the screen's millimetres."""
        ...
