"""Nonin pulse oximeters: beat-by-beat formats 2 and 7, format 8, spot checks (format 13) and the printer's text."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from types import MappingProxyType

from devices.monitors.nonin.driver import NoninDriver
from devices.monitors.nonin.simulator import NoninSimulator
from devices.monitors.nonin.wire import requests
from devices.monitors.nonin.wire.requests import ASCII, DF2, DF7, DF8, DF13, NUMBER_OF, Select
from devices.spec import DeviceSpec, Grade, PortSettings, Role


def may_send(data: bytes, data_format: str = DF2) -> bool:
    """Only the request for this one format, in its short form; never the clock."""
    request = requests.decode_request(data)
    return isinstance(request, Select) and request == Select(NUMBER_OF.get(data_format, -1))


_NEVER = (
    "blood pressure, respiration, temperature and ECG: it is a pulse oximeter, its heart rate is a pulse",
    "alarm limits and alarms, but for the sensor and the battery",
    "a serial number: another oximeter on the cable is not noticed",
)
_EVIDENCE = (
    "Nonin 9560 OEM specification (public copy, repository mattjlewis/NoninPulseOx): frames, status bits, formats",
    "first frames of formats 2 and 7, read alike by an independent client (OpenICE), which errs above a pulse of 127",
)
_SELECTS = "when the port opens the oximeter is told which data format to send; nothing else is changed on it"

_BEATS = DeviceSpec(
    key="nonin",
    name="Nonin oximeter, format 2 (beat by beat)",
    vendor="Nonin Medical",
    role=Role.MONITOR,
    grade=Grade.CLINICAL,
    settings=PortSettings(9600),
    usual_bauds=(9600,),
    interval_s=1.0,
    stale_s=10.0,
    lost_s=20.0,
    has_checksum=True,
    may_send=partial(may_send, data_format=DF2),
    make_driver=partial(NoninDriver, data_format=DF2),
    make_simulator=partial(NoninSimulator, data_format=DF2),
    reports=(
        "SpO2 and pulse once a second, and at once when they change",
        "the pleth wave, 75/s, in % of the oximeter's full scale (256 steps)",
        "sensor off, artifact, lost track, low perfusion; a low battery",
    ),
    never_reports=(*_NEVER, "a perfusion index: the wave's height is the device's own scale"),
    evidence=_EVIDENCE,
    side_effects=(_SELECTS,),
    request_budget_per_s=0.5,
    averaging_s=8.0,
    averaging="SpO2 and pulse over 4 beats, shown 1.5 s late; without a good signal the last ones stand for 10 s",
    flow_note="numbers that the display holds after the finger has gone are shown as held, without a value",
    options=MappingProxyType(
        {
            "data_format": "df2 (beat by beat), df7 (the same, finer wave), df8 (once a second), df13 (spot checks), "
            "ascii (the printer line of Avant, 7500, 8500, 9847)",
            "fixed": "simulator: sends its format at once and takes no request, as a strapped OEM board",
            "spot_every_s": "simulator, df13: seconds between spot checks (default 5)",
        }
    ),
    data_format=DF2,
    silent_at_first_s=5.0,
)
# No first question: all that it understands, but for its clock, changes what it sends. Its format is told by its bytes.


def _in(data_format: str, spec: DeviceSpec) -> DeviceSpec:
    return replace(
        spec,
        data_format=data_format,
        may_send=partial(may_send, data_format=data_format),
        make_driver=partial(NoninDriver, data_format=data_format),
        make_simulator=partial(NoninSimulator, data_format=data_format),
    )


_FINER = replace(
    _BEATS,
    name="Nonin oximeter, format 7 (beat by beat, finer wave)",
    reports=(
        _BEATS.reports[0],
        "the pleth wave, 75/s, in % of the oximeter's full scale (65536 steps)",
        _BEATS.reports[2],
    ),
)
_SLOW = replace(
    _BEATS,
    name="Nonin oximeter, format 8 (once a second)",
    has_checksum=False,
    reports=("SpO2 and pulse once a second", _BEATS.reports[2]),
    never_reports=(*_NEVER, "a wave", "a perfusion index"),
    evidence=(_EVIDENCE[0], "no frames of a real device were seen in this format"),
)
_SPOT = replace(
    _SLOW,
    name="Nonin oximeter, format 13 (spot checks)",
    has_checksum=True,
    interval_s=60.0,
    stale_s=180.0,
    lost_s=3600.0,
    reports=("SpO2 and pulse of each spot check; without SmartPoint marked as questionable", "a low battery"),
    never_reports=(
        *_NEVER,
        "a wave",
        "a perfusion index",
        "that the finger has gone: silence between spot checks is usual",
        "numbers out of its memory: nobody vouches for their time, they are shown as held",
    ),
)
_TEXT = replace(
    _SLOW,
    name="Nonin oximeter, printer text (Avant, 7500, 8500, 9847)",
    reports=("SpO2 and pulse once a second",),
    never_reports=(*_NEVER[:1], *_NEVER[2:], "why a number is missing", "a wave", "a perfusion index", "any alarm"),
    evidence=(
        "operator's manuals of Avant 9600 and 4100, 8500, 2500 and 9847: the line and its marks",
        "the text of the header at power-on is not published: it counts as a bad line",
    ),
    side_effects=(),
    request_budget_per_s=0.0,
    flow_note="sent at 9600 baud with 8 data bits; the 9th bit or 2nd stop bit of some models reads as 8N1",
)

_FORMATS = {
    name: _in(name, spec) for name, spec in ((DF2, _BEATS), (DF7, _FINER), (DF8, _SLOW), (DF13, _SPOT), (ASCII, _TEXT))
}
SPEC = replace(_FORMATS[DF2], formats=MappingProxyType(_FORMATS))

__all__ = ["SPEC", "may_send"]
