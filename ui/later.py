"""Pages that are imported and made when they are first wanted: the live page is painted before that."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from exomonitor.engine.bedside import Bedside
from ui.bridge import Bridge
from ui.theme import Theme

Maker = Callable[[Bedside, Bridge, Theme], QWidget]


def _prepare(bedside: Bedside, bridge: Bridge, theme: Theme) -> QWidget:
    from ui.pages.prepare.page import PreparePage

    return PreparePage(bedside, bridge, theme)


def _history(bedside: Bedside, bridge: Bridge, theme: Theme) -> QWidget:
    from ui.pages.history import HistoryPage

    return HistoryPage(bedside, bridge, theme)


def _devices(bedside: Bedside, bridge: Bridge, theme: Theme) -> QWidget:
    from ui.pages.devices import DevicesPage

    return DevicesPage(bedside, bridge, theme)


def _settings(bedside: Bedside, bridge: Bridge, theme: Theme) -> QWidget:
    from ui.pages.settings import SettingsPage

    return SettingsPage(bedside, bridge, theme)


LATER: dict[str, Maker] = {
    "prepare": _prepare,
    "history": _history,
    "devices": _devices,
    "settings": _settings,
}
"""Page name -> how it is made."""
