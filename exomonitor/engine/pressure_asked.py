"""Between two readings of the cuff: a faster heart or a lower saturation than at baseline asks for one more (H17)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from exomonitor.alarms.limits import Limit
from exomonitor.clock import Instant
from exomonitor.engine.snapshot import Live
from exomonitor.session.phases import Phase
from exomonitor.session.state import SessionState
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign
from exomonitor.units import rounded


def pressure_asked(
    state: SessionState | None, vitals: Mapping[Sign, Live], limits: Iterable[Limit], now: Instant, counts_s: float
) -> str:
    """What to do, with the reason, or "": heart rate or saturation is as far from the baseline as makes a low pressure
    a high alarm, and no pressure was measured within `counts_s`."""
    if state is None or state.phase not in {Phase.INFUSE, Phase.OBSERVE} or state.care.away is not None:
        return ""
    why = _worse(vitals, limits)
    age_s = _age_of_pressure(state, vitals, now)
    return f"{why}: measure BP now" if why and age_s is not None and age_s > counts_s else ""


def _worse(vitals: Mapping[Sign, Live], limits: Iterable[Limit]) -> str:
    companions = [limit for limit in limits if limit.is_companion]
    rises = [limit.hr_rise for limit in companions if limit.hr_rise is not None]
    falls = [limit.spo2_fall for limit in companions if limit.spo2_fall is not None]
    rate = Sign.PULSE if _counting(vitals.get(Sign.HR)) is None else Sign.HR  # a pulse is judged as heart rate
    faster, lower = _from_baseline(vitals.get(rate)), _from_baseline(vitals.get(Sign.SPO2))
    if faster is not None and rises and faster >= min(rises):
        return f"HR {rounded(faster, 0)} above baseline"
    if lower is not None and falls and -lower >= min(falls):
        return f"SpO₂ {rounded(-lower, 0)} % below baseline"
    return ""


def _counting(live: Live | None) -> float | None:
    """The value, if it counts now."""
    if live is None or live.stale or live.lost or live.reading.validity is not Validity.VALID:
        return None
    return live.reading.value


def _from_baseline(live: Live | None) -> float | None:
    """How far a value that counts now is above the baseline."""
    value = _counting(live)
    return None if live is None or value is None or live.baseline is None else value - live.baseline


def _age_of_pressure(state: SessionState, vitals: Mapping[Sign, Live], now: Instant) -> float | None:
    """Seconds since the newest pressure, measured by the monitor or entered; None = there was none."""
    cuff = vitals.get(Sign.NIBP_SYS)
    ages = [cuff.age_s] if cuff is not None and cuff.reading.value is not None else []
    for done in (done.event for done in state.observations.values()):
        one = done.values.get(Sign.NIBP_SYS.value)
        ages += [now.since(done.observed) + one.age_s] if one is not None else []
    return min(ages, default=None)
