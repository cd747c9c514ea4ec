"""What a workstation remembers between starts: one declared table, kept in settings.toml beside the database."""

from __future__ import annotations

import json
import os
import threading
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from exomonitor.bounded import TABLE_BYTES, read_bounded, read_toml
from exomonitor.errors import EnvironmentFault
from exomonitor.folders import MOST_CHAIRS, make_private, write_private

FILE = "settings.toml"
Colour = Literal["blue", "pink", "green", "sand", "brown", "plum", "grey", "white"]
COLOURS: tuple[Colour, ...] = ("blue", "pink", "green", "sand", "brown", "plum", "grey", "white")
"""The colours of chairs, told apart by colour-blind eyes as well; none is like the red, yellow and cyan of alarms."""
_CHANGING = threading.Lock()


class PortSetting(BaseModel):
    """Which device is read on which port, for one role of one chair; baud 0 = the device's usual speed, line "" its
    usual data format and handshake (else as in `8N2` or `8E1 RTS/CTS`).

    By `adapter` (its USB serial number) or `location` (its USB socket) the port is found again when it was renumbered,
    by `serial` and `model` (the device's own) another device on the cable is noticed; "" = not known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    chair: str
    role: Literal["pump", "monitor"]
    key: str
    port: str
    baud: int = Field(default=0, ge=0, le=921_600)
    adapter: str = ""
    location: str = ""
    serial: str = ""
    model: str = ""
    line: str = Field(default="", pattern=r"^([78][NEO][12]( RTS/CTS)?)?$")


@dataclass(frozen=True, slots=True)
class Seat:
    """A chair of this station as it is named and marked on the screen."""

    name: str
    colour: Colour = "blue"


class ChairSetting(BaseModel):
    """One of several chairs: `"4"`, or with a colour of its own `{ name = "4", colour = "green" }`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=8)
    colour: Colour | Literal[""] = ""

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, given: object) -> object:
        return {"name": given} if isinstance(given, str) else given


@dataclass(frozen=True, slots=True)
class ScanCodes:
    """How this clinic's scanners and codes are told apart: what is sent in place of GS ("" = GS itself), and how badges
    and wristbands begin ("" = they have no mark of their own)."""

    gs: str = ""
    badge: str = "BADGE:"
    wristband: str = "PATIENT:"


class WaveSetting(BaseModel):
    """One wave of the live page, and how much larger than usual it is drawn."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    wave: Literal[
        "ecg_i", "ecg_ii", "ecg_iii", "ecg_v", "pleth", "resp", "pleth_2", "co2",
        "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8",
        "ecg_2", "ecg_3", "o2", "n2o", "agent", "paw", "flow", "entropy", "eeg_1", "eeg_2", "eeg_3", "eeg_4",
    ]  # fmt: skip
    gain: Literal["0.5", "1", "2", "4"] = "1"


class ScreenSettings(BaseModel):
    """How the live page is laid out here. diagonal_in: of the screen, in inches; 0 = as the screen itself says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    layout: Literal["standard", "large", "trend"] = "standard"
    speed: Literal["12.5", "25", "50"] = "25"
    """Of the waves, in mm/s."""
    span: Literal["session", "60", "15"] = "session"
    """What the trend shows: the session, or its last minutes."""
    diagonal_in: float = Field(default=0.0, ge=0, le=120)
    motion: Literal["system", "less", "usual"] = "system"
    """Whether chevrons and heart move; as the system asks where nobody has chosen. Alarms flash all the same."""
    wave: tuple[WaveSetting, ...] = Field(
        default=(WaveSetting(wave="ecg_ii"), WaveSetting(wave="pleth"), WaveSetting(wave="resp")), max_length=8
    )


class Settings(BaseModel):
    """The table: chair = the chair on screen, or chairs = up to eight of them; elsewhere = chairs that another station
    watches; station = a short name in every row of the record; theme of the window."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    chair: str = "1"
    chairs: tuple[ChairSetting, ...] = ()
    elsewhere: tuple[str, ...] = ()
    station: str = "chairside"
    theme: Literal["dark", "light"] = "dark"
    lock_after_min: int = Field(default=5, ge=2, le=15)
    """Minutes without a touch until the screen locks: monitoring goes on, identity is hidden."""
    pin_least: int = Field(default=4, ge=4, le=8)
    """Digits of a PIN at least, for those that are chosen from now on."""
    pin_days: int = Field(default=0, ge=0, le=3650)
    """A PIN that is older is told at sign-in, nobody is kept out by it; 0 = no PIN gets old."""
    on_call: tuple[str, ...] = Field(default=(), max_length=20)
    """A program of this computer, with its words, that tells whoever is on call; none = nobody is told."""
    protocol: str = ""
    """Path of the clinic's protocol file; "" = the one that comes with the program."""
    scanner_gs: str = Field(default="", max_length=3)
    scanner_badge: str = Field(default="BADGE:", max_length=20)
    scanner_wristband: str = Field(default="PATIENT:", max_length=20)
    screen: ScreenSettings = ScreenSettings()
    device: tuple[PortSetting, ...] = ()

    @field_validator("chairs")
    @classmethod
    def _are_chairs(cls, chairs: tuple[ChairSetting, ...]) -> tuple[ChairSetting, ...]:
        if len(chairs) > MOST_CHAIRS:
            raise ValueError(f"a station watches at most {MOST_CHAIRS} chairs")
        if double := _double([one.name for one in chairs]):
            raise ValueError(f"chair {double} is named twice")
        if double := _double([one.colour for one in chairs if one.colour]):
            raise ValueError(f"two chairs are {double}")
        if lounge := next((one.name for one in chairs if one.name.startswith("Lounge")), ""):
            raise ValueError(f"{lounge!r} is the name of a place without devices")
        return chairs

    @model_validator(mode="after")
    def _elsewhere_is_not_here(self) -> Settings:
        if here := next((name for name in self.elsewhere if name in {seat.name for seat in self.seats}), ""):
            raise ValueError(f"chair {here} is watched here, so it is not elsewhere")
        return self

    @property
    def seats(self) -> tuple[Seat, ...]:
        """The chairs that are watched here, the first one on screen at the start; each with a colour of its own."""
        given = self.chairs or (ChairSetting.model_construct(name=self.chair, colour=""),)
        return seats_of(given)

    @property
    def scan_codes(self) -> ScanCodes:
        """How scanned codes are told apart."""
        return ScanCodes(self.scanner_gs, self.scanner_badge, self.scanner_wristband)


