"""The preparation as a nurse uses it: what is sent, what is kept, what is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton

from exomonitor.session import commands as cmd
from exomonitor.session.plan import SourceCell
from tests.ui import made_sessions
from tests.ui.prepare_room import Room, open_room, type_into
from ui.pages.prepare.patient import PatientForm
from ui.pages.prepare.product import ProductForm
from ui.pages.prepare.steps import DEVICES, LINE, ORDER, PATIENT, PRODUCT
from ui.theme import DARK


@pytest.fixture
def room(qtbot) -> Iterator[Room]:
    yield from open_room(qtbot)


def fill_patient(room: Room) -> PatientForm:
    form = room.page.forms[PATIENT]
    assert isinstance(form, PatientForm)
    form.list.search.set_text("0048213")
    form.list.search.confirmed.emit()
    form.identifiers.set_values(("name", "born"))
    form.how.set_value("spoken")
    form.touched()
    return form


def fill_order(room: Room, dose: str = "5.0", volume: str = "100", minutes: str = "45") -> None:
    for entry, text in (
        (room.page.order.dose, dose),
        (room.page.order.volume, volume),
        (room.page.order.minutes, minutes),
    ):
        type_into(entry, text)


def test_a_new_session_begins_with_the_patient(room):
    assert room.page.present() == PATIENT
    assert room.page.next_key.text() == "Next: Bag and lot"
    assert not room.page.start_key.isEnabled()


def test_a_patient_is_recorded_and_the_next_open_step_comes(room):
    fill_patient(room)
    room.page.next_step()
    assert room.sent() == [cmd.IdentifyPatient("4", "u1", identifiers=("name", "born"), patient="p-1", how="spoken")]
    assert room.page.status().startswith("Recorded")
    assert room.page.present() == PRODUCT


def test_one_identifier_is_not_enough(room):
    form = fill_patient(room)
    form.identifiers.set_values(("name",))
    room.page.next_step()
    assert room.bedside.submitted == []
    assert "two identifiers" in form.problem.text()
    assert room.page.present() == PATIENT


def test_a_refused_save_keeps_everything_that_was_typed(room):
    form = fill_patient(room)
    room.bedside.refusal = "The record cannot be written"
    room.page.next_step()
    room.sent()
    assert room.page.status() == "Not recorded: The record cannot be written"
    assert form.identifiers.values() == ("name", "born")
    assert room.page.present() == PATIENT
    room.show(replace(made_sessions.prepared(), last_seq=9))
    assert form.identifiers.values() == ("name", "born")


def test_recorded_is_said_only_after_the_receipt(room):
    fill_patient(room)
    room.bedside.hold = True
    room.page.next_step()
    assert room.page.status() == "Recording ..."
    room.page.next_step()
    assert len(room.bedside.submitted) == 1
    room.bedside.settle()
    room.wait(lambda: room.page.status().startswith("Recorded"))


def test_a_bag_is_recorded_as_it_is_labelled(room):
    room.page.open_step(PRODUCT)
    form = room.page.forms[PRODUCT]
    assert isinstance(form, ProductForm)
    form.cell.set_value("MSC")
    type_into(form.lot, "EXO-A12")
    type_into(form.expiry, "2027-06-30")
    room.page.next_step()
    assert room.sent() == [cmd.EnterProduct("4", "u1", SourceCell.MSC, "EXO-A12", "2027-06-30")]


def test_an_expired_bag_is_warned_of(room):
    form = room.page.forms[PRODUCT]
    assert isinstance(form, ProductForm)
    type_into(form.expiry, "2020-01-31")
    assert "expired" in form.problem.text()


def test_an_order_is_shown_while_it_is_typed_and_then_recorded(room):
    room.page.open_step(ORDER)
    fill_order(room)
    assert ("Full rate", "165.5 mL/h") in room.page.order.view.meaning
    room.page.next_step()
    (order,) = room.sent()
    assert isinstance(order, cmd.EnterOrder)
    assert (order.dose_billion, order.volume_ml, order.minutes) == (Decimal("5.0"), Decimal(100), Decimal(45))
    assert order.first_dose
    assert len(order.ramp) == 2


def test_a_repeat_dose_is_proposed_at_a_constant_rate(room):
    room.page.open_step(ORDER)
    fill_order(room)
    room.page.order.course.set_value("repeat")
    room.page.order.course.chosen.emit("repeat")
    room.page.next_step()
    (order,) = room.sent()
    assert isinstance(order, cmd.EnterOrder)
    assert order.ramp == ()
    assert not order.first_dose


def test_a_slip_by_powers_of_ten_is_not_sent(room):
    room.page.open_step(ORDER)
    fill_order(room, dose="5000000000")
    room.page.next_step()
    assert room.bedside.submitted == []
    assert "type billions" in room.page.order.problem.text()
    assert "type billions" in room.page.order.dose.error()


def test_an_unusual_dose_needs_its_reason(room):
    room.page.open_step(ORDER)
    fill_order(room, dose="0.5")
    room.page.next_step()
    assert room.bedside.submitted == []
    type_into(room.page.order.override, "paediatric dose, confirmed by Dr Lindqvist")
    room.page.next_step()
    (order,) = room.sent()
    assert isinstance(order, cmd.EnterOrder)
    assert order.override_reason.startswith("paediatric")


def test_a_cuff_on_the_arm_of_the_line_is_warned_of(room):
    room.page.open_step(LINE)
    form = room.page.forms[LINE]
    for choice, value in ((form.side, "left"), (form.site, "forearm"), (form.gauge, "22 G"), (form.cuff, "left arm")):
        choice.set_value(value)
    form._warn()
    assert "stops the infusion" in form.warning.text()
    form.touched()
    room.page.next_step()
    sent = cmd.EnterLine("4", "u1", "forearm", "left", "22 G", "left arm", "")
    assert room.sent() == [replace(sent, device="peripheral cannula", dedicated=True, filter="none", inserted_by="u1")]


def test_what_is_recorded_stands_in_the_forms_and_goes_with_another_patient(room):
    room.show(made_sessions.filled())
    form = room.page.forms[PATIENT]
    assert isinstance(form, PatientForm)
    assert form.identifiers.values() == ("name", "born")
    assert room.page.order.dose.text() == "5"
    room.show(replace(made_sessions.prepared(), id="s2"))
    assert form.identifiers.values() == ()
    assert room.page.order.dose.text() == ""
    assert room.page.present() == PATIENT


def test_an_untouched_page_keeps_to_the_first_open_step_and_a_touched_one_stays(room):
    room.show(replace(made_sessions.prepared(), patient=made_sessions.filled().patient))
    assert room.page.present() == PRODUCT
    room.page.steps.key(ORDER).click()
    room.show(made_sessions.filled())
    assert room.page.present() == ORDER


def test_enter_in_a_line_of_text_records_once(room, qtbot):
    form = fill_patient(room)
    form.which.setVisible(True)
    qtbot.keyClick(form.which.line, Qt.Key.Key_Return)
    assert len(room.sent()) == 1
    assert room.page.present() == PRODUCT


def test_a_step_that_is_done_and_unchanged_is_not_recorded_again(room):
    room.show(made_sessions.filled())
    room.page.steps.key(PATIENT).click()
    room.page.next_step()
    assert room.bedside.submitted == []
    assert room.page.present() == DEVICES


def test_every_key_is_large_enough_to_touch(room):
    for step in room.page.forms:
        room.page.open_step(step)
        for key in room.page.findChildren(QAbstractButton):
            if key.isVisibleTo(room.page):
                assert key.height() >= 44, step


def test_a_step_begins_with_the_first_thing_that_is_not_answered(qtbot):
    form = ProductForm(DARK, "4")
    qtbot.addWidget(form)
    assert form.first_field() is form.cell.first()
    form.cell.set_value("MSC")
    assert form.first_field() is form.lot
    form.lot.set_text("L1")
    form.expiry.set_text("2030-01-01")
    assert form.first_field() is form.cell.key("MSC")  # all answered: the first thing on the sheet
