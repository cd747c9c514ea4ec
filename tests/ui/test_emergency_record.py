"""F8 while no session is open: the window over a real engine, from the key to the signature."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from exomonitor.session import commands as cmd
from exomonitor.session.entry import Entry
from exomonitor.session.parts.emergency_events import DoEmergencyStep
from exomonitor.session.parts.emergency_record import SayWhoseEmergency
from exomonitor.session.phases import Phase
from exomonitor.session.timing import progress
from tests.exomonitor.engine.bedside_bench import CHAIR, NURSE, PRESCRIBER, Bench
from tests.exomonitor.engine.test_emergency_record import given_and_signed
from tests.ui.bench_bedside import BenchBedside
from ui.bridge import Bridge
from ui.main_window import MainWindow
from ui.pages.emergency.page import EmergencyPage
from ui.pages.emergency.record import RecordPanel
from ui.pages.history_view import Review
from ui.pages.history_whose import WhosePanel
from ui.presenters.emergency_record import emergency_rows
from ui.presenters.header import header
from ui.theme import DARK, apply

SMALL = (1366, 768)


class Room:
    """A window over a bench."""

    def __init__(self, qtbot, bench: Bench) -> None:
        self.qtbot, self.bench = qtbot, bench
        self.bedside = BenchBedside(bench)
        self.bridge = Bridge(self.bedside)
        theme = DARK.scaled_for(*SMALL)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply(app, theme)
        self.window = MainWindow(self.bedside, self.bridge, theme)
        self.window.setFixedSize(*SMALL)
        qtbot.addWidget(self.window)
        self.window.show()
        self.bridge.start()
        qtbot.waitExposed(self.window)

    def settle(self) -> None:
        """Let everything that waits happen, and show the newest picture."""
        self.qtbot.wait(5)
        self.window.show_snapshot(self.bench.snapshot)
        self.qtbot.wait(5)

    def press(self, key: Qt.Key = Qt.Key.Key_F8) -> None:
        self.qtbot.keyClick(self.window, key)
        self.settle()

    @property
    def front(self):
        return self.window.stack.currentWidget()

    @property
    def panel(self) -> RecordPanel:
        page = self.window.pages["emergency"]
        assert isinstance(page, EmergencyPage)
        return page.record_panel

    def sent(self, kind):
        return [command for command in self.bedside.submitted if isinstance(command, kind)]

    def close(self) -> None:
        self.window.close()
        self.bridge.close()


def review(bench: Bench, entries: tuple[Entry, ...] = ()) -> Review:
    """The bench's session as the history shows it, without vital signs."""
    return Review(bench.state, bench.now, progress(bench.state, bench.now, None), (), (), (), entries)


@pytest.fixture
def room(qtbot):
    made = Room(qtbot, Bench(signed_in=False))
    made.settle()
    yield made
    made.close()


@pytest.fixture
def after_a_visit(qtbot):
    made = Room(qtbot, given_and_signed())
    made.settle()
    yield made
    made.close()


def test_the_start_page_has_a_key_for_it_though_nobody_is_signed_in(room):
    assert room.front is room.window.start_page
    assert room.window.nav.reaction_key.isVisible()
    room.window.nav.reaction_key.click()
    room.settle()
    assert room.bench.state.is_emergency
    assert room.front is room.window.reaction_page
    assert room.window.reaction_page.steps["stop"].isEnabled()


def test_two_presses_stamp_once_and_open_the_emergency_page(room):
    room.press()
    room.press()
    assert len(room.sent(cmd.OpenReaction)) == 1
    assert room.front is room.window.pages["emergency"]
    room.front.steps["called_ems"].click()
    room.settle()
    assert [c.by for c in room.sent(DoEmergencyStep)] == [""]
    assert room.front.steps["called_ems"].isChecked()


def test_two_presses_before_the_record_has_answered_lose_nothing(room):
    room.bench.recorder.holds = True
    room.press()
    assert room.front is room.window.reaction_page
    room.press()
    assert room.front is room.window.pages["emergency"]
    room.front.steps["cpr"].click()
    room.bench.recorder.holds = False
    room.bench.recorder.release()
    room.bench.settle()
    room.settle()
    assert len(room.bench.state.reactions) == 1
    assert [one.step for one in room.bench.state.emergency.steps] == ["cpr"]
    assert room.front is room.window.pages["emergency"]


