"""A simulated Nellcor oximeter: header, then a line every two seconds; XON, XOFF and its menu as hosts use them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from devices.monitors.nellcor import wire
from devices.monitors.nellcor.wire import Header, NellcorLine
from devices.simulation import oximeter
from devices.simulation.patient import PatientWorld

INTERVAL_S = 2.0
LINES_A_PAGE = 25
AMPLITUDE_PER_PI = 20
_EPSILON_S = 1e-9
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_NOT_HERE = ("nibp", "admit")  # keys of a monitor with a cuff, which the usual scenarios press
_INFO, _EXIT = b"1\r\n", b"0\r\n"


class NellcorSimulator:
    """Switched on when it is first stepped."""

    def __init__(
        self,
        world: PatientWorld,
        *,
        spo2_limits: tuple[int, int] = (85, 100),
        pulse_limits: tuple[int, int] = (40, 170),
        clock: datetime = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC),
        held: bool = False,
        nibp_interval_s: float = 0.0,
    ) -> None:
        """clock: the device's own at second 0. held: its stream waits for XON. nibp_interval_s: taken and ignored."""
        self._world = world
        self._limits = {"spo2": spo2_limits, "pulse": pulse_limits}
        self._clock = clock
        self._held = held
        self._asking = False
        self._heard = b""
        self._codes: list[str] = []
        self._next_at: float | None = None
        self._left_on_page = 0

    def received(self, data: bytes, t: float) -> bytes:
        """XON, XOFF; 03 03 opens the menu, there 1 asks for information and 0 goes on with the lines."""
        self._power(t)
        answer = b""
        for byte in data:
            if byte in (wire.XON, wire.XOFF):
                self._held = byte == wire.XOFF
                continue
            self._heard = (self._heard + bytes((byte,)))[-3:]
            if self._heard.endswith(wire.INTERACTIVE):
                self._asking = True
            elif self._asking and self._heard == _INFO:
                answer += wire.encode_header(self._header())
            elif self._asking and self._heard == _EXIT:
                self._asking = False
        return answer

    def due(self, t: float) -> bytes:
        """The lines up to second `t`; while it is held or asked, time passes without lines."""
        self._power(t)
        assert self._next_at is not None
        out = b""
        while self._next_at <= t + _EPSILON_S:
            if not self._held and not self._asking:
                out += self._page(self._next_at)
            self._next_at += INTERVAL_S
        return out

    def next_due(self, t: float) -> float | None:
        """The second of the next line."""
        return t if self._next_at is None else max(self._next_at, t)

    def press(self, t: float, action: str, **values: Any) -> None:
        """set_limits (spo2=, pulse= as low, high); code (name=, on=False ends it): a status code of the monitor."""
        if action == "set_limits":
            self._limits |= {name: tuple(values.pop(name)) for name in ("spo2", "pulse") if name in values}
            self._left_on_page = 0
        elif action == "code":
            name, on = str(values.pop("name")), bool(values.pop("on", True))
            self._codes = [code for code in self._codes if code != name] + ([name] if on else [])
        elif action not in _NOT_HERE:
            raise ValueError(f"this oximeter has no key {action!r}")
        if values:
            raise ValueError(f"the key {action!r} does not take {values!r}")

    def _power(self, t: float) -> None:
        if self._next_at is None:
            self._next_at = t + INTERVAL_S

    def _header(self) -> Header:
        return Header("N-595", "2.0.0.0", "1A2B", self._limits["spo2"], self._limits["pulse"])

    def _page(self, t: float) -> bytes:
        head = b""
        if self._left_on_page == 0:
            head = wire.encode_header(self._header())
            self._left_on_page = LINES_A_PAGE
        self._left_on_page -= 1
        return head + wire.encode_line(self._line(t))

    def _line(self, t: float) -> NellcorLine:
        now = oximeter.shown(self._world, t)
        told = self._clock + timedelta(seconds=int(t))
        clock = f"{told.day:02d}-{_MONTHS[told.month - 1]}-{told:%y %H:%M:%S}"
        codes = []
        if now.off:
            codes.append("SO")
        elif now.searching:
            codes.append("PS")
        elif now.pulse is None:
            codes.append("LP")
        outside = {}
        for name, value, below, above in (("spo2", now.spo2, "SL", "SH"), ("pulse", now.pulse, "PL", "PH")):
            low, high = self._limits[name]
            outside[name] = value is not None and not low <= value <= high
            if value is not None and outside[name]:
                codes.append(below if value < low else above)
        amplitude = None if now.pi is None else min(round(now.pi * AMPLITUDE_PER_PI), wire.MOST_AMPLITUDE)
        marks = (outside["spo2"], outside["pulse"])
        return NellcorLine(clock, now.spo2, now.pulse, amplitude, *marks, (*codes, *self._codes))
