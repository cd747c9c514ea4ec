"""The screen in every layout, look and alarm state, kept as images; `python -m tests.ui.reference_images` renews them.

It names those that changed: look at each before it is committed. A state of the alarms is kept as what it changes in
the quiet picture of the same layout; the rest of its file is transparent.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.manager import AlarmView
from exomonitor.alarms.policy import AlarmState
from exomonitor.engine.snapshot import AudioView, Snapshot
from exomonitor.settings import ScreenSettings
from tests.ui import scenes
from tests.ui.fake_bedside import FakeBedside
from tests.ui.image_compare import Pixels, as_pixels, difference, read, write
from tests.ui.live_waves import show_past, show_waves
from tests.ui.windows import LARGE, SMALL
from ui.bridge import Bridge
from ui.main_window import MainWindow
from ui.theme import THEMES, apply
from ui.widgets.flash import Flash

FOLDER = Path(__file__).parent / "reference"
Layout = Literal["standard", "large", "trend"]
LAYOUTS: tuple[Layout, ...] = ("standard", "large", "trend")
_SETTLING = 12
"""Turns of the event loop after which nothing moves any more."""


def _low() -> Snapshot:
    raised = scenes.alarm("set.+15", "Set +15 is overdue", Priority.LOW, ago_s=200)
    return replace(scenes.normal(), alarms=(raised,))


def _acknowledged() -> Snapshot:
    shown = scenes.one_alarm()
    return replace(shown, alarms=tuple(_acked(one) for one in shown.alarms))


def _acked(view: AlarmView) -> AlarmView:
    return replace(view, state=AlarmState.ACKED, acked_by="u1", acked_at=scenes.NOW.plus(-10))


def _latched() -> Snapshot:
    over = scenes.alarm("spo2_low", "SpO₂ low 84 % (limit 85)", Priority.HIGH, AlarmState.LATCHED, 95)
    return replace(scenes.normal(), alarms=(over,))


def _escalated() -> Snapshot:
    shown = scenes.three_alarms()
    alarms = tuple(replace(one, escalated=one.priority is Priority.HIGH) for one in shown.alarms)
    return replace(shown, alarms=alarms, audio=AudioView(True, "", sounding=Priority.HIGH, escalated=True))


def _paused() -> Snapshot:
    return replace(scenes.one_alarm(), audio=AudioView(True, "", scenes.NOW.plus(73)))


QUIET = "quiet"
STATES: dict[str, Callable[[], Snapshot]] = {
    QUIET: scenes.normal,
    "low": _low,
    "medium": scenes.one_alarm,
    "high": scenes.three_alarms,
    "escalated": _escalated,
    "acknowledged": _acknowledged,
    "latched": _latched,
    "paused": _paused,
    "lost": scenes.lost,
}
"""What the alarms can look like; `lost`: technical, with the record and the pump in trouble besides."""
Act = Callable[[MainWindow], object]
ACTS: dict[str, tuple[Callable[[], Snapshot], Act]] = {
    "alarm-list": (scenes.three_alarms, lambda window: window.open_alarms()),
    "set": (scenes.set_due, lambda window: window.open_set()),
    "reaction": (scenes.reacting, lambda window: window.open_reaction()),
    "emergency": (scenes.emergency, lambda window: window.open_emergency()),
}
"""Pages that are opened over the live one while something alarms."""
Part = tuple[str, str]
PARTS: tuple[Part, ...] = (
    *((layout, look) for look in THEMES for layout in (*LAYOUTS, "pages")),
    ("wide", "dark"),
)
"""What is made in one window: a layout in one look with all its states, the pages over it, and the larger screen."""


def application() -> QApplication:
    """The one application, without a blinking cursor."""
    found = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(found, QApplication)
    found.setCursorFlashTime(0)
    return found


def pictures(part: Part) -> Iterator[tuple[str, QImage]]:
    """Every image of a part under its file's name without the ending."""
    what, look = part
    if what == "pages":
        for name, (scene, act) in ACTS.items():
            with window_of(scene(), look) as window:
                act(window)
                yield f"{name}-{look}", shot(window)
    elif what == "wide":
        with window_of(scenes.three_alarms(), look, LARGE) as window:
            for layout in LAYOUTS:
                yield f"wide-{layout}-{look}", _laid_out(window, layout)
    else:
        with window_of(scenes.normal(), look) as window:
            layout = next(one for one in LAYOUTS if one == what)
            _laid_out(window, layout)
            for name, scene in STATES.items():
                _show(window, scene())
                yield f"{layout}-{look}-{name}", shot(window)


@contextmanager
def window_of(snapshot: Snapshot, look: str, size: tuple[int, int] = SMALL) -> Iterator[MainWindow]:
    """A window over this picture in which nothing moves by itself."""
    app, theme, held = application(), THEMES[look].scaled_for(*size), Flash.held
    Flash.held = True
    apply(app, theme)
    bedside = FakeBedside(snapshot)
    bridge = Bridge(bedside)
    window = MainWindow(bedside, bridge, theme)
    window._watch.stop()
    window.setFixedSize(*size)
    window.show()
    window.activateWindow()
    try:
        _settle()
        yield window
    finally:
        window.close()
        bridge.close()
        Flash.held = held
        window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def shot(window: MainWindow) -> QImage:
    """The window as it is now."""
    _settle()
    return window.grab().toImage()


def _laid_out(window: MainWindow, layout: Layout) -> QImage:
    window.kept.choose(ScreenSettings(layout=layout, diagonal_in=15.6))
    _settle()
    show_past(window.session_page)
    show_waves(window.session_page)
    return shot(window)


def _show(window: MainWindow, snapshot: Snapshot) -> None:
    window.show_snapshot(snapshot)


def _settle() -> None:
    for _ in range(_SETTLING):
        QApplication.processEvents()


def path_of(name: str) -> Path:
    """Where the image of that name is kept."""
    return FOLDER / f"{name}.png"


def base_of(name: str) -> str:
    """The image whose parts a state leaves as they are, "" for an image that stands by itself."""
    layout, _, state = name.rpartition("-")
    return f"{layout}-{QUIET}" if state in STATES and state != QUIET else ""


def kept(name: str) -> Pixels:
    """The reference of that name."""
    base = base_of(name)
    return read(path_of(name), _quiet(base) if base else None)


@lru_cache(maxsize=1)
def _quiet(name: str) -> Pixels:
    """All states of a layout stand on one image."""
    found = read(path_of(name))
    found.setflags(write=False)
    return found


def renew() -> None:
    """Make every image anew that a person would not call the same, and say which ones these are."""
    application()
    FOLDER.mkdir(exist_ok=True)
    made: dict[str, Pixels] = {}
    changed: set[str] = set()
    for part in PARTS:
        for name, image in pictures(part):
            base, pixels = base_of(name), as_pixels(image)
            made[name] = pixels
            if base in changed or not path_of(name).exists() or not difference(pixels, kept(name)).same:
                write(pixels, path_of(name), made.get(base))
                _quiet.cache_clear()
                changed.add(name)
                sys.stdout.write(f"renewed: {name}\n")
    for path in FOLDER.glob("*.png"):
        if path.stem not in made:
            path.unlink()
            sys.stdout.write(f"gone: {path.stem}\n")


if __name__ == "__main__":
    renew()
