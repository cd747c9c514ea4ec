"""Several pumps behind one link, in the preparation: which one is the product's, and what is recorded of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exomonitor.engine.snapshot import LivePump
from exomonitor.session import commands as cmd
from exomonitor.session.plan import BoundDevice
from exomonitor.session.state import SessionState
from exomonitor.signals.pump import PumpReading, PumpStatus
from tests.ui import made_sessions, scenes
from tests.ui.test_pump_on_a_shared_line import Room, room

__all__ = ["room"]


def pump_at(channel: str, status: PumpStatus = PumpStatus.STOPPED) -> LivePump:
    """A pump of a tower that has told its number."""
    number = f"1001{channel[-1]}"
    reading = PumpReading("pump", channel, status, "", scenes.NOW, serial=number, model=f"Perfusor {channel}")
    return LivePump(reading, 0.4, stale=False, lost=False)


THIRD, SECOND, GONE = pump_at("1/3"), pump_at("1/2"), pump_at("1/3", PumpStatus.REMOVED)


ON_RECORD = replace(
    made_sessions.prepared(),
    devices={"pump": BoundDevice("pump", "new-era@3", "pump", "1/3", "Perfusor 1/3", "10013", "laboratory")},
)
"""The third pump of the tower was recorded as the product's."""
SAY_WHICH = "Still to do: choose the product's pump"


def tell(room: Room, session: SessionState | None, product: LivePump | None, *others: LivePump) -> None:
    """A picture with these pumps behind the link; in the monitor's role values are typed."""
    room.form.show_snapshot(replace(scenes.normal(), session=session, pump=product, other_pumps=others, links=()))
    room.form.panel("monitor").put("typed")


def pinned_now(room: Room) -> cmd.PinDevice:
    """What the step would record."""
    pinned = next(iter(room.form.commands() or ()))
    assert isinstance(pinned, cmd.PinDevice)
    return pinned


def pinned_pump(room: Room, product: LivePump | None, others: tuple[LivePump, ...], chosen: str = "") -> cmd.PinDevice:
    """What the step would record with these pumps behind the link, of which none is on record."""
    tell(room, None, product, *others)
    if chosen:
        room.form.channel.key(chosen).click()
    return pinned_now(room)


@pytest.mark.parametrize(("product", "others"), [(GONE, ()), (None, (GONE,))])
def test_a_pump_that_was_taken_out_is_neither_offered_nor_recorded(room, product, others):
    pinned = pinned_pump(room, product, others)
    assert room.form.channel.isHidden()
    assert (pinned.channel, pinned.model, pinned.serial) == ("", "", "")


@pytest.mark.parametrize(("product", "others"), [(SECOND, (GONE,)), (None, (SECOND, GONE))])
def test_the_only_pump_that_is_there_is_recorded_unasked_where_none_is_on_record(room, product, others):
    pinned = pinned_pump(room, product, others)
    assert room.form.channel.isHidden()
    assert (pinned.channel, pinned.model, pinned.serial) == ("1/2", "Perfusor 1/2", "10012")


@pytest.mark.parametrize(("product", "others"), [(None, (SECOND, THIRD)), (SECOND, (THIRD,)), (THIRD, (SECOND,))])
def test_of_two_pumps_the_one_that_was_chosen_is_recorded_with_its_own_number(room, product, others):
    pinned = pinned_pump(room, product, others, "1/3")
    assert not room.form.channel.isHidden()
    assert (pinned.channel, pinned.model, pinned.serial) == ("1/3", "Perfusor 1/3", "10013")


def test_of_two_pumps_of_which_nobody_chose_one_none_is_recorded_but_the_one_on_record(room):
    pinned = pinned_pump(room, None, (SECOND, THIRD))
    assert (pinned.channel, pinned.serial) == ("", "")
    pinned = pinned_pump(room, SECOND, (THIRD,))
    assert (pinned.channel, pinned.serial) == ("1/2", "10012")


def test_the_pump_on_record_is_shown_as_chosen_and_another_patients_is_not(room):
    recorded = BoundDevice("pump", "new-era@3", "pump", "1/3", "", "", "laboratory")
    state = replace(made_sessions.prepared(), devices={"pump": recorded})
    room.form.show_snapshot(replace(scenes.normal(), session=state, pump=THIRD, other_pumps=(SECOND,)))
    assert room.form.channel.value() == "1/3"
    another = replace(state, id="another", devices={})
    room.form.show_snapshot(replace(scenes.normal(), session=another, pump=None, other_pumps=(THIRD, SECOND)))
    assert room.form.channel.value() == ""


def test_while_the_pump_on_record_is_out_its_neighbour_is_not_recorded_unasked(room):
    tell(room, ON_RECORD, GONE, SECOND)
    assert not room.form.channel.isHidden()
    assert room.form.channel.value() == ""
    assert room.form._channel_title.text().startswith("The product's pump 1/3 is not on this link")
    said: list[str] = []
    room.form.status_wanted.connect(lambda words, _: said.append(words))
    assert room.form.commands() is None
    assert (room.form.problem.text(), said) == (SAY_WHICH, [SAY_WHICH])
    room.form.resize(700, 900)
    room.form.show()
    below = [panel.geometry().top() for panel in room.form._panels.values()]
    assert room.form.channel.geometry().bottom() < min(below), "in sight also where the sheet is longer than the page"
    room.form.channel.key("1/2").click()
    assert (pinned_now(room).channel, pinned_now(room).serial) == ("1/2", "10012")
    assert room.form.problem.text() == ""


def test_the_pump_on_record_that_is_there_again_is_recorded_as_before(room):
    tell(room, ON_RECORD, GONE, SECOND)
    tell(room, ON_RECORD, THIRD, SECOND)
    assert (room.form.channel.value(), pinned_now(room).serial) == ("1/3", "10013")
    assert room.form._channel_title.text() == "The product runs through channel"


