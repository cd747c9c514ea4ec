"""A screen that nobody touches locks: monitoring, alarms and F8 go on, of people initials are left, entries wait."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from exomonitor.clock import ManualClock
from exomonitor.engine.snapshot import OtherPlace
from exomonitor.session import commands as cmd
from exomonitor.session.parts.trust import LockScreen
from exomonitor.settings import Settings
from tests.ui import scenes
from tests.ui.fake_bedside import FakeBedside
from ui.bridge import Bridge
from ui.frame.idle import IdleWatch
from ui.main_window import MainWindow
from ui.presenters.header import header
from ui.presenters.locked import initials, veiled
from ui.theme import DARK, apply


@pytest.fixture
def bedside():
    return FakeBedside(replace(scenes.three_alarms(), locked=True, staff="", staff_id=""))


@pytest.fixture
def window(qtbot, bedside, qapp):
    theme = DARK.scaled_for(1366, 768)
    apply(qapp, theme)
    bridge = Bridge(bedside)
    made = MainWindow(bedside, bridge, theme)
    qtbot.addWidget(made)
    made.setFixedSize(1366, 746)
    made.show()
    bridge.start()
    yield made
    made.close()
    bridge.close()


def words_on(window):
    """Every text that is in sight, painted ones by their accessible names."""
    shown = [w for w in window.findChildren(QWidget) if w.isVisible()]
    texts = [w.text() for w in shown if isinstance(w, QLabel)] + [w.accessibleName() for w in shown]
    return " | ".join(texts)


@pytest.mark.parametrize(
    ("name", "short"), [("DOE, Jane", "J. D."), ("van DEMO-TEST, Ada Mia", "A. M. V. D. T."), ("Cher", "C."), ("", "")]
)
def test_a_name_shrinks_to_initials(name, short):
    assert initials(name) == short


def test_a_locked_picture_keeps_what_is_measured_and_drops_who_it_is():
    plain = scenes.three_alarms()
    locked = replace(
        plain, locked=True, others=(OtherPlace("Lounge 1", "DOE-DEMO, Jim", False),), resume_offer="Still X?"
    )
    shown = veiled(locked)
    assert (shown.vitals, shown.alarms, shown.pump, shown.progress) == (
        plain.vitals,
        plain.alarms,
        plain.pump,
        plain.progress,
    )
    assert shown.session is not None
    patient = shown.session.patient
    assert patient is not None
    assert (patient.born, patient.mrn, shown.resume_offer, shown.log) == ("", "", "", ())
    assert shown.others[0].patient == "J. D. D."
    assert (header(shown).born, header(shown).chair) == ("Locked", plain.chair)
    assert veiled(plain) is plain


def test_nothing_that_identifies_stands_on_the_locked_screen(window, bedside):
    patient = bedside.latest().session.patient
    said = words_on(window)
    for part in (patient.name, patient.name.split(",")[0], patient.born, patient.mrn):
        assert part not in said
    assert initials(patient.name) in said
    assert "SpO₂ low 84 %" in said
    assert not window.nav.isVisible()
    assert not window.care.isVisible()


@pytest.mark.parametrize("place", ["history", "patients", "session"])
def test_no_page_is_reached_before_somebody_has_signed_in(window, place):
    window.go(place)
    assert window.stack.currentWidget() is window.pages["locked"]
    window.show_over("signoff")
    assert window.stack.currentWidget() is window.pages["locked"]


def test_f8_f2_and_f3_work_and_the_emergency_page_opens(window, bedside, qtbot):
    for key in (Qt.Key.Key_F2, Qt.Key.Key_F3):
        QTest.keyClick(window, key)
    window.press_reaction()
    assert [type(c) for c in bedside.submitted] == [cmd.Acknowledge, cmd.PauseAudio, cmd.OpenReaction]
    assert window.stack.currentWidget() is window.reaction_page
    window.press_reaction()
    assert window.stack.currentWidget() is window.pages["emergency"]
    assert bedside.latest().session.patient.name not in words_on(window)
    window.close_over()
    assert window.stack.currentWidget() is window.pages["locked"]


def test_the_key_for_a_reaction_stays_beside_the_sign_in(window):
    window.open_staff()
    page = window.pages["locked"]
    assert window.staff_panel.isVisible()
    assert page.reaction_key.visibleRegion().boundingRect().size() == page.reaction_key.size()
    under = window.staff_panel.geometry().translated(window.centralWidget().mapTo(window, window.centralWidget().pos()))
    key = page.reaction_key.mapTo(window, page.reaction_key.rect().center())
    assert not under.contains(key)


def test_whoever_signs_in_finds_the_page_as_it_was(window):
    plain = scenes.three_alarms()
    window.show_snapshot(plain)
    assert window.stack.currentWidget() is window.session_page
    assert window.nav.isVisible()
    assert plain.session is not None
    assert plain.session.patient is not None
    assert plain.session.patient.name in words_on(window)


def test_shift_f12_locks_at_once_where_there_are_people(window, bedside):
    window.show_snapshot(scenes.three_alarms())
    QTest.keyClick(window, Qt.Key.Key_F12, Qt.KeyboardModifier.ShiftModifier)
    assert [type(c) for c in bedside.submitted] == [LockScreen]


# --- when


def test_after_so_long_without_a_touch_it_is_told_once_and_a_touch_begins_anew(qtbot):
    clock = ManualClock()
    told: list[float] = []
    watch = IdleWatch(300, clock)
    watch.idle.connect(told.append)
    watch.start()
    for seconds in (299, 1, 400):
        clock.advance(seconds)
        watch.look()
    assert told == [300]
    press = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier)
    target = QWidget()
    qtbot.addWidget(target)
    QApplication.sendEvent(target, press)
    clock.advance(299)
    watch.look()
    assert told == [300]
    clock.advance(1)
    watch.look()
    assert told == [300, 300]
    watch.close()


@pytest.mark.parametrize(("minutes", "allowed"), [(1, False), (2, True), (15, True), (16, False)])
def test_the_clinic_chooses_two_to_fifteen_minutes(minutes, allowed):
    assert Settings().lock_after_min == 5
    if allowed:
        assert Settings(lock_after_min=minutes).lock_after_min == minutes
    else:
        with pytest.raises(ValueError, match="lock_after_min"):
            Settings(lock_after_min=minutes)
