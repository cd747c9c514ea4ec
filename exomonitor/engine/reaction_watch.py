"""Watches a reaction live: the anaphylaxis criteria on whatever is known, the worst values, the cuff that failed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from exomonitor.clinical.anaphylaxis import (
    SKIN,
    Criterion,
    Findings,
    Saturation,
    Sign,
    assess,
    brown,
    hypotension,
    is_low_saturation,
    measured_hypoxaemia,
    ring_messmer,
)
from exomonitor.clinical.observations import BASELINE
from exomonitor.clinical.rulebook import Rulebook
from exomonitor.clock import Instant
from exomonitor.session.parts.emergency_events import AnaphylaxisAssessed
from exomonitor.session.state import ObservationDone, Reaction, SessionState
from exomonitor.session.timing import since_start
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign as Vital
from exomonitor.signals.vitals import VitalReading
from exomonitor.units import rounded

KNOWN = "reacted to this product before"
KEPT_S = 120.0
KEPT_BEFORE_S = 600.0
_FAILED = frozenset(
    {Validity.INVALID, Validity.UNAVAILABLE, Validity.ARTIFACT, Validity.LOW_PERFUSION, Validity.SENSOR_OFF}
)
_TRIED = frozenset({Validity.INVALID, Validity.ARTIFACT, Validity.LOW_PERFUSION})
"""These are said of a measurement; a cuff that has nothing yet, or lies in the drawer, is told otherwise."""
_MEASURED = (Vital.HR, Vital.SPO2, Vital.RR, Vital.TEMP, Vital.NIBP_SYS, Vital.NIBP_DIA)
_WORDS = {
    Sign.DYSPNOEA: "short of breath",
    Sign.WHEEZE: "wheeze",
    Sign.STRIDOR: "stridor",
    Sign.VOICE_OR_SWALLOWING: "hoarse, cannot swallow",
    Sign.COLLAPSE: "collapse",
    Sign.SYNCOPE: "fainted",
    Sign.INCONTINENCE: "incontinent",
    Sign.SEVERE_GI: "severe vomiting or cramps",
    Sign.PERSISTENT_GI: "vomiting goes on",
}
_CONSCIOUSNESS = {"confused": Sign.CONFUSION, "unresponsive": Sign.UNCONSCIOUS}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which criteria are met in which reaction ("" = none is open), because of what, and both severity scales."""

    reaction: str = ""
    criteria: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    brown: int = 0
    ring_messmer: int = 0

    @property
    def text(self) -> str:
        """The one line of the alarm."""
        return f"Anaphylaxis criteria may be met: {' + '.join(self.because)}"


