"""Several chairs on one screen: the tile of each, its colour, and the chairs that another station watches."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.policy import AlarmState
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.phases import Phase
from exomonitor.session.places import is_lounge, place_words
from exomonitor.settings import Seat
from ui.presenters.alarms import brief, in_turn
from ui.presenters.words import join

FILLS: dict[str, tuple[str, str]] = {
    "blue": ("#395a9c", "#ffffff"),
    "pink": ("#cb6395", "#0b0e12"),
    "green": ("#249453", "#0b0e12"),
    "sand": ("#c1b499", "#0b0e12"),
    "brown": ("#4a1a05", "#ffffff"),
    "plum": ("#281435", "#ffffff"),
    "grey": ("#4a4d52", "#ffffff"),
    "white": ("#f6f7f9", "#0b0e12"),
}
"""Colour of a chair -> its fill and the text on it. The number always stands on it: no colour speaks alone."""
NEUTRAL = ("#8b95a3", "#0b0e12")
"""Places that have no colour of their own: a lounge, a chair that is not this station's any more."""
_PHASES = {
    Phase.PREPARE: "Prepare",
    Phase.INFUSE: "Infuse",
    Phase.OBSERVE: "Observe",
    Phase.EMERGENCY: "EMERGENCY",
}


@dataclass(frozen=True, slots=True)
class Tile:
    """One place on the strip. `alarm` = "" when none stands; `filled` while it is active and nobody has seen it."""

    place: str
    number: str
    fill: str
    ink: str
    name: str
    state: str
    alarm: str = ""
    priority: Priority | None = None
    filled: bool = False
    more: int = 0

    @property
    def spoken(self) -> str:
        """The whole tile in words."""
        alarm = f"alarm {self.alarm}" if self.alarm else "no alarm"
        return ", ".join(part for part in (place_words(self.place), self.name, self.state, alarm) if part)


def fill_of(place: str, seats: tuple[Seat, ...]) -> tuple[str, str]:
    """The fill of a place and the text on it."""
    return next((FILLS[seat.colour] for seat in seats if seat.name == place), NEUTRAL)


def tile(snapshot: Snapshot, seats: tuple[Seat, ...], *, blind: bool = False) -> Tile:
    """The tile of the place that this picture shows. blind: a second person is at work there, who is not told."""
    fill, ink = fill_of(snapshot.chair, seats)
    session = snapshot.session
    is_open = session is not None and session.phase.is_open
    patient = session.patient if session is not None and is_open else None
    name = short_name(patient.name) if patient is not None else "New session" if is_open else "Free"
    shown = in_turn(snapshot.alarms)
    first = shown[0] if shown else None
    return Tile(
        place=snapshot.chair,
        number=snapshot.chair.replace("Lounge ", "L") if is_lounge(snapshot.chair) else snapshot.chair,
        fill=fill,
        ink=ink,
        name="Second check" if blind else name,
        state=_state(snapshot),
        alarm=f"{first.priority.marks} {brief(first)}" if first is not None else "",
        priority=first.priority if first is not None else None,
        filled=first is not None and first.state is AlarmState.ACTIVE,
        more=max(0, len(shown) - 1),
    )


def short_name(name: str) -> str:
    """`J. DOE` of `DOE, Jane`: what fits on a tile; the whole name stands in the header of its chair."""
    family, comma, given = name.partition(",")
    letters = "".join(f"{part[0]}." for part in given.replace("-", " ").split())
    return f"{letters} {family.strip()}" if comma and letters else name.strip()


def _state(snapshot: Snapshot) -> str:
    """Where the visit stands, and how long it still takes."""
    session, progress = snapshot.session, snapshot.progress
    if session is None or not session.phase.is_open:
        return ""
    word = _PHASES[session.phase]
    if session.phase is Phase.INFUSE and progress is not None:
        if session.product_end is not None:
            return "Flush"
        left = "-- min left" if progress.remaining_s is None else f"{_minutes(progress.remaining_s)} min left"
        return join(word if progress.running else "STANDS", left)
    if session.phase is Phase.OBSERVE and snapshot.next_slot is not None and snapshot.next_slot.due_at is not None:
        due_s = snapshot.next_slot.due_at.since(snapshot.now)
        return join(word, f"set in {_minutes(due_s)} min" if due_s > 0 else "set due")
    return word


def _minutes(seconds: float) -> int:
    """Whole minutes, the begun one included."""
    return max(0, -int(-seconds // 60))


def not_shown_words(names: tuple[str, ...]) -> str:
    """Chairs that another station watches; "" where there are none."""
    return f"Not shown here: {', '.join(names)}" if names else ""
