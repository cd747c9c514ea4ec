"""hl7apy, a parser that others wrote, accepts our acknowledgements and the simulator's messages."""

from __future__ import annotations

from typing import Any

import pytest
from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.parser import parse_message

from devices.monitors.hl7_pcd01 import SPEC
from devices.monitors.hl7_pcd01.wire import messages, mllp
from devices.simulation.patient import PatientWorld
from exomonitor.clock import ManualClock
from exomonitor.signals.vitals import VitalReading


def unframed(block: bytes) -> str:
    assert block.startswith(mllp.VT)
    assert block.endswith(mllp.FS + mllp.CR)
    return block[1:-2].decode("utf-8")


def judged(text: str) -> Any:
    """The message as hl7apy reads it; raises when the standard does not allow it."""
    message = parse_message(text, validation_level=VALIDATION_LEVEL.STRICT)
    assert message.validate()
    return message


@pytest.mark.parametrize(("code", "error"), [("AA", ""), ("AE", "101"), ("AE", "102"), ("AE", "100"), ("AR", "200")])
def test_our_answers_are_valid_hl7(code: str, error: str) -> None:
    heard = messages.parse_message(b"MSH|^~\\&|CART^00A0^EUI-64|WARD|||20260302090000||ORU^R01^ORU_R01|17|P|2.6\r")
    header = heard.header
    answer = messages.ack_to(header, code, error, 3, ManualClock().now().utc)
    message = judged(unframed(messages.encode_ack(answer)))
    assert (message.name, message.msa.msa_1.value, message.msa.msa_2.value) == ("ACK", code, "17")
    assert message.msh.msh_5.value == "CART^00A0^EUI-64"
    if error:
        assert message.err.err_3.err_3_1.value == error


def test_the_answer_to_what_nobody_can_read_is_valid_hl7_too() -> None:
    answer = messages.ack_to(None, "AE", "100", 1, ManualClock().now().utc)
    assert judged(unframed(messages.encode_ack(answer))).msa.msa_1.value == "AE"


def test_the_simulators_observations_are_valid_hl7_and_hl7apy_reads_the_same_values() -> None:
    simulator, driver, clock = SPEC.make_simulator(PatientWorld(), ecg=True), SPEC.make_driver("cart"), ManualClock()
    simulator.due(1.0)
    simulator.press(2.0, "send")
    simulator.received(messages.encode_ack(answer_to(1)), 60.0)
    block = simulator.due(60.0)
    message = judged(unframed(block))
    observations = message.oru_r01_patient_result.oru_r01_order_observation.oru_r01_observation
    theirs = {o.obx.obx_3.obx_3_1.value: float(o.obx.obx_5.value) for o in observations if o.obx.obx_5.value}
    heard = [fact for fact in driver.received(block, clock.now()) if isinstance(fact, VitalReading)]
    ours = {fact.sign.value: fact.value for fact in heard}
    assert (theirs["150456"], theirs["149530"]) == (ours["spo2"], ours["pulse"])
    assert theirs["150344"] == ours["temp"]
    assert len(theirs) == len(ours)


def answer_to(number: int) -> messages.Ack:
    return messages.Ack("AA", str(number), "", "", "R01", "1", "20260302090000+0000")
