"""Several chairs at one station: each hears of the others, one sound for all, and no device read for two patients."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from exomonitor.alarms.limits import Priority
from exomonitor.clock import Instant
from exomonitor.engine.chair import Chair
from exomonitor.engine.health import Condition
from exomonitor.engine.lounge import other_places
from exomonitor.engine.snapshot import AudioView, Snapshot
from exomonitor.session.places import place_words
from exomonitor.settings import Seat
from exomonitor.signals.links import LinkState

_NOT_READ = frozenset({LinkState.LOST, LinkState.CLOSED})


def heard(places: Collection[Chair], here: Chair, audio: AudioView, now: Instant, *, several: bool) -> AudioView:
    """What sounds: with one chair its own alarms; with several the highest of all places, and whose it is. A pause
    silences its own chair alone."""
    sounds = {place.name: place.alarms.sound(now) for place in (places if several else (here,))}
    loudest = max((sound for sound in sounds.values() if sound is not None), default=None)
    owner = next((name for name, sound in sounds.items() if sound is not None and sound is loudest), "")
    escalated = any(place.alarms.is_escalated(now) for place in (places if several else (here,)))
    return replace(
        audio,
        sounding=loudest,
        paused_until=here.alarms.audio_paused_until,
        owner=owner if several else "",
        escalated=escalated,
    )


def placed(
    seen: Snapshot, places: Collection[Chair], here: Chair, seats: tuple[Seat, ...], not_shown: tuple[str, ...]
) -> Snapshot:
    """The picture of a place, with what it must know of the rest of the station."""
    several = len(seats) > 1
    return replace(
        seen,
        others=other_places(places, here, several=several),
        chairs=seats if several else (),
        not_shown=not_shown,
        wristband=here.wristband,
    )


def shared_devices(places: Collection[Chair], here: Chair) -> Iterator[Condition]:
    """One pump or monitor that is read in two chairs: one of them shows the values of another patient."""
    for place in places:
        if place is here or not (place.session or here.session):
            continue
        for role, mine in _read(here).items():
            if mine in _read(place).values():
                text = f"{role.upper()} {mine[1]} IS ALSO READ IN {place_words(place.name).upper()} - check the cables"
                yield Condition(f"{role}.shared:{place.name}", True, Priority.HIGH, text)


def _read(chair: Chair) -> dict[str, tuple[str, str]]:
    """Role -> family and serial number, of the devices that have said theirs."""
    return {
        source.info.role: (source.info.key, source.change.serial)
        for source in chair.live.sources.values()
        if source.change is not None and source.change.serial and source.change.state not in _NOT_READ
    }
