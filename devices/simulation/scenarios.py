"""Reads a scenario's world: who the patient is, which devices stand there, and what happens to them when."""

from __future__ import annotations

import importlib.resources
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import resources
from devices.simulation.faults import Fault, FaultKind
from devices.simulation.patient import BASELINE, SENSORS, Episode
from exomonitor.bounded import TABLE_BYTES, read_bounded, read_toml
from exomonitor.errors import CommandRefused, EnvironmentFault

FOLDER = "scenarios"
DEVICES = ("pump", "monitor")
_KEYS = {"name", "title", "minutes", "seed", "pump", "monitor", "pump_setup", "monitor_setup", "patient", "world"}
_NOT_OURS = {"nurse", "session"}  # read by the scripted nurse
_TIME = re.compile(r"(?:(\d+):)?(\d{1,3}):(\d{2}(?:\.\d+)?)")
_FAULT_KEYS = {f"{kind}_s": kind for kind in FaultKind}
_PATIENT_KEYS = {*BASELINE, "over_s", "sensor", "off"}


@dataclass(frozen=True, slots=True)
class WorldRow:
    """At second `at_s` somebody presses `action` on `target` (pump or monitor)."""

    at_s: float
    target: str
    action: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scenario:
    """The world of one scenario; pump and monitor are catalogue keys, "" = there is none."""

    name: str
    title: str
    minutes: float
    seed: int
    pump: str
    monitor: str
    pump_setup: Mapping[str, Any]
    monitor_setup: Mapping[str, Any]
    patient: Mapping[str, float]
    episodes: tuple[Episode, ...]
    presses: tuple[WorldRow, ...]
    faults: Mapping[str, tuple[Fault, ...]]

    @property
    def seconds(self) -> float:
        """How long it lasts in simulated seconds."""
        return self.minutes * 60


def scenario_names() -> tuple[str, ...]:
    """The scenarios that come with the program."""
    folder = importlib.resources.files(resources) / FOLDER
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


def scenario_text(name_or_path: str) -> str:
    """The TOML text of a scenario that comes with the program, or of a file; CommandRefused when there is none."""
    if re.fullmatch(r"[\w-]+", name_or_path):
        names = scenario_names()
        if name_or_path not in names:
            raise CommandRefused(f"There is no scenario {name_or_path!r}; there are: {', '.join(names)}")
        return (importlib.resources.files(resources) / FOLDER / f"{name_or_path}.toml").read_text(encoding="utf-8")
    try:
        return read_bounded(Path(name_or_path), TABLE_BYTES).decode("utf-8")
    except (FileNotFoundError, IsADirectoryError) as cause:
        raise CommandRefused(f"There is no scenario file {name_or_path}") from cause
    except (OSError, UnicodeDecodeError) as cause:
        raise EnvironmentFault(f"The scenario {name_or_path} cannot be read: {cause}") from cause


def load_scenario(name_or_path: str) -> Scenario:
    """Read the world part of a scenario; anything unknown in it is refused in one sentence."""
    try:
        content = read_toml(scenario_text(name_or_path))
    except tomllib.TOMLDecodeError as cause:
        raise CommandRefused(f"The scenario {name_or_path} is not valid TOML: {cause}") from cause
    try:
        return _scenario(content)
    except (KeyError, TypeError, ValueError) as cause:
        what = f"{cause.args[0]!r} is missing" if isinstance(cause, KeyError) else str(cause)
        raise CommandRefused(f"The scenario {name_or_path} cannot be played: {what}") from cause


def _scenario(content: dict[str, Any]) -> Scenario:
    _refuse_unknown(content, _KEYS | _NOT_OURS, "a scenario")
    patient = content.get("patient", {})
    _refuse_unknown(patient, set(BASELINE), "[patient]")
    rows = content.get("world", [])
    faults = {name: [f for row in rows if row["do"] == f"cable.{name}" for f in _faults(row)] for name in DEVICES}
    return Scenario(
        name=str(content["name"]),
        title=str(content["title"]),
        minutes=float(content["minutes"]),
        seed=int(content.get("seed", 1)),
        pump=str(content.get("pump", "")),
        monitor=str(content.get("monitor", "")),
        pump_setup=content.get("pump_setup", {}),
        monitor_setup=content.get("monitor_setup", {}),
        patient={name: float(value) for name, value in patient.items()},
        episodes=tuple(_episode(row) for row in rows if row["do"] == "patient"),
        presses=tuple(sorted((p for row in rows if (p := _press(row)) is not None), key=lambda p: p.at_s)),
        faults={name: tuple(found) for name, found in faults.items()},
    )


def _press(row: dict[str, Any]) -> WorldRow | None:
    target, _, action = str(row["do"]).partition(".")
    if target == "patient" and not action:
        return None
    if target == "cable" and action in DEVICES:
        return None
    if target not in DEVICES or not action:
        known = "patient, pump.KEY, monitor.KEY, cable.pump, cable.monitor"
        raise ValueError(f"nobody can do {row['do']!r}; there are {known}")
    return WorldRow(_seconds(row["at"]), target, action, {k: v for k, v in row.items() if k not in ("at", "do")})


def _episode(row: dict[str, Any]) -> Episode:
    _refuse_unknown(row, _PATIENT_KEYS | {"at", "do"}, "a patient row")
    targets = {name: float(row[name]) for name in BASELINE if name in row}
    sensor = str(row.get("sensor", ""))
    if sensor and sensor not in SENSORS:
        raise ValueError(f"there is no sensor {sensor!r}, only {', '.join(SENSORS)}")
    if bool(sensor) != ("off" in row):
        raise ValueError("a sensor needs off = true or false, and only a sensor has it")
    return Episode(_seconds(row["at"]), float(row.get("over_s", 0.0)), targets, sensor, row.get("off"))


def _faults(row: dict[str, Any]) -> list[Fault]:
    _refuse_unknown(row, set(_FAULT_KEYS) | {"at", "do", "amount"}, "a cable row")
    kinds = [kind for key, kind in _FAULT_KEYS.items() if key in row]
    if not kinds:
        raise ValueError(f"a cable row needs one of {', '.join(_FAULT_KEYS)}")
    amount = float(row["amount"]) if "amount" in row else None
    return [Fault(kind, _seconds(row["at"]), float(row[f"{kind}_s"]), amount) for kind in kinds]


def _seconds(text: str) -> float:
    """`mm:ss` or `h:mm:ss` in seconds."""
    match = _TIME.fullmatch(str(text))
    if match is None or float(match[3]) >= 60:
        raise ValueError(f"{text!r} is no time such as 12:30 or 1:02:30")
    hours, minutes, seconds = match.groups()
    return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds)


def _refuse_unknown(table: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise ValueError(f"{where} has no {unknown[0]!r}, only {', '.join(sorted(known))}")
