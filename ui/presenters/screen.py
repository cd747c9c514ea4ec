"""The words and the choices of the live page's layout: which waves, how large, how fast, what beside them."""

from __future__ import annotations

from exomonitor.settings import ScreenSettings, WaveSetting
from exomonitor.signals.waves import WaveName

MOST_WAVES = 8
WAVES: dict[str, str] = {
    WaveName.ECG_I: "I", WaveName.ECG_II: "II", WaveName.ECG_III: "III", WaveName.ECG_V: "V", WaveName.PLETH: "Pleth",
    WaveName.RESP: "Resp", WaveName.PLETH_2: "Pleth 2", WaveName.CO2: "CO₂",
    WaveName.P1: "P1", WaveName.P2: "P2", WaveName.P3: "P3", WaveName.P4: "P4", WaveName.P5: "P5", WaveName.P6: "P6",
    WaveName.P7: "P7", WaveName.P8: "P8",
    WaveName.ECG_2: "ch 2", WaveName.ECG_3: "ch 3", WaveName.O2: "O₂", WaveName.N2O: "N₂O", WaveName.AGENT: "Agent",
    WaveName.PAW: "Paw", WaveName.FLOW: "Flow", WaveName.ENTROPY: "Entropy",
    WaveName.EEG_1: "EEG 1", WaveName.EEG_2: "EEG 2", WaveName.EEG_3: "EEG 3", WaveName.EEG_4: "EEG 4",
}  # fmt: skip
"""Every wave in the order shown, as it is called beside its lane."""
KEYS: dict[str, str] = {wave: f"ECG {name}" if wave.startswith("ecg") else name for wave, name in WAVES.items()}
KEYS_SHOWN = 8
"""So many keys of waves have room at once."""
GAINS = {"0.5": "×½", "1": "×1", "2": "×2", "4": "×4"}
SPEEDS = (("12.5", "12.5 mm/s"), ("25", "25 mm/s"), ("50", "50 mm/s"))
SPANS = (("session", "Session"), ("60", "Last hour"), ("15", "Last 15 min"))
LAYOUTS = (("standard", "Standard"), ("large", "Large figures"), ("trend", "Trend"))
MOTIONS = (("system", "Motion as the system"), ("less", "Less motion"), ("usual", "Usual motion"))
COMING, NOTHING_COMES = "coming", "nothing comes"


def gain_of(screen: ScreenSettings, wave: str) -> str:
    """The gain of a wave, "1" of one that is not shown."""
    return next((one.gain for one in screen.wave if one.wave == wave), "1")


def wave_pages() -> tuple[tuple[str, ...], ...]:
    """The waves as they are shown together, the usual ones first."""
    waves = list(WAVES)
    return tuple(tuple(waves[begin : begin + KEYS_SHOWN]) for begin in range(0, len(waves), KEYS_SHOWN))


def with_wave(screen: ScreenSettings, wave: str, *, shown: bool) -> ScreenSettings:
    """Show a wave, or show it no more; the order stays that of WAVES, and there are at most eight."""
    kept = {one.wave: one for one in screen.wave if one.wave != wave}
    if shown:
        made = WaveSetting.model_validate({"wave": wave})
        kept[made.wave] = made
    places = list(WAVES)
    waves = sorted(kept.values(), key=lambda one: places.index(one.wave))[:MOST_WAVES]
    return screen.model_copy(update={"wave": tuple(waves)})


def with_next_gain(screen: ScreenSettings, wave: str) -> ScreenSettings:
    """The next gain of a wave, the smallest after the largest."""
    gains = list(GAINS)
    after = gains[(gains.index(gain_of(screen, wave)) + 1) % len(gains)]
    waves = tuple(one.model_copy(update={"gain": after}) if one.wave == wave else one for one in screen.wave)
    return screen.model_copy(update={"wave": waves})


def with_next_layout(screen: ScreenSettings) -> ScreenSettings:
    """Standard, large figures, trend, and again."""
    return screen.model_copy(update={"layout": _after(screen.layout, LAYOUTS)})


def with_next_span(screen: ScreenSettings) -> ScreenSettings:
    """The session, the last hour, the last 15 minutes, and again."""
    return screen.model_copy(update={"span": _after(screen.span, SPANS)})


def span_min(screen: ScreenSettings) -> float | None:
    """The minutes that the trend shows, None for the whole session."""
    return None if screen.span == "session" else float(screen.span)


def span_words(screen: ScreenSettings) -> str:
    """What the trend shows."""
    return dict(SPANS)[screen.span]


def _after(code: str, options: tuple[tuple[str, str], ...]) -> str:
    codes = [one for one, _ in options]
    return codes[(codes.index(code) + 1) % len(codes)]
