"""Forms and pages are made when they are first wanted: they know the picture at once, and move nothing that stood."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QLabel, QLineEdit, QStackedWidget, QWidget
from pytestqt.qtbot import QtBot

from exomonitor.engine.snapshot import Snapshot
from tests.ui import scenes
from tests.ui.windows import SIGN_IN, Desk, make_all
from ui.main_window import MainWindow
from ui.pages.observation.page import ObservationPage
from ui.pages.prepare.page import PreparePage
from ui.pages.prepare.steps import BASELINE, ORDER, STEPS
from ui.pages.reaction.details import ReactionDetails
from ui.pages.reaction.restart import RestartPart
from ui.pages.session.panels import SessionForm
from ui.pages.start.sign_in import SignInPanel
from ui.widgets.card import Card
from ui.widgets.keys import BigButton
from ui.widgets.pin_pad import PinPad


def places(window: MainWindow) -> dict[QWidget, QRect]:
    """Where everything that is seen stands."""
    shown = [one for one in window.findChildren(QWidget) if one.isVisible() and not isinstance(one, QStackedWidget)]
    return {one: QRect(one.mapTo(window, QPoint(0, 0)), one.size()) for one in shown}


def turn(desk: Desk) -> None:
    for _ in range(3):
        desk.settle()


@pytest.mark.parametrize(
    "snapshot",
    [scenes.normal(), scenes.empty_chair(), scenes.reacting(), replace(scenes.empty_chair(), staff="", staff_id="")],
    ids=["live", "start", "reaction", "sign-in"],
)
def test_what_is_made_later_moves_nothing_that_stands_there(qtbot: QtBot, snapshot: Snapshot):
    desk = Desk(qtbot, snapshot)
    if snapshot.session is not None and snapshot.session.open_reaction is not None:
        desk.window.open_reaction()
    turn(desk)
    before = places(desk.window)
    make_all(desk.window)
    turn(desk)
    assert places(desk.window) == before
    desk.close()


def test_the_four_steps_come_back_from_the_details_to_where_they_were(qtbot: QtBot):
    desk = Desk(qtbot, scenes.reacting())
    desk.window.open_reaction()
    turn(desk)
    before = places(desk.window)
    desk.window.open_details()
    turn(desk)
    assert not desk.window.reaction_page.steps["stop"].isVisible()
    desk.window.reaction_page.details.show_part("restart")
    turn(desk)
    desk.window.open_details()
    turn(desk)
    assert places(desk.window) == before
    desk.close()


def test_the_staff_panel_comes_back_from_another_pin_to_what_it_was(qtbot: QtBot):
    desk = Desk(qtbot, scenes.normal())
    desk.window.open_staff()
    turn(desk)
    before = places(desk.window)
    for name in SIGN_IN:
        getattr(desk.window.staff_panel.panel, name)
    turn(desk)
    assert places(desk.window) == before
    desk.close()


def test_a_running_session_begins_without_anything_that_nobody_has_asked_for(qtbot: QtBot):
    desk = Desk(qtbot, scenes.normal())
    for kind in (ObservationPage, SessionForm, ReactionDetails, SignInPanel, PinPad):
        assert desk.window.findChildren(kind) == [], kind.__name__
    assert desk.window.session_page.current_form() is None
    desk.show(scenes.one_alarm())
    assert desk.window.session_page.form_in_front() is None
    assert desk.window.findChildren(SessionForm) == [], "a new picture makes nothing either"
    desk.close()


def test_a_form_knows_the_newest_picture_when_it_is_made_and_follows_it(qtbot: QtBot):
    desk = Desk(qtbot, scenes.normal())
    desk.show(replace(scenes.normal(), staff="M. Brandt", staff_id="u2"))
    page = desk.window.session_page
    assert (page.note_form.by, page.pump_form.by, page.site_form.by) == ("u2", "u2", "u2")
    assert page.pump_form._now.text() == "The pump says: INFUSING 165.5 mL/h"
    assert page.more.tiles["away"].text() == "Patient away"
    desk.show(scenes.normal())
    assert (page.note_form.by, page.line_form.by) == ("u1", "u1")
    desk.close()


def test_details_made_in_a_reaction_know_it_and_the_part_that_goes_on_too(qtbot: QtBot):
    desk = Desk(qtbot, scenes.reacting())
    desk.window.open_reaction()
    assert desk.window.findChildren(ReactionDetails) == []
    desk.window.open_details()
    details = desk.window.reaction_page.details
    assert details.terms.has_options()
    assert desk.window.findChildren(RestartPart) == []
    details.show_part("restart")
    assert details.restart._heading.text()
    assert details.restart._snapshot is desk.window._snapshot
    desk.close()


def test_everything_that_is_made_later_is_as_high_as_what_stood_there(qtbot: QtBot):
    desk = Desk(qtbot, scenes.normal())
    make_all(desk.window)
    page = desk.window.session_page
    made: tuple[Card, ...] = (page.set_form, page.line_form, page.container_form, page.what_if)
    lines = [line for form in made for line in form.findChildren(QLineEdit)]
    assert lines
    assert all(line.property("tall") for line in lines)
    desk.close()


def prepare_page(desk: Desk) -> PreparePage:
    page = desk.window.page("prepare")
    assert isinstance(page, PreparePage)
    return page


def test_the_preparation_begins_with_the_step_in_front_and_the_order_that_stands_at_the_right(qtbot: QtBot):
    desk = Desk(qtbot, scenes.preparing())
    page = prepare_page(desk)
    assert set(page._pages) == {page.present(), ORDER} == {BASELINE, ORDER}
    desk.show(scenes.preparing())
    assert not page.is_blind
    assert set(page._pages) == {BASELINE, ORDER}, "neither a picture nor a question makes a form"
    desk.close()


@pytest.mark.parametrize("step", [key for key, _ in STEPS])
def test_a_step_shows_the_record_whether_it_was_made_before_or_after_it(qtbot: QtBot, step: str):
    first, later = scenes.preparing(), replace(scenes.normal(), session=scenes.prepared())
    said = []
    for made_at_once in (True, False):
        desk = Desk(qtbot, first)
        page = prepare_page(desk)
        if made_at_once:
            page.page_of(step)
        desk.show(later)
        page.steps.chosen.emit(step)
        turn(desk)
        assert page.present() == step
        said.append([part.text() for part in page.page_of(step).findChildren(QLabel) if part.isVisible()])
        said[-1] += [part.text() for part in page.page_of(step).findChildren(QLineEdit) if part.isVisible()]
        said[-1] += [part.text() for part in page.page_of(step).findChildren(BigButton) if part.isChecked()]
        desk.close()
    assert said[0] == said[1]
    assert said[0]
