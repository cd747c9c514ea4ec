"""A gate that is accepted open takes whom the clinic's table names; nobody there is said, printed and reviewed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError

from exomonitor.clinical.checklists import ChecklistTable, GateRow, Override
from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.session import commands as cmd
from exomonitor.session.checklist import can_be_left_out
from exomonitor.session.events import GateOverridden
from exomonitor.session.narrative import sentence
from exomonitor.session.parts.sound_test import RecordSoundTest
from exomonitor.session.review import review_reasons
from tests.exomonitor.engine.bedside_bench import CHAIR, NURSE, PRESCRIBER, PROTOCOL, VERIFIER, Bench

WHY = "the cupboard key is lost"
GATES = pytest.mark.parametrize("gate", ["readiness", "baseline", "line", "devices", "product"])


@pytest.fixture
def opened(bench: Bench) -> Bench:
    bench.do(cmd.OpenSession(CHAIR, bench.by))
    return bench


def without(bench: Bench, gate: str, proof: str = "", *, alone: bool = False) -> cmd.OverrideGate:
    return cmd.OverrideGate(CHAIR, bench.by, gate, WHY, proof, alone)


def closed(bench: Bench, gate: str) -> bool:
    return next(one for one in bench.snapshot.gates if one.key == gate).closed


@GATES
def test_one_person_alone_does_not_accept_a_gate_open_without_saying_so(opened: Bench, gate: str):
    assert opened.refused(without(opened, gate)) == "A second person signs with badge or PIN"
    assert "role of verifier or prescriber" in opened.refused(without(opened, gate, opened.proof(NURSE)))
    assert not closed(opened, gate)


@GATES
@pytest.mark.parametrize(("signer", "by_prescriber"), [(VERIFIER, False), (PRESCRIBER, True)])
def test_a_second_person_signs(opened: Bench, gate: str, signer: str, by_prescriber: bool):
    opened.do(without(opened, gate, opened.proof(signer)))
    assert opened.events(GateOverridden) == [GateOverridden(gate, WHY, signer, prescriber_signed=by_prescriber)]
    assert closed(opened, gate)
    assert (f"started without {gate}" in review_reasons(opened.state)) is not by_prescriber
    assert sentence(opened.events(GateOverridden)[0]) == f"Start accepted without {gate}, with a second person: {WHY}"


def test_the_one_at_work_is_no_second_person(opened: Bench):
    opened.work_as(VERIFIER)
    assert "somebody else" in opened.refused(without(opened, "line", opened.proof(VERIFIER)))


@GATES
def test_nobody_is_there_stands_in_the_record_and_asks_for_a_review(opened: Bench, gate: str):
    opened.do(without(opened, gate, alone=True))
    (event,) = opened.events(GateOverridden)
    assert (event.alone, event.second) == (True, "")
    assert closed(opened, gate)
    assert f"single nurse, no second person for {gate}" in review_reasons(opened.state)
    assert "SINGLE NURSE, nobody else was there" in sentence(event)
    assert opened.replayed().overrides_alone == opened.state.overrides_alone == (gate,)
    opened.do(replace(without(opened, "order", opened.proof(PRESCRIBER))))
    assert opened.state.overrides_signed == ("order",)


@pytest.mark.parametrize("gate", ["order", "today"])
def test_what_is_the_prescribers_takes_the_prescriber(opened: Bench, gate: str):
    assert "second person signs" in opened.refused(without(opened, gate, alone=True))
    assert "role of prescriber" in opened.refused(without(opened, gate, opened.proof(VERIFIER)))
    opened.do(without(opened, gate, opened.proof(PRESCRIBER)))
    assert closed(opened, gate)
    assert review_reasons(opened.state) == ()


def protocol_with(gate: str, override: Override) -> ClinicProtocol:
    """The shipped protocol, but for who may accept one gate open."""
    table = PROTOCOL.rules.checklists
    rows = (*(row for row in table.content.gate if row.key != gate), GateRow(key=gate, override=override))
    content = table.content.model_copy(update={"gate": rows})
    return replace(PROTOCOL, rules=replace(PROTOCOL.rules, checklists=replace(table, content=content)))


def test_the_clinic_says_who(clock):
    strict = Bench(clock, protocol=protocol_with("baseline", "nobody"))
    strict.do(cmd.OpenSession(CHAIR, strict.by))
    said = strict.refused(without(strict, "baseline", strict.proof(PRESCRIBER)))
    assert said == "Baseline set is not left out: the clinic's table of gates says so"
    gate = next(one for one in strict.snapshot.gates if one.key == "baseline")
    assert (gate.by, can_be_left_out(gate)) == ("nobody", False)


def test_the_shipped_table_names_every_gate_that_can_be_left_out(opened: Bench):
    named = {row.key: row.override for row in PROTOCOL.rules.checklists.content.gate}
    opened.do(RecordSoundTest(CHAIR, opened.by, full=False, heard=False))  # a gate that is there only then
    binding = {gate.key for gate in opened.snapshot.gates if gate.binds and can_be_left_out(gate)}
    assert binding == set(named)
    assert {gate.key: gate.by for gate in opened.snapshot.gates if gate.key in named} == named


def test_a_gate_is_named_once():
    content = PROTOCOL.rules.checklists.content
    twice = [*content.gate, content.gate[0]]
    with pytest.raises(ValidationError, match="gate: a key is used twice"):
        ChecklistTable(**{**dict(content), "gate": twice})