@dataclass(slots=True)
class ReactionWatch:
    """What the readings of one chair have said lately. Owned by the engine's thread."""

    saturations: deque[tuple[Instant, float, bool]] = field(default_factory=deque)
    worst: dict[str, Decimal] = field(default_factory=dict)
    reaction: str = ""
    cuff_tried: bool = False
    cuff_failed: bool = False
    told: tuple[str, tuple[str, ...]] | None = None
    """The reaction and its criteria as the journal has them; None = look it up there."""
    on_file: str = ""
    """The patient's earlier reaction to this product, "" where none is on file."""

    def take(self, reading: VitalReading, state: SessionState | None) -> None:
        """One more reading of this chair's monitor."""
        if reading.sign is Vital.NIBP_SYS:
            self._take_cuff(reading)
        if reading.value is None:
            return
        good = reading.validity is not Validity.QUESTIONABLE
        if reading.sign is Vital.SPO2:
            self.saturations.append((reading.at, reading.value, good))
            while reading.at.since(self.saturations[0][0]) > KEPT_S:
                self.saturations.popleft()
        reaction = state.open_reaction if state is not None else None
        if reaction is not None and good and reading.sign in _MEASURED:
            self.follow(reaction, state)
            if reading.taken_at.since(reaction.when) >= 0:
                self._note(reading.sign.value, rounded(reading.value, 1 if reading.sign is Vital.TEMP else 0))

    def follow(self, reaction: Reaction, state: SessionState | None) -> None:
        """A reaction is open: its worst values begin with what is recorded of it."""
        if reaction.id == self.reaction:
            return
        self.reaction, self.worst = reaction.id, {}
        if reaction.details is not None:
            self.worst |= reaction.details.worst
        for name, value in reaction.vitals.items():
            self._note(name, value.value)
        for done in state.observations.values() if state is not None else ():
            if done.event.observed.since(reaction.when) >= 0:
                for name, value in done.event.values.items():
                    self._note(name, value.value)

    def judge(
        self, state: SessionState, live: Mapping[Vital, VitalReading], rules: Rulebook, now: Instant
    ) -> Verdict | None:
        """The criteria as they stand; None where there is nothing to judge: no reaction and no symptom of the skin."""
        reaction = state.open_reaction
        if reaction is not None:
            self.follow(reaction, state)
        latest = _latest_set(state, reaction)
        signs = _signs(reaction, latest, rules)
        if reaction is None and not signs & SKIN:
            return None
        since = reaction.kept_from if reaction is not None else now.plus(-KEPT_BEFORE_S)
        onset_s = since_start(state, reaction.when if reaction is not None else _observed(latest, now))
        name = reaction.id if reaction is not None else ""
        if onset_s is None:  # no product has run: whatever it is, it does not come from the product
            return Verdict(name)
        found = self._findings(state, live, latest, signs, since, rules)
        end_s = since_start(state, state.product_end.when) if state.product_end is not None else None
        known = True if self.on_file else None
        met = assess(found, rules.anaphylaxis.content.exposure(onset_s, end_s, known)).met
        return Verdict(
            name,
            tuple(str(one) for one in met),
            (*_because(found), *((KNOWN,) if Criterion.NIAID3 in met else ())) if met else (),
            int(brown(found)),
            int(ring_messmer(found)),
        )

    def news(self, verdict: Verdict, state: SessionState) -> AnaphylaxisAssessed | None:
        """What the journal does not know yet: another set of criteria than before in the same reaction."""
        if self.told is None or self.told[0] != verdict.reaction:
            known = state.emergency.assessment(verdict.reaction)
            self.told = (verdict.reaction, known.criteria if known is not None and verdict.reaction else ())
        if self.told[1] == verdict.criteria:
            return None
        self.told = (verdict.reaction, verdict.criteria)
        return AnaphylaxisAssessed(
            verdict.reaction, verdict.criteria, verdict.because, verdict.brown, verdict.ring_messmer
        )

    def bp_is_missing(self, state: SessionState | None, live: Mapping[Vital, VitalReading]) -> bool:
        """Whether, in an open reaction, the cuff has failed or the finger has no pulse to measure."""
        if state is None or state.open_reaction is None:
            return False
        probe = live.get(Vital.SPO2)
        return self.cuff_failed or (probe is not None and probe.validity is Validity.LOW_PERFUSION)

    def _take_cuff(self, reading: VitalReading) -> None:
        if reading.value is not None or reading.validity is Validity.MEASURING:
            self.cuff_tried, self.cuff_failed = True, False
        elif reading.validity in _FAILED:
            self.cuff_failed = self.cuff_tried or reading.validity in _TRIED

    def _note(self, sign: str, value: Decimal) -> None:
        for end, pick in (("min", min), ("max", max)):
            key = f"{sign}_{end}"
            self.worst[key] = pick(self.worst.get(key, value), value)

    def _findings(
        self,
        state: SessionState,
        live: Mapping[Vital, VitalReading],
        latest: ObservationDone | None,
        signs: frozenset[Sign],
        since: Instant,
        rules: Rulebook,
    ) -> Findings:
        baseline = _baseline(state)
        spo2 = _number(Vital.SPO2, live, latest, since)
        if self._is_hypoxaemic(baseline.get("spo2"), latest, rules, skin=bool(signs & SKIN)):
            signs |= {Sign.HYPOXAEMIA}
        return Findings(
            present=signs,
            sbp=_whole(_number(Vital.NIBP_SYS, live, latest, since)),
            baseline_sbp=_whole(baseline.get("nibp_sys")),
            own_sbp_limit=state.emergency.own_sbp_limit,
            spo2=spo2,
            hr=_whole(_number(Vital.HR, live, latest, since)),
            baseline_hr=_whole(baseline.get("hr")),
        )

    def _is_hypoxaemic(
        self, baseline: float | None, latest: ObservationDone | None, rules: Rulebook, *, skin: bool
    ) -> bool:
        """By the monitor for long enough, or by a value that a person has typed."""
        rule = rules.anaphylaxis.content.hypoxaemia
        samples = [Saturation(at.mono_ns / 1e9, value, good) for at, value, good in self.saturations]
        if measured_hypoxaemia(samples, baseline, rule, skin_open=skin):
            return True
        typed = latest.event.values.get("spo2") if latest is not None else None
        by_hand = typed is not None and typed.source != "monitor"
        return skin and by_hand and typed is not None and is_low_saturation(float(typed.value), baseline, rule)


