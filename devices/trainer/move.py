"""One thing that a trainer lets happen: what its key says, and what it does to the scene."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from devices.scenes import Scene
from devices.spec import Role
from exomonitor.engine.ports import Trick

Act = Callable[[Scene], None]


@dataclass(frozen=True, slots=True)
class Move:
    """A trick and what it does. role: there must be such a device; families: only these can do it, () = all."""

    trick: Trick
    act: Act
    role: Role | None = None
    families: tuple[str, ...] = ()

    def fits(self, scene: Scene) -> bool:
        """Whether it can happen with these devices."""
        spec = scene.specs.get(self.role) if self.role is not None else None
        return self.role is None or (spec is not None and (not self.families or spec.key in self.families))


def then(*acts: Act) -> Act:
    """All of these, one after the other."""

    def act(scene: Scene) -> None:
        for one in acts:
            one(scene)

    return act
