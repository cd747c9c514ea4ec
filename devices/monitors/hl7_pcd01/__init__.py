"""HL7 v2 from vital signs carts and monitors: IHE PCD-01 observations and PCD-04 alarms over MLLP; they dial us."""

from __future__ import annotations

from devices.monitors.hl7_pcd01.driver import Hl7Pcd01Driver
from devices.monitors.hl7_pcd01.simulator import Hl7Pcd01Simulator
from devices.monitors.hl7_pcd01.wire import messages
from devices.spec import DeviceSpec, Grade, PortSettings, Role


def may_send(data: bytes) -> bool:
    """Only one whole acknowledgement (MSH, MSA, perhaps ERR) as we write it; never a query, an order or a patient."""
    return messages.parse_ack(data) is not None


SPEC = DeviceSpec(
    key="hl7-pcd01",
    name="Vital signs monitor that sends HL7 (IHE PCD-01)",
    vendor="Mindray, GE, Philips and others",
    role=Role.MONITOR,
    grade=Grade.CLINICAL,
    settings=PortSettings(115200),  # only where a terminal server's serial side is read directly
    usual_bauds=(115200,),
    dials_us=True,
    # Spot-check carts send every 30 s as delivered; four missed messages are stale, five minutes of silence are lost.
    interval_s=30.0,
    stale_s=120.0,
    lost_s=300.0,
    has_checksum=False,
    may_send=may_send,
    make_driver=Hl7Pcd01Driver,
    make_simulator=Hl7Pcd01Simulator,
    reports=(
        "heart rate, pulse, SpO2, perfusion index, respiration, temperature, cuff pressures; usually every 30 s",
        "the monitor's own alarms where it sends PCD-04 (ORU^R40)",
        "how old a cuff pressure is, by the monitor's own two times in one message",
        "a serial number where OBX-18 names the equipment, or MSH-3 carries an EUI-64",
    ),
    never_reports=(
        "waves (ORU^W01 is answered and skipped)",
        "the pulse that the cuff found",
        "values of a demonstration or training mode: shown as such, without a number",
        "who the patient is: PID and PV1 are never read, the chair decides",
        "that values are old which a cart kept before this program first heard it (later ones are dated)",
        "invasive pressures, gases, ST, weight and scores",
    ),
    evidence=(
        "captured messages of Mindray VS900, VS8 and XH80X, Comen NC5, and a VS900 alarm, from public repositories",
        "IHE PCD Technical Framework (PCD-01, PCD-04): flags of OBX-8 and OBX-11, alarm facets",
        "hl7apy, an independent parser, accepts our acknowledgements and the simulator's messages",
        "no checksum on the wire: only values valid in syntax, unit and range are taken",
    ),
    side_effects=("each message is acknowledged: the monitor takes it as delivered and does not send it again",),
    request_budget_per_s=20.0,
    averaging="as it is set on the monitor, which does not tell it",
    flow_note=(
        "The monitor dials this computer: listen://127.0.0.1:2575 hears only this machine. To hear the ward's network "
        "put this computer's own address there, on purpose: HL7 over MLLP is not encrypted and carries patient names. "
        "Give each monitor a port of its own: the one that speaks is read; another is turned away, and shown, until "
        "that one has been silent for two minutes. It may hang up after each message. "
        "Let the monitor send at least every 30 s."
    ),
    options={
        "interval_s": "simulator: seconds between messages (default 30)",
        "nibp_interval_s": "simulator: seconds between cuff measurements, 0 = only by the key (default 300)",
        "demo": "simulator: the monitor is in demonstration mode",
        "clock_wrong_s": "simulator: how far the monitor's clock is ahead",
        "framing": "simulator: mllp, or none = messages without VT and FS",
        "ecg": "simulator: a heart rate from ECG as well",
    },
)

__all__ = ["SPEC", "may_send"]
