"""What is dressed when it stands looks like what was dressed piece by piece, and nothing is dressed twice."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QFrame, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from ui.theme import DARK, apply
from ui.widgets import dressing
from ui.widgets.dressing import dressed_when_made


def nested() -> QWidget:
    """Fields in cards in a stack, put together from the inside."""
    stack = QStackedWidget()
    for _ in range(3):
        card = QFrame()
        card.setObjectName("card")
        box = QVBoxLayout(card)
        box.addWidget(QLineEdit("12.5"))
        stack.addWidget(card)
    stack.setFixedSize(300, 120)
    return stack


def test_it_looks_the_same(qtbot, monkeypatch):
    monkeypatch.setattr(dressing, "FEW", 1_000_000)  # whatever other tests have left standing
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply(app, DARK)
    sheet = app.styleSheet()
    usual = nested()
    with dressed_when_made():
        assert app.styleSheet() == ""
        late = nested()
    assert app.styleSheet() == sheet
    for one in (usual, late):
        qtbot.addWidget(one)
        one.show()
    assert late.grab().toImage() == usual.grab().toImage()


def test_where_many_widgets_stand_already_nothing_is_dressed_twice(qtbot, monkeypatch):
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply(app, DARK)
    monkeypatch.setattr(dressing, "FEW", 3)
    standing = nested()
    qtbot.addWidget(standing)
    with dressed_when_made():
        assert app.styleSheet() != ""


def test_what_goes_wrong_inside_leaves_the_look_on(qtbot, monkeypatch):
    monkeypatch.setattr(dressing, "FEW", 1_000_000)
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply(app, DARK)
    sheet = app.styleSheet()
    try:
        with dressed_when_made():
            raise ValueError("in the middle")
    except ValueError:
        assert app.styleSheet() == sheet
