"""A start in a process of its own: `python -m tests.bench.started empty | program DATA | running DATA` says when
something is painted.

`first`: anything of the program; `window`: the bedside window with its page; then it ends. A `running` one goes on and
says `vital` (a live heart rate stands in its tile), `alarm` (one stands), `timer` (the session's), `watching` (all
three), `watched` (a while later), and `dialog` if something asks or lies over alarm bar or tiles until then.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.main_window import MainWindow

LOOKED_ON_MS = 3000
os.environ["QT_QPA_PLATFORM"] = "offscreen"


def empty() -> None:
    """The least that a program with PySide6 can show."""
    from PySide6.QtWidgets import QApplication, QWidget

    app = QApplication([])
    window = QWidget()
    window.resize(1366, 768)
    window.show()
    app.processEvents()
    say("first")


def program(data: str, *, goes_on: bool = False) -> None:
    """The real program; its event loop is replaced by what paints the window once, unless it goes on."""
    from PySide6.QtCore import QEvent, QObject
    from PySide6.QtWidgets import QApplication

    import main

    class Seen(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() is QEvent.Type.Paint and not self.property("said"):
                self.setProperty("said", True)
                say("first")
            return False

    app = QApplication([])
    seen = Seen(app)
    app.installEventFilter(seen)
    if goes_on:
        from PySide6.QtCore import QTimer

        look = QTimer(app)
        look.timeout.connect(looked)
        look.start(20)
        main.main(["--data", data])
        return

    def painted(*_: object) -> int:
        app.processEvents()
        say("window")
        return 0

    QApplication.exec = painted  # type: ignore[method-assign]
    main.main(["--data", data])


def looked() -> None:
    """Say what stands on the screen now, each once."""
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from exomonitor.signals.vitals import Sign
    from ui.main_window import MainWindow
    from ui.presenters.tiles import Look

    window = next((one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow)), None)
    if window is None or not window.isVisible():
        return
    page, now = window.session_page, window.bedside.latest()
    view = page._tiles[Sign.HR].view
    there = {
        "vital": page.isVisible() and view.look is Look.LIVE and view.value.isdigit(),
        "alarm": any(one.state.shown for one in now.alarms),
        "timer": now.session is not None and now.session.phase.is_open and now.progress is not None,
        "dialog": asked(window),
    }
    for what, true in there.items():
        if true:
            say(what)
    if there["vital"] and there["alarm"] and there["timer"] and not window.property("watching"):
        window.setProperty("watching", True)
        say("watching")
        QTimer.singleShot(LOOKED_ON_MS, window, lambda: say("watched"))


def asked(window: MainWindow) -> bool:
    """Whether a dialog, a menu or a question inside the window is open, or anything lies over alarm bar or tiles."""
    from PySide6.QtWidgets import QApplication, QWidget

    from ui.frame.closing import ClosingQuestion

    if QApplication.activeModalWidget() is not None or QApplication.activePopupWidget() is not None:
        return True
    if any(one.isVisible() for one in window.findChildren(ClosingQuestion)):
        return True

    def covered(there: QWidget) -> bool:
        top = window.childAt(there.mapTo(window, there.rect().center()))
        return top is not None and top is not there and not (there.isAncestorOf(top) or top.isAncestorOf(there))

    return any(one.isVisible() and covered(one) for one in (window.alarm_bar, *window.session_page._tiles.values()))


def say(what: str) -> None:
    """Tell the bench, at once."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    empty() if sys.argv[1] == "empty" else program(sys.argv[2], goes_on=sys.argv[1] == "running")
