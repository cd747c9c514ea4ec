"""The observe phase away from the chair: a session moves to a place without devices, and places hear of each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from exomonitor.alarms.policy import AlarmState
from exomonitor.clock import Instant
from exomonitor.engine.chair import Chair
from exomonitor.engine.health import Condition
from exomonitor.engine.snapshot import OtherPlace
from exomonitor.session.machine_events import AlarmChanged
from exomonitor.session.places import ELSEWHERE, is_lounge


def move(chair: Chair, lounge: Chair, now: Instant) -> None:
    """The session goes on in the lounge; the chair is free, and nothing that its devices say belongs to it any more."""
    if chair.state is None:
        return
    session = chair.state.id
    lounge.begin()
    lounge.state, lounge.log, lounge.latest_of_type = chair.state, chair.log, chair.latest_of_type
    lounge.protocol, lounge.staff_id, lounge.saved_at = chair.protocol, chair.staff_id, chair.saved_at
    chair.begin()
    chair.end(session, now)
    for view in chair.alarms.views():
        if not view.key.startswith(ELSEWHERE):
            over = AlarmChanged(
                view.key, view.text, view.priority.name.lower(), str(view.state), AlarmState.NORMAL.value, view.since,
                view.value, view.limit, view.unit,
            )  # fmt: skip
            lounge.record(over, now)


def conditions_elsewhere(places: Iterable[Chair], here: Chair) -> Iterator[Condition]:
    """What alarms in the other places, told here with the name of the place first; what is lost of their records is
    told by upkeep_health, and what is lost of the clinic's lists is told here as well."""
    for place in places:
        if place is here or not place.session:
            continue
        for view in place.alarms.views():
            if not view.key.startswith(ELSEWHERE) and view.key != "registry":
                active = view.state in {AlarmState.ACTIVE, AlarmState.LATCHED}
                key, text = f"{ELSEWHERE}{place.name}:{view.key}", f"{place.name}: {view.text}"
                yield Condition(key, active, view.priority, text)


def other_places(places: Iterable[Chair], here: Chair, *, several: bool = False) -> tuple[OtherPlace, ...]:
    """The other places, as far as somebody is there (or it is the chair itself): for the keys that lead to them. Where
    the station has several chairs: all of them, with what alarms there."""
    found = []
    for place in places:
        if place is here or not (place.session or is_lounge(here.name) or (several and not is_lounge(place.name))):
            continue
        patient = place.state.patient if place.state is not None and place.session else None
        views = place.alarms.views()
        urgent = any(v.state is AlarmState.ACTIVE and not v.key.startswith(ELSEWHERE) for v in views)
        name = patient.name if patient is not None else ""
        found.append(OtherPlace(place.name, name, urgent, views if several else ()))
    return tuple(found)
