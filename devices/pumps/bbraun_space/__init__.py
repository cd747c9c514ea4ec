"""B. Braun Space, SpacePlus and compact+ pumps behind a SpaceCom, read through the BCC protocol."""

from __future__ import annotations

from devices.pumps.bbraun_space.driver import BBraunSpaceDriver
from devices.pumps.bbraun_space.simulator import make_simulator
from devices.pumps.bbraun_space.wire import ALIVE, HELLO_BED, encode, is_read_only
from devices.spec import DeviceSpec, Grade, PortSettings, Role

SPEC = DeviceSpec(
    key="bbraun-space",
    name="B. Braun Space (SpaceCom, BCC)",
    vendor="B. Braun",
    role=Role.PUMP,
    grade=Grade.CLINICAL,
    settings=PortSettings(9600),
    usual_bauds=(9600, 19200, 38400, 57600, 115200),
    interval_s=2.0,
    stale_s=10.0,
    lost_s=30.0,
    has_checksum=True,
    may_send=is_read_only,
    first_question=frozenset(encode(HELLO_BED, ALIVE, stuffed=stuffed) for stuffed in (True, False)).__contains__,
    first_words="whether a SpaceCom is alive",
    make_driver=BBraunSpaceDriver,
    make_simulator=make_simulator,
    reports=(
        "rate, volume infused, volume to be infused, volume and time remaining, pressure in % of its limit",
        "battery time, mains, drug name, serial number",
        "alarms: occlusion, air, door, free flow, drop sensor, syringe, end of infusion, KVO, standby, battery",
        "each of these only where it is switched on in the SpaceCom's settings",
    ),
    never_reports=(
        "battery in %",
        "the priority of its alarms (the ranking is ours)",
        "the set rate of a pump that is stopped",
    ),
    evidence=(
        "B. Braun BCC interface specification 3.25/3.26 (ADMIN:ALIVE example and its check digits)",
        "values recorded from a real Space pump, published with the icu_devices project",
        "public clients patient-monitor-datalogger and icu_devices (same frame, stuffing and dialogue)",
    ),
    side_effects=("removed pumps are reported once: a second program on the same SpaceCom may miss it",),
    request_budget_per_s=30.0,
    averaging="none: rate and volume are what the pump has set and counted",
    flow_note="Serial without handshake, or TCP (socket://host:4001). All pumps are asked about once a second.",
)