def seats_of(given: tuple[ChairSetting, ...]) -> tuple[Seat, ...]:
    """Chairs with their colours; those without one get the first that is free."""
    free = [colour for colour in COLOURS if colour not in {one.colour for one in given}]
    return tuple(Seat(one.name, one.colour or free.pop(0)) for one in given)


def _double(names: list[str]) -> str:
    return next((name for place, name in enumerate(names) if name in names[:place]), "")


def load_settings(folder: Path) -> Settings:
    """The settings of a data folder; the defaults when there are none. EnvironmentFault names file and field."""
    path = folder / FILE
    try:
        data = read_bounded(path, TABLE_BYTES)
    except FileNotFoundError:
        return Settings()
    except OSError as cause:
        raise EnvironmentFault(f"{path} cannot be read: {cause.strerror or cause}") from cause
    try:
        return Settings.model_validate(read_toml(data.decode("utf-8")))
    except UnicodeDecodeError as cause:
        raise EnvironmentFault(f"{path} is not UTF-8 text: byte {cause.start}") from cause
    except tomllib.TOMLDecodeError as cause:
        raise EnvironmentFault(f"{path} is not valid TOML: {cause}") from cause
    except ValidationError as cause:
        first = cause.errors()[0]
        place = "".join(f"{part}." for part in first["loc"]).removesuffix(".")
        said = first["msg"].removeprefix("Value error, ")
        raise EnvironmentFault(f"{path}: {place}: {said}" if place else f"{path}: {said}") from cause


def save_settings(folder: Path, settings: Settings) -> None:
    """Replace the file as a whole, private to the user."""
    path, aside = folder / FILE, folder / (FILE + ".new")
    plain = settings.model_dump()
    devices, screen = plain.pop("device"), plain.pop("screen")
    waves = screen.pop("wave")
    lines = [f"{key} = {_toml(value)}" for key, value in plain.items()]
    lines += ["", "[screen]", *(f"{key} = {_toml(value)}" for key, value in screen.items())]
    if not waves:  # the word for none: a list of tables cannot be empty
        lines.append("wave = []")
    for wave in waves:
        lines += ["", "[[screen.wave]]", *(f"{key} = {_toml(value)}" for key, value in wave.items())]
    for device in devices:
        lines += ["", "[[device]]", *(f"{key} = {_toml(value)}" for key, value in device.items())]
    try:
        make_private(folder)
        write_private(aside, ("\n".join(lines) + "\n").encode())
        os.replace(aside, path)  # noqa: PTH105 - Path.replace is the same call, this one says that it is atomic
    except OSError as cause:
        raise EnvironmentFault(f"{path} cannot be written: {cause.strerror or cause}") from cause


def change_settings(folder: Path, **changed: object) -> None:
    """Replace these fields, one change at a time whatever thread asks for it: none may undo another.

    Raises EnvironmentFault when a value is not allowed or the file cannot be read or written.
    """
    with _CHANGING:
        plain = {**load_settings(folder).model_dump(), **changed}
        try:
            settings = Settings.model_validate(plain)
        except ValidationError as cause:
            raise EnvironmentFault(f"This setting is not allowed: {cause.errors()[0]['msg']}") from cause
        save_settings(folder, settings)


def keep_theme(folder: Path, name: str) -> None:
    """Use this look from the next start on. Raises EnvironmentFault when it is none or cannot be kept."""
    if name not in {"dark", "light"}:
        raise EnvironmentFault(f"There is no look {name!r}")
    change_settings(folder, theme=name)


def keep_screen(folder: Path, screen: ScreenSettings) -> None:
    """Lay the live page out like this from now on. Raises EnvironmentFault when it cannot be kept."""
    change_settings(folder, screen=screen)


@dataclass(frozen=True, slots=True)
class Keeper:
    """Keeps what somebody chooses in the window, in one data folder. Raises EnvironmentFault when it cannot."""

    folder: Path

    def theme(self, name: str) -> None:
        """The look."""
        keep_theme(self.folder, name)

    def screen(self, screen: ScreenSettings) -> None:
        """How the live page is laid out."""
        keep_screen(self.folder, screen)


def _toml(value: object) -> str:
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(one) for one in value)}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_toml(one)}' for key, one in value.items() if one != '')} }}"
    # JSON writes a string as TOML reads it, but for one control character.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007F")
