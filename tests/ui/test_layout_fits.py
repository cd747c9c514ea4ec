"""Nothing is cut, covered, or too small to be touched, at both sizes and with the longest texts; on the pages of a
running session everything is for gloved hands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import combinations

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QFont, QFontMetricsF
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QDial,
    QLabel,
    QLineEdit,
    QScrollBar,
    QSlider,
    QTabBar,
    QWidget,
)

from exomonitor.engine.snapshot import Snapshot
from tests.ui import scenes
from tests.ui.more_acts import GLOVED as GLOVED_ACTS
from tests.ui.more_acts import OTHERS
from tests.ui.windows import LARGE, Desk
from ui.frame.header import ChipView
from ui.main_window import MainWindow
from ui.page_choice import OF_A_SESSION, begun
from ui.pages.emergency.page import EmergencyPage
from ui.pages.history import HistoryPage
from ui.pages.leaving.page import LeavingPage
from ui.pages.settings import SettingsPage
from ui.theme import GLOVED, TOUCH
from ui.widgets.painting import CAP_SHARE
from ui.widgets.text import Elided


def _pump(desk: Desk) -> None:
    desk.window.open_pump()
    desk.window.session_page.pump_form._meaning.key("stop").click()


def _site(desk: Desk) -> None:
    desk.window.session_page.open_site()
    desk.window.session_page.site_form.what.key("stopped").click()
    desk.window.session_page.site_form.phlebitis.key("4").click()
    desk.window.session_page.site_form.infiltration.key("4").click()


def _new_line(desk: Desk) -> None:
    desk.window.session_page.open_one("line")
    desk.window.session_page.line_form.old_set.key("discarded").click()


def _reasons(desk: Desk) -> None:
    desk.window.open_set()
    form = desk.window.session_page.set_form
    for choice, code in ((form.consciousness, "alert"), (form.symptoms, "none"), (form.site, "0")):
        choice.key(code).click()
    form.save()


def _flush(desk: Desk) -> None:
    desk.window.session_page._open(desk.window.session_page.flush_form)
    desk.window.session_page.flush_form._done.key("yes").click()


def _more_signs(desk: Desk) -> None:
    desk.window.open_reaction()
    desk.window.reaction_page._turn_symptoms()


def _grade(desk: Desk) -> None:
    desk.window.open_reaction()
    desk.window.open_details()
    desk.window.reaction_page.details._on_term("Infusion related reaction")


def _protocol(desk: Desk) -> None:
    desk.window.go("settings")
    page = desk.window.pages["settings"]
    assert isinstance(page, SettingsPage)
    page.open_protocol()


def _correcting(desk: Desk) -> None:
    desk.window.go("history")
    page = desk.window.pages["history"]
    assert isinstance(page, HistoryPage)
    page.part.key("correct").click()


def _part(part: str) -> Callable[[Desk], None]:
    def go(desk: Desk) -> None:
        desk.window.open_reaction()
        desk.window.open_details()
        desk.window.reaction_page.details.show_part(part)

    return go


def _emergency(act: Callable[[EmergencyPage], object]) -> Callable[[Desk], None]:
    def go(desk: Desk) -> None:
        desk.window.open_emergency()
        page = desk.window.pages["emergency"]
        assert isinstance(page, EmergencyPage)
        act(page)

    return go


def _leaving(tab: str, desk: Desk) -> None:
    desk.window.open_pump()
    page = desk.window.pages["leaving"]
    assert isinstance(page, LeavingPage)
    page.open_tab(tab)
    page.going.way.key("transfer").click()
    page.dose.decision.key("booked").click()


ACTS: dict[str, tuple[str, Callable[[Desk], object]]] = {
    **{name: (name, lambda _: None) for name in scenes.SCENES},
    "note": ("normal", lambda d: d.window.open_note()),
    "more": ("normal", lambda d: d.window.open_more()),
    "away": ("normal", lambda d: d.window.session_page.open_away()),
    "site": ("normal", _site),
    "new line": ("normal", _new_line),
    "score": ("long_names", lambda d: d.window.session_page.open_one("score")),
    "why not taken": ("no_data", _reasons),
    "pump": ("no_data", _pump),
    "flush": ("observing", _flush),
    "set": ("normal", lambda d: d.window.open_set()),
    "set after the end": ("observing", lambda d: d.window.open_set()),
    "reaction": ("reacting", lambda d: d.window.open_reaction()),
    "reaction of many words": ("long_names", lambda d: d.window.open_reaction()),
    "grade": ("reacting", _grade),
    "more signs": ("emergency", _more_signs),
    "grade with criteria": ("emergency", _grade),
    "cause": ("emergency", _part("cause")),
    "outcome": ("emergency", _part("outcome")),
    "restart": ("emergency", _part("restart")),
    "emergency steps": ("emergency", _emergency(lambda _: None)),
    "emergency drug": ("emergency", _emergency(lambda p: p._open_drug("salbutamol"))),
    "emergency names": ("emergency", _emergency(lambda p: p.open_who())),
    "sign-off": ("observing", lambda d: d.window.show_over("signoff")),
    **{f"leaving: {tab}": ("observing", partial(_leaving, tab)) for tab in ("iv", "tasks", "dose", "door")},
    "calls": ("observing", lambda d: d.window.go("followup")),
    "help": ("normal", lambda d: d.window.show_over("help")),
    "protocol": ("normal", _protocol),
    "correcting": ("normal", _correcting),
}


BELOW_TITLE_BAR = (1366, 746)
NOT_GLOVED = (QComboBox, QSlider, QDial, QAbstractSpinBox, QTabBar)
"""Drop-downs, drags and what is smaller than a finger: on no page of a running session, not even a scroll bar."""


EVERY: dict[str, tuple[Callable[[], Snapshot], Callable[[Desk], object]]] = {
    **{name: (scenes.SCENES[scene], go) for name, (scene, go) in ACTS.items()},
    **GLOVED_ACTS,
    **OTHERS,
}


ON_BOTH = [*((act, BELOW_TITLE_BAR) for act in EVERY), *((scene, LARGE) for scene in scenes.SCENES)]
"""The large screen shows the same, larger: its first sights are enough."""


@pytest.mark.parametrize(("act", "size"), ON_BOTH, ids=[f"{act}-{size[0]}" for act, size in ON_BOTH])
def test_nothing_is_cut_or_covered_or_too_small(qtbot, act, size):
    scene, go = EVERY[act]
    desk = Desk(qtbot, scene(), size)
    try:
        go(desk)
        desk.settle()
        assert list(_wrong(desk)) == []
    finally:
        desk.close()


def test_a_key_that_lies_on_another_one_would_be_found(qtbot):
    desk = Desk(qtbot, scenes.normal(), BELOW_TITLE_BAR)
    try:
        desk.settle()
        page = desk.window.session_page
        page.more_key.move(page.pump_key.pos())
        assert f"{page.more_key.text()!r} and {page.pump_key.text()!r} lie on each other" in set(_wrong(desk))
    finally:
        desk.close()


def _wrong(desk: Desk) -> Iterator[str]:
    window = desk.window
    whole = QRect(QPoint(0, 0), window.size())
    shown = [w for w in window.findChildren(QWidget) if w.isVisible() and not w.visibleRegion().isEmpty()]
    gloved = begun(desk.bedside.latest().session) and window._wanted_page() in OF_A_SESSION
    if gloved:
        yield from _not_for_gloves(desk, shown)
    for widget in shown:
        box = _place(widget, window)
        name = f"{type(widget).__name__} {widget.accessibleName() or _text(widget)!r}"
        if not whole.contains(box):
            yield f"{name} reaches out of the window: {box}"
        if isinstance(widget, QAbstractButton) and min(box.width(), box.height()) < desk.theme.px(TOUCH) - 1:
            yield f"{name} is too small to be touched: {box.width()}x{box.height()}"
        if isinstance(widget, QAbstractButton | QLineEdit) and _is_clipped(widget, window):
            yield f"{name} is cut by what it stands in: {widget.visibleRegion().boundingRect()} of {widget.rect()}"
        if isinstance(widget, ChipView) and widget.width() < widget.sizeHint().width() - 1:
            yield f"{name} is cut"
        if isinstance(widget, QAbstractButton | QLabel | QLineEdit) and _is_squeezed(widget):
            yield f"{name} is squeezed: {widget.size()} wants {widget.minimumSizeHint()}"
    leaves = [w for w in shown if isinstance(w, QAbstractButton | QLabel) and not _inside_entry(w)]
    places = [(w, _place(w, window)) for w in leaves if not _is_under(w, window)]
    for (one, here), (other, there) in combinations(places, 2):
        common = here.intersected(there)
        if common.width() > 1 and common.height() > 1 and not (one.isAncestorOf(other) or other.isAncestorOf(one)):
            yield f"{_text(one)!r} and {_text(other)!r} lie on each other"


def _not_for_gloves(desk: Desk, shown: list[QWidget]) -> Iterator[str]:
    """Keys and entries below 15 mm; what must be dragged or opened; what only a pointer that hovers would find."""
    least = desk.theme.px(GLOVED) - 1
    for widget in shown:
        name = f"{type(widget).__name__} {widget.accessibleName() or _text(widget)!r}"
        if isinstance(widget, QAbstractButton | QLineEdit) and min(widget.width(), widget.height()) < least:
            yield f"{name} is too small for gloves: {widget.width()}x{widget.height()}"
        if isinstance(widget, NOT_GLOVED) or (isinstance(widget, QScrollBar) and widget.maximum() > 0):
            yield f"{name} does not belong on the page of a running session"
        if widget.toolTip():
            yield f"{name} says something only to a pointer: {widget.toolTip()}"


def _is_under(widget: QWidget, window: MainWindow) -> bool:
    """Whether one of the panels that lie over a part of the page covers it: that is what they are for."""
    for panel in (window.alarm_list, window.staff_panel, window.escalation.panel):
        covered = panel.isVisible() and _place(widget, window).intersects(_place(panel, window))
        if covered and not panel.isAncestorOf(widget):
            return True
    return False


def _is_clipped(widget: QWidget, window: MainWindow) -> bool:
    """Whether a part of it cannot be seen, where nothing scrolls and no panel lies over it."""
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QAbstractScrollArea):
            return False
        parent = parent.parentWidget()
    return widget.visibleRegion().boundingRect() != widget.rect() and not _is_under(widget, window)


def _is_squeezed(widget: QWidget) -> bool:
    wanted = widget.minimumSizeHint()
    if isinstance(widget, Elided):
        return widget.height() < wanted.height() - 1
    if isinstance(widget, QLabel) and widget.wordWrap():
        return widget.height() < widget.heightForWidth(widget.width()) - 1
    return widget.width() < wanted.width() - 1 or widget.height() < wanted.height() - 1


def _inside_entry(widget: QWidget) -> bool:
    return isinstance(widget.parentWidget(), QLineEdit)


def _place(widget: QWidget, window: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def _text(widget: QWidget) -> str:
    return widget.text() if isinstance(widget, QAbstractButton | QLabel) else ""


def test_what_is_read_across_the_room_is_twelve_millimetres_high(qtbot):
    """47 px are 12 mm on a 15.6 inch screen of 1366x768; the font's capitals are as high as the painting assumes."""
    desk = Desk(qtbot, scenes.normal())
    try:
        page = desk.window.session_page
        assert {tile._cap for sign, tile in page._tiles.items() if sign.value in {"hr", "spo2"}} == {47}
        assert page._nibp._cap == 47
        metrics = QFontMetricsF(desk.theme.font(100, QFont.Weight.Bold))
        assert metrics.capHeight() == pytest.approx(100 * CAP_SHARE, rel=0.03)
    finally:
        desk.close()
