"""Alaris (IVAC) Asena GH, GS, CC, TIVA and PK syringe pumps, read without taking part in their remote control."""

from __future__ import annotations

from devices.pumps.alaris_asena.driver import AlarisAsenaDriver
from devices.pumps.alaris_asena.simulator import make_simulator
from devices.pumps.alaris_asena.wire import SERIAL, encode, is_read_only
from devices.spec import DeviceSpec, Grade, PortSettings, Role

SPEC = DeviceSpec(
    key="alaris-asena",
    name="Alaris Asena GH, GS, CC, TIVA, PK",
    vendor="BD / CareFusion (Alaris, IVAC)",
    role=Role.PUMP,
    grade=Grade.CLINICAL,
    settings=PortSettings(38400),
    usual_bauds=(38400, 19200, 9600, 115200),
    interval_s=1.0,
    stale_s=15.0,
    lost_s=30.0,
    has_checksum=True,
    may_send=is_read_only,
    first_question=frozenset({encode(SERIAL)}).__contains__,
    first_words="its serial number",
    make_driver=AlarisAsenaDriver,
    make_simulator=make_simulator,
    reports=(
        "rate, volume infused, volume to be infused, time remaining, pressure in mmHg, drug name, serial number",
        "infusing or on hold, in the pump's own word",
        "alarms by the pump's own code, one at a time: occlusion, battery, mains, end of infusion, syringe, drive",
        "inferred: volume remaining where the pump's own time remaining agrees; complete and KVO from its alarms",
    ),
    never_reports=(
        "air in line",
        "pressure in % of its limit (the wire tells mmHg, and not at what pressure the pump alarms)",
        "battery in % or minutes",
        "a time remaining of a day or more",
        "a second alarm while another one is on",
        "the priority of its alarms (the ranking is ours, and so are the readings of its codes)",
    ),
    evidence=(
        "one frame captured from a real pump (on hold, in alarm)",
        "published requests and answers of the OpenICE project, their checksums recomputed",
        "infupy 2022.1.11, an independent client, read and commanded the simulator; its bytes are kept as a transcript",
    ),
    side_effects=(
        "not known: whether every pump answers while remote control was never enabled; this program never enables it",
    ),
    request_budget_per_s=6.0,
    answers_s=4.0,
    averaging="none: rate and volume are what the pump has set and counted",
    flow_note="RS-232 is an option of the pump. Its answers may take 4 s each; then readings come slowly.",
)
