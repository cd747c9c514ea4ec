"""Past sessions: the table, one of them read-only, and its export."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from exomonitor.engine.stored import Damage, SessionRow
from exomonitor.errors import EnvironmentFault
from exomonitor.registry.doubts import lists_lost
from exomonitor.session.fold import fold
from exomonitor.session.parts.emergency_record import LaterEmergency
from exomonitor.session.parts.trust import ViewRecord
from exomonitor.signals.vitals import Sign
from tests.ui import scenes
from tests.ui.fake_bedside import FakeBedside
from tests.ui.made_journal import SESSION, journal, readings
from ui.bridge import Bridge
from ui.pages.history import HistoryPage
from ui.pages.history_view import figures, load_review, row_words
from ui.theme import DARK

ROWS = [
    SessionRow(SESSION, "EXO-K3T9AB", "DOE, Jane", "2026-03-02T13:40:00.000Z", "signed", True, "5.0", 99.8, 1),
    SessionRow("s0", "EXO-0P2MXZ", "ROE, Richard", "2026-03-01T09:10:00.000Z", "abandoned", False, "", None, 0),
]


@dataclass
class Room:
    """A history page over a made-up record."""

    page: HistoryPage
    bedside: FakeBedside


@pytest.fixture
def bedside() -> FakeBedside:
    made = FakeBedside()
    made.archive.rows = list(ROWS)
    made.archive.by_session[SESSION] = journal()
    made.archive.reading_rows[SESSION] = readings()
    return made


@pytest.fixture
def room(qtbot, bedside) -> Iterator[Room]:
    bridge = Bridge(bedside)
    page = HistoryPage(bedside, bridge, DARK)
    qtbot.addWidget(page)
    page.resize(1296, 618)
    page.show()
    page.show_snapshot(scenes.empty_chair())
    qtbot.waitUntil(lambda: page.model.rowCount() == 2)
    yield Room(page, bedside)
    bridge.close()


def test_the_table_shows_study_ids_and_names_only_when_asked(room, qtbot):
    def cells() -> str:
        model = room.page.model
        return " ".join(str(model.data(model.index(r, c))) for r in range(2) for c in range(model.columnCount()))

    assert "EXO-K3T9AB" in cells()
    assert "DOE" not in cells()
    assert "SIMULATED" in cells()
    room.page.names.click()
    qtbot.waitUntil(lambda: "DOE, Jane" in cells())
    assert ViewRecord("4", "", "names") in [replace(c, chair="4", by="") for c in room.bedside.submitted]


def test_what_is_not_known_is_two_dashes():
    assert row_words(ROWS[1], names=False)[3:] == ("--", "--", "0")


def test_a_session_opens_with_its_figures_log_and_trend(room, qtbot):
    room.page.table.selectRow(0)
    qtbot.waitUntil(lambda: "read-only" in room.page._heading.text())
    assert "SIMULATED" in room.page._heading.text()
    shown = {name.text(): words.text() for name, words in room.page._figures}
    assert shown["Given"] == "99.8 mL (pump), 4.09 billion estimated"
    assert shown["Reactions"] == "Flushing grade 1 at minute 16"
    assert shown["Gaps"] == "monitor 24 s"
    assert "Product complete: 99.8 mL given" in room.page.log.toPlainText()
    assert room.page.log.isReadOnly()
    assert room.page.trend._series[Sign.HR].ends() == (80.0, 84.0)
    assert {type(c) for c in room.bedside.submitted} == {ViewRecord}


def test_of_a_damaged_session_the_rest_is_shown_and_what_is_lost_is_said(room, qtbot):
    archive = room.bedside.archive
    archive.damage, archive.damaged = Damage(entries=1, unreadable=(7,)), SESSION
    archive.rows = [replace(ROWS[0], damaged=True), ROWS[1]]
    archive.by_session[SESSION] = [entry for entry in journal() if entry.seq != 7]
    room.page.look()
    qtbot.waitUntil(lambda: "DAMAGED" in str(room.page.model.data(room.page.model.index(0, 1))))
    room.page.table.selectRow(0)
    qtbot.waitUntil(lambda: "read-only" in room.page._heading.text())
    assert room.page._heading.text().endswith("DAMAGED")
    assert room.page._said.text() == "DAMAGED: 1 entry (7) of this session is lost."
    assert "Product complete: 99.8 mL given" in room.page.log.toPlainText()


def test_damage_that_leaves_the_journal_readable_is_said_too(bedside):
    bedside.archive.damage = Damage(readings=1)
    review = load_review(bedside.archive, SESSION)
    assert review.damaged == "DAMAGED: 1 reading of this session is lost."
    assert review.vitals


def test_a_session_whose_readings_are_damaged_opens_with_those_that_are_left(bedside, monkeypatch):
    def damaged(*_):
        raise EnvironmentFault("The database is damaged")

    whole = load_review(bedside.archive, SESSION)
    monkeypatch.setattr(bedside.archive, "series", damaged)
    review = load_review(bedside.archive, SESSION)
    assert (review.vitals, review.pressures) == (whole.vitals, whole.pressures)
    assert review.damaged == "The database is damaged"
    bedside.archive.damage = Damage(readings=3)
    assert load_review(bedside.archive, SESSION).damaged == "DAMAGED: 3 readings of this session are lost."


def test_the_review_keeps_the_gap_a_gap(bedside):
    review = load_review(bedside.archive, SESSION)
    minutes = sorted(minute for minute, sign, _ in review.vitals if sign is Sign.HR)
    assert max(b - a for a, b in itertools.pairwise(minutes)) > 0.3
    assert len(review.pressures) == 9


def test_a_session_that_never_started_has_figures_too(bedside):
    bedside.archive.by_session["s2"] = journal()[:4]
    shown = dict(figures(load_review(bedside.archive, "s2")))
    assert shown["Started"] == "not started"
    assert shown["Given"] == "--"


def test_the_figures_agree_with_the_fold(bedside):
    state = fold(journal())
    assert state is not None
    shown = dict(figures(load_review(bedside.archive, SESSION)))
    assert state.product_end is not None
    assert str(state.product_end.delivered_ml) in shown["Given"]


def test_an_archive_that_cannot_be_read_is_said(room, qtbot):
    room.bedside.archive.fault = "The database is locked"
    room.page.look()
    qtbot.waitUntil(lambda: room.page._said.text() == "The database is locked")


def chosen(room: Room, qtbot) -> None:
    room.page.table.selectRow(0)
    qtbot.waitUntil(lambda: "read-only" in room.page._heading.text())


def test_an_export_is_de_identified_unless_somebody_says_why(room, qtbot, tmp_path):
    chosen(room, qtbot)
    export = room.page.export
    export.folder.set_text(str(tmp_path))
    export.export_key.click()
    qtbot.waitUntil(lambda: export.status().startswith("Exported to"))
    assert room.bedside.exports == [(SESSION, tmp_path, ("csv", "json", "pdf"), "", "u1")]


def test_an_identified_export_needs_its_reason(room, qtbot, tmp_path):
    chosen(room, qtbot)
    export = room.page.export
    export.folder.set_text(str(tmp_path))
    export.identity.set_value("yes")
    export._sync()
    export.export_key.click()
    assert room.bedside.exports == []
    assert export.reason.error()
    export.reason.set_text("asked for by the treating physician")
    export.export_key.click()
    qtbot.waitUntil(lambda: bool(room.bedside.exports))
    assert room.bedside.exports[0][3] == "asked for by the treating physician"


def test_without_a_session_or_a_format_nothing_can_be_exported(room, qtbot):
    export = room.page.export
    assert not export.export_key.isEnabled()
    chosen(room, qtbot)
    assert export.export_key.isEnabled()
    export.formats.set_values(())
    export._sync()
    assert not export.export_key.isEnabled()


def test_an_empty_record_says_so(qtbot):
    bedside = FakeBedside(replace(scenes.empty_chair(), staff=""))
    bridge = Bridge(bedside)
    page = HistoryPage(bedside, bridge, DARK)
    qtbot.addWidget(page)
    qtbot.waitUntil(lambda: page._said.text() == "No session has been recorded yet")
    bridge.close()


def test_a_record_with_names_is_an_entry_for_whoever_is_signed_in_and_stays_without_them_else(qtbot, bedside):
    bedside.refusal = "Sign in first"
    bridge = Bridge(bedside)
    page = HistoryPage(bedside, bridge, DARK)
    qtbot.addWidget(page)
    page.show_snapshot(scenes.empty_chair())
    qtbot.waitUntil(lambda: page.model.rowCount() == 2)
    page.table.selectRow([row.session for row in ROWS].index(SESSION))
    qtbot.waitUntil(lambda: page._review is not None)
    assert page._heading.text().endswith("no names: Sign in first")
    assert page._review is not None
    assert page._review.state.patient is not None
    assert page._review.state.patient.name == "[text withheld]"
    page.names.click()
    qtbot.waitUntil(lambda: page._said.text() == "No names: Sign in first")
    assert not page.names.isChecked()
    bedside.refusal = ""
    page._open = ""
    page.reread()
    page._open = SESSION
    page.reread()
    qtbot.waitUntil(lambda: page._review.state.patient.name != "[text withheld]")
    page.names.click()
    qtbot.waitUntil(page.names.isChecked)
    assert [type(c).__name__ for c in bedside.submitted].count("ViewRecord") >= 2
    bridge.close()


def test_where_the_clinics_lists_are_not_whole_that_is_said_and_the_session_is_not_called_damaged(room, qtbot):
    room.bedside.archive.lists_lost = lists_lost((9,))
    room.page.table.selectRow(0)
    qtbot.waitUntil(lambda: "read-only" in room.page._heading.text())
    assert "DAMAGED" not in room.page._heading.text()
    assert room.page._said.text().startswith("Entry 9 of the clinic's lists is lost: names")


def test_every_figure_has_its_row_and_every_name_its_room(room, qtbot):
    room.page.table.selectRow(0)
    qtbot.waitUntil(lambda: "read-only" in room.page._heading.text())
    review = load_review(room.bedside.archive, SESSION)
    later = (LaterEmergency("s9", "EXO-LATER1", review.now, review.now),)
    record = replace(review.state.emergency_record, later=later)
    room.page._show(replace(review, state=replace(review.state, emergency_record=record)))
    shown = [(name, words.text()) for name, words in room.page._figures]
    told = {name.text(): words for name, words in shown}
    assert told["Emergency after it"].startswith("EXO-LATER1")
    assert told["Signed"].startswith("R. Okafor"), "the signature is the last row, and the first one to be missing"
    emergency = scenes.emergency().session
    assert emergency is not None
    assert emergency.signature is None
    opened = replace(emergency, id=SESSION, kind="emergency", signature=review.state.signature)
    room.page._show(replace(review, state=opened))
    told = {name.text(): words.text() for name, words in room.page._figures}
    assert told["Signed"].startswith("R. Okafor")
    assert ("Reaction" in told, "Reactions" in told) == (True, False), "what happened is said once"
    for name, _ in room.page._figures:
        assert name.fontMetrics().horizontalAdvance(name.text()) <= name.width(), name.text()
