"""Masimo Rad-8, Rad-87, Radical-7 and Root in ASCII 1: one text line a second, listened to only."""

from __future__ import annotations

from devices.monitors.masimo.driver import MasimoDriver
from devices.monitors.masimo.simulator import MasimoSimulator
from devices.spec import DeviceSpec, Grade, PortSettings, Role


def may_send(data: bytes) -> bool:
    """Nothing: the oximeter speaks by itself."""
    return False


SPEC = DeviceSpec(
    key="masimo",
    name="Masimo oximeter (ASCII 1)",
    vendor="Masimo",
    role=Role.MONITOR,
    grade=Grade.CLINICAL,
    settings=PortSettings(9600),
    usual_bauds=(9600,),
    interval_s=1.0,
    stale_s=10.0,
    lost_s=20.0,
    has_checksum=False,
    may_send=may_send,
    make_driver=MasimoDriver,
    make_simulator=MasimoSimulator,
    reports=(
        "SpO2, pulse and perfusion index once a second",
        "sensor off, no sensor, low perfusion, interference and the like, as technical alarms of the oximeter",
        "its limit alarms for SpO2 and pulse",
    ),
    never_reports=(
        "blood pressure, respiration, temperature and ECG: it is a pulse oximeter, its heart rate is a pulse",
        "a wave",
        "SpCO, SpMet, SpHb and PVI: in the line, but not read",
        "its alarm limits and its battery",
    ),
    evidence=(
        "lines of a Rad-8 and two Radical-7, public repositories remkolems/ and nmenon/masimo-datacapture",
        "the exceptions stand in Masimo's manuals; the alarm bits are not published, users worked them out",
        "an independent client (OpenICE) reads SpO2, pulse and serial number of the older line alike",
    ),
    request_budget_per_s=0.0,
    averaging_s=16.0,
    averaging="SpO2 over 8 s as delivered; 2 to 16 s can be set on the oximeter, which does not tell it",
    flow_note=(
        "set the oximeter's serial output to ASCII 1 (a Rad-8 comes set to ASCII 2); "
        "straight or crossed cable differs with the stand. Its date is often wrong and is not used."
    ),
    options={
        "layout": "simulator: rad-8, radical-7-2007 or radical-7 (default)",
        "serial": "simulator: the serial number, empty = not told",
        "limits": "simulator: spo2_low, spo2_high, pulse_low, pulse_high",
    },
)

__all__ = ["SPEC", "may_send"]
