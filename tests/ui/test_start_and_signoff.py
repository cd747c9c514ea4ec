"""The first and the last page of a session."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from exomonitor.registry.registry import Registry
from exomonitor.session import commands as cmd
from exomonitor.session.parts.handover import Handover, Review, ReviewSession, SignIn, SignOut
from exomonitor.session.parts.people import AddUser, ChangeOwnPin
from exomonitor.session.phases import Phase
from exomonitor.session.state import Signature
from tests.ui import scenes
from tests.ui.clinic import CLINIC
from tests.ui.windows import Desk

NOBODY = replace(scenes.empty_chair(), staff="", staff_id="")


@pytest.fixture
def desk(qtbot):
    made = Desk(qtbot, NOBODY)
    yield made
    made.close()


def type_pin(desk, pad, pin):
    desk.qtbot.keyClicks(pad.line, pin)
    desk.qtbot.keyClick(pad.line, Qt.Key.Key_Return)
    desk.settle()


# --- sign-in


def test_who_is_at_work_is_asked_first_and_then_the_next_enter_prepares(desk):
    page = desk.window.start_page
    assert not page.prepare_key.isEnabled()
    people = page.staff.prove.people
    assert people.tile("u4").hasFocus(), "the first one by name"
    desk.qtbot.mouseClick(people.tile("u1"), Qt.MouseButton.LeftButton)
    assert page.staff.prove.pad.line.hasFocus()
    type_pin(desk, page.staff.prove.pad, "1111")
    assert desk.bedside.proved == [("u1", "1111")]
    assert desk.sent(SignIn) == [SignIn("4", "", "proof-of-u1")]
    desk.show(scenes.empty_chair())
    assert page.prepare_key.isEnabled()
    assert page.prepare_key.hasFocus()
    desk.qtbot.keyClick(page.prepare_key, Qt.Key.Key_Return)
    assert len(desk.sent(cmd.OpenSession)) == 1


def test_a_wrong_pin_says_so_and_is_forgotten(desk):
    prove = desk.window.start_page.staff.prove
    prove.people.tile("u1").click()
    type_pin(desk, prove.pad, "2222")
    assert prove.status() == "PIN or badge not recognised"
    assert prove.pad.line.text() == ""
    assert desk.sent(SignIn) == []
    type_pin(desk, prove.pad, "1111")
    assert len(desk.sent(SignIn)) == 1


def test_the_pad_takes_digits_alone_and_no_enter_before_four(desk):
    pad = desk.window.start_page.staff.prove.pad
    desk.window.start_page.staff.prove.people.tile("u1").click()
    for sign in ("1", "2", "⌫", "1", "1"):
        pad.press(sign)
    desk.qtbot.keyClicks(pad.line, "a-")
    assert pad.line.text() == "111"
    assert not pad.ok_key.isEnabled()
    desk.qtbot.keyClick(pad.line, Qt.Key.Key_Return)
    assert desk.bedside.proved == []
    pad.press("1")
    desk.qtbot.mouseClick(pad.ok_key, Qt.MouseButton.LeftButton)
    desk.settle()
    assert desk.bedside.proved == [("u1", "1111")]


def test_a_pin_without_a_name_asks_for_the_name(desk):
    prove = desk.window.start_page.staff.prove
    type_pin(desk, prove.pad, "1111")
    assert prove.status() == "Choose the name or scan the badge first"
    assert desk.bedside.proved == []


def test_a_badge_names_its_owner_and_the_pin_is_still_asked_for(desk):
    users = dict(CLINIC.users)
    users["u2"] = replace(users["u2"], badge_digest="digest-B-17")
    desk.show(replace(NOBODY, registry=Registry(users=users)))
    prove = desk.window.start_page.staff.prove
    desk.bridge.scanned.emit("badge", "B-99")
    assert prove.status() == "This badge is not known here: choose the name"
    desk.bridge.scanned.emit("badge", "B-17")
    assert prove.people.value() == "u2"
    assert prove.status() == "V. Santos: PIN"
    assert desk.sent(SignIn) == []
    type_pin(desk, prove.pad, "1111")
    assert desk.bedside.proved == [("B-17", "1111")]


def test_signing_out_and_another_pin(desk):
    desk.show(scenes.empty_chair())
    panel = desk.window.start_page.staff
    panel.out_key.click()
    desk.settle()
    assert desk.sent(SignOut) == [SignOut("4", "u1")]
    panel.pin_key.click()
    panel.prove.people.tile("u1").click()
    type_pin(desk, panel.prove.pad, "1111")
    type_pin(desk, panel.new_pin.pad, "2468")
    assert "same PIN again" in panel.new_pin.asks()
    type_pin(desk, panel.new_pin.pad, "2469")
    assert "not the same" in panel.new_pin.asks()
    type_pin(desk, panel.new_pin.pad, "2468")
    type_pin(desk, panel.new_pin.pad, "2468")
    desk.settle()
    assert desk.sent(ChangeOwnPin) == [ChangeOwnPin("4", "u1", "sealed-2468", "proof-of-u1")]
    assert "The new PIN holds" in panel.prove.status()


def test_in_the_demo_the_tiles_say_the_pin(desk):
    from exomonitor.registry.demo_people import DEMO_PEOPLE
    from exomonitor.registry.users import User

    users = {str(n): User(str(n), one.name, one.roles) for n, one in enumerate(DEMO_PEOPLE)}
    desk.show(replace(NOBODY, registry=Registry(users=users)))
    assert desk.window.start_page.staff.prove.people.tile("1").accessibleDescription() == "nurse · PIN 1111"
    desk.show(replace(NOBODY, registry=Registry(users=users), simulated=False))
    assert desk.window.start_page.staff.prove.people.tile("1").accessibleDescription() == "nurse"


def test_the_first_start_makes_the_administrator(desk):
    desk.show(replace(NOBODY, registry=Registry()))
    desk.window.start_page.staff.begin()
    panel = desk.window.start_page.staff
    assert panel.first_run.isVisible()
    type_pin(desk, panel.first_run.pin.pad, "2468")
    type_pin(desk, panel.first_run.pin.pad, "2468")
    assert panel.first_run.status() == "The name is missing"
    desk.qtbot.keyClicks(panel.first_run.name.line, "A. First")
    type_pin(desk, panel.first_run.pin.pad, "2468")
    type_pin(desk, panel.first_run.pin.pad, "2468")
    desk.settle()
    assert desk.sent(AddUser) == [AddUser("4", "", "A. First", ("administrator",), "sealed-2468")]
    desk.show(NOBODY)
    assert panel.prove.isVisible()


def test_many_people_are_on_several_pages(desk):
    from exomonitor.registry.users import User

    users = {f"n{n:02d}": User(f"n{n:02d}", f"N{n:02d} Example-Featherstone", ("nurse",)) for n in range(23)}
    desk.show(replace(NOBODY, registry=Registry(users=users)))
    people = desk.window.start_page.staff.prove.people
    assert people.more_key.isVisible()
    people.more_key.click()
    people.tile("n10")
    people.set_value("n22")
    assert people.tile("n22").isChecked()
    people.more_key.click()
    people.tile("n00")


# --- the page


def test_one_key_opens_a_session(desk):
    desk.show(scenes.empty_chair())
    desk.window.start_page.prepare_key.setFocus()
    desk.qtbot.keyClick(desk.window.start_page.prepare_key, Qt.Key.Key_Return)
    desk.settle()
    assert desk.sent(cmd.OpenSession) == [cmd.OpenSession("4", "u1")]


def test_a_refused_opening_says_why_and_can_be_tried_again(desk):
    desk.show(scenes.empty_chair())
    desk.bedside.refusal = "Another session is open"
    page = desk.window.start_page
    page.prepare()
    desk.settle()
    assert page._status.text() == "Not recorded: Another session is open"
    desk.show(scenes.empty_chair())
    assert page.prepare_key.isEnabled()


def test_the_statement_and_the_protocol_stand_on_the_start_page(desk):
    texts = " ".join(label.text() for label in desk.window.start_page.findChildren(QLabel))
    assert desk.bedside.protocol.fda.full_text() in texts
    assert desk.bedside.protocol.approval in texts


# --- sign-off


def signed_session(**more):
    signature = Signature("R. Okafor", "done", scenes.NOW, "0", "Complete", "u1", "nurse")
    return replace(scenes.running(), phase=Phase.SIGNED, signature=signature, **more)


def test_a_signature_takes_the_pin_of_whoever_is_at_work(desk):
    desk.show(scenes.observing())
    desk.window.show_over("signoff")
    page = desk.window.sign_off_page
    assert page.prove.people.value() == "u1"
    assert page.prove.pad.line.hasFocus()
    type_pin(desk, page.prove.pad, "1111")
    assert desk.sent(cmd.SignOff) == [cmd.SignOff("4", "u1", "proof-of-u1", "performed and reviewed")]


def test_a_refused_signature_says_why(desk):
    desk.show(scenes.observing())
    desk.window.show_over("signoff")
    desk.bedside.refusal = "A reaction is still open"
    type_pin(desk, desk.window.sign_off_page.prove.pad, "1111")
    prove = desk.window.sign_off_page.prove
    desk.qtbot.waitUntil(lambda: prove.status() == "Not recorded: A reaction is still open")


def test_nobody_but_nurses_and_prescribers_is_offered_to_sign(desk):
    desk.show(scenes.observing())
    desk.window.show_over("signoff")
    with pytest.raises(KeyError):
        desk.window.sign_off_page.prove.people.tile("u4")


def test_after_the_signature_the_keyboard_is_on_the_next_session(desk):
    desk.show(scenes.observing())
    desk.window.show_over("signoff")
    desk.show(replace(scenes.observing(), session=signed_session()))
    assert desk.window.sign_off_page.next_key.hasFocus()


def test_an_open_reaction_is_in_the_way(desk):
    desk.show(scenes.reacting())
    desk.window.show_over("signoff")
    page = desk.window.sign_off_page
    assert not page.prove.isVisible()
    assert page.back_key.isVisible()
    assert "reaction is still open" in page.sheet.obstacles.text()


def test_an_override_asks_for_a_prescribers_review_after_the_signature(desk):
    session = signed_session(overrides=("baseline",))
    desk.show(replace(scenes.observing(), session=session))
    page = desk.window.sign_off_page
    assert "A prescriber reviews this session, now or later: started without baseline" in page.sheet.obstacles.text()
    assert page.review.isVisible()
    assert page.review.people.value() == "u3", "the only prescriber is chosen"
    type_pin(desk, page.review.pad, "1111")
    assert desk.sent(ReviewSession) == [ReviewSession("4", "u1", "proof-of-u3", "s1")]
    reviewed = Handover(reviews=(Review(scenes.NOW, "u3", "Dr Lindqvist", "", whole=True),))
    desk.show(replace(scenes.observing(), session=replace(session, handover=reviewed)))
    assert "Reviewed by Dr Lindqvist" in page.sheet.obstacles.text()
    assert not page.review.isVisible()
