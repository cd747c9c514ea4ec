"""A start in a process of its own: `python -m tests.bench.started empty | program DATA` says when something is painted.

`first`: anything of the program; `window`: the bedside window with its page; then it ends.
"""

from __future__ import annotations

import os
import sys

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


def program(data: str) -> None:
    """The real program; its event loop is replaced by what paints the window once."""
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

    def painted(*_: object) -> int:
        app.processEvents()
        say("window")
        return 0

    QApplication.exec = painted  # type: ignore[method-assign]
    main.main(["--data", data])


def say(what: str) -> None:
    """Tell the bench, at once."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    empty() if sys.argv[1] == "empty" else program(sys.argv[2])
