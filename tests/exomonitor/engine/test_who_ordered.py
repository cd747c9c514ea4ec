"""Who ordered: a prescriber of the clinic's list, never a typed name, and how the order came."""

from __future__ import annotations

from decimal import Decimal

import pytest

from exomonitor.engine.ordering import NOT_IN_LIST
from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session.narrative import sentence
from exomonitor.session.parts.people import AddUser, ChangeUser
from tests.exomonitor.engine.bedside_bench import ADMIN, CHAIR, NURSE, PRESCRIBER, VERIFIER, Bench


@pytest.fixture
def opened(bench: Bench) -> Bench:
    bench.work_as(NURSE)
    bench.do(cmd.OpenSession(CHAIR, bench.by))
    return bench


def order(bench: Bench, **more: object) -> cmd.EnterOrder:
    given: dict[str, object] = {"dose_billion": Decimal(5), "volume_ml": Decimal(100), "minutes": Decimal(45), **more}
    return cmd.EnterOrder(CHAIR, bench.by, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("way", "told"),
    [("written", "written order, transcribed"), ("telephone", "telephone order, read back")],
)
def test_a_nurse_takes_it_down_and_the_record_says_how_it_came(opened: Bench, way: str, told: str):
    opened.do(order(opened, prescriber_id=PRESCRIBER, way=way))
    actor, event = next((e.actor, e.event) for e in reversed(opened.journal()) if isinstance(e.event, ev.OrderEntered))
    assert (actor, event.prescriber_id, event.way) == (NURSE, PRESCRIBER, way)
    assert f"by Dr Example ({told})" in sentence(event)


def test_the_prescribers_own_order_carries_his_proof(opened: Bench):
    own = {"prescriber_id": PRESCRIBER, "way": "signed"}
    assert opened.refused(order(opened, **own)).startswith("Dr Example signs this order here")
    by_another = order(opened, **own, prescriber_proof=opened.proof(VERIFIER))
    assert "role of prescriber" in opened.refused(by_another)
    opened.do(order(opened, **own, prescriber_proof=opened.proof(PRESCRIBER)))
    assert opened.state.order is not None
    assert opened.state.order.way == "signed"


def test_another_prescribers_signature_is_not_his(opened: Bench):
    other = opened.do(AddUser(CHAIR, ADMIN, "Dr Other", ("prescriber",), "h", proof=opened.proof(ADMIN))).answer
    signed = order(opened, prescriber_id=PRESCRIBER, way="signed", prescriber_proof=opened.proof(other))
    assert opened.refused(signed) == "Somebody else signed: the order is from Dr Example"


def test_a_prescriber_at_work_signs_what_is_his_own_and_takes_down_a_colleagues(opened: Bench):
    other = opened.do(AddUser(CHAIR, ADMIN, "Dr Other", ("prescriber",), "h", proof=opened.proof(ADMIN))).answer
    opened.work_as(PRESCRIBER)
    assert "signs it" in opened.refused(order(opened, prescriber_id=PRESCRIBER, way="written"))
    opened.do(order(opened, prescriber_id=PRESCRIBER, way="signed", prescriber_proof=opened.proof(PRESCRIBER)))
    opened.do(order(opened, prescriber_id=other, way="telephone"))


@pytest.mark.parametrize("named", ["Dr Example", "Dr Elsewhere, 4411", NURSE, ADMIN])
def test_a_typed_name_and_who_is_no_prescriber_are_refused(opened: Bench, named: str):
    assert opened.refused(order(opened, prescriber_id=named, way="written")) == NOT_IN_LIST


def test_a_retired_prescriber_orders_nothing_more(opened: Bench):
    opened.do(ChangeUser(CHAIR, ADMIN, PRESCRIBER, retired=True, proof=opened.proof(ADMIN)))
    assert opened.refused(order(opened, prescriber_id=PRESCRIBER, way="written")) == NOT_IN_LIST


@pytest.mark.parametrize("way", ["", "by pigeon"])
def test_how_the_order_came_is_asked(opened: Bench, way: str):
    assert opened.refused(order(opened, prescriber_id=PRESCRIBER, way=way)).startswith("Say how the order came")


def test_an_administrator_alone_enters_no_order(opened: Bench):
    opened.work_as(ADMIN)
    assert opened.refused(order(opened)) == "That takes the role of nurse or prescriber"
    helped = order(
        opened,
        minutes=Decimal(20),
        override_reason="ordered so",
        override_proof=opened.proof(VERIFIER),
        prescriber_id=PRESCRIBER,
        way="written",
    )
    assert opened.refused(helped).startswith("A nurse takes down")


def test_the_phone_stands_beside_the_name(opened: Bench):
    opened.do(ChangeUser(CHAIR, ADMIN, PRESCRIBER, phone=" 44  11 ", proof=opened.proof(ADMIN)))
    opened.do(order(opened, prescriber_id=PRESCRIBER, way="telephone"))
    assert opened.state.order is not None
    assert opened.state.order.prescriber == "Dr Example, 44 11"
    assert opened.snapshot.registry.users[PRESCRIBER].phone == "44 11"
    opened.do(ChangeUser(CHAIR, ADMIN, PRESCRIBER, roles=("prescriber", "verifier"), proof=opened.proof(ADMIN)))
    assert opened.snapshot.registry.users[PRESCRIBER].phone == "44 11", "untouched"
    opened.do(ChangeUser(CHAIR, ADMIN, PRESCRIBER, phone="", proof=opened.proof(ADMIN)))
    assert opened.snapshot.registry.users[PRESCRIBER].phone == ""
    too_long = ChangeUser(CHAIR, ADMIN, PRESCRIBER, phone="1" * 41, proof=opened.proof(ADMIN))
    assert "at most 40" in opened.refused(too_long)


def test_a_journal_from_before_ids_reads_on(bench: Bench):
    old = ev.OrderEntered(Decimal(5), Decimal(100), Decimal(45), prescriber="Dr Typed, 4411")
    assert (old.prescriber_id, old.way) == ("", "")
    assert sentence(old).endswith("over 45 min")
