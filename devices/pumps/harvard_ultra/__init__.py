"""Harvard Apparatus PHD Ultra and Pump 11 Elite, KD Scientific Legato: syringe pumps with the "ULTRA" commands."""

from __future__ import annotations

from devices.pumps.harvard_ultra.driver import HarvardUltraDriver
from devices.pumps.harvard_ultra.simulator import make_simulator
from devices.pumps.harvard_ultra.wire import STATUS, is_read_only, request
from devices.spec import DeviceSpec, Grade, PortSettings, Role

SPEC = DeviceSpec(
    key="harvard-ultra",
    name="Harvard PHD Ultra, 11 Elite, KDS Legato",
    vendor="Harvard Apparatus / KD Scientific",
    role=Role.PUMP,
    grade=Grade.LABORATORY,
    settings=PortSettings(115200),
    usual_bauds=(115200, 57600, 38400, 19200, 9600),
    other_lines=("8N2",),
    interval_s=1.0,
    stale_s=10.0,
    lost_s=30.0,
    has_checksum=False,
    addresses=(0, 99),
    may_send=is_read_only,
    first_question=frozenset({request(STATUS)}).__contains__,
    first_question_at=lambda address: frozenset({request(STATUS, address)}).__contains__,
    first_words="its status, with an address before it so that no line is empty",
    make_driver=HarvardUltraDriver,
    make_simulator=make_simulator,
    reports=(
        "status, target volume; rate, set rate and volume infused while the pump's two ways of saying them agree",
        "alarms: motor stalled, limit switch reached, target volume reached",
        "a serial number where the pump's version table has one",
        "inferred: rate 0 while it stands, volume and time remaining",
    ),
    never_reports=(
        "occlusion (only a stalled motor)",
        "air in line",
        "battery or mains",
        "door or syringe sensing",
        "pressure",
    ),
    evidence=(
        "PHD Ultra manual p. 83-88 (commands, status line, prompts); the golden frames were made by hand after it",
        "public clients of the 11 Elite agree on prompts, addresses and the order of the flags",
        "the unit of the status line (fL) stands in that manual alone: irate and ivolume must agree with it each time",
        "no checksum on the wire: only values valid in syntax and range, and said twice alike, are taken",
    ),
    request_budget_per_s=12.0,
    answers_s=0.5,
    averaging="none: rate and volume are what the pump has set and counted",
    flow_note="laboratory pump - no occlusion, air or battery sensing; for demonstration and training. Choose this "
    "only for a port with such a pump: older pumps of the makers take a bare CR for STOP. "
    "RS-232 of old pumps: 8N2. Several pumps on one line are read in turn, each at the address that is set for its "
    "chair",
    options={"address": "simulator: the pump's address, 0-99", "shows_address": "simulator: answers show the address"},
)