@pytest.mark.parametrize("product", [GONE, None], ids=("out", "nothing told yet"))
def test_while_the_link_tells_of_no_pump_the_one_on_record_stays_the_products(room, product):
    tell(room, ON_RECORD, product)
    assert room.form.channel.isHidden()
    pinned = pinned_now(room)
    assert (pinned.channel, pinned.model, pinned.serial) == ("1/3", "Perfusor 1/3", "10013")


def test_what_was_chosen_by_hand_outlives_a_moment_in_which_it_is_out(room):
    tell(room, ON_RECORD, THIRD, SECOND)
    room.form.channel.key("1/2").click()
    tell(room, ON_RECORD, THIRD, pump_at("1/2", PumpStatus.REMOVED))
    assert not room.form.channel.isHidden()
    assert room.form.commands() is None
    assert room.form.problem.text() == SAY_WHICH
    tell(room, ON_RECORD, THIRD, SECOND)
    assert (room.form.channel.value(), pinned_now(room).channel) == ("1/2", "1/2")


def test_one_chosen_by_hand_is_missed_also_while_no_pump_at_all_is_there(room):
    tell(room, ON_RECORD, GONE, SECOND)
    room.form.channel.key("1/2").click()
    tell(room, ON_RECORD, GONE, pump_at("1/2", PumpStatus.REMOVED))
    assert room.form.commands() is None, "neither nothing nor the one that is no more chosen"
    assert room.form.problem.text() == SAY_WHICH
    assert not room.form._channel_title.isHidden()
    assert room.form._channel_title.text() == "The product's pump 1/2 is not on this link, and no other pump is"
    tell(room, ON_RECORD, GONE, SECOND)
    assert (room.form.channel.value(), pinned_now(room).serial) == ("1/2", "10012")


def test_of_one_chosen_by_hand_of_which_the_link_tells_nothing_only_that_is_said_and_there_is_a_way_back(room):
    tell(room, ON_RECORD, GONE, SECOND)
    room.form.channel.key("1/2").click()
    tell(room, ON_RECORD, None)
    assert room.form.commands() is None
    assert (
        room.form._channel_title.text()
        == "Nothing is heard of the product's pump 1/2, and no other pump is on this link"
    )
    assert not room.form.channel.isHidden()
    room.form.channel.key("1/3").click()
    tell(room, ON_RECORD, None)
    assert room.form.channel.isHidden()
    assert (pinned_now(room).channel, pinned_now(room).serial) == ("1/3", "10013")


def test_where_none_is_on_record_the_way_back_is_that_none_is_chosen(room):
    tell(room, None, None, SECOND, THIRD)
    room.form.channel.key("1/2").click()
    tell(room, None, None)
    assert room.form.commands() is None
    room.form.channel.key("").click()
    tell(room, None, None)
    assert room.form.channel.isHidden()
    assert pinned_now(room).channel == ""
    tell(room, None, None, SECOND, THIRD)
    assert room.form.channel.value() == ""


def test_one_that_was_chosen_again_is_the_one_on_record_and_nothing_else(room):
    tell(room, ON_RECORD, THIRD, SECOND)
    room.form.channel.key("1/3").click()
    tell(room, ON_RECORD, None)
    assert pinned_now(room).channel == "1/3"
    room.form.on_recorded()
    tell(room, ON_RECORD, None)
    assert (room.form.channel.isHidden(), pinned_now(room).serial) == (True, "10013")
    room.panel.edited.emit()  # somebody has begun to change something else
    second = replace(ON_RECORD.devices["pump"], channel="1/2", serial="10012")
    tell(room, replace(ON_RECORD, devices={"pump": second}), SECOND, THIRD)
    assert room.form.channel.value() == "1/2"


def test_what_was_chosen_and_recorded_stays_chosen_until_the_picture_has_it(room):
    tell(room, ON_RECORD, THIRD, SECOND)
    room.form.channel.key("1/2").click()
    room.form.on_recorded()
    tell(room, ON_RECORD, THIRD, SECOND)
    assert (room.form.channel.value(), pinned_now(room).channel) == ("1/2", "1/2")


def test_what_is_recorded_elsewhere_replaces_what_this_step_had_recorded(room):
    tell(room, ON_RECORD, THIRD, SECOND)
    room.form.channel.key("1/2").click()
    room.form.on_recorded()
    second = replace(ON_RECORD.devices["pump"], channel="1/2", serial="10012")
    tell(room, replace(ON_RECORD, devices={"pump": second}), SECOND, THIRD)
    assert room.form.channel.value() == "1/2"
    tell(room, ON_RECORD, THIRD, SECOND)  # on the page of the devices it was set right
    assert (room.form.channel.value(), pinned_now(room).channel) == ("1/3", "1/3")


def test_of_another_device_that_is_to_be_read_no_pump_of_the_old_link_is_asked_for(room):
    tell(room, ON_RECORD, GONE, SECOND)
    room.panel.put("new-era", "/dev/ttyUSB1")
    room.panel.edited.emit()
    assert room.form.channel.isHidden()
    assert pinned_now(room).channel == ""
    room.panel.put("typed")
    assert pinned_now(room).key == ""


def test_a_device_that_is_only_now_bound_gets_no_number_of_the_one_before_it(room):
    room.form.show_snapshot(replace(scenes.normal(), session=None, pump=SECOND, other_pumps=()))
    room.form.panel("monitor").put("typed")
    room.panel.put("new-era", "/dev/ttyUSB1")
    pinned = next(iter(room.form.commands() or ()))
    assert isinstance(pinned, cmd.PinDevice)
    assert (pinned.channel, pinned.model, pinned.serial) == ("", "", "")
