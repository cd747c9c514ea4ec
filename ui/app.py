"""Opens the bedside window and runs it until it is closed."""

from __future__ import annotations

import gc
import logging
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QSize, QTimer
from PySide6.QtWidgets import QApplication

from exomonitor.computer import ending
from exomonitor.engine.bedside import Bedside
from exomonitor.registry.sound_tests import refuted
from exomonitor.session.parts.trust import ASKED, COMPUTER
from exomonitor.settings import Keeper, Settings
from ui.awake import Awake, wakefulness
from ui.bridge import Bridge
from ui.clipboard import OwnCopies
from ui.display import have_display
from ui.frame.chair_strip import STRIP
from ui.frame.closing import Closing
from ui.frame.idle import IdleWatch
from ui.frame.read_only import READ_ONLY, say_above, say_read_only
from ui.frame.sound_edge import SoundEdge
from ui.main_window import MainWindow
from ui.motion import wanted_less
from ui.opening import Opening
from ui.places import Places
from ui.sound.link import SounderLink, helper_command
from ui.sound.mark import leave_mark
from ui.station_window import StationWindow
from ui.theme import THEMES, Theme, apply

__all__ = ["have_display", "run_window"]

T = TypeVar("T")
log = logging.getLogger(__name__)
SWITCH_S = 0.0002


def run_window(
    bedside: Bedside,
    settings: Settings | None = None,
    *,
    sound: bool = True,
    full_screen: bool = False,
    keeper: Keeper | None = None,
    opening: Opening | None = None,
    notice: str = "",
) -> int:
    """Show the window until it is closed; returns the exit code. Must be called on the main thread.

    keeper: told which look was chosen for the next start, and how the live page is laid out from now on. opening: what
    was painted first; it goes when the window stands. notice: stands above everything, "" = nothing to say.
    """
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("ExoMonitor")
    settings = settings or Settings()
    several = bool(bedside.latest().chairs)
    above = (STRIP if several else 0) + (READ_ONLY if bedside.read_only or notice else 0)
    dressed = _theme_for(app, settings.theme, above)
    apply(app, dressed)
    link = _sounder(bedside) if sound else None
    made = _several(bedside, dressed, link) if several else _one(bedside, dressed, link)
    made.window.scanner.use_codes(settings.scan_codes)
    made.window.kept.choose(settings.screen)
    if keeper is not None:
        made.window.theme_wanted.connect(partial(_keep, made, keeper.theme))
        made.window.kept.changed.connect(partial(_keep, made, keeper.screen))
    if link is not None:
        if refuted(bedside.latest().registry.sound_tests):  # before the restart somebody heard nothing
            link.answer_test(heard=False)
        if several:
            made.bridge.alarmed.connect(link.show_snapshot)
            made.bridge.snapshot.connect(link.show_snapshot)
        QTimer.singleShot(0, link.start)  # the window is painted first
    made.bridge.run(wanted_less, made.window.kept.heed_system, log.warning)
    awake = Awake(None if bedside.simulated else wakefulness())
    made.bridge.snapshot.connect(awake.show_snapshot)
    made.bridge.snapshot.connect(SoundEdge(dressed, made.window).show_snapshot)
    idle = IdleWatch(settings.lock_after_min * 60.0, parent=made.window)
    idle.idle.connect(made.window.lock)
    idle.start()
    if say_read_only(made.window, dressed, bedside.read_only) is None and notice:
        say_above(made.window, dressed, notice)
    closing = Closing(bedside, dressed, made.window, made.window.spare)
    copies = OwnCopies(app.clipboard(), made.window)
    app.commitDataRequest.connect(lambda _: closing.leave(COMPUTER))
    _show(app, made.window, full_screen=full_screen)
    if opening is not None:
        opening.end()
    made.start()
    with _interruptible(app, closing):
        settle_down()
        code = app.exec()
    idle.close()
    copies.close()
    if link is not None:
        link.close()
    awake.close()
    made.close()
    return code


def settle_down() -> None:
    """Everything stands: what was made so far is not looked through for garbage again, and a thread that has an alarm
    to bring waits at most a fifth of a millisecond for one that calculates."""
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(SWITCH_S)


@dataclass(frozen=True, slots=True)
class _Made:
    """What stands on the screen: `bridge` brings what is heard, `say` tells in a short message."""

    window: MainWindow | StationWindow
    bridge: Bridge
    start: Callable[[], None]
    say: Callable[[str], None]
    close: Callable[[], None]


def _one(bedside: Bedside, theme: Theme, link: SounderLink | None) -> _Made:
    """One chair: its window, and windows of their own for lounge places."""
    bridge = Bridge(bedside)
    if link is not None:  # what is heard does not wait until the pages are up to date
        bridge.alarmed.connect(link.show_snapshot)
        bridge.snapshot.connect(link.show_snapshot)
    window = MainWindow(bedside, bridge, theme, link)
    places = Places(bedside, theme, window)

    def close() -> None:
        places.close()
        bridge.close()

    return _Made(window, bridge, bridge.start, window.toast.say, close)


def _several(bedside: Bedside, theme: Theme, link: SounderLink | None) -> _Made:
    """Several chairs in one window."""
    window = StationWindow(bedside, theme, link)
    return _Made(window, window.bridge, window.start, window.say, window.close_bridges)


def _sounder(bedside: Bedside) -> SounderLink:
    mark = leave_mark(bedside.chair, simulated=bedside.simulated)
    return SounderLink(bedside.set_audio, helper_command(mark))


def _keep(made: _Made, keep: Callable[[T], None], chosen: T) -> None:
    made.bridge.run(partial(keep, chosen), lambda _: None, lambda why: made.say(f"Not kept: {why}"))


def _theme_for(app: QApplication, name: str, strip: int = 0) -> Theme:
    screen = app.primaryScreen()
    size = screen.availableGeometry() if screen is not None else None
    theme = THEMES.get(name, THEMES["dark"])
    ratio = app.devicePixelRatio()
    return theme if size is None else theme.scaled_for(size.width(), size.height(), strip, ratio)


def _show(app: QApplication, window: MainWindow | StationWindow, *, full_screen: bool) -> None:
    if full_screen:
        window.showFullScreen()
    else:
        # As large as the screen, for which the look was scaled: also where nothing maximizes a window.
        window.resize(window.screen().availableSize().expandedTo(QSize(1366, 768)))
        window.showMaximized()
    window.activateWindow()  # without a window manager nobody else gives it the keyboard


class _interruptible:  # noqa: N801 - used like a function
    """While the window runs, Ctrl+C, SIGTERM and a terminal that goes away (SIGHUP, not under nohup) close it unasked;
    Python sees signals only between events."""

    def __init__(self, app: QApplication, closing: Closing) -> None:
        self._app, self._closing = app, closing
        self._wake = QTimer()
        self._wake.setInterval(300)
        self._wake.timeout.connect(lambda: None)

    def __enter__(self) -> None:
        self._before = {which: signal.signal(which, self._close) for which in ending()}
        self._wake.start()

    def __exit__(self, *_: object) -> None:
        self._wake.stop()
        for which, handler in self._before.items():
            signal.signal(which, handler)

    def _close(self, *_: object) -> None:
        self._closing.leave(ASKED)
        self._app.closeAllWindows()