@pytest.mark.parametrize("place", ["patients", "history", "settings", "product"])
def test_it_works_from_any_page(room, place):
    room.window.go(place)
    room.settle()
    room.press()
    assert room.front is room.window.reaction_page
    assert room.bench.state.is_emergency


def test_esc_leads_from_the_reaction_to_the_emergency_page_and_a_panel_closes_first(room):
    room.press()
    room.press(Qt.Key.Key_Escape)
    page = room.window.pages["emergency"]
    assert room.front is page
    page.open_record()
    page.record_panel.list_key.setEnabled(True)
    page.record_panel.list_key.click()
    room.press(Qt.Key.Key_Escape)
    assert page._stack.currentWidget() is page.record_panel
    room.press(Qt.Key.Key_Escape)
    assert page._stack.currentIndex() == 0


def test_the_header_says_emergency_and_no_stage_of_an_infusion_is_shown(room):
    room.press()
    assert header(room.bench.snapshot).name == "EMERGENCY"
    assert room.bench.snapshot.slots == ()
    assert room.bench.snapshot.next_slot is None


def test_whose_it_was_is_asked_only_of_somebody_who_is_signed_in(room):
    room.press()
    room.press(Qt.Key.Key_Escape)
    page = room.window.pages["emergency"]
    page.record_key.click()
    room.settle()
    assert not room.panel.words_key.isEnabled()
    assert "Sign in first" in room.panel._status.text()
    room.bench.work_as(NURSE)
    room.settle()
    assert room.panel.words_key.isEnabled()
    room.panel.words_key.click()
    room.panel.text.set_text("a visitor, taken by the ambulance")
    room.panel._say_whose(text=room.panel.text.text())
    room.settle()
    assert [c.text for c in room.sent(SayWhoseEmergency)] == ["a visitor, taken by the ambulance"]
    assert "a visitor" in room.panel._heading.text()


def test_pressed_by_mistake_is_two_touches_and_the_chair_is_free(room):
    room.press()
    room.bench.work_as(NURSE)
    room.press(Qt.Key.Key_Escape)
    room.window.pages["emergency"].record_key.click()
    room.settle()
    room.panel.void_key.click()
    room.panel._void("pressed_by_mistake")
    room.settle()
    assert room.bench.state.phase is Phase.ABANDONED
    assert room.front is room.window.start_page


def test_right_after_signing_the_patient_of_that_session_is_one_touch(after_a_visit):
    room = after_a_visit
    first = room.bench.state
    room.press()
    room.press()
    page = room.front
    assert page is room.window.pages["emergency"]
    room.bench.work_as(NURSE)
    page.record_key.click()
    room.settle()
    assert room.panel.earlier_keys[0].text() == first.patient.name
    room.panel.earlier_keys[0].click()
    room.settle()
    assert room.bench.engine.registry.visits[first.id].emergencies == (room.bench.state.id,)
    assert room.bench.state.patient.name == first.patient.name


def test_it_is_signed_on_the_page_of_the_signature_without_a_word_of_an_infusion(after_a_visit):
    room = after_a_visit
    room.press()
    room.bench.work_as(NURSE)
    room.press(Qt.Key.Key_Escape)
    room.window.pages["emergency"].record_key.click()
    room.panel.sign_key.click()
    room.settle()
    assert room.front is room.window.sign_off_page
    assert "The reaction is still open" in room.window.sign_off_page.sheet.obstacles.text()
    room.bench.do(
        cmd.DetailReaction(CHAIR, NURSE, "R1", (), "Infusion related reaction", 2, outcome="resolved", resolved=True)
    )
    room.settle()
    page = room.window.sign_off_page
    assert page.prove.isVisible()
    assert "EMERGENCY RECORD" in page.sheet._heading.text()
    page._sign(room.bench.proof(NURSE), "")
    room.settle()
    assert room.bench.state.phase is Phase.SIGNED
    assert room.bench.state.signature.meaning == "was there and reviewed"
    room.window.close_over()
    page.next_key.click()
    room.settle()
    assert room.front is room.window.start_page


