"""The sound helper's link as the sound tests of the window see it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Sounds:
    """Plays nothing, remembers everything."""

    works: bool = True
    tells_volume: bool = False
    played: list[bool] = field(default_factory=list)
    answers: list[bool] = field(default_factory=list)

    def test(self, *, full: bool) -> bool:
        self.played.append(full)
        return self.works

    def answer_test(self, *, heard: bool) -> None:
        self.answers.append(heard)
