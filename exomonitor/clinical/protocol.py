"""The clinic's protocol: one file of numbers that a medical director signs, checked when read and known by its hash."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from exomonitor.bounded import TABLE_BYTES, read_bounded, read_toml
from exomonitor.clinical.alarm_rows import AlarmRow, AlarmSettings, check_complete
from exomonitor.clinical.observations import ObservationSchedule
from exomonitor.clinical.ranges import ENTRY_LIMITS, Band, EntryLimit, OrderRanges
from exomonitor.clinical.rates import RampStep
from exomonitor.clinical.rulebook import Rulebook, load_rulebook
from exomonitor.clinical.tables import complaint
from exomonitor.errors import EnvironmentFault
from exomonitor.units import Span

DEFAULT_FILE = "exosome_iv_slow.toml"
NOT_APPROVED = "not approved by any clinic: default shipped with the program"

Minutes = Annotated[int, Field(gt=0, le=1440)]
WindowMin = tuple[Annotated[float, Field(ge=0, le=120)], Annotated[float, Field(ge=0, le=120)]]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FdaNotice(_Table):
    """What FDA says about exosome products, where it says so, and when somebody last looked."""

    statement: str = Field(min_length=20)
    source: str
    explanation: str
    checked_on: date
    checked_by: str
    recheck_after_days: int = Field(gt=0)

    def full_text(self) -> str:
        """The notice as the start page and every export page print it."""
        return f"“{self.statement}” ({self.source}.) {self.explanation}"

    def is_old(self, today: date) -> bool:
        """Whether the statement should be looked up again."""
        return (today - self.checked_on).days > self.recheck_after_days


class Window(_Table):
    """The window of infusing time, in minutes."""

    shortest_min: Minutes
    longest_min: Minutes

    @model_validator(mode="after")
    def _ordered(self) -> Window:
        if self.shortest_min >= self.longest_min:
            raise ValueError("shortest_min must be below longest_min")
        return self


class _BandTable(_Table):
    ok: tuple[Decimal, Decimal]
    allowed: tuple[Decimal, Decimal]

    @model_validator(mode="after")
    def _nested(self) -> _BandTable:
        self.band()
        return self

    def band(self) -> Band:
        return Band(*self.ok, *self.allowed)


class _OrderTable(_Table):
    dose_billions: _BandTable
    minutes: _BandTable
    volume_ml: _BandTable


class _RampTable(_Table):
    percent: Decimal = Field(gt=0, le=100)
    minutes: Decimal = Field(gt=0, le=120)


class _ObservationTable(_Table):
    dense_min: tuple[Minutes, ...]
    dense_window_min: WindowMin
    every_min: Minutes
    every_window_min: WindowMin
    end_window_min: WindowMin
    post_min: tuple[Minutes, ...]
    post_extended_min: tuple[Minutes, ...]
    post_window_min: WindowMin
    baseline_max_age_min: float = Field(gt=0)
    end_covers_min: float = Field(ge=0)
    flush_allowance_min: float = Field(ge=0)
    temp_every_min: Minutes
    restart_after_pause_min: float = Field(default=15, gt=0, le=240)
    longest_away_h: float = Field(default=12, gt=0, le=168)
    restart_min: tuple[Minutes, ...] = (5, 10, 15)
    step_within_min: float = Field(default=5, gt=0, le=60)
    step_ask_min: float = Field(default=1, gt=0, le=60)
    reaction_every_min: int = Field(default=5, ge=1, le=60)
    reaction_window_min: WindowMin = (2, 2)
    reaction_calm_grade: int = Field(default=1, ge=0, le=1)
    reaction_calm_sets: int = Field(default=2, ge=1, le=10)
    return_within_min: float = Field(default=5, gt=0, le=60)
    nibp_counts_s: float = Field(default=180, ge=30, le=900)
    set_counts_s: float = Field(default=600, ge=60, le=3600)
    value_counts_s: float = Field(default=600, ge=60, le=3600)
    late_entry_s: float = Field(default=300, ge=60, le=3600)
    score_rise: int = Field(default=2, ge=1, le=10)
    step_set: tuple[str, ...] = Field(default=("hr", "nibp_sys", "nibp_dia", "spo2", "symptoms"), min_length=1)
    dense_set: tuple[str, ...] = Field(min_length=1)
    full_set: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _rising(self) -> _ObservationTable:
        rising = (
            ("dense_min", self.dense_min),
            ("restart_min", self.restart_min),
            ("post_min", self.post_min + self.post_extended_min),
        )
        for name, minutes in rising:
            if sorted(set(minutes)) != list(minutes):
                raise ValueError(f"{name} must rise")
        if self.step_ask_min > self.step_within_min:
            raise ValueError("step_ask_min must lie within step_within_min")
        return self


class _EntryTable(_Table):
    name: str
    unit: str
    range: tuple[Decimal, Decimal]
    usual: tuple[Decimal, Decimal]
    decimals: int = Field(ge=0, le=3)

    def limit(self) -> EntryLimit:
        return EntryLimit(Span(self.name, self.unit, *self.range, self.decimals), *self.usual)


class _File(_Table):
    name: str = Field(min_length=1)
    version: str = Field(min_length=1)
    author: str
    approved_by: str = ""
    approved_on: date | Literal[""] = ""
    secondary_display: str = Field(min_length=1)
    ctcae: Literal["5.0", "6.0"] = "5.0"
    fda: FdaNotice
    window: Window
    order: _OrderTable
    ramp: tuple[_RampTable, ...]
    observations: _ObservationTable
    entry: Mapping[str, _EntryTable]
    alarm: tuple[AlarmRow, ...]
    alarms: AlarmSettings = AlarmSettings()

    @model_validator(mode="after")
    def _alarms_are_complete(self) -> _File:
        check_complete(self.alarm)
        return self


@dataclass(frozen=True)
class ClinicProtocol:
    """The clinic's numbers and tables, with the SHA-256 of the main file's bytes and those bytes themselves."""

    name: str
    version: str
    author: str
    approved_by: str
    approved_on: date | None
    secondary_display: str
    fda: FdaNotice
    window: Window
    ranges: OrderRanges
    ramp: tuple[RampStep, ...]
    schedule: ObservationSchedule
    entry_limits: Mapping[str, EntryLimit]
    alarm_rows: tuple[AlarmRow, ...]
    sha256: str
    rules: Rulebook
    file: str
    source: bytes = field(repr=False)
    alarm_settings: AlarmSettings = field(default_factory=AlarmSettings)

    @property
    def title(self) -> str:
        """Name and version as the screens cite them: `“Exosome IV slow” v1.0`."""
        return f"“{self.name}” v{self.version}"

    @cached_property
    def approval(self) -> str:
        """Who approved it and when, or that nobody did."""
        if not self.approved_by:
            return NOT_APPROVED
        return f"approved by {self.approved_by}" + (f" on {self.approved_on}" if self.approved_on else "")


def entry_limit(protocol: ClinicProtocol, name: str) -> EntryLimit:
    """The limits of a typed value: the clinic's, or the shipped ones where its file is older than the value."""
    return protocol.entry_limits.get(name) or ENTRY_LIMITS[name]


