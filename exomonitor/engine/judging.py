"""Judges a chair's technical conditions once a second, and tells its alarms what the session says of the patient.

What depends on the state alone is judged when the state is another one: it is frozen, and stays the same for minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from exomonitor.clinical.sites import SiteTable
from exomonitor.clock import Instant
from exomonitor.computer import Computer
from exomonitor.engine import alarm_watch, care_watch, lounge
from exomonitor.engine.alarm_basis import basis_of
from exomonitor.engine.chair import Chair
from exomonitor.engine.health import Condition, changed_conditions, conditions, withdrawn_condition
from exomonitor.engine.reaction_health import reaction_conditions
from exomonitor.engine.several import shared_devices
from exomonitor.engine.snapshot import AudioView
from exomonitor.engine.upkeep_health import upkeep_conditions
from exomonitor.registry.registry import Registry
from exomonitor.session.recent import Recent
from exomonitor.session.state import SessionState

_OF_STATE: Recent[tuple[Condition, ...]] = Recent()
_OF_REGISTRY: Recent[Condition] = Recent()


@dataclass(frozen=True, slots=True)
class StationFacts:
    """What is true of the whole station: sound, backups, this computer, the clinic's registry, all its places."""

    audio: AudioView
    upkeep: Mapping[str, str]
    """What is wrong with the record's upkeep, by what (engine.upkeep_health); "" or none = nothing."""
    computer: Computer
    registry: Registry
    places: tuple[Chair, ...]
    several: bool = False


def judge(chair: Chair, station: StationFacts, fault: str, now: Instant) -> None:
    """Tell the chair's alarms of everything technical as it stands. fault: why the record is not being saved."""
    state, rules = chair.expected, chair.protocol.rules
    chair.record_alarms(chair.alarms.tailor(basis_of(state), now))
    gone = chair.deserted
    unwatched = gone or care_watch.is_unwatched(state, chair.live, rules.care.content, now)
    chair.record_alarms(chair.alarms.set_away(unwatched, now))
    chair.record_alarms(chair.alarms.set_deserted(gone, now))
    chair.alarms.set_closed(not chair.session)
    chair.heed((*_found(chair, station, fault, now), *_around(chair, station)), now)
    chair.record_suppressed(now)


def _found(chair: Chair, station: StationFacts, fault: str, now: Instant) -> Iterable[Condition]:
    state, live, protocol = chair.expected, chair.live, chair.protocol
    rules, settings = protocol.rules, protocol.alarm_settings
    yield from conditions(state, live, chair.progress(now), chair.sets(now), station.audio, fault, now)
    yield from care_watch.conditions(state, live, rules.care.content, now)
    site, *others = _OF_STATE.answer(state, rules.sites, lambda: tuple(_of_state(state, rules.sites.content)))
    yield site
    yield from reaction_conditions(state, live, chair.watch)
    yield _OF_REGISTRY.answer(state, station.registry, lambda: _withdrawn(state, station.registry))
    yield from others
    yield from alarm_watch.pressure_conditions(state, live, chair.watch, protocol.schedule, settings, now)
    yield from alarm_watch.frame_conditions(state, chair.frames, settings, now)
    yield from alarm_watch.computer_conditions(state, station.computer, settings)


def _of_state(state: SessionState | None, sites: SiteTable) -> Iterable[Condition]:
    """What neither time nor devices can change."""
    yield care_watch.site_condition(state, sites)
    yield from changed_conditions(state)
    yield alarm_watch.score_condition(state)


def _withdrawn(state: SessionState | None, registry: Registry) -> Condition:
    return withdrawn_condition(state, registry.lots, registry.bags)


def _around(chair: Chair, station: StationFacts) -> Iterable[Condition]:
    """What has nothing to do with the patient in this chair."""
    if station.several:
        yield from shared_devices(station.places, chair)
    else:
        yield from lounge.conditions_elsewhere(station.places, chair)
    others = () if station.several else (one for one in station.places if one is not chair and one.session)
    yield from upkeep_conditions(station.upkeep, chair.session, chair.name, {one.session: one.name for one in others})
