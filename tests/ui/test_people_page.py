"""Settings, People: who may sign in, changed by an administrator alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from exomonitor.registry.registry import Registry
from exomonitor.session.parts.people import AddUser, ChangeUser
from tests.ui import scenes
from tests.ui.clinic import CLINIC
from tests.ui.windows import Desk
from ui.pages.people.page import PeoplePage
from ui.pages.settings import SettingsPage

ADMIN = replace(scenes.empty_chair(), staff="A. Admin", staff_id="u4")


@pytest.fixture
def desk(qtbot):
    made = Desk(qtbot, ADMIN)
    made.window.go("settings")
    settings = made.window.pages["settings"]
    assert isinstance(settings, SettingsPage)
    settings.people_key.click()
    yield made
    made.close()


@pytest.fixture
def page(desk: Desk) -> PeoplePage:
    found = desk.window.pages["people"]
    assert isinstance(found, PeoplePage)
    assert desk.window.stack.currentWidget() is found
    return found


def type_pin(desk, pad, *pins):
    for pin in pins:
        desk.qtbot.keyClicks(pad.line, pin)
        desk.qtbot.keyClick(pad.line, Qt.Key.Key_Return)
    desk.settle()


def test_an_administrator_at_work_adds_a_person(desk, page):
    page.add_key.click()
    assert page.form.name.line.hasFocus()
    page.save()
    assert page.form.status() == "The name is missing"
    desk.qtbot.keyClicks(page.form.name.line, "B. New")
    page.form.roles.key("verifier").click()
    page.save()
    assert page.form.status() == "Type the PIN twice"
    type_pin(desk, page.form.new_pin.pad, "2468", "2468")
    desk.bridge.scanned.emit("badge", "B-17")
    page.save()
    desk.settle()
    roles = ("nurse", "verifier")
    assert desk.sent(AddUser) == [AddUser("4", "u4", "B. New", roles, "sealed-2468", "digest-B-17", "", "")]
    assert "Recorded" in page._said.text()


def test_without_an_administrator_at_work_one_signs(desk, page):
    desk.show(scenes.empty_chair())
    page.tiles.tile("u2").click()
    page.form.roles.key("verifier").click()
    page.save()
    desk.settle()
    assert desk.sent(ChangeUser) == []
    assert page.prove.isVisible()
    assert page.prove.people.value() == "u4", "the only administrator is chosen"
    type_pin(desk, page.prove.pad, "1111")
    desk.settle()
    assert desk.sent(ChangeUser) == [ChangeUser("4", "u1", "u2", ("nurse",), None, None, None, "proof-of-u4")]


def test_a_new_pin_or_badge_leaves_the_roles_alone(desk, page):
    page.tiles.tile("u1").click()
    page.form.pin_key.click()
    type_pin(desk, page.form.new_pin.pad, "1357", "1357")
    desk.bridge.scanned.emit("unknown", "B-18")
    page.save()
    desk.settle()
    assert desk.sent(ChangeUser) == [ChangeUser("4", "u4", "u1", None, "sealed-1357", "digest-B-18", None, "")]


def test_a_badge_is_taken_away(desk, page):
    users = dict(CLINIC.users)
    users["u1"] = replace(users["u1"], badge_digest="digest-B-17")
    desk.show(replace(ADMIN, registry=Registry(users=users)))
    page.tiles.tile("u1").click()
    page.form.no_badge_key.click()
    assert not page.form.no_badge_key.isVisible()
    page.save()
    desk.settle()
    assert desk.sent(ChangeUser)[0].badge_digest == ""


def test_somebody_is_retired_and_comes_back(desk, page):
    page.tiles.tile("u2").click()
    page.form.retire_key.click()
    desk.settle()
    assert desk.sent(ChangeUser)[0].retired is True
    users = dict(CLINIC.users)
    users["u2"] = replace(users["u2"], retired=True)
    desk.show(replace(ADMIN, registry=Registry(users=users)))
    assert page.tiles.tile("u2").accessibleDescription() == "retired"
    page.tiles.tile("u2").click()
    assert page.form.retire_key.text() == "May sign in again"
    page.form.retire_key.click()
    desk.settle()
    assert desk.sent(ChangeUser)[1].retired is False


def test_a_refusal_keeps_what_was_entered(desk, page):
    page.add_key.click()
    desk.qtbot.keyClicks(page.form.name.line, "B. New")
    type_pin(desk, page.form.new_pin.pad, "2468", "2468")
    desk.bedside.refusal = "B. New is in the list already: add something that tells the two apart"
    page.save()
    desk.settle()
    assert page.form.status().startswith("Not recorded: B. New is in the list")
    assert page.form.name.text() == "B. New"


def test_a_person_without_a_role_is_not_saved(desk, page):
    page.tiles.tile("u1").click()
    page.form.roles.key("nurse").click()
    page.save()
    assert page.form.status() == "Choose a role"
    assert desk.sent(ChangeUser) == []


def test_esc_goes_back_one_step_at_a_time(desk, page):
    desk.show(scenes.empty_chair())
    page.tiles.tile("u2").click()
    page.form.retire_key.click()
    assert page.prove.isVisible()
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_Escape)
    assert page.form.isVisible()
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_Escape)
    assert not page.form.isVisible()
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_Escape)
    assert desk.window.stack.currentWidget() is not page
