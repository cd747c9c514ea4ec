"""Philips IntelliVue Data Export: MP, MX and similar monitors over their MIB/RS232 port."""

from __future__ import annotations

from devices.monitors.philips_intellivue.driver import PhilipsIntellivueDriver
from devices.monitors.philips_intellivue.driver.dialogue import ABORT, ASK_PRODUCTION, CHOOSE_WAVES, STREAMS, USER
from devices.monitors.philips_intellivue.simulator import PhilipsIntellivueSimulator
from devices.monitors.philips_intellivue.wire import codes, frames, session
from devices.monitors.philips_intellivue.wire.requests import ConfirmCreate, ExtendedPoll, decode_request
from devices.spec import DeviceSpec, Grade, PortSettings, Role

_LONGEST_POLL = 3600 * codes.TICKS_PER_S
_STREAMS = {(stream.request.kind, stream.request.number, stream.request.group) for stream in STREAMS.values()}


def may_send(data: bytes) -> bool:
    """Only the association, its confirmation and its end, our own polls, and the list of the waves that we read."""
    payload = frames.unframe(data)
    if payload is None or frames.frame(payload) != data:
        return False
    if session.session_kind(payload) is not None:
        return payload == ABORT or session.read_request(payload) == USER
    read = decode_request(payload)
    if read is None:
        return False
    _, request = read
    if isinstance(request, ExtendedPoll):
        ours = (request.kind, request.number, request.group) in _STREAMS
        return ours and request.period is not None and 0 < request.period <= _LONGEST_POLL
    return isinstance(request, ConfirmCreate) or request in (ASK_PRODUCTION, CHOOSE_WAVES)


def _begins_or_ends(data: bytes) -> bool:
    """Only the association and its end: on a port on which nobody is known no list is set and nothing is polled."""
    payload = frames.unframe(data)
    return payload is not None and session.session_kind(payload) is not None and may_send(data)


SPEC = DeviceSpec(
    key="philips-intellivue",
    name="Philips IntelliVue monitor (Data Export, MIB/RS232)",
    vendor="Philips",
    role=Role.MONITOR,
    grade=Grade.CLINICAL,
    settings=PortSettings(115200),
    usual_bauds=(115200,),
    interval_s=1.0,
    stale_s=10.0,
    lost_s=30.0,
    has_checksum=True,
    may_send=may_send,
    first_question=_begins_or_ends,
    first_words="an association, which is ended again (it is the port's only one: meanwhile another computer is "
    "refused)",
    make_driver=PhilipsIntellivueDriver,
    make_simulator=PhilipsIntellivueSimulator,
    reports=(
        "heart rate, pulse from the oximeter, SpO2, perfusion, respiration, temperature and cuff pressures every 1 s",
        "waves: ECG lead II 500/s, pleth 125/s, respiration 62.5/s, as the monitor packs them",
        "the monitor's own alarms, verbatim; not those that are inhibited, suspended, in test, standby or demo",
        "model and serial number",
    ),
    never_reports=(
        "patient name, number and other demographics: never asked for",
        "another ECG lead than II, invasive pressures, gases, ST, arrhythmia details",
        "values in test or demo mode: marked as such, without a number",
        "the age of a cuff pressure without a time stamp from before the link opened: held, without a value",
        "pleth in absolute units: the monitor tells none, it is drawn in % of its full scale",
    ),
    evidence=(
        "Philips Data Export Interface Programming Guide as cited by public implementations: structures, codes, timing",
        "frames that an independent client (VSCaptureMP) sent on a serial line: association, polls, lists",
        "association requests of OpenICE and of a Python client, check values of OpenICE's FCS test",
        "a public description of a real MX800 on the LAN: length of its answer, repeated introduction, linked results",
        "a refusal's bytes after the first, and the codes of the simulator's alarms, are made up",
    ),
    side_effects=(
        "sets the port's list of exported waves (RTSA priority list) to ECG II, pleth and respiration",
        "takes the port's only association: another computer on it is refused while we read",
    ),
    request_budget_per_s=8.0,
    averaging="SpO2, pulse and perfusion as it is set on the monitor, which does not tell it; other signs not known",
    flow_note=(
        "No flow control. The port must be set to DataOut 1 at a fixed 115200 baud in the monitor's service settings. "
        "At most 4 frames in 128 ms go to the monitor; it ends the association after 10 s without one."
    ),
    options={
        "nibp_interval_s": "simulator: seconds between cuff measurements, 0 = only by the key (default 300)",
        "unix_start": "simulator: the monitor's clock at second 0, Unix seconds",
        "kilopascal": "simulator: cuff pressures in kPa (default mmHg)",
        "fahrenheit": "simulator: temperature in degrees Fahrenheit (default Celsius)",
        "demo": "simulator: the monitor is in demo mode",
        "linked": "simulator: at most so many numbers in one message, the rest linked (default 0: all)",
        "serial": "simulator: the monitor's serial number",
    },
)

__all__ = ["SPEC", "may_send"]
