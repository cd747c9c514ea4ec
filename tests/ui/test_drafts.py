"""Half-filled forms survive a restart and a change of page, say that they are drafts, and go with one touch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from exomonitor.drafts import FOLDER, DraftStore
from exomonitor.engine.ports import DraftBook
from exomonitor.engine.snapshot import Snapshot
from exomonitor.errors import EnvironmentFault
from exomonitor.session import commands as cmd
from exomonitor.session.phases import Phase
from tests.ui import made_sessions, scenes
from tests.ui.fake_bedside import FakeBedside
from tests.ui.prepare_room import picture, type_into
from ui.bridge import Bridge
from ui.drafts import DraftDesk
from ui.main_window import MainWindow
from ui.pages.observation.page import ObservationPage
from ui.pages.prepare.page import PreparePage
from ui.pages.prepare.steps import CONSENT, ORDER, PATIENT, PREMED
from ui.pages.reaction.page import ReactionPage
from ui.theme import DARK


class Clinic:
    """A data folder and the programs that run on it one after the other."""

    def __init__(self, qtbot: QtBot, data: Path) -> None:
        self.qtbot, self.data = qtbot, data
        self.book: DraftBook = DraftStore(data)
        self._running: list[Bridge] = []
        self._windows: list[QWidget] = []

    def start(self, snapshot: Snapshot) -> tuple[FakeBedside, Bridge]:
        """A program is started on what the last one left on the disk."""
        for gone in self._windows:
            gone.close()
        self.book = DraftStore(self.data)
        bedside = FakeBedside(snapshot)
        bedside.drafts = self.book
        bridge = Bridge(bedside)
        bridge.drafts._soon.setInterval(0)
        self._running.append(bridge)
        return bedside, bridge

    def window(self, snapshot: Snapshot) -> MainWindow:
        bedside, bridge = self.start(snapshot)
        window = MainWindow(bedside, bridge, DARK)
        window.setFixedSize(1366, 768)
        self._windows.append(window)
        self.qtbot.addWidget(window)
        window.show()
        return window

    def prepare(self) -> PreparePage:
        bedside, bridge = self.start(picture(made_sessions.prepared()))
        page = PreparePage(bedside, bridge, DARK)
        self.qtbot.addWidget(page)
        page.resize(1296, 618)
        page.show()
        page.show_snapshot(bedside.latest())
        return page

    def written(self) -> None:
        """What was typed is on the disk."""
        desk = self._running[-1].drafts
        self.qtbot.waitUntil(lambda: desk._doing is None and not desk._waiting)

    def ends(self) -> None:
        for window in self._windows:
            window.close()
        for bridge in self._running:
            bridge.close()


@pytest.fixture
def clinic(qtbot: QtBot, tmp_path: Path) -> Iterator[Clinic]:
    made = Clinic(qtbot, tmp_path)
    yield made
    made.ends()


def files(clinic: Clinic) -> int:
    folder = clinic.data / FOLDER
    return len(list(folder.iterdir())) if folder.is_dir() else 0


def later(snapshot: Snapshot, seconds: float) -> Snapshot:
    return replace(snapshot, now=snapshot.now.plus(seconds))


# --- preparation ---------------------------------------------------------------------------------------------------


def test_an_order_that_was_half_typed_is_there_after_a_restart_and_says_so(clinic: Clinic):
    first = clinic.prepare()
    first.open_step(ORDER)
    type_into(first.order.volume, "123")
    type_into(first.order.indication, "DEMO-EXAMPLE")
    clinic.written()
    again = clinic.prepare()
    assert (again.order.volume.text(), again.order.indication.text()) == ("123", "DEMO-EXAMPLE")
    again.open_step(ORDER)
    assert "Draft from" in again.drafts.strip.words()
    assert again.order.volume.line.property("draft") is True
    again.open_step(PREMED)
    assert again.drafts.strip.words() == ""


def test_one_touch_discards_it_and_the_record_stands_there_again(clinic: Clinic):
    first = clinic.prepare()
    recorded = first.order.volume.text()
    type_into(first.order.volume, "123")
    clinic.written()
    again = clinic.prepare()
    again.open_step(ORDER)
    again.drafts.strip.key.click()
    clinic.written()
    assert again.order.volume.text() == recorded
    assert again.drafts.strip.words() == ""
    assert not again.order.dirty
    assert files(clinic) == 0


def test_what_is_recorded_is_no_draft_any_more(clinic: Clinic):
    page = clinic.prepare()
    page.open_step(PREMED)
    for choice in (page.forms[PREMED].fluid_route, page.forms[PREMED].answer):  # type: ignore[attr-defined]
        choice.key("none ordered").click()
    clinic.written()
    assert files(clinic) == 1
    page.next_step()
    clinic.qtbot.waitUntil(lambda: not page._sending)
    clinic.written()
    assert files(clinic) == 0


def test_ticks_choices_and_a_registration_come_back_but_nobody_is_identified_by_a_draft(clinic: Clinic):
    first = clinic.prepare()
    consent = first.forms[CONSENT]
    field = next(f for made in consent.fields.values() for f in made.values() if f.tick is not None)  # type: ignore[attr-defined]
    field.tick.click()
    first.patient._open_register()
    type_into(first.patient.sheet.born, "1972-03-14")
    first.patient.sheet.questions["pregnant"].key("no").click()
    first.patient.identifiers.key("name").click()
    clinic.written()
    again = clinic.prepare()
    fields = again.forms[CONSENT].fields  # type: ignore[attr-defined]
    assert [f.row.key for made in fields.values() for f in made.values() if f.tick and f.tick.isChecked()] == [
        field.row.key
    ]
    assert again.patient._stack.currentWidget() is again.patient.register_pane
    assert again.patient.sheet.born.text() == "1972-03-14"
    assert again.patient.sheet.questions["pregnant"].value() == "no"
    assert again.drafts._from[PATIENT] is not None


# --- sets ----------------------------------------------------------------------------------------------------------


def opened_set(window: MainWindow) -> ObservationPage:
    window.open_set()
    return window.session_page.set_form


def test_a_set_comes_back_with_its_answers_and_follows_the_monitor_where_nobody_typed(clinic: Clinic):
    form = opened_set(clinic.window(scenes.set_due()))
    form.consciousness.key("alert").click()
    type_into(form.values._entries["temp"], "37.4")
    clinic.written()
    form = opened_set(clinic.window(later(scenes.set_due(), 60)))
    assert form.consciousness.value() == "alert"
    assert form.site.value() == ""
    assert form.values._entries["temp"].text() == "37.4"
    assert form.values._entries["temp"].line.property("draft") is True
    assert form.values._entries["hr"].text() == "88"
    assert form.values._entries["hr"].line.property("draft") is not True
    assert "Draft from" in form.draft_words()


def test_a_typed_value_of_a_draft_is_as_old_as_it_is(clinic: Clinic):
    form = opened_set(clinic.window(scenes.set_due()))
    type_into(form.values._entries["temp"], "37.4")
    clinic.written()
    form = opened_set(clinic.window(later(scenes.set_due(), 100)))
    values, _, good = form.values.read()
    assert good
    assert (values["temp"].source, values["temp"].age_s) == ("typed", 100.0)
    type_into(form.values._entries["temp"], "37.5")
    values, _, _ = form.values.read()
    assert values["temp"].age_s == 0.0


@pytest.mark.parametrize(("seconds", "kept"), [(170, {"nibp_sys", "nibp_dia", "temp"}), (200, {"temp"}), (700, set())])
def test_measured_values_that_are_too_old_for_a_set_are_not_put_back(clinic: Clinic, seconds: float, kept: set[str]):
    form = opened_set(clinic.window(scenes.set_due()))
    for name, text in (("nibp_sys", "101"), ("nibp_dia", "61"), ("temp", "37.4")):
        type_into(form.values._entries[name], text)
    form.consciousness.key("alert").click()
    clinic.written()
    form = opened_set(clinic.window(later(scenes.set_due(), seconds)))
    assert set(form.values._drafted) == kept
    assert (form.values._entries["nibp_sys"].text() == "101") is ("nibp_sys" in kept)
    assert form.consciousness.value() == "alert"


def test_a_discarded_set_is_what_the_monitor_says(clinic: Clinic):
    form = opened_set(clinic.window(scenes.set_due()))
    type_into(form.values._entries["hr"], "140")
    form.site.key("2").click()
    clinic.written()
    form = opened_set(clinic.window(later(scenes.set_due(), 30)))
    assert form.values._entries["hr"].text() == "140"
    form._draft_strip.key.click()
    assert (form.values._entries["hr"].text(), form.site.value(), form.draft_words()) == ("88", "", "")
    clinic.written()
    assert files(clinic) == 0


def test_a_change_of_page_loses_nothing_and_a_saved_set_leaves_no_draft(clinic: Clinic):
    window = clinic.window(scenes.set_due())
    form = opened_set(window)
    form.site.key("0").click()
    window.back()
    window.go("history")
    form = opened_set(window)
    assert form.site.value() == "0"
    for choice, code in ((form.consciousness, "alert"), (form.oxygen, "air"), (form.symptoms, "none")):
        choice.key(code).click()
    form.save()
    clinic.qtbot.waitUntil(lambda: not form._sending)
    clinic.written()
    assert files(clinic) == 0


# --- notes, reactions ----------------------------------------------------------------------------------------------


def test_a_note_is_there_again_when_its_sheet_is_opened(clinic: Clinic):
    window = clinic.window(scenes.set_due())
    window.open_note()
    window.session_page.note_form._text.setPlainText("asks for a blanket")
    clinic.written()
    window = clinic.window(scenes.set_due())
    window.open_note()
    assert window.session_page.note_form.words() == "asks for a blanket"
    assert "Draft from" in window.session_page.note_form.draft_words()


def reaction_page(clinic: Clinic) -> ReactionPage:
    window = clinic.window(scenes.reacting())
    window.open_details()
    window.open_details()
    if not window.reaction_page.details.isVisible():
        window.open_details()
    return window.reaction_page


def test_grade_and_cause_of_a_reaction_come_back(clinic: Clinic):
    page = reaction_page(clinic)
    term = page.details._terms[0][0]
    page.details.terms.key(term).click()
    page.details.grades.key("2").click()
    page.details.show_part("cause")
    page.details.cause.causality.first().click()
    chosen = page.details.cause.causality.value()
    type_into(page.details.cause.text, "DEMO words")
    clinic.written()
    details = reaction_page(clinic).details
    assert (details._term, details.grades.value(), details.cause.causality.value()) == (term, "2", chosen)
    assert details.cause.text.text() == "DEMO words"
    assert "Draft from" in details.strip.words()
    details.strip.key.click()
    assert (details._term, details.cause.text.text(), details.strip.words()) == ("", "", "")


# --- the desk ------------------------------------------------------------------------------------------------------


def held(work: Callable[[], object], done: Callable[[object], None], failed: Callable[[str], None]) -> None:
    """Away from the GUI thread, as far as a test needs it."""
    try:
        done(work())
    except EnvironmentFault as fault:
        failed(str(fault))


class FullDisk(DraftStore):
    def keep(self, draft: object) -> None:
        raise EnvironmentFault("No space left on device")


def test_a_full_disk_is_said_once_and_the_form_goes_on(qtbot: QtBot, tmp_path: Path):
    desk = DraftDesk(FullDisk(tmp_path), held)
    desk.show_snapshot(scenes.set_due())
    told: list[str] = []
    desk.failed.connect(told.append)
    for text in ("a", "ab", "abc"):
        desk.note(desk.session, "note", {"text": text})
        desk._write()
    assert len(told) == 1
    assert "No space left on device" in told[0]
    found = desk.find(desk.session, "note")
    assert found is not None
    assert found.fields["text"].text == "abc"


def test_the_end_of_the_session_deletes_its_drafts(qtbot: QtBot, tmp_path: Path):
    store = DraftStore(tmp_path)
    desk = DraftDesk(store, held)
    snapshot = scenes.set_due()
    desk.show_snapshot(snapshot)
    desk.note(desk.session, "note", {"text": "DEMO words"})
    desk._write()
    assert len(list((tmp_path / FOLDER).iterdir())) == 1
    assert snapshot.session is not None
    desk.show_snapshot(replace(snapshot, session=replace(snapshot.session, phase=Phase.SIGNED)))
    desk.flush()
    assert list((tmp_path / FOLDER).iterdir()) == []


def test_a_session_that_moves_to_the_lounge_takes_its_drafts_along(qtbot: QtBot, tmp_path: Path):
    desk = DraftDesk(DraftStore(tmp_path), held)
    snapshot = scenes.set_due()
    desk.show_snapshot(snapshot)
    session = desk.session
    desk.note(session, "note", {"text": "DEMO words"})
    desk.flush()
    desk.show_snapshot(replace(snapshot, session=None))
    desk.flush()
    there = DraftDesk(DraftStore(tmp_path), held)
    there.show_snapshot(snapshot)
    assert there.find(session, "note") is not None


def test_each_field_keeps_the_time_when_it_was_entered(qtbot: QtBot, tmp_path: Path):
    desk = DraftDesk(DraftStore(tmp_path), held)
    snapshot = scenes.set_due()
    desk.show_snapshot(snapshot)
    desk.note(desk.session, "x", {"a": "1", "b": ""})
    desk.show_snapshot(later(snapshot, 60))
    desk.note(desk.session, "x", {"a": "1", "b": "2"})
    found = desk.find(desk.session, "x")
    assert found is not None
    assert found.fields["b"].at - found.fields["a"].at == timedelta(seconds=60)
    assert found.at == found.fields["b"].at


def test_what_is_typed_as_the_window_closes_is_kept(clinic: Clinic):
    window = clinic.window(scenes.set_due())
    window.open_note()
    window.session_page.note_form._text.setPlainText("half a sen")
    clinic.ends()
    window = clinic.window(scenes.set_due())
    window.open_note()
    assert window.session_page.note_form.words() == "half a sen"


def test_without_a_data_folder_nothing_is_kept_and_nothing_is_offered(qtbot: QtBot):
    desk = DraftDesk(None, held)
    desk.show_snapshot(scenes.set_due())
    desk.note(desk.session, "note", {"text": "x"})
    desk.forget(desk.session, "note")
    desk.flush()
    assert desk.find(desk.session, "note") is None


def test_no_draft_reaches_the_journal(clinic: Clinic):
    window = clinic.window(scenes.set_due())
    window.open_note()
    window.session_page.note_form._text.setPlainText("DEMO words")
    clinic.written()
    bedside = window.bedside
    assert isinstance(bedside, FakeBedside)
    assert [one for one in bedside.submitted if not isinstance(one, cmd.Acknowledge)] == []


def test_every_form_of_the_list_keeps_a_draft(clinic: Clinic):
    window = clinic.window(scenes.set_due())
    window.show_over("leaving")
    leaving = window.pages["leaving"]
    assert isinstance(leaving, QWidget)
    for name in ("going", "iv", "dose"):
        assert getattr(leaving, name).draft_parts(), name
    page = window.session_page
    forms = (page.note_form, page.said_form, page.site_form, page.line_form, page.flush_form)
    assert [form.draft_name for form in forms] == ["note", "said", "site", "line", "flush"]
