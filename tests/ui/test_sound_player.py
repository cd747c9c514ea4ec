"""One sound is heard at a time."""

from __future__ import annotations

from ui.sound.player import play_alone


class Heard:
    """An effect that writes down what becomes of it."""

    def __init__(self, name: str, told: list[str]) -> None:
        self._name, self._told = name, told

    def play(self) -> None:
        self._told.append(f"play {self._name}")

    def stop(self) -> None:
        self._told.append(f"stop {self._name}")


def test_a_sound_ends_every_other_before_it_begins():
    told: list[str] = []
    play_alone({name: Heard(name, told) for name in ("low", "medium", "high")}, "high")
    assert told == ["stop low", "stop medium", "stop high", "play high"]


def test_a_name_without_a_sound_plays_nothing():
    told: list[str] = []
    play_alone({"low": Heard("low", told)}, "failure")
    assert told == ["stop low"]
