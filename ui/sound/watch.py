"""What the sound helper does and when: which burst is due, and when the screen has been silent too long. No Qt."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from exomonitor.alarms.bursts import BURSTS
from exomonitor.alarms.limits import Priority
from ui.sound.wave import FAILURE_PERIOD_MS

PATIENCE_S = 3.0
"""Without a heartbeat for longer than this the screen counts as frozen."""
HUSH_S = 120.0
"""As long as the audio pause of an alarm: a frozen screen is called out again after it."""
FAILURE = "failure"
_BY_WORD = {priority.word: priority for priority in Priority}
_TEST_GAP_S = 1.2


@dataclass(slots=True)
class SoundWatch:
    """Told every line and asked at every tick; all times in seconds of one monotonic clock."""

    patience_s: float = PATIENCE_S
    sounding: Priority | None = None
    loud: bool = False
    """Nobody has answered for too long: as loud as can be."""
    frozen: bool = False
    calling: bool = False
    """Frozen, and nobody has silenced that for a while."""
    closing: bool = False
    _heard_s: float | None = None
    _hushed_until_s: float | None = None
    _due_s: float = 0.0
    _tests: list[tuple[float, str]] = field(default_factory=list)

    def hear(self, line: str, now_s: float) -> str:
        """Take one line of the screen; returns what was wrong with it, "" when nothing."""
        try:
            said = json.loads(line)
        except ValueError:
            return "not JSON"
        if not isinstance(said, dict):
            return "not an object"
        if "beat" in said:
            self._heard_s, self.frozen, self._hushed_until_s = now_s, False, None
        if "test" in said:
            self._begin_test(said["test"] == "full", now_s)
        if "loud" in said:
            self.loud = said["loud"] is True
        if said.get("bye"):
            self.closing = True
        if "sound" in said:
            return self._change(said["sound"], now_s)
        return ""

    def hush(self, now_s: float) -> None:
        """Somebody has seen that the screen stands still: no tone for two minutes, or until it moves and stops anew."""
        self._hushed_until_s = now_s + HUSH_S

    def due(self, now_s: float) -> list[str]:
        """The sounds to begin now: `high`, `medium`, `low`, `failure`."""
        if self.closing:
            return []
        self.frozen = self.frozen or self._too_quiet(now_s)
        self.calling = self.frozen and (self._hushed_until_s is None or now_s >= self._hushed_until_s)
        if self.frozen:
            return self._failure(now_s) if self.calling else []
        if self.sounding is not None:
            self._tests = []  # an alarm is no moment for a test, nor would anybody tell the two apart
            if now_s < self._due_s:
                return []
            self._due_s = now_s + BURSTS[self.sounding].period_ms / 1000
            return [self.sounding.word]
        found = [name for at_s, name in self._tests if at_s <= now_s]
        self._tests = [test for test in self._tests if test[0] > now_s]
        return found

    def _too_quiet(self, now_s: float) -> bool:
        # Before the first heartbeat there is no screen yet that could be frozen.
        quiet = self._heard_s is not None and now_s - self._heard_s > self.patience_s
        if quiet:
            self._due_s = now_s
        return quiet

    def _failure(self, now_s: float) -> list[str]:
        if now_s < self._due_s:
            return []
        self._due_s = now_s + FAILURE_PERIOD_MS / 1000
        return [FAILURE]

    def _change(self, word: object, now_s: float) -> str:
        if word is not None and word not in _BY_WORD:
            return f"no sound is called {word!r}"
        wanted = _BY_WORD[str(word)] if word is not None else None
        if wanted is not self.sounding:
            # A sound that is asked for anew begins at once; a softer one waits for the burst that is still heard.
            louder = self.sounding is None or (wanted is not None and wanted > self.sounding)
            if wanted is not None and self.sounding is not None and not louder:
                self._due_s = min(self._due_s, now_s + BURSTS[self.sounding].length_ms / 1000 + 1.0)
            else:
                self._due_s = now_s
            self.sounding = wanted
        return ""

    def _begin_test(self, full: bool, now_s: float) -> None:
        at_s = now_s
        self._tests = []
        for priority in (Priority.HIGH, Priority.MEDIUM, Priority.LOW) if full else (Priority.LOW,):
            self._tests.append((at_s, priority.word))
            at_s += BURSTS[priority].length_ms / 1000 + _TEST_GAP_S
