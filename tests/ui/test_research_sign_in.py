"""Somebody with the research role alone sees no patient's name, birth date or number on any page of the window."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QTableView, QWidget

from exomonitor.engine.access import RESEARCH_ONLY
from exomonitor.engine.snapshot import OtherPlace, Snapshot
from exomonitor.engine.stored import SessionRow
from exomonitor.engine.unnamed import NameGuard
from exomonitor.registry.aftercare import Aftercare
from exomonitor.registry.patients import PatientFacts, PatientRecord
from exomonitor.registry.users import NURSE, RESEARCH, User
from tests.ui import scenes
from tests.ui.fake_bedside import FakeBedside
from tests.ui.made_journal import SESSION, journal
from tests.ui.windows import make_all
from ui.bridge import Bridge
from ui.later import LATER
from ui.main_window import MainWindow
from ui.page_choice import REACTION, WITHOUT_NAMES
from ui.page_choice import SESSION as LIVE
from ui.theme import DARK, apply

MARKED = ("DEMO-MARKED", "Zebedee", "1911-11-11", "M-987001", "DOE", "Jane")
FACTS = PatientFacts("p1", name="DEMO-MARKED, Zebedee", born="1911-11-11", mrn="M-987001")
PEOPLE = {"r": User("r", "Q. DEMO-RESEARCH", (RESEARCH,)), "n": User("n", "N. DEMO-NURSE", (NURSE,))}


def picture(who: str) -> Snapshot:
    """A running session of a marked patient, who stands in every list."""
    plain = scenes.three_alarms()
    session = plain.session
    assert session is not None
    assert session.patient is not None
    marked = replace(session.patient, name="DEMO-MARKED, Zebedee", born="1911-11-11", mrn="M-987001")
    registry = replace(
        plain.registry,
        users=PEOPLE,
        patients={"p1": PatientRecord("p1", FACTS, plain.now)},
        aftercare={"v": Aftercare("v", "EXO-1", "UTC", "p1", "DEMO-MARKED, Zebedee", "M-987001")},
    )
    return replace(
        plain,
        session=replace(session, patient=marked),
        registry=registry,
        staff=PEOPLE[who].name,
        staff_id=who,
        others=(OtherPlace("Lounge 1", "DEMO-MARKED, Zebedee", False),),
        resume_offer="Still DEMO-MARKED, Zebedee in chair 4?",
    )


def texts(widget: QWidget) -> list[str]:
    """What a widget says, wherever it keeps it."""
    found = [widget.accessibleName(), widget.accessibleDescription(), widget.toolTip(), widget.windowTitle()]
    for name in ("text", "toPlainText", "title", "placeholderText"):
        if callable(say := getattr(widget, name, None)):
            found.append(str(say()))
    if isinstance(widget, QTableView) and (model := widget.model()) is not None:
        cells = ((row, column) for row in range(model.rowCount()) for column in range(model.columnCount()))
        found += [str(model.data(model.index(row, column))) for row, column in cells]
    return found


def said(window: QWidget) -> str:
    """Everything in the window, whether in sight or not."""
    return " | ".join(text for widget in (window, *window.findChildren(QWidget)) for text in texts(widget))


@pytest.fixture
def open_window(qtbot, qapp):
    made = []

    def opened(snapshot: Snapshot) -> tuple[MainWindow, FakeBedside]:
        theme = DARK.scaled_for(1366, 768)
        apply(qapp, theme)
        bedside = FakeBedside(snapshot)
        bedside.archive.rows = [SessionRow(SESSION, "EXO-K3T9AB", "DEMO-MARKED, Zebedee", "2026-03-02T13:40:00.000Z",
                                           "signed", True, "5.0", 99.8, 1)]  # fmt: skip
        bedside.archive.by_session[SESSION] = journal()
        bridge = Bridge(bedside)
        window = MainWindow(bedside, bridge, theme)
        qtbot.addWidget(window)
        window._watch.stop()  # it counts real seconds
        window.setFixedSize(1366, 746)
        window.show()
        bridge.start()
        made.append((window, bridge))
        return window, bedside

    yield opened
    for window, bridge in made:
        window.close()
        bridge.close()


def test_no_page_of_the_window_tells_who_the_patient_is(open_window, qtbot):
    window, bedside = open_window(NameGuard().guarded(picture("r")))
    bedside.refusal = RESEARCH_ONLY
    make_all(window)
    for name in (LIVE, REACTION, *LATER):
        for show in (window.go, window.show_over):
            show(name)
            assert name in WITHOUT_NAMES or window.stack.currentWidget() is window.pages["locked"], name
        words = said(window)
        assert [one for one in MARKED if one in words] == [], name
    history = window.pages["history"]
    qtbot.waitUntil(lambda: history.model.rowCount() == 1)
    history.table.selectRow(0)
    qtbot.waitUntil(lambda: "no names" in history._heading.text())
    history.names.click()
    history.part.chosen.emit("correct")
    assert [one for one in MARKED if one in said(window)] == []


def test_the_figures_and_the_alarms_stay_and_the_way_out_is_offered(open_window):
    window, _ = open_window(NameGuard().guarded(picture("r")))
    page = window.pages["locked"]
    assert window.stack.currentWidget() is page
    words = said(window)
    assert "Research sign-in" in words
    assert "SpO₂ low 84 %" in words
    assert page.staff_key.isVisible()
    window.go("history")
    assert window.stack.currentWidget() is window.pages["history"]


def test_a_nurse_s_picture_is_the_very_same():
    plain = picture("n")
    assert NameGuard().guarded(plain) is plain


def test_what_has_not_changed_stays_the_same_object():
    guard, plain = NameGuard(), picture("r")
    one, two = guard.guarded(plain), guard.guarded(replace(plain, beat=plain.beat + 1))
    assert one.registry is two.registry
    assert one.session is two.session
    assert (one.registry.patients, one.registry.visits, one.registry.aftercare) == ({}, {}, {})
    assert one.vitals is plain.vitals