def test_f5_takes_vital_signs_by_hand_and_one_number_is_enough(room):
    room.press()
    room.press(Qt.Key.Key_F5)
    page = room.window.pages["emergency"]
    assert room.front is page
    form = page.set_form
    assert form.isVisible()
    assert not form.site.isVisible()
    assert not form.save_key.isEnabled()
    entry = form.values._entries["spo2"]
    entry.line.setFocus()
    room.qtbot.keyClicks(entry.line, "91")
    assert form.save_key.isEnabled()
    form.save_key.click()
    room.settle()
    (sent,) = room.sent(cmd.RecordObservation)
    assert {name: str(one.value) for name, one in sent.values.items()} == {"spo2": "91"}
    assert list(room.bench.state.observations) == ["extra1"]
    assert not form.isVisible()
    assert "Recorded" in page._status.text()
    assert dict(emergency_rows(room.bench.state))["Vital signs"].startswith("1 set, the last ")


def test_esc_leads_from_the_vital_signs_to_the_steps_and_a_second_set_has_a_name_of_its_own(room):
    room.press()
    room.press(Qt.Key.Key_Escape)
    page = room.front
    page.set_key.click()
    room.settle()
    assert page.set_form.isVisible()
    room.press(Qt.Key.Key_Escape)
    assert not page.set_form.isVisible()
    assert page.steps["call"].isVisible()
    for number in ("96", "97"):
        page.open_set()
        entry = page.set_form.values._entries["spo2"]
        room.qtbot.keyClicks(entry.line, number)
        page.set_form.save()
        room.settle()
    assert list(room.bench.state.observations) == ["extra1", "extra2"]


def test_an_ordinary_session_has_no_second_place_for_its_sets(after_a_visit):
    page = after_a_visit.window
    page.show_over("emergency")
    after_a_visit.settle()
    emergency = page.pages.get("emergency")
    assert emergency is None or not emergency.set_key.isVisible()


def test_whose_it_was_is_said_and_signed_in_the_history_after_the_signature(after_a_visit):
    room = after_a_visit
    patient = room.bench.state.patient
    room.press()
    room.bench.work_as(NURSE)
    room.bench.do(
        cmd.DetailReaction(CHAIR, NURSE, "R1", (), "Infusion related reaction", 2, outcome="resolved", resolved=True)
    )
    room.bench.do(cmd.SignOff(CHAIR, NURSE, room.bench.proof(NURSE)))
    room.settle()
    room.window.go("history")
    panel = room.window.pages["history"].correct
    entries = [one for one in room.bench.recorder.entries if one.session == room.bench.state.id]
    panel.show_review(review(room.bench, tuple(entries)))
    assert not panel.whose_key.isHidden()
    panel.whose_key.click()
    whose = panel._stack.currentWidget()
    whose.go_on()
    assert "write who it was" in whose.status.text()
    whose.choose(patient.id)
    assert patient.name in whose.status.text()
    whose.sign_key.click()
    proof = panel._stack.currentWidget()
    assert proof.roles == ()
    proof.proven.emit(room.bench.proof(PRESCRIBER), "Dr DEMO-LINDQVIST")
    room.settle()
    (sent,) = room.sent(SayWhoseEmergency)
    assert (sent.patient, sent.record, sent.text) == (patient.id, room.bench.state.id, "")
    assert room.bench.state.patient.name == patient.name
    assert room.bench.state.emergency_record.whose.by == PRESCRIBER
    assert room.bench.state.phase is Phase.SIGNED


def test_saying_it_again_wants_a_reason_and_an_ordinary_session_has_no_such_key(after_a_visit):
    room = after_a_visit
    room.window.go("history")
    panel = room.window.pages["history"].correct
    panel.show_review(review(room.bench))
    assert panel.whose_key.isHidden()
    room.press()
    room.bench.work_as(NURSE)
    room.bench.do(SayWhoseEmergency(CHAIR, NURSE, text="a visitor"))
    whose = WhosePanel(DARK, room.bedside, room.bridge, room.bench.state)
    room.qtbot.addWidget(whose)
    assert "a visitor" in whose.now.text()
    told = []
    whose.said.connect(lambda *words: told.append(words))
    whose.text.set_text("a member of staff")
    whose.go_on()
    assert told == []
    whose.reason.set_text("badge was found")
    whose.go_on()
    assert told == [("", "a member of staff", "badge was found")]
