"""Opens the bedside window and runs it until it is closed."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from exomonitor.engine.bedside import Bedside
from exomonitor.settings import Settings
from ui.bridge import Bridge
from ui.display import have_display
from ui.main_window import MainWindow
from ui.places import Places
from ui.sound.link import SounderLink, helper_command
from ui.sound.mark import leave_mark
from ui.theme import THEMES, Theme, apply

__all__ = ["have_display", "run_window"]


def run_window(
    bedside: Bedside,
    settings: Settings | None = None,
    *,
    sound: bool = True,
    full_screen: bool = False,
    keep_theme: Callable[[str], None] | None = None,
) -> int:
    """Show the window until it is closed; returns the exit code. Must be called on the main thread.

    keep_theme: told which look was chosen for the next start; may raise EnvironmentFault.
    """
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("ExoMonitor")
    settings = settings or Settings()
    dressed = _theme_for(app, settings.theme)
    apply(app, dressed)
    bridge = Bridge(bedside)
    link = _sounder(bedside) if sound else None
    window = MainWindow(bedside, bridge, dressed, link)
    places = Places(bedside, dressed, window)
    window.scanner.use_codes(settings.scan_codes)
    if keep_theme is not None:
        window.theme_wanted.connect(partial(_keep, bridge, window, keep_theme))
    if link is not None:
        bridge.snapshot.connect(link.show_snapshot)
        QTimer.singleShot(0, link.start)  # the window is painted first
    _show(app, window, full_screen=full_screen)
    bridge.start()
    with _interruptible(app):
        gc.collect()
        gc.freeze()
        code = app.exec()
    if link is not None:
        link.close()
    places.close()
    bridge.close()
    return code


def _sounder(bedside: Bedside) -> SounderLink:
    mark = leave_mark(bedside.chair, simulated=bedside.simulated)
    return SounderLink(bedside.set_audio, helper_command(mark))


def _keep(bridge: Bridge, window: MainWindow, keep_theme: Callable[[str], None], name: str) -> None:
    bridge.run(partial(keep_theme, name), lambda _: None, lambda why: window.toast.say(f"Not kept: {why}"))


def _theme_for(app: QApplication, name: str) -> Theme:
    screen = app.primaryScreen()
    size = screen.availableGeometry() if screen is not None else None
    theme = THEMES.get(name, THEMES["dark"])
    return theme if size is None else theme.scaled_for(size.width(), size.height())


def _show(app: QApplication, window: MainWindow, *, full_screen: bool) -> None:
    if full_screen:
        window.showFullScreen()
    else:
        window.resize(1366, 768)
        window.showMaximized()
    window.activateWindow()  # without a window manager nobody else gives it the keyboard


class _interruptible:  # noqa: N801 - used like a function
    """While the window runs, Ctrl+C and SIGTERM close it as a person would; Python sees signals only between events."""

    def __init__(self, app: QApplication) -> None:
        self._app = app
        self._wake = QTimer()
        self._wake.setInterval(300)
        self._wake.timeout.connect(lambda: None)

    def __enter__(self) -> None:
        self._before = {which: signal.signal(which, self._close) for which in (signal.SIGINT, signal.SIGTERM)}
        self._wake.start()

    def __exit__(self, *_: object) -> None:
        self._wake.stop()
        for which, handler in self._before.items():
            signal.signal(which, handler)

    def _close(self, *_: object) -> None:
        self._app.closeAllWindows()
