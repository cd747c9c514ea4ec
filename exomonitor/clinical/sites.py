"""Scales for the IV site: phlebitis and infiltration, what each grade means, and when to stop and re-site."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field, model_validator

from exomonitor.clinical.tables import Row, SignedTable
from exomonitor.errors import CommandRefused

FILE = "sites.toml"
PHLEBITIS, INFILTRATION = "phlebitis", "infiltration"


class SiteScale(Row):
    """One scale: its name, where it comes from, and the text of each grade from 0 on."""

    key: str = Field(pattern=r"^[a-z_]+$")
    name: str = Field(min_length=1)
    source: str = Field(min_length=1)
    grades: tuple[str, ...] = Field(min_length=2)


class SiteTable(SignedTable):
    """The scales of the site, the grade from which the prompt is shown, and the prompt."""

    prompt_from: int = Field(ge=1, le=3)
    prompt: str = Field(min_length=1)
    scale: tuple[SiteScale, ...]

    @model_validator(mode="after")
    def _both_scales(self) -> SiteTable:
        if sorted(scale.key for scale in self.scale) != [INFILTRATION, PHLEBITIS]:
            raise ValueError(f"scale: one {PHLEBITIS} and one {INFILTRATION} are needed")
        if any(len(scale.grades) <= self.prompt_from for scale in self.scale):
            raise ValueError("prompt_from: a scale has no such grade")
        return self

    def of(self, key: str) -> SiteScale:
        """The scale with this key."""
        return next(scale for scale in self.scale if scale.key == key)


@dataclass(frozen=True, slots=True)
class SiteScore:
    """Grades seen at the site; None = not looked at."""

    phlebitis: int | None = None
    infiltration: int | None = None

    @property
    def worst(self) -> int | None:
        """The higher of the grades that are known; None when none is."""
        known = [grade for grade in (self.phlebitis, self.infiltration) if grade is not None]
        return max(known, default=None)


def grade_text(scale: SiteScale, grade: int) -> str:
    """What a grade means; CommandRefused when the scale does not have it."""
    if not 0 <= grade < len(scale.grades):
        raise CommandRefused(f"{scale.name} has the grades 0-{len(scale.grades) - 1}, not {grade}")
    return scale.grades[grade]


def site_prompt(score: SiteScore, table: SiteTable) -> str:
    """The prompt when either grade asks for it, with the grade's meaning; empty otherwise. Refuses unknown grades."""
    said = []
    for key, grade in ((PHLEBITIS, score.phlebitis), (INFILTRATION, score.infiltration)):
        if grade is None:
            continue
        scale = table.of(key)
        text = grade_text(scale, grade)
        if grade >= table.prompt_from:
            said.append(f"{scale.name} {grade}: {text}")
    return f"{table.prompt} ({'; '.join(said)})" if said else ""
