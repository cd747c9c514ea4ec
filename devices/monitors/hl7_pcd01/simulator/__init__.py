"""A simulated vital signs cart on the line: sends a message every interval and sends it again until it is answered."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar

from devices.monitors.hl7_pcd01.simulator.cuff import Cuff
from devices.monitors.hl7_pcd01.wire import messages, mllp
from devices.monitors.hl7_pcd01.wire.messages import Malformed
from devices.monitors.hl7_pcd01.wire.mllp import Block, BlockCutter
from devices.simulation.patient import PatientWorld
from exomonitor.clock import NS, Instant
from exomonitor.errors import CommandRefused

UNIX_START = 1_772_442_000
FIRST_AT_S = 1.0
RETRY_S = 10.0
TRIES = 3
MAX_WAITING = 16
MODEL, EUI64 = "MINDRAY_VS900", "00A0370098000001"
_PCD01 = "IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO"
_PCD04 = "IHE_PCD_ACM_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.4.1^ISO"
_UNITS = {
    "%": "262688^MDC_DIM_PERCENT^MDC",
    "bpm": "264864^MDC_DIM_BEAT_PER_MIN^MDC",
    "rpm": "264928^MDC_DIM_RESP_PER_MIN^MDC",
    "mmHg": "266016^MDC_DIM_MMHG^MDC",
    "degC": "268192^MDC_DIM_DEGC^MDC",
}
_EVENT_CODES = {"MDC_EVT_STAT_OFF": 202834, "MDC_EVT_LEAD_OFF": 196680}


class Hl7Pcd01Simulator:
    """Speaks by itself; one message at a time waits for its answer, three tries each, ten seconds apart."""

    dials: ClassVar[bool] = True
    """Over TCP the cart calls the program that reads it."""

    def __init__(
        self,
        world: PatientWorld,
        *,
        interval_s: float = 30.0,
        nibp_interval_s: float = 300.0,
        demo: bool = False,
        clock_wrong_s: float = 0.0,
        framing: str = "mllp",
        ecg: bool = False,
        serial: str = EUI64,
    ) -> None:
        """framing: "mllp", or "none" for messages without VT and FS; nibp_interval_s: 0 means only by the key."""
        if framing not in ("mllp", "none"):
            raise CommandRefused(f"The simulated monitor frames messages as mllp or none, not {framing!r}")
        self._world = world
        self._interval_s = interval_s
        self._cuff = Cuff(world, nibp_interval_s)
        self._demo = demo
        self._clock_wrong_s = clock_wrong_s
        self._framed = framing == "mllp"
        self._ecg = ecg
        self._serial = serial
        self._next_at = FIRST_AT_S
        self._number = 0
        self._waiting: deque[tuple[str, bytes]] = deque(maxlen=MAX_WAITING)
        self._sent_at: float | None = None  # of the first that waits
        self._tries = 0
        self._cutter = BlockCutter()
        self._active: dict[str, str] = {}
        self.answers: list[tuple[str, str]] = []
        """(code, control id) of every answer heard."""

    def received(self, data: bytes, t: float) -> bytes:
        """Take answers; the next message that waits follows at once."""
        for found in self._cutter.feed(data, _instant(t)):
            message = messages.parse_message(found.data) if isinstance(found, Block) else None
            if message is None or isinstance(message, Malformed):
                continue
            for segment in message.segments:
                if segment.name == "MSA":
                    self._answered(segment.field(1), segment.field(2))
        return b""

    def due(self, t: float) -> bytes:
        """What is to be sent up to second `t`: a new message, or one again that nobody answered."""
        while self._next_at <= t:
            self._queue(self._observations(self._next_at))
            self._next_at += self._interval_s
        if self._sent_at is not None and t - self._sent_at >= RETRY_S:
            self._sent_at = None
            if self._tries >= TRIES:
                self._forget_first()
        if self._sent_at is not None or not self._waiting:
            return b""
        self._sent_at = t
        self._tries += 1
        message = self._waiting[0][1]
        return mllp.frame(message) if self._framed else message

    def next_due(self, t: float) -> float | None:
        """The next message, or the next try."""
        if not self._waiting:
            return max(self._next_at, t + 0.001)
        again = t + 0.001 if self._sent_at is None else self._sent_at + RETRY_S
        return max(min(self._next_at, again), t + 0.001)

    def press(self, t: float, action: str, **values: Any) -> None:
        """A person at the monitor: nibp, send, demo, alarm, end_alarm; unknown keys are refused."""
        keys: dict[str, Callable[..., None]] = {
            "nibp": self._cuff.press,
            "send": lambda t: self._queue(self._observations(t)),
            "demo": self._set_demo,
            "alarm": self._begin_alarm,
            "end_alarm": self._end_alarm,
        }
        if action not in keys:
            raise CommandRefused(f"The simulated monitor has no key {action!r}; it has {', '.join(sorted(keys))}")
        keys[action](t, **values)

    def _set_demo(self, t: float, on: bool = True) -> None:
        self._demo = on

    def _begin_alarm(self, t: float, event: str = "MDC_EVT_STAT_OFF", priority: str = "PM", kind: str = "ST") -> None:
        self._active[event] = f"{priority} {kind}"
        self._queue(self._alarm(event, "start", "active", t))

    def _end_alarm(self, t: float, event: str = "MDC_EVT_STAT_OFF") -> None:
        if event in self._active:
            self._queue(self._alarm(event, "end", "inactive", t))
            del self._active[event]

    # --- the line

    def _queue(self, message: bytes) -> None:
        if len(self._waiting) == MAX_WAITING:
            self._forget_first()
        self._waiting.append((str(self._number), message))

    def _forget_first(self) -> None:
        self._waiting.popleft()
        self._sent_at = None
        self._tries = 0

    def _answered(self, code: str, control_id: str) -> None:
        self.answers.append((code, control_id))
        if self._waiting and self._sent_at is not None and control_id == self._waiting[0][0]:
            self._forget_first()

    # --- messages

    def _observations(self, t: float) -> bytes:
        lines = self._head(t, "ORU^R01^ORU_R01", _PCD01, "182777000^monitoring of patient^SCT")
        flag = "DEMO" if self._demo else ""
        for number, (code, place, value, unit, observed) in enumerate(self._values(t), start=1):
            status = "R" if value else "X"
            aperiodic = "|||^APERIODIC" if observed != t else ""
            lines.append(
                f"OBX|{number}|NM|{code}^MDC|{place}.{code.partition('^')[0]}|{value}|{_UNITS[unit]}||{flag}|||{status}"
                f"|||{self._time(observed)}{aperiodic}"
            )
        return messages.encode_message(lines)

    def _values(self, t: float) -> list[tuple[str, str, str, str, float]]:
        """(code and name, place, value or "", unit, second of the measurement) in the order of the wire."""
        now = self._world.vitals(t)
        finger, chest, warm = (not self._world.sensor_off(name, t) for name in ("spo2", "ecg", "temp"))
        values = [
            ("150456^MDC_PULS_OXIM_SAT_O2", "1.3.1", f"{now.spo2:.0f}" if finger else "", "%", t),
            ("149530^MDC_PULS_OXIM_PULS_RATE", "1.3.1", f"{now.hr:.0f}" if finger and now.hr else "", "bpm", t),
            ("150488^MDC_BLD_PERF_INDEX", "1.3.1", f"{now.pi:.2f}" if finger else "", "%", t),
            ("151658^MDC_PULS_OXIM_PLETH_RESP_RATE", "1.3.1", f"{now.rr:.0f}" if finger and now.rr else "", "rpm", t),
            ("150344^MDC_TEMP", "1.2.1", f"{now.temp:.1f}" if warm else "", "degC", t),
        ]
        if self._ecg:
            values.append(("147842^MDC_ECG_HEART_RATE", "1.7.4", f"{now.hr:.0f}" if chest else "", "bpm", t))
        result = self._cuff.result(t)
        if result is not None:
            values += [
                ("150301^MDC_PRESS_CUFF_SYS", "1.1.9", str(result.sys), "mmHg", result.at_s),
                ("150303^MDC_PRESS_CUFF_MEAN", "1.1.9", str(result.mean), "mmHg", result.at_s),
                ("150302^MDC_PRESS_CUFF_DIA", "1.1.9", str(result.dia), "mmHg", result.at_s),
            ]
        return values

    def _alarm(self, event: str, phase: str, state: str, t: float) -> bytes:
        number = _EVENT_CODES.get(event, 0)
        priority, kind = self._active[event].split()
        facets = (
            ("CWE", "196616^MDC_EVT_ALARM", f"{number}^{event}^MDC"),
            ("CWE", "68480^MDC_ATTR_ALERT_SOURCE", "69953^MDC_DEV_MON_PT_PHYSIO_MULTI_PARAM_MDS^MDC"),
            ("ST", "68481^MDC_ATTR_EVENT_PHASE", phase),
            ("ST", "68482^MDC_ATTR_ALARM_STATE", state),
            ("ST", "68484^MDC_ATTR_ALARM_PRIORITY", priority),
            ("ST", "68485^MDC_ATTR_ALERT_TYPE", kind),
        )
        lines = self._head(t, "ORU^R40^ORU_R40", _PCD04, "196616^MDC_EVT_ALARM^MDC")
        for position, (form, code, value) in enumerate(facets, start=1):
            lines.append(f"OBX|{position}|{form}|{code}^MDC|1.3.1.{number}.{position}|{value}||||||F|||{self._time(t)}")
        return messages.encode_message(lines)

    def _head(self, t: float, kind: str, profile: str, service: str) -> list[str]:
        self._number += 1
        device = f"{MODEL}^{self._serial}^EUI-64"
        order = f"{self._number}^{device}"
        rest = f"P|2.6|||AL|NE||UNICODE UTF-8|||{profile}"
        return [
            f"MSH|{messages.ENCODING}|{device}|MINDRAY|||{self._time(t)}||{kind}|{self._number}|{rest}",
            "PID|||99999^^^Hospital^PI||^^^^^^L",
            "PV1||I",
            f"OBR|1|{order}|{order}|{service}|||{self._time(t)}",
        ]

    def _time(self, t: float) -> str:
        return messages.time_text(datetime.fromtimestamp(UNIX_START + t + self._clock_wrong_s, UTC))


def _instant(t: float) -> Instant:
    return Instant(datetime.fromtimestamp(UNIX_START + t, UTC), round(t * NS), "simulated")
