"""Leaving on screen: the criteria name what stands in the way, and every answer is one touch."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QLabel

from exomonitor.session.parts import leaving_events as lv
from tests.ui import visit_scenes as vs
from tests.ui.fake_bedside import FakeBedside
from tests.ui.windows import Desk
from ui.bridge import Bridge
from ui.pages.leaving.criteria import CriteriaCard
from ui.pages.leaving.page import LeavingPage
from ui.theme import DARK, apply
from ui.widgets.prove import ProvePanel
from ui.widgets.text import SEMIBOLD


class Table:
    """A leaving page over a fake bedside."""

    def __init__(self, qtbot, snapshot):
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply(app, DARK)
        self.bedside = FakeBedside(snapshot)
        self.bridge = Bridge(self.bedside)
        self.bridge.start()
        self.page = LeavingPage(self.bedside, self.bridge, DARK)
        self.page.resize(1298, 600)
        qtbot.addWidget(self.page)
        self.page.show()
        self.page.show_snapshot(snapshot)
        self.qtbot = qtbot

    def sent(self, kind):
        self.qtbot.wait(5)
        return [command for command in self.bedside.submitted if isinstance(command, kind)]

    def words(self) -> str:
        return " ".join(label.text() for label in self.page.findChildren(QLabel) if label.isVisible())


@pytest.fixture
def table(qtbot):
    tables = []

    def make(snapshot):
        tables.append(Table(qtbot, snapshot))
        return tables[-1]

    yield make
    for one in tables:
        one.bridge.close()


def test_every_criterion_stands_there_and_what_is_open_is_named(table):
    page = table(vs.just_ended())
    words = page.words()
    assert "At least 60 min since the end" in words
    assert "60 min to go" in words
    assert "not recorded yet" in words
    assert not page.page.sign_key.isEnabled()
    assert page.page.tabs.value() == "iv"


def test_the_iv_is_recorded_in_three_touches_and_the_tasks_come_next(table):
    desk = table(vs.just_ended())
    form = desk.page.iv
    assert not form.save_key.isEnabled()
    form.catheter.key("whole").click()
    form.bleeding.key("yes").click()
    form.score.key("0").click()
    form.save_key.click()
    (said,) = desk.sent(lv.RecordIvRemoval)
    assert (said.catheter, said.bleeding_stopped, said.site_score) == ("whole", True, 0)
    assert desk.page.tabs.value() == "tasks"


def test_a_broken_catheter_needs_words(table):
    desk = table(vs.just_ended())
    form = desk.page.iv
    form.catheter.key("not_whole").click()
    form.bleeding.key("yes").click()
    assert not form.save_key.isEnabled()
    desk.qtbot.keyClicks(form.text.line, "tip missing, Dr told")
    assert form.save_key.isEnabled()


def test_each_task_is_recorded_as_it_is_touched(table):
    desk = table(vs.just_ended())
    desk.page.open_tab("tasks")
    desk.page.tasks.choices["drank"].key("yes").click()
    assert desk.sent(lv.AnswerDischargeTasks)[0].answers == {"drank": "yes"}
    assert not desk.page.tasks.texts["instructions_version"].isVisible()


def test_a_date_in_the_window_is_offered_and_an_early_one_waits_for_the_prescriber(table):
    desk = table(vs.just_ended())
    desk.page.open_tab("dose")
    form = desk.page.dose
    form.decision.key("booked").click()
    assert form.day.text() == "2026-03-16"
    assert not form.reason.isVisible()
    form.steps[0].click()
    assert form.day.text() == "2026-03-09"
    assert "EARLY by 7 days" in form._verdict.text()
    desk.qtbot.keyClicks(form.reason.line, "travels afterwards")
    form.save_key.click()
    panel = desk.page._proving
    assert isinstance(panel, ProvePanel)
    assert not desk.sent(lv.DecideNextDose)
    panel.proven.emit("token", "Dr Example")
    (said,) = desk.sent(lv.DecideNextDose)
    assert (said.planned, said.proof, said.reason) == ("2026-03-09", "token", "travels afterwards")


def test_as_needed_is_for_maintenance(table):
    desk = table(vs.just_ended())
    desk.page.open_tab("dose")
    assert not desk.page.dose.decision.key("as_needed").isEnabled()


def test_when_all_is_met_one_key_discharges(table):
    desk = table(vs.ready_to_go())
    assert desk.page.tabs.value() == "door"
    desk.page.going.way.key("home").click()
    desk.page.going.save_key.click()
    (said,) = desk.sent(lv.Discharge)
    assert said.proof == ""


def test_a_booked_date_becomes_a_file(table, tmp_path: Path):
    desk = table(vs.ready_to_go())
    desk.page.open_tab("dose")
    desk.page.dose.calendar.folder = tmp_path
    desk.page.dose.calendar.key.click()
    desk.qtbot.waitUntil(lambda: desk.page.dose.calendar.status() != "")
    assert len(list(tmp_path.glob("visit-2026-03-16-*.ics"))) == 1


def test_before_that_the_way_home_is_shut_and_esc_leaves_the_signature(table):
    desk = table(vs.just_ended())
    desk.page.open_tab("door")
    going = desk.page.going
    assert not going.way.key("home").isEnabled()
    going.way.key("prescriber").click()
    desk.qtbot.keyClicks(going.reason.line, "is well, wants to go")
    desk.qtbot.keyClick(going.reason.line, Qt.Key.Key_Return)
    assert desk.page._proving is not None
    assert desk.page.back()
    assert desk.page._proving is None
    assert not desk.page.back()
    assert not desk.sent(lv.Discharge)


def test_after_grade_3_there_is_a_transfer_and_no_discharge(table):
    desk = table(vs.must_be_transferred())
    desk.page.open_tab("door")
    going = desk.page.going
    assert not going.way.key("home").isEnabled()
    assert not going.way.key("prescriber").isEnabled()
    assert "reaction of grade 3: transfer" in desk.words()
    going.way.key("transfer").click()
    desk.qtbot.keyClicks(going.to.line, "Example Hospital")
    assert not going.save_key.isEnabled()
    desk.qtbot.keyClicks(going.handed.line, "Dr DEMO-OTHER")
    going.save_key.click()
    (said,) = desk.sent(lv.Transfer)
    assert (said.to, said.handed_over_to) == ("Example Hospital", "Dr DEMO-OTHER")


def test_no_criterion_ends_in_an_ellipsis_in_the_smallest_window(qtbot):
    desk = Desk(qtbot, vs.just_ended())
    try:
        desk.window.show_over("leaving")
        desk.settle()
        lines = desk.window.pages["leaving"].findChildren(CriteriaCard)[0]._rows
        shown = [text for _, text, _ in lines if text.isVisible()]
        assert len(shown) > 10
        font = DARK.scaled_for(1366, 768).font(11, SEMIBOLD)
        for text in shown:
            assert QFontMetrics(font).horizontalAdvance(text.text()) < text.width(), text.text()
    finally:
        desk.close()
