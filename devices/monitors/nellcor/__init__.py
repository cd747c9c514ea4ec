"""Nellcor N-395, N-595, N-600x and NPB-290/295: the printer's text, a line every two seconds."""

from __future__ import annotations

from devices.monitors.nellcor.driver import WAKE, NellcorDriver
from devices.monitors.nellcor.simulator import NellcorSimulator
from devices.spec import DeviceSpec, Grade, PortSettings, Role


def may_send(data: bytes) -> bool:
    """Only XON, one byte: go on if you were held."""
    return data == WAKE


SPEC = DeviceSpec(
    key="nellcor",
    name="Nellcor oximeter (printer text)",
    vendor="Nellcor (Medtronic)",
    role=Role.MONITOR,
    grade=Grade.CLINICAL,
    settings=PortSettings(9600),
    usual_bauds=(9600, 19200, 2400),
    interval_s=2.0,
    stale_s=10.0,
    lost_s=20.0,
    has_checksum=False,
    may_send=may_send,
    make_driver=NellcorDriver,
    make_simulator=NellcorSimulator,
    reports=(
        "SpO2 and pulse every 2 s, with the mark of a number outside the oximeter's limits",
        "its own alarm limits for both, with each header",
        "its status codes as alarms: limits, loss of pulse, sensor off, interference, low battery, silenced",
    ),
    never_reports=(
        "blood pressure, respiration, temperature and ECG: it is a pulse oximeter, its heart rate is a pulse",
        "a wave",
        "a perfusion index: its pulse amplitude (PA) has no unit and is not shown",
        "a serial number: another oximeter on the cable is not noticed",
    ),
    evidence=(
        "N-395 and N-595 manuals, as an independent client (OpenICE) describes them: header, line, status codes",
        "the example line with a limit mark is made up by that rule; no capture of a real oximeter was seen",
    ),
    side_effects=("XON is sent when the port opens and after 6 s of silence: it lets a held printer stream go on",),
    request_budget_per_s=0.2,
    averaging_s=7.0,
    averaging="SpO2 over 5 to 7 s, in fast response over 2 to 4 s (N-600x); the line does not tell which",
    flow_note="the serial port must be set to ASCII; header and limits come again every 25 lines",
    options={
        "spo2_limits": "simulator: the monitor's limits, low and high (default 85, 100)",
        "pulse_limits": "simulator: the monitor's limits, low and high (default 40, 170)",
        "held": "simulator: the stream waits for XON",
    },
)

__all__ = ["SPEC", "may_send"]
