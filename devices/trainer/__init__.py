"""What a trainer may let happen in a demo, one key each: to a cable, a pump or the patient; and what the nurse sees."""

from __future__ import annotations

from devices.scenes import Scene
from devices.trainer.bedside import PATIENTS, PUMPS
from devices.trainer.cables import OTHER_SERIALS, cable_moves
from devices.trainer.courses import COURSE, courses
from devices.trainer.move import Move
from exomonitor.engine.ports import Trick
from exomonitor.errors import CommandRefused

__all__ = ["COURSE", "OTHER_SERIALS", "play", "tricks_of"]


def tricks_of(scene: Scene) -> tuple[Trick, ...]:
    """What can happen with these devices."""
    return tuple(move.trick for move in _moves(scene))


def play(scene: Scene, key: str) -> None:
    """Let it happen now; CommandRefused when these devices cannot do it."""
    move = next((one for one in _moves(scene) if one.trick.key == key), None)
    if move is None:
        raise CommandRefused(f"There is no trick {key!r} with these devices")
    move.act(scene)


def _moves(scene: Scene) -> tuple[Move, ...]:
    cables = tuple(move for role, spec in scene.specs.items() for move in cable_moves(role, spec))
    return tuple(move for move in (*cables, *PUMPS, *PATIENTS, *courses(scene)) if move.fits(scene))
