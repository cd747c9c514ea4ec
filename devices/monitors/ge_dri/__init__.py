"""GE Datex-Ohmeda record interface (DRI): CARESCAPE B-series, S/5, Cardiocap and AS/3 monitors over RS-232."""

from __future__ import annotations

from devices.monitors.ge_dri.driver import ASK_ALARMS, ASK_NUMBERS, ASK_WAVES, WANTED_WAVES, GeDriDriver
from devices.monitors.ge_dri.simulator import GeDriSimulator
from devices.monitors.ge_dri.wire import requests
from devices.monitors.ge_dri.wire.requests import AlarmRequest, PhdbRequest, WaveRequest
from devices.spec import DeviceSpec, Grade, PortSettings, Role

_LONGEST_INTERVAL_S = 3600
_ALLOWED_CLASSES = {requests.BASIC_ONLY}
_ALLOWED_WAVES = frozenset(WANTED_WAVES)


def may_send(data: bytes) -> bool:
    """Only requests that begin or end our own stream of displayed values, of alarms, and of the waves that we read."""
    request = requests.read_request(data)
    if isinstance(request, AlarmRequest):
        return data == ASK_ALARMS
    if isinstance(request, PhdbRequest):
        periodic = requests.SHORTEST_INTERVAL_S <= request.interval_s <= _LONGEST_INTERVAL_S
        displayed = request.record_type == requests.DISPLAYED and request.classes in _ALLOWED_CLASSES
        return displayed and (periodic or request.interval_s in {requests.CANCEL, requests.ONCE})
    if isinstance(request, WaveRequest):
        types = request.types
        return set(types) <= _ALLOWED_WAVES and len(set(types)) == len(types) and bool(types) == request.start
    return False


SPEC = DeviceSpec(
    key="ge-dri",
    name="GE Datex-Ohmeda monitor (S/5 computer interface)",
    vendor="GE HealthCare",
    role=Role.MONITOR,
    grade=Grade.CLINICAL,
    settings=PortSettings(19200, parity="E", rtscts=True),
    usual_bauds=(19200, 115200),
    other_lines=("8E1",),
    interval_s=5.0,
    stale_s=15.0,
    lost_s=30.0,
    has_checksum=True,
    may_send=may_send,
    first_question=frozenset({ASK_NUMBERS}).__contains__,
    first_words="its displayed values, once",
    first_instead=requests.encode_request(PhdbRequest(interval_s=requests.ONCE)),
    make_driver=GeDriDriver,
    make_simulator=GeDriSimulator,
    reports=(
        "heart rate, pulse, SpO2, perfusion (IR modulation), respiration, temperature and cuff pressures every 5 s",
        "waves: ECG1 300/s, pleth 100/s, respiration 25/s",
        "as modules are there and the line has room: ECG2, ECG3, pleth 2, invasive pressures 1 to 6, gases",
        "likewise: airway pressure and flow, entropy, EEG 1 to 4",
        "the monitor's own alarms as they stand on its screen, verbatim, with the colour as rank: CARESCAPE monitors",
    ),
    never_reports=(
        "the alarms of monitors before CARESCAPE: those do not send them on the serial line",
        "which sign an alarm of the monitor is about: its texts are in the monitor's language and are not interpreted",
        "ECG1 when it shows an augmented lead (aVR, aVL, aVF): no other lead's name is put on it",
        "numbers of invasive pressures and gases, ST, 12-lead ECG, trends and patient data: never asked for",
        "waves of airway volume, tonometry and the BIS module: no document that was used tells their scale",
        "the time of a cuff pressure that was more than 60 s old when the link opened: shown as held, without a value",
        "a serial number: another monitor on the cable is not noticed",
    ),
    evidence=(
        "scales of the waves: the specification below; of gases, airway and EEG as a public reader has them",
        "GE M1017617 12th ed., S/5 Computer Interface: line settings, framing, request examples",
        "GE 8005313 12th ed., Datex-Ohmeda Record Specification: records, groups, status bits, special values",
        "one capture of a CARESCAPE B650 (level 11, no sensors), public repository KaiWU17TUM/icu_devices (MIT)",
        "alarm records: layout from the two documents and from that repository's reader; no alarm record was captured",
        "which nibble of the ECG label belongs to ECG1 is inferred from that capture",
    ),
    side_effects=("a new wave request replaces the list of waves that another computer on the same port asked for",),
    request_budget_per_s=3.0,
    averaging="SpO2 as it is set on the monitor, which does not tell it; other signs not known",
    flow_note=(
        "RTS/CTS by default: a cable without these two wires needs flow control off: choose 8E1 without it, else it is "
        "tried by itself only after a silence. "
        "The monitor stops waves when it may not send for 2 s; they are asked for again. "
        "CARESCAPE monitors can be set to 115200 baud; set it here as well."
    ),
    options={
        "nibp_interval_s": "simulator: seconds between cuff measurements, 0 = only by the key (default 300)",
        "unix_start": "simulator: the monitor's clock at second 0, Unix seconds",
        "tells_alarms": "simulator: sends alarm records, as CARESCAPE monitors do (default false, as older ones)",
        "all_modules": "simulator: every module is there and sends its waves (default false)",
        "fast": "simulator: the line runs at 115200 baud, waves have no budget",
        "tells_nibp_time": "simulator: the time of the cuff pressure comes with the numbers",
    },
)

__all__ = ["ASK_ALARMS", "ASK_NUMBERS", "ASK_WAVES", "SPEC", "may_send"]
