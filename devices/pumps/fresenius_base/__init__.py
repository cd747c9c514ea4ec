"""Fresenius Kabi Base Primea and Orchestra with their pump modules, read and never commanded."""

from __future__ import annotations

from devices.pumps.fresenius_base.driver import FreseniusBaseDriver
from devices.pumps.fresenius_base.simulator import make_simulator
from devices.pumps.fresenius_base.wire import BASE, CONNECT, DISCONNECT, Frame, encode, is_read_only
from devices.spec import DeviceSpec, Grade, PortSettings, Role

SPEC = DeviceSpec(
    key="fresenius-base",
    name="Fresenius Base Primea, Orchestra (DPS modules)",
    vendor="Fresenius Kabi",
    role=Role.PUMP,
    grade=Grade.CLINICAL,
    settings=PortSettings(19200, data_bits=7, parity="E"),
    usual_bauds=(19200, 9600),
    interval_s=1.0,
    stale_s=10.0,
    lost_s=30.0,
    has_checksum=True,
    may_send=is_read_only,
    first_question=frozenset(encode(Frame(BASE, word)) for word in (CONNECT, DISCONNECT)).__contains__,
    first_words="whether a base takes a connection, which is closed again",
    make_driver=FreseniusBaseDriver,
    make_simulator=make_simulator,
    reports=(
        "rate, volume infused and drug name of each module of the stack",
        "that a module raises some alarm or error, with the pump's own code",
        "inferred: infusing or stopped, from the rate and the volume that rises or stands; unknown where they disagree",
    ),
    never_reports=(
        "which alarm it is: occlusion, air, end of infusion, battery (the codes are not published)",
        "volume to be infused, volume and time remaining",
        "mains or battery, pressure",
        "a serial number: another pump on the cable is not noticed",
        "the priority of its alarms",
    ),
    evidence=(
        "frames of infupy 2022.1.11, an independent client: its questions, and the answers that it understood",
        "infupy also read the simulator; its bytes are kept as a transcript",
        "no frame of a real pump is public: the answers are as that client expects them",
    ),
    side_effects=(
        "reading opens a communication session with the base and its modules (DC); FC ends it when the link is closed",
        "not known: whether a base alarms when this computer dies without saying FC",
    ),
    request_budget_per_s=40.0,
    averaging="none: rate and volume are what the module has set and counted",
    flow_note="Seven bits, even parity. One base carries up to nine modules; each is a channel of its own.",
)
