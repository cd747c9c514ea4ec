"""Who ordered, on screen: a tile, how the order came, and the prescriber's own signature; nobody types a name."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

import pytest

from exomonitor.registry.registry import Registry
from exomonitor.registry.users import User
from exomonitor.session import commands as cmd
from tests.ui.clinic import PEOPLE
from tests.ui.prepare_sheet import Sheet, page_of, picture, type_into, unchecked
from ui.pages.prepare.order import OrderForm
from ui.presenters.orderer import CHOOSE, NOBODY, Orderer, may_come, orderer_words

HEAVY_LOAD = Decimal("2.0")


@pytest.fixture
def desk(qtbot):
    made = Sheet(qtbot)
    yield made
    made.bridge.close()


def form_of(desk: Sheet) -> OrderForm:
    return page_of(desk, "order").order


def send(desk: Sheet) -> cmd.EnterOrder:
    desk.page.next_step()
    desk.qtbot.waitUntil(lambda: bool(desk.sent(cmd.EnterOrder)))
    return desk.sent(cmd.EnterOrder)[-1]


def with_people(*people: User):
    registry = Registry(users=MappingProxyType({one.id: one for one in people}))
    return replace(picture(unchecked()), registry=registry)


def publish(desk: Sheet, snapshot) -> None:
    desk.bedside.publish(snapshot)
    desk.show(snapshot)


def test_one_prescriber_is_chosen_and_one_touch_says_how_the_order_came(desk: Sheet):
    form = form_of(desk)
    form.prescriber_key.click()
    assert form.orderer.people.value() == "u3"
    form.orderer.ways["telephone"].click()
    assert (form.prescriber_key.text(), form.prescriber_key.accessibleDescription()) == (
        "Dr Lindqvist",
        "telephone order, read back",
    )
    sent = send(desk)
    assert (sent.prescriber_id, sent.way, sent.prescriber_proof) == ("u3", "telephone", "")


def test_of_several_none_is_chosen_beforehand(desk: Sheet):
    publish(desk, with_people(*PEOPLE, User("u9", "Dr Other", ("prescriber",))))
    form = form_of(desk)
    form.prescriber_key.click()
    assert form.orderer.people.value() == ""
    assert not any(key.isEnabled() for key in form.orderer.ways.values())
    form.orderer.people.tile("u9").click()
    form.orderer.ways["written"].click()
    assert send(desk).prescriber_id == "u9"


def test_the_prescriber_signs_here_and_whoever_signed_it_is_his_order(desk: Sheet):
    publish(desk, with_people(*PEOPLE, User("u9", "Dr Other", ("prescriber",))))
    form = form_of(desk)
    form.prescriber_key.click()
    form.orderer.people.tile("u3").click()
    form.orderer.ways["signed"].click()
    assert form.orderer.prove.people.value() == "u3"
    form.orderer.prove.proven.emit("token-1", "Dr Other")
    sent = send(desk)
    assert (sent.prescriber_id, sent.way, sent.prescriber_proof) == ("u9", "signed", "token-1")
    assert sent.override_proof == "", "nothing was unusual"


def test_a_signed_order_that_changes_is_signed_again(desk: Sheet):
    state = unchecked()
    assert state.order is not None
    signed = replace(state, order=replace(state.order, prescriber_id="u3", way="signed"))
    publish(desk, picture(signed))
    form = form_of(desk)
    type_into(form.minutes, "50")
    desk.page.next_step()
    assert "signs again" in form.problem.text()
    assert not desk.sent(cmd.EnterOrder)


def test_back_leaves_everything_as_it_was(desk: Sheet):
    form = form_of(desk)
    form.prescriber_key.click()
    form.orderer.back_key.click()
    assert not form.orderer.value.complete
    assert form._stack.currentWidget() is form._sheet


def test_where_no_prescriber_is_registered_it_says_who_adds_one(desk: Sheet):
    publish(desk, with_people(*(one for one in PEOPLE if "prescriber" not in one.roles)))
    form = form_of(desk)
    form.prescriber_key.click()
    assert form.orderer._status.text() == NOBODY


def test_an_order_from_before_ids_shows_its_name_and_asks_how_it_came(desk: Sheet):
    form = form_of(desk)
    assert form.prescriber_key.text() == "Dr Lindqvist · 4411"
    assert form.prescriber_key.accessibleDescription() == "how did the order come?"


def loaded():
    """A bag of 2 EU/mL for 40 kg: above the limit."""
    state = unchecked()
    assert state.patient is not None
    assert state.product is not None
    patient = replace(state.patient, weight_kg=Decimal(40))
    return replace(state, patient=patient, product=replace(state.product, endotoxin_eu_ml=HEAVY_LOAD))


def test_a_load_above_the_limit_asks_the_prescriber(desk: Sheet):
    publish(desk, picture(loaded()))
    form = form_of(desk)
    assert "ABOVE the limit of 5: the prescriber signs" in form.problem.text()
    assert form.second_key.text() == "Prescriber signs"
    form.second_key.click()
    assert form.prove.roles == ("prescriber",)
    form.prove.proven.emit("token-2", "Dr Lindqvist")
    assert form.second_key.text() == "Prescriber has signed"
    type_into(form.override, "no other lot is left")
    sent = send(desk)
    assert (sent.override_proof, sent.override_reason) == ("token-2", "no other lot is left")


def test_who_signs_the_order_signs_for_its_load_too(desk: Sheet):
    publish(desk, picture(loaded()))
    form = form_of(desk)
    form.prescriber_key.click()
    form.orderer.ways["signed"].click()
    form.orderer.prove.proven.emit("token-3", "Dr Lindqvist")
    type_into(form.override, "no other lot is left")
    sent = send(desk)
    assert (sent.prescriber_proof, sent.override_proof) == ("token-3", "token-3")


@pytest.mark.parametrize(("eu_ml", "kg", "said"), [(None, 40, "not recorded"), ("2.0", None, "weight not recorded")])
def test_what_is_missing_for_the_load_is_said(desk: Sheet, eu_ml, kg, said):
    state = unchecked()
    assert state.patient is not None
    assert state.product is not None
    patient = replace(state.patient, weight_kg=None if kg is None else Decimal(kg))
    product = replace(state.product, endotoxin_eu_ml=None if eu_ml is None else Decimal(eu_ml))
    publish(desk, picture(replace(state, patient=patient, product=product)))
    assert dict(form_of(desk).view.meaning)["Endotoxin"] == said


def test_the_words_of_the_key():
    users = {one.id: one for one in PEOPLE}
    assert orderer_words(Orderer(), users) == (CHOOSE, "")
    assert orderer_words(Orderer("u3"), users) == ("Dr Lindqvist", "how did the order come?")
    assert orderer_words(Orderer("u3", "written"), users)[1] == "written order, transcribed"


def test_an_order_of_ones_own_is_signed():
    assert [may_come(way, "u3", "u3") for way in ("written", "telephone", "signed")] == [False, False, True]
    assert all(may_come(way, "u3", "u1") for way in ("written", "telephone", "signed"))
    assert not may_come("written", "", "u1")


def test_the_sheet_stands_in_the_smallest_window(desk: Sheet):
    people = tuple(User(f"x{n}", f"Dr DEMO-EXAMPLE-{n}", ("prescriber",)) for n in range(9))
    publish(desk, with_people(*PEOPLE, *people))
    form = form_of(desk)
    form.prescriber_key.click()
    assert form.orderer.people.more_key.isVisible()
    bar = desk.page._pages["order"].verticalScrollBar()  # type: ignore[attr-defined]
    assert bar.maximum() == 0
