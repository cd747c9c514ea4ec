"""Anaphylaxis criteria (WAO 2020, NIAID/FAAN 2006) and severity scales on partial data: what is true needs no rest."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from pydantic import Field, model_validator

from exomonitor.clinical.tables import Row, SignedTable
from exomonitor.errors import CommandRefused

FILE = "anaphylaxis.toml"
LOW_SBP_MMHG = 90


class Sign(StrEnum):
    """What is seen or asked; the values are the names in tables and records."""

    HIVES = "hives"
    ITCHING_FLUSHING = "itching_flushing"
    SWELLING = "swelling_lips_tongue"
    DYSPNOEA = "dyspnoea"
    WHEEZE = "wheeze"
    STRIDOR = "stridor"
    LOW_PEAK_FLOW = "low_peak_flow"
    HYPOXAEMIA = "hypoxaemia"
    VOICE_OR_SWALLOWING = "voice_or_swallowing"
    COLLAPSE = "collapse"
    SYNCOPE = "syncope"
    INCONTINENCE = "incontinence"
    SEVERE_GI = "severe_gi"
    PERSISTENT_GI = "persistent_gi"
    DIAPHORESIS = "diaphoresis"
    VOMITING = "vomiting"
    NAUSEA = "nausea"
    ABDOMINAL_PAIN = "abdominal_pain"
    PRESYNCOPE = "presyncope"
    TIGHTNESS = "chest_or_throat_tightness"
    COUGH = "cough"
    CONFUSION = "confusion"
    UNCONSCIOUS = "unconscious"
    CYANOSIS = "cyanosis"
    ARREST = "arrest"


SKIN = frozenset({Sign.HIVES, Sign.ITCHING_FLUSHING, Sign.SWELLING})
_RESPIRATORY = frozenset({Sign.DYSPNOEA, Sign.WHEEZE, Sign.STRIDOR, Sign.LOW_PEAK_FLOW, Sign.HYPOXAEMIA})
_END_ORGAN = frozenset({Sign.COLLAPSE, Sign.SYNCOPE, Sign.INCONTINENCE})
_LARYNGEAL = frozenset({Sign.STRIDOR, Sign.VOICE_OR_SWALLOWING})
_GUT = frozenset({Sign.SEVERE_GI, Sign.PERSISTENT_GI})


@dataclass(frozen=True, slots=True)
class Findings:
    """Signs said to be there and said not to be there (the rest is not known), with the numbers that are known.

    Pressures in mmHg, SpO2 in %, heart rates per minute. `own_sbp_limit` is the limit documented for a patient whose
    baseline is below 90 mmHg.
    """

    present: frozenset[Sign] = frozenset()
    absent: frozenset[Sign] = frozenset()
    sbp: int | None = None
    baseline_sbp: int | None = None
    own_sbp_limit: int | None = None
    spo2: float | None = None
    hr: int | None = None
    baseline_hr: int | None = None


@dataclass(frozen=True, slots=True)
class Exposure:
    """Whether the onset fits, whether the product is the likely cause, whether the patient is known to react to it."""

    acute: bool | None = True
    likely: bool | None = True
    known_allergen: bool | None = False


DURING_INFUSION = Exposure()


class Criterion(StrEnum):
    """A criterion by the name that is shown."""

    WAO1 = "WAO 1"
    WAO2 = "WAO 2"
    NIAID1 = "NIAID 1"
    NIAID2 = "NIAID 2"
    NIAID3 = "NIAID 3"


@dataclass(frozen=True, slots=True)
class Assessment:
    """Criteria that are met whatever the rest may be, and those that could still be met when more is known."""

    met: tuple[Criterion, ...]
    open: tuple[Criterion, ...]

    @property
    def text(self) -> str:
        """The prompt for the nurse; empty while nothing is met. It names criteria, never a diagnosis."""
        if not self.met:
            return ""
        return f"Anaphylaxis criteria may be met ({', '.join(self.met)}). STOP infusion and follow emergency protocol."


def low_by_wao(sbp: int, baseline: int, own_limit: int | None = None) -> bool:
    """Whether a systolic pressure in mmHg is low for an adult: below 90, or more than 30 % (strictly) below baseline.

    Where the baseline itself is below 90 the patient's own documented limit takes the place of 90.
    """
    limit = own_limit if own_limit is not None and needs_own_limit(baseline) else LOW_SBP_MMHG
    return sbp < limit or (baseline - sbp) * 10 > 3 * baseline


def needs_own_limit(baseline_sbp: int) -> bool:
    """Whether the ordinary limit would always be met, so that a limit for this patient must be written down first."""
    return baseline_sbp < LOW_SBP_MMHG


def check_own_limit(baseline_sbp: int, own_limit: int | None) -> None:
    """Refuse to start without a limit of their own for a low baseline, and a limit that could never or always alarm."""
    if not needs_own_limit(baseline_sbp):
        if own_limit is not None:
            raise CommandRefused(
                f"Baseline {baseline_sbp} mmHg: the limit of {LOW_SBP_MMHG} applies, no limit of their own"
            )
        return
    if own_limit is None:
        raise CommandRefused(
            f"Baseline systolic {baseline_sbp} mmHg is below {LOW_SBP_MMHG}: a limit for this patient is needed first"
        )
    if not 60 <= own_limit < baseline_sbp:
        raise CommandRefused(f"The patient's own limit must be from 60 to below the baseline of {baseline_sbp} mmHg")


def hypotension(findings: Findings) -> bool | None:
    """Low pressure, None while the numbers at hand cannot tell."""
    if findings.sbp is None:
        return None
    if findings.baseline_sbp is None:
        return True if findings.sbp < LOW_SBP_MMHG else None
    return low_by_wao(findings.sbp, findings.baseline_sbp, findings.own_sbp_limit)


def assess(findings: Findings, exposure: Exposure = DURING_INFUSION) -> Assessment:
    """Which criteria are met, and which still may be.

    No criterion counts against a sign, so it is met for certain when it is met with everything unknown taken as
    absent, and open when it is met with everything unknown taken as present.
    """
    surely = _criteria(findings.present, hypotension(findings) is True, exposure, unknown=False)
    possible = frozenset(Sign) - (findings.absent - findings.present)
    perhaps = _criteria(possible, hypotension(findings) is not False, exposure, unknown=True)
    return Assessment(
        tuple(name for name in Criterion if surely[name]),
        tuple(name for name in Criterion if perhaps[name] and not surely[name]),
    )


def _criteria(signs: Collection[Sign], low: bool, exposure: Exposure, *, unknown: bool) -> dict[Criterion, bool]:
    acute, likely, known = (
        unknown if fact is None else fact for fact in (exposure.acute, exposure.likely, exposure.known_allergen)
    )
    skin, breath, organ, throat, gut = (
        any(sign in signs for sign in group) for group in (SKIN, _RESPIRATORY, _END_ORGAN, _LARYNGEAL, _GUT)
    )
    return {
        Criterion.WAO1: acute and skin and (breath or low or organ or Sign.SEVERE_GI in signs),
        Criterion.WAO2: acute and likely and (low or Sign.WHEEZE in signs or throat),
        Criterion.NIAID1: acute and skin and (breath or low or organ),
        Criterion.NIAID2: likely and sum((skin, breath, low or organ, gut)) >= 2,
        Criterion.NIAID3: known and low,
    }


class Brown(IntEnum):
    """The grades of Brown 2004."""

    NONE = 0
    MILD = 1
    MODERATE = 2
    SEVERE = 3


class RingMessmer(IntEnum):
    """The grades of Ring and Messmer: 0 = none of the signs."""

    NONE = 0
    I = 1  # noqa: E741 - the scale's own numerals
    II = 2
    III = 3
    IV = 4


_BROWN_SEVERE = frozenset({Sign.CONFUSION, Sign.COLLAPSE, Sign.SYNCOPE, Sign.UNCONSCIOUS, Sign.INCONTINENCE,
                           Sign.CYANOSIS, Sign.ARREST})  # fmt: skip
_BROWN_MODERATE = frozenset({Sign.DIAPHORESIS, Sign.VOMITING, Sign.PRESYNCOPE, Sign.DYSPNOEA, Sign.STRIDOR, Sign.WHEEZE,
                             Sign.TIGHTNESS, Sign.NAUSEA, Sign.ABDOMINAL_PAIN, *_GUT})  # fmt: skip
_RING_II = frozenset({Sign.NAUSEA, Sign.VOMITING, Sign.ABDOMINAL_PAIN, Sign.COUGH, Sign.DYSPNOEA, *_GUT})
_RING_III = frozenset({Sign.COLLAPSE, Sign.SYNCOPE, Sign.UNCONSCIOUS, Sign.WHEEZE, Sign.CYANOSIS, *_LARYNGEAL})


def brown(findings: Findings) -> Brown:
    """The grade by Brown of what is known; it may rise when more is known."""
    severe_number = (findings.spo2 is not None and findings.spo2 <= 92) or (
        findings.sbp is not None and findings.sbp < LOW_SBP_MMHG
    )
    if severe_number or findings.present & _BROWN_SEVERE:
        return Brown.SEVERE
    if findings.present & _BROWN_MODERATE:
        return Brown.MODERATE
    return Brown.MILD if findings.present & SKIN else Brown.NONE


def ring_messmer(findings: Findings) -> RingMessmer:
    """The grade by Ring and Messmer of what is known; it may rise when more is known."""
    if Sign.ARREST in findings.present:
        return RingMessmer.IV
    if findings.present & _RING_III or hypotension(findings):
        return RingMessmer.III
    faster = _rise(findings.baseline_hr, findings.hr)
    lower = _rise(findings.sbp, findings.baseline_sbp)
    if findings.present & _RING_II or faster > 20 or lower > 20:
        return RingMessmer.II
    return RingMessmer.I if findings.present & SKIN else RingMessmer.NONE


def _rise(start: int | None, end: int | None) -> int:
    return 0 if start is None or end is None else end - start


class HypoxaemiaRule(Row):
    """When a measured SpO2 counts as hypoxaemia while a skin symptom is open."""

    at_most: int = Field(ge=80, le=94)
    fall: int = Field(ge=2, le=10)
    fall_below: int = Field(ge=88, le=96)
    held_s: float = Field(ge=5, le=60)
    min_samples: int = Field(ge=2, le=20)
    longest_gap_s: float = Field(gt=0, le=60)


class AnaphylaxisTable(SignedTable):
    """The clinic's numbers for the criteria, and which sign each tile of the reaction page stands for."""

    acute_min: int = Field(ge=60, le=1440)
    hypoxaemia: HypoxaemiaRule
    tile: Mapping[str, tuple[Sign, ...]]

    @model_validator(mode="after")
    def _skin_has_tiles(self) -> AnaphylaxisTable:
        if not any(sign in SKIN for signs in self.tile.values() for sign in signs):
            raise ValueError("tile: no tile stands for a skin sign")
        return self

    def signs_of(self, tiles: Collection[str]) -> frozenset[Sign]:
        """The signs that these tiles of the reaction page stand for."""
        return frozenset(sign for key in tiles for sign in self.tile.get(key, ()))

    def exposure(self, onset_s: float, product_end_s: float | None, known_allergen: bool | None) -> Exposure:
        """Seconds from the first start: the patient is exposed while product runs and for `acute_min` after it."""
        last = onset_s if product_end_s is None else product_end_s
        within = 0 <= onset_s <= last + self.acute_min * 60
        return Exposure(within, within, known_allergen)