def load_protocol(path: Path | None = None) -> ClinicProtocol:
    """Read a protocol file with the tables beside it, or the shipped ones; EnvironmentFault names file, line, field."""
    if path is None:
        data = (files("resources") / "protocols" / DEFAULT_FILE).read_bytes()
        return parse_protocol(data, DEFAULT_FILE)
    try:
        data = read_bounded(path, TABLE_BYTES)
    except OSError as cause:
        raise EnvironmentFault(f"Protocol {path}: cannot be read: {cause.strerror or cause}") from cause
    return parse_protocol(data, str(path), path.parent)


def parse_protocol(data: bytes, name: str, folder: Path | None = None) -> ClinicProtocol:
    """A protocol from the bytes of its file; `name` is used in messages, `folder` may hold the clinic's own tables."""
    try:
        text = data.decode("utf-8")
        content = _File.model_validate(read_toml(text, Decimal))
    except UnicodeDecodeError as cause:
        raise EnvironmentFault(f"Protocol {name}: not UTF-8 text at byte {cause.start}") from cause
    except tomllib.TOMLDecodeError as cause:
        raise EnvironmentFault(f"Protocol {name}: {cause}") from cause
    except ValidationError as cause:
        raise EnvironmentFault(f"Protocol {name}{complaint(cause, text)}") from cause
    return _protocol(content, data, Path(name).name, load_rulebook(folder, content.ctcae))


def _protocol(content: _File, data: bytes, name: str, rules: Rulebook) -> ClinicProtocol:
    order = content.order
    return ClinicProtocol(
        name=content.name,
        version=content.version,
        author=content.author,
        approved_by=content.approved_by,
        approved_on=content.approved_on or None,
        secondary_display=content.secondary_display,
        fda=content.fda,
        window=content.window,
        ranges=OrderRanges(order.dose_billions.band(), order.minutes.band(), order.volume_ml.band()),
        ramp=tuple(RampStep(step.percent / 100, step.minutes) for step in content.ramp),
        schedule=ObservationSchedule(**content.observations.model_dump()),
        entry_limits={key: table.limit() for key, table in content.entry.items()},
        alarm_rows=content.alarm,
        sha256=hashlib.sha256(data).hexdigest(),
        rules=rules,
        file=name,
        source=data,
        alarm_settings=content.alarms,
    )