def _observed(latest: ObservationDone | None, now: Instant) -> Instant:
    return latest.event.observed if latest is not None else now


def _latest_set(state: SessionState, reaction: Reaction | None) -> ObservationDone | None:
    """The newest set that says something about now: of this reaction, or since the last one was over."""
    since = reaction.kept_from if reaction is not None else None
    if reaction is None and state.reactions:
        since = state.reactions[-1].closed
    done = [
        one
        for key, one in state.observations.items()
        if key != BASELINE and (since is None or one.event.observed.since(since) >= 0)
    ]
    return max(done, key=lambda one: one.event.observed.utc, default=None)


def _signs(reaction: Reaction | None, latest: ObservationDone | None, rules: Rulebook) -> frozenset[Sign]:
    tiles = rules.symptoms.content.symptom
    by_label = {tile.label: tile.key for tile in tiles}
    told = list(reaction.details.symptoms) if reaction is not None and reaction.details is not None else []
    extra: set[Sign] = set()
    if latest is not None:
        told += latest.event.symptoms
        if (sign := _CONSCIOUSNESS.get(latest.event.consciousness)) is not None:
            extra.add(sign)
    keys = {by_label.get(code, code) for code in told}
    return rules.anaphylaxis.content.signs_of(keys) | extra


def _baseline(state: SessionState) -> dict[str, float]:
    done = state.observations.get(BASELINE)
    return {name: float(value.value) for name, value in done.event.values.items()} if done is not None else {}


def _number(
    sign: Vital, live: Mapping[Vital, VitalReading], latest: ObservationDone | None, since: Instant
) -> float | None:
    """The newest value of a sign since then, read or typed."""
    reading = live.get(sign)
    read = reading if reading is not None and reading.value is not None and reading.taken_at.since(since) >= 0 else None
    typed = latest.event.values.get(sign.value) if latest is not None else None
    if typed is None or latest is None:
        return read.value if read is not None else None
    if read is not None and read.taken_at.since(latest.event.observed.plus(-typed.age_s)) >= 0:
        return read.value
    return float(typed.value)


def _whole(value: float | None) -> int | None:
    return None if value is None else int(rounded(value, 0))


def _because(found: Findings) -> Iterator[str]:
    if found.present & SKIN:
        yield "skin"
    if Sign.HYPOXAEMIA in found.present:
        yield f"SpO₂ {rounded(found.spo2, 0)} %" if found.spo2 is not None else "SpO₂ low"
    if hypotension(found):
        yield f"SBP {found.sbp} mmHg"
    for sign, words in _WORDS.items():
        if sign in found.present:
            yield words