@dataclass(frozen=True, slots=True)
class Saturation:
    """One SpO2 value in % at a time in seconds, and whether the signal was good."""

    at_s: float
    percent: float
    good: bool = True


def is_low_saturation(percent: float, baseline: float | None, rule: HypoxaemiaRule) -> bool:
    """Whether one value is low enough: at or below the floor, or fallen far enough to below the upper bound."""
    fallen = baseline is not None and baseline - percent >= rule.fall and percent < rule.fall_below
    return percent <= rule.at_most or fallen


def measured_hypoxaemia(
    samples: Sequence[Saturation], baseline: float | None, rule: HypoxaemiaRule, *, skin_open: bool
) -> bool | None:
    """Whether the latest good values were low long enough; None without an open skin symptom or without good values.

    Values of a questionable signal neither count nor interrupt; a gap in good values starts the time anew.
    """
    good = [sample for sample in samples if sample.good]
    if not skin_open or not good:
        return None
    held: list[Saturation] = []
    for sample in good:
        if held and sample.at_s - held[-1].at_s > rule.longest_gap_s:
            held = []
        held = [*held, sample] if is_low_saturation(sample.percent, baseline, rule) else []
    return len(held) >= rule.min_samples and held[-1].at_s - held[0].at_s >= rule.held_s
