"""New Era NE-1000 family of syringe pumps and its clones (Aladdin AL-1000, BS-8000), read in basic mode."""

from __future__ import annotations

from devices.pumps.new_era.driver import NewEraDriver
from devices.pumps.new_era.simulator import make_simulator
from devices.pumps.new_era.wire import FIRMWARE, is_read_only, request
from devices.spec import DeviceSpec, Grade, PortSettings, Role

SPEC = DeviceSpec(
    key="new-era",
    name="New Era NE-1000 family",
    vendor="New Era Pump Systems",
    role=Role.PUMP,
    grade=Grade.LABORATORY,
    settings=PortSettings(19200),
    usual_bauds=(19200, 9600, 2400, 1200, 300),
    interval_s=1.0,
    stale_s=10.0,
    lost_s=30.0,
    has_checksum=False,
    addresses=(0, 99),
    may_send=is_read_only,
    first_question=frozenset({request(FIRMWARE)}).__contains__,
    first_question_at=lambda address: frozenset({request(FIRMWARE, address)}).__contains__,
    first_words="its model (an alarm that it shows is acknowledged by any question)",
    make_driver=NewEraDriver,
    make_simulator=make_simulator,
    reports=(
        "set rate, volume infused, target volume, status",
        "alarms: motor stalled, power interrupted, program error",
        "inferred: volume and time remaining, the end of the infusion",
    ),
    never_reports=(
        "occlusion (only a stalled motor)",
        "air in line",
        "battery or mains",
        "door or syringe sensing",
        "pressure",
        "a serial number: another pump on the cable is not noticed",
    ),
    evidence=(
        "NE-1000 manual p. 38-40 and NE-1600 manual p. 39-40 (commands, safe-mode packet with its CRC)",
        "NESP-Lib 2.0.0 runs as an independent client against the simulator, in basic and in safe mode",
    ),
    side_effects=(
        "polling acknowledges the pump's communication alarm: the pump says each alarm once, this program holds it",
    ),
    request_budget_per_s=20.0,
    answers_s=0.5,
    averaging="none: rate and volume are what the pump has set and counted",
    flow_note="laboratory pump - no occlusion, air or battery sensing; for demonstration and training. "
    "Several pumps on one line are read in turn, each at the address that is set for its chair",
)
