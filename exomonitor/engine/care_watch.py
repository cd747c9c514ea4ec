"""Conditions beside the infusion itself: a patient who is away, a pump that runs unwatched, a site to be left."""

from __future__ import annotations

from collections.abc import Iterator

from exomonitor.alarms.limits import Priority
from exomonitor.clinical.care import CareTable
from exomonitor.clinical.sites import SiteTable, site_prompt
from exomonitor.clock import Instant
from exomonitor.engine.health import Condition
from exomonitor.engine.live import LiveState
from exomonitor.session.phases import Phase
from exomonitor.session.state import SessionState
from exomonitor.signals.vitals import Sign


def is_unwatched(state: SessionState | None, live: LiveState, rules: CareTable, now: Instant) -> bool:
    """Whether the sensors are not to be judged: the patient is away, and they have not come on again by themselves."""
    away = state.care.away if state is not None and state.phase.is_open else None
    return away is not None and not _sensors_on_again(live, away.began, rules, now)


def conditions(state: SessionState | None, live: LiveState, rules: CareTable, now: Instant) -> Iterator[Condition]:
    """Of a patient who is away, active or not."""
    away = state.care.away if state is not None and state.phase.is_open else None
    minutes = 0.0 if away is None else now.since(away.began) / 60
    again = away is not None and _sensors_on_again(live, away.began, rules, now)
    long = minutes >= rules.count_up_min
    text = "PATIENT AWAY - sensors not watched"
    if again:
        text = "SENSORS ON AGAIN - record the patient as back"
    elif long:
        text = f"PATIENT AWAY for more than {rules.count_up_min} min - look for the patient"
    yield Condition("care.away", away is not None, Priority.MEDIUM if long or again else Priority.LOW, text)
    running = state.delivery if state is not None and state.delivery is not None and state.delivery.runs else None
    alone_s = 0.0
    if away is not None and running is not None:
        alone_s = min(now.since(away.began), now.since(running.began))
    yield Condition(
        "care.unmonitored",
        away is not None and running is not None and alone_s >= rules.unmonitored_after_min * 60,
        Priority.MEDIUM,
        "INFUSING, UNMONITORED - the patient is away",
    )


def _sensors_on_again(live: LiveState, since: Instant, rules: CareTable, now: Instant) -> bool:
    """Whether the probe was off after the patient had left and has had good values for a while by now."""
    good = live.good_since.get(Sign.SPO2)
    reading = live.vitals.get(Sign.SPO2)
    if good is None or reading is None or live.vital_is_stale(reading, now):
        return False
    return good.since(since) > 0 and now.since(good) >= rules.sensors_again_s


def site_condition(state: SessionState | None, sites: SiteTable) -> Condition:
    """What the look of the site asks for: by the state alone."""
    watched = state is not None and state.phase in {Phase.INFUSE, Phase.OBSERVE}
    look = state.care.site if state is not None else None
    prompt = site_prompt(look.score, sites) if watched and look is not None else ""
    return Condition("care.site", bool(prompt), Priority.MEDIUM, prompt or "Stop, re-site")
