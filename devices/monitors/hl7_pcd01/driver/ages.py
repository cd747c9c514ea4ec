"""When an observation was measured: by the age that the device's own clock gives it, never by that clock's time.

Two ages add up: of the observation within its message (OBX-14 against MSH-7), and of a message that was kept while the
line was down and comes late (MSH-7 against arrival, measured from how far the device's clock usually is from our
monotonic one). No clock that somebody may set, ours neither, dates a value.
"""

from __future__ import annotations

from datetime import UTC, datetime

from devices.monitors.hl7_pcd01.wire.messages import parse_time, seconds_between
from exomonitor.clock import NS, Instant

OLDEST_S = 24 * 3600.0
AHEAD_S = 60.0
"""An observation may be so much younger than its message: gateways stamp messages with their own clock."""
FRESH_S = 5.0
"""A continuous value is no older than its message within this, and no message comes later than this on a good line."""
SAME_CLOCK_S = 2.0


class Lateness:
    """How much later than usual a message arrived. A device's clock that somebody set shifts every message alike, and
    is taken for the new usual with the second message; messages that were kept arrive faster than they were made."""

    def __init__(self) -> None:
        self._usual_s: float | None = None
        self._last: tuple[float, Instant] | None = None

    def of(self, sent: datetime | None, at: Instant) -> float:
        """Seconds of delay of a message with this MSH-7; 0 when it is in time or nobody can tell."""
        if sent is None:
            return 0.0
        # Only differences count, so any beginning will do; not our own clock's time, which somebody may set as well.
        offset = at.mono_ns / NS - (sent if sent.tzinfo is not None else sent.replace(tzinfo=UTC)).timestamp()
        last, self._last = self._last, (offset, at)
        steady = last is not None and at.since(last[1]) >= FRESH_S and abs(offset - last[0]) <= SAME_CLOCK_S
        if self._usual_s is None or steady or offset < self._usual_s:
            self._usual_s = offset
        late = offset - self._usual_s
        return late if FRESH_S < late <= OLDEST_S else 0.0


class Ages:
    """Dates observations. What is sent again unchanged keeps the instant that it was given first."""

    def __init__(self) -> None:
        self._lateness = Lateness()
        self._known: dict[str, tuple[tuple[float, str], Instant]] = {}
        self._sent: datetime | None = None
        self._late_s = 0.0

    def begin(self, sent: str, at: Instant) -> None:
        """A message with this MSH-7 arrived."""
        self._sent = parse_time(sent)
        self._late_s = self._lateness.of(self._sent, at)

    def measured_at(self, sign: str, value: float, observed: str, at: Instant) -> Instant | None:
        """When the value was measured; None when that is the arrival, or nobody can tell. observed: OBX-14 or OBR-7."""
        age = _age_s(parse_time(observed), self._sent)
        old = self._late_s + (age or 0.0)
        if not sign.startswith("nibp"):
            return at.plus(-old) if old > FRESH_S else None
        key = (value, observed)
        known = self._known.get(sign)
        if known is not None and known[0] == key:
            return known[1]
        measured = at.plus(-old)
        self._known[sign] = (key, measured)
        return measured


def _age_s(observed: datetime | None, sent: datetime | None) -> float | None:
    """Seconds from the observation to the message, None when not both times are told or they are absurd."""
    if observed is None or sent is None:
        return None
    age = seconds_between(observed, sent)
    return max(age, 0.0) if -AHEAD_S <= age <= OLDEST_S else None
