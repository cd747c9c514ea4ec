"""Pages that are imported and made when they are first wanted: the live page is painted before that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from PySide6.QtWidgets import QWidget

from exomonitor.engine.bedside import Bedside
from ui.bridge import Bridge
from ui.theme import Theme

Maker = Callable[[Bedside, Bridge, Theme], QWidget]


@runtime_checkable
class GoesBack(Protocol):
    """A page with something inside that Esc closes first; False when there is nothing to close."""

    def back(self) -> bool:
        """One step back inside the page."""
        ...


@runtime_checkable
class Lends(Protocol):
    """A page of which a part must stay in sight: vital signs, the pump, the card of a reaction."""

    def spare(self) -> QWidget:
        """The part that something may lie over for a moment."""
        ...


@runtime_checkable
class FocusesFirst(Protocol):
    """A page that knows where typing begins."""

    def focus_first(self) -> None:
        """Put the keyboard there."""
        ...


@runtime_checkable
class OpensWork(Protocol):
    """The page of the calls."""

    def open_work(self, visit: str, call: str, seq: int) -> None:
        """Open a line of the work list."""
        ...


def _help(bedside: Bedside, bridge: Bridge, theme: Theme) -> QWidget:
    from ui.pages.help import HelpPage

    return HelpPage(theme)


def _start(bedside: Bedside, bridge: Bridge, theme: Theme) -> QWidget:
    from ui.pages.start.page import StartPage

    return StartPage(bedside, bridge, theme)


def _sign_off(bedside: Bedside, bridge: Bridge, theme: Theme) -> QWidget:
    from ui.pages.signoff import SignOffPage

    return SignOffPage(bedside, bridge, theme)


def _prepare(bedside: Bedside, bridge: Bridge, theme: Theme) -> QWidget:
    from ui.pages.prepare.page import PreparePage

    return PreparePage(bedside, bridge, theme)


def _patients(bedside: Bedside, bridge: Bridge, theme: Theme) -> QWidget:
    from ui.pages.patients.page import PatientsPage

    return PatientsPage(bedside, bridge, theme)


def _history(bedside: Bedside, bridge: Bridge, theme: Theme) -> QWidget:
    from ui.pages.history import HistoryPage

    return HistoryPage(bedside, bridge, theme)


def _devices(bedside: Bedside, bridge: Bridge, theme: Theme) -> QWidget:
    from ui.pages.devices import DevicesPage

    return DevicesPage(bedside, bridge, theme)


def _settings(bedside: Bedside, bridge: Bridge, theme: Theme) -> QWidget:
    from ui.pages.settings import SettingsPage

    return SettingsPage(bedside, bridge, theme)


def _leaving(bedside: Bedside, bridge: Bridge, theme: Theme) -> QWidget:
    from ui.pages.leaving.page import LeavingPage

    return LeavingPage(bedside, bridge, theme)


def _follow_up(bedside: Bedside, bridge: Bridge, theme: Theme) -> QWidget:
    from ui.pages.followup.page import FollowUpPage

    return FollowUpPage(bedside, bridge, theme)


def _emergency(bedside: Bedside, bridge: Bridge, theme: Theme) -> QWidget:
    from ui.pages.emergency.page import EmergencyPage

    return EmergencyPage(bedside, bridge, theme)


def _product(bedside: Bedside, bridge: Bridge, theme: Theme) -> QWidget:
    from ui.pages.product.page import ProductPage

    return ProductPage(bedside, bridge, theme)


def _people(bedside: Bedside, bridge: Bridge, theme: Theme) -> QWidget:
    from ui.pages.people.page import PeoplePage

    return PeoplePage(bedside, bridge, theme)


def _alarms(bedside: Bedside, bridge: Bridge, theme: Theme) -> QWidget:
    from ui.pages.alarms.page import AlarmsPage

    return AlarmsPage(bedside, bridge, theme)


def _changes(bedside: Bedside, bridge: Bridge, theme: Theme) -> QWidget:
    from ui.pages.changes.page import ChangesPage

    return ChangesPage(bedside, bridge, theme)


def _access(bedside: Bedside, bridge: Bridge, theme: Theme) -> QWidget:
    from ui.pages.access import AccessPage

    return AccessPage(bedside, bridge, theme)


def _backups(bedside: Bedside, bridge: Bridge, theme: Theme) -> QWidget:
    from ui.pages.backups import BackupsPage

    return BackupsPage(bedside, bridge, theme)


def _locked(bedside: Bedside, bridge: Bridge, theme: Theme) -> QWidget:
    from ui.pages.locked import LockedPage

    return LockedPage(bedside, bridge, theme)


LATER: dict[str, Maker] = {
    "help": _help,
    "start": _start,
    "signoff": _sign_off,
    "locked": _locked,
    "alarms": _alarms,
    "changes": _changes,
    "people": _people,
    "access": _access,
    "backups": _backups,
    "emergency": _emergency,
    "prepare": _prepare,
    "product": _product,
    "patients": _patients,
    "history": _history,
    "devices": _devices,
    "settings": _settings,
    "leaving": _leaving,
    "followup": _follow_up,
}
"""Page name -> how it is made."""
